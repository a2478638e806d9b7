"""`keyring:` with keyrings in memory, and what happens where there is none."""

import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.errors import KeyringLocked

from reconciler.errors import SecretError
from reconciler.model.secret import Secret, SecretRef
from reconciler.secrets import registry, sink
from reconciler.secrets.source import Resolver

REF = SecretRef("keyring", "https://hooks.acme.com/whsync/ledger")


NONE: KeyringBackend = fail.Keyring()  # type: ignore[no-untyped-call]  # the package types no constructor
NULL: KeyringBackend = null.Keyring()  # type: ignore[no-untyped-call]  # as above


class InMemory(KeyringBackend):
    """A keyring that keeps what it is given, in a dictionary."""

    priority = 1

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """What is held, or None."""
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Hold it."""
        self.held[service, username] = password


class Forgetful(InMemory):
    """A keyring that drops what it is given, as a chain of no backends does."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Drop it."""


class Locked(InMemory):
    """A keyring that nobody unlocked."""

    def get_password(self, service: str, username: str) -> str | None:
        """Refuse; the text quotes what it should not."""
        raise KeyringLocked("hunter2-hunter2")


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


def test_what_was_stored_is_found() -> None:
    """A secret goes into the keyring and comes out again; what follows the last slash is the user."""
    backend = InMemory()
    keyring.set_keyring(backend)
    sink.probe(REF, Path())
    assert backend.held == {}
    sink.store(REF, Secret("hunter2 päss"), Path())
    assert backend.held == {("https://hooks.acme.com/whsync", "ledger"): "hunter2 päss"}
    assert Resolver(Path(), {}).resolve(REF).reveal() == "hunter2 päss"


@pytest.mark.parametrize(
    ("backend", "says"),
    [(NONE, "no keyring on this machine"), (NULL, "no keyring"), (Locked(), "KeyringLocked")],
    ids=["none", "null", "locked"],
)
def test_a_keyring_that_cannot_be_used_is_found_before_the_first_call(backend: KeyringBackend, says: str) -> None:
    """No keyring, one that keeps nothing, and a locked one fail the probe; their own words are not repeated."""
    keyring.set_keyring(backend)
    for attempt in (lambda: sink.probe(REF, Path()), lambda: Resolver(Path(), {}).resolve(REF)):
        with pytest.raises(SecretError, match=says) as caught:
            attempt()
        assert "hunter2" not in str(caught.value)


def test_a_keyring_that_drops_the_secret_is_noticed() -> None:
    """A secret counts as stored only once the keyring shows it again."""
    keyring.set_keyring(Forgetful())
    with pytest.raises(SecretError, match="did not keep"):
        sink.store(REF, Secret("hunter2"), Path())


def test_nothing_there_is_said() -> None:
    """A reference to an entry that does not exist says so."""
    keyring.set_keyring(InMemory())
    with pytest.raises(SecretError, match="holds nothing for keyring:"):
        Resolver(Path(), {}).resolve(REF)


@pytest.mark.parametrize(("scheme", "package"), [("keyring", "keyring"), ("aws-sm", "boto3"), ("aws-ssm", "boto3")])
def test_a_missing_package_is_named(scheme: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an extra is not installed, the error says which package to install: whsync itself is on no index yet."""
    monkeypatch.setitem(sys.modules, package, None)
    if scheme != "keyring":
        from reconciler.secrets.backends import aws

        aws._client.cache_clear()
    with pytest.raises(SecretError, match="not installed") as caught:
        Resolver(Path(), {}).resolve(SecretRef(scheme, "a/b"))
    assert caught.value.hint == f"pip install {package}"


def test_an_unforeseen_error_tells_its_type_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a foreign package raises becomes a SecretError, so that an issued secret is rescued."""

    class Broken(InMemory):
        def set_password(self, service: str, username: str, password: str) -> None:
            raise ZeroDivisionError(password)

    keyring.set_keyring(Broken())
    with pytest.raises(SecretError, match="an unforeseen ZeroDivisionError") as caught:
        sink.store(REF, Secret("hunter2"), Path())
    assert "hunter2" not in str(caught.value)
    assert caught.value.__context__ is None


# Two references that a backend takes for one place


def backend_called(module: str, name: str) -> KeyringBackend:
    """A keyring in memory that says to be a kind of this one."""
    kind = type(name, (InMemory,), {"__module__": module})
    return type("Mine", (kind,), {})()


INI = backend_called("keyrings.alt.file_base", "Keyring")
LOCKER = backend_called("keyring.backends.Windows", "WinVaultKeyring")
REGISTRY = backend_called("keyrings.alt.Windows", "RegistryKeyring")


class Chain(InMemory):
    """Hands secrets to others."""

    backends = (InMemory(), INI)


class Wrapper(InMemory):
    """Hands secrets to one other."""

    _keyring = LOCKER


@pytest.mark.parametrize(
    ("backend", "other", "one"),
    [
        (INI, "hooks/ada", True),
        (INI, "Hooks/Ada", False),
        (INI, "hooks/ÄDA", False),
        (Chain(), "hooks/ada", True),
        (Wrapper(), "Hooks/ada", True),
        (LOCKER, "HOOKS/ADA", True),
        (LOCKER, "hooks/Adam", False),
        (REGISTRY, "HOOKS/ada", True),
        (InMemory(), "hooks/ada", False),
        (NONE, "hooks/ada", False),
    ],
)
def test_two_references_that_a_backend_takes_for_one(backend: KeyringBackend, other: str, one: bool) -> None:
    """Its own rules count: in ini files the case of users does not, on Windows no case does, elsewhere all does."""
    keyring.set_keyring(backend)
    first, second = (registry.place(SecretRef("keyring", target)) for target in ("hooks/Ada", other))
    assert (first == second) == one
    keyring.set_keyring(INI)
    assert registry.place(SecretRef("keyring", "hooks/ÄDA")) != registry.place(SecretRef("keyring", "hooks/äda"))


def test_the_files_of_the_real_package(tmp_path: Path) -> None:
    """What the rules say of ini files is what the package does."""
    plain = pytest.importorskip("keyrings.alt.file").PlaintextKeyring()
    plain.file_path = str(tmp_path / "keyring.cfg")
    keyring.set_keyring(plain)
    for service, user in [("hooks", "Ada"), ("hooks", "ÄDA"), ("Hooks", "Ada"), ("a b/c", "x=Y:#")]:
        for other in [(service, user.lower()), (service.lower(), user), (service.upper(), user), (service, user + "x")]:
            (tmp_path / "keyring.cfg").unlink(missing_ok=True)
            plain.set_password(service, user, "first")
            plain.set_password(*other, "second")
            refs = [SecretRef("keyring", "/".join(each)) for each in ((service, user), other)]
            lost = plain.get_password(service, user) != "first"
            assert (registry.place(refs[0]) == registry.place(refs[1])) == lost, (service, user, other)
