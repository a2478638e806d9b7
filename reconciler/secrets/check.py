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
                         no F, R says that none is set              new
                         no F, otherwise                            unverifiable   (new where E is older than the block)
                         F of another value                         changed
                         F, but R has another or none               changed        yes
                         F                                          same
    issued (`to`)        neither                                    new
                         no F, shown                                new
                         no F, but E has a sink: cut short          an error
                         no F                                       unverifiable
                         F, but R has another or none               changed        yes
                         F                                          same
    made by whsync       neither                                    new
    (`generate`, `to`)   no F, but E has a sink: cut short          changed
                         no F, R says that none is set              new
                         no F                                       unverifiable   (new where E is older than the block)
                         F, but R has another or none               changed        yes
                         F                                          same

Where a secret of ours or made by us is unverifiable and the webhook is to be asserted again, it is changed.
"""

from collections.abc import Mapping
from typing import Literal

from reconciler.errors import SecretError
from reconciler.model import Desired, Entry, Remote, SecretRecord, SecretSemantics
from reconciler.secret import Match, Secret, SecretStatus
from reconciler.secrets.fingerprint import Fingerprinter
from reconciler.secrets.source import Resolver

NEW = SecretStatus(Match.NEW)
SAME = SecretStatus(Match.SAME)
NOT_OFFLINE = SecretStatus(Match.UNVERIFIABLE, note="not compared offline")

Drift = Literal["removed", "value", "mask"]
OURS: Mapping[Drift, str] = {
    "removed": "removed at the vendor",
    "value": "changed outside",
    "mask": "changed outside: the vendor's mask differs",
}
ISSUED: Mapping[Drift, str] = {
    "removed": "removed at the vendor",
    "value": "changed outside; it will be stored again",
    "mask": "changed outside; the stored copy is no longer valid",
}


def check(
    desired: Desired,
    remote: Remote | None,
    entry: Entry | None,
    semantics: SecretSemantics,
    *,
    resolver: Resolver,
    fingerprinter: Fingerprinter,
    offline: bool,
    reassert: bool = False,
) -> SecretStatus:
    """The state of the webhook's secret by the table above.

    Args:
        remote: as observed; None where it is not there or cannot be read.
        entry: as recorded; None where nothing was applied.
        semantics: how the vendor treats secrets.
        offline: resolve nothing.
        reassert: what cannot be verified is to be sent again.

    Raises:
        SecretError: the reference cannot be resolved, the recorded fingerprint cannot be compared, or a rotation was
            cut short and nobody knows whether the stored secret is still the one.
    """
    spec = desired.secret
    if spec is None:
        return SecretStatus(Match.UNMANAGED)
    if offline:
        return NEW if entry is None else NOT_OFFLINE
    if spec.source is None:
        made = spec.generate is not None
        kept = _kept(desired, remote, entry, semantics, fingerprinter, made)
        kept = _insisted(kept, "made anew") if made and reassert else kept
        return _with_place(desired, entry, kept, semantics)
    value = resolver.resolve(spec.source)
    status = _ours(value, desired, remote, entry, semantics, fingerprinter)
    status = _insisted(status, "sent again") if reassert else status
    if status.match in (Match.NEW, Match.CHANGED):
        return status._replace(fingerprint=fingerprinter.make(value, desired.name))
    return status


def worth_fetching(
    desired: Desired, remote: Remote | None, entry: Entry | None, semantics: SecretSemantics, reassert: bool
) -> bool:
    """Whether the call that shows the secret would tell more than what was read and recorded."""
    spec = desired.secret
    if not semantics.fetchable or spec is None or spec.generate is not None:
        return False
    if remote is None or remote.secret is not None or remote.has_secret is False:
        return False
    record = entry.secret if entry else None
    if reassert or record is None or record.fingerprint is None:
        return True
    return bool(remote.mask and record.mask and remote.mask != record.mask)


def _insisted(status: SecretStatus, how: str) -> SecretStatus:
    """What cannot be verified is not left at that."""
    if status.match is not Match.UNVERIFIABLE:
        return status
    return SecretStatus(Match.CHANGED, note=f"it cannot be verified, so it is {how}")


def _ours(
    value: Secret,
    desired: Desired,
    remote: Remote | None,
    entry: Entry | None,
    semantics: SecretSemantics,
    fingerprinter: Fingerprinter,
) -> SecretStatus:
    """A secret that comes from a reference."""
    record = entry.secret if entry else None
    if record is not None and record.fingerprint is not None:
        if not fingerprinter.matches(value, record.fingerprint):
            return SecretStatus(Match.CHANGED, note="the reference resolves to another value")
        return _compared(remote, record, fingerprinter, OURS)
    if remote is not None and remote.secret is not None:
        equal = remote.secret == value
        return SAME if equal else SecretStatus(Match.CHANGED, note="the vendor has another value")
    return _unknown(desired.name, remote, entry, semantics)


def _kept(
    desired: Desired,
    remote: Remote | None,
    entry: Entry | None,
    semantics: SecretSemantics,
    fingerprinter: Fingerprinter,
    made: bool,
) -> SecretStatus:
    """A secret that goes to a sink: made by whsync, or issued by the vendor."""
    record = entry.secret if entry else None
    if record is not None and record.fingerprint is not None:
        return _compared(remote, record, fingerprinter, OURS if made else ISSUED)
    if made and record is not None and record.stored is not None:
        return SecretStatus(Match.CHANGED, note="its last change was cut short, so it is made anew")
    if made:
        return _unknown(desired.name, remote, entry, semantics)
    if remote is None and entry is None:
        return NEW
    if remote is not None and remote.secret is not None:
        return SecretStatus(Match.NEW, note="will be stored")
    way = _how_to_own(desired.name, semantics, issued=True)
    if remote is not None and record is not None and record.stored is not None:
        raise SecretError(f"its last rotation was cut short, so {record.stored} may hold the old secret", way)
    return SecretStatus(Match.UNVERIFIABLE, note=way)


def _unknown(name: str, remote: Remote | None, entry: Entry | None, semantics: SecretSemantics) -> SecretStatus:
    """Nothing is recorded of a secret that whsync would set."""
    if entry is None and remote is None:
        return NEW
    if entry is not None and entry.secret is None:
        return SecretStatus(Match.NEW, note="not managed so far")
    if remote is not None and remote.has_secret is False:
        return SecretStatus(Match.NEW, note="the vendor has none")
    return SecretStatus(Match.UNVERIFIABLE, note=_how_to_own(name, semantics, issued=False))


def vendor_side(remote: Remote, record: SecretRecord, fingerprinter: Fingerprinter) -> str:
    """How the vendor's side moved since `record` was made, in words; empty where it did not, or nobody can tell."""
    drift = _drift(remote, record, fingerprinter)
    return OURS[drift] if drift else ""


