"""The state of one webhook's secret before planning: finds out what `verdict` judges, and says it in words.

Called by `run.secrets` for every webhook of the files, and by `run.bind` after an adoption. The tables are in
`secrets.custody.state` (what the lock's record says) and `secrets.custody.verdict` (what follows). "Shown" means that
the vendor shows the value itself, on every read or by a call of its own (`worth_fetching`); a mask is never a value.
"""

from collections.abc import Iterable
from enum import StrEnum
from functools import partial
from typing import NamedTuple

from reconciler.codes import Code
from reconciler.errors import SecretError
from reconciler.model.further import called, salt_of, way_to_have
from reconciler.model.secret import (
    Secret,
    SecretRecord,
    SecretRef,
    SecretSemantics,
    SecretSpec,
    SecretState,
    SecretStatus,
)
from reconciler.model.webhook import Desired, Entry, Remote
from reconciler.secrets.custody.places import SecretPlace, place_of, stored_in
from reconciler.secrets.custody.state import Move, Origin, Standing, in_doubt, origin_of, standing_of
from reconciler.secrets.custody.vendor_drift import ISSUED, OURS, Means, move, tells_apart
from reconciler.secrets.custody.verdict import Evidence, Reason, Whereabouts, compare, insisted, placed, reasserted
from reconciler.secrets.custody.ways_out import how_to_own, how_to_set, no_second, outdated, owed, rotation
from reconciler.secrets.source import Resolver


class Insistence(StrEnum):
    """What is asked for a secret beyond a comparison."""

    NONE = "none"
    UNSETTLED = "unsettled"  # a write was cut short: what cannot be verified is sent again
    REASSERT = "reassert"  # the user wants that
    OWN = "own"  # the user wants that of secrets, and of nothing else
    ROTATE = "rotate"  # the user wants another secret, or the same set anew


_BY_THE_USER = (Insistence.REASSERT, Insistence.OWN, Insistence.ROTATE)


class Case(NamedTuple):
    """One secret's comparison.

    Args:
        remote: as observed; None where it is not there or cannot be read.
        entry: as recorded; None where nothing was applied.
        semantics: how the vendor treats secrets.
        unheard: `remote` was made by a create that was never answered, see `state.is_unheard`.
        unread: the webhook is there, although this API cannot be read.
        which: a further secret's name; then all of these are as if it were the only one.
    """

    desired: Desired
    remote: Remote | None
    entry: Entry | None
    semantics: SecretSemantics
    insistence: Insistence = Insistence.NONE
    unheard: bool = False
    unread: bool = False
    which: str = ""

    @property
    def salt(self) -> str:
        """What its fingerprints are made for."""
        return salt_of(self.desired.name, self.which)

    @property
    def record(self) -> SecretRecord | None:
        """What the lock knows of the secret."""
        return self.entry.secret if self.entry else None

    @property
    def sink(self) -> SecretRef | None:
        """Where the secret goes."""
        return self.desired.secret.sink if self.desired.secret else None


def check(case: Case, means: Means) -> SecretStatus:
    """The state of the webhook's secret.

    Raises:
        SecretError: the reference cannot be resolved, the recorded fingerprint cannot be compared, an issued secret
            is owed, or it is still in a rescue file; or it is to be rotated and cannot be.
    """
    if case.insistence in _BY_THE_USER:
        case = case._replace(entry=_comparable(case.entry, means))
    return _rotated(case, means) if case.insistence is Insistence.ROTATE else _checked(case, means)


def _comparable(entry: Entry | None, means: Means) -> Entry | None:
    """The entry, less a fingerprint that nobody can compare with any more, for its key is lost."""
    record = entry.secret if entry else None
    if entry is None or record is None or record.fingerprint is None:
        return entry
    if means.fingerprinter.comparable(record.fingerprint):
        return entry
    return entry._replace(secret=record._replace(fingerprint=None, stored=None, sent=True))  # not owed: only not known


