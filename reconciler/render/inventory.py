"""What formats tell of an audit: its totals, findings that are alike told once, one webhook in words. [pure]

Used by the formats beside it.
"""

import shlex
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from reconciler.audit.types import Audited, AuditFinding, AuditReport, Seen, Severity, Standing, View
from reconciler.model.diff import shown
from reconciler.model.webhook import EVENTS, STATUS, Certainty, Scope
from reconciler.render.base import counted
from reconciler.support.hints import first_of, named_in_short
from reconciler.support.natural import natural

LOOKS = {Severity.HIGH: "remove", Severity.MEDIUM: "change", Severity.LOW: "warn"}
"""How each severity looks."""

UNSEEN = {
    Certainty.ABSENT: "gone at the vendor",
    Certainty.UNREADABLE: "unverified: this API cannot be read",
    Certainty.UNKNOWN: "unknown: it could not be read",
}
"""What is said of a webhook that was not seen."""

_VIEWS = {
    View.FAILED: "could not be read",
    View.PARTLY: "may have more than its list shows",
    View.KNOWN: "shows only webhooks whose ids are known, so others may be there",
    View.UNREADABLE: "cannot be read, so nobody knows what is there",
}
_NAME = "\0"


class Alike(NamedTuple):
    """A finding, and all webhooks of one provider of which the same is said."""

    finding: AuditFinding
    names: tuple[str, ...]

    @property
    def about(self) -> str:
        """The webhooks, in short."""
        return named_in_short(self.names)

    @property
    def hint(self) -> str:
        """The way out of the first; it may hold a command, which stays one that can be typed."""
        own = len(self.names) > 1 and _nameless(self.finding.hint, self.finding) != self.finding.hint
        return f"{self.finding.hint} (the others likewise)" if own else self.finding.hint


def audit_summary(report: AuditReport) -> Iterator[str]:
    """The closing lines: totals, then what was not seen; `No findings.` is said only where all was."""
    standings = {_plural(standing, count): count for standing, count in report.standings().items() if count}
    told = ", ".join(f"{count} {word}" for word, count in standings.items())
    severities = ", ".join(f"{count} {severity}" for severity, count in report.severities().items() if count)
    missing = _incomplete(report)
    found = f"{counted(len(report.findings), 'finding')}: {severities}." if severities else ""
    first = f"Audit: {counted(len(report.webhooks), 'webhook')}{f' ({told})' if told else ''}."
    yield " ".join(filter(None, [first, found or ("" if missing else "No findings.")]))
    if missing:
        yield missing


def _plural(standing: Standing, count: int) -> str:
    nouns = (Standing.ORPHAN, Standing.LEFTOVER)
    return f"{standing}s" if standing in nouns and count != 1 else str(standing)


def _incomplete(report: AuditReport) -> str:
    """What keeps an audit from having seen everything; empty where nothing does."""
    failed = sum(place.view is View.FAILED for place in report.places)
    unread = sum(each.seen.certainty is Certainty.UNKNOWN for each in report.webhooks)
    kinds = [
        f"{counted(failed, 'place')} could not be read" if failed else "",
        f"{counted(unread, 'webhook')} of the lock not seen" if unread else "",
    ]
    told = ", ".join(filter(None, kinds)) or (counted(len(report.problems), "problem") if report.problems else "")
    return f"Incomplete: {told}." if told else ""


def blind_spots(report: AuditReport) -> Iterator[str]:
    """Where there may be webhooks that this audit cannot show, in a sentence each."""
    spots: dict[tuple[str, View], list[Scope]] = {}
    for place in report.places:
        if place.view is not View.WHOLE:
            spots.setdefault((place.provider, place.view), []).append(place.scope)
    for (provider, view), scopes in sorted(spots.items()):
        told = first_of([where(scope) for scope in scopes if scope])
        yield f"{provider}{f' ({told})' if told else ''} {_VIEWS[view]}"
    for provider in report.unlooked:
        yield f"{provider} was not asked: no webhook and no `scope` of the files says where to look"


def alike(findings: Iterable[AuditFinding]) -> list[Alike]:
    """The findings, the worst first, those that differ in nothing but the webhook's name together."""
    groups: dict[tuple[object, ...], list[AuditFinding]] = {}
    for each in findings:
        told = each.summary, _nameless(each.hint, each)
        groups.setdefault((each.severity, each.code, each.provider, *told), []).append(each)
    in_turn = sorted(groups.values(), key=lambda group: _turn(group[0]))
    return [Alike(group[0], tuple(map(_named, group))) for group in in_turn]


def _named(finding: AuditFinding) -> str:
    """The webhook's name; of one without a name, its id and its place."""
    place = where(finding.scope)
    return f"{finding.known_as} ({place})" if finding.name is None and place else finding.known_as


def _turn(finding: AuditFinding) -> tuple[object, ...]:
    rank = [*reversed(Severity)].index(finding.severity)
    return rank, finding.code, natural(finding.provider), natural(finding.known_as)


def _nameless(hint: str, finding: AuditFinding) -> str:
    """A way out without the name of the one webhook that its commands are about."""
    return hint.replace(f" {shlex.quote(finding.name)}`", f" {_NAME}`") if finding.name else hint


def where(scope: Scope) -> str:
    """A place in words."""
    return " ".join(f"{key}={value}" for key, value in scope)


def in_turn(report: AuditReport) -> dict[str, list[Audited]]:
    """The webhooks by provider, in the order in which people look for names; those without a name come last."""
    by_provider: dict[str, list[Audited]] = {}
    for each in report.webhooks:
        by_provider.setdefault(each.seen.provider, []).append(each)
    for webhooks in by_provider.values():
        webhooks.sort(key=lambda each: _name_turn(each.seen))
    return {name: by_provider[name] for name in sorted(by_provider, key=natural)}


def _name_turn(seen: Seen) -> tuple[object, ...]:
    return seen.name is None, natural(seen.name or ""), seen.scope, natural(seen.remote_id or "")


def state_of(seen: Seen) -> str:
    """What a webhook is to us, and what is unusual about it."""
    status = seen.fields.get(STATUS, "active")
    odd = UNSEEN.get(seen.certainty) or (str(status) if status != "active" else "")
    return f"{seen.standing}, {odd}" if odd else str(seen.standing)


def events_of(seen: Seen) -> tuple[str, ...]:
    """Its events, sorted."""
    events = shown(EVENTS, seen.fields.get(EVENTS))
    return tuple(map(str, events)) if isinstance(events, tuple) else ()


def codes_of(audited: Audited) -> str:
    """The codes of its findings behind their severities, the worst first."""
    by_severity: dict[Severity, list[str]] = {}
    for finding in audited.findings:
        by_severity.setdefault(finding.severity, []).append(finding.code)
    return "; ".join(f"{severity}: {', '.join(codes)}" for severity, codes in by_severity.items())
