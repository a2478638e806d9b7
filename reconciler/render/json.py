"""A plan as JSON (`whsync.plan/1`) and back; problems as located diagnostics. Called by `cli`.

Equal plans give equal bytes. Everything beyond ASCII is escaped, so that no foreign text reaches a terminal's controls
and every encoding of stdout will do. The contract's keys are always there; further ones only where they say something.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, get_args

from reconciler import shape
from reconciler.change import (
    Action,
    Basis,
    Cause,
    Change,
    FieldChange,
    Finding,
    Options,
    Plan,
    PlannedCall,
    Refusal,
    Shown,
    Unmanaged,
)
from reconciler.errors import Kind, Location, Problem, StateError, WhsyncError
from reconciler.model import Certainty, Scope, scope_of
from reconciler.render.base import Header, Style
from reconciler.secret import Match

T = TypeVar("T")

FORMAT = "whsync.plan/1"
_KINDS = frozenset(get_args(Kind))
_ON_ONE_LINE = json.JSONEncoder(allow_nan=False)
_LISTS = ("changes", "unmanaged", "problems", "findings", "refusals")


def plan_json(plan: Plan, header: Header | None = None, style: Style | None = None) -> str:
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


def plan_from_json(text: str, path: str) -> Plan:
    """The plan that `plan_json` wrote; keys it does not know are passed over. `path` is for messages.

    Raises:
        StateError: the text is empty, truncated, foreign, of a newer format, or holds something of another shape.
    """
    remake = "make it again with `whsync plan --out`"
    if not text.strip():
        raise StateError(f"the plan {path} is empty", remake)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise StateError(f"the plan {path} is not whole JSON: it looks truncated or edited by hand", remake) from None
    found = document.get("format") if isinstance(document, dict) else None
    if not isinstance(found, str) or not found.startswith("whsync.plan/"):
        raise StateError(f"{path} is not a plan of whsync", "name a file that `whsync plan --out` wrote")
    if found != FORMAT:
        raise StateError(f"the plan {path} has the format {found}; this whsync reads {FORMAT}", "use a newer whsync")
    try:
        return _plan(document)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise StateError(f"the plan {path} holds something that cannot be read", remake) from None


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


def _plan(data: Any) -> Plan:
    return Plan(
        whsync=shape.text(data["whsync"]),
        created_at=shape.text(data["created_at"]),
        basis=Basis(shape.text(data["basis"]["config"]), shape.text(data["basis"]["lock"])),
        changes=_each(data["changes"], _read_change),
        unmanaged=_each(
            data["unmanaged"],
            lambda item: Unmanaged(
                shape.text(item["provider"]),
                _scope(item["scope"]),
                shape.text(item["remote_id"]),
                shape.text(item["url"]),
            ),
        ),
        findings=_each(data.get("findings", []), _read_finding),
        problems=_each(data["problems"], _read_problem),
        refusals=_each(data.get("refusals", []), _read_refusal),
        reads=shape.count(data["summary"]["reads"]),
        options=_read_options(data.get("options", {})),
    )


def _read_change(data: Any) -> Change:
    return Change(
        name=shape.text(data["name"]),
        provider=shape.text(data["provider"]),
        type=shape.text(data["type"]),
        scope=_scope(data["scope"]),
        remote_id=shape.maybe(data["remote_id"]),
        action=Action(data["action"]),
        certainty=Certainty(data["certainty"]),
        reason=shape.text(data["reason"]),
        fields=_each(data["fields"], _read_field),
        secret=Match(data["secret"]),
        secret_note=shape.text(data.get("secret_note", "")),
        secret_fingerprint=shape.maybe(data.get("secret_fingerprint")),
        observed=shape.maybe(data["observed"]),
        calls=_each(data["calls"], lambda call: PlannedCall(shape.text(call["method"]), shape.text(call["url"]))),
        notes=_each(data.get("notes", []), shape.text),
        renamed_from=shape.maybe(data.get("renamed_from")),
        last_applied=shape.maybe(data.get("last_applied")),
        sends=_each(data.get("sends", []), shape.text),
        secret_drifted=data.get("secret_drifted") is True,
    )


def _read_field(data: Any) -> FieldChange:
    return FieldChange(shape.text(data["path"]), _shown(data["before"]), _shown(data["after"]), Cause(data["cause"]))


def _read_options(data: Any) -> Options:
    switches: dict[str, Any] = {
        name: data.get(name) is True for name, usual in Options._field_defaults.items() if usual is False
    }
    targets = data.get("targets")
    named = None if targets is None else _each(targets, shape.text)
    return Options(targets=named, max_changed=shape.maybe(data.get("max_changed")), **switches)


def _read_finding(data: Any) -> Finding:
    return Finding(
        shape.text(data["kind"]),
        shape.text(data["summary"]),
        shape.text(data["provider"]),
        _scope(data["scope"]),
        shape.maybe(data.get("remote_id")),
        shape.maybe(data.get("name")),
    )


def _read_refusal(data: Any) -> Refusal:
    return Refusal(
        shape.text(data["summary"]),
        shape.text(data.get("hint", "")),
        shape.maybe(data.get("name")),
        shape.maybe(data.get("provider")),
    )


def _read_problem(data: Any) -> Problem:
    if data["kind"] not in _KINDS:
        raise ValueError("not a kind of problem")
    at = None
    if data["at"] is not None:
        file, line, column = shape.text(data["at"]).rsplit(":", 2)
        at = Location(file, int(line), int(column))
    provider, name = shape.maybe(data["provider"]), shape.maybe(data.get("name"))
    return Problem(data["kind"], shape.text(data["summary"]), shape.text(data["hint"]), provider, name, at)


def _each(items: Any, read: Callable[[Any], T]) -> tuple[T, ...]:
    return tuple(map(read, shape.items(items)))


def _scope(data: Any) -> Scope:
    return scope_of(shape.pairs(data))


def _shown(value: Any) -> Shown:
    if isinstance(value, list):
        return tuple(map(_shown, value))
    return None if value is None else shape.scalar(value)
