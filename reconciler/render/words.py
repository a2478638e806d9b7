"""The words and marks that formats share: actions, causes, values, problems, totals, names of events. [pure]

Used by `cli`, too, which tells problems and errors in the same words.
"""

import json
import re
from collections.abc import Iterable, Iterator

from reconciler.errors import Problem
from reconciler.model.action import Action, Cause, Shown
from reconciler.model.discovery import Discovered
from reconciler.model.secret import AS_APPLIED, SecretState
from reconciler.model.webhook import Certainty
from reconciler.planning.types import Change, DriftReport, Plan
from reconciler.render.base import Style, counted, plain, sentence
from reconciler.state.event import Finished

SYMBOLS = {
    Action.CREATE: ("+", "add"),
    Action.ADOPT: ("=", "change"),
    Action.UPDATE: ("~", "change"),
    Action.REPLACE: ("-/+", "remove"),
    Action.DELETE: ("-", "remove"),
    Action.DEACTIVATE: ("-", "remove"),
    Action.FORGET: ("x", "change"),
    Action.ORPHAN: ("o", "warn"),
    Action.NOOP: ("?", "warn"),
}
"""The mark of each action and its look; a webhook without an action is listed only where something is not known."""

CAUSES = {
    Cause.CONFIG: "file",
    Cause.DRIFT: "drift: changed at the vendor",
    Cause.CONFLICT: "conflict: changed in the file and at the vendor",
    Cause.NEW: "",
}

DONE = {
    Action.CREATE: "created",
    Action.ADOPT: "adopted",
    Action.UPDATE: "updated",
    Action.REPLACE: "replaced",
    Action.DELETE: "deleted",
    Action.DEACTIVATE: "switched off",
    Action.FORGET: "forgotten",
    Action.ORPHAN: "left as an orphan",
    Action.NOOP: "unchanged",
}
"""What was done, once it is."""
FULL = "--full tells of each"
"""Where several webhooks are told of at once."""

KEPT = "asked for, and not taken by the vendor"

_LOOKS_TYPED = re.compile(r"|\s.*|.*\s|true|false|null|[-+]?[\d.]+(e[-+]?\d+)?", re.IGNORECASE | re.DOTALL)


def problems_text(problems: Iterable[Problem], style: Style) -> str:
    """Each problem, `FILE:LINE:COL:` first where the problem has a place, and the way out below; empty for none."""
    lines: list[str] = []
    for summary, hint in map(problem_words, problems):
        lines += [*style.said(sentence(summary), 0, hanging=2), *style.said(sentence(hint), 2, "quiet")]
    return "".join(f"{line}\n" for line in lines)


def summary_text(plan: Plan) -> str:
    """The closing line: the totals, then whatever else a reader must not miss; below it what the plan cannot know."""
    others = ", ".join(f"{number} {word}" for word, number in _other_totals(plan).items() if number)
    missing = _incomplete(plan)
    sentences = [
        "" if missing and not _has_changes(plan) else _totals(plan),
        counted(plan.writes, "write") + "." if plan.writes else "",
        f"{others}." if others else "",
        counted(len(plan.problems), "problem") + "." if plan.problems else "",
        "Refused." if plan.refusals else "",
    ]
    return "\n".join(filter(None, [" ".join(filter(None, sentences)), missing]))


def incomplete_text(unread: int, blocked: int, unreadable: int = 0, problems: int = 0) -> str:
    """What keeps a run from saying that all is as it should be, as its last line; empty where nothing does.

    Args:
        unread: webhooks whose read failed.
        blocked: webhooks that something else stands in the way of.
        unreadable: webhooks whose API has no read, where no other was seen either.
        problems: what else is wrong; told only where there is nothing to count by webhook.
    """
    kinds = [
        f"{unread} could not be read" if unread else "",
        f"{blocked} {'is' if blocked == 1 else 'are'} blocked" if blocked else "",
        f"{unreadable} cannot be read" if unreadable else "",
    ]
    told = ", ".join(filter(None, kinds)) or (counted(problems, "problem") if problems else "")
    return f"Incomplete: {told}." if told else ""


