"""From files, lock and vendors to a plan: the one pipeline behind every command that looks. Called by `cli`.

load -> observe -> match -> compare secrets -> plan
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from reconciler import __version__
from reconciler.errors import Interrupted, Problem, SecretError, WhsyncError
from reconciler.matching.index import Place
from reconciler.matching.lost_creates import with_names_of_now
from reconciler.matching.transfers import plan_transfers
from reconciler.matching.types import Matched, Matching
from reconciler.model.action import Action, PlannedCall
from reconciler.model.secret import Secret, SecretRef, SecretSemantics, SecretState, SecretStatus
from reconciler.model.webhook import SECRET, Certainty, Desired, Entry, Fields
from reconciler.planning.plan import Describe, plan
from reconciler.planning.types import Basis, Plan, PlanOptions
from reconciler.providers.protocol import ChangeRequest
from reconciler.run.observe import fetch, places_of
from reconciler.run.runtime import Runtime, utc_now
from reconciler.run.search import search
from reconciler.secrets.custody.check import check, worth_fetching
from reconciler.secrets.custody.unsettled import is_unheard, no_second
from reconciler.secrets.custody.vendor_drift import Means
from reconciler.secrets.fingerprint import Fingerprinter
from reconciler.state.lock import Lock
from reconciler.state.stores.base import Snapshot
from reconciler.support.gc_pause import paused_collector
from reconciler.support.targets import select


class ApplyInput(NamedTuple):
    """What an apply needs beside the plan: everything by webhook name."""

    desired: Mapping[str, Desired]
    matching: Matching
    secrets: Mapping[str, SecretStatus]
    lock: Lock
    fingerprinter: Fingerprinter

    def matched(self, name: str) -> Matched:
        """How `name` was matched, whether it is in the files or only in the lock."""
        return self.matching.matched.get(name) or self.matching.orphans[name]


def survey(runtime: Runtime, snapshot: Snapshot, options: PlanOptions) -> tuple[Plan, ApplyInput]:
    """Read the vendors (unless offline), compare, and plan.

    Raises:
        UsageError: a target that does not exist.
        Interrupted: the user stopped the run.
    """
    loaded, lock = runtime.loaded, with_names_of_now(runtime.loaded.desired, snapshot.lock)
    names = select([*(webhook.name for webhook in loaded.desired), *lock.entries, *lock.intents], options.targets)
    desired = [webhook for webhook in loaded.desired if webhook.name in names]
    entries = {name: entry for name, entry in lock.entries.items() if name in names or _renamed(name, desired)}
    known = Lock(entries, {name: intent for name, intent in lock.intents.items() if name in names})
    places = {} if options.offline else places_of(desired, known, runtime)
    observed, matching = search(places, loaded.desired, lock, names, runtime)
    capabilities_of = {name: config.vendor.capabilities for name, config in loaded.providers.items()}
    matching = plan_transfers(matching, loaded.desired, lock, capabilities_of)
    wanted = tuple(_still_protected(webhook, matching.matched[webhook.name]) for webhook in loaded.desired)
    desired = [webhook for webhook in wanted if webhook.name in names]
    fingerprinter = runtime.fingerprinter(_fingerprints(lock))
    matching = _fetch_secrets(desired, matching, runtime, options)
    secrets, matching = _compare_secrets(desired, matching, lock, runtime, fingerprinter, options)
    apply_input = ApplyInput({webhook.name: webhook for webhook in desired}, matching, secrets, lock, fingerprinter)
    webhooks, seen = _redacted(wanted, matching, runtime)
    with paused_collector():
        made = plan(
            webhooks,
            seen,
            lock,
            loaded.policy,
            secrets,
            capabilities_of,
            basis=Basis(loaded.digest, snapshot.digest),
            created_at=utc_now(),
            whsync=__version__,
            options=options,
            describe=_describer(apply_input, runtime),
            reads=runtime.reads,
            problems=observed.problems,
        )
    return runtime.redactor.over(made._replace(problems=loaded.located(made.problems))), apply_input


def _still_protected(webhook: Desired, found: Matched) -> Desired:
    """A protection that the file says nothing of stays as the lock has it."""
    kept = webhook.protect is None and found.entry is not None and found.entry.protect
    return webhook._replace(protect=True) if kept else webhook


def change_request(apply_input: ApplyInput, name: str, changes: frozenset[str], secret: Secret | None) -> ChangeRequest:
    """One change as its provider needs it; for orphans, what the lock remembers stands for what is desired."""
    desired, matched = apply_input.desired.get(name), apply_input.matched(name)
    entry, remote = matched.entry, matched.remote
    return ChangeRequest(
        name=name,
        scope=desired.scope if desired else entry.scope if entry else (),
        fields=desired.fields if desired else entry.applied if entry else Fields(),
        changes=changes,
        remote=remote,
        remote_id=remote.remote_id if remote else entry.remote_id if entry else None,
        parts=remote.parts if remote and remote.parts else entry.parts if entry else (),
        orphan_parts=(*(entry.orphan_parts if entry else ()), *matched.inherited),
        secret=secret,
        secret_unset=remote is not None and remote.has_secret is False,
        wants_issued=desired is not None and desired.secret is not None and desired.secret.issued,
    )


def sendable(apply_input: ApplyInput, name: str, sends: Collection[str], runtime: Runtime) -> Secret | None:
    """Our own secret for `name`: where it is to be sent, and where sending it along overwrites nothing unknown.

    Raises:
        SecretError: the reference cannot be resolved.
    """
    reference = _sendable(apply_input, name, sends)
    return runtime.resolver.resolve(reference) if reference else None


def _sendable(apply_input: ApplyInput, name: str, sends: Collection[str]) -> SecretRef | None:
    desired, status = apply_input.desired.get(name), apply_input.secrets.get(name)
    if desired is None or desired.secret is None or status is None:
        return None
    return desired.secret.source if SECRET in sends or status.state is SecretState.SAME else None


def _describer(apply_input: ApplyInput, runtime: Runtime) -> Describe:
    """How the plan learns which calls a change will make: the provider says, without IO, or raises that it has none."""

    def describe(
        name: str, desired: Desired | None, matched: Matched, action: Action, changes: frozenset[str]
    ) -> tuple[PlannedCall, ...]:
        provider = desired.provider if desired else matched.entry.provider if matched.entry else ""
        spec = desired.secret if desired else None
        sent = _sendable(apply_input, name, changes) or (
            spec is not None and spec.generate is not None and SECRET in changes
        )
        secret = Secret("stands for the one that apply will send") if sent else None
        made = change_request(apply_input, name, changes, secret)
        calls, old = runtime.provider(provider).calls, matched.superseded
        if old is None or action not in (Action.DELETE, Action.DEACTIVATE):
            return calls(action, made)
        gone = calls(action, made._replace(remote=old, remote_id=old.remote_id))
        return gone if desired is not None else (*gone, *calls(action, made))

    return describe


def _fetch_secrets(desired: list[Desired], matching: Matching, runtime: Runtime, options: PlanOptions) -> Matching:
    """Secrets that it takes a call of its own to see: asked for where nothing else tells, and then a part of the read.

    Where that fails, nothing is done that needs the secret.
    """
    asked: dict[str, tuple[Place, str]] = {}
    for webhook in desired:
        found = matching.matched[webhook.name]
        semantics = runtime.loaded.providers[webhook.provider].vendor.capabilities.secret
        wanted = not (options.offline or options.rotate) and found.problem is None and found.remote is not None
        known = found.remote, found.entry, semantics
        if wanted and worth_fetching(webhook, *known, runtime.resolver, options.reassert):
            asked[webhook.name] = (webhook.provider, webhook.scope), found.remote.remote_id if found.remote else ""
    matched = dict(matching.matched)
    for name, secret in fetch(asked, runtime).items() if asked else ():
        found = matched[name]
        if isinstance(secret, WhsyncError):
            error = SecretError(f"its secret could not be read: {secret.summary}", secret.hint, kind=secret.kind)
            webhook = next(each for each in desired if each.name == name)
            matched[name] = found._replace(withheld=_secret_problem(webhook, error))
        elif found.remote is not None:
            matched[name] = found._replace(remote=found.remote._replace(secret=secret))
    return matching._replace(matched=matched)


def _compare_secrets(
    desired: list[Desired],
    matching: Matching,
    lock: Lock,
    runtime: Runtime,
    fingerprinter: Fingerprinter,
    options: PlanOptions,
) -> tuple[dict[str, SecretStatus], Matching]:
    """Every webhook's secret state; where it cannot be had, nothing is done that needs it, least of all a rotation."""
    statuses: dict[str, SecretStatus] = {}
    matched = dict(matching.matched)
    means = Means(runtime.resolver, fingerprinter, runtime.loaded.rescues, options.offline)
    for webhook in desired:
        found = matched[webhook.name]
        if found.withheld is not None:
            statuses[webhook.name] = SecretStatus(SecretState.UNVERIFIABLE, note=found.withheld.summary)
            continue
        try:
            statuses[webhook.name] = _compared(webhook, found, lock, runtime, means, options)
        except Interrupted:
            raise
        except WhsyncError as error:
            statuses[webhook.name] = SecretStatus(SecretState.UNVERIFIABLE, note=error.summary)
            problem = _secret_problem(webhook, error)
            if found.problem is None:
                found = found._replace(problem=problem) if options.rotate else found._replace(withheld=problem)
                matched[webhook.name] = found
    return statuses, matching._replace(matched=matched)


