"""Decides: from what is desired, matched, recorded and allowed to a Plan. [pure]

Called by `survey`; the plan goes to `render` and `apply`. Two loops (the file's webhooks, the lock's orphans) and two
total functions, `decide` and `decide_orphan`, whose docstrings are the truth tables.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from reconciler.change import Action, Basis, Change, Options, Plan, PlannedCall, Refusal
from reconciler.compare import Facts, Need, compare
from reconciler.diff import digest
from reconciler.errors import Problem, UsageError
from reconciler.lock import Lock
from reconciler.match import Matched, Matching
from reconciler.model import About, Certainty, Desired, Retire
from reconciler.policy import Policy, misplaced, protected, strangers, threshold_of, too_many
from reconciler.reasons import (
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
from reconciler.secret import Match, SecretStatus

Describe = Callable[[str, Desired | None, Matched, Action, frozenset[str]], tuple[PlannedCall, ...]]
"""Which calls an action makes: from name, desired webhook, what was matched, the action, and the pointers it sends."""


class _Scene(NamedTuple):
    """What every decision looks at."""

    lock: Lock
    secrets: Mapping[str, SecretStatus]
    abouts: Mapping[str, About]
    options: Options
    describe: Describe
    told: frozenset[str | None]  # providers that a problem is already reported for
    stopped: Mapping[str, Problem]  # webhooks that one is reported for: a secret that cannot be had, say


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
    abouts: Mapping[str, About],
    *,
    basis: Basis,
    created_at: str,
    whsync: str,
    options: Options,
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
    stopped = {problem.name: problem for problem in problems if problem.name is not None}
    scene = _Scene(lock, secrets, abouts, options, describe, told, stopped)
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
    options: Options,
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


def select(names: Iterable[str], targets: Collection[str] | None) -> frozenset[str]:
    """The names that the targets mean: themselves, or all that `for_each` made of one (`ci` means every `ci[…]`).

    Raises:
        UsageError: a target means nothing; suggests what it could be.
    """
    known = frozenset(names)
    if targets is None:
        return known
    families: dict[str, set[str]] = {}
    for name in known:
        families.setdefault(name, set()).add(name)
        families.setdefault(name.partition("[")[0], set()).add(name)
    strays = sorted(target for target in targets if target not in families)
    if strays:
        near = sorted({match for stray in strays for match in get_close_matches(stray, sorted(families), n=3)})
        hint = f"did you mean {' or '.join(near)}?" if near else "`whsync plan` without --target shows every name"
        raise UsageError(f"no webhook is called {', '.join(strays)}", hint)
    return frozenset().union(*(families[target] for target in targets))


# The webhooks of the file


def decide(certainty: Certainty, managed: bool, need: Need) -> Action:
    """What becomes of a webhook of the file; `managed` says whether the lock has an entry for it.

    certainty    managed   need      action
    ----------   -------   -------   -------
    unknown      any       any       noop        nothing may be concluded
    absent       any       any       create
    unreadable   no        any       create      nobody could look, and says so
    otherwise    any       replace   replace
    present      no        any       adopt
    otherwise    yes       write     update
    otherwise    yes       rename    adopt
    otherwise    yes       record    update      without calls
    otherwise    yes       nothing   noop
    """
    match (certainty, managed, need):
        case (Certainty.UNKNOWN, _, _):
            return Action.NOOP
        case (Certainty.ABSENT, _, _) | (Certainty.UNREADABLE, False, _):
            return Action.CREATE
        case (_, _, Need.REPLACE):
            return Action.REPLACE
        case (_, False, _) | (_, _, Need.RENAME):
            return Action.ADOPT
        case (_, _, Need.WRITE | Need.RECORD):
            return Action.UPDATE
        case _:
            return Action.NOOP


def _webhook(webhook: Desired, found: Matched, scene: _Scene) -> _Decision:
    if scene.options.offline:
        found = found._replace(certainty=Certainty.UNREADABLE, remote=None)
    about = scene.abouts[webhook.provider]
    not_compared = Match.UNMANAGED if webhook.secret is None else Match.UNVERIFIABLE
    status = scene.secrets.get(webhook.name) or SecretStatus(not_compared)
    problem = found.problem or unsettled_problem(webhook, found, scene.lock, scene.options)
    stop = problem or scene.stopped.get(webhook.name)
    if stop is not None:
        facts = Facts(Need.NOTHING, why=stop.summary)
        return _Decision(_change(webhook, found, Action.NOOP, facts, status, scene), problem)
    if found.certainty is Certainty.UNKNOWN:
        facts = Facts(Need.NOTHING, why="it could not be read, so nothing is concluded")
        unread = (
            None if webhook.provider in scene.told else unread_problem(webhook.name, webhook.provider, found.entry_name)
        )
        return _Decision(_change(webhook, found, Action.NOOP, facts, status, scene), unread)
    facts = compare(webhook, found, about, status, scene.options.reassert)
    action = decide(found.certainty, found.entry is not None, facts.need)
    change = _change(webhook, found, action, facts, status, scene)
    return _Decision(change, None, irreplaceable(change, about, scene.options) if action is Action.REPLACE else None)


def _change(
    webhook: Desired, found: Matched, action: Action, facts: Facts, status: SecretStatus, scene: _Scene
) -> Change:
    about, entry, remote = scene.abouts[webhook.provider], found.entry, found.remote
    writes = action in (Action.CREATE, Action.REPLACE) or bool(facts.sends and action.writes)
    calls = scene.describe(webhook.name, webhook, found, action, frozenset(facts.sends)) if writes else ()
    if found.superseded is not None:
        calls = (*scene.describe(webhook.name, webhook, found, Action.DELETE, frozenset()), *calls)
    if action in (Action.CREATE, Action.REPLACE):
        status = _of_a_new_one(webhook, status)
    # Unchanged webhooks are not proven again by an apply, unless a lost answer is to be settled.
    proof = remote is not None and (action is not Action.NOOP or webhook.name in scene.lock.intents)
    return Change(
        webhook.name,
        webhook.provider,
        webhook.type,
        webhook.scope,
        remote.remote_id if remote else entry.remote_id if entry else None,
        action,
        found.certainty,
        reason(found, action, facts, about, scene.options),
        facts.fields,
        status.match,
        secret_note(webhook, status),
        status.fingerprint,
        digest(remote) if proof and remote else None,
        calls,
        notes_for(webhook, found, action, facts, about, status),
        found.entry_name if found.entry_name != webhook.name else None,
        entry.at if entry else None,
        facts.sends if writes else (),
    )


def _of_a_new_one(webhook: Desired, status: SecretStatus) -> SecretStatus:
    """A webhook that is made gets its secret anew; only one from a reference may be what it was."""
    spec = webhook.secret
    if spec is None or (spec.source is not None and status.match is Match.SAME):
        return status
    return SecretStatus(Match.NEW, status.fingerprint, status.note if status.match is Match.NEW else "")


# The orphans of the lock


def decide_orphan(certainty: Certainty, prune: bool, retire: Retire) -> Action:
    """What becomes of a webhook that only the lock has; `retire` is what pruning does at its vendor.

    prune   certainty    retire       action
    -----   ----------   ----------   ----------
    no      any          any          orphan
    yes     absent       any          forget
    yes     present      delete       delete
    yes     present      deactivate   deactivate
    yes     present      none         orphan      refused: the vendor has no way
    yes     unreadable   any          orphan      refused: nobody can look
    yes     unknown      any          orphan      a problem: the read failed
    """
    match (prune, certainty, retire):
        case (True, Certainty.ABSENT, _):
            return Action.FORGET
        case (True, Certainty.PRESENT, "delete"):
            return Action.DELETE
        case (True, Certainty.PRESENT, "deactivate"):
            return Action.DEACTIVATE
        case _:
            return Action.ORPHAN


def _orphan(name: str, found: Matched, scene: _Scene) -> _Decision:
    entry, prune = found.entry, scene.options.prune and not scene.options.offline
    assert entry is not None  # an orphan is an entry of the lock
    if scene.options.offline:
        found = found._replace(certainty=Certainty.UNREADABLE, remote=None)
    about = scene.abouts.get(entry.provider)
    # A remote that belongs to another webhook by now is as good as gone for this one.
    certainty = Certainty.ABSENT if found.taken_by else found.certainty
    action = decide_orphan(certainty, prune, about.retire if about else "none")
    remote, writes = found.remote, action in (Action.DELETE, Action.DEACTIVATE)
    change = Change(
        name,
        entry.provider,
        entry.type,
        entry.scope,
        remote.remote_id if remote else entry.remote_id,
        action,
        found.certainty,
        orphan_reason(found, action),
        observed=digest(remote) if remote else None,
        calls=scene.describe(name, None, found, action, frozenset()) if writes else (),
        notes=orphan_notes(entry),
        last_applied=entry.at,
    )
    if not prune or action is not Action.ORPHAN:
        return _Decision(change)
    if found.problem is not None:
        return _Decision(change, found.problem)
    if certainty is Certainty.UNKNOWN:
        return _Decision(change, unread_problem(name, entry.provider, name))
    return _Decision(change, None, unprunable(change))


def _place(change: Change) -> tuple[str, str]:
    return change.provider, change.name


def _place_of_trouble(trouble: Problem | Refusal) -> tuple[str, str, str]:
    return trouble.provider or "", trouble.name or "", trouble.summary
