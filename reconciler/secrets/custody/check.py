"""The state of one webhook's secret, before planning. Called by `survey` for every webhook of the files.

R is the remote webhook, E the lock's entry, F the fingerprint that E records. "Shown" means that the vendor shows the
value itself, on every read or by a call of its own (`worth_fetching`); a mask is never a value and is compared only
with the mask that was recorded for the same webhook.

    `secret:` block      R and E                                    state          of a drift
    -------------------  -----------------------------------------  -------------  -------------------------------------
    none                 any                                        unmanaged
    any, offline         no E                                       new
                         E                                          unverifiable
    ours (`from`)        neither                                    new
                         no F, shown, equal                         same
                         no F, shown, different                     changed
                         no F, but E has a source: cut short        changed
                         no F, R says that none is set              new
                         no F, otherwise                            unverifiable   (new where E is older than the block)
                         no F, but R has another mask               changed        yes
                         F of another value                         changed
                         F, but R has another or none               changed        yes
                         F                                          same
    issued (`to`)        neither                                    new
                         no F, shown                                new
                         no F, but E has a sink: owed               an error
                         R is of a create that was never answered   an error
                         no F                                       unverifiable
                         R has another mask, or none any more       changed        yes, until the user settles it
                         F, but R shows another                     changed        yes
                         F, but it is in a rescue file              an error       (changed where shown)
                         F, but E has another sink or none, or the
                         sink is gone; shown                        changed
                         F                                          same           (with a note on the sink)
    made by whsync       neither                                    new
    (`generate`, `to`)   no F, but E has a sink: cut short          changed
                         no F, R says that none is set              new
                         no F, but R has another mask               changed        yes
                         no F                                       unverifiable   (new where E is older than the block)
                         F, but R has another or none               changed        yes
                         F, but E has no sink: from a reference     changed
                         F                                          same

Where a secret of ours or made by us is unverifiable and the webhook is to be asserted again, it is changed. A secret is
owed from the moment that the vendor is asked for one until it is in its sink, or until the user takes over by `adopt`.
"""

from functools import partial

from reconciler.errors import SecretError
from reconciler.model.secret import Secret, SecretRef, SecretSemantics, SecretState, SecretStatus
from reconciler.model.webhook import Desired, Entry, Remote, SecretRecord
from reconciler.secrets.custody.places import place_of
from reconciler.secrets.custody.unsettled import anew, demand, in_doubt, outdated
from reconciler.secrets.custody.vendor_drift import ISSUED, OURS, Means, move
from reconciler.secrets.source import Resolver
from reconciler.support.hints import command

NEW = SecretStatus(SecretState.NEW)
SAME = SecretStatus(SecretState.SAME)
NOT_OFFLINE = SecretStatus(SecretState.UNVERIFIABLE, note="not compared offline")


def check(
    desired: Desired,
    remote: Remote | None,
    entry: Entry | None,
    semantics: SecretSemantics,
    means: Means,
    *,
    reassert: bool = False,
    unheard: bool = False,
    unread: bool = False,
) -> SecretStatus:
    """The state of the webhook's secret by the table above.

    Args:
        remote: as observed; None where it is not there or cannot be read.
        entry: as recorded; None where nothing was applied.
        semantics: how the vendor treats secrets.
        reassert: what cannot be verified is to be sent again.
        unheard: `remote` was made by a create that was never answered, see `owed.is_unheard`.
        unread: the webhook is there, although this API cannot be read.

    Raises:
        SecretError: the reference cannot be resolved, the recorded fingerprint cannot be compared, an issued secret
            is owed, or it is still in a rescue file.
    """
    spec = desired.secret
    if spec is None:
        return SecretStatus(SecretState.UNMANAGED)
    if means.offline:
        return NEW if entry is None else NOT_OFFLINE
    if spec.source is not None:
        return _from(spec.source, desired, remote, entry, semantics, means, reassert)
    if spec.issued:
        demand(desired, remote, entry, semantics, unheard=unheard, unread=unread)
        entry = None if unheard else entry  # it is of an older one
    status = _kept(desired, remote, entry, semantics, means)
    status = _insisted(status, "made anew") if reassert and not spec.issued else status
    return _at_its_place(status, desired, remote, entry, semantics, means)


