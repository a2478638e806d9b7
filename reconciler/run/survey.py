"""From files, lock and vendors to a plan: the one pipeline behind every command that looks. Called by `cli`.

What it reads, and how that is matched, is used by `run.audit`, too.

load -> observe -> match -> compare secrets -> plan
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from reconciler import __version__
from reconciler.codes import Code
from reconciler.config.loaded import Loaded
from reconciler.errors import SecretError
from reconciler.matching.index import Place
from reconciler.matching.lost_creates import with_names_of_now
from reconciler.matching.problems import in_flight
from reconciler.matching.transfers import plan_transfers
from reconciler.matching.types import Matched, Matching
from reconciler.matching.unwanted import Unwanted
from reconciler.model.action import FieldChange
from reconciler.model.noted import moved
from reconciler.model.webhook import Desired
from reconciler.planning.inputs import Circumstances, PlanInput
from reconciler.planning.plan import plan
from reconciler.planning.policy import Policy
from reconciler.planning.types import Basis, Plan, PlanOptions
from reconciler.run.apply_input import ApplyInput
from reconciler.run.describe import describer
from reconciler.run.discover import Discovery, discover
from reconciler.run.event_names import with_known_events
from reconciler.run.hiding import blocked, covered, unveil
from reconciler.run.missing_lock import lock_missing
from reconciler.run.observe import Observed, places_of
from reconciler.run.runtime import Runtime, utc_now
from reconciler.run.search import search
from reconciler.run.secrets import SecretComparison, fingerprints_of, secret_problem
from reconciler.secrets.digests import ValueDigests
from reconciler.secrets.fingerprint import Fingerprinter
from reconciler.secrets.redact import Redactor
from reconciler.state.lock import Lock
from reconciler.state.stores.base import Holder, Snapshot
from reconciler.support.gc_pause import paused_collector
from reconciler.support.targets import select


def survey(runtime: Runtime, snapshot: Snapshot, options: PlanOptions, makes: bool = True) -> tuple[Plan, ApplyInput]:
    """Read the vendors (unless offline), compare, and plan.

    Args:
        makes: whether anybody will see the fingerprints of new secrets, which take a while.

    Raises:
        UsageError: a target that does not exist.
        Interrupted: the user stopped the run.
    """
    found = discover(runtime, snapshot.lock, offline=options.offline)
    lock = with_names_of_now(runtime.loaded.desired, snapshot.lock)
    fingerprinter = runtime.fingerprinter(fingerprints_of(lock))
    failures = unveil(runtime, lock, fingerprinter, offline=options.offline)
    loaded = runtime.loaded
    known = lock.providers_with(loaded.desired)
    names = select(known, options.targets)
    observed, matching = look(runtime, lock, names, options, found, unwanted=_unwanted(loaded.policy, options))
    matching = blocked(waiting_for(snapshot.holder, matching, lock), failures)
    matching = covered(matching, {webhook.name: webhook for webhook in loaded.desired}, runtime.veil)
    wanted = tuple(_as_locked(webhook, matching.matched[webhook.name]) for webhook in loaded.desired)
    about = names if options.unmanaged is None else frozenset[str]()
    desired = [webhook for webhook in wanted if webhook.name in about]
    matching = with_known_events(() if options.offline else desired, matching, runtime, observed.unused)
    secrets = SecretComparison(runtime, lock, fingerprinter, options, makes)
    compared = secrets.compare(desired, secrets.fetch(desired, matching), observed.unused)
    by_name = {webhook.name: webhook for webhook in desired}
    given = ApplyInput(by_name, compared.matching, compared.statuses, lock, fingerprinter, compared.further)
    webhooks, seen = _redacted(wanted, compared.matching, runtime.redactor)
    wide = [webhook for webhook in desired if loaded.policy.of(webhook.provider).drift == "all"]
    moves = dict(_moves(wide, compared.matching, runtime, fingerprinter))
    missing, how = lock_missing(loaded, runtime.store), _circumstances(runtime, snapshot, found, observed)
    asked = PlanInput(webhooks, seen, lock, loaded.policy, compared.statuses, loaded.capabilities_of, missing, moves)
    asked = asked._replace(apart=found.apart, further=compared.further)
    with paused_collector():
        made = plan(asked, options, describer(given, runtime), how)
    return runtime.redactor.over(_located(made, loaded)), given


def _circumstances(runtime: Runtime, snapshot: Snapshot, found: Discovery, observed: Observed) -> Circumstances:
    """What the plan tells of how it was made."""
    basis = Basis(runtime.loaded.digest, snapshot.digest, found.digest)
    problems = tuple(dict.fromkeys((*found.problems, *observed.problems)))
    return Circumstances(basis, utc_now(), __version__, runtime.reads, problems, found.seen)


def _located(made: Plan, loaded: Loaded) -> Plan:
    """The plan with a place for what it complains of; each change has its `source`, which costs nothing."""
    places = loaded.places()
    return made._replace(
        problems=loaded.located(made.problems, places),
        refusals=loaded.located(made.refusals, places),
        findings=loaded.located(made.findings, places),
    )


def _moves(
    desired: Sequence[Desired], matching: Matching, runtime: Runtime, prints: Fingerprinter
) -> Iterator[tuple[str, tuple[FieldChange, ...]]]:
    """What moved of each webhook in fields that the file does not manage; compared before anything is hidden."""
    for webhook in desired:
        found = matching.matched[webhook.name]
        if found.remote is None or found.entry is None or found.entry.remote_id != found.remote.remote_id:
            continue
        capabilities = runtime.loaded.providers[webhook.provider].vendor.capabilities
        changes = moved(
            found.entry, webhook.fields, found.remote.fields, capabilities, ValueDigests(prints, webhook.name)
        )
        if changes:
            yield webhook.name, changes


def look(
    runtime: Runtime,
    lock: Lock,
    names: frozenset[str],
    options: PlanOptions,
    found: Discovery,
    also: Iterable[Place] = (),
    unwanted: Unwanted = Unwanted(),  # noqa: B008 - a frozen value
) -> tuple[Observed, Matching]:
    """What the vendors hold of `names`, and which of it is whose; everything is matched, whatever is targeted.

    Args:
        lock: with every open intent under the name that its webhook has now.
        names: of webhooks of the files and of the lock; only their places are read.
        options: what is asked for.
        found: what was discovered; places that are gone, or of which nobody knows, are not read.
        also: further places to be read.
        runtime: reads.
        unwanted: which strangers are to go.
    """
    desired, names = runtime.loaded.desired, names - found.apart.keys()
    targeted = [webhook for webhook in desired if webhook.name in names]
    renamed = {was for webhook in targeted for was in webhook.was}
    entries = {name: entry for name, entry in lock.entries.items() if name in names or name in renamed}
    known = Lock(entries, {name: intent for name, intent in lock.intents.items() if name in names})
    places = {} if options.offline else {**dict.fromkeys(also, frozenset()), **places_of(targeted, known, runtime)}
    observed, matching = search(places, desired, lock, names, runtime, unwanted)
    return observed, plan_transfers(found.over(matching), desired, lock, runtime.loaded.capabilities_of)


def _unwanted(policy: Policy, options: PlanOptions) -> Unwanted:
    """Which strangers are to go: those that are named, else all, where the policy says so and nothing is targeted."""
    named = None if options.unmanaged is None else frozenset(options.unmanaged)
    all_go = named is None and options.targets is None

    def rule(one: Policy) -> Unwanted:
        return Unwanted(all_go and one.unmanaged == "delete", one.spared, named)

    return rule(policy)._replace(apart={name: rule(one) for name, one in policy.apart.items()})


def waiting_for(holder: Holder | None, matching: Matching, lock: Lock) -> Matching:
    """Nothing is concluded of what another run is writing now: no answer of it is lost, only not there yet."""
    if holder is None:
        return matching
    stopped = {name: in_flight(name, intent, holder.who, holder.since) for name, intent in lock.intents.items()}

    def waiting(known: Mapping[str, Matched]) -> dict[str, Matched]:
        return {name: each._replace(problem=stopped.get(name, each.problem)) for name, each in known.items()}

    return matching._replace(matched=waiting(matching.matched), orphans=waiting(matching.orphans))


def _as_locked(webhook: Desired, found: Matched) -> Desired:
    """A protection, or an order of replacement, that the file says nothing of is as the lock has it."""
    if found.entry is None:
        return webhook
    if webhook.protect is None and found.entry.protect:
        webhook = webhook._replace(protect=True)
    if webhook.delete_first is None and found.entry.delete_first:
        webhook = webhook._replace(delete_first=True)
    return webhook


def _redacted(
    desired: Sequence[Desired], matching: Matching, redactor: Redactor
) -> tuple[tuple[Desired, ...], Matching]:
    """What is compared and shown: no secret stands in a field. One in an id stops a webhook, for ids go to the lock."""
    webhooks, matched = [], dict(matching.matched)
    for webhook in desired:
        found = matched[webhook.name]
        if found.remote is None:
            wanted = redactor.fields(webhook.fields)
        else:
            wanted, there = redactor.pair(webhook.fields, found.remote.fields)
            if there is not found.remote.fields:
                matched[webhook.name] = found._replace(remote=found.remote._replace(fields=there))
            if found.problem is None and redactor.hide(found.remote.remote_id) != found.remote.remote_id:
                summary = "its id at the vendor holds a secret, and the lock holds ids"
                problem = secret_problem(
                    webhook, SecretError(summary, "give it another secret", code=Code.ID_HOLDS_SECRET)
                )
                matched[webhook.name] = found._replace(problem=problem)
        webhooks.append(webhook if wanted is webhook.fields else webhook._replace(fields=wanted))
    return tuple(webhooks), matching._replace(matched=matched)