def _compared(
    remote: Remote | None, record: SecretRecord, fingerprinter: Fingerprinter, words: Mapping[Drift, str]
) -> SecretStatus:
    """The vendor's side against what is recorded."""
    drift = _drift(remote, record, fingerprinter) if remote else None
    return SecretStatus(Match.CHANGED, note=words[drift], drifted=True) if drift else SAME


def _drift(remote: Remote, record: SecretRecord, fingerprinter: Fingerprinter) -> Drift | None:
    """How the vendor's side moved, as far as it shows anything; where it shows value and mask, the value decides."""
    if remote.has_secret is False:
        return "removed"
    if remote.secret is not None and record.fingerprint is not None:
        return None if fingerprinter.matches(remote.secret, record.fingerprint) else "value"
    return "mask" if remote.mask and record.mask and remote.mask != record.mask else None


def _with_place(
    desired: Desired, entry: Entry | None, status: SecretStatus, semantics: SecretSemantics
) -> SecretStatus:
    """Say where the secret still is when the file names another sink by now."""
    sink, record = desired.secret.sink if desired.secret else None, entry.secret if entry else None
    if status.match is not Match.SAME or sink is None or record is None or record.stored in (None, str(sink)):
        return status
    rotates = semantics.reissues or (desired.secret is not None and desired.secret.generate is not None)
    way = f", or `whsync rotate {desired.name}`" if rotates else ""
    return status._replace(note=f"stored in {record.stored}, not in {sink}: move it{way}")


def _how_to_own(name: str, semantics: SecretSemantics, issued: bool) -> str:
    if issued:
        shows = "did not show it this time" if semantics.readable or semantics.fetchable else "shows it only once"
        rotate = f"`whsync rotate {name}` issues a new one and stores it"
        otherwise = "ask it for another, or make a new webhook beside this one and prune this one"
        return f"the vendor {shows}; {rotate if semantics.reissues else otherwise}"
    if semantics.settable_later:
        return f"the vendor never shows it; `whsync rotate {name}` writes yours"
    return "the vendor never shows it and sets it only at creation; replace the webhook to own it"
