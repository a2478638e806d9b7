"""Decides: from what is desired, matched, recorded and allowed to a Plan. [pure]

Called by `run.survey`: one loop over the webhooks of the file and one over the orphans of the lock; what becomes of
each is looked up in the tables of `planning.decide`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from reconciler.errors import NotRead, Problem, Rejected
from reconciler.matching.types import Matched
from reconciler.model.action import Action, FieldChange, PlannedCall
from reconciler.model.diff import digest
from reconciler.model.secret import SecretState, SecretStatus
from reconciler.model.webhook import Certainty, Desired, Entry, Remote
from reconciler.planning.decide import Hold, decide, decide_orphan
from reconciler.planning.explain import (
    OFFLINE,
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
    what_goes,
)
from reconciler.planning.inputs import Circumstances, Describe, PlanInput
from reconciler.planning.needs import Facts, Need, compare, shown
from reconciler.planning.policy import misplaced, protected, strangers, threshold_of, too_many
from reconciler.planning.types import Change, Plan, PlanOptions, Refusal
from reconciler.secrets.custody.state import comes_with_its_own, of_a_new_one
from reconciler.support.targets import select

Trouble = TypeVar("Trouble", Problem, Refusal)


class _Scene(NamedTuple):
    """What every decision looks at."""

    given: PlanInput
    options: PlanOptions
    describe: Describe
    told: frozenset[str | None]  # providers that a problem is already reported for

    def status(self, webhook: Desired) -> SecretStatus:
        """The state of its secret; one that nobody compared is never called the same."""
        not_compared = SecretState.UNMANAGED if webhook.secret is None else SecretState.UNVERIFIABLE
        return self.given.secrets.get(webhook.name) or SecretStatus(not_compared)


class _Planned(NamedTuple):
    change: Change
    problem: Problem | None = None
    refusal: Refusal | None = None


def plan(given: PlanInput, options: PlanOptions, describe: Describe, how: Circumstances) -> Plan:
    """What one run would do; equal input gives an equal plan, whatever its order.

    Args:
        options: what was asked of it.
        describe: tells the calls of a change.
        how: what the plan says of its making.

    Raises:
        UsageError: a target that does not exist, or a threshold that is none.
    """
    lock, matching = given.lock, given.matching
    known = [*((webhook.name, webhook.provider) for webhook in given.desired), *lock.providers_of]
    chosen = select(known, options.targets)
    webhooks = [webhook for webhook in given.desired if webhook.name in chosen]
    concerned = {None, *chosen}
    scene = _Scene(given, options, describe, frozenset(problem.provider for problem in how.problems))
    planned = [_webhook(webhook, matching.matched[webhook.name], scene) for webhook in webhooks]
    planned += [_orphan(name, found, scene) for name, found in matching.orphans.items() if name in chosen]
    changes = tuple(sorted((each.change for each in planned), key=_place))
    refused = [*filter(None, (each.refusal for each in planned)), *_guards(webhooks, changes, given, options)]
    return Plan(
        how.whsync,
        how.created_at,
        how.basis,
        changes,
        unmanaged=() if given.policy.unmanaged == "ignore" else matching.unmanaged,
        findings=tuple(finding for finding in matching.findings if finding.name in concerned),
        problems=_sorted([*how.problems, *filter(None, (each.problem for each in planned))]),
        refusals=_sorted(refused),
        reads=how.reads,
        options=options,
    )


def _guards(
    webhooks: Sequence[Desired], changes: Sequence[Change], given: PlanInput, options: PlanOptions
) -> Iterator[Refusal]:
    """Everything the policy refuses. File and lock protect alike, so dropping a block drops no protection."""
    policy, matching = given.policy, given.matching
    found = (*matching.matched.items(), *matching.orphans.items())
    shielded = {webhook.name for webhook in webhooks if webhook.protect}
    shielded.update(name for name, match in found if match.entry is not None and match.entry.protect)
    managed = Counter(entry.provider for entry in given.lock.entries.values() if not entry.retired)
    threshold = policy.max_changed if options.max_changed is None else threshold_of(options.max_changed)
    yield from misplaced(webhooks, policy)
    yield from protected(changes, frozenset(shielded))
    yield from too_many(changes, managed, threshold)
    yield from strangers(matching.unmanaged, policy)


# The webhooks of the file


def _webhook(webhook: Desired, found: Matched, scene: _Scene) -> _Planned:
    """What becomes of one webhook: looked up in the table of `decide`; its calls are asked for where it has any."""
    if scene.options.offline:
        found = found._replace(certainty=Certainty.UNREADABLE, remote=None)
    problem = found.problem or unsettled_problem(webhook, found, scene.given.lock, scene.options)
    facts = _facts(webhook, found, problem, scene)
    issued = webhook.secret is not None and webhook.secret.issued
    hold = _hold(webhook, found, problem, scene)
    action = decide(found.certainty, found.entry is not None, facts.need, hold, issued)
    if action is None:
        return _blocked(webhook, found, facts.fields, problem or found.withheld, scene)
    if found.certainty is Certainty.UNKNOWN:
        told = webhook.provider in scene.told
        unread = None if told else unread_problem(webhook.name, webhook.provider, found.entry_name)
        return _Planned(_change(webhook, found, action, facts, scene), unread)
    if comes_with_its_own(issued, action):
        found = found._replace(withheld=None)
    try:
        change = _change(webhook, found, action, facts, scene)
    except Rejected as error:
        if scene.options.offline and isinstance(error, NotRead):
            return _Planned(_without_calls(webhook, found, action, facts, scene), found.withheld)
        why = found.withheld or impossible(webhook.name, webhook.provider, error)
        return _blocked(webhook, found, facts.fields, why, scene)
    capabilities = scene.given.capabilities_of[webhook.provider]
    refusal = irreplaceable(change, capabilities, scene.options) if action is Action.REPLACE else None
    return _Planned(change, found.withheld, refusal)


def _facts(webhook: Desired, found: Matched, problem: Problem | None, scene: _Scene) -> Facts:
    """What the webhook needs, as far as anything may be concluded."""
    capabilities = scene.given.capabilities_of[webhook.provider]
    if problem is not None:
        return Facts(Need.NOTHING, shown(webhook, found, capabilities))
    if found.certainty is Certainty.UNKNOWN:
        return Facts(Need.NOTHING, why="it could not be read, so nothing is concluded")
    return compare(webhook, found, capabilities, scene.status(webhook), scene.options.reassert)


def _hold(webhook: Desired, found: Matched, problem: Problem | None, scene: _Scene) -> Hold:
    """What keeps the webhook from being changed."""
    if problem is not None:
        return Hold.STOPPED
    if found.withheld is None:
        return Hold.NONE
    return Hold.CUT_SHORT if webhook.name in scene.given.lock.intents else Hold.SECRET


def _blocked(
    webhook: Desired, found: Matched, fields: tuple[FieldChange, ...], problem: Problem | None, scene: _Scene
) -> _Planned:
    """A webhook with which nothing can be done: shown with its differences, and why."""
    facts = Facts(Need.NOTHING, fields, why=problem.summary if problem else "")
    return _Planned(_change(webhook, found, Action.NOOP, facts, scene), problem)


def _without_calls(webhook: Desired, found: Matched, action: Action, facts: Facts, scene: _Scene) -> Change:
    """A change whose calls nobody can tell, for they would carry what was not read."""
    change = _change(webhook, found, action, facts, scene._replace(describe=lambda *asked: ()))
    return change._replace(notes=(*change.notes, OFFLINE))


def _change(webhook: Desired, found: Matched, action: Action, facts: Facts, scene: _Scene) -> Change:
    """The plan's line for one webhook.

    Raises:
        Rejected: the API has no way to do it with what is at hand.
    """
    capabilities, status = scene.given.capabilities_of[webhook.provider], scene.status(webhook)
    entry, remote, making = found.entry, found.remote, action in (Action.CREATE, Action.REPLACE)
    writes = making or bool(facts.sends and action.writes)
    shown_status = of_a_new_one(webhook.secret, status) if making else status
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
        secret=shown_status.state,
        secret_note=secret_note(webhook, shown_status),
        secret_fingerprint=shown_status.fingerprint,
        observed=_proof(webhook, remote, action, scene),
        calls=_calls(webhook, found, action, facts if writes else None, scene),
        notes=notes_for(webhook, found, action, facts, capabilities, shown_status),
        renamed_from=found.entry_name if found.entry_name != webhook.name else None,
        last_applied=entry.at if entry else None,
        sends=facts.sends if writes else (),
        secret_drifted=shown_status.drifted,
    )


def _calls(
    webhook: Desired, found: Matched, action: Action, writes: Facts | None, scene: _Scene
) -> tuple[PlannedCall, ...]:
    """The calls of a change; before them, those that retire what a replacement left over."""
    calls: tuple[PlannedCall, ...] = ()
    if found.superseded is not None and action is not Action.NOOP:
        calls = scene.describe(webhook.name, webhook, found, Action.DELETE, frozenset())
    if writes is None:
        return calls
    return (*calls, *scene.describe(webhook.name, webhook, found, action, frozenset(writes.sends)))


def _proof(webhook: Desired, remote: Remote | None, action: Action, scene: _Scene) -> str | None:
    """What proves a saved plan: a digest; an unchanged webhook needs none, unless a lost answer is to be settled."""
    needed = action is not Action.NOOP or webhook.name in scene.given.lock.intents
    return digest(remote) if remote is not None and needed else None


# The orphans of the lock


def _orphan(name: str, found: Matched, scene: _Scene) -> _Planned:
    """What becomes of one webhook that only the lock has."""
    entry, prune = found.entry, scene.options.prune and not scene.options.offline
    assert entry is not None  # an orphan is an entry of the lock
    if scene.options.offline:
        found = found._replace(certainty=Certainty.UNREADABLE, remote=None)
    capabilities = scene.given.capabilities_of.get(entry.provider)
    retire = capabilities.retire if capabilities else "none"
    # A remote that belongs to another webhook by now is as good as gone for this one.
    certainty = Certainty.ABSENT if found.taken_by else found.certainty
    action = decide_orphan(certainty, prune, retire)
    calls: tuple[PlannedCall, ...] = ()
    if action in (Action.DELETE, Action.DEACTIVATE):
        try:
            calls = scene.describe(name, None, found, action, frozenset())
        except Rejected as error:
            action, found = Action.ORPHAN, found._replace(problem=impossible(name, entry.provider, error))
    change = _orphaned(name, found, entry, action, calls)
    if not prune or action is not Action.ORPHAN:
        return _Planned(change)
    if found.problem is not None:
        return _Planned(change, found.problem)
    if certainty is Certainty.UNKNOWN:
        return _Planned(change, unread_problem(name, entry.provider, name))
    return _Planned(change, None, unprunable(change, retire))


def _orphaned(name: str, found: Matched, entry: Entry, action: Action, calls: tuple[PlannedCall, ...]) -> Change:
    """The plan's line for one orphan."""
    remote = found.remote
    return Change(
        name=name,
        provider=entry.provider,
        type=entry.type,
        scope=entry.scope,
        remote_id=remote.remote_id if remote else entry.remote_id,
        action=action,
        certainty=found.certainty,
        reason=orphan_reason(found, action),
        fields=what_goes(entry, remote, action),
        observed=digest(remote) if remote else None,
        calls=calls,
        notes=orphan_notes(entry),
        last_applied=entry.at,
    )


def _place(change: Change) -> tuple[str, str]:
    return change.provider, change.name


def _sorted(troubles: Iterable[Trouble]) -> tuple[Trouble, ...]:
    return tuple(sorted(troubles, key=lambda each: (each.provider or "", each.name or "", each.summary)))
