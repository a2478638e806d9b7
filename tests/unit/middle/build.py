"""Small worlds for the tests of the middle: one webhook, remote or entry in a line, and a plan of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from reconciler.errors import Problem
from reconciler.matching.index import Place
from reconciler.matching.match import match
from reconciler.matching.types import Matched, Matching
from reconciler.model.action import Action, PlannedCall
from reconciler.model.capabilities import Capabilities
from reconciler.model.diff import record
from reconciler.model.secret import SecretStatus
from reconciler.model.webhook import Desired, Entry, Fields, Observation, Remote
from reconciler.planning.inputs import Circumstances, Describe, PlanInput
from reconciler.planning.plan import plan
from reconciler.planning.policy import Policy
from reconciler.planning.types import Basis, Change, Plan, PlanOptions
from reconciler.state.event import Intended
from reconciler.state.lock import Lock

FIELDS = frozenset({"/url", "/events", "/status", "/description"})
ACCOUNT = "https://api.example.com"


def capabilities(**more: Any) -> Capabilities:
    """A vendor with every field, that lists and deletes."""
    return Capabilities("vendor", FIELDS, **more)


def fields(url: str = "https://a.example.com/x", events: str = "one two", **more: Any) -> Fields:
    """Fields from plain words; `events` are separated by blanks."""
    return Fields({"/url": url, "/events": frozenset(events.split())} | {f"/{key}": leaf for key, leaf in more.items()})


def webhook(name: str = "w", wanted: Fields | None = None, **more: Any) -> Desired:
    """One webhook of the file."""
    base = {"provider": "v", "type": "vendor", "account": ACCOUNT, "scope": ()}
    return Desired(name, fields=fields() if wanted is None else wanted, **{**base, **more})


def remote(remote_id: str = "r1", held: Fields | None = None, **more: Any) -> Remote:
    """One webhook at the vendor."""
    return Remote(remote_id, fields() if held is None else held, **more)


def entry(remote_id: str | None = "r1", applied: Fields | None = None, **more: Any) -> Entry:
    """One entry of the lock."""
    base = {"provider": "v", "type": "vendor", "account": ACCOUNT, "scope": ()}
    return Entry(remote_id=remote_id, applied=record(fields() if applied is None else applied), **{**base, **more})


def seen(*remotes: Remote, complete: bool = True, **more: Any) -> dict[Place, Observation]:
    """What one read of the only place gave."""
    return {("v", ()): Observation(remotes, complete=complete, **more)}


UNREADABLE: dict[Place, Observation] = {("v", ()): Observation(readable=False)}
FAILED: dict[Place, Observation] = {("v", ()): Observation(failed=True)}


def lock(intent: str | None = None, action: Action = Action.CREATE, **entries: Entry) -> Lock:
    """A lock; `intent` names a webhook with an open write."""
    sent = Intended(intent or "", action, "v", "vendor", ACCOUNT, (), None, "https://a.example.com/x", "2026-11-20")
    return Lock(entries, {intent: sent} if intent else {})


def matching(
    desired: Iterable[Desired], observed: Mapping[Any, Observation], held: Lock, api: Capabilities | None = None
) -> Matching:
    """The matching of a world with the one provider `v`."""
    return match(list(desired), observed, held, {"v": api or capabilities()})


def matched(
    one: Desired, observed: Mapping[Any, Observation], held: Lock | None = None, api: Capabilities | None = None
) -> Matched:
    """How the only webhook of the file was matched."""
    return matching([one], observed, held or Lock(), api).matched[one.name]


def planned(
    desired: Iterable[Desired],
    observed: Mapping[Any, Observation],
    held: Lock | None = None,
    api: Capabilities | None = None,
    *,
    policy: Policy = Policy(),  # noqa: B008 - a frozen value
    secrets: Mapping[str, SecretStatus] | None = None,
    problems: Any = (),
    withheld: Mapping[str, Problem] | None = None,
    describe: Describe | None = None,
    **options: Any,
) -> Plan:
    """The plan of a world with the one provider `v`; every write is described by one call that names what it sends.

    Args:
        withheld: why secrets cannot be had, by webhook name.
        describe: another way to describe writes.
    """
    desired, held, api = list(desired), held or Lock(), api or capabilities()
    found = matching(desired, observed, held, api)
    stuck = {name: found.matched[name]._replace(withheld=why) for name, why in (withheld or {}).items()}
    found = found._replace(matched={**found.matched, **stuck})
    given = PlanInput(desired, found, held, policy, secrets or {}, {"v": api})
    how = Circumstances(Basis("sha256:c", "sha256:l"), "2026-11-21T12:00:00Z", "0", problems=tuple(problems))
    return plan(given, PlanOptions(**options), describe or named, how)


def named(
    name: str, desired: Desired | None, found: Matched, action: Action, changes: frozenset[str]
) -> tuple[PlannedCall, ...]:
    """One call, whose URL says what it sends."""
    return (PlannedCall(action.name, f"{name}:{' '.join(sorted(changes))}"),)


ELSEWHERE = fields("https://elsewhere.example.com")


def how(found: Matched) -> tuple[str, str | None]:
    """The step that found it, and the remote id."""
    return found.how, found.remote and found.remote.remote_id


def only(made: Plan) -> Change:
    """The plan's only change."""
    (change,) = made.changes
    return change
