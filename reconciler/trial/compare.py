"""What was sent, held against what is read afterwards, field by field. [pure]

Used by `run.trial` after each write. What whsync compares as equal (RFC 3986 for URLs, sets of events, `also`, `trim`)
is no deviation: only what it would call a difference, or could not see. The words for what depends on the whole trial
(an ignored value, a cleared field) come from `trial.conclude`.
"""

import re
from collections.abc import Collection, Iterator

from reconciler.model.capabilities import Capabilities
from reconciler.model.diff import shown
from reconciler.model.equality import hides, same
from reconciler.model.webhook import DESCRIPTION, EVENTS, STATUS, URL, Fields, Leaf
from reconciler.trial.sample import name_of
from reconciler.trial.types import CREATE, Deviation, Kind


def held(
    step: str,
    before: Fields,
    wanted: Fields,
    seen: Fields,
    sent: Collection[str],
    capabilities: Capabilities,
) -> Iterator[Deviation]:
    """Each way in which a webhook is not as it should be after a write.

    Args:
        step: what was done.
        before: what was read before it; empty for a create.
        wanted: all that should be in force now.
        seen: what is read now.
        sent: the pointers that the write carried.
        capabilities: of the vendor.
    """
    by = next(iter(sent)) if len(sent) == 1 else ""
    found = _held(step, before, wanted, seen, sent, capabilities)
    yield from (each._replace(by=by) for each in found)


def _held(
    step: str, before: Fields, wanted: Fields, seen: Fields, sent: Collection[str], capabilities: Capabilities
) -> Iterator[Deviation]:
    for pointer, want in sorted(wanted.items()):
        if pointer in capabilities.unreadable:
            continue
        have = seen.get(pointer)
        if want == have or same(pointer, want, have, capabilities):
            yield from _spelling(step, pointer, want, have)
        elif have is not None and hides(pointer, have, want):
            what = f"{_name(pointer)} is shown behind a mask ({_told(pointer, have)}), so it is compared with the lock"
            yield Deviation(Kind.NORMALISED, step, pointer, what, "", counts=False)
        elif pointer in sent:
            chosen = pointer == STATUS or have in dict(capabilities.choices).get(pointer, ())
            yield _sent(step, pointer, want, have, before.get(pointer), chosen)
        else:
            yield _unsent(step, pointer, want, have)


def restless(one: Fields, other: Fields, capabilities: Capabilities) -> Iterator[Deviation]:
    """What two reads in a row show differently."""
    for pointer in sorted({*one, *other}):
        if not same(pointer, one.get(pointer), other.get(pointer), capabilities):
            what = f"two reads in a row show {_name(pointer)} as {_told(pointer, one.get(pointer))} and then as "
            what += _told(pointer, other.get(pointer))
            yield Deviation(Kind.RESTLESS, "read", pointer, what, f"{place_of(pointer)}: leave out `read`")


def _spelling(step: str, pointer: str, want: Leaf, have: Leaf | None) -> Iterator[Deviation]:
    """A URL in another spelling that whsync compares as equal is worth knowing, and no fault of the manifest."""
    if pointer == URL and want != have:
        what = f"the URL is kept as {_told(pointer, have)}; whsync compares the two as equal"
        yield Deviation(Kind.NORMALISED, step, pointer, what, "", counts=False)


