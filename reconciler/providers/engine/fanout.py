"""Create and update where the vendor has one remote object per event: a webhook is then made of parts. [pure]

Each part is one call, or as many as its change needs. After each, what is in force is yielded, so that a failure in the
middle loses nothing. A dropped event leaves an orphan part where the vendor has no delete; taking it back moves that
part instead of making another. Where the objects can be read, those that a read has shown are there, and no others.

Used by `providers.engine.interpret`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from reconciler.codes import Code
from reconciler.errors import Rejected
from reconciler.model.secret import shown_url
from reconciler.model.urls import canonical_url
from reconciler.model.webhook import EVENTS, SECRET, URL, Fields, Part
from reconciler.providers.engine.api import Api
from reconciler.providers.engine.gathered import joined, part_as_read
from reconciler.providers.engine.removal import delete, deletion
from reconciler.providers.engine.verbs import sent
from reconciler.providers.engine.writes import Write, changes, creation
from reconciler.providers.language.manifest import Delete
from reconciler.providers.protocol import ChangeRequest, Progress, Steps


class PartWrite(NamedTuple):
    """One write for one part, and what it does to it."""

    write: Write
    does: Literal["make", "move", "remove"]
    event: str


def part_writes(api: Api, request: ChangeRequest) -> tuple[PartWrite, ...]:
    """The writes that a change needs: parts to move first, then new ones, then those to remove.

    Raises:
        Rejected: the scope does not fit, or the API cannot make such a change.
    """
    known, orphans = _by_event(_there(api, request)), _by_event(request.orphan_parts)
    wanted = sorted(request.fields.events or known)
    if not wanted:
        raise Rejected(
            f"{api.classifier.title} needs at least one event",
            "give the webhook `events`",
            kind="config",
            code=Code.FIELD_NEEDED,
        )
    outdated = _outdated(request, known)
    kept = [known[event] for event in wanted if event in known]
    revived = [orphans[event] for event in wanted if event in orphans and event not in known]
    return (
        *_moves(api, request, kept, outdated),
        *_moves(api, request, revived, frozenset(part.key for part in revived)),
        *_makes(api, request, [event for event in wanted if event not in {*known, *orphans}]),
        *_removals(api, request, [part for part in known.values() if part.key not in wanted]),
    )


def _there(api: Api, request: ChangeRequest) -> tuple[Part, ...]:
    """The parts that there are; those of a webhook that is to be replaced are another's."""
    if api.capabilities.read == "none":
        return request.parts
    return request.parts if request.remote is not None and request.remote_id is not None else ()


def _moves(api: Api, request: ChangeRequest, parts: Iterable[Part], outdated: frozenset[str]) -> Iterator[PartWrite]:
    """The writes that let parts point to the wanted URL, and have whatever else changes."""
    others = request.changes - {URL, EVENTS}
    for part in parts:
        asked = others | ({URL} if part.key in outdated else set())
        writes = changes(api, _of_part(api, request, part, asked)) if asked else ()
        yield from (PartWrite(write, "move", part.key) for write in writes)


def _makes(api: Api, request: ChangeRequest, events: Iterable[str]) -> Iterator[PartWrite]:
    """The writes that make parts."""
    for event in events:
        yield PartWrite(creation(api, request, _single(request, event)), "make", event)


def _removals(api: Api, request: ChangeRequest, parts: Iterable[Part]) -> Iterator[PartWrite]:
    """The writes that take parts away, where the vendor has a delete."""
    if isinstance(api.retire, Delete):
        for part in parts:
            yield PartWrite(deletion(api, api.retire, request, part.remote_id), "remove", part.key)


def carry_out(api: Api, request: ChangeRequest) -> Steps[Progress]:
    """Create or update: the same thing, since parts that are there are kept.

    Raises:
        Rejected, Indeterminate: of the first part that fails; the parts before it are done and were yielded.
    """
    parts, orphans = _by_event(_there(api, request)), _by_event(request.orphan_parts)
    _let_go(api, request, parts, orphans)
    writes, had = part_writes(api, request), bool(parts)
    for at, each in enumerate(writes):
        answer = yield from _performed(api, request, each)
        old = orphans.pop(each.event, None) or parts.pop(each.event, None)
        if each.does != "remove":
            others = (*parts.values(), *orphans.values())
            remote_id = old.remote_id if old else _id_of_new(api, each, answer, others)
            points_to = old.url if old is not None and URL not in each.write.sent else shown_url(request.fields.url)
            parts[each.event] = Part(each.event, remote_id, points_to)
        if at < len(writes) - 1:
            yield _progress(api, request, parts, orphans, request.changes if had else frozenset())
    done = _progress(api, request, parts, orphans)
    carries = (SECRET in request.changes or not had) and _carry_the_secret(writes)
    return done._replace(secret_sent=carries, unseen=_to_be_seen(api, request) if writes else ())


