"""Locks in a container, against Azurite, which Microsoft writes for tests."""

from collections.abc import Iterator, Mapping

import pytest

from tests.cli.conftest import run, stack, world
from tests.real.buckets import BucketCommands, BucketStore
from tests.real.places import ACCOUNT_KEY, azure

pytestmark = [pytest.mark.xdist_group("locks in azure"), pytest.mark.timeout(600)]

__all__ = ["run", "stack", "world"]


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """Those with which the server is reached."""
    with azure(tmp_path_factory.mktemp("azure")) as found:
        yield found


class TestStore(BucketStore):
    """What every store promises."""

    scheme = "az"


class TestCommands(BucketCommands):
    """What every command promises."""

    scheme, secret = "az", ACCOUNT_KEY
