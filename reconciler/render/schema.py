"""JSON Schemas of the plans, events, locks and records that whsync writes. Used by `cli.schema`; kept in `schemas/`.

One idea, so longer than most: every document that programs read, in the words that all of them share.
Written by hand, because these documents are promises: they change on purpose and never as a side effect.
"""

from typing import get_args

from reconciler.codes import Code
from reconciler.errors import Kind
from reconciler.model.action import Action, Cause
from reconciler.model.secret import SecretState
from reconciler.model.webhook import Certainty
from reconciler.planning.types import PlanOptions
from reconciler.render.inventory_schema import audit_lines
from reconciler.render.shapes import COUNT as _COUNT
from reconciler.render.shapes import MAYBE_TEXT as _MAYBE_TEXT
from reconciler.render.shapes import PLACE as _PLACE
from reconciler.render.shapes import PROBLEM, Schema
from reconciler.render.shapes import SCOPE as _SCOPE
from reconciler.render.shapes import TEXT as _TEXT
from reconciler.render.shapes import TRUTH as _TRUTH
from reconciler.render.shapes import document as _document
from reconciler.render.shapes import enum as _enum
from reconciler.render.shapes import items as _list
from reconciler.render.shapes import mapping as _object
from reconciler.render.words import event_name
from reconciler.state import event as events
from reconciler.state.lock import FORMAT as LOCK_FORMAT
from reconciler.state.record import CHANGE, CUT, END, RUN
from reconciler.state.record import FORMAT as RECORD_FORMAT

_MAYBE_LINE: Schema = {"type": ["integer", "null"], "minimum": 1}
_DIGEST: Schema = {"type": "string", "pattern": "^sha256:"}


def plan_schema() -> Schema:
    """What `plan --format json` and `plan --out` write; with `events`, what `apply --report json=FILE` does."""
    counts = [
        *Action,
        "blocked",
        "unknown",
        "unverifiable",
        "drift",
        "unverified",
        "unmanaged",
        "problems",
        "reads",
        "writes",
    ]
    basis = _object({"config": _DIGEST, "lock": _DIGEST}, discovered=_DIGEST)
    required = {
        "format": {"const": "whsync.plan/1"},
        "whsync": _TEXT,
        "created_at": _TEXT,
        "basis": basis,
        "summary": _object({str(count): _COUNT for count in counts}),
        "changes": _list(_change()),
        "unmanaged": _list(_unmanaged()),
        "problems": _list(PROBLEM),
    }
    options = _object(
        {name: _TRUTH for name, usual in PlanOptions._field_defaults.items() if usual is False},
        targets={"anyOf": [{"type": "null"}, _list(_TEXT)]},
        unmanaged={"anyOf": [{"type": "null"}, _list(_TEXT)]},
        secrets=_list(_TEXT),
        max_changed=_MAYBE_TEXT,
    )
    lists = {"findings": _list(_finding()), "refusals": _list(_refusal()), "events": _list(_event())}
    lists["discovered"] = _list(_discovered())
    return _document("A plan of whsync", _object(required, options=options, **lists))


def drift_schema() -> Schema:
    """What `drift --format json` writes."""
    required, lists = _drift_head(), {"unmanaged": _list(_unmanaged()), "problems": _list(PROBLEM)}
    return _document("A drift report of whsync", _object({**required, "webhooks": _list(_drifted()), **lists}))


def problems_schema() -> Schema:
    """What `validate --format json` writes."""
    return _document("Problems that whsync found in files", _list(_diagnostic()))


def ndjson_schema() -> Schema:
    """One line of a document as `ndjson`; what its `record` means, `json` says whole."""
    plan = plan_schema()["properties"]
    heads = ("format", "whsync", "created_at", "basis", "options", "summary")
    lines = {
        "plan": _object({key: plan[key] for key in heads}),
        "drift": _object(_drift_head()),
        "discovered": _discovered(),
        "change": _change(),
        "webhook": _drifted(),
        "unmanaged": _unmanaged(),
        "problem": {"anyOf": [PROBLEM, _diagnostic()]},
        "finding": _finding(),
        "refusal": _refusal(),
        "event": _event(),
        **audit_lines(),
    }
    told = [{"if": _object({"record": {"const": record}}), "then": line} for record, line in lines.items()]
    return _document("A line of whsync", {**_object({"record": {"enum": sorted(lines)}}), "allOf": told})


