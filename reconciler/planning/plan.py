"""Decides: from what is desired, matched, recorded and allowed to a Plan. [pure]

Called by `survey`: one loop over the webhooks of the file and one over the orphans of the lock; what becomes of each
is looked up in the tables of `decide`.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from reconciler.errors import Problem, Rejected
from reconciler.matching.types import Matched, Matching
from reconciler.model.action import Action, FieldChange, PlannedCall
from reconciler.model.diff import digest
from reconciler.model.secret import SecretState, SecretStatus
from reconciler.model.webhook import Capabilities, Certainty, Desired
from reconciler.planning.decide import decide, decide_orphan
from reconciler.planning.explain import (
    impossible,
    irreplaceable,
    notes_for,
    orphan_notes,
    orphan_reason,
    reason,
    secret_note,
    unprunable,
    unread_problem,
    unsettled_problem,
)
from reconciler.planning.needs import Facts, Need, compare, of_a_new_one, owing, shown
from reconciler.planning.policy import Policy, misplaced, protected, strangers, threshold_of, too_many
from reconciler.planning.types import Basis, Change, Plan, PlanOptions, Refusal
from reconciler.state.lock import Lock
from reconciler.support.targets import select

Describe = Callable[[str, Desired | None, Matched, Action, frozenset[str]], tuple[PlannedCall, ...]]
"""Which calls an action makes: from name, desired webhook, what was matched, the action, and the pointers it sends.