def _checked(case: Case, means: Means) -> SecretStatus:
    spec = case.desired.secret
    if spec is None:
        return SecretStatus(SecretState.UNMANAGED)
    if means.offline:
        not_compared = SecretStatus(SecretState.UNVERIFIABLE, note="not compared offline")
        return SecretStatus(SecretState.NEW) if case.entry is None else not_compared
    origin, outstanding = origin_of(spec), _is_outstanding(case, spec)
    if origin is Origin.ISSUED and case.unheard:
        case = case._replace(entry=None)  # it is of an older one
    value = means.resolver.resolve(spec.source) if spec.source is not None else None
    evidence = _evidence(case, origin, value, means)._replace(outstanding=outstanding)
    reason = _as_insisted(case, compare(evidence), evidence)
    status = _at_its_place(case, spec, reason, means) or _in_words(case, origin, reason, evidence.move)
    if status.state is SecretState.SAME and not evidence.tells:
        return status._replace(as_applied=True, fitting=_fitting(case, filter(None, [value])))
    to_note = status.state is SecretState.UNVERIFIABLE and evidence.standing is not Standing.DECLARED
    if value is None or not (to_note or status.state in (SecretState.NEW, SecretState.CHANGED)):
        return status
    return status._replace(fingerprint=means.make(value, case.salt))


def _as_insisted(case: Case, reason: Reason, evidence: Evidence) -> Reason:
    """The reason, once what is asked for beyond a comparison counts."""
    if case.insistence is Insistence.NONE:
        return reason
    reason = insisted(reason, evidence.origin)
    settable = case.semantics.settable_later or case.semantics.takes
    return reasserted(reason, evidence, settable) if case.insistence is Insistence.REASSERT else reason


def _is_outstanding(case: Case, spec: SecretSpec) -> bool:
    """Whether an issued secret was asked for that may not have been stored, and the vendor does not show it."""
    there = case.unread or case.remote is not None
    shown = case.remote is not None and case.remote.secret is not None
    return spec.issued and there and not shown and (case.unheard or in_doubt(case.record))


def _evidence(case: Case, origin: Origin, value: Secret | None, means: Means) -> Evidence:
    record, remote = case.record, case.remote
    shown = remote.secret if remote else None
    equal = value is not None and _equals(value, shown, record, means)
    moved: Move | None = None
    outdated_already = value is not None and record is not None and record.in_force is not None and not equal
    if remote is not None and record is not None and not outdated_already:
        moved = move(remote, record, means, case.semantics)
    return Evidence(
        origin,
        standing_of(record, origin),
        moved,
        recorded=case.entry is not None,
        there=remote is not None,
        shown=shown is not None,
        empty=remote is not None and remote.has_secret is False,
        equal=equal,
        tells=tells_apart(remote, record),
    )


def _equals(value: Secret, shown: Secret | None, record: SecretRecord | None, means: Means) -> bool:
    """Whether the file's secret is the vendor's, else what the file said before: see `Evidence.equal`."""
    known = record and (record.in_force or (record.fingerprint if shown is None else None))
    return means.fingerprinter.matches(value, known) if known else shown == value


def _in_words(case: Case, origin: Origin, reason: Reason, moved: Move | None) -> SecretStatus:
    """The status of a reason.

    Raises:
        SecretError: the secret is owed.
    """
    remote, name, semantics = case.remote, case.desired.name, case.semantics
    remote_id = remote.remote_id if remote else case.entry.remote_id if case.entry else None
    state, note, again = reason.state, str(reason), "sent again" if origin is Origin.OURS else "made anew"
    match reason:
        case Reason.OWED:
            raise owed(name, remote_id, case.sink, semantics)
        case Reason.NEW | Reason.SAME:
            return SecretStatus(state)
        case Reason.CUT_SHORT | Reason.INSISTED:
            return SecretStatus(state, note=f"{note}, so it is {again}")
        case Reason.UNVERIFIABLE:
            issued = origin is Origin.ISSUED
            way = how_to_own(case.desired, semantics) if issued else how_to_set(name, semantics, case.which)
            return SecretStatus(state, note=way)
        case Reason.CHANGED_OUTSIDE if moved is not None and origin is Origin.ISSUED:
            way = "" if moved == "value" else outdated(name, remote_id or "", case.sink, semantics)
            return SecretStatus(state, note=ISSUED[moved], drifted=True, way_out=way)
        case Reason.CHANGED_OUTSIDE if moved is not None:
            return SecretStatus(state, note=OURS[moved], drifted=True)
    return SecretStatus(state, note=note)