def counts_schema() -> Schema:
    """What `--format gitlab` writes of a plan, a drift report and a result."""
    counts = _object(dict.fromkeys(("create", "update", "delete"), _COUNT))
    return _document("Counts for a merge request", {**counts, "additionalProperties": False})


def codequality_schema() -> Schema:
    """What `--format codequality` writes."""
    location = _object({"path": _TEXT, "lines": _object({"begin": {"type": "integer", "minimum": 1}})})
    severity = {"enum": ["info", "minor", "major", "critical", "blocker"]}
    entry = {"description": _TEXT, "check_name": _enum(Code), "fingerprint": _TEXT, "severity": severity}
    return _document("A code quality report", _list(_object({**entry, "location": location})))


def _drift_head() -> Schema:
    counts = "webhooks drift unverified unknown blocked unverifiable unmanaged_changes unmanaged problems".split()
    summary = _object(dict.fromkeys(counts, _COUNT))
    return {
        "format": {"const": "whsync.drift/1"},
        "summary": summary,
        "differs": _TRUTH,
        "unmanaged_denied": _TRUTH,
    }


def _drifted() -> Schema:
    moved = _list(_field())
    texts = {"name": _TEXT, "provider": _TEXT, "type": _TEXT, "remote_id": _MAYBE_TEXT, "secret": _TEXT, "at": _PLACE}
    truths = dict.fromkeys(("differs", "blocked"), _TRUTH)
    lists = {"fields": moved, "unmanaged": moved, "unverifiable": _list(_TEXT)}
    return _object({**texts, "scope": _SCOPE, "certainty": _enum(Certainty), **lists, **truths})


def _diagnostic() -> Schema:
    place = {"file": _MAYBE_TEXT, "line": _MAYBE_LINE, "column": _MAYBE_LINE}
    texts = {"summary": _TEXT, "hint": _TEXT, "name": _MAYBE_TEXT, "provider": _MAYBE_TEXT, "at": _PLACE}
    kind = {"enum": sorted(get_args(Kind))}
    return _object({"severity": {"const": "error"}, "kind": kind, "code": _enum(Code), **texts, **place})


def lock_schema() -> Schema:
    """What `webhooks.lock.json` holds."""
    entry, secret = _entry()
    webhooks = {"type": "object", "additionalProperties": entry}
    sinks = {"type": "object", "additionalProperties": secret}
    return _document(
        "The lock of whsync", _object({"format": {"const": LOCK_FORMAT}, "webhooks": webhooks}, sinks=sinks)
    )


def _entry() -> tuple[Schema, Schema]:
    """One webhook of the lock, and what is known of its secret."""
    part = _object({"key": _TEXT, "remote_id": _MAYBE_TEXT, "url": _MAYBE_TEXT})
    texts = dict.fromkeys(("fingerprint", "mask", "stored", "at"), _MAYBE_TEXT)
    secret = _object(texts, sent=_TRUTH)
    applied = _fields()
    required = {
        "provider": _TEXT,
        "type": _TEXT,
        "account": _TEXT,
        "scope": _SCOPE,
        "remote_id": _MAYBE_TEXT,
        "applied": applied,
        "secret": {"anyOf": [{"type": "null"}, secret]},
        "protect": _TRUTH,
    }
    since = _object({"how": {"enum": ["created", "adopted"]}, "at": _TEXT})
    undone = {key: value for key, value in _field()["properties"].items() if key not in ("cause", "kept")}
    optional = {
        "parts": _list(part),
        "orphan_parts": _list(part),
        "retired": _TRUTH,
        "at": _TEXT,
        "asked": applied,
        "shown": {"type": "object", "propertyNames": {"pattern": "^/"}},
        "leaving": _list(_TEXT),
        "ignore": _list(_TEXT),
        "replace": {"enum": ["delete_first"]},
        "secrets": {"type": "object", "additionalProperties": secret},
        "account_id": _TEXT,
        "manifest": _TEXT,
        "by": _run(),
        "since": since,
        "reverted": _object({"at": _TEXT, "fields": _list(_object(undone))}),
    }
    return _object(required, **optional), secret