def _from(
    source: SecretRef,
    desired: Desired,
    remote: Remote | None,
    entry: Entry | None,
    semantics: SecretSemantics,
    means: Means,
    reassert: bool,
) -> SecretStatus:
    value = means.resolver.resolve(source)
    status = _ours(value, desired, remote, entry, semantics, means)
    status = _insisted(status, "sent again") if reassert else status
    if status.state in (SecretState.NEW, SecretState.CHANGED):
        return status._replace(fingerprint=means.fingerprinter.make(value, desired.name))
    return status


def worth_fetching(
    desired: Desired,
    remote: Remote | None,
    entry: Entry | None,
    semantics: SecretSemantics,
    resolver: Resolver,
    reassert: bool,
) -> bool:
    """Whether the call that shows the secret would tell more than what was read and recorded, or what its sink has."""
    spec = desired.secret
    if not semantics.fetchable or spec is None or spec.generate is not None:
        return False
    if remote is None or remote.secret is not None or remote.has_secret is False:
        return False
    record = entry.secret if entry else None
    if reassert or record is None or record.fingerprint is None:
        return True
    if spec.sink and (record.stored != str(spec.sink) or resolver.held(spec.sink) == ()):
        return True
    return bool(remote.mask and record.mask and remote.mask != record.mask)


def _insisted(status: SecretStatus, how: str) -> SecretStatus:
    """What cannot be verified is not left at that."""
    if status.state is not SecretState.UNVERIFIABLE:
        return status
    return SecretStatus(SecretState.CHANGED, note=f"it cannot be verified, so it is {how}")


def _ours(
    value: Secret,
    desired: Desired,
    remote: Remote | None,
    entry: Entry | None,
    semantics: SecretSemantics,
    means: Means,
) -> SecretStatus:
    """A secret that comes from a reference."""
    record = entry.secret if entry else None
    if record is not None and record.fingerprint is not None:
        if not means.fingerprinter.matches(value, record.fingerprint):
            return SecretStatus(SecretState.CHANGED, note="the reference resolves to another value")
        return _ours_there(remote, record, means)
    if remote is not None and remote.secret is not None:
        equal = remote.secret == value
        return SAME if equal else SecretStatus(SecretState.CHANGED, note="the vendor has another value")
    if in_doubt(record):
        return SecretStatus(SecretState.CHANGED, note="its last change was cut short, so it is sent again")
    return _unknown(desired.name, remote, entry, semantics, means)


def _kept(
    desired: Desired,
    remote: Remote | None,
    entry: Entry | None,
    semantics: SecretSemantics,
    means: Means,
) -> SecretStatus:
    """A secret that goes to a sink: made by whsync, or issued by the vendor."""
    made = desired.secret is not None and desired.secret.generate is not None
    record = entry.secret if entry else None
    if record is not None and record.fingerprint is not None:
        if made:
            return _ours_there(remote, record, means)
        return _issued_there(desired, remote, record, semantics, means)
    if made and in_doubt(record):
        return SecretStatus(SecretState.CHANGED, note="its last change was cut short, so it is made anew")
    if made:
        return _unknown(desired.name, remote, entry, semantics, means)
    if remote is None and entry is None:
        return NEW
    if remote is not None and remote.secret is not None:
        return SecretStatus(SecretState.NEW, note="will be stored")
    there = _issued_there(desired, remote, record, semantics, means) if record is not None else SAME
    if there is not SAME:
        return there
    return SecretStatus(SecretState.UNVERIFIABLE, note=_how_to_own(desired, semantics))


