"""Audits that every format writes: empty, small, large, with problems, and one that only strangers have written."""

from typing import Any

from reconciler.audit.judge import judged
from reconciler.audit.table import levels
from reconciler.audit.types import (
    Audited,
    AuditFinding,
    AuditReport,
    AuditSettings,
    Inventory,
    PlaceSeen,
    Secrecy,
    Seen,
    Severity,
    Standing,
    View,
)
from reconciler.codes import Code
from reconciler.errors import Location, Problem
from reconciler.model.capabilities import Capabilities
from reconciler.model.events import EventCatalogue
from reconciler.model.webhook import Certainty, Fields, Leaf
from reconciler.planning.policy import Policy
from reconciler.render.base import Artifacts, PlanHeader, Style
from reconciler.render.formats import AUDIT, renderer
from tests.unit.render.samples import MARKS

AT = "2026-11-21T12:00:00Z"
HEADER = PlanHeader(("webhooks.yaml",), {"forge": "https://api.forge.test", "pay": "https://pay.test"}, 0.31)
VENDORS = {
    "forge": Capabilities(
        "forge",
        frozenset({"/url"}),
        events=EventCatalogue(frozenset({"push", "*"}), wildcard="*"),
        risky=(("/options/tls", "off", "the vendor does not check certificates"),),
    ),
    "pay": Capabilities("pay", frozenset({"/url"}), read="by_id"),
}


ANYWHERE, USUAL = Policy(), AuditSettings()


def seen(name: str | None, remote_id: str | None = "1", **how: Any) -> Seen:
    """A webhook that was read, and of which there is nothing to say."""
    url: dict[str, Leaf] = {"/url": f"https://ci.acme.test/{name or remote_id}", "/events": frozenset({"push"})}
    fields = Fields({**url, **how.pop("fields", {})})
    standing = Standing.MANAGED if name is not None else Standing.UNMANAGED
    at = Location("webhooks.yaml", 9, 3) if name is not None else None
    made = Seen(0, "forge", "forge", (("repo", "api"),), remote_id, name, standing, Certainty.PRESENT, fields, at=at)
    return made._replace(secrecy=Secrecy.SET, secret_is_known=True)._replace(**how)


def inventory(*webhooks: Seen, policy: Policy = ANYWHERE, settings: AuditSettings = USUAL) -> Inventory:
    """These webhooks, numbered."""
    numbered = tuple(webhook._replace(number=number) for number, webhook in enumerate(webhooks))
    return Inventory(numbered, policy, VENDORS, settings, AT)


def report(*webhooks: Seen, fail_on: Severity | None = None, **how: Any) -> AuditReport:
    """The audit of these webhooks."""
    made = judged(inventory(*webhooks, policy=Policy(allowed_hosts=("*.acme.test",))))
    whole = AuditReport("VERSION", AT, made, levels=levels(AuditSettings()), fail_on=fail_on, reads=4)
    return whole._replace(**how)


def small() -> AuditReport:
    """A bit of everything."""
    strange = {"/url": "http://old.test/x", "/events": frozenset({"*"}), "/status": "inactive", "/options/tls": "off"}
    return report(
        seen("ci[api]", "7", alike=1, secret_group=1),
        seen("ci[web]", "8", secret_group=1, scope=(("repo", "web"),)),
        seen("gone", "9", certainty=Certainty.ABSENT),
        seen("ledger", "wh_1", provider="pay", type="pay", scope=(), secret_at="2024-01-01T00:00:00Z"),
        seen("old", "10", standing=Standing.ORPHAN, at=None),
        seen(None, "77", fields=strange, secrecy=Secrecy.NONE, secret_is_known=False),
        seen(None, "78", alike=1, note="too many failures", fields={"/description": "=1+1"}),
        places=(
            PlaceSeen("forge", (("repo", "api"),), View.WHOLE, 4),
            PlaceSeen("forge", (("repo", "web"),), View.WHOLE, 1),
            PlaceSeen("pay", (), View.KNOWN, 1),
        ),
        unlooked=("shop",),
    )


def large(count: int = 60, strangers: int = 40) -> AuditReport:
    """A block whose webhooks all have one secret, and many strangers."""
    block = [seen(f"ci[r{number}]", str(number), secret_group=1) for number in range(count)]
    others = [
        seen(None, str(1_000 + number), fields={"/url": f"http://x{number}.test/hook"}, secrecy=Secrecy.NONE)
        for number in range(strangers)
    ]
    return report(*block, *others, places=(PlaceSeen("forge", (("repo", "api"),), View.WHOLE, count + strangers),))


def incomplete() -> AuditReport:
    """A place that could not be read, and one webhook of the lock that is there."""
    problem = Problem("forbidden", "forge (repo api) could not be read", "give the token", "forge", None)
    return report(
        seen("ci", "7", certainty=Certainty.UNKNOWN),
        seen("ledger", "wh_1", provider="pay", type="pay", scope=()),
        places=(PlaceSeen("forge", (("repo", "api"),), View.FAILED), PlaceSeen("pay", (), View.KNOWN, 1)),
        problems=(problem._replace(code=Code.NOT_PERMITTED),),
        fail_on=Severity.HIGH,
    )


def poisoned(text: str) -> AuditReport:
    """An audit in which every text that somebody else could choose is this one."""
    place, scope = Location(text, 3, 7), ((text, text),)
    leaves: dict[str, Leaf] = {"/url": text, "/events": frozenset({text}), "/status": text, "/description": text}
    fields = Fields(leaves)
    ours = Seen(0, text, text, scope, text, text, Standing.MANAGED, Certainty.PRESENT, fields, at=place, note=text)
    theirs = ours._replace(number=1, name=None, at=None, standing=Standing.UNMANAGED)
    found = AuditFinding(Code.PLAIN_HTTP, Severity.HIGH, text, text, text, scope, text, text, place)
    strange = found._replace(code=Code.UNMANAGED_FOUND, severity=Severity.LOW, name=None, at=None)
    return AuditReport(
        text,
        AT,
        (Audited(ours._replace(secret_at=text), (found,)), Audited(theirs, (strange,)), Audited(theirs)),
        (PlaceSeen(text, scope, View.FAILED),),
        (text,),
        (Problem("vendor", text, text, text, text, place, Code.VENDOR_REFUSED),),
        levels(AuditSettings()),
    )


AUDITS = {
    "empty": report(),
    "small": small(),
    "large": large(15, 10),
    "hostile": poisoned("".join(mark for mark in MARKS if len(mark) < 100)),
    "problems": incomplete(),
}


def written(audit: AuditReport, form: str) -> Artifacts:
    """The audit in a format."""
    return renderer(AUDIT, form)(audit, HEADER, Style(False, 100))