def _fields() -> Schema:
    """The managed fields of a webhook, as the lock has them."""
    return {
        "type": "object",
        "properties": {
            "url": _TEXT,
            "events": {**_list(_TEXT), "uniqueItems": True},
            "status": {"enum": ["active", "inactive"]},
            "description": _TEXT,
            "options": {"type": "object"},
        },
    }


def event_schema() -> Schema:
    """One line of `apply --format json`."""
    return _document("An event of whsync", _event())


def _event() -> Schema:
    attributes: Schema = {
        "format": {"const": "whsync.event/1"},
        "name": _TEXT,
        "was": _TEXT,
        "action": _enum(Action),
        "provider": _TEXT,
        "type": _TEXT,
        "account": _TEXT,
        "scope": _SCOPE,
        "remote_id": _MAYBE_TEXT,
        "url": _TEXT,
        "at": _TEXT,
        "notes": _list(_TEXT),
        "reason": _TEXT,
        "stored": _MAYBE_TEXT,
        "rescued": _MAYBE_TEXT,
        "secret": _TEXT,
        "problem": PROBLEM,
        "indeterminate": _TRUTH,
        "partly": _TRUTH,
        "interrupted": _TRUTH,
        "fields": _list(_field()),
        "by": _run(),
        **dict.fromkeys(("changes", "writes", "applied", "failed", "skipped", "problems", "secrets"), _COUNT),
    }
    kinds = [member for kind in get_args(events.Event) for member in (get_args(kind) or (kind,))]
    required = {"event": {"enum": sorted({event_name(kind) for kind in kinds})}}
    return _object(required, **attributes)


def record_schema() -> Schema:
    """One line of what `--record FILE` writes."""
    cut = _object({"bytes": _COUNT, "of": _DIGEST})
    kinds = {RUN: _recorded_run(), CHANGE: _recorded_change(), END: _recorded_end(), CUT: cut}
    told = [{"if": _object({"record": {"const": kind}}), "then": line} for kind, line in kinds.items()]
    before = {"anyOf": [{"type": "null"}, _DIGEST]}
    line = _object({"before": before, "record": {"enum": [*kinds]}, "run": _TEXT, "at": _TEXT, "digest": _DIGEST})
    return _document("A line of a running record of whsync", {**line, "allOf": told})


def runs_schema() -> Schema:
    """What `show FILE --format json` writes of a running record."""
    stamp = {"run": _TEXT, "at": _TEXT}
    run, end = _recorded_run()["properties"], _recorded_end()["properties"]
    ends = {"anyOf": [{"type": "null"}, _object({**stamp, "result": end["result"], "exit": end["exit"]}, **end)]}
    told = _object({**stamp, "command": _TEXT, "changes": _list(_recorded_change()), "end": ends})
    whole = {**told, "properties": {**run, **told["properties"]}}
    head = {"format": {"const": "whsync.runs/1"}, "runs": _list(whole)}
    return _document("Recorded runs of whsync", _object({**head, **_faulty()}))


def proof_schema() -> Schema:
    """What `show --verify FILE --format json` writes."""
    line = {"type": "integer", "minimum": 1}
    kept = _object({"digest": _TEXT, "line": _MAYBE_LINE})
    head = {"format": {"const": "whsync.proof/1"}, "record": _TEXT, "whole": _TRUTH}
    counts = dict.fromkeys(("lines", "runs", "changes"), _COUNT)
    span = {"first": _MAYBE_TEXT, "last": _MAYBE_TEXT, "head": {"anyOf": [{"type": "null"}, _DIGEST]}}
    found = {"kept": {"anyOf": [{"type": "null"}, kept]}, "cut": _list(_object({"number": line, "closed": _TRUTH}))}
    rest = {"unfinished": _list(_TEXT), **_faulty()}
    return _document("Whether a running record is whole", _object({**head, **counts, **span, **found, **rest}))


def _faulty() -> Schema:
    fault = _object({"code": _enum(Code), "line": {"type": "integer", "minimum": 1}, "what": _TEXT})
    return {"fault": {"anyOf": [{"type": "null"}, fault]}}


def _discovered() -> Schema:
    whose = dict.fromkeys(("block", "key", "provider", "what"), _TEXT)
    gave = {"given": _SCOPE, "found": _COUNT, "values": _list(_TEXT), "source": {"enum": ["vendor", "lock"]}}
    return _object({**whose, **gave, "failed": _TRUTH}, partial=_TEXT)


