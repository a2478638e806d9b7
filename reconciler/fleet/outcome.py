"""How a tenant's process ended, as a result: its document, and its problems. [pure] Used by `fleet.sweep`.

Nothing of what it said for people is kept: whsync's documents hold no secret, a foreign traceback might.
"""

import json
from collections.abc import Mapping
from typing import Any

from reconciler.codes import Code
from reconciler.errors import EXIT_DIFFERENCES, EXIT_ERROR, EXIT_FINE, EXIT_INTERRUPTED, EXIT_REFUSED
from reconciler.fleet.documents import problems_of
from reconciler.fleet.types import Command, Problems, Result

_KNOWN = (EXIT_FINE, EXIT_ERROR, EXIT_DIFFERENCES, EXIT_REFUSED, EXIT_INTERRUPTED)

_SIGNALS = {2: "SIGINT", 6: "SIGABRT", 9: "SIGKILL", 11: "SIGSEGV", 15: "SIGTERM"}


def problem(summary: str, hint: str = "", kind: str = "internal") -> Mapping[str, Any]:
    """A problem of a tenant as a whole, as documents have them."""
    return {
        "kind": kind,
        "code": str(Code.TENANT_FAILED),
        "summary": summary,
        "hint": hint,
        "provider": None,
        "at": None,
    }


def result_of(tenant: str, command: Command, code: int, stdout: str, report: str, *, at: str, seconds: float) -> Result:
    """The result of one process.

    Args:
        code: its exit code; negative for a signal.
        stdout: what it printed there.
        report: of an apply, the plan with its events, as it wrote them down; may be empty.
        at: when it began.
        seconds: how long it took.
    """
    document, error = _applied(stdout, report) if command == "apply" else _said(stdout)
    told = (*error, *(_told_in(document) if document is not None and not error else ()))
    killed = -code if code < 0 else None
    if killed is not None:
        how = _SIGNALS.get(killed, f"signal {killed}")
        told = (problem(f"its process was ended by {how}", "run it again: it reads first"), *told)
    elif document is None and not told:
        told = (problem(f"its process ended with {code} and said nothing", "run whsync in its folder, with -vv"),)
    ending = code if code in _KNOWN else EXIT_ERROR
    return Result(tenant, command, at, seconds, ending, killed, document, told)


def _applied(stdout: str, report: str) -> tuple[Mapping[str, Any] | None, Problems]:
    """What an apply did: its plan with what became of it, as far as it came."""
    plan, events = _object(report), [each for each in _lines(stdout) if "event" in each]
    document = {**plan, "events": plan.get("events") or events} if plan or events else None
    return document, _said(stdout)[1]


def _told_in(document: Mapping[str, Any]) -> Problems:
    """What a document complains of, and of an apply what failed."""
    failed = tuple(each["problem"] for each in document.get("events", ()) if each.get("event") == "failed")
    return (*problems_of(document), *failed)


def _said(stdout: str) -> tuple[Mapping[str, Any] | None, Problems]:
    """The document that was printed, or the problems of what took its place."""
    whole = _object(stdout)
    lines = [whole] if whole else list(_lines(stdout))
    errors = tuple(
        found for each in lines if isinstance(each.get("error"), dict) for found in each["error"]["problems"]
    )
    return (None, errors) if errors or "format" not in whole else (whole, ())


def _lines(stdout: str) -> list[Mapping[str, Any]]:
    return [found for line in stdout.splitlines() if (found := _object(line))]


def _object(text: str) -> Mapping[str, Any]:
    """A JSON object; an empty one for anything else, as a process that was killed leaves."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
