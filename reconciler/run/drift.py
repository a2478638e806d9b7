"""What the vendors hold against what was applied, whatever values the files have by now. Called by `cli.drift`."""

from reconciler.codes import Code
from reconciler.errors import Problem, SecretError
from reconciler.matching.types import Matched
from reconciler.model.action import FieldChange
from reconciler.model.diff import drift, in_force
from reconciler.model.webhook import Certainty, Entry, Fields
from reconciler.planning.types import Drifted, DriftReport, PlanOptions
from reconciler.run.missing_lock import lock_missing
from reconciler.run.observe import places_of
from reconciler.run.runtime import Runtime
from reconciler.run.search import search
from reconciler.run.secrets import fingerprints_of
from reconciler.secrets.custody.vendor_drift import Means, vendor_side
from reconciler.state.lock import Lock
from reconciler.state.stores.base import Snapshot
from reconciler.support.hints import command
from reconciler.support.targets import select


def drifted(runtime: Runtime, snapshot: Snapshot, options: PlanOptions) -> DriftReport:
    """Read what the lock knows, and compare.

    Raises:
        UsageError: a target that does not exist.
        Interrupted: the user stopped the run.
    """
    loaded, entries = runtime.loaded, snapshot.lock.entries
    names = select(Lock(entries).providers_of, options.targets)
    lock = Lock({name: entry for name, entry in entries.items() if name in names and not entry.retired})
    observed, matching = search(places_of((), lock, runtime), (), lock, names, runtime)
    found = matching.orphans
    means = Means(runtime.resolver, runtime.fingerprinter(fingerprints_of(lock)), loaded.rescues)
    missing = lock_missing(loaded, runtime.store)  # nothing is compared then, which must not look like no drift
    problems = [*observed.problems, *filter(None, [missing])]
    managed = {
        webhook.name: webhook.fields for webhook in loaded.desired
    }  # what the file leaves out is nobody's business
    webhooks = []
    for name, entry in sorted(lock.entries.items()):
        webhook = Drifted(name, entry.provider, entry.type, entry.scope, entry.remote_id, found[name].certainty)
        if webhook.certainty is Certainty.PRESENT:
            applied = entry.applied.only(managed[name]) if name in managed else entry.applied
            webhook = webhook._replace(fields=_fields(runtime, entry._replace(applied=applied), found[name]))
            try:
                webhook = webhook._replace(secret=_secret(entry, found[name], means, runtime))
            except SecretError as error:
                problems.append(error.of(name, entry.provider))
        elif entry.provider not in loaded.providers:
            problems.append(_homeless(name, entry))
        webhooks.append(webhook)
    return runtime.redactor.over(DriftReport(tuple(webhooks), tuple(problems)))


def _homeless(name: str, entry: Entry) -> Problem:
    """A webhook that nobody could look at, for the files have lost its provider."""
    summary = f"{name}: the files have no provider {entry.provider}"
    hint = f"put the provider back, or let go of it: {command('state', 'rm', name)}"
    return Problem("config", summary, hint, name=name, code=Code.PROVIDER_GONE)


def _fields(runtime: Runtime, entry: Entry, matched: Matched) -> tuple[FieldChange, ...]:
    capabilities = runtime.loaded.providers[entry.provider].vendor.capabilities
    there = runtime.redactor.fields(matched.remote.fields) if matched.remote else Fields()
    return drift(in_force(there, entry.orphan_parts, entry.applied.events), entry.applied, capabilities)


def _secret(entry: Entry, matched: Matched, means: Means, runtime: Runtime) -> str:
    if entry.secret is None or matched.remote is None:
        return ""
    semantics = runtime.loaded.providers[entry.provider].vendor.capabilities.secret
    return vendor_side(matched.remote, entry.secret, means, semantics)
