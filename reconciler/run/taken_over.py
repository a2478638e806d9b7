"""What the lock will say of webhooks that an import writes down, and the proof that the next plan is empty.

Called by `run.imports`. Nothing is written here, to the vendor or to the lock.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from reconciler.config.loaded import Loaded
from reconciler.errors import WhsyncError
from reconciler.importing.types import Draft, Secrecy
from reconciler.matching.binding import Binding, binding, bound
from reconciler.matching.match import match
from reconciler.matching.types import Matched
from reconciler.model.further import FIRST, records_of, remote_of, with_record
from reconciler.model.provenance import Since
from reconciler.model.secret import SecretStatus
from reconciler.model.webhook import Desired, Observation, SecretRecord
from reconciler.planning.needs import Need, compare
from reconciler.planning.types import PlanOptions
from reconciler.run.bind import declared
from reconciler.run.hiding import covered, filled_with
from reconciler.run.observe import Observed
from reconciler.run.runtime import Runtime
from reconciler.run.secrets import SecretComparison, fingerprints_of
from reconciler.run.veil import Veil
from reconciler.secrets.digests import ValueDigests
from reconciler.secrets.fingerprint import Fingerprinter
from reconciler.state.event import Applied
from reconciler.state.lock import Lock, fold


class TakenOver(NamedTuple):
    """The events that bind the webhooks, and why some cannot be bound, by their names in the file."""

    events: tuple[Applied, ...]
    refused: Mapping[str, str]


def taken_over(
    drafts: Mapping[str, Draft],
    values: Mapping[str, str],
    loaded: Loaded,
    observed: Observed,
    lock: Lock,
    runtime: Runtime,
    now: str,
) -> TakenOver:
    """Bind each draft by its id.

    Args:
        drafts: by their names in the file.
        values: what references are going to give that stand there in the place of secrets.
        loaded: the files as they will be.
        observed: what was read.
        lock: as it is.
        runtime: of this run.
        now: UTC, ISO 8601.

    Raises:
        SecretError: what a default of the files refers to cannot be had.
        Interrupted: the user stopped the run.
    """
    prints = runtime.fingerprinter(fingerprints_of(lock))
    filled, veil = filled_with([each for each in loaded.desired if each.name in drafts], values, prints, runtime)
    wanted = {webhook.name: webhook for webhook in filled}
    present = frozenset(webhook.name for webhook in loaded.desired)
    events: dict[str, Applied] = {}
    refused: dict[str, str] = {}
    for name, draft in drafts.items():
        own, capabilities = _covered(draft, wanted[name], veil), loaded.capabilities_of[draft.found.provider]
        try:
            found = binding(wanted[name], own.found.remote.remote_id, capabilities, present, lock)
        except WhsyncError as error:
            refused[name] = error.summary
            continue
        events[name] = runtime.redactor.over(_event(found, own, lock, now, prints, runtime))
    refused |= dict(_unproven(filled, events, loaded, _veiled(observed, veil), veil, prints, runtime))
    return TakenOver(tuple(event for name, event in events.items() if name not in refused), refused)


def _covered(draft: Draft, webhook: Desired, veil: Veil) -> Draft:
    """The draft, with what the files are going to hide hidden in what was read."""
    (remote,) = veil.over(draft.found.provider, Observation((draft.found.remote,))).remotes
    remote = remote._replace(fields=veil.ours(webhook, remote.fields))
    return draft._replace(found=draft.found._replace(remote=remote))


def _veiled(observed: Observed, veil: Veil) -> Observed:
    """The same of all that was read."""
    places = {place: veil.over(place[0], seen) for place, seen in observed.places.items()}
    return observed._replace(places=places)


def _event(found: Binding, draft: Draft, lock: Lock, now: str, prints: Fingerprinter, runtime: Runtime) -> Applied:
    """That one webhook is adopted; of each secret that nobody knows, the lock says just that.

    So once the file names the secret, it is not taken for the vendor's, and is sent only when somebody wants that.
    """
    name, remote = found.desired.name, draft.found.remote
    account, manifest = runtime.to_note(draft.found.provider)
    found = found._replace(account_id=account, manifest=manifest)
    done = bound(found, remote, lock, now, ValueDigests(prints, name), runtime.redactor.hide)
    entry = declared(found, done.entry, lock, runtime)._replace(by=runtime.run, since=Since("adopted", now))
    first = [FIRST] if draft.secret is not Secrecy.NOT_HERE else []
    for which in (*first, *(which for which, _ in found.capabilities.secrets)):
        if which not in records_of(entry):
            entry = with_record(entry, which, SecretRecord(None, remote_of(remote, which).mask, None, now))
    event = done.with_entry(entry).event
    assert isinstance(event, Applied), "nothing is under way for a webhook that nobody manages"
    return event


def _unproven(
    wanted: Sequence[Desired],
    events: Mapping[str, Applied],
    loaded: Loaded,
    observed: Observed,
    veil: Veil,
    prints: Fingerprinter,
    runtime: Runtime,
) -> Iterator[tuple[str, str]]:
    """The webhooks for which the next plan would do something, or could not tell, and why.

    Args:
        wanted: the webhooks of the files that are imported.
        events: that bind them.
        loaded, observed: the files as they will be, and what was read.
        veil: hides what they are going to hide.
        prints: makes fingerprints.
        runtime: of this run.
    """
    lock, capabilities_of = fold(Lock(), events.values()), loaded.capabilities_of
    bound_now = [webhook for webhook in wanted if webhook.name in events]
    matching = match(bound_now, observed.places, lock, capabilities_of, loaded.accounts)
    matching = covered(matching, {webhook.name: webhook for webhook in bound_now}, veil)
    compared = SecretComparison(runtime, lock, prints, PlanOptions()).compare(bound_now, matching)
    for webhook in bound_now:
        status, found = compared.statuses[webhook.name], compared.matching.matched[webhook.name]
        if why := _obstacle(webhook, found, status, loaded):
            yield webhook.name, why


def _obstacle(webhook: Desired, found: Matched, status: SecretStatus, loaded: Loaded) -> str:
    if problem := found.problem or found.withheld:
        return problem.summary
    facts = compare(webhook, found, loaded.capabilities_of[webhook.provider], status, reassert=False)
    if facts.need is Need.NOTHING:
        return ""
    return f"the next plan would change it: {facts.why.words if facts.why is not None else facts.need}"