def _let_go(api: Api, request: ChangeRequest, parts: dict[str, Part], orphans: dict[str, Part]) -> None:
    """Parts of events that are no longer wanted are orphans, where the vendor has no delete."""
    dropped = sorted(parts.keys() - request.fields.events) if request.fields.events else []
    if not isinstance(api.retire, Delete):
        orphans.update((event, parts.pop(event)) for event in dropped)


def _carry_the_secret(writes: Iterable[PartWrite]) -> bool:
    """Whether our secret is in every part that was written."""
    carried = [each.write.secret for each in writes if each.does != "remove"]
    return bool(carried) and all(carried)


def _performed(api: Api, request: ChangeRequest, each: PartWrite) -> Steps[Any]:
    if each.does != "remove" or not isinstance(api.retire, Delete):
        return (yield from sent(api, each.write, request))
    part = next(part for part in _there(api, request) if part.key == each.event)
    yield from delete(api, api.retire, request, part.remote_id)


def _id_of_new(api: Api, each: PartWrite, answer: Any, others: Iterable[Part]) -> str | None:
    """The id of a part that was just made; None where the vendor gives none.

    Raises:
        Indeterminate: there is none in the answer, or it is another part's, so that what was made is not known.
    """
    if not api.manifest.identity.id:
        return None
    remote_id = api.codec.id_of(answer)
    if remote_id is None:
        raise api.classifier.unsure(each.write.call, f"its answer for the event {each.event} holds no id")
    if twin := next((part.key for part in others if part.remote_id == remote_id), None):
        words = f"its answer for the event {each.event} has the id {remote_id}, which is that of {twin}"
        raise api.classifier.unsure(each.write.call, words)
    return remote_id


def _by_event(parts: Iterable[Part]) -> dict[str, Part]:
    return {part.key: part for part in parts}


def _outdated(request: ChangeRequest, known: Mapping[str, Part]) -> frozenset[str]:
    """The kept parts to send again: those that point elsewhere; all, where the URL is to change and none does."""
    if URL not in request.fields:
        return frozenset()
    wanted = canonical_url(shown_url(request.fields.url))
    elsewhere = {key for key, part in known.items() if part.url is not None and canonical_url(part.url) != wanted}
    unknown = {key for key, part in known.items() if part.url is None}
    asked = URL in request.changes
    return frozenset(elsewhere | unknown if asked and elsewhere else known if asked else elsewhere)


def _single(request: ChangeRequest, event: str) -> Fields:
    return Fields({EVENTS: frozenset({event})}).over(request.fields)


def _of_part(api: Api, request: ChangeRequest, part: Part, pointers: frozenset[str] | set[str]) -> ChangeRequest:
    """The change of one part, as if it were a webhook of its own."""
    shown = part_as_read(request.remote, part)
    remote = api.codec.remote(shown) if shown is not None else request.remote
    return request._replace(
        fields=_single(request, part.key),
        changes=frozenset(pointers),
        remote_id=part.remote_id or part.key,
        remote=remote,
    )


def _to_be_seen(api: Api, request: ChangeRequest) -> tuple[str, ...]:
    """What a read must show afterwards: the answers were each about one object only."""
    if api.capabilities.read == "none":
        return ()
    return tuple(sorted(request.fields.keys() - api.capabilities.unreadable))


def _progress(
    api: Api,
    request: ChangeRequest,
    parts: dict[str, Part],
    orphans: dict[str, Part],
    pending: frozenset[str] = frozenset(),
) -> Progress:
    """What is in force. The URL is told only where all parts have it; until then the change is not done."""
    wanted = canonical_url(shown_url(request.fields.url))
    there = tuple(parts[key] for key in sorted(parts))
    fields = {pointer: leaf for pointer, leaf in request.fields.items() if pointer not in pending or pointer == URL}
    fields[EVENTS] = frozenset(parts)
    if any(part.url is None or canonical_url(part.url) != wanted for part in there):
        fields.pop(URL, None)
    return Progress(
        _id_of(api, request, there, orphans),
        Fields(fields),
        there,
        tuple(orphans[key] for key in sorted(orphans)),
    )


def _id_of(api: Api, request: ChangeRequest, parts: tuple[Part, ...], orphans: dict[str, Part]) -> str:
    """The webhook's id: of its objects where they can be read, else its events."""
    ids = (part.remote_id for part in parts) if api.capabilities.read != "none" else (part.key for part in parts)
    return joined(ids) or ",".join(sorted(orphans)) or request.remote_id or ""
