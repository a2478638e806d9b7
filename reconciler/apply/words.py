"""What did not come out as it was asked for, in words. [pure] Used by `apply.recorder`."""

from collections.abc import Iterable, Mapping

from reconciler.codes import Code
from reconciler.errors import Interrupted, Rejected, WhsyncError
from reconciler.model.diff import shown
from reconciler.model.webhook import Fields, Leaf
from reconciler.support.hints import command

LONGEST_VALUE = 120
IN_PLACE = "the vendor answered the id of the old one: it was changed in place, and nothing is deleted"
_UNCONNECTED = ("auth", "forbidden", "rate_limited", "network")
_KEPT = "the vendor answered success and kept another value; look there, or stop managing the field"
_BEHIND = "if it puts something of its own behind addresses, the manifest says so: `url: {…, drop_after: /}`"
_MOVED = "apply again to send it; if that moves another field, its manifest needs `resend` or `body: full`"


def astray(pointer: str, wanted: Fields, kept: Leaf | None, sent: bool) -> str:
    """That a field is not as the file wants it, with both values; `sent`: this change was to set it."""
    what = "did not take effect" if sent else "is another now, though it was not sent"
    want, have = _value(pointer, wanted.get(pointer)), _value(pointer, kept)
    return f"{pointer.lstrip('/')} {what}: {want} was wanted, {have} is there"


def not_converged(astray: Mapping[str, str], sent: Iterable[str], longer: bool = False) -> WhsyncError:
    """The fields that are not as the file wants them, each in a sentence, by pointer; `longer`: the URL goes on."""
    moved = astray.keys() - set(sent)
    summary = "; ".join(sentence for _, sentence in sorted(astray.items()))
    hint = _MOVED if moved == astray.keys() else f"{_KEPT}; {_BEHIND}" if longer else _KEPT
    return WhsyncError(summary, hint, kind="not_converged", code=Code.NOT_CONVERGED)


def still_there(name: str, ids: Iterable[str], replaced: bool) -> WhsyncError:
    """What was to go and is there all the same: the webhook itself, or those that it `replaced`."""
    which = f"{', '.join(ids)}, which it replaces, is" if replaced else "it is"
    summary = f"the vendor answered the deletion with success, and reading shows that {which} still there"
    hint = "the next apply asks again; if it stays, remove it at the vendor"
    return WhsyncError(
        summary,
        hint if replaced else f"{hint}, or let go of it with {command('state', 'rm', name)}",
        kind="not_converged",
        code=Code.NOT_CONVERGED,
    )


def in_the_way(error: Rejected, learns: bool = False) -> Rejected:
    """A refused replacement, with what to do where the old webhook is the reason: URLs or names may be unique there."""
    if error.kind in _UNCONNECTED:
        return error
    way_out = "if the old one is in its way, `lifecycle: {replace: delete_first}` deletes that before it makes another"
    if learns:
        way_out += ", which the next plan does unless the file says `replace: create_first`"
    return Rejected(error.summary, "; ".join(filter(None, (error.hint, way_out))), kind=error.kind, code=error.code)


def not_made_again(error: Rejected | Interrupted) -> Rejected:
    """A replacement of which only the first half was done: its old webhook was deleted."""
    summary = f"the old one is deleted, and the new one is not made: {error.summary}"
    again = "apply again: it is made anew; until then there is none"
    return Rejected(summary, "; ".join(filter(None, (error.hint, again))), kind=error.kind, code=error.code)


def _value(pointer: str, leaf: Leaf | None) -> str:
    """A value as plans show it, shortened."""
    found = shown(pointer, leaf)
    text = ", ".join(map(str, found)) if isinstance(found, tuple) else "" if found is None else str(found)
    text = str(found).lower() if isinstance(found, bool) else text
    return (text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…") or "nothing"
