"""Decides: from what is desired, matched, recorded and allowed to a Plan. [pure]

Called by `run.survey`: one loop over the webhooks of the file and one over the orphans of the lock; what becomes of
each is looked up in the tables of `planning.decide`.
"""

from collections.abc import Container, Iterable, Sequence
from typing import NamedTuple, TypeVar

from reconciler.codes import Code
from reconciler.errors import NotRead, Problem, Rejected
from reconciler.matching.types import Matched, others
from reconciler.model.action import Action, FieldChange, Finding, PlannedCall
from reconciler.model.diff import digest
from reconciler.model.secret import SecretState, SecretStatus
from reconciler.model.webhook import Certainty, Desired, Remote
from reconciler.planning.causes import one_for_each_cause
from reconciler.planning.decide import Hold, decide, decide_orphan
from reconciler.planning.explain import (
    OFFLINE,
    impossible,
    irreplaceable,
    reason,
    secret_note,
    secrets_shown,
    unprunable,
    unread_problem,
    unsettled_problem,
    unverified_fields,
)
from reconciler.planning.guards import guards, lock_findings
from reconciler.planning.inputs import Circumstances, Describe, PlanInput
from reconciler.planning.kept import Keepers, demand_its_own, named
from reconciler.planning.moved import unmanaged_change
from reconciler.planning.needs import Facts, Need, Why, compare, ignored, shown
from reconciler.planning.notes import losses, notes_for, orphan_notes
from reconciler.planning.only_locked import orphaned, set_apart
from reconciler.planning.policy import minded
from reconciler.planning.several import is_only_issued, taken_by
from reconciler.planning.strange import strangers_chosen
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
    chosen: frozenset[str]  # the names that the plan is about
    keepers: Keepers

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
        UsageError: a target or a stranger that does not exist, or a threshold that is none.
    """
    lock, matching = given.lock, given.matching
    known = lock.providers_with(given.desired) if options.unmanaged is None else ()
    chosen = strangers_chosen(matching, options) | select(known, options.targets)
    webhooks = [webhook for webhook in given.desired if webhook.name in chosen]
    told = frozenset(problem.provider for problem in how.problems)
    scene = _Scene(given, options, describe, told, chosen, Keepers(matching, chosen, options.prune))
    planned = [_webhook(webhook, matching.matched[webhook.name], scene) for webhook in webhooks]
    planned += [_orphan(name, found, scene) for name, found in matching.orphans.items() if name in chosen]
    changes = tuple(sorted((each.change for each in planned), key=_place))
    refused = [*filter(None, (each.refusal for each in planned)), *guards(webhooks, changes, given, options)]
    return Plan(
        how.whsync,
        how.created_at,
        how.basis,
        changes,
        unmanaged=minded(matching.unmanaged, given.policy),
        findings=(*lock_findings(given), *_findings(webhooks, {None, *chosen}, given)),
        problems=tuple(one_for_each_cause(_sorted([*how.problems, *filter(None, (each.problem for each in planned))]))),
        refusals=_sorted(refused),
        reads=how.reads,
        options=options,
        discovered=how.discovered,
    )


def _findings(webhooks: Sequence[Desired], concerned: Container[str | None], given: PlanInput) -> tuple[Finding, ...]:
    """What is worth a look: what matching found, and what moved that the file does not manage."""
    found = (finding for finding in given.matching.findings if finding.name in concerned)
    moved = ((webhook, given.moved.get(webhook.name)) for webhook in webhooks)
    return (*found, *(unmanaged_change(webhook, changes) for webhook, changes in moved if changes))


# The webhooks of the file


def _webhook(webhook: Desired, found: Matched, scene: _Scene) -> _Planned:
    """What becomes of one webhook: looked up in the table of `decide`; its calls are asked for where it has any."""
    if scene.options.offline:
        found = found._replace(certainty=Certainty.UNREADABLE, remote=None)
    problem = found.problem or unsettled_problem(webhook, found, scene.given.lock, scene.options)
    facts = _facts(webhook, found, problem, scene)
    hold = _hold(webhook, found, problem, scene)
    action = decide(found.certainty, found.entry is not None, facts.need, hold, is_only_issued(webhook))
    if action is None:
        return _blocked(webhook, found, facts.fields, problem or found.withheld, scene)
    if found.certainty is Certainty.UNKNOWN:
        told = webhook.provider in scene.told
        unread = None if told else unread_problem(webhook.name, webhook.provider, found.entry_name)
        return _Planned(_change(webhook, found, action, facts, scene), unread)
    if action is Action.REPLACE and (taken := taken_by(scene.status(webhook), scene.given.further_of(webhook))):
        return _blocked(webhook, found, facts.fields, taken, scene)
    return _planned(webhook, found, action, facts, scene)


def _planned(webhook: Desired, found: Matched, action: Action, facts: Facts, scene: _Scene) -> _Planned:
    """The webhook's change with its calls, or why the API has no way to make it."""
    if comes_with_its_own(is_only_issued(webhook), action):
        found = found._replace(withheld=None)
    try:
        if action is Action.REPLACE:
            demand_its_own(webhook.name, found, named(others(found.alike, webhook.name)))
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
        return Facts(Need.NOTHING, why=Why(Code.UNREAD, "it could not be read, so nothing is concluded"))
    status, further = scene.status(webhook), scene.given.further_of(webhook)
    return compare(webhook, found, capabilities, status, scene.options.reassert, further)


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
    facts = Facts(Need.NOTHING, fields, why=Why(Code.BLOCKED, problem.summary) if problem else None)
    return _Planned(_change(webhook, found, Action.NOOP, facts, scene)._replace(blocked=True), problem)


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
    entry, remote, making = found.entry, found.remote, action.makes
    writes = making or bool(facts.sends and action.writes)
    shown_status = of_a_new_one(webhook.secret, status) if making else status
    calls = _calls(webhook, found, action, facts if writes else None, scene)
    why = reason(webhook, found, action, facts, capabilities, scene.options)
    return Change(
        name=webhook.name,
        provider=webhook.provider,
        type=webhook.type,
        scope=webhook.scope,
        remote_id=remote.remote_id if remote else entry.remote_id if entry else None,
        action=action,
        certainty=found.certainty,
        reason=why.words,
        fields=facts.fields,
        secret=shown_status.shown,
        secret_note=secret_note(webhook.secret, shown_status),
        secret_fingerprint=shown_status.fingerprint,
        observed=_proof(webhook, remote, action, scene),
        calls=calls,
        notes=(*notes_for(webhook, found, action, facts, capabilities, shown_status), *losses(calls)),
        renamed_from=found.entry_name if found.entry_name != webhook.name else None,
        last_applied=entry.at if entry else None,
        sends=facts.sends if writes else (),
        secret_drifted=shown_status.drifted,
        source=webhook.source,
        code=why.code,
        ignored=() if making else ignored(webhook, found, capabilities),
        unseen=tuple(p for p in unverified_fields(webhook, found, capabilities) if not (writes and p in facts.sends)),
        secrets=secrets_shown(scene.given.further_of(webhook), making),
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
    entry = found.entry
    assert entry is not None  # an orphan is an entry of the lock
    if apart := scene.given.apart.get(name):
        return _Planned(set_apart(name, found, entry, apart))
    prune = (scene.options.prune or entry.is_leaving) and not scene.options.offline
    if scene.options.offline:
        found = found._replace(certainty=Certainty.UNREADABLE, remote=None)
    capabilities = scene.given.capabilities_of.get(entry.provider)
    retire = capabilities.retire if capabilities else "none"
    # A remote that belongs to another webhook by now is as good as gone for this one.
    certainty = Certainty.ABSENT if found.taken_by else found.certainty
    action = decide_orphan(certainty, prune, retire)
    keepers = scene.keepers.of(name, found)
    calls: tuple[PlannedCall, ...] = ()
    if action in (Action.DELETE, Action.DEACTIVATE):
        try:
            demand_its_own(name, found, keepers)
            calls = scene.describe(name, None, found, action, frozenset())
        except Rejected as error:
            action, found = Action.ORPHAN, found._replace(problem=impossible(name, entry.provider, error))
    notes = (*orphan_notes(entry, keepers), *losses(calls))
    change = orphaned(name, found, entry, action, calls)._replace(notes=notes)
    if not prune or action is not Action.ORPHAN:
        return _Planned(change)
    if found.problem is not None:
        return _Planned(change, found.problem)
    if certainty is Certainty.UNKNOWN:
        return _Planned(change, unread_problem(name, entry.provider, name))
    return _Planned(change, None, unprunable(change, retire))


def _place(change: Change) -> tuple[str, str]:
    return change.provider, change.name


def _sorted(troubles: Iterable[Trouble]) -> tuple[Trouble, ...]:
    return tuple(sorted(troubles, key=lambda each: (each.provider or "", each.name or "", each.summary)))