def _sent(step: str, pointer: str, want: Leaf, have: Leaf | None, before: Leaf | None, chosen: bool) -> Deviation:
    """A value that was sent, answered with success, and is not there.

    Args:
        chosen: what is there instead is one of the values that the manifest lists, and no other spelling of one.
    """
    name, sent, seen = _name(pointer), _told(pointer, want), _told(pointer, have)
    if have is None:
        word = f"{place_of(pointer)}: correct `read`, or leave it out; `absent`, if nothing is kept of it"
        return Deviation(Kind.HIDDEN, step, pointer, f"{name} was sent as {sent}, and reads do not show it", word)
    lists = (want, have) if isinstance(want, frozenset | tuple) and isinstance(have, frozenset | tuple) else None
    if have == before and step != CREATE and not (lists and set(lists[1]) <= set(lists[0])):
        return Deviation(Kind.IGNORED, step, pointer, f"{name} was sent as {sent} and is still {seen}", "")
    if lists:
        return _of_a_list(step, pointer, *lists)
    if step == CREATE and (chosen or not _alike(want, have)):  # neither what was sent nor nothing: the vendor's own
        return Deviation(Kind.IGNORED, step, pointer, f"{name} was sent as {sent} and is {seen}", "")
    what = f"{name} was sent as {sent} and is kept as {seen}"
    what += "; files must have it as the vendor keeps it" if not (word := _so(pointer, want, have)) else ""
    return Deviation(Kind.NORMALISED, step, pointer, what, word)


def _alike(want: Leaf, have: Leaf) -> bool:
    """Whether one is the other in another spelling, rather than another value: by their letters and digits."""
    one, other = (re.sub(r"\W", "", leaf).lower() if isinstance(leaf, str) else "" for leaf in (want, have))
    return bool(one and other) and (one in other or other in one)


def _of_a_list(
    step: str, pointer: str, want: frozenset[str] | tuple[object, ...], have: frozenset[str] | tuple[object, ...]
) -> Deviation:
    gone, new = [each for each in want if each not in have], [each for each in have if each not in want]
    name, place = _name(pointer), place_of(pointer)
    listed, added = ", ".join(sorted(map(str, gone))), ", ".join(sorted(map(str, new)))
    if not gone and not new:
        what = f"{name} was sent as {_told(pointer, want)} and is kept as {_told(pointer, have)}"
        return Deviation(Kind.SORTED, step, pointer, what, f"{place}: {{unordered: true}}")
    if not gone:
        return Deviation(Kind.ADDED, step, pointer, f"{name} came to have {added} as well, which was not sent", "")
    if new and len(gone) == len(new):
        what = f"{name} was sent with {listed}, and {added} is there instead"
        return Deviation(Kind.NORMALISED, step, pointer, what, f"{place}: {{also: {{{gone[0]}: [{new[0]}]}}}}")
    what = f"{listed} of {name} was taken and dropped"
    known = "fields.events.catalogue: {closed: true}, with only the names that are kept"
    return Deviation(Kind.DROPPED, step, pointer, what, known if pointer == EVENTS else f"{place}: `choices`")


def _unsent(step: str, pointer: str, want: Leaf, have: Leaf | None) -> Deviation:
    """A field that nobody touched and that has moved."""
    name = _name(pointer)
    if have is None or have in ("", (), frozenset()):
        what = f"{name} was not to change, and is gone (it was {_told(pointer, want)})"
        return Deviation(Kind.CLEARED, step, pointer, what, "")
    what = f"{name} was not to change, and moved from {_told(pointer, want)} to {_told(pointer, have)}"
    return Deviation(Kind.MOVED, step, pointer, what, "")


def _so(pointer: str, want: Leaf, have: Leaf) -> str:
    """The word for a value that a vendor keeps in another spelling."""
    if isinstance(want, str) and isinstance(have, str) and want.strip() == have:
        return f"{place_of(pointer)}: {{trim: true}}"
    if pointer in (URL, DESCRIPTION):
        return ""
    return f"{place_of(pointer)}: {{also: {{{_plain(want)}: [{_plain(have)}]}}}}"


def _plain(leaf: Leaf) -> str:
    return str(leaf).lower() if isinstance(leaf, bool) else str(leaf)


def place_of(pointer: str) -> str:
    """Where the manifest speaks of a field."""
    return name_of(pointer) if pointer.startswith("/options/") else f"fields.{name_of(pointer)}"


def _name(pointer: str) -> str:
    return name_of(pointer).removeprefix("options.")


def _told(pointer: str, leaf: Leaf | None) -> str:
    """A value in a sentence, without what hides in URLs."""
    value = shown(pointer, leaf)
    if value is None:
        return "nothing"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(str, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)
