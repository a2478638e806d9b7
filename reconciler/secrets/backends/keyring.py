"""The operating system's keyring: `keyring:SERVICE/USER`.

What follows the last slash is the user. The package `keyring` chooses the backend: Keychain, Credential Locker, Secret
Service, KWallet.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reconciler.codes import Code
from reconciler.errors import SecretError
from reconciler.model.secret import SecretRef
from reconciler.secrets.scheme import SecretScheme, SecretSink, Surroundings

_IN_INI_FILES = frozenset(("keyrings.alt.file_base.Keyring",))
"""Backends whose users are keys of an ini file, which Python reads in small letters; services are its sections."""
_WINDOWS = frozenset(("keyring.backends.Windows.WinVaultKeyring", "keyrings.alt.Windows.RegistryKeyring"))
"""Backends that Windows keeps by names of which it takes no case."""
_NONE = ("keyring.backends.fail", "keyring.backends.null")


def read(ref: SecretRef, _around: Surroundings) -> str:
    """See `scheme.SecretScheme`."""
    value = _get(ref)
    if value is None:
        raise SecretError(
            f"the keyring holds nothing for {ref}", "`keyring set SERVICE USER` puts it there", code=Code.SECRET_MISSING
        )
    return value


def store(ref: SecretRef, text: str, _folder: Path) -> None:
    """See `scheme.SecretSink`. Some backends drop what they cannot keep, so it is read back."""
    keyring, service, user = _opened(ref)
    try:
        keyring.set_password(service, user, text)
    except keyring.errors.KeyringError as error:
        raise _unusable(ref, error) from None
    if _get(ref) != text:
        raise SecretError(
            f"the keyring did not keep the secret for {ref}",
            "choose another keyring backend",
            code=Code.SECRET_NOT_STORED,
        )


def probe(ref: SecretRef, _folder: Path) -> None:
    """See `scheme.SecretSink`. Shows that there is a keyring and that it is open; not that it takes new entries."""
    _get(ref)


def place(target: str) -> tuple[str, ...]:
    """See `scheme.SecretScheme`. The backend decides which letters count; of most, all do."""
    keyring, service, user = _opened(SecretRef("keyring", target))
    for backend in _behind(keyring.get_keyring()):
        kinds = {f"{each.__module__}.{each.__qualname__}" for each in type(backend).__mro__}
        if kinds & _WINDOWS:
            service, user = _one_case(service), _one_case(user)
        if kinds & _IN_INI_FILES:
            user = "".join(each.lower() if each.isascii() else each for each in user)
    return service, user


def _behind(backend: Any) -> Iterator[Any]:
    """The backend, and those that it hands secrets to: all of a chain, or the one that it wraps."""
    yield backend
    wrapped = getattr(backend, "_keyring", None)
    for inner in [*(getattr(backend, "backends", None) or ()), *([wrapped] if wrapped is not None else [])]:
        yield from _behind(inner)


def _one_case(name: str) -> str:
    """As Windows compares names: letter by letter, by the capital of each."""
    return "".join(large if len(large := each.upper()) == 1 else each for each in name)


def _get(ref: SecretRef) -> str | None:
    keyring, service, user = _opened(ref)
    try:
        value: str | None = keyring.get_password(service, user)
    except keyring.errors.KeyringError as error:
        raise _unusable(ref, error) from None
    return value


def _opened(ref: SecretRef) -> tuple[Any, str, str]:
    """The package, the service and the user.

    Raises:
        SecretError: the reference says too little, the package is not installed, or there is no keyring here.
    """
    service, _, user = ref.target.rpartition("/")
    if not service or not user:
        raise SecretError(f"the reference {ref} is incomplete", "write keyring:SERVICE/USER", code=Code.WRONG_REFERENCE)
    try:
        import keyring
        import keyring.errors
    except ImportError:
        raise SecretError(
            "keyring: needs a package that is not installed", "pip install keyring", code=Code.PACKAGE_MISSING
        ) from None
    if type(keyring.get_keyring()).__module__ in _NONE:
        raise SecretError(
            f"{ref} cannot be used: there is no keyring on this machine",
            "use another kind of reference",
            code=Code.MANAGER_UNUSABLE,
        )
    return keyring, service, user


def _unusable(ref: SecretRef, error: Exception) -> SecretError:
    return SecretError(
        f"{ref} cannot be used: the keyring says {type(error).__name__}", "is it unlocked?", code=Code.MANAGER_UNUSABLE
    )


SCHEME = SecretScheme(
    "keyring",
    shape=r".+/[^/]+",
    usage="keyring:SERVICE/USER",
    read=read,
    sink=SecretSink(probe, store),
    rank=7,
    place=place,
)
