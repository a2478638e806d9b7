"""What the vendors hold against what was applied, whatever values the files have by now. Called by `cli.drift`."""

from reconciler.errors import Problem, SecretError
from reconciler.matching.types import Matched
from reconciler.model.action import FieldChange
from reconciler.model.diff import drift, in_force
from reconciler.model.webhook import Certainty, Entry, Fields
from reconciler.planning.types import Drifted, DriftReport, PlanOptions
from reconciler.run.observe import places_of
from reconciler.run.runtime import Runtime
from reconciler.run.search import search
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
    records = (entry.secret for entry in lock.entries.values())
    known = tuple(record.fingerprint for record in records if record and record.fingerprint)
    means = Means(runtime.resolver, runtime.fingerprinter(known), loaded.rescues)
    problems = list(observed.problems)
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
                webhook = webhook._replace(secret=_secret(entry, found[name], means))
            except SecretError as error:
                problems.append(Problem(error.kind, f"{name}: {error.summary}", error.hint, entry.provider, name))
        elif entry.provider not in loaded.providers:
            hint = f"put the provider back, or let go of it: {command('state', 'rm', name)}"
            problems.append(Problem("config", f"{name}: the files have no provider {entry.provider}", hint, name=name))
        webhooks.append(webhook)
    return runtime.redactor.over(DriftReport(tuple(webhooks), tuple(problems)))


def _fields(runtime: Runtime, entry: Entry, matched: Matched) -> tuple[FieldChange, ...]:
    capabilities = runtime.loaded.providers[entry.provider].vendor.capabilities
    there = runtime.redactor.fields(matched.remote.fields) if matched.remote else Fields()
    return drift(in_force(there, entry.orphan_parts, entry.applied.events), entry.applied, capabilities)


def _secret(entry: Entry, matched: Matched, means: Means) -> str:
    if entry.secret is None or matched.remote is None:
        return ""
    return vendor_side(matched.remote, entry.secret, means)