def _compared(
    webhook: Desired, found: Matched, lock: Lock, runtime: Runtime, means: Means, options: PlanOptions
) -> SecretStatus:
    """One webhook's secret state.

    Raises:
        WhsyncError: see `check`; or it is to be rotated and cannot be.
    """
    semantics = runtime.loaded.providers[webhook.provider].vendor.capabilities.secret
    if options.rotate and webhook.secret is not None and webhook.secret.issued:
        return _reissued(webhook, found, semantics)
    insists = options.rotate or options.reassert
    status = check(
        webhook,
        found.remote,
        _comparable(found.entry, means.fingerprinter) if insists else found.entry,
        semantics,
        means,
        reassert=insists or webhook.name in lock.intents,
        unheard=is_unheard(lock.intents.get(webhook.name), found.entry, found.remote),
        unread=found.certainty is Certainty.UNREADABLE and found.entry is not None,
    )
    return _anew(webhook, status, runtime, means.fingerprinter) if options.rotate else status


def _comparable(entry: Entry | None, fingerprinter: Fingerprinter) -> Entry | None:
    """The entry, less a fingerprint that nobody can compare with any more, for its key is lost."""
    record = entry.secret if entry else None
    if entry is None or record is None or record.fingerprint is None or fingerprinter.comparable(record.fingerprint):
        return entry
    return entry._replace(secret=record._replace(fingerprint=None, stored=None))  # not owed: only not known


