"""What stores and commands promise of locks in buckets, whoever serves these; a module has the fixture `variables`."""

from collections.abc import Mapping
from itertools import count
from typing import ClassVar

import pytest

from reconciler.state.stores import address_of, open_store
from tests.cli.lock_suite import ElsewhereSuite, Place
from tests.state.suite import DocumentSuite, Opened

_KEYS = count()


def fresh(scheme: str) -> str:
    """The address of a lock that nobody has had yet."""
    return f"{scheme}://locks/team/{next(_KEYS)}.lock.json"


class BucketStore(DocumentSuite):
    """What every store promises."""

    scheme: ClassVar[str]

    @pytest.fixture
    def opened(self, variables: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Opened:
        """See the suite."""
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        address = address_of(fresh(self.scheme))
        return lambda: open_store(address)


class BucketCommands(ElsewhereSuite):
    """What every command promises; `secret` proves who may, and is told nowhere."""

    scheme: ClassVar[str]
    secret: ClassVar[str]

    @pytest.fixture
    def place(self, variables: Mapping[str, str]) -> Place:
        """See the suite."""
        return Place(fresh(self.scheme), variables, (self.secret,))
