"""Create and update where the vendor has one remote object per event: a webhook is then made of parts. [pure]

Each part is one call. After each, what is in force is told, so that a failure in the middle loses nothing. A dropped
event leaves an orphan part where the vendor has no delete; taking it back moves that part instead of making another.
"""

from typing import Any, Literal, NamedTuple

from reconciler.errors import Rejected
from reconciler.model.secret import shown_url
from reconciler.model.webhook import EVENTS, URL, Fields, Part
from reconciler.providers.engine.routes import Api, Write, changes, creation
from reconciler.providers.engine.verbs import delete, deletion, sent
from reconciler.providers.language.manifest import Delete
from reconciler.providers.protocol import ChangeRequest, Progress, Steps


class Stroke(NamedTuple):
    """One call for one part, and what it does to it."""

    write: Write
    does: Literal["make", "move", "remove"]
    event: str


def strokes(api: Api, request: ChangeRequest) -> tuple[Stroke, ...]:
    """The calls that a change needs: parts to move first, then new ones, then those to remove.

    Raises:
        Rejected: the scope does not fit, or the API cannot make such a change.
    """
    known = {part.key: part for part in request.parts}
    orphans = {part.key: part for part in request.orphan_parts}
    wanted = sorted(request.fields.events or known)
    if not wanted:
        raise Rejected(f"{api.classifier.title} needs at least one event", "give the webhook `events`", kind="config")
    moving = [known[event] for event in wanted if event in known and event in _outdated(request, known)]
    reviving = [orphans[event] for event in wanted if event in orphans and event not in known]
    made = [event for event in wanted if event not in known and event not in orphans]
    moves = [
        Stroke(write, "move", part.key) for part in (*moving, *reviving) for write in changes(api, _move(request, part))
    ]
    makes = [Stroke(creation(api, request, _single(request, event)), "make", event) for event in made]
    removals = [
        Stroke(deletion(api, api.retire, request, part.remote_id), "remove", part.key)
        for part in request.parts
        if part.key not in wanted and isinstance(api.retire, Delete)
    ]
    return (*moves, *makes, *removals)


def carry_out(api: Api, request: ChangeRequest) -> Steps[Progress]:
    """Create or update: the same thing, since parts that are there are kept.

    Raises:
        Rejected, Indeterminate: of the first part that fails; the parts before it are done and were told.
    """
    parts = {part.key: part for part in request.parts}
    orphans = {part.key: part for part in request.orphan_parts}
    for event in sorted(parts.keys() - request.fields.events if request.fields.events else ()):
        if not isinstance(api.retire, Delete):
            orphans[event] = parts.pop(event)
    plan = strokes(api, request)
    for at, stroke in enumerate(plan):
        answer = yield from _performed(api, request, stroke)
        old = orphans.pop(stroke.event, None) or parts.pop(stroke.event, None)
        if stroke.does != "remove":
            remote_id = old.remote_id if old else api.codec.id_of(answer) if api.manifest.identity.id else None
            parts[stroke.event] = Part(stroke.event, remote_id, shown_url(request.fields.url))
        if at < len(plan) - 1:
            yield _progress(request, parts, orphans)
    return _progress(request, parts, orphans)


def _performed(api: Api, request: ChangeRequest, stroke: Stroke) -> Steps[Any]:
    if stroke.does != "remove" or not isinstance(api.retire, Delete):
        return (yield from sent(api, stroke.write, request))
    part = next(part for part in request.parts if part.key == stroke.event)
    yield from delete(api, api.retire, request, part.remote_id)


def _outdated(request: ChangeRequest, known: dict[str, Part]) -> frozenset[str]:
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
