"""How each tenant stands by what was kept of it, what is due, and which exit code all of it makes. [pure]

Used by `cli.fleet`, `fleet.sweep` and by what writes it: `fleet.records`, `fleet.metrics`, `fleet.page`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from reconciler.errors import EXIT_DIFFERENCES, EXIT_ERROR, EXIT_FINE, EXIT_INTERRUPTED, EXIT_REFUSED
from reconciler.fleet.documents import counts_of, drifted_names, has_drift
from reconciler.fleet.types import Command, Fleet, Problems, Result, Tenant

Kept = Mapping[tuple[str, str], Result]
"""The last result of each tenant and command."""

WORDS = ("refused", "failed", "never", "overdue", "drift", "differs", "fine")
"""How a tenant may stand, the worst first."""

_WORST = (EXIT_INTERRUPTED, EXIT_REFUSED, EXIT_ERROR, EXIT_DIFFERENCES, EXIT_FINE)
_CODES = {"refused": EXIT_REFUSED, "drift": EXIT_DIFFERENCES, "differs": EXIT_FINE, "fine": EXIT_FINE}


class Standing(NamedTuple):
    """One tenant.

    Args:
        word: one of `WORDS`.
        last: its last result of any command; None: it was never run.
        results: its last result of each command.
        age: seconds since the last one began; None: never.
        overdue: that is longer than its schedule allows, or it has one and was never run.
        webhooks: by provider entry, how many are in which state.
        drifted: names of webhooks that somebody changed at their vendor.
        has_drift: there is drift, of these or of newcomers.
        problems: of the last result.
    """

    tenant: Tenant
    word: str
    last: Result | None
    results: tuple[Result, ...] = ()
    age: float | None = None
    overdue: bool = False
    webhooks: Mapping[str, Mapping[str, int]] = {}
    drifted: tuple[str, ...] = ()
    has_drift: bool = False
    problems: Problems = ()

    @property
    def pending(self) -> int:
        """How many webhooks an apply would change."""
        return sum(counts.get("pending", 0) + counts.get("drifted", 0) for counts in self.webhooks.values())


def worst(codes: Iterable[int]) -> int:
    """The exit code of all together: interrupted, refused, failed, different, fine; 0 where there is none."""
    found = {code if code in _WORST else EXIT_ERROR for code in codes}
    return next((code for code in _WORST if code in found), EXIT_FINE)


def standings(fleet: Fleet, kept: Kept, now: str) -> tuple[Standing, ...]:
    """How every tenant stands.

    Args:
        now: the time (UTC, ISO 8601).
    """
    return tuple(standing(tenant, _of(tenant, kept), now) for tenant in fleet.tenants)


def standing(tenant: Tenant, results: Sequence[Result], now: str) -> Standing:
    """How a tenant stands, by its last result of each command.

    Args:
        now: the time (UTC, ISO 8601).
    """
    last = max(results, key=lambda each: each.at, default=None)
    if last is None:
        return Standing(tenant, "never", None, overdue=tenant.schedule is not None)
    age = seconds_between(last.at, now)
    overdue = tenant.schedule is not None and age > tenant.schedule
    told = Standing(
        tenant,
        "",
        last,
        tuple(results),
        age,
        overdue,
        counts_of(last),
        drifted_names(last),
        has_drift(last),
        last.problems,
    )
    return told._replace(word=_word(told, last))


def exit_code(found: Iterable[Standing]) -> int:
    """0: all is fine; 2: there is drift; 1: something failed, is overdue or was never run; 3: something was refused."""
    return worst(_CODES.get(each.word, EXIT_ERROR) for each in found)


def is_due(tenant: Tenant, command: Command, kept: Kept, now: str) -> bool:
    """Whether its last result of this command is older than its schedule; without one, and without a result, it is.

    Args:
        now: the time (UTC, ISO 8601).
    """
    last = kept.get((tenant.name, command))
    return last is None or tenant.schedule is None or seconds_between(last.at, now) >= tenant.schedule


def seconds_between(earlier: str, later: str) -> float:
    """Seconds from one moment (UTC, ISO 8601) to another; 0 where a clock went back."""
    return max((datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds(), 0.0)


def lasted(seconds: float) -> str:
    """A length of time in one word: `12 s`, `5 min`, `3 h`, `2 d`."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"


def _of(tenant: Tenant, kept: Kept) -> list[Result]:
    return [result for (name, _), result in kept.items() if name == tenant.name]


def _word(told: Standing, last: Result) -> str:
    if last.exit_code == EXIT_REFUSED:
        return "refused"
    if last.exit_code not in (EXIT_FINE, EXIT_DIFFERENCES) or _is_incomplete(told):
        return "failed"
    if told.overdue:
        return "overdue"
    return "drift" if told.has_drift else "differs" if told.pending else "fine"


def _is_incomplete(told: Standing) -> bool:
    return any(counts.get(state) for counts in told.webhooks.values() for state in ("failed", "unknown", "blocked"))