def _unknown(
    name: str, remote: Remote | None, entry: Entry | None, semantics: SecretSemantics, means: Means
) -> SecretStatus:
    """Nothing is recorded of a secret that whsync would set."""
    if entry is None and remote is None:
        return NEW
    if entry is not None and entry.secret is None:
        return SecretStatus(SecretState.NEW, note="not managed so far")
    if remote is not None and remote.has_secret is False:
        return SecretStatus(SecretState.NEW, note="the vendor has none")
    there = _ours_there(remote, entry.secret, means) if entry is not None and entry.secret is not None else SAME
    return SecretStatus(SecretState.UNVERIFIABLE, note=_how_to_set(name, semantics)) if there is SAME else there


def _ours_there(remote: Remote | None, record: SecretRecord, means: Means) -> SecretStatus:
    """The vendor's side against what is recorded of a secret that we sent."""
    moved = move(remote, record, means) if remote else None
    return SecretStatus(SecretState.CHANGED, note=OURS[moved], drifted=True) if moved else SAME


def _issued_there(
    desired: Desired, remote: Remote | None, record: SecretRecord, semantics: SecretSemantics, means: Means
) -> SecretStatus:
    """The same of one that the vendor has issued: what it does not show, only the user can put right."""
    moved = move(remote, record, means) if remote else None
    if remote is None or moved is None:
        return SAME
    sink = desired.secret and desired.secret.sink
    way = "" if moved == "value" else outdated(desired.name, remote.remote_id, sink, semantics)
    return SecretStatus(SecretState.CHANGED, note=ISSUED[moved], drifted=True, way_out=way)


def _at_its_place(
    status: SecretStatus,
    desired: Desired,
    remote: Remote | None,
    entry: Entry | None,
    semantics: SecretSemantics,
    means: Means,
) -> SecretStatus:
    """A secret that is the same, held against where it should be; one that the vendor shows is stored again if need be.

    Raises:
        SecretError: it is still in a rescue file, and nobody but the user can take it from there.
    """
    spec, record = desired.secret, entry.secret if entry else None
    if status.state is not SecretState.SAME or spec is None or spec.sink is None or record is None:
        return status
    fits = partial(means.fingerprinter.matches, fingerprint=record.fingerprint or "")
    place = place_of(record, spec.sink, means.resolver, fits, means.rescues)
    shown = remote.secret if remote and spec.issued and place.missing else None
    if shown is not None and fits(shown):
        after = f"; then delete {place.rescue}" if place.rescue else ""
        return SecretStatus(SecretState.CHANGED, note=f"{place.missing}; it will be stored there{after}")
    if place.missing and not record.stored and not spec.issued:
        return SecretStatus(SecretState.CHANGED, note="it came from a reference, so it is made anew")
    if place.rescue is not None:
        raise SecretError(f"its secret is in {place.rescue}, not in {spec.sink}", "put it there, then delete that file")
    note = f"{place.missing}: put it there" if place.missing else ""
    if note and (semantics.reissues or not spec.issued):
        note += f", or {command('rotate', desired.name)}"
    mask = remote.mask if remote and spec.issued and semantics.masked and not record.mask else None
    return SecretStatus(SecretState.SAME, note=note, stored=str(spec.sink) if place.moved else None, mask=mask)


def _how_to_own(desired: Desired, semantics: SecretSemantics) -> str:
    """How to get hold of a secret that the vendor issued."""
    shows = "did not show it this time" if semantics.readable or semantics.fetchable else "shows it only once"
    rotate = f"{command('rotate', desired.name)} issues a new one and stores it"
    otherwise = f"ask it for another and put that into {desired.secret and desired.secret.sink}"
    return f"the vendor {shows}; {rotate if semantics.reissues else otherwise + anew(desired.name, semantics)}"


def _how_to_set(name: str, semantics: SecretSemantics) -> str:
    """How to make a secret ours that we would set."""
    if semantics.settable_later:
        return f"the vendor never shows it; {command('rotate', name)} writes yours"
    return f"the vendor never shows it and sets it only at creation; {command('rotate', name)} replaces the webhook"
