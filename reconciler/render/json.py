"""A plan as JSON (`whsync.plan/1`) and back; problems as located diagnostics. Called by `cli`.

Equal plans give equal bytes. Everything beyond ASCII is escaped, so that no foreign text reaches a terminal's controls
and every encoding of stdout will do. The contract's keys are always there; further ones only where they say something.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from reconciler.errors import Problem, WhsyncError
from reconciler.model.action import Action, Finding
from reconciler.planning.planfile import FORMAT
from reconciler.planning.types import Change, Plan
from reconciler.render.base import PlanHeader, Style

_ON_ONE_LINE = json.JSONEncoder(allow_nan=False)
_LISTS = ("changes", "unmanaged", "problems", "findings", "refusals")


def plan_json(plan: Plan, header: PlanHeader | None = None, style: Style | None = None) -> str:
    """The plan's document, ending in a newline: one line for each item of its lists, the rest indented by two.

    `header` and `style` are there because every format takes them; they change nothing.
    """
    document = {
        "format": FORMAT,
        "whsync": plan.whsync,
        "created_at": plan.created_at,
        "basis": {"config": plan.basis.config, "lock": plan.basis.lock},
        "options": plan.options._asdict(),
        "summary": summary(plan),
        "changes": map(_change, plan.changes),
        "unmanaged": ({**item._asdict(), "scope": dict(item.scope)} for item in plan.unmanaged),
        "problems": map(_problem, plan.problems),
        "findings": map(_finding, plan.findings),
        "refusals": ({"kind": "unsafe", "summary": item.summary, **_spoken(item)} for item in plan.refusals),
    }
    return _indented(document)


def summary(plan: Plan) -> dict[str, int]:
    """The totals: webhooks by action, then what else a reader counts."""
    counts = dict.fromkeys(map(str, Action), 0)
    for change in plan.changes:
        counts[change.action] += 1
    return counts | {
        "drift": sum(change.drifted for change in plan.changes),
        "unverified": sum(change.unverified for change in plan.changes),
        "unmanaged": len(plan.unmanaged),
        "problems": len(plan.problems),
        "reads": plan.reads,
        "writes": plan.writes,
    }


def problems_json(problems: Iterable[Problem]) -> str:
    """Diagnostics for editors and CI: a list, empty where all is well; place null where unknown."""
    diagnostics = [
        {
            "severity": "error",
            "kind": problem.kind,
            "summary": problem.summary,
            "hint": problem.hint,
            "name": problem.name,
            "provider": problem.provider,
            "file": problem.at.file if problem.at else None,
            "line": problem.at.line if problem.at else None,
            "column": problem.at.column if problem.at else None,
        }
        for problem in problems
    ]
    return _dump(diagnostics, indent=2) + "\n"


def error_json(error: WhsyncError) -> str:
    """An error that ended the command, on one line: `{"error": {"kind", "summary", "hint", "problems"}}`."""
    problems = [_problem(problem) for problem in error.problems]
    return _dump({"error": {"kind": error.kind, "summary": error.summary, "hint": error.hint, "problems": problems}})


def _change(change: Change) -> dict[str, Any]:
    promised = {
        "name": change.name,
        "provider": change.provider,
        "type": change.type,
        "scope": dict(change.scope),
        "remote_id": change.remote_id,
        "action": change.action,
        "certainty": change.certainty,
        "reason": change.reason,
        "fields": [field._asdict() for field in change.fields],
        "secret": change.secret,
        "observed": change.observed,
        "calls": [call._asdict() for call in change.calls],
    }
    return promised | _spoken(change) | promised  # the promised ones first, and as they were


def _finding(finding: Finding) -> dict[str, Any]:
    scope = dict(finding.scope)
    return {"kind": finding.kind, "summary": finding.summary, "provider": finding.provider, "scope": scope} | _spoken(
        finding
    )


def _problem(problem: Problem) -> dict[str, Any]:
    name = {"name": problem.name} if problem.name is not None else {}
    return {
        "kind": problem.kind,
        "provider": problem.provider,
        "summary": problem.summary,
        "hint": problem.hint,
        "at": str(problem.at) if problem.at else None,
        **name,
    }


def _spoken(item: Any) -> dict[str, Any]:
    """The optional attributes of a NamedTuple that say something."""
    return {key: value for key, usual in item._field_defaults.items() if (value := getattr(item, key)) != usual}


def _dump(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, indent=indent, allow_nan=False)


def _indented(document: Mapping[str, Any]) -> str:
    """Indented for people, quick for ten thousand webhooks: an item of the long lists is one line, made as it comes."""
    parts = []
    for key, value in document.items():
        if key in _LISTS:
            lines = ",\n    ".join(map(_ON_ONE_LINE.encode, value))
            body = f"[\n    {lines}\n  ]" if lines else "[]"
        else:
            body = _dump(value, indent=2).replace("\n", "\n  ")
        parts.append(f'  "{key}": {body}')
    return "{\n" + ",\n".join(parts) + "\n}\n"
