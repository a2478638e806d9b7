"""A lock in a bucket of Amazon S3, or what speaks as it does. `state.stores` imports it by its name.

Credentials come from the usual variables: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL, ….
"""

from pathlib import Path
from typing import Any

from reconciler.state.address import LockAddress
from reconciler.state.stores.base import Store
from reconciler.state.stores.objects import BucketMedium, missing_package, settings
from reconciler.state.stores.remote import RemoteStore

CREDENTIALS = "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL"


def at(address: LockAddress, folder: Path | None = None) -> Store:
    """See `Kind` in `state.stores`."""
    if missing := missing_package("Amazon S3, or what speaks as it does", "s3"):
        raise missing
    return RemoteStore(BucketMedium(address, _bucket, CREDENTIALS))


def _bucket(name: str) -> Any:
    from obstore.store import S3Store

    return S3Store(name, **settings("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"))
