"""Plans, drift reports, audits, problems and results as pages in Markdown, for pull requests and pipelines. [pure]

Used by `render.markdown` and `render.github`. A page begins with a line that nobody sees and that stays the same from
run to run, by which a pipeline finds its former comment to write over. Then come the totals, and what must not be
missed; the details are folded. All of it fits into the room that its host gives: details are left out, totals never.
Foreign text passes `render.marked`.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from reconciler.audit.types import AuditReport, Severity
from reconciler.errors import Problem
from reconciler.model.action import Action
from reconciler.planning.types import Change, DriftReport, Plan
from reconciler.render.base import PlanHeader, counted, cut, sentence
from reconciler.render.groups import grouped
from reconciler.render.inventory import alike, audit_summary, blind_spots, in_turn
from reconciler.render.marked import code, html, prose
from reconciler.render.notices import Level, Notice, of_drift, of_events, of_plan, of_problems
from reconciler.render.rows import audited_row, done_row, drift_row, finding_row, group_row
from reconciler.render.words import discovered_words, drift_summary, listed, summary_text
from reconciler.state.event import Applied, Event, Finished, Removed
from reconciler.support.natural import natural

_NAMES = 10
_RESERVE = 300
"""Bytes kept for the line that says what was left out."""

_TABLE = "| | webhook | action | what |\n|---|---|---|---|\n"


class _Section(NamedTuple):
    """A part of a page, which may be cut between its rows.

    Args:
        number: how many rows there are; they are made only as far as there is room.
    """

    before: str
    rows: Iterable[str]
    number: int
    after: str = "\n"


def plan_page(plan: Plan, header: PlanHeader, room: int) -> str:
    """A plan, in at most so many bytes."""
    of = _named_files(header.files)
    head = [_marker("plan"), f"## whsync plan{of}: {_state_of(plan)}", *_bold(summary_text(plan))]
    if header.title:
        head.append(f"Saved plan: {prose(sentence(header.title))}")
    for action, words in _LOSSES.items():
        if names := [change.name for change in plan.changes if change.action is action and not change.blocked]:
            head.append(f"> ⚠️ **{counted(len(names), 'webhook')} will be {words}**: {_few(names)}")
    notices = list(of_plan(plan))
    strangers = [
        f"- {code(item.provider)} {code(item.remote_id)} → {code(cut(item.url, 200))}\n" for item in plan.unmanaged
    ]
    sections = [*_complaints(notices), *_providers(plan), *_findings(notices)]
    if strangers:
        sections.append(_folded(f"Not managed: {len(strangers)}", strangers, len(strangers)))
    if plan.discovered:
        listed_for = [f"- {code(each.block)} {prose(discovered_words(each))}\n" for each in plan.discovered]
        sections.append(_folded(f"Discovered: {counted(len(listed_for), 'list')}", listed_for, len(listed_for)))
    return _page(head, sections, room)


def drift_page(report: DriftReport, room: int) -> str:
    """A drift report, in at most so many bytes."""
    state = "drift" if report.differs else "no drift" if not report.problems else "incomplete"
    head = [_marker("drift"), f"## whsync drift: {state}", *_bold("\n".join(drift_summary(report)))]
    notices = [notice for notice in of_drift(report) if notice.kind not in ("drift", "unmanaged")]
    moved = sorted((webhook for webhook in report.webhooks if webhook.differs), key=lambda each: natural(each.name))
    strangers = [
        f"- {code(item.provider)} {code(item.remote_id)} → {code(cut(item.url, 200))}\n" for item in report.unmanaged
    ]
    sections = list(_complaints(notices))
    if moved:
        table = "| webhook | what moved at the vendor |\n|---|---|\n"
        sections.append(_folded(f"Drifted: {len(moved)}", map(drift_row, moved), len(moved), table))
    if strangers:
        sections.append(_folded(f"Not managed: {len(strangers)}", strangers, len(strangers)))
    return _page(head, sections, room)


def audit_page(report: AuditReport, header: PlanHeader, room: int) -> str:
    """An audit, in at most so many bytes: the findings, then every webhook."""
    severities = ", ".join(f"{count} {severity}" for severity, count in report.severities().items() if count)
    state = ("" if report.is_whole else "incomplete, ") + (severities or "no findings")
    head = [_marker("audit"), f"## whsync audit{_named_files(header.files)}: {state}"]
    head += _bold("\n".join(audit_summary(report)))
    sections = [*_complaints(of_problems(report.problems))]
    groups = alike(report.findings)
    for severity in reversed(Severity):
        if rows := [finding_row(group) for group in groups if group.finding.severity is severity]:
            table = "| finding | webhook | what | way out |\n|---|---|---|---|\n"
            title = f"{severity}: {report.severities()[severity]}"
            sections.append(_folded(title, rows, len(rows), table))
    if blind := list(blind_spots(report)):
        sections.append(
            _folded(f"Not seen: {len(blind)}", (f"- {prose(sentence(each))}\n" for each in blind), len(blind))
        )
    for provider, webhooks in in_turn(report).items():
        title = f"<code>{html(cut(provider, 80))}</code>: {counted(len(webhooks), 'webhook')}"
        table = "| webhook | is | URL | findings |\n|---|---|---|---|\n"
        sections.append(_folded(title, map(audited_row, webhooks), len(webhooks), table))
    return _page(head, sections, room)


def problems_page(problems: Iterable[Problem], room: int) -> str:
    """What is wrong, in at most so many bytes; where there is no plan for it, this takes the place of its comment."""
    notices = list(of_problems(problems))
    told = counted(len(notices), "problem") if notices else "valid"
    head = [_marker("plan"), f"## whsync: {told}"]
    return _page(head, _complaints(notices), room)


def result_page(plan: Plan, events: Sequence[Event], header: PlanHeader, room: int) -> str:
    """What an apply has done, in at most so many bytes."""
    done = [event for event in events if isinstance(event, Applied | Removed)]
    end = next((event for event in reversed(events) if isinstance(event, Finished)), None)
    notices = list(of_events(events))
    failed, skipped = (end.failed, end.skipped) if end else (0, 0)
    whole = end is not None and not (failed or skipped or end.interrupted or notices)
    state = "done" if whole else "interrupted" if end is None or end.interrupted else "not whole"
    totals = f"{len(done)} applied, {failed} failed, {skipped} skipped."
    head = [_marker("apply"), f"## whsync apply{_named_files(header.files)}: {state}", *_bold(totals)]
    table = "| webhook | done |\n|---|---|\n"
    folded = [_folded(f"Applied: {len(done)}", map(done_row, done), len(done), table)] if done else []
    return _page(head, [*_complaints(notices), *folded], room)


_LOSSES = {
    Action.DELETE: "deleted",
    Action.REPLACE: "replaced, which deletes the old one",
    Action.DEACTIVATE: "switched off",
}


def _marker(document: str) -> str:
    """The line that nobody sees."""
    return f"<!-- whsync:{document} -->"


def _named_files(files: Sequence[str]) -> str:
    shown = f" {code(cut(files[0], 80))}" if files else ""
    return f"{shown} and {len(files) - 1} more" if len(files) > 1 else shown


def _state_of(plan: Plan) -> str:
    if plan.refusals:
        return "refused"
    if plan.problems:
        return counted(len(plan.problems), "problem")
    incomplete = any(change.unread or change.blocked for change in plan.changes)
    return "incomplete" if incomplete else "changes" if plan.differs else "no changes"


def _bold(text: str) -> Iterator[str]:
    return (f"**{line}**" for line in text.splitlines())


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(code(cut(name, 80)) for name in sorted(names, key=natural)[:_NAMES])
    return f"{shown} and {len(names) - _NAMES} more" if len(names) > _NAMES else shown


def _complaints(notices: Iterable[Notice]) -> Iterator[_Section]:
    """Refusals, then problems, unfolded: they are why the run failed."""
    errors = [notice for notice in notices if notice.level is Level.ERROR]
    for title, chosen in (
        ("Refused", [notice for notice in errors if notice.kind == "refused"]),
        ("Problems", [notice for notice in errors if notice.kind != "refused"]),
    ):
        if chosen:
            yield _Section(f"### {title}\n\n", map(_item, chosen), len(chosen))


def _findings(notices: Iterable[Notice]) -> Iterator[_Section]:
    found = [notice for notice in notices if notice.level is not Level.ERROR]
    if found:
        yield _folded(f"Findings: {len(found)}", map(_item, found), len(found))


def _item(notice: Notice) -> str:
    place = f"{code(str(notice.at))} " if notice.at else f"{code(notice.provider)} " if notice.provider else ""
    below = f"<br>{prose(notice.hint)}" if notice.hint else ""
    return f"- {place}**{code(notice.code)}** {prose(notice.summary)}{below}\n"


def _providers(plan: Plan) -> Iterator[_Section]:
    """A table for each provider, one row a webhook, or for all of a block that change alike."""
    shown: dict[str, list[Change]] = {}
    for change in listed(plan):
        shown.setdefault(change.provider, []).append(change)
    for provider in sorted(shown, key=natural):
        changes = shown[provider]
        counts = {action: sum(change.action is action for change in changes) for action in Action}
        words = [f"{number} {_word(action)}" for action, number in counts.items() if number]
        groups = list(grouped(changes, plan))
        title = f"<code>{html(cut(provider, 80))}</code>: {', '.join(words)}"
        yield _folded(title, map(group_row, groups), len(groups), _TABLE)


def _word(action: Action) -> str:
    return "not known" if action is Action.NOOP else str(action)


def _folded(title: str, rows: Iterable[str], number: int, table: str = "") -> _Section:
    """Rows behind a title; the title is HTML already."""
    return _Section(f"<details><summary>{title}</summary>\n\n{table}", rows, number, "\n</details>\n\n")


def _page(head: Iterable[str], sections: Iterable[_Section], room: int) -> str:
    """The head whole, then of each section as many rows as there is room for."""
    parts = ["\n\n".join(head), "\n\n"]
    left, used = 0, sum(map(_size, parts)) + _RESERVE
    for section in sections:
        frame = _size(section.before) + _size(section.after)
        rows = iter(section.rows)
        kept: list[str] = []
        for row in rows:
            if used + frame + _size(row) > room:
                break
            kept.append(row)
            used += _size(row)
        left += section.number - len(kept)
        if kept:
            used += frame
            parts += [section.before, *kept, section.after]
    if left:
        parts.append(f"_{counted(left, 'row')} left out, for the page is full: `--format text` and `json` have all._\n")
    return "".join(parts).rstrip("\n") + "\n"


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
