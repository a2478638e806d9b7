"""Locks in a bucket, against moto, which acts as S3 does."""

from collections.abc import Iterator, Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.state.event import Durable
from reconciler.state.stores import address_of, open_store
from tests.cli.conftest import run, stack, world
from tests.real.buckets import BucketCommands, BucketStore, fresh
from tests.real.places import SECRET, s3
from tests.state.suite import is_a_fold
from tests.state.values import events

pytestmark = [pytest.mark.xdist_group("locks in s3"), pytest.mark.timeout(600)]

__all__ = ["run", "stack", "world"]


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """Those with which the server is reached."""
    with s3(tmp_path_factory.mktemp("s3")) as found:
        yield found


class TestStore(BucketStore):
    """What every store promises."""

    scheme = "s3"


class TestCommands(BucketCommands):
    """What every command promises."""

    scheme, secret = "s3", SECRET


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    happened=st.lists(
        st.tuples(events, st.booleans(), st.sampled_from(["go on", "checkpoint", "lease", "crash"])), max_size=12
    ),
)
def test_a_store_is_a_fold(
    variables: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, happened: list[tuple[Durable, bool, str]]
) -> None:
    """However often leases end, well or badly, and checkpoints are made: the lock is the fold of all events."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    address = address_of(fresh("s3"))
    is_a_fold(lambda: open_store(address), happened)
