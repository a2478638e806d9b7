"""Create and update where the vendor has one remote object per event: a webhook is then made of parts. [pure]

Each part is one call. After each, what is in force is yielded, so that a failure in the middle loses nothing. A dropped
event leaves an orphan part where the vendor has no delete; taking it back moves that part instead of making another.

Used by `providers.engine.interpret`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from reconciler.codes import Code
from reconciler.errors import Rejected
from reconciler.model.secret import shown_url
from reconciler.model.webhook import EVENTS, URL, Fields, Part
from reconciler.providers.engine.api import Api
from reconciler.providers.engine.verbs import delete, deletion, sent
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
    known, orphans = _by_event(request.parts), _by_event(request.orphan_parts)
    wanted = sorted(request.fields.events or known)
    if not wanted:
        raise Rejected(
            f"{api.classifier.title} needs at least one event",
            "give the webhook `events`",
            kind="config",
            code=Code.FIELD_NEEDED,
        )
    outdated = _outdated(request, known)
    moved = [known[event] for event in wanted if event in outdated]
    revived = [orphans[event] for event in wanted if event in orphans and event not in known]
    made = [event for event in wanted if event not in known and event not in orphans]
    return (
        *_moves(api, request, [*moved, *revived]),
        *(PartWrite(creation(api, request, _single(request, event)), "make", event) for event in made),
        *_removals(api, request, [part for part in request.parts if part.key not in wanted]),
    )


def _moves(api: Api, request: ChangeRequest, parts: Iterable[Part]) -> Iterator[PartWrite]:
    """The writes that let parts point to the wanted URL."""
    for part in parts:
        yield from (PartWrite(write, "move", part.key) for write in changes(api, _move(request, part)))


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
    parts, orphans = _by_event(request.parts), _by_event(request.orphan_parts)
    for event in sorted(parts.keys() - request.fields.events if request.fields.events else ()):
        if not isinstance(api.retire, Delete):
            orphans[event] = parts.pop(event)
    writes = part_writes(api, request)
    for at, each in enumerate(writes):
        answer = yield from _performed(api, request, each)
        old = orphans.pop(each.event, None) or parts.pop(each.event, None)
        if each.does != "remove":
            others = (*parts.values(), *orphans.values())
            remote_id = old.remote_id if old else _id_of_new(api, each, answer, others)
            parts[each.event] = Part(each.event, remote_id, shown_url(request.fields.url))
        if at < len(writes) - 1:
            yield _progress(request, parts, orphans)
    return _progress(request, parts, orphans)


def _performed(api: Api, request: ChangeRequest, each: PartWrite) -> Steps[Any]:
    if each.does != "remove" or not isinstance(api.retire, Delete):
        return (yield from sent(api, each.write, request))
    part = next(part for part in request.parts if part.key == each.event)
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
    elsewhere = {key for key, part in known.items() if part.url not in (None, shown_url(request.fields.url))}
    unknown = {key for key, part in known.items() if part.url is None}
    asked = URL in request.changes
    return frozenset(elsewhere | unknown if asked and elsewhere else known if asked else elsewhere)


def _single(request: ChangeRequest, event: str) -> Fields:
    return Fields({EVENTS: frozenset({event})}).over(request.fields)


def _move(request: ChangeRequest, part: Part) -> ChangeRequest:
    return request._replace(
        fields=_single(request, part.key), changes=frozenset({URL}), remote_id=part.remote_id or part.key
    )


def _progress(request: ChangeRequest, parts: dict[str, Part], orphans: dict[str, Part]) -> Progress:
    """What is in force. The URL is told only where all parts have it; until then the change is not done."""
    shown = shown_url(request.fields.url)
    there = tuple(parts[key] for key in sorted(parts))
    fields = {**request.fields, EVENTS: frozenset(parts)}
    if any(part.url != shown for part in there):
        fields.pop(URL, None)
    remote_id = ",".join(sorted(parts)) or ",".join(sorted(orphans)) or request.remote_id or ""
    return Progress(remote_id, Fields(fields), there, tuple(orphans[key] for key in sorted(orphans)))
