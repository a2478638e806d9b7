"""A saved plan (`whsync.plan/1`) read back: the other half of `render.json`, which writes it. [pure]

Called by `cli` for `apply PLAN` and `show PLAN`.
"""

import json
from collections.abc import Callable
from typing import Any, TypeVar, get_args

from reconciler.codes import Code
from reconciler.errors import Kind, Location, Problem, StateError
from reconciler.model.action import Action, Cause, FieldChange, Finding, PlannedCall, Shown, Unmanaged
from reconciler.model.discovery import Discovered
from reconciler.model.secret import SecretState
from reconciler.model.webhook import Certainty, Scope, scope_of
from reconciler.planning.types import Basis, Change, Plan, PlanOptions, Refusal, SecretShown
from reconciler.support import json_types

T = TypeVar("T")

FORMAT = "whsync.plan/1"
_KINDS = frozenset(get_args(Kind))
_CODES = frozenset(map(str, Code))


def plan_from_json(text: str, path: str) -> Plan:
    """The plan that `plan_json` wrote; keys it does not know are passed over. `path` is for messages.

    Raises:
        StateError: the text is empty, truncated, foreign, of a newer format, or holds something of another shape.
    """
    remake = "make it again with `whsync plan --out`"
    if not text.strip():
        raise StateError(f"the plan {path} is empty", remake, code=Code.PLAN_UNREADABLE)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise StateError(
            f"the plan {path} is not whole JSON: it looks truncated or edited by hand",
            remake,
            code=Code.PLAN_UNREADABLE,
        ) from None
    found = document.get("format") if isinstance(document, dict) else None
    if not isinstance(found, str) or not found.startswith("whsync.plan/"):
        raise StateError(
            f"{path} is not a plan of whsync", "name a file that `whsync plan --out` wrote", code=Code.PLAN_UNREADABLE
        )
    if found != FORMAT:
        raise StateError(
            f"the plan {path} has the format {found}; this whsync reads {FORMAT}",
            "use a newer whsync",
            code=Code.NEWER_FORMAT,
        )
    try:
        return _plan(document)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise StateError(
            f"the plan {path} holds something that cannot be read", remake, code=Code.PLAN_UNREADABLE
        ) from None


def _plan(data: Any) -> Plan:
    return Plan(
        whsync=json_types.text(data["whsync"]),
        created_at=json_types.text(data["created_at"]),
        basis=Basis(
            json_types.text(data["basis"]["config"]),
            json_types.text(data["basis"]["lock"]),
            json_types.maybe(data["basis"].get("discovered")),
        ),
        changes=_each(data["changes"], _read_change),
        unmanaged=_each(
            data["unmanaged"],
            lambda item: Unmanaged(
                json_types.text(item["provider"]),
                _scope(item["scope"]),
                json_types.text(item["remote_id"]),
                json_types.text(item["url"]),
            ),
        ),
        findings=_each(data.get("findings", []), _read_finding),
        problems=_each(data["problems"], _read_problem),
        refusals=_each(data.get("refusals", []), _read_refusal),
        reads=json_types.count(data["summary"]["reads"]),
        options=_read_options(data.get("options", {})),
        discovered=_each(data.get("discovered", []), _read_discovered),
    )


def _read_change(data: Any) -> Change:
    return Change(
        name=json_types.text(data["name"]),
        provider=json_types.text(data["provider"]),
        type=json_types.text(data["type"]),
        scope=_scope(data["scope"]),
        remote_id=json_types.maybe(data["remote_id"]),
        action=Action(data["action"]),
        certainty=Certainty(data["certainty"]),
        reason=json_types.text(data["reason"]),
        fields=_each(data["fields"], _read_field),
        secret=SecretState(data["secret"]),
        secret_note=json_types.text(data.get("secret_note", "")),
        secret_fingerprint=json_types.maybe(data.get("secret_fingerprint")),
        observed=json_types.maybe(data["observed"]),
        calls=_each(data["calls"], _read_call),
        notes=_each(data.get("notes", []), json_types.text),
        renamed_from=json_types.maybe(data.get("renamed_from")),
        last_applied=json_types.maybe(data.get("last_applied")),
        sends=_each(data.get("sends", []), json_types.text),
        secret_drifted=data.get("secret_drifted") is True,
        code=_read_code(data),
        blocked=data.get("blocked") is True,
        unseen=_each(data.get("unseen", []), json_types.text),
        ignored=_each(data.get("ignored", []), _read_field),
        secrets=tuple(_read_secret(which, told) for which, told in sorted(data.get("secrets", {}).items())),
    )


