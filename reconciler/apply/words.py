"""What did not come out as it was asked for, in words. [pure] Used by `apply.recorder`."""

from collections.abc import Iterable, Mapping

from reconciler.errors import WhsyncError
from reconciler.model.diff import shown
from reconciler.model.webhook import Fields, Leaf
from reconciler.support.hints import command

LONGEST_VALUE = 120
_KEPT = "the vendor answered success and kept another value; look there, or stop managing the field"
_MOVED = "apply again to send it; if that moves another field, its manifest needs `resend` or `body: full`"


def astray(pointer: str, wanted: Fields, kept: Leaf | None, sent: bool) -> str:
    """That a field is not as the file wants it, with both values; `sent`: this change was to set it."""
    what = "did not take effect" if sent else "is another now, though it was not sent"
    want, have = _value(pointer, wanted.get(pointer)), _value(pointer, kept)
    return f"{pointer.lstrip('/')} {what}: {want} was wanted, {have} is there"


def not_converged(astray: Mapping[str, str], sent: Iterable[str]) -> WhsyncError:
    """The fields that are not as the file wants them, each in a sentence, by pointer."""
    moved = astray.keys() - set(sent)
    summary = "; ".join(sentence for _, sentence in sorted(astray.items()))
    return WhsyncError(summary, _MOVED if moved == astray.keys() else _KEPT, kind="not_converged")


def still_there(name: str, ids: Iterable[str], replaced: bool) -> WhsyncError:
    """What was to go and is there all the same: the webhook itself, or those that it `replaced`."""
    which = f"{', '.join(ids)}, which it replaces, is" if replaced else "it is"
    summary = f"the vendor answered the deletion with success, and reading shows that {which} still there"
    hint = "the next apply asks again; if it stays, remove it at the vendor"
    return WhsyncError(
        summary,
        hint if replaced else f"{hint}, or let go of it with {command('state', 'rm', name)}",
        kind="not_converged",
    )


def _value(pointer: str, leaf: Leaf | None) -> str:
    """A value as plans show it, shortened."""
    found = shown(pointer, leaf)
    text = ", ".join(map(str, found)) if isinstance(found, tuple) else "" if found is None else str(found)
    text = str(found).lower() if isinstance(found, bool) else text
    return (text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…") or "nothing"
