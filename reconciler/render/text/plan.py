"""A plan as people read it before they say yes. [pure] Called by `render.text`.

Grouped by provider, one block a webhook, or one for all webhooks of a `for_each` block that change alike, unchanged
webhooks only counted. The last line begins with `Plan: X to add, Y to change, Z to destroy.` or `No changes.`; where
something was not seen, with `Incomplete:`. Foreign text passes `plain`, so that none reaches the terminal's controls.
"""

from collections.abc import Iterable, Iterator

from reconciler.model.action import Action, FieldChange, Finding
from reconciler.model.further import called as secret_called
from reconciler.model.secret import NOT_THE_FILES, SecretState
from reconciler.model.webhook import DESCRIPTION, EVENTS, SECRET, STATUS, URL
from reconciler.planning.types import Change, Plan, Refusal
from reconciler.render.base import PlanHeader, Style, cells, counted, plain, sentence
from reconciler.render.groups import Group, folded
from reconciler.render.text.discovered import discovered_text
from reconciler.render.text.fields import Row, field_rows
from reconciler.render.text.layout import INDENT, called, headed, laid_out, room_for_values, titled, which_rows
from reconciler.render.text.strangers import unmanaged_text
from reconciler.render.words import (
    CAUSES,
    SYMBOLS,
    by_field,
    is_misplaced,
    listed,
    named,
    problem_words,
    summary_text,
)
from reconciler.support.hints import command, first_of, named_in_short
from reconciler.support.natural import natural

_FIRST = (URL, EVENTS, STATUS, DESCRIPTION)


def plan_text(plan: Plan, header: PlanHeader, style: Style) -> str:
    """The whole plan as text, ending in a newline."""
    blocks = [
        discovered_text(plan.discovered, style),
        *_providers(plan, header, style),
        _section("Secrets", _not_the_files(plan), style),
        unmanaged_text(plan.unmanaged, style),
        _unverifiable(plan, style),
        _unseen(plan, style),
        _ignored(plan, style),
        _section("Findings", ((f"{f.kind}: {f.summary}", "") for f in sorted(plan.findings, key=_turn)), style),
        _section("Problems", map(problem_words, plan.problems), style),
        _section("Refused", ((named(r.name, r.summary), r.hint) for r in sorted(plan.refusals, key=_turn)), style),
        "\n".join(each for line in summary_text(plan).splitlines() for each in style.said(line, 0, "strong", 2)),
    ]
    told = [block for block in blocks if block]
    if len(told) > 1 or not plan.options.offline:  # offline, nothing new is one line
        told.insert(0, _heading(plan, header, style))
    return "\n\n".join(told) + "\n"


def _turn(item: Finding | Refusal) -> tuple[bool, object]:
    """What is said of one webhook stands by its name; what is said of a provider, behind that."""
    return item.name is None, natural(item.name or "")


def _heading(plan: Plan, header: PlanHeader, style: Style) -> str:
    gone = (Action.ORPHAN, Action.DELETE, Action.DEACTIVATE, Action.FORGET)
    webhooks = sum(change.action not in gone for change in plan.changes)
    providers = len(header.addresses) or len({change.provider for change in plan.changes})
    what = header.title or first_of(header.files)
    counts = f"{counted(providers, 'provider')}, {counted(webhooks, 'webhook')}"
    parts = [what, counts, header.reading(plan.reads)]
    line = "   ".join(plain(part) for part in parts if part)
    return "\n".join(style.paint(each, "quiet") for each in style.folded(line))


def _providers(plan: Plan, header: PlanHeader, style: Style) -> Iterator[str]:
    groups: dict[str, list[Change]] = {}
    for change in listed(plan):
        groups.setdefault(change.provider, []).append(change)
    for provider, changes in groups.items():
        address = header.addresses.get(provider, "")
        lines = titled(provider, address, style)
        shown = _one_by_one(changes) if style.full else folded(changes, plan)
        width = min(max(cells(called(group.change.name, group.keys, group.total)) for group in shown), 48)
        for group in shown:
            lines += _webhook(group, width, address, style)
        yield "\n".join(lines)


def _one_by_one(changes: Iterable[Change]) -> list[Group]:
    return [Group(change) for change in sorted(changes, key=lambda change: natural(change.name))]


def _word(change: Change) -> str:
    if change.blocked or change.action is not Action.NOOP:
        return "blocked" if change.blocked else str(change.action)
    return "unknown" if change.unread else "unverified" if change.unverified else "unchanged"


def _webhook(group: Group, width: int, address: str, style: Style) -> Iterator[str]:
    change = group.change
    mark, look = SYMBOLS[change.action]
    why = sentence(change.reason)
    if change.unverified and change.last_applied:
        why += f"; last applied {plain(change.last_applied)[:10]}"
    yield from headed(mark, called(group.change.name, group.keys, group.total), _word(change), why, width, style, look)
    yield from laid_out([*which_rows(group, change.name, style), *_rows(change, style)], style)
    calls = _calls(change, address) if not group.keys else _calls_of_many(group)
    yield from (f"{' ' * INDENT}{line}" for call in calls for line in style.folded(call, INDENT))
    yield from (line for note in change.notes for line in style.said(sentence(note), INDENT, "quiet"))