def drift_summary(report: DriftReport) -> Iterator[str]:
    """The closing lines of a drift report: totals, then what was not seen; `No drift.` is said only where all was."""
    drift, unread = sum(webhook.differs for webhook in report.webhooks), _count(report, Certainty.UNKNOWN)
    unreadable, blocked = _count(report, Certainty.UNREADABLE), sum(webhook.blocked for webhook in report.webhooks)
    blind = unreadable if unreadable == len(report.webhooks) else 0
    missing = incomplete_text(unread, blocked, blind, 0 if report.differs else len(report.problems))
    first = f"Drift: {drift} of {counted(len(report.webhooks), 'webhook')}." if report.differs else "No drift."
    unverifiable = sum(bool(webhook.unverifiable) for webhook in report.webhooks)
    others = {
        "unverified": unreadable,
        "unknown": unread,
        "blocked": blocked,
        "unverifiable": unverifiable,
        "unmanaged": len(report.unmanaged),
    }
    also = ", ".join(f"{number} {word}" for word, number in others.items() if number)
    sentences = [
        "" if missing and not report.differs else first,
        f"{also}." if also else "",
        f"{counted(len(report.problems), 'problem')}." if report.problems else "",
    ]
    yield from filter(None, [" ".join(filter(None, sentences)), missing])


def _count(report: DriftReport, certainty: Certainty) -> int:
    return sum(webhook.certainty is certainty for webhook in report.webhooks)


def _incomplete(plan: Plan) -> str:
    unread, blocked = sum(change.unread for change in plan.changes), sum(change.blocked for change in plan.changes)
    blind = all(change.unverified for change in plan.changes) and not plan.options.offline
    problems = 0 if _has_changes(plan) else len(plan.problems)
    return incomplete_text(unread, blocked, len(plan.changes) if blind else 0, problems)


def _totals(plan: Plan) -> str:
    if not _has_changes(plan):
        return "No changes."
    added, changed, destroyed = totals(plan)
    return f"Plan: {added} to add, {changed} to change, {destroyed} to destroy."


def totals(plan: Plan) -> tuple[int, int, int]:
    """How many webhooks would be added, changed and destroyed; a replacement does the first and the last."""
    replaced = plan.count(Action.REPLACE)
    added = plan.count(Action.CREATE) + replaced
    changed = plan.count(Action.UPDATE) + _adopted_with_calls(plan)
    return added, changed, plan.count(Action.DELETE) + plan.count(Action.DEACTIVATE) + replaced


def _has_changes(plan: Plan) -> bool:
    """Whether anything differs, though it cannot be changed now."""
    return plan.differs or any(change.fields and change.blocked for change in plan.changes)


def _other_totals(plan: Plan) -> dict[str, int]:
    """What else there is to count, by the word for it; zeros too."""
    unverifiable = sum(change.unverifiable for change in plan.changes)
    misplaced = sum(map(is_misplaced, plan.changes))
    return {
        "to adopt": plan.count(Action.ADOPT) - _adopted_with_calls(plan),
        "to forget": plan.count(Action.FORGET),
        "orphaned": plan.count(Action.ORPHAN),
        "drifted": sum(change.drifted for change in plan.changes),
        "unverified": sum(change.unverified for change in plan.changes),
        "unknown": sum(change.unread for change in plan.changes),
        "blocked": sum(change.blocked for change in plan.changes),
        "secret unverifiable" if unverifiable == 1 else "secrets unverifiable": unverifiable,
        "secret misplaced" if misplaced == 1 else "secrets misplaced": misplaced,
        "unmanaged": len(plan.unmanaged),
        "unchanged": sum(_seen_unchanged(change, plan.options.offline) for change in plan.changes),
    }


