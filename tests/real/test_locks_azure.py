"""Locks in a container, against Azurite, which Microsoft writes for tests."""

from collections.abc import Iterator, Mapping
from itertools import count

import pytest

from reconciler.state.stores import address_of, open_store
from tests.cli.conftest import run, stack, world
from tests.cli.lock_suite import ElsewhereSuite, Place
from tests.real.places import ACCOUNT_KEY, azure
from tests.state.suite import DocumentSuite, Opened

pytestmark = [pytest.mark.xdist_group("locks in azure"), pytest.mark.timeout(600)]

__all__ = ["run", "stack", "world"]

KEYS = count()


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """Those with which the server is reached."""
    with azure(tmp_path_factory.mktemp("azure")) as found:
        yield found


class TestStore(DocumentSuite):
    """What every store promises."""

    @pytest.fixture
    def opened(self, variables: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Opened:
        """See the suite."""
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        address = address_of(f"az://locks/team/{next(KEYS)}.lock.json")
        return lambda: open_store(address)


class TestCommands(ElsewhereSuite):
    """What every command promises."""

    @pytest.fixture
    def place(self, variables: Mapping[str, str]) -> Place:
        """See the suite."""
        return Place(f"az://locks/team/{next(KEYS)}.lock.json", variables, (ACCOUNT_KEY,))
