"""A lock in a bucket of Google Cloud Storage. `state.stores` imports it by its name.

Credentials come from the usual variables: GOOGLE_APPLICATION_CREDENTIALS, ….
"""

from pathlib import Path
from typing import Any

from reconciler.state.address import LockAddress
from reconciler.state.stores.base import Store
from reconciler.state.stores.objects import BucketMedium, missing_package, settings
from reconciler.state.stores.remote import RemoteStore

CREDENTIALS = "GOOGLE_APPLICATION_CREDENTIALS"


def at(address: LockAddress, folder: Path | None = None) -> Store:
    """See `Kind` in `state.stores`."""
    if missing := missing_package("Google Cloud Storage", "gs"):
        raise missing
    return RemoteStore(BucketMedium(address, _bucket, CREDENTIALS))


def _bucket(name: str) -> Any:
    from obstore.store import GCSStore

    return GCSStore(name, **settings("GOOGLE_BASE_URL", key="base_url"))
