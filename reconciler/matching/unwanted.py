"""Strangers that are to go: what nobody declared, and somebody wants deleted. [pure]

Used by `matching.match`. They become orphans under names of their own, so that they are shown, guarded and deleted as
every other orphan is, and are held against everybody who may have the same remote webhook in other words. Where it is
not certain what one of ours is, nothing there is deleted: it may be that one.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from reconciler.matching import problems
from reconciler.matching.index import Index, Place
from reconciler.matching.types import STRANGER, Matched
from reconciler.matching.unmanaged import strangers_of
from reconciler.model.action import Unmanaged
from reconciler.model.diff import record
from reconciler.model.secret import shown_url
from reconciler.model.webhook import DESCRIPTION, EVENTS, OPTIONS, STATUS, URL, Certainty, Entry, Ground, Remote

FIELDS = {"url": URL, "description": DESCRIPTION, "status": STATUS, "events": EVENTS, "name": f"{OPTIONS}name"}
"""What a pattern may name before its colon, besides `id` and `options/…`."""


class Unwanted(NamedTuple):
    """What is to become of strangers.

    Args:
        delete: all go that are not spared.
        spare: patterns of those that stay, see `spares`.
        named: only these go, by the names that `called` gives them, and whether or not all go.
        apart: what holds for provider entries that have rules of their own, by name.
    """

    delete: bool = False
    spare: tuple[str, ...] = ()
    named: frozenset[str] | None = None
    apart: Mapping[str, "Unwanted"] = {}

    def of(self, provider: str) -> "Unwanted":
        """What holds for one provider entry."""
        return self.apart.get(provider, self)


def condemned(
    wanted: Mapping[str, Matched], orphans: Mapping[str, Matched], index: Index, unwanted: Unwanted
) -> dict[str, Matched]:
    """Strangers that are to go, as orphans by name."""
    if not any(each.delete or each.named is not None for each in (unwanted, *unwanted.apart.values())):
        return {}
    unsure = _unsure(wanted, orphans, index)
    going: dict[str, Matched] = {}
    for name, place, remote in _named(strangers_of(wanted, orphans, index), index):
        reading = index.readings[place]
        rule = unwanted.of(reading.address.provider)
        by_hand = rule.named is not None
        chosen = name in rule.named if rule.named is not None else rule.delete and _can_go(remote, place, index)
        if not chosen or spares(remote, rule.spare):
            continue
        entry = Entry(*reading.address, remote.remote_id, record(remote.fields), parts=remote.parts)
        going[name] = Matched(entry, name, remote, Certainty.PRESENT, STRANGER, note="you named it" if by_hand else "")
        if reading.address.ground in unsure:
            problem = problems.perhaps_ours(name, entry, unsure[reading.address.ground])
            going[name] = going[name]._replace(certainty=Certainty.UNKNOWN, problem=problem)
    return going


def spared(
    wanted: Mapping[str, Matched], orphans: Mapping[str, Matched], index: Index, unwanted: Unwanted
) -> frozenset[Unmanaged]:
    """The strangers that a pattern spares."""
    some = any(each.spare for each in (unwanted, *unwanted.apart.values()))
    strangers = strangers_of(wanted, orphans, index) if some else []
    return frozenset(
        Unmanaged(*place, remote.remote_id, shown_url(remote.fields.url))
        for place, remote in strangers
        if spares(remote, unwanted.of(place[0]).spare)
    )


def spares(remote: Remote, patterns: Iterable[str]) -> bool:
    """Whether a pattern (`*`, `?`) fits the remote webhook: `FIELD:PATTERN`, else its URL or its id."""
    return any(_fits(remote, pattern) for pattern in patterns)


def called(strangers: Iterable[Unmanaged], taken: Iterable[str] = ()) -> list[str]:
    """What each stranger is called: `PROVIDER:ID`, with its scope behind `@` where that alone is not its own."""
    strangers = list(strangers)
    many = Counter(taken)
    many.update(f"{each.provider}:{each.remote_id}" for each in strangers)
    return [_called(each, many) for each in strangers]


def _called(stranger: Unmanaged, many: Mapping[str, int]) -> str:
    short = f"{stranger.provider}:{stranger.remote_id}"
    where = ",".join(f"{key}={value}" for key, value in stranger.scope)
    return f"{short}@{where}" if many[short] > 1 else short


def _named(strangers: list[tuple[Place, Remote]], index: Index) -> Iterator[tuple[str, Place, Remote]]:
    shown = [Unmanaged(*place, remote.remote_id, "") for place, remote in strangers]
    names = called(shown, {*index.desired, *index.lock.entries})
    yield from ((name, place, remote) for name, (place, remote) in zip(names, strangers, strict=True))


def _can_go(remote: Remote, place: Place, index: Index) -> bool:
    """Whether the vendor has a way to be rid of it, which was not gone already."""
    capabilities = index.readings[place].capabilities
    is_off = remote.fields.get(STATUS) == capabilities.switched_off
    return capabilities.retire == "delete" or (capabilities.retire == "deactivate" and not is_off)


def _unsure(wanted: Mapping[str, Matched], orphans: Mapping[str, Matched], index: Index) -> dict[Ground, str]:
    """Where it is not certain which remote webhook one of ours is, and that one's name."""
    unsure: dict[Ground, str] = {}
    for name, found in wanted.items():
        if found.problem is not None or found.certainty is Certainty.UNKNOWN:
            unsure.setdefault(index.desired[name].address.ground, name)
    for name, found in orphans.items():
        if found.entry is not None and (found.problem is not None or found.certainty is Certainty.UNKNOWN):
            unsure.setdefault(found.entry.address.ground, name)
    return unsure


def _fits(remote: Remote, pattern: str) -> bool:
    field, colon, rest = pattern.partition(":")
    if colon and field == "id":
        return _like(remote.remote_id, rest)
    if colon and (field in FIELDS or f"/{field}".startswith(OPTIONS)):
        leaf = remote.fields.get(FIELDS.get(field, f"/{field}"))
        values = leaf if isinstance(leaf, frozenset | tuple) else () if leaf is None else (leaf,)
        return any(_like(str(value), rest) for value in values)
    return _like(remote.fields.url, pattern) or _like(remote.remote_id, pattern)


def _like(value: str, pattern: str) -> bool:
    expression = "".join({"*": ".*", "?": "."}.get(char) or re.escape(char) for char in pattern)
    return re.fullmatch(expression, value, re.DOTALL) is not None