def _recorded_run() -> Schema:
    by = _object({}, **dict.fromkeys(("user", "host", "commit", "url"), _TEXT))
    plan = {"plan": _DIGEST, "planned_at": _TEXT, "basis": _object({"config": _DIGEST, "lock": _DIGEST})}
    asked = {"flags": _list(_TEXT), "changes": _COUNT, "writes": _COUNT}
    return _object({"format": {"const": RECORD_FORMAT}, "command": _TEXT, "whsync": _TEXT}, by=by, **plan, **asked)


def _recorded_change() -> Schema:
    results = ["applied", "partly", "failed", "unsettled", "skipped", "renamed"]
    where = {"provider": _TEXT, "type": _TEXT, "scope": _SCOPE, "remote_id": _MAYBE_TEXT}
    further = {"type": "object", "additionalProperties": _enum(SecretState)}
    planned = {"reason": _TEXT, "code": _enum(Code), "secret": _enum(SecretState), "secrets": further}
    call, kind = _object({"method": _TEXT, "url": _TEXT}), {"enum": sorted(get_args(Kind))}
    problem = _object({"kind": kind, "code": _enum(Code), "summary": _TEXT, "hint": _TEXT})
    lists = {"fields": _list(_field()), "calls": _list(call), "notes": _list(_TEXT)}
    others = {"action": _enum(Action), "because": _TEXT, "was": _TEXT, "problem": problem}
    return _object({"name": _TEXT, "result": {"enum": results}}, **where, **planned, **lists, **others)


def _recorded_end() -> Schema:
    results = ["done", "incomplete", "failed", "refused", "declined", "interrupted"]
    counts = dict.fromkeys(("applied", "failed", "skipped", "problems"), _COUNT)
    drift = _object(dict.fromkeys(("webhooks", "drift", "unseen"), _COUNT))
    error = _object({"code": _enum(Code), "summary": _TEXT})
    return _object({"result": {"enum": results}, "exit": _COUNT}, **counts, drift=drift, error=error)


def _run() -> Schema:
    """Who changed something: as far as known."""
    return _object({"run": _TEXT, "at": _TEXT}, **dict.fromkeys(("user", "host", "commit", "url"), _MAYBE_TEXT))


def _field() -> Schema:
    shown = {
        "description": "a value as shown: hidden parts of URLs as fingerprints, sets as sorted lists, null for nothing"
    }
    return _object(
        {"path": {"type": "string", "pattern": "^/"}, "before": shown, "after": shown, "cause": _enum(Cause)},
        kept=_TRUTH,
    )


def _change() -> Schema:
    required = {
        "name": _TEXT,
        "provider": _TEXT,
        "type": _TEXT,
        "scope": _SCOPE,
        "remote_id": _MAYBE_TEXT,
        "action": _enum(Action),
        "certainty": _enum(Certainty),
        "reason": _TEXT,
        "fields": _list(_field()),
        "secret": _enum(SecretState),
        "observed": _MAYBE_TEXT,
        "calls": _list(_object({"method": _TEXT, "url": _TEXT}, loses=_list(_TEXT))),
    }
    optional = dict.fromkeys(("secret_note", "secret_fingerprint", "renamed_from", "last_applied"), _TEXT)
    lists = dict.fromkeys(("notes", "sends", "unseen"), _list(_TEXT))
    flags = {"code": _enum(Code), "secret_drifted": _TRUTH, "blocked": _TRUTH, "ignored": _list(_field())}
    secret = _object({"state": _enum(SecretState)}, note=_TEXT, fingerprint=_TEXT, drifted=_TRUTH, name=_TEXT)
    secrets = {"type": "object", "additionalProperties": secret}
    return _object(required, **optional, **lists, **flags, secrets=secrets)


def _finding() -> Schema:
    required = {"kind": _TEXT, "code": _enum(Code), "summary": _TEXT, "provider": _TEXT, "scope": _SCOPE, "at": _PLACE}
    return _object(required, remote_id=_TEXT, name=_TEXT)


def _refusal() -> Schema:
    required = {"kind": _TEXT, "code": _enum(Code), "summary": _TEXT, "at": _PLACE}
    return _object(required, hint=_TEXT, name=_TEXT, provider=_TEXT)


def _unmanaged() -> Schema:
    return _object({"provider": _TEXT, "scope": _SCOPE, "remote_id": _TEXT, "url": _TEXT})