def _rows(change: Change, style: Style) -> Iterator[Row]:
    room = room_for_values(style)
    if change.renamed_from:
        yield Row("renamed from", plain(change.renamed_from))
    if change.scope:
        yield Row("scope", plain(" ".join(f"{key}={value}" for key, value in change.scope)))
    if change.remote_id and change.action not in (Action.CREATE, Action.UPDATE, Action.NOOP):
        yield Row("id", plain(change.remote_id))
    for field in sorted(change.fields, key=_rank):
        if field.path != SECRET:
            yield from field_rows(field, room)
    for which, alone in change.each_secret:
        yield from _secret(alone, plain(secret_called(which)), style)


def _secret(change: Change, label: str, style: Style) -> Iterator[Row]:
    """The state of the webhook's secret, unless it is settled and nothing is written."""
    settled = (change.secret is SecretState.SAME or change.as_applied) and not is_misplaced(change)
    if change.secret is SecretState.UNMANAGED or (settled and not change.action.writes):
        return
    note = sentence(change.secret_note)
    says_it = note.startswith((change.secret, NOT_THE_FILES))
    state = note if says_it else ": ".join(filter(None, (change.secret, note)))
    why = next((CAUSES[field.cause] for field in change.fields if field.path == SECRET), "")
    for number, line in enumerate(style.lines(state, room_for_values(style).columns - (0 if style.wraps else 1))):
        yield Row("" if number else label, line, "" if number else why, "" if settled else "warn")


def _not_the_files(plan: Plan) -> Iterator[tuple[str, str]]:
    """Webhooks that need nothing else, and of whose secret nobody knows whether it is the file's."""
    told = {change.name for change in listed(plan)}
    names = [change.name for change in plan.changes if change.name not in told and _is_not_the_files(change)]
    if names:
        blocks = sorted({name.partition("[")[0] for name in names}, key=natural)
        one = f"; {command('rotate', blocks[0])} those of one block" if len(blocks) > 1 else ""
        hint = f"{command('apply', '--own-secrets')} gives them the file's{one}"
        yield f"secret: {NOT_THE_FILES}: {named_in_short(names)}", hint


def _is_not_the_files(change: Change) -> bool:
    return any(alone.secret_note.startswith(NOT_THE_FILES) for _, alone in change.each_secret)


def _rank(field: FieldChange) -> tuple[int, str]:
    """A field's turn: where and what come first, then the rest by name."""
    return (_FIRST.index(field.path) if field.path in _FIRST else len(_FIRST)), field.path


def _calls(change: Change, address: str) -> Iterator[str]:
    width = max((len(call.method) for call in change.calls), default=0)
    base = address.rstrip("/")
    for call in change.calls:
        path = call.url.removeprefix(base) if base and call.url.startswith(base + "/") else call.url
        yield f"{call.method:<{width}} {plain(path)}"


def _calls_of_many(group: Group) -> Iterator[str]:
    """The calls of a group, which are the same for each of its webhooks but for the address."""
    yield from (f"{call.method}, {len(group.keys)} times" for call in group.change.calls)


def _unverifiable(plan: Plan, style: Style) -> str:
    """The webhooks whose secret nobody can verify, by name: they are not among those that are unchanged.

    Those that may have another one than the file's stand in a section of their own, see `_not_the_files`.
    """
    if plan.options.offline:
        return ""  # none was looked at
    unsure = (change for change in plan.changes if change.unverifiable)
    names = [change.name for change in unsure if not _is_not_the_files(change)]
    title = style.said("Secrets that cannot be verified", 0, "strong", 2)
    return "\n".join([*title, *style.row(plain(named_in_short(names)), 2)]) if names else ""


def _unseen(plan: Plan, style: Style) -> str:
    """The managed fields that no read shows, or only behind a mask, each with its webhooks: the lock was compared."""
    title = style.said("Fields that cannot be verified", 0, "strong", 2)
    told = by_field((change.name, change.unseen) for change in plan.changes)
    rows = [row for field, names in told for row in style.row(f"{field:<17} {plain(named_in_short(names))}", 2)]
    return "\n".join([*title, *rows]) if rows else ""


def _ignored(plan: Plan, style: Style) -> str:
    """What differs in fields that the file only sets when a webhook is made: nothing is done about it."""
    title = style.said("Ignored, for the file only sets it once", 0, "strong", 2)
    told = by_field((change.name, [field.path for field in change.ignored]) for change in plan.changes)
    rows = [row for field, names in told for row in style.row(f"{field:<17} {plain(named_in_short(names))}", 2)]
    return "\n".join([*title, *rows]) if rows else ""


def _section(title: str, entries: Iterable[tuple[str, str]], style: Style) -> str:
    lines = [style.paint(title, "strong")]
    mark = style.paint("!", "warn")
    for summary, hint in entries:
        first, *rest = style.said(sentence(summary), 4) or [""]
        lines += [f"  {mark} {first[4:]}", *rest, *style.said(sentence(hint), 4, "quiet")]
    return "\n".join(lines) if len(lines) > 1 else ""
