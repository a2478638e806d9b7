"""How the tenants stand as plain values ready for JSON, and in sentences. [pure]

Used by `cli.fleet_shown` and `fleet.page`. Names and sentences in it may be foreign.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from reconciler.fleet.documents import STATES, pending_of
from reconciler.fleet.standing import WORDS, Standing
from reconciler.render.base import counted

FORMAT = "whsync.fleet/1"
_FEW = 5
"""So many names are told in a sentence."""


def fleet_json(command: str, at: str, code: int, found: Sequence[Standing], place: Mapping[str, str]) -> str:
    """The whole document, ending in a newline.

    Args:
        command: what was run, or `status`.
        at: when (UTC, ISO 8601).
        code: its exit code.
        found: how the tenants stand.
        place: the file of each tenant's last result.
    """
    document = {
        "format": FORMAT,
        "command": command,
        "at": at,
        "exit_code": code,
        "summary": summary(found),
        "tenants": [_record(each, place.get(each.tenant.name)) for each in found],
    }
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def summary(found: Sequence[Standing]) -> dict[str, Any]:
    """Tenants by how they stand, and the webhooks of all of them by their state."""
    words, webhooks = Counter(each.word for each in found), states_of_all(found)
    return {
        "tenants": len(found),
        **{word: words[word] for word in WORDS},
        "late": sum(each.overdue for each in found),
        "webhooks": {state: webhooks[state] for state in STATES},
        "problems": sum(len(each.problems) for each in found),
    }


def states_of_all(found: Sequence[Standing]) -> Counter[str]:
    """How many webhooks of all tenants are in which state."""
    total: Counter[str] = Counter()
    for each in found:
        for counts in each.webhooks.values():
            total.update(counts)
    return total


def sentence_of(each: Standing) -> str:
    """What is the matter with a tenant, in one sentence."""
    if each.last is None:
        return "never run"
    said = [_repaired(each), _drifted(each), _pending(each), _webhooks(each)]
    if each.problems:
        said.insert(0, counted(len(each.problems), "problem"))
    return "; ".join(filter(None, said)) or "no webhooks"


def closing(found: Sequence[Standing]) -> str:
    """The last line of a text."""
    words = Counter(each.word for each in found)
    told = ", ".join(f"{words[word]} {_TOLD.get(word, word)}" for word in reversed(WORDS) if words[word])
    return f"Fleet: {counted(len(found), 'tenant')}: {told}." if found else "Fleet: no tenant is due."


_TOLD = {"drift": "drifted", "differs": "to be applied", "never": "never run"}


def _record(each: Standing, place: str | None) -> dict[str, Any]:
    last = each.last
    return {
        "name": each.tenant.name,
        "state": each.word,
        "command": last.command if last else None,
        "at": last.at if last else None,
        "seconds": last.seconds if last else None,
        "exit_code": last.exit_code if last else None,
        "signal": last.signal if last else None,
        "age_seconds": each.age,
        "schedule_seconds": each.tenant.schedule,
        "overdue": each.overdue,
        "webhooks": each.webhooks,
        "drift": each.has_drift,
        "drifted": list(each.drifted),
        "repaired": list(last.repaired) if last else [],
        "changes": changes_of(each),
        "problems": list(each.problems),
        "result": place,
    }


def changes_of(each: Standing) -> dict[str, str]:
    """What a plan of this tenant would do, by name of the webhook; nothing of other commands."""
    last = each.last
    return pending_of(last.document) if last and last.command == "plan" and last.document else {}


def _repaired(each: Standing) -> str:
    names = each.last.repaired if each.last else ()
    return f"put back: {_names(names)}" if names else ""


def _drifted(each: Standing) -> str:
    if each.drifted:
        return f"{len(each.drifted)} drifted: {_names(each.drifted)}"
    return "webhooks that nobody manages" if each.has_drift else ""


def _pending(each: Standing) -> str:
    changes = changes_of(each)
    return f"{len(changes)} to be changed: {_names(tuple(changes))}" if changes else ""


def _webhooks(each: Standing) -> str:
    counts: Counter[str] = Counter()
    for states in each.webhooks.values():
        counts.update(states)
    others = {state: counts[state] for state in STATES if counts[state] and state not in ("drifted", "pending")}
    return ", ".join(f"{number} {state.replace('_', ' ')}" for state, number in others.items())


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
    return ", ".join(names[:_FEW]) + more
