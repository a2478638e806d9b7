"""Secret managers: references that need a server or a package of their own. Called by `source` and `sink`.

Each is one file beside this one, imported when its scheme is used, with three functions of one reference: `read`,
`write` and `probe`. They find servers and credentials in this process's environment, as their own tools do.
"""

import threading
from collections.abc import Callable
from importlib import import_module
from typing import Protocol, TypeVar, cast

from reconciler.errors import SecretError
from reconciler.model.secret import Secret, SecretRef

T = TypeVar("T")

MODULES = {"vault": "vault", "aws-sm": "aws_sm", "aws-ssm": "aws_ssm", "keyring": "keyring"}

_writers: dict[tuple[str, str], threading.Lock] = {}


class Manager(Protocol):
    """What the file of a scheme provides."""

    def read(self, ref: SecretRef) -> str:
        """The secret's text. Raises SecretError where there is none, or it cannot be had."""

    def write(self, ref: SecretRef, secret: Secret) -> None:
        """Put it there, durably, and keep what stands beside it. Raises SecretError where it is not there."""

    def probe(self, ref: SecretRef) -> None:
        """Raise SecretError where `write` cannot work, as far as that shows without leaving a trace."""


def read(ref: SecretRef) -> str:
    """The text of the secret at `ref`.

    Raises:
        SecretError: it cannot be had; names the reference, never the value.
    """
    return _telling(ref, lambda: _manager(ref).read(ref))


def write(ref: SecretRef, secret: Secret) -> None:
    """Put a secret where `ref` says; two fields of one document are written one after the other.

    Raises:
        SecretError: it is not there; names the reference, never the value.
    """
    document = (ref.scheme, ref.target.partition("#")[0])
    with _writers.setdefault(document, threading.Lock()):
        _telling(ref, lambda: _manager(ref).write(ref, secret))


def probe(ref: SecretRef) -> None:
    """Check that `write` will work, as far as that shows without writing.

    Raises:
        SecretError: it will not.
    """
    _telling(ref, lambda: _manager(ref).probe(ref))


def _manager(ref: SecretRef) -> Manager:
    return cast(Manager, import_module(f"reconciler.secrets.backends.{MODULES[ref.scheme]}"))


def _telling(ref: SecretRef, act: Callable[[], T]) -> T:
    """Whatever a foreign package raises is told by its type alone: its text may hold what it was given."""
    try:
        return act()
    except SecretError:
        raise
    except Exception as error:  # noqa: BLE001 - an issued secret is rescued only after a SecretError
        unforeseen = type(error).__name__
    # Not raised above, for it would carry the foreign error along.
    raise SecretError(f"{ref} cannot be used: an unforeseen {unforeseen}", "does its own tool reach it from here?")