def _read_secret(which: str, data: Any) -> SecretShown:
    return SecretShown(
        json_types.text(which),
        SecretState(data["state"]),
        json_types.text(data.get("note", "")),
        json_types.maybe(data.get("fingerprint")),
        data.get("drifted") is True,
    )


def _read_call(data: Any) -> PlannedCall:
    loses = _each(data.get("loses", []), json_types.text)
    return PlannedCall(json_types.text(data["method"]), json_types.text(data["url"]), loses)


def _read_field(data: Any) -> FieldChange:
    return FieldChange(
        json_types.text(data["path"]),
        _shown(data["before"]),
        _shown(data["after"]),
        Cause(data["cause"]),
        data.get("kept") is True,
    )


def _read_options(data: Any) -> PlanOptions:
    switches: dict[str, Any] = {
        name: data.get(name) is True for name, usual in PlanOptions._field_defaults.items() if usual is False
    }
    targets = data.get("targets")
    named = None if targets is None else _each(targets, json_types.text)
    strangers, which = data.get("unmanaged"), data.get("secrets")
    going = None if strangers is None else _each(strangers, json_types.text)
    secrets = None if which is None else _each(which, json_types.text)
    most = json_types.maybe(data.get("max_changed"))
    return PlanOptions(targets=named, unmanaged=going, secrets=secrets, max_changed=most, **switches)


def _read_finding(data: Any) -> Finding:
    return Finding(
        json_types.text(data["kind"]),
        json_types.text(data["summary"]),
        json_types.text(data["provider"]),
        _scope(data["scope"]),
        json_types.maybe(data.get("remote_id")),
        json_types.maybe(data.get("name")),
        _read_place(data),
        code=_read_code(data),
    )


def _read_discovered(data: Any) -> Discovered:
    return Discovered(
        json_types.text(data["block"]),
        json_types.text(data["key"]),
        json_types.text(data["provider"]),
        json_types.text(data["what"]),
        tuple((json_types.text(key), json_types.text(value)) for key, value in data["given"].items()),
        json_types.count(data["found"]),
        _each(data["values"], json_types.text),
        json_types.text(data.get("partial", "")),
        "lock" if data["source"] == "lock" else "vendor",
        data.get("failed") is True,
    )


def _read_refusal(data: Any) -> Refusal:
    return Refusal(
        json_types.text(data["summary"]),
        json_types.text(data.get("hint", "")),
        json_types.maybe(data.get("name")),
        json_types.maybe(data.get("provider")),
        _read_place(data),
        code=_read_code(data),
    )


def _read_problem(data: Any) -> Problem:
    if data["kind"] not in _KINDS:
        raise ValueError("not a kind of problem")
    provider, name = json_types.maybe(data["provider"]), json_types.maybe(data.get("name"))
    names = _each(data.get("names", []), json_types.text)
    summary, hint = json_types.text(data["summary"]), json_types.text(data["hint"])
    return Problem(data["kind"], summary, hint, provider, name, _read_place(data), code=_read_code(data), names=names)


def _read_place(data: Any) -> Location | None:
    if data.get("at") is None:
        return None
    file, line, column = json_types.text(data["at"]).rsplit(":", 2)
    place = Location(file, int(line), int(column))
    if min(place.line, place.column) < 1:
        raise ValueError("not a place in a file")
    return place


def _read_code(data: Any) -> Code:
    """The code; one that is not known, of another version, is none."""
    found = json_types.text(data.get("code", Code.UNCODED))
    return Code(found) if found in _CODES else Code.UNCODED


def _each(items: Any, read: Callable[[Any], T]) -> tuple[T, ...]:
    return tuple(map(read, json_types.items(items)))


def _scope(data: Any) -> Scope:
    return scope_of(json_types.pairs(data))


def _shown(value: Any) -> Shown:
    if isinstance(value, list):
        return tuple(map(_shown, value))
    return None if value is None else json_types.scalar(value)
