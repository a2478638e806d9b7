"""The format `sarif`: SARIF 2.1.0, what scanners of code tell. [pure] `render.formats` imports it by its name.

A rule is a code: it stays the same when sentences are reworded. A result stands at the line of the file that it is
about; one that is about no line, at the first file, so that hosts that demand a place show it, too.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from reconciler import __version__
from reconciler.audit.types import AuditReport
from reconciler.codes.meanings import GROUPS
from reconciler.errors import Problem
from reconciler.planning.types import DriftReport, Plan
from reconciler.render.base import Artifacts, PlanHeader, Style
from reconciler.render.notices import Notice, of_audit, of_drift, of_events, of_plan, of_problems
from reconciler.state.event import Event

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


_MEANINGS = {code: meaning for group in GROUPS.values() for code, meaning in group.items()}


def render_plan(plan: Plan, header: PlanHeader, style: Style) -> Artifacts:
    """Problems, refusals and findings."""
    return _log(of_plan(plan), header.files)


def render_drift(report: DriftReport, addresses: Mapping[str, str], style: Style) -> Artifacts:
    """What moved at the vendors."""
    return _log(of_drift(report))


def render_audit(report: AuditReport, header: PlanHeader, style: Style) -> Artifacts:
    """Problems and findings; a rule is as severe as the files say."""
    return _log(of_audit(report), header.files)


def render_problems(problems: Iterable[Problem], style: Style) -> Artifacts:
    """What is wrong with the files."""
    return _log(of_problems(problems))


def render_result(plan: Plan, events: Sequence[Event], header: PlanHeader, style: Style) -> Artifacts:
    """What an apply could not do."""
    return _log(of_events(events), header.files)


def _log(notices: Iterable[Notice], files: tuple[str, ...] = ()) -> Artifacts:
    told = list(notices)
    rules = {code: number for number, code in enumerate(sorted({notice.code for notice in told}))}
    driver = {
        "name": "whsync",
        "version": __version__,
        "rules": [{"id": code, "shortDescription": {"text": _MEANINGS[code]}} for code in rules],
    }
    results = [_result(notice, rules[notice.code], files) for notice in told]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return Artifacts(json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n")


def _result(notice: Notice, rule: int, files: tuple[str, ...]) -> dict[str, Any]:
    place: dict[str, Any] = {}
    if notice.at is not None:
        place = {
            "artifactLocation": {"uri": _uri(notice.at.file)},
            "region": {"startLine": notice.at.line, "startColumn": notice.at.column},
        }
    elif files:
        place = {"artifactLocation": {"uri": _uri(files[0])}}
    about = "\0".join((notice.code, notice.name, notice.provider, notice.summary))
    return {
        "ruleId": notice.code,
        "ruleIndex": rule,
        "level": notice.level,
        "message": {"text": _words(notice)},
        "locations": [{"physicalLocation": place}] if place else [],
        "partialFingerprints": {"whsync/v1": sha256(about.encode("utf-8", "backslashreplace")).hexdigest()},
        "properties": {"kind": notice.kind, "name": notice.name, "provider": notice.provider},
    }


def _words(notice: Notice) -> str:
    """The message; brackets would make links in it."""
    return notice.words.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _uri(file: str) -> str:
    """A file's name as a URI reference: relative where the name is."""
    path = file.replace("\\", "/")
    quoted = quote(path.encode("utf-8", "backslashreplace"), safe="/")
    return f"file://{quoted}" if path.startswith("/") else quoted
