"""A lock in a bucket of Azure Blob Storage. `state.stores` imports it by its name.

Credentials come from the usual variables: AZURE_STORAGE_ACCOUNT_NAME, AZURE_STORAGE_ACCOUNT_KEY, ….
"""

from pathlib import Path
from typing import Any

from reconciler.state.address import LockAddress
from reconciler.state.stores.base import Store
from reconciler.state.stores.objects import BucketMedium, missing_package, settings
from reconciler.state.stores.remote import RemoteStore

CREDENTIALS = "AZURE_STORAGE_ACCOUNT_NAME, AZURE_STORAGE_ACCOUNT_KEY"


def at(address: LockAddress, folder: Path | None = None) -> Store:
    """See `Kind` in `state.stores`."""
    if missing := missing_package("Azure Blob Storage", "az"):
        raise missing
    return RemoteStore(BucketMedium(address, _bucket, CREDENTIALS))


def _bucket(name: str) -> Any:
    from obstore.store import AzureStore

    return AzureStore(name, **settings("AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT"))
