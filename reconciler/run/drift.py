"""What the vendors hold against what was applied, whatever values the files have by now. Called by `cli.drift`."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from reconciler.codes import Code
from reconciler.config.loaded import Loaded
from reconciler.config.places import FilePlaces
from reconciler.config.provider import ProviderConfig
from reconciler.errors import Problem, SecretError
from reconciler.matching.problems import elsewhere
from reconciler.matching.types import Matched, Matching
from reconciler.model.capabilities import Capabilities
from reconciler.model.diff import drift, in_force, visible
from reconciler.model.discovery import Apart
from reconciler.model.further import pointer_of, records_of, remote_of, semantics_of
from reconciler.model.hidden import marks_in
from reconciler.model.noted import moved
from reconciler.model.secret import Secret
from reconciler.model.webhook import Address, Certainty, Entry, Fields, Remote
from reconciler.planning.causes import one_for_each_cause
from reconciler.planning.policy import minded
from reconciler.planning.types import Drifted, DriftReport, PlanOptions
from reconciler.run.discover import Discovery, discover
from reconciler.run.hiding import hide_applied
from reconciler.run.histories import Histories
from reconciler.run.missing_lock import lock_missing
from reconciler.run.observe import places_of
from reconciler.run.runtime import Runtime, utc_now
from reconciler.run.search import search, unmanaged_in
from reconciler.run.secrets import fingerprints_of
from reconciler.secrets.custody.foreseen import Foreseen
from reconciler.secrets.custody.vendor_drift import Means, tells_apart, vendor_side
from reconciler.secrets.digests import ValueDigests
from reconciler.secrets.fingerprint import Fingerprinter
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
    found = discover(runtime, snapshot.lock)
    policy, entries = runtime.loaded.policy, snapshot.lock.entries
    names = select(Lock(entries).providers_of, options.targets)
    lock = Lock({name: entry for name, entry in entries.items() if name in names and not entry.is_past})
    prints = runtime.fingerprinter(fingerprints_of(lock))
    hide_applied(runtime, lock, prints)
    near = lock._replace(entries={name: each for name, each in lock.entries.items() if name not in found.apart})
    observed, matching = search(places_of((), near, runtime), (), lock, names - found.apart.keys(), runtime)
    matching = found.over(matching)
    _foreseen(lock, matching).prepare(prints)
    looking = _looking(runtime, prints, found)
    looked = [looking.at(name, entry, matching.orphans[name]) for name, entry in sorted(lock.entries.items())]
    missing = lock_missing(runtime.loaded, runtime.store)  # nothing is compared then, which must not look like no drift
    newcomers = minded(unmanaged_in(observed, snapshot.lock, runtime), policy)
    policies = [policy.of(each.provider) for each in newcomers] or [policy]
    problems = [
        *dict.fromkeys((*found.problems, *observed.problems)),
        *filter(None, [missing]),
        *(seen.problem for seen in looked if seen.problem),
    ]
    places = runtime.loaded.places()
    report = DriftReport(
        _located([seen.webhook for seen in looked], runtime.loaded, places),
        runtime.loaded.located(tuple(one_for_each_cause(problems)), places),
        newcomers,
        any(each.unmanaged == "deny" for each in policies),
        any(each.drift == "all" for each in policies),
        utc_now(),
    )
    return runtime.redactor.over(report)._replace(histories=Histories(lock.entries, runtime.redactor))


def _foreseen(lock: Lock, matching: Matching) -> Foreseen:
    """The secrets that vendors show, and what the lock has of them."""
    foreseen = Foreseen()
    for name, entry in lock.entries.items():
        remote = matching.orphans[name].remote
        for which, record in records_of(entry).items():
            foreseen.note(None, remote_of(remote, which).secret if remote is not None else None, record)
    return foreseen


def _looking(runtime: Runtime, prints: Fingerprinter, found: Discovery) -> "_Look":
    """What the webhooks of the lock are compared with."""
    desired = runtime.loaded.desired
    managed = {webhook.name: webhook.fields for webhook in desired}
    ignored = {webhook.name: webhook.ignore for webhook in desired}
    return _Look(runtime, managed, _means(runtime, prints), ignored, found.apart)


def _located(webhooks: Sequence[Drifted], loaded: Loaded, places: FilePlaces) -> tuple[Drifted, ...]:
    """Those that differ with their places; to look up the others would cost time that nobody has asked for."""
    found = {webhook.name: webhook for webhook in loaded.located(tuple(w for w in webhooks if w.differs), places)}
    return tuple(found.get(webhook.name, webhook) for webhook in webhooks)


def _means(runtime: Runtime, prints: Fingerprinter) -> Means:
    return Means(runtime.resolver, prints, runtime.loaded.rescues)


def _now(entry: Entry, config: ProviderConfig) -> Address:
    """Where the files would have it, by the provider entry that bears the name that the lock has."""
    return entry.address._replace(type=config.vendor.capabilities.type, account=config.base_url)


def _homeless(name: str, entry: Entry) -> Problem:
    """A webhook that nobody could look at, for the files have lost its provider."""
    summary = f"{name}: the files have no provider {entry.provider}"
    hint = f"put the provider back, or let go of it: {command('state', 'rm', name)}"
    return Problem("config", summary, hint, name=name, code=Code.PROVIDER_GONE)


class _Seen(NamedTuple):
    """What became of one webhook, and why it could not be compared, where it could not."""

    webhook: Drifted
    problem: Problem | None = None


class _Look(NamedTuple):
    """What one webhook after the other is compared with.

    Args:
        managed: the fields of each webhook of the files; of a webhook that has left them, all that was applied counts.
        ignored: which of them count only when a webhook is made.
        apart: those whose places are not listed any more, or could not be.
    """

    runtime: Runtime
    managed: Mapping[str, Fields]
    means: Means
    ignored: Mapping[str, tuple[str, ...]]
    apart: Mapping[str, Apart]

    def at(self, name: str, entry: Entry, found: Matched) -> _Seen:
        """One webhook of the lock, as it was found."""
        webhook = Drifted(name, entry.provider, entry.type, entry.scope, entry.remote_id, found.certainty)
        config = self.runtime.loaded.providers.get(entry.provider)
        if config is None:
            return _Seen(webhook, _homeless(name, entry))
        capabilities = config.vendor.capabilities
        if (entry.type, entry.account) != (capabilities.type, config.base_url):
            return _Seen(webhook, elsewhere(name, entry.address, _now(entry, config)))
        if name in self.apart and self.apart[name].state == "unknown":
            return _Seen(webhook._replace(blocked=True))
        if webhook.certainty is not Certainty.PRESENT or found.remote is None:
            return _Seen(webhook)
        try:
            self._demand_keys(entry)
            webhook = self._compared(webhook, entry, found.remote.fields, capabilities)
            return _Seen(self._with_secrets(webhook, entry, found.remote, capabilities))
        except SecretError as error:
            return _Seen(webhook._replace(blocked=True), error.of(name, entry.provider))

    def _with_secrets(self, webhook: Drifted, entry: Entry, there: Remote, capabilities: Capabilities) -> Drifted:
        """The same with how its secrets moved, and those of which nobody can tell.

        Raises:
            SecretError: a fingerprint cannot be compared.
        """
        moves, unsure = [], []
        for which, record in records_of(entry).items():
            shown = remote_of(there, which)
            if how := vendor_side(shown, record, self.means, semantics_of(capabilities, which)):
                moves.append(f"{which}: {how}" if which else how)
            elif not tells_apart(shown, record):
                unsure.append(pointer_of(which))
        return webhook._replace(secret="; ".join(moves), unverifiable=(*webhook.unverifiable, *unsure))

    def _demand_keys(self, entry: Entry) -> None:
        """That what the lock keeps hidden can be compared.

        Raises:
            SecretError: its fingerprints were made with a key that is not at hand.
        """
        prints = self.means.fingerprinter
        for mark in (mark for leaf in entry.applied.values() for mark in marks_in(leaf)):
            if not prints.comparable(mark):
                prints.matches(Secret(""), mark)

    def _compared(self, webhook: Drifted, entry: Entry, there: Fields, capabilities: Capabilities) -> Drifted:
        """The fields, those that the file manages, or managed once, and the others apart."""
        ours = self.managed.get(webhook.name, entry.applied)
        left = {*entry.ignore, *self.ignored.get(webhook.name, ())}
        applied = entry.applied.only(at for at in ours if at not in left)
        observed = in_force(self.runtime.redactor.fields(there), entry.orphan_parts, applied.events)
        digests = ValueDigests(self.means.fingerprinter, webhook.name)
        everything = self.runtime.loaded.policy.of(webhook.provider).drift == "all"
        return webhook._replace(
            fields=drift(observed, applied, capabilities),
            unmanaged=moved(entry, {*applied, *left}, there, capabilities, digests) if everything else (),
            unverifiable=tuple(sorted(applied.keys() - visible(applied, observed, capabilities).keys())),
        )
