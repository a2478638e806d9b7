"""Locks in a database, against PostgreSQL."""

from collections.abc import Iterator, Mapping
from itertools import count

import pytest

from reconciler.state.stores import address_of, open_store
from tests.cli.conftest import run, stack, world
from tests.cli.lock_suite import ElsewhereSuite, Place
from tests.real.places import SECRET, postgresql
from tests.state.suite import DocumentSuite, Opened

pytestmark = [pytest.mark.xdist_group("locks in postgresql"), pytest.mark.timeout(600)]

__all__ = ["run", "stack", "world"]

NAMES = count()


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, Mapping[str, str]]]:
    """Its host and port, and the variables with which it is reached."""
    with postgresql() as found:
        yield found


class TestStore(DocumentSuite):
    """What every store promises."""

    @pytest.fixture
    def opened(self, server: tuple[str, Mapping[str, str]], monkeypatch: pytest.MonkeyPatch) -> Opened:
        """See the suite."""
        for name, value in server[1].items():
            monkeypatch.setenv(name, value)
        address = address_of(f"postgresql://{server[0]}/ops?name=team-{next(NAMES)}")
        return lambda: open_store(address)


class TestCommands(ElsewhereSuite):
    """What every command promises."""

    @pytest.fixture
    def place(self, server: tuple[str, Mapping[str, str]]) -> Place:
        """See the suite."""
        return Place(f"postgresql://{server[0]}/ops?name=team-{next(NAMES)}", server[1], (SECRET,))
