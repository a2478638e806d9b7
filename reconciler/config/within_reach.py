"""Manifests as far as the files may name them: none is opened that is out of reach. Used by `config.load`."""

from collections.abc import Mapping
from pathlib import Path

from reconciler.codes import Code
from reconciler.errors import ConfigError
from reconciler.providers.registry import is_path
from reconciler.providers.vendor import Origin, Switch, Vendor, Vendors
from reconciler.support.reach import Reach


class WithinReach:
    """Manifests of the user's own only where they may be read; those with names as before. See `Vendors`."""

    def __init__(self, vendors: Vendors, reach: Reach) -> None:
        self._vendors, self._reach = vendors, reach

    def names(self) -> tuple[str, ...]:
        """All built-in and installed manifests, sorted."""
        return self._vendors.names()

    def vendor(self, type: str, settings: Mapping[str, Switch], folder: str) -> Vendor:
        """See `Vendors`."""
        self._refuse(type, folder)
        return self._vendors.vendor(type, settings, folder)

    def origin(self, type: str, settings: Mapping[str, Switch], folder: str) -> Origin:
        """See `Vendors`."""
        self._refuse(type, folder)
        return self._vendors.origin(type, settings, folder)

    def _refuse(self, type: str, folder: str) -> None:
        if is_path(type) and not self._reach.covers(Path(folder, type)):
            raise ConfigError("the manifest is out of reach", code=Code.FILE_UNTRUSTED)
