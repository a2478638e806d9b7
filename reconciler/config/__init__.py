"""What configuration gives to the rest: everything the user's files say, checked and filled in.

`config.load.load` makes a `Loaded`; `runtime` and the commands read it. The way there: `document` reads, `schema` gives
the shape, `interpolate` and `expand` fill in, `provider` and `check` hold it against the vendors.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from reconciler.document import Places
from reconciler.errors import Location
from reconciler.model import Desired, Scope, Source
from reconciler.policy import Policy
from reconciler.providers.vendor import Limits, Switch, Vendor
from reconciler.secret import SecretRef


class ProviderConfig(NamedTuple):
    """One entry under `providers:`. `base_url` has a lower-case host and no trailing slash; its path prefix is kept."""

    name: str
    type: str
    base_url: str
    auth: Mapping[str, SecretRef]
    scope: Scope
    settings: Mapping[str, Switch]
    limits: Limits
    vendor: Vendor
    source: Source


class Loaded(NamedTuple):
    """All files of one configuration.

    Args:
        files: each file's bytes, by its name as the user gave it; the main file first.
        digest: `sha256:…` over all files and the variables that were filled in.
        folder: where relative paths (secrets, sinks, manifests) start: the main file's folder.
        lock: the lock's path.
        desired: every webhook, sorted by name.
    """

    files: Mapping[str, bytes]
    digest: str
    folder: Path
    lock: Path
    providers: Mapping[str, ProviderConfig]
    desired: tuple[Desired, ...]
    policy: Policy

    def place(self, source: Source) -> Location | None:
        """Where an entry was written; reads the file again, so ask only for what is shown."""
        text = self.files.get(source.file)
        return None if text is None else Places(text, source.file).at(source.path)