def _secret_problem(webhook: Desired, error: WhsyncError) -> Problem:
    return Problem(error.kind, f"{webhook.name}: {error.summary}", error.hint, webhook.provider, webhook.name)


def _reissued(webhook: Desired, found: Matched, semantics: SecretSemantics) -> SecretStatus:
    """The state of a secret that the vendor is to replace by another.

    Raises:
        SecretError: it has no call for that.
    """
    if semantics.reissues:
        return SecretStatus(SecretState.CHANGED, note="issued anew by the vendor", reissue=True)
    raise no_second(webhook, found.remote, semantics)


def _anew(webhook: Desired, status: SecretStatus, runtime: Runtime, fingerprinter: Fingerprinter) -> SecretStatus:
    """The state of a secret of ours that is to be set anew.

    Raises:
        SecretError: there is none.
    """
    spec = webhook.secret
    if spec is None:
        raise SecretError("it has no secret to rotate", "give it a `secret:` block")
    if spec.source is None:
        return SecretStatus(SecretState.CHANGED, note="made anew")
    same = status.state is SecretState.SAME
    note = "the reference still has the value that was applied" if same else "set anew"
    fingerprint = status.fingerprint or fingerprinter.make(runtime.resolver.resolve(spec.source), webhook.name)
    return SecretStatus(SecretState.CHANGED, fingerprint, note)


def _redacted(
    desired: tuple[Desired, ...], matching: Matching, runtime: Runtime
) -> tuple[tuple[Desired, ...], Matching]:
    """What is compared and shown: no secret stands in a field. One in an id stops a webhook, for ids go to the lock."""
    redactor, webhooks, matched = runtime.redactor, [], dict(matching.matched)
    for webhook in desired:
        found = matched[webhook.name]
        wanted = redactor.fields(webhook.fields)
        if found.remote is not None:
            wanted, there = redactor.pair(webhook.fields, found.remote.fields)
            matched[webhook.name] = found._replace(remote=found.remote._replace(fields=there))
            if found.problem is None and redactor.hide(found.remote.remote_id) != found.remote.remote_id:
                summary = "its id at the vendor holds a secret, and the lock holds ids"
                problem = _secret_problem(webhook, SecretError(summary, "give it another secret"))
                matched[webhook.name] = found._replace(problem=problem)
        webhooks.append(webhook._replace(fields=wanted))
    return tuple(webhooks), matching._replace(matched=matched)


def _renamed(name: str, desired: list[Desired]) -> bool:
    return any(name in webhook.was for webhook in desired)


def _fingerprints(lock: Lock) -> tuple[str, ...]:
    records = (entry.secret for entry in lock.entries.values())
    return tuple(record.fingerprint for record in records if record is not None and record.fingerprint)
