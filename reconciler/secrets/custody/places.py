"""Where a secret that went to a sink is by now, as far as files tell.

Called by `secrets.custody.check`, `secrets.custody.vendor_drift` and `secrets.custody.occupied`, and by
`secrets.custody.shelf`, also for rescues.

The lock names the sink of a secret; or, where that failed, the rescue file beside the lock that holds it.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from reconciler.errors import SecretError
from reconciler.model.secret import RESCUE, Secret, SecretRef
from reconciler.model.webhook import SecretRecord
from reconciler.secrets.registry import names_a_place
from reconciler.secrets.source import Resolver


class SecretPlace(NamedTuple):
    """Where a secret is.

    Args:
        missing: why it is not known to be in its sink, in words; empty where it is.
        moved: it is in its sink, although the lock still says another place.
        rescue: the file that has it instead.
    """

    missing: str = ""
    moved: bool = False
    rescue: Path | None = None


def rescued_to(file: Path) -> str:
    """How the lock names a rescue file: without its folder, since that one is beside the lock."""
    return RESCUE + file.name


def stored_in(record: SecretRecord, resolver: Resolver) -> tuple[Secret, ...]:
    """What the sink of a record holds, as far as that is a file."""
    scheme, _, target = (record.stored or "").partition(":")
    return resolver.held(SecretRef(scheme, target)) or ()


def looked_up(sink: SecretRef, resolver: Resolver) -> tuple[Secret, ...] | None:
    """What a sink holds, where a secret manager is asked as well; None where nobody can tell."""
    held = resolver.held(sink)
    if held is None and names_a_place(sink):
        with suppress(SecretError):
            return (resolver.resolve(sink),)
    return held


def place_of(
    record: SecretRecord, sink: SecretRef, resolver: Resolver, fits: Callable[[Secret], bool], rescues: Path
) -> SecretPlace:
    """Where the secret is that was stored for `sink`, or for another one, as `record` says.

    Args:
        fits: whether a secret is the recorded one.
        rescues: the folder of rescue files.
    """
    stored = record.stored or ""
    rescue = rescues / stored.removeprefix(RESCUE) if stored.startswith(RESCUE) else None
    if rescue is not None and rescue.exists():
        return SecretPlace(f"it is in {rescue}, not in {sink}", rescue=rescue)
    held = resolver.held(sink)
    if stored == str(sink):
        return SecretPlace(f"it is gone from {sink}" if held == () else "")
    if held is None and rescue is not None:
        return SecretPlace(moved=True)  # nobody can look, and whoever took the file away was told where it belongs
    if held and any(map(fits, held)):
        return SecretPlace(moved=True)
    if not stored:
        return SecretPlace(f"it came from a reference and is not in {sink}")
    return SecretPlace(
        f"its rescue file is gone, and it is not in {sink}" if rescue else f"stored in {stored}, not in {sink}"
    )
