"""Pictures drawn from data: bars, to one scale, with the same in words beside them. [pure]

Used by `render.html.plan` and `.drift`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from reconciler.audit.types import AuditFinding, Severity
from reconciler.model.provenance import History
from reconciler.render.base import counted, plain
from reconciler.render.html.groups import Told
from reconciler.render.html.view import Bar, Picture, Segment, State
from reconciler.render.inventory import LOOKS
from reconciler.support.natural import natural

_BARS = 12
"""A picture has so many bars at most; those behind them are counted below."""

_AGES = ((30, "up to 30 days", "age-1"), (90, "31 to 90 days", "age-2"), (365, "91 days to a year", "age-3"))
_OLDER, _UNKNOWN = ("older than a year", "age-4"), ("not known", "age-0")


def by_state(told: Iterable[Told]) -> Picture | None:
    """The webhooks of each provider by state, the largest first."""
    counts: dict[str, dict[State, int]] = {}
    for each in told:
        of = counts.setdefault(each.provider, {})
        of[each.alike.state] = of.get(each.alike.state, 0) + 1
    in_turn = sorted(counts, key=lambda name: (-sum(counts[name].values()), natural(name)))
    scale = max((sum(of.values()) for of in counts.values()), default=0)
    bars = tuple(_states(provider, counts[provider], scale) for provider in in_turn[:_BARS])
    more = len(in_turn) - len(bars)
    note = f"and {counted(more, 'provider')} more, with fewer webhooks each" if more > 0 else ""
    return Picture("Webhooks by provider and state", bars, note) if bars else None


def by_severity(findings: Iterable[AuditFinding]) -> Picture | None:
    """The findings of an audit by severity, the worst first, each with its codes; None where there are none."""
    counts: dict[Severity, dict[str, int]] = {severity: {} for severity in reversed(Severity)}
    for each in findings:
        of = counts[each.severity]
        of[each.code] = of.get(each.code, 0) + 1
    totals = {severity: sum(of.values()) for severity, of in counts.items()}
    scale = max(totals.values())
    bars = tuple(
        Bar(
            severity,
            _segments([(LOOKS[severity], totals[severity], severity)], scale),
            ", ".join(f"{count} {code}" for code, count in sorted(of.items())) or "none",
        )
        for severity, of in counts.items()
    )
    return Picture("Findings by severity", bars) if scale else None


def ages(histories: Mapping[str, History], names: Iterable[str], now: str) -> Picture | None:
    """How long ago the secrets of these webhooks were set; None where nobody knows of any.

    Args:
        now: when the document was made.
    """
    today = _moment(now)
    if today is None:
        return None
    known = [histories[name] for name in names if name in histories and histories[name].secret_at is not None]
    counts: dict[tuple[str, str], int] = {(label, look): 0 for _, label, look in _AGES} | {_OLDER: 0, _UNKNOWN: 0}
    for history in known:
        counts[_age(history.secret_at, today)] += 1
    scale = max(counts.values())
    if not known:
        return None
    bars = tuple(
        Bar(label, _segments([(look, count, label)], scale), str(count))
        for (label, look), count in counts.items()
        if count or (label, look) != _UNKNOWN
    )
    return Picture("Age of secrets", bars, f"by when whsync set or received them, as of {now[:10]}")


def _age(at: str | None, today: datetime) -> tuple[str, str]:
    since = _moment(at or "")
    if since is None:
        return _UNKNOWN
    days = (today - since).days
    return next(((label, look) for most, label, look in _AGES if days <= most), _OLDER)


def _moment(at: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _states(provider: str, counts: Mapping[State, int], scale: int) -> Bar:
    in_turn = sorted(counts.items(), key=lambda each: each[0].turn)
    told = ", ".join(f"{count} {state.word}" for state, count in in_turn)
    return Bar(plain(provider), _segments([(state.look, count, state.word) for state, count in in_turn], scale), told)


def _segments(parts: Sequence[tuple[str, int, str]], scale: int) -> tuple[Segment, ...]:
    """The pieces of a bar behind each other, in hundredths of the longest; what is there is seen, however little."""
    segments, start = [], 0.0
    for look, count, told in parts:
        if count:
            length = max(100 * count / scale, 0.4)
            segments.append(Segment(look, f"{start:.2f}", f"{length:.2f}", f"{told}: {count}"))
            start += length
    return tuple(segments)
