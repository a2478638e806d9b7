"""Seven documents that every format writes: empty, small, large, hostile, with problems, every action, drift."""

from typing import NamedTuple

from reconciler.cli.reports import exit_code
from reconciler.codes import Code
from reconciler.errors import EXIT_DIFFERENCES, EXIT_FINE, Location, Problem
from reconciler.model.action import Action, Cause, FieldChange, Finding, PlannedCall, Unmanaged
from reconciler.model.secret import SecretState
from reconciler.model.webhook import Certainty
from reconciler.planning.types import Change, Drifted, DriftReport, Plan, Refusal, SecretShown
from reconciler.render.base import Artifacts, Style
from reconciler.render.formats import DRIFT, PLAN, renderer
from tests.unit.render.plans import ACCOUNT, BASE, BLIND, HEADER, LEDGER, NOOP, every_action, example, make_plan

MARKS = (
    *("\x1b[31m", "\x1b]8;;https://x.test\x07", "\u202e", "\u2066", "\u200b", "\x00", "\ud800", "\u2028"),
    *("<script>alert(1)</script>", "<!--", "-->", "]]>", "&amp;", "</details>", "<img src=x>", '"', "'"),
    *("|", "\\|", "\\", "`", "``", "```", "~~~", "*b*", "_i_", "~s~", "[a](https://x.test)", "![i](x)", "$x$"),
    *("@everyone", "#1", "!2", "GH-3", "www.x.test", "https://x.test", "a@x.test", ":x:", "/close", "- [ ] x", "1. x"),
    *(
        "::error::x",
        "::stop-commands::t",
        "##[error]x",
        "##vso[task.x]",
        "section_start:1:x",
        "%0A",
        "{{x}}",
        "${{ x }}",
    ),
    *("\n", "\r\n", "\n\n# x\n", "\n::error::y\n", "\t", " ", "word", "x" * 300),
)
"""What a vendor could put into any text: each harmless, and each a mark of something that reads our documents."""


def poisoned(text: str) -> Plan:
    """A plan in which every text that somebody else could choose is this one."""
    change = Change(
        text,
        text,
        text,
        ((text, text),),
        text,
        Action.UPDATE,
        Certainty.PRESENT,
        text,
        tuple(FieldChange(f"/options/{text}", text, (text, text), cause) for cause in Cause),
        SecretState.CHANGED,
        text,
        text,
        text,
        (PlannedCall("PUT", text, (text,)),),
        (text, text),
        text,
        text,
        (f"/options/{text}",),
        unseen=(f"/options/{text}",),
        ignored=(FieldChange(f"/options/{text}", text, (text, text), Cause.DRIFT),),
        secrets=(SecretShown(text, SecretState.CHANGED, text, text),),
    )
    events = change._replace(fields=(FieldChange("/events", (text,), (text, "x"), Cause.CONFIG),), action=Action.CREATE)
    place = Location(text, 3, 7)
    return make_plan(
        change,
        events,
        *(change._replace(name=f"{text}[{key}]", action=Action.DELETE) for key in (text, "b", "c")),
        unmanaged=(Unmanaged(text, ((text, text),), text, text),),
        findings=(Finding(text, text, text, ((text, text),), text, text, place, Code.DUPLICATE),),
        problems=(Problem("vendor", text, text, text, text, place, Code.VENDOR_REFUSED, (text, text)),),
        refusals=(Refusal(text, text, text, text, place, Code.PROTECTED),),
    )


def poisoned_drift(text: str) -> DriftReport:
    """A drift report in which every text that somebody else could choose is this one."""
    fields = (FieldChange(f"/options/{text}", text, (text,), Cause.DRIFT),)
    place = Location(text, 3, 7)
    webhook = Drifted(
        text, text, text, ((text, text),), text, Certainty.PRESENT, fields, text, fields, (text,), at=place
    )
    gone = webhook._replace(certainty=Certainty.ABSENT)
    problem = Problem("vendor", text, text, text, text, place, Code.VENDOR_REFUSED)
    return DriftReport((webhook, gone), (problem,), (Unmanaged(text, ((text, text),), text, text),))


def _large() -> Plan:
    moved = [
        FieldChange("/url", f"https://old.test/hooks/r{key}", f"https://new.test/hooks/r{key}", Cause.CONFIG)
        for key in range(60)
    ]
    call = PlannedCall("PUT", f"{BASE}/v1/webhooks/7")
    block = [LEDGER._replace(name=f"ci[r{n}]", fields=(field,), calls=(call,)) for n, field in enumerate(moved)]
    odd = block[-1]._replace(fields=(*block[-1].fields, FieldChange("/status", "active", "inactive", Cause.DRIFT)))
    gone = LEDGER._replace(action=Action.DELETE, fields=(), reason="no longer in the files")
    return make_plan(*block[:-1], odd, *(gone._replace(name=f"old-{n}") for n in range(14)), NOOP, BLIND)


class Sample(NamedTuple):
    """A document, and the exit code of a run that tells it."""

    told: Plan | DriftReport
    code: int

    def written(self, form: str) -> Artifacts:
        """The document in a format."""
        if isinstance(self.told, Plan):
            return renderer(PLAN, form)(self.told, HEADER, Style(False, 100))
        return renderer(DRIFT, form)(self.told, {"pay": BASE}, Style(False, 100))


def _of(plan: Plan) -> Sample:
    return Sample(plan, exit_code(plan, detailed=True))


def _drift() -> Sample:
    moved = LEDGER.fields[1:]
    webhooks = (
        Drifted("quiet", "pay", "pay", (), "wh_0", Certainty.PRESENT),
        Drifted("ledger", "pay", "pay", (), "wh_1", Certainty.PRESENT, moved, at=Location("webhooks.yaml", 9, 3)),
        Drifted("gone", "pay", "pay", (), "wh_2", Certainty.ABSENT, at=Location("webhooks.yaml", 14, 3)),
        Drifted("blind", "pocket", "pocket", (), None, Certainty.UNREADABLE),
    )
    report = DriftReport(webhooks, (), (Unmanaged("pay", (), "wh_9", "https://old.acme.test/x"),))
    return Sample(report, EXIT_DIFFERENCES if report.differs else EXIT_FINE)


def _with_problems() -> Plan:
    plan = example()
    first, second = plan.problems
    coded = (first._replace(code=Code.NOT_PERMITTED), second._replace(code=Code.UNKNOWN_KEY))
    finding = plan.findings[0]._replace(code=Code.DUPLICATE, at=Location("webhooks.yaml", 9, 3))
    refusal = plan.refusals[0]._replace(code=Code.TOO_MANY_CHANGES)
    return plan._replace(problems=coded, findings=(finding,), refusals=(refusal,))


SAMPLES: dict[str, Sample] = {
    "empty": _of(make_plan()),
    "small": _of(make_plan(LEDGER, NOOP, ACCOUNT)),
    "large": _of(_large()),
    "hostile": _of(poisoned("".join(mark for mark in MARKS if len(mark) < 100))),
    "problems": _of(_with_problems()),
    "actions": _of(every_action()),
    "drift": _drift(),
}