Raises Rejected where the API has no way.
"""


class _Scene(NamedTuple):
    """What every decision looks at."""

    lock: Lock
    secrets: Mapping[str, SecretStatus]
    capabilities_of: Mapping[str, Capabilities]
    options: PlanOptions
    describe: Describe
    told: frozenset[str | None]  # providers that a problem is already reported for


class _Decision(NamedTuple):
    change: Change
    problem: Problem | None = None
    refusal: Refusal | None = None


def plan(
    desired: Sequence[Desired],
    matching: Matching,
    lock: Lock,
    policy: Policy,
    secrets: Mapping[str, SecretStatus],
    capabilities_of: Mapping[str, Capabilities],
    *,
    basis: Basis,
    created_at: str,
    whsync: str,
    options: PlanOptions,
    describe: Describe,
    reads: int = 0,
    problems: Sequence[Problem] = (),
) -> Plan:
    """What one run would do; equal input gives an equal plan, whatever its order.

    Secrets go by webhook name (one that is left out was not compared), `abouts` by provider entry.

    Raises:
        UsageError: a target that does not exist, or a threshold that is none.
    """
    chosen = select([*(webhook.name for webhook in desired), *lock.entries, *lock.intents], options.targets)
    webhooks = [webhook for webhook in desired if webhook.name in chosen]
    told = frozenset(problem.provider for problem in problems)
    scene = _Scene(lock, secrets, capabilities_of, options, describe, told)
    decisions = [_webhook(webhook, matching.matched[webhook.name], scene) for webhook in webhooks]
    decisions += [_orphan(name, found, scene) for name, found in matching.orphans.items() if name in chosen]
    changes = tuple(sorted((decision.change for decision in decisions), key=_place))
    unmanaged = () if policy.unmanaged == "ignore" else matching.unmanaged
    findings = tuple(finding for finding in matching.findings if finding.name is None or finding.name in chosen)
    troubles = sorted([*problems, *(each.problem for each in decisions if each.problem)], key=_place_of_trouble)
    refused = [each.refusal for each in decisions if each.refusal]
    refused += _guards(webhooks, matching, changes, lock, policy, options)
    refusals = tuple(sorted(refused, key=_place_of_trouble))
    return Plan(whsync, created_at, basis, changes, unmanaged, findings, tuple(troubles), refusals, reads, options)


def _guards(
    webhooks: Sequence[Desired],
    matching: Matching,
    changes: Sequence[Change],
    lock: Lock,
    policy: Policy,
    options: PlanOptions,
) -> Iterator[Refusal]:
    """Everything the policy refuses. File and lock protect alike, so dropping a block drops no protection."""
    found = (*matching.matched.items(), *matching.orphans.items())
    shielded = {webhook.name for webhook in webhooks if webhook.protect}
    shielded.update(name for name, match in found if match.entry is not None and match.entry.protect)
    managed = Counter(entry.provider for entry in lock.entries.values() if not entry.retired)
    threshold = policy.max_changed if options.max_changed is None else threshold_of(options.max_changed)
    yield from misplaced(webhooks, policy)
    yield from protected(changes, frozenset(shielded))
    yield from too_many(changes, managed, threshold)
    yield from strangers(matching.unmanaged, policy)


# The webhooks of the file


def _webhook(webhook: Desired, found: Matched, scene: _Scene) -> _Decision:
    if scene.options.offline:
        found = found._replace(certainty=Certainty.UNREADABLE, remote=None)
    capabilities = scene.capabilities_of[webhook.provider]
    not_compared = SecretState.UNMANAGED if webhook.secret is None else SecretState.UNVERIFIABLE
    status = scene.secrets.get(webhook.name) or SecretStatus(not_compared)
    problem = found.problem or unsettled_problem(webhook, found, scene.lock, scene.options)
    if problem is not None:
        return _blocked(webhook, found, shown(webhook, found, capabilities), status, problem, scene)
    if found.certainty is Certainty.UNKNOWN:
        facts = Facts(Need.NOTHING, why="it could not be read, so nothing is concluded")
        unread = (
            None if webhook.provider in scene.told else unread_problem(webhook.name, webhook.provider, found.entry_name)
        )
        return _Decision(_change(webhook, found, Action.NOOP, facts, status, scene), unread)
    facts = compare(webhook, found, capabilities, status, scene.options.reassert)
    action = decide(found.certainty, found.entry is not None, facts.need)
    # A new webhook, a lesson for the lock, a write that was cut short: they wait for the secret. An update may go on.
    waits = action is not Action.UPDATE or facts.need is not Need.WRITE or webhook.name in scene.lock.intents
    found = owing(webhook, found, action)
    if found.withheld is not None and waits:
        return _blocked(webhook, found, facts.fields, status, found.withheld, scene)
    try:
        change = _change(webhook, found, action, facts, status, scene)
    except Rejected as error:
        problem = found.withheld or impossible(webhook.name, webhook.provider, error)
        return _blocked(webhook, found, facts.fields, status, problem, scene)
    refusal = irreplaceable(change, capabilities, scene.options) if action is Action.REPLACE else None
    return _Decision(change, found.withheld, refusal)


def _blocked(
    webhook: Desired,
    found: Matched,
    fields: tuple[FieldChange, ...],
    status: SecretStatus,
    problem: Problem,
    scene: _Scene,
) -> _Decision:
    """A webhook with which nothing can be done: shown with its differences, and why."""
    facts = Facts(Need.NOTHING, fields, why=problem.summary)
    return _Decision(_change(webhook, found, Action.NOOP, facts, status, scene), problem)


def _change(
    webhook: Desired, found: Matched, action: Action, facts: Facts, status: SecretStatus, scene: _Scene
) -> Change:
    capabilities, entry, remote = scene.capabilities_of[webhook.provider], found.entry, found.remote
    writes = action in (Action.CREATE, Action.REPLACE) or bool(facts.sends and action.writes)
    calls = scene.describe(webhook.name, webhook, found, action, frozenset(facts.sends)) if writes else ()
    if found.superseded is not None and action is not Action.NOOP:
        calls = (*scene.describe(webhook.name, webhook, found, Action.DELETE, frozenset()), *calls)
    if action in (Action.CREATE, Action.REPLACE):
        status = of_a_new_one(webhook, status)
    # Unchanged webhooks are not proven again by an apply, unless a lost answer is to be settled.
    proof = remote is not None and (action is not Action.NOOP or webhook.name in scene.lock.intents)
    return Change(
        name=webhook.name,
        provider=webhook.provider,
        type=webhook.type,
        scope=webhook.scope,
        remote_id=remote.remote_id if remote else entry.remote_id if entry else None,
        action=action,
        certainty=found.certainty,
        reason=reason(found, action, facts, capabilities, scene.options),
        fields=facts.fields,
        secret=status.state,
        secret_note=secret_note(webhook, status),
        secret_fingerprint=status.fingerprint,
        observed=digest(remote) if proof and remote else None,
        calls=calls,
        notes=notes_for(webhook, found, action, facts, capabilities, status),
        renamed_from=found.entry_name if found.entry_name != webhook.name else None,
        last_applied=entry.at if entry else None,
        sends=facts.sends if writes else (),
        secret_drifted=status.drifted,
    )


# The orphans of the lock


def _orphan(name: str, found: Matched, scene: _Scene) -> _Decision:
    entry, prune = found.entry, scene.options.prune and not scene.options.offline
    assert entry is not None  # an orphan is an entry of the lock
    if scene.options.offline:
        found = found._replace(certainty=Certainty.UNREADABLE, remote=None)
    capabilities = scene.capabilities_of.get(entry.provider)
    # A remote that belongs to another webhook by now is as good as gone for this one.
    certainty = Certainty.ABSENT if found.taken_by else found.certainty
    action = decide_orphan(certainty, prune, capabilities.retire if capabilities else "none")
    calls: tuple[PlannedCall, ...] = ()
    if action in (Action.DELETE, Action.DEACTIVATE):
        try:
            calls = scene.describe(name, None, found, action, frozenset())
        except Rejected as error:
            action, found = Action.ORPHAN, found._replace(problem=impossible(name, entry.provider, error))
    remote = found.remote
    change = Change(
        name=name,
        provider=entry.provider,
        type=entry.type,
        scope=entry.scope,
        remote_id=remote.remote_id if remote else entry.remote_id,
        action=action,
        certainty=found.certainty,
        reason=orphan_reason(found, action),
        observed=digest(remote) if remote else None,
        calls=calls,
        notes=orphan_notes(entry),
        last_applied=entry.at,
    )
    if not prune or action is not Action.ORPHAN:
        return _Decision(change)
    if found.problem is not None:
        return _Decision(change, found.problem)
    if certainty is Certainty.UNKNOWN:
        return _Decision(change, unread_problem(name, entry.provider, name))
    return _Decision(change, None, unprunable(change, capabilities.retire if capabilities else "none"))


def _place(change: Change) -> tuple[str, str]:
    return change.provider, change.name


def _place_of_trouble(trouble: Problem | Refusal) -> tuple[str, str, str]:
    return trouble.provider or "", trouble.name or "", trouble.summary
