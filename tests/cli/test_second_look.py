"""After all writes each sink is read once more: a secret that another one has taken the place of is told, and kept."""

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from reconciler.codes import Code
from reconciler.errors import SecretError
from reconciler.model.secret import Secret, SecretRef
from reconciler.secrets import rescue, secret_file, sink
from tests.cli.world import World, events, hook, ledger, wallet

ISSUED = {"ledger": ledger(secret={"to": "keyring:hooks/Ada"}), "wallet": wallet(secret={"to": "keyring:hooks/ada"})}


class Capitals(KeyringBackend):
    """A keyring that nobody knows the rules of: to it, small letters are capitals."""

    priority = 1

    def __init__(self) -> None:
        self.held: dict[str, str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """What is held, or None."""
        return self.held.get(f"{service}/{username}".upper())

    def set_password(self, service: str, username: str, password: str) -> None:
        """Hold it."""
        self.held[f"{service}/{username}".upper()] = password


@pytest.fixture
def capitals() -> Iterator[Capitals]:
    """The keyring of this machine."""
    before = keyring.get_keyring()
    keyring.set_keyring(backend := Capitals())
    yield backend
    keyring.set_keyring(before)


def secrets_of(world: World) -> dict[str, str]:
    """What each vendor has issued."""
    vendors = {"ledger": "coinbase-payments", "wallet": "cryptofuse"}
    return {name: world.box[vendor].webhooks()[0]["secret"] for name, vendor in vendors.items()}


def test_a_lost_secret_is_told_and_rescued(world: World, capitals: Capitals) -> None:
    """Exit 1, the way out, and the secret in a rescue file; so it stays until it is in a sink of its own."""
    world.write(ISSUED)
    result = world.apply("--format", "json")
    assert result.exit == 1, result
    (failed,) = [event for event in events(result) if event["event"] == "failed"]
    name, issued = failed["name"], secrets_of(world)
    (other,) = set(issued) - {name}
    assert capitals.held == {"HOOKS/ADA": issued[other]}
    assert (
        f"is not in {ISSUED[name]['secret']['to']} any more: that of {other} has taken its place"
        in (failed["problem"]["summary"])
    )
    (rescued,) = (world.folder / "webhooks.lock.json.rescue").iterdir()
    assert rescued.read_text() == issued[name]
    assert str(rescued) in failed["problem"]["hint"]
    assert world.lock[name]["secret"]["stored"] == f"rescue:{rescued.name}"
    assert not any(value in result.stdout + result.stderr for value in issued.values())
    assert world.apply().exit == 1
    assert capitals.held == {"HOOKS/ADA": issued[other]}  # which the vendor may show only once
    world.write({**ISSUED, name: {**ISSUED[name], "secret": {"to": "file:own"}}})
    rescued.rename(world.folder / "own")
    world.applied()
    assert world.actions() == {"ledger": "noop", "wallet": "noop"}


def test_what_is_there_is_not_told(world: World, capitals: Capitals) -> None:
    """Sinks of all kinds that have what was put there, or that nobody can read."""
    world.write(
        {
            "ledger": ledger(secret={"to": "keyring:hooks/Ada"}),
            "wallet": wallet(secret={"to": "cmd:cat > wallet"}),
            "ci": hook(secret={"generate": 32, "to": "env-file:.env#CI"}),
            "cd": hook(secret={"generate": 32, "to": "file:cd"}, scope={"repo": "web"}),
        }
    )
    world.applied()
    assert not (world.folder / "webhooks.lock.json.rescue").exists()


def test_a_file_that_is_gone_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that somebody has removed or emptied since is such a sink."""
    real = secret_file.write

    def write(path: Path, data: bytes, **how: bool) -> None:
        real(path, data, **how)
        path.unlink()

    monkeypatch.setattr(secret_file, "write", write)
    world.write({"wallet": wallet(), "ledger": ledger(secret={"to": "env-file:.env#L"})})
    said = world.apply()
    assert said.exit == 1
    assert said.stdout.count("something else has taken its place, or removed it") == 2
    assert len(list((world.folder / "webhooks.lock.json.rescue").iterdir())) == 2


def test_what_cannot_be_read_now_is_not_called_lost(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has no more files to give proves nothing of the sink."""
    real = sink.store

    def store(ref: SecretRef, secret: Secret, folder: Path) -> None:
        real(ref, secret, folder)
        monkeypatch.setattr(secret_file, "read", unreadable)

    def unreadable(path: Path, ref: SecretRef) -> bytes:
        raise SecretError(f"the secret {ref} cannot be read: Too many open files", code=Code.SECRET_UNREADABLE)

    monkeypatch.setattr(sink, "store", store)
    world.write({"wallet": wallet()})
    world.applied()


def test_neither_sink_nor_rescue(world: World, capitals: Capitals, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it cannot be rescued either, it is called lost, and the lock does not claim to know where it is."""

    def full(secret: Secret, name: str, folder: Path) -> Path:
        raise SecretError(f"the secret of {name} could not be kept in {folder}: No space", code=Code.SECRET_NOT_STORED)

    world.write(ISSUED)
    monkeypatch.setattr(rescue, "rescue", full)
    result = world.apply("--format", "json")
    (failed,) = [event for event in events(result) if event["event"] == "failed"]
    assert "it is lost" in failed["problem"]["hint"]
    assert world.lock[failed["name"]]["secret"].get("fingerprint") is None
