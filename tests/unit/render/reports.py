"""Plans and drift reports that pages are made of in the tests of `render.html` and of the browser."""

from typing import NamedTuple

from reconciler.errors import Location, Problem
from reconciler.model.action import Action, Cause, FieldChange, Finding, PlannedCall, Unmanaged
from reconciler.model.provenance import History, Reverted, Run, Since, Undone
from reconciler.model.secret import SecretState
from reconciler.model.webhook import Certainty, scope_of
from reconciler.planning.types import Basis, Change, Drifted, DriftReport, Plan, Refusal
from reconciler.render.base import PlanHeader
from tests.unit.render.plans import HEADER, LEDGER, NOOP, every_action, example, make_plan

API = "https://api.forge.test"
EVIL = (
    "</style></script></title><script>document.title='foreign'</script><img src=x onerror=\"document.title='foreign'\">"
    "<svg onload=document.title='foreign'>'\"`{{ 7*7 }}{% raw %}&lt;b&gt; javascript:document.title='foreign'"
    "\x1b[31m\u202e\x00\ud800 ::error::x ##[command]"
)
"""What a page would obey, were it not escaped; all that it could do is change the page's title."""


class Paged(NamedTuple):
    """A plan, and what stands above it."""

    plan: Plan
    header: PlanHeader


def history(number: int) -> History:
    """A webhook's past: eight runs, by three people; some secrets, some changes that were undone."""
    month = number % 8 + 1
    at, told = f"2026-{month:02}-03T10:15:00Z", bool(month % 2)
    who, url = ("ada", "grace", "edsger")[month % 3], f"https://ci.acme.test/runs/{month}"
    run = Run(f"9f{month:02}", at, who, f"ci-{month}", f"{month:040x}" if told else None, url if told else None)
    undone = (Undone("/url", "https://stranger.test/x", "https://ci.acme.test/hook"),)
    return History(
        at,
        run,
        Since("created" if number % 3 else "adopted", "2025-05-01T00:00:00Z"),
        Reverted(at, undone) if number % 17 == 3 else None,
        f"202{5 + number % 2}-{number % 11 + 1:02}-02T00:00:00Z" if number % 2 else None,
    )


def block(name: str, count: int, changed: int) -> list[Change]:
    """A `for_each` block: the first of its webhooks get other events and each a URL of its own."""
    return [_member(name, number, number < changed) for number in range(count)]


def _member(name: str, number: int, changed: bool) -> Change:
    fields = (
        FieldChange("/url", f"https://old.acme.test/{number}", f"https://ci.acme.test/{number}", Cause.CONFIG),
        FieldChange("/events", ("old", "push"), ("pull_request", "push"), Cause.DRIFT),
    )
    return Change(
        f"{name}[{number}]",
        "forge",
        "forge",
        scope_of({"owner": "acme", "repo": f"repo-{number}"}),
        str(1000 + number),
        Action.UPDATE if changed else Action.NOOP,
        Certainty.PRESENT,
        "the file changed" if changed else "as wanted",
        fields if changed else (),
        calls=(PlannedCall("PATCH", f"{API}/repos/acme/repo-{number}/hooks/{1000 + number}"),) if changed else (),
    )


def rich() -> Paged:
    """A bit of everything, and two blocks."""
    few = example()
    changes = (*every_action().changes, *few.changes, *block("ci", 60, 50), *block("audit", 8, 0))
    strangers = (*few.unmanaged, Unmanaged("forge", scope_of({"repo": "x"}), "77", f"https://x.test/{'y' * 90}"))
    plan = few._replace(changes=changes, unmanaged=strangers)
    pasts = {change.name: history(number) for number, change in enumerate(changes)}
    return Paged(plan, HEADER._replace(addresses={**HEADER.addresses, "forge": API}, histories=pasts))


def large(count: int = 10_000) -> Paged:
    """So many webhooks of one block, every tenth of which is changed."""
    changes = tuple(_member("hook", number, number % 10 == 0) for number in range(count))
    pasts = {change.name: history(number) for number, change in enumerate(changes)}
    return Paged(make_plan(*changes), PlanHeader(("webhooks.yaml",), {"forge": API}, histories=pasts))


def hostile() -> Paged:
    """Every text that somebody else may have written is `EVIL`."""
    run = Run(EVIL, EVIL, EVIL, EVIL, EVIL, f"javascript:{EVIL}")
    past = History(EVIL, run, Since("created", EVIL), Reverted(EVIL, (Undone(EVIL, EVIL, EVIL),)), EVIL)
    fields = (
        FieldChange("/url", EVIL, f"{EVIL}2", Cause.DRIFT),
        FieldChange("/events", (EVIL,), (f"{EVIL}3",), Cause.CONFIG),
        FieldChange(f"/options/{EVIL}", (EVIL, 1), None, Cause.CONFIG),
        FieldChange("/description", "b" * 1_000_000, EVIL, Cause.CONFLICT),
    )
    scope, calls = scope_of({EVIL: EVIL}), (PlannedCall(EVIL, EVIL),)
    one = Change(EVIL, EVIL, EVIL, scope, EVIL, Action.UPDATE, Certainty.PRESENT, EVIL, fields, SecretState.NEW, EVIL)
    one = one._replace(calls=calls, notes=(EVIL,), renamed_from=EVIL, unseen=(EVIL,), last_applied=EVIL)
    many = [one._replace(name=f"{EVIL}[{number}]") for number in range(3)]
    plan = Plan(
        EVIL,
        EVIL,
        Basis(EVIL, EVIL),
        (one, *many, NOOP),
        (Unmanaged(EVIL, scope, EVIL, EVIL),),
        (Finding(EVIL, EVIL, EVIL, scope, EVIL, EVIL),),
        (Problem("vendor", EVIL, EVIL, EVIL, EVIL, Location(EVIL, 1, 1)),),
        (Refusal(EVIL, EVIL, EVIL, EVIL),),
    )
    return Paged(plan, PlanHeader((EVIL,), {EVIL: EVIL}, None, EVIL, {EVIL: past, f"{EVIL}[0]": past}))


def drifted() -> DriftReport:
    """A webhook of each kind."""
    there = Drifted("ledger", "pay", "pay", (), "wh_1", Certainty.PRESENT, LEDGER.fields[1:2])
    webhooks = (
        there,
        there._replace(name="quiet", fields=()),
        there._replace(name="noted", fields=(), unmanaged=LEDGER.fields[2:], unverifiable=("/secret",)),
        there._replace(name="swapped", fields=(), secret="another one was set at the vendor"),
        there._replace(name="gone", certainty=Certainty.ABSENT, fields=()),
        there._replace(name="mute", certainty=Certainty.UNREADABLE, fields=()),
        there._replace(name="late", certainty=Certainty.UNKNOWN, fields=()),
        there._replace(name="stuck", fields=(), blocked=True),
    )
    pasts = {webhook.name: history(number) for number, webhook in enumerate(webhooks)}
    problems, strangers = example().problems[:1], example().unmanaged
    return DriftReport(webhooks, problems, strangers, True, at="2026-11-21T12:00:00Z", histories=pasts)
