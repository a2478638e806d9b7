"""A plan as people read it before they say yes. [pure] Called by `render.text`.

Grouped by provider, one block a webhook, unchanged webhooks only counted. The last line begins with `Plan: X to add,
Y to change, Z to destroy.` or `No changes.`; where something was not seen, with `Incomplete:`. Foreign text passes
`plain`, so that none reaches the terminal's controls.
"""

from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import NamedTuple

from reconciler.model.action import Action, Cause, FieldChange, Finding, Shown
from reconciler.model.secret import NOT_THE_FILES, SecretState
from reconciler.model.webhook import DESCRIPTION, EVENTS, SECRET, STATUS, URL
from reconciler.planning.types import Change, Plan, Refusal
from reconciler.render.base import PlanHeader, Style, cells, counted, cut, pad, plain, sentence
from reconciler.render.text.strangers import unmanaged_text
from reconciler.render.words import (
    CAUSES,
    KEPT,
    SYMBOLS,
    by_field,
    is_misplaced,
    listed,
    named,
    problem_words,
    summary_text,
    value_text,
)
from reconciler.support.hints import command, first_of, named_in_short
from reconciler.support.natural import natural

_FIRST = (URL, EVENTS, STATUS, DESCRIPTION)
_INDENT = 6
_LABEL = 13
_NARROW = 24
"""Sentences get so many columns at least, however long the names before them are."""


class _Row(NamedTuple):
    """One line below a webhook: what, its value, and why."""

    label: str
    value: str
    why: str = ""
    look: str = ""