def _seen_unchanged(change: Change, offline: bool) -> bool:
    """Whether a webhook was seen to be as it should be; what was not read is none of them."""
    return change.at_rest and not change.unverified and not _is_listed(change, offline)


def _adopted_with_calls(plan: Plan) -> int:
    """How many webhooks are adopted and changed at the vendor while at it."""
    return sum(change.action is Action.ADOPT and bool(change.calls) for change in plan.changes)


def listed(plan: Plan) -> list[Change]:
    """The webhooks that people need to see: something is to be done, or not known, or stands in the way."""
    return [change for change in plan.changes if _is_listed(change, plan.options.offline)]


def _is_listed(change: Change, offline: bool) -> bool:
    """Whether people need to see it; that nothing was read is no news in a plan that was asked not to."""
    unread = (change.unverified and not offline) or change.unread
    unsure = unread or SecretState.CHANGED in change.secret_states or is_misplaced(change)
    return unsure or change.blocked or change.action is not Action.NOOP


def by_field(unverified: Iterable[tuple[str, Iterable[str]]]) -> Iterator[tuple[str, list[str]]]:
    """What nobody could verify: each field as people call it, with the names of its webhooks.

    Args:
        unverified: each webhook's name, and the pointers that no read shows of it.
    """
    names: dict[str, list[str]] = {}
    for name, pointers in unverified:
        for pointer in pointers:
            names.setdefault(pointer, []).append(name)
    for pointer in sorted(names):
        yield plain(pointer.removeprefix("/options/").removeprefix("/")), names[pointer]


def is_misplaced(change: Change) -> bool:
    """Whether a secret of the webhook is as it was, and not where the file wants it."""
    return any(_is_misplaced(alone) for _, alone in change.each_secret)


def _is_misplaced(change: Change) -> bool:
    if change.unverifiable:
        return change.secret_note.startswith(f"{AS_APPLIED}; ")
    return change.secret is SecretState.SAME and bool(change.secret_note)


def value_text(value: Shown) -> str:
    """A value as text; in JSON's form where its text alone could be taken for something else."""
    if isinstance(value, str) and not _LOOKS_TYPED.fullmatch(value):
        return plain(value)
    return plain(json.dumps(value, ensure_ascii=False, sort_keys=True))


def problem_words(problem: Problem) -> tuple[str, str]:
    """A problem in a sentence, its place first, and the way out; both still as foreign as they came."""
    who = named(problem.name, problem.summary)
    place = f"{problem.at}: " if problem.at else f"{problem.provider}: " if problem.provider else ""
    kind = "" if problem.kind == "config" else f"{problem.kind}: "
    return f"{place}{kind}{who}", problem.hint


def named(name: str | None, summary: str) -> str:
    """The sentence, with the webhook's name in front where the sentence does not say the name."""
    said_already = not name or re.search(rf"(?<!\w){re.escape(name)}(?!\w)", summary)
    return summary if said_already else f"{name}: {summary}"


def closing_text(event: Finished) -> str:
    """The last line of an apply."""
    whole = not (event.failed or event.skipped or event.interrupted or event.problems)
    first = "Apply complete" if whole else "Apply interrupted" if event.interrupted else "Apply incomplete"
    problems = f", {counted(event.problems, 'problem')}" if event.problems else ""
    return f"{first}: {event.applied} applied, {event.failed} failed, {event.skipped} skipped{problems}."


def event_name(kind: type) -> str:
    """What programs call a kind of event: `secret_stored` for `SecretStored`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


def discovered_words(each: Discovered) -> str:
    """What one list gave to a block, in a line."""
    kept = len(each.values)
    if each.failed:
        return f"{each.what} of {each.where} are not known, so nothing is planned for it"
    if each.source == "lock":
        return f"{each.what}: the {kept} that the lock knows; offline, nobody was asked"
    fitting = "all of them" if kept == each.found else f"{kept} of them"
    partial = f" (may not be all: {each.partial})" if each.partial else ""
    return f"{each.found} {each.what} of {each.where}, {fitting} meant{partial}"
