"""Where a lock is: what a text means, what of it is shown, and how a kind of place is added."""

from pathlib import Path

import pytest

from reconciler.state.address import LockAddress
from reconciler.state.lock import Lock
from reconciler.state.stores import address_of, open_store
from tests.state.memory import WHERE, added_kind
from tests.state.values import HOLDER, applied, entry


@pytest.mark.parametrize(
    "text", ["webhooks.lock.json", "state/hooks.json", "../x", "/var/x", " ", "a://", "s4://bucket/key", "file:///x"]
)
def test_a_text_is_a_path_unless_its_kind_is_there(text: str, tmp_path: Path) -> None:
    """A lock is the file of that path, from the folder where paths start, and is called so."""
    for folder in (Path(), Path("team"), tmp_path):
        address = address_of(text, folder)
        assert address.file == str(address) == str(folder / text)
    assert address_of(text) == address_of(text, Path())


def test_a_file_store_works_on_that_file(tmp_path: Path) -> None:
    """What is appended to the lock of an address is in the file of that address."""
    with open_store(address_of("s4://bucket/key", tmp_path)).lease(0, HOLDER) as lease:
        lease.append(applied("a"))
    assert (tmp_path / "s4:" / "bucket" / "key").is_file()


def test_a_kind_is_added_by_one_module_and_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a line in the table, texts of that scheme mean that kind, in any folder, and its module opens them."""
    assert address_of(WHERE).file is not None
    store = added_kind(monkeypatch)
    address = address_of(WHERE, Path("team"))
    assert address == LockAddress("memory", WHERE)
    assert address.file is None
    with open_store(address).lease(0, HOLDER) as lease:
        lease.append(applied("a"))
    assert store.read().lock == Lock({"a": entry()})


def test_credentials_in_an_address_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a message nor a trace shows what only the store may know; the same address always looks the same."""
    added_kind(monkeypatch)
    address = address_of(WHERE)
    shown = str(address)
    assert f"{address}" == shown
    assert repr(address) == f"LockAddress({shown})"
    assert shown.startswith("memory://***")
    assert shown.partition("@")[2].startswith("vault.example/hooks?token=***")
    assert [word for word in ("ada", "hunter2", "t0k3n") if word in shown] == []