def plan_text(plan: Plan, header: PlanHeader, style: Style) -> str:
    """The whole plan as text, ending in a newline."""
    blocks = [
        *_providers(plan, header, style),
        _section("Secrets", _not_the_files(plan), style),
        unmanaged_text(plan.unmanaged, style),
        _unverifiable(plan, style),
        _unseen(plan, style),
        _section("Findings", ((f"{f.kind}: {f.summary}", "") for f in sorted(plan.findings, key=_turn)), style),
        _section("Problems", map(problem_words, plan.problems), style),
        _section("Refused", ((named(r.name, r.summary), r.hint) for r in sorted(plan.refusals, key=_turn)), style),
        "\n".join(style.paint(line, "strong") for line in summary_text(plan).splitlines()),
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
    reads = counted(plan.reads, "read")
    if header.seconds is not None:
        reads += f" in {header.seconds:.2f} s"
    parts = [what, f"{counted(providers, 'provider')}, {counted(webhooks, 'webhook')}", reads]
    return style.paint("   ".join(plain(part) for part in parts if part), "quiet")


def _providers(plan: Plan, header: PlanHeader, style: Style) -> Iterator[str]:
    groups: dict[str, list[Change]] = {}
    for change in listed(plan):
        groups.setdefault(change.provider, []).append(change)
    for provider, changes in groups.items():
        address = header.addresses.get(provider, "")
        lines = ["   ".join(part for part in (style.paint(plain(provider), "strong"), plain(address)) if part)]
        width = min(max(cells(plain(change.name)) for change in changes), 48)
        for change in sorted(changes, key=lambda change: natural(change.name)):
            lines += _webhook(change, _word(change), width, address, style)
        yield "\n".join(lines)


def _word(change: Change) -> str:
    if change.blocked or change.action is not Action.NOOP:
        return "blocked" if change.blocked else str(change.action)
    return "unknown" if change.unread else "unverified" if change.unverified else "unchanged"


def _webhook(change: Change, word: str, width: int, address: str, style: Style) -> Iterator[str]:
    mark, look = SYMBOLS[change.action]
    why = sentence(change.reason)
    if change.unverified and change.last_applied:
        why += f"; last applied {plain(change.last_applied)[:10]}"
    name = style.paint(pad(plain(change.name), width), "strong")
    room = 3 + 1 + max(width, cells(plain(change.name))) + 2 + max(len(word), 10) + 2
    first, *more = style.lines(why, max(style.width - room, _NARROW)) or [""]
    yield f"{style.paint(f'{mark:>3}', look)} {name}  {style.paint(pad(word, 10), look)}  {first}".rstrip()
    yield from (f"{' ' * room}{line}" for line in more)
    rows = list(_rows(change, style))
    column = min(max((cells(row.value) for row in rows if row.why), default=0), 60)
    for row in rows:
        value = style.paint(pad(row.value, column if row.why else 0), row.look) if row.look else pad(row.value, column)
        line = f"{' ' * _INDENT}{pad(row.label, _LABEL)} {value}"
        yield f"{line}   {style.paint(row.why, 'quiet')}" if row.why else line.rstrip()
    yield from (f"{' ' * _INDENT}{line}" for line in _calls(change, address))
    yield from (line for note in change.notes for line in style.said(sentence(note), _INDENT, "quiet"))


def _rows(change: Change, style: Style) -> Iterator[_Row]:
    room = style.width - _INDENT - _LABEL
    if change.renamed_from:
        yield _Row("renamed from", plain(change.renamed_from))
    if change.scope:
        yield _Row("scope", plain(" ".join(f"{key}={value}" for key, value in change.scope)))
    if change.remote_id and change.action not in (Action.CREATE, Action.UPDATE, Action.NOOP):
        yield _Row("id", plain(change.remote_id))
    for field in sorted(change.fields, key=_rank):
        if field.path != SECRET:
            yield from _field(field, room)
    yield from _secret(change, style)


def _secret(change: Change, style: Style) -> Iterator[_Row]:
    """The state of the webhook's secret, unless it is settled and nothing is written."""
    settled = (change.secret is SecretState.SAME or change.as_applied) and not is_misplaced(change)
    if change.secret is SecretState.UNMANAGED or (settled and not change.action.writes):
        return
    note = sentence(change.secret_note)
    says_it = note.startswith((change.secret, NOT_THE_FILES))
    state = note if says_it else ": ".join(filter(None, (change.secret, note)))
    why = next((CAUSES[field.cause] for field in change.fields if field.path == SECRET), "")
    for number, line in enumerate(style.lines(state, style.width - _INDENT - _LABEL - 1)):
        yield _Row("" if number else "secret", line, "" if number else why, "" if settled else "warn")


def _not_the_files(plan: Plan) -> Iterator[tuple[str, str]]:
    """Webhooks that need nothing else, and of whose secret nobody knows whether it is the file's."""
    told = {change.name for change in listed(plan)}
    names = [c.name for c in plan.changes if c.name not in told and c.secret_note.startswith(NOT_THE_FILES)]
    if names:
        blocks = sorted({name.partition("[")[0] for name in names}, key=natural)
        one = f"; {command('rotate', blocks[0])} those of one block" if len(blocks) > 1 else ""
        hint = f"{command('apply', '--own-secrets')} gives them the file's{one}"
        yield f"secret: {NOT_THE_FILES}: {named_in_short(names)}", hint


def _rank(field: FieldChange) -> tuple[int, str]:
    """A field's turn: where and what come first, then the rest by name."""
    return (_FIRST.index(field.path) if field.path in _FIRST else len(_FIRST)), field.path


def _field(field: FieldChange, room: int) -> Iterator[_Row]:
    label = plain(field.path.removeprefix("/options/").removeprefix("/"))
    why = KEPT if field.kept else CAUSES[field.cause]
    before, after = field.before, field.after
    if isinstance(before, tuple) and isinstance(after, tuple):
        yield from _items(field, label, why, before, after, room)
    elif before is None or after is None:
        value, look = (after, "add") if before is None else (before, "remove")
        sign = "" if field.cause is Cause.NEW else "+ " if before is None else "- "
        for number, line in enumerate(_value_lines(value, room - 2)):
            yield _Row("" if number else label, sign + line, "" if number else why, look if sign else "")
    else:
        yield from _moved(label, value_text(before), value_text(after), why, room)


def _moved(label: str, before: str, after: str, why: str, room: int) -> Iterator[_Row]:
    """`before -> after`, on two lines where one is too short; long texts from shortly before their first difference."""
    if cells(before) + cells(after) + 4 <= room - cells(why):
        yield _Row(label, f"{before} -> {after}", why)
        return
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
    start = max(same - 12, 0) if max(cells(before), cells(after)) > room and same > room // 2 else 0
    yield _Row(label, cut(before, room - 3, start))
    yield _Row("", f"-> {cut(after, room - 3, start)}")
    if why:
        yield _Row("", why)


def _items(
    field: FieldChange, label: str, why: str, before: tuple[object, ...], after: tuple[object, ...], room: int
) -> Iterator[_Row]:
    """Items that came and went: of a set by name, of any other list by place."""
    if field.path == EVENTS:
        came = tuple(item for item in after if item not in before)
        went = tuple(item for item in before if item not in after)
        lines = [("+ " + line, "add") for line in _value_lines(came, room - 2)] if came else []
        lines += [("- " + line, "remove") for line in _value_lines(went, room - 2)] if went else []
    else:
        lines = [(cut(line, room), "change") for line in _explained(before, after)]
    for number, (line, look) in enumerate(lines):
        yield _Row("" if number else label, line, "" if number else why, look)


def _explained(before: tuple[object, ...], after: tuple[object, ...]) -> Iterator[str]:
    from reconciler.render.text.containers import explain

    for place, old, new in explain(before, after):
        if old is None:
            yield plain(f"+ {place} {new}")
        elif new is None:
            yield plain(f"- {place} {old}")
        else:
            yield plain(f"~ {place} {old} -> {new}")


def _value_lines(value: Shown, room: int) -> list[str]:
    """A value as lines: a list with commas, broken between its items; anything else cut to one line."""
    if not isinstance(value, tuple) or not all(isinstance(item, str) for item in value):
        return [cut(value_text(value), room)]
    lines: list[str] = []
    for item in (cut(plain(str(item)), room - 1) for item in value):
        if lines and cells(lines[-1]) + cells(item) + 2 < room:
            lines[-1] += f", {item}"
        else:
            lines.append(item)
    return [*(line + "," for line in lines[:-1]), lines[-1]] if lines else ["none"]


def _calls(change: Change, address: str) -> Iterator[str]:
    width = max((len(call.method) for call in change.calls), default=0)
    base = address.rstrip("/")
    for call in change.calls:
        path = call.url.removeprefix(base) if base and call.url.startswith(base + "/") else call.url
        yield f"{call.method:<{width}} {plain(path)}"


def _unverifiable(plan: Plan, style: Style) -> str:
    """The webhooks whose secret nobody can verify, by name: they are not among those that are unchanged.

    Those that may have another one than the file's stand in a section of their own, see `_not_the_files`.
    """
    if plan.options.offline:
        return ""  # none was looked at
    unsure = (change for change in plan.changes if change.unverifiable)
    names = [change.name for change in unsure if not change.secret_note.startswith(NOT_THE_FILES)]
    title = style.paint("Secrets that cannot be verified", "strong")
    return "\n".join([title, *style.row(plain(named_in_short(names)), 2)]) if names else ""


def _unseen(plan: Plan, style: Style) -> str:
    """The managed fields that no read shows, or only behind a mask, each with its webhooks: the lock was compared."""
    title = style.paint("Fields that cannot be verified", "strong")
    told = by_field((change.name, change.unseen) for change in plan.changes)
    rows = [row for field, names in told for row in style.row(f"{field:<17} {plain(named_in_short(names))}", 2)]
    return "\n".join([title, *rows]) if rows else ""


def _section(title: str, entries: Iterable[tuple[str, str]], style: Style) -> str:
    lines = [style.paint(title, "strong")]
    mark = style.paint("!", "warn")
    for summary, hint in entries:
        first, *rest = style.said(sentence(summary), 4) or [""]
        lines += [f"  {mark} {first[4:]}", *rest, *style.said(sentence(hint), 4, "quiet")]
    return "\n".join(lines) if len(lines) > 1 else ""
