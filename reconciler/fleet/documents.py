"""What whsync's own documents say of a tenant's webhooks: counts, drift, and what may be put back. [pure]

Used by `fleet.standing`, `fleet.records` and `fleet.sweep`. A document may be another version's, so what is missing
says nothing.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.fleet.types import Result

STATES = ("in_sync", "drifted", "pending", "orphan", "failed", "blocked", "unverified", "unknown")
"""What may be the matter with a webhook.

`drifted`: changed at the vendor. `pending`: an apply would do something. `unverified`: its API cannot be read.
`unknown`: reading failed. `blocked`: a problem of its own stands in the way.
"""

Document = Mapping[str, Any]
_SENT = "changed", "new"


def states_of(result: Result) -> Iterator[tuple[str, str, str]]:
    """Each webhook of a result's document: its name, its provider entry, its state."""
    document = result.document or {}
    if result.command == "drift":
        for webhook in document.get("webhooks", ()):
            state = _unsure(webhook) or ("drifted" if webhook.get("differs") else "in_sync")
            yield webhook["name"], webhook["provider"], state
        return
    ends = {event["name"]: event["event"] for event in document.get("events", ()) if event.get("event") in _ENDS}
    for change in document.get("changes", ()):
        end = _ENDS.get(ends.get(change["name"], ""))
        if end != "gone":
            yield change["name"], change["provider"], end or _planned(change)


_ENDS = {"applied": "in_sync", "removed": "gone", "failed": "failed", "skipped": "failed", "withdrawn": "failed"}


def counts_of(result: Result) -> dict[str, dict[str, int]]:
    """How many webhooks of each provider entry are in which state."""
    counted: dict[str, Counter[str]] = {}
    for _, provider, state in states_of(result):
        counted.setdefault(provider, Counter())[state] += 1
    return {name: {state: found[state] for state in STATES if found[state]} for name, found in sorted(counted.items())}


def drifted_names(result: Result) -> tuple[str, ...]:
    """The webhooks that somebody changed at their vendor, by name."""
    return tuple(name for name, _, state in states_of(result) if state == "drifted")


def has_drift(result: Result) -> bool:
    """Whether there is drift: of webhooks, or newcomers that the policy wants to hear of."""
    whole = bool((result.document or {}).get("differs")) and result.command == "drift"
    return whole or bool(drifted_names(result))


def problems_of(document: Document) -> tuple[Document, ...]:
    """What a document complains of: refusals first."""
    return (*document.get("refusals", ()), *document.get("problems", ()))


def pending_of(plan: Document) -> dict[str, str]:
    """What a plan would do, by name of the webhook."""
    return {
        each["name"]: each["action"] for each in plan.get("changes", ()) if each["action"] not in ("noop", "orphan")
    }


def repairable(plan: Document) -> frozenset[str]:
    """The webhooks that an apply would only put back as they were applied.

    Updates whose every difference somebody made at the vendor. Nothing that the file asks for anew is among them, no
    creation, no deletion, no replacement, and no secret that would become another one.
    """
    return frozenset(change["name"] for change in plan.get("changes", ()) if _only_puts_back(change))


def _only_puts_back(change: Document) -> bool:
    fields = change.get("fields", ())
    states = [change.get("secret"), *(each.get("state") for each in change.get("secrets", {}).values())]
    return (
        change["action"] == "update"
        and change.get("certainty") == "present"
        and bool(fields)
        and all(field["cause"] == "drift" for field in fields)
        and not any(state in _SENT for state in states)
        and not change.get("blocked")
        and not change.get("renamed_from")
    )


def _planned(change: Document) -> str:
    if state := _unsure(change):
        return state
    if any(field["cause"] in ("drift", "conflict") for field in change.get("fields", ())) or change.get(
        "secret_drifted"
    ):
        return "drifted"
    return {"noop": "in_sync", "orphan": "orphan"}.get(change["action"], "pending")


def _unsure(webhook: Document) -> str | None:
    if webhook.get("blocked"):
        return "blocked"
    known = {"unknown": "unknown", "unreadable": "unverified"}
    return known.get(webhook.get("certainty", "")) if webhook.get("action", "noop") in ("noop", "orphan") else None