def _at_its_place(case: Case, spec: SecretSpec, reason: Reason, means: Means) -> SecretStatus | None:
    """A secret that is the same, held against where it should be; None where it has no place, or is not the same.

    Raises:
        SecretError: it is still in a rescue file, and nobody but the user can take it from there.
    """
    record, origin = case.record, origin_of(spec)
    if reason is not Reason.SAME or spec.sink is None or record is None:
        return None
    fits = partial(means.fingerprinter.matches, fingerprint=record.fingerprint or "")
    place = place_of(record, spec.sink, means.resolver, fits, means.rescues)
    shown = case.remote.secret if case.remote and spec.issued and place.missing else None
    at_hand = shown is not None and fits(shown)
    where = Whereabouts(bool(place.missing), place.rescue is not None, at_hand)
    reason = placed(reason, origin, standing_of(record, origin), where)
    return _place_in_words(case, spec.sink, reason, place, means)


def _place_in_words(case: Case, sink: SecretRef, reason: Reason, place: SecretPlace, means: Means) -> SecretStatus:
    issued, rescue = case.desired.secret is not None and case.desired.secret.issued, place.rescue
    match reason:
        case Reason.STORED_AGAIN:
            after = f"; then delete {rescue}" if rescue else ""
            return SecretStatus(reason.state, note=f"{place.missing}; it will be stored there{after}")
        case Reason.FROM_A_REFERENCE:
            return SecretStatus(reason.state, note="it came from a reference, so it is made anew")
        case Reason.RESCUED:
            raise SecretError(
                f"its {called(case.which)} is in {rescue}, not in {sink}",
                "put it there, then delete that file",
                code=Code.SECRET_RESCUED,
            )
    note = f"{place.missing}: put it there" if place.missing else ""
    if note and (case.semantics.reissues or not issued):
        note += f", or {rotation(case.desired.name, case.which)}"
    stored = str(sink) if place.moved else None
    return SecretStatus(reason.state, note=note, stored=stored, mask=_lesson(case, means) if issued else None)


def _lesson(case: Case, means: Means) -> str | None:
    """The vendor's mask of an issued secret that the lock does not know yet, where it fits the stored one.

    Any other mask may be that of a secret which somebody has set since.
    """
    record = case.record
    return _fitting(case, stored_in(record, means.resolver)) if record is not None and not record.mask else None


def _fitting(case: Case, known: Iterable[Secret]) -> str | None:
    """The vendor's mask, where one of the known secrets fits it."""
    mask = case.remote.mask if case.remote and case.semantics.masked else None
    return mask if mask is not None and any(value.fits(mask) for value in known) else None


# Another secret on demand


def _rotated(case: Case, means: Means) -> SecretStatus:
    """The state of a secret that is to be another one, or set anew.

    Raises:
        SecretError: there is none, or the vendor has no call for that.
    """
    spec = case.desired.secret
    if spec is not None and spec.issued:
        if not case.semantics.reissues:
            raise no_second(case.desired, case.remote, case.semantics)
        return SecretStatus(SecretState.CHANGED, note="issued anew by the vendor", reissue=True)
    if spec is None:
        raise SecretError(f"it has no {called(case.which)} to rotate", way_to_have(case.which), code=Code.NO_SECRET)
    status = _checked(case, means)
    if spec.source is None:
        return SecretStatus(SecretState.CHANGED, note="made anew")
    same = status.state is SecretState.SAME
    note = "the reference still has the value that was applied" if same else "set anew"
    value = means.resolver.resolve(spec.source)
    fingerprint = status.fingerprint or means.make(value, case.salt)
    return SecretStatus(SecretState.CHANGED, fingerprint, note)


# Secrets that it takes a call of its own to see


def worth_fetching(case: Case, resolver: Resolver) -> bool:
    """Whether the call that shows the secret would tell more than what was read and recorded, or what its sink has."""
    spec, remote = case.desired.secret, case.remote
    if not case.semantics.fetchable or spec is None or spec.generate is not None:
        return False
    if remote is None or remote.secret is not None or remote.has_secret is False:
        return False
    if case.insistence in _BY_THE_USER or case.record is None or case.record.in_force is None:
        return True
    return _is_misplaced(case.record, case.sink, resolver) or _has_another_mask(remote, case.record)


def _is_misplaced(record: SecretRecord, sink: SecretRef | None, resolver: Resolver) -> bool:
    return sink is not None and (record.stored != str(sink) or resolver.held(sink) == ())


def _has_another_mask(remote: Remote, record: SecretRecord) -> bool:
    return bool(remote.mask and record.mask and remote.mask != record.mask)
