"""A drift report as a page shows it. [pure] Called by `render.html`."""

from collections.abc import Iterator, Mapping

from reconciler.model.webhook import Certainty
from reconciler.planning.types import Drifted, DriftReport
from reconciler.render.base import plain, sentence
from reconciler.render.html.differences import differences, label
from reconciler.render.html.groups import IN_ORDER, Told, providers, states
from reconciler.render.html.past import Pasts, moment
from reconciler.render.html.pictures import ages, by_state
from reconciler.render.html.problems import led, problems_section
from reconciler.render.html.strangers import short, strangers, where
from reconciler.render.html.trend import broken, drift_trend
from reconciler.render.html.view import Alike, Difference, Member, Report, State
from reconciler.render.words import drift_summary

_CHANGED = State("changed", "~", "change", 1)
_AS_APPLIED = State("as applied", "✓", IN_ORDER, 30)
_BLOCKED = State("blocked", "!", "warn", 20)
_CERTAINTIES = {
    Certainty.ABSENT: (State("gone", "-", "remove", 0), "gone at the vendor"),
    Certainty.UNREADABLE: (State("unverified", "?", "warn", 22), "this API cannot be read"),
    Certainty.UNKNOWN: (State("unknown", "?", "warn", 21), "it could not be read"),
}


def drift_report(report: DriftReport, addresses: Mapping[str, str]) -> Report:
    """Every webhook that was looked at, and who came newly."""
    pasts = Pasts(report.histories, report.record)
    told = [_told(webhook, pasts) for webhook in report.webhooks]
    pictures = (by_state(told), ages(report.histories, (webhook.name for webhook in report.webhooks), report.at))
    summary = tuple(drift_summary(report))
    incomplete = summary[-1].startswith("Incomplete")
    look = "remove" if report.problems else "change" if report.differs else "warn" if incomplete else "add"
    return Report(
        "Drift",
        *led(summary),
        look,
        (("Made", f"{moment(report.at)} UTC"),) if report.at else (),
        (*broken(report.record), *problems_section(report.problems)),
        states(told),
        tuple(picture for picture in pictures if picture),
        providers(told, addresses),
        strangers(report.unmanaged),
        "policy.unmanaged denies them" if report.denied else "",
        pasts.rows,
        drift_trend(report.record),
    )


def _told(webhook: Drifted, pasts: Pasts) -> Told:
    past = pasts.of(webhook.name)
    member = Member(plain(webhook.name), where(webhook.scope), short(webhook.remote_id), past)
    state, reason = _state(webhook)
    return Told(webhook.provider, webhook.name, Alike(state, reason, tuple(_moved(webhook)), _notes(webhook)), member)


def _state(webhook: Drifted) -> tuple[State, str]:
    if webhook.certainty is not Certainty.PRESENT:
        return _CERTAINTIES[webhook.certainty]
    if webhook.differs:
        return _CHANGED, "changed at the vendor since it was applied"
    return (_BLOCKED, "something of it could not be compared") if webhook.blocked else (_AS_APPLIED, "")


def _moved(webhook: Drifted) -> Iterator[Difference]:
    yield from differences(webhook.fields, {})
    yield from differences(webhook.unmanaged, {field.path: "unmanaged field changed" for field in webhook.unmanaged})
    if webhook.secret:
        yield Difference("secret", why=sentence(webhook.secret))


def _notes(webhook: Drifted) -> tuple[str, ...]:
    if not webhook.unverifiable:
        return ()
    return (f"cannot be verified: {', '.join(map(label, webhook.unverifiable))}",)
