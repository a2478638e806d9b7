"""One row of a Markdown table for each webhook. [pure] Used by `render.page`."""

from collections.abc import Iterator

from reconciler.audit.types import Audited
from reconciler.model.action import Action, Cause, FieldChange, Shown
from reconciler.model.secret import SecretState
from reconciler.model.webhook import EVENTS, SECRET
from reconciler.planning.types import Change, Drifted
from reconciler.render.base import ELLIPSIS, cut, sentence
from reconciler.render.groups import Group
from reconciler.render.inventory import Alike, codes_of, state_of, where
from reconciler.render.marked import code, prose
from reconciler.render.notices import moved_text
from reconciler.render.words import CAUSES, KEPT, SYMBOLS, is_misplaced, value_text
from reconciler.state.event import Applied, Removed

_VALUE = 160
_LINES = 20
_ITEMS = 12
_BREAK = "<br>"


def group_row(group: Group) -> str:
    """What is to become of one webhook, or of all of a block that change alike."""
    change = group.change
    name = code(cut(change.name, _VALUE))
    if group.keys:
        keys = ", ".join(code(cut(key, 60)) for key in group.keys[:_ITEMS])
        more = f", {ELLIPSIS}" if len(group.keys) > _ITEMS else ""
        name = f"{name} **{len(group.keys)} of {group.total}**{_BREAK}{keys}{more}"
    lines = list(_lines(change))
    if len(lines) > _LINES:
        lines = [*lines[:_LINES], f"and {len(lines) - _LINES} more"]
    return f"| {code(SYMBOLS[change.action][0])} | {name} | {_word(change)} | {_BREAK.join(lines)} |\n"


def drift_row(webhook: Drifted) -> str:
    """How one webhook moved."""
    return f"| {code(cut(webhook.name, _VALUE))} | {prose(sentence(moved_text(webhook)))} |\n"


def finding_row(group: Alike) -> str:
    """A finding, and all webhooks of which the same is said."""
    finding = group.finding
    about = f"{code(cut(finding.provider, 60))} {code(cut(group.about, _VALUE))}"
    what, way = (prose(sentence(text)) for text in (finding.summary, group.hint))
    return f"| {code(finding.code)} | {about} | {what} | {way} |\n"


def audited_row(audited: Audited) -> str:
    """One webhook of an audit, with the codes of its findings."""
    seen = audited.seen
    place = f"{_BREAK}{code(cut(where(seen.scope), _VALUE))}" if seen.scope else ""
    url = code(cut(seen.fields.url, _VALUE)) if seen.fields.url else ""
    name, told = code(cut(seen.known_as, _VALUE)), prose(codes_of(audited))
    return f"| {name}{place} | {prose(state_of(seen))} | {url} | {told} |\n"


def done_row(event: Applied | Removed) -> str:
    """What was done with one webhook."""
    lines = [str(event.action)]
    if isinstance(event, Applied) and event.entry.remote_id:
        lines[0] += f" {code(cut(event.entry.remote_id, _VALUE))}"
    lines += [_field(field) for field in event.fields[:_LINES]]
    lines += [prose(sentence(note)) for note in getattr(event, "notes", ())[:_LINES]]
    return f"| {code(cut(event.name, _VALUE))} | {_BREAK.join(lines)} |\n"


def _word(change: Change) -> str:
    if change.blocked:
        return "blocked"
    if change.action is not Action.NOOP:
        return str(change.action)
    return "unknown" if change.unread else "unverified" if change.unverified else "unchanged"


def _lines(change: Change) -> Iterator[str]:
    """The reason, what differs, the secret, the calls and the notes."""
    yield prose(sentence(change.reason))
    if change.renamed_from:
        yield f"renamed from {code(cut(change.renamed_from, _VALUE))}"
    if change.scope:
        yield f"scope {code(cut(' '.join(f'{key}={value}' for key, value in change.scope), _VALUE))}"
    yield from (_field(field) for field in change.fields if field.path != SECRET)
    for which, alone in change.each_secret:
        yield from _secret(alone, f"secret {code(cut(which, 60))}" if which else "secret")
    yield from (code(cut(f"{call.method} {call.url}".rstrip(), _VALUE)) for call in change.calls)
    yield from (prose(sentence(note)) for note in change.notes)


def _secret(change: Change, label: str) -> Iterator[str]:
    """The state of the webhook's secret, unless it is settled and nothing is written."""
    settled = (change.secret is SecretState.SAME or change.as_applied) and not is_misplaced(change)
    if change.secret is SecretState.UNMANAGED or (settled and not change.action.writes):
        return
    note = sentence(change.secret_note)
    yield f"{label}: {change.secret}" + (f", {prose(note)}" if note and note != change.secret else "")


def _field(field: FieldChange) -> str:
    """One difference and who moved; of a list, what came and what went."""
    label = code(cut(field.path.removeprefix("/options/").removeprefix("/"), 60))
    before, after = field.before, field.after
    if field.path == EVENTS and isinstance(before, tuple | None) and isinstance(after, tuple | None):
        old, new = before or (), after or ()
        came, went = [item for item in new if item not in old], [item for item in old if item not in new]
        moved = " ".join([*_signed("+", came), *_signed("-", went)])
    elif before is None and field.cause is Cause.NEW:
        moved = _value(after)
    else:
        moved = f"{_value(before)} → {_value(after)}"
    why = KEPT if field.kept else CAUSES[field.cause]
    return f"{label} {moved}" + (f" ({why})" if why else "")


def _signed(sign: str, items: list[object]) -> Iterator[str]:
    yield from (f"{sign}{code(cut(str(item), 80))}" for item in items[:_ITEMS])
    if len(items) > _ITEMS:
        yield f"{sign}{len(items) - _ITEMS} more"


def _value(value: Shown) -> str:
    return "nothing" if value is None else code(cut(value_text(value), _VALUE))
