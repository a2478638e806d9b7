"""An audit as a page shows it. [pure] Called by `render.html`."""

from collections.abc import Iterator

from reconciler.audit.types import Audited, AuditReport, Seen, Severity
from reconciler.render.base import PlanHeader, counted, cut, plain, sentence
from reconciler.render.html.groups import IN_ORDER, Told, providers, states
from reconciler.render.html.past import Pasts, moment
from reconciler.render.html.pictures import ages, by_severity, by_state
from reconciler.render.html.problems import led, problems_section, section
from reconciler.render.html.strangers import short, where
from reconciler.render.html.trend import broken, drift_trend
from reconciler.render.html.view import Alike, Difference, Member, Report, Section, State
from reconciler.render.inventory import LOOKS, alike, audit_summary, blind_spots, events_of, state_of

_STATES = {severity: State(severity, "!", LOOKS[severity], turn) for turn, severity in enumerate(reversed(Severity))}
_FINE = State("no findings", "✓", IN_ORDER, 30)
_LONG = 600


def audit_report(report: AuditReport, header: PlanHeader) -> Report:
    """Every webhook that was seen or that the lock has, and the findings, the worst first."""
    pasts = Pasts(header.histories, header.record)
    told = [_told(each, pasts) for each in report.webhooks]
    names = [each.seen.name for each in report.webhooks if each.seen.name is not None]
    pictures = (by_state(told), by_severity(report.findings), ages(header.histories, names, report.at))
    worst = max((each.severity for each in report.findings), key=[*Severity].index, default=None)
    look = "remove" if report.problems else LOOKS[worst] if worst is not None else "add"
    return Report(
        "Audit",
        *led(audit_summary(report)),
        look,
        tuple((name, cut(plain(value), _LONG)) for name, value in _facts(report, header) if value),
        (*broken(header.record), *_sections(report)),
        states(told),
        tuple(picture for picture in pictures if picture),
        providers(told, header.addresses),
        runs=pasts.rows,
        chart=drift_trend(header.record),
    )


def _facts(report: AuditReport, header: PlanHeader) -> Iterator[tuple[str, str]]:
    off = [code for code, severity in report.levels.items() if severity is None]
    yield "Configuration", header.title or ", ".join(header.files)
    yield "Made", f"{moment(report.at)} UTC by whsync {report.whsync}"
    yield "Looked at", f"{counted(len(report.places), 'place')}, with {counted(report.reads, 'read')}"
    yield "Switched off", ", ".join(off)


def _sections(report: AuditReport) -> tuple[Section, ...]:
    found: list[Section] = [*problems_section(report.problems)]
    groups = alike(report.findings)
    for severity in reversed(Severity):
        told = [group for group in groups if group.finding.severity is severity]
        entries = ((f"{g.finding.code}: {g.finding.provider}: {g.about} {g.finding.summary}", g.hint) for g in told)
        found += section(f"{severity.capitalize()} findings, equal ones together", LOOKS[severity], entries)
    return (*found, *section("Not seen", "warn", ((each, "") for each in blind_spots(report))))


def _told(audited: Audited, pasts: Pasts) -> Told:
    seen = audited.seen
    name = plain(seen.known_as)
    member = Member(name, where(seen.scope), short(seen.remote_id), pasts.of(seen.name))
    state = _STATES[audited.worst] if audited.worst is not None else _FINE
    notes = tuple(sentence(f"{each.severity} {each.code}: {each.summary}") for each in audited.findings)
    return Told(seen.provider, name, Alike(state, sentence(state_of(seen)), tuple(_fields(seen)), notes), member)


def _fields(seen: Seen) -> Iterator[Difference]:
    """What it is, the URL first: of webhooks that are alike in all else, each has its own."""
    if seen.fields.url:
        yield Difference("url", why=cut(plain(seen.fields.url), _LONG))
    if events := events_of(seen):
        yield Difference("events", why=sentence(", ".join(events)))
    yield Difference("secret", why=str(seen.secrecy))
