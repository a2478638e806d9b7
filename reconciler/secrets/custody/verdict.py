"""Why a secret is new, same, changed or unverifiable before planning: from what one comparison found out. [pure]

Called by `secrets.custody.check`, which finds it out; the standings are those of `secrets.custody.state`.
"""

from enum import StrEnum
from typing import NamedTuple

from reconciler.model.secret import SecretState
from reconciler.secrets.custody.state import FINGERPRINTED, Move, Origin, Standing, moved


class Reason(StrEnum):
    """Why a secret's state is what it is."""

    NEW = "new"
    NOT_MANAGED = "not managed so far"
    VENDOR_HAS_NONE = "the vendor has none"
    TO_BE_STORED = "will be stored"
    SAME = "same"
    REFERENCE_CHANGED = "the reference resolves to another value"
    VENDOR_DIFFERS = "the vendor has another value"
    CUT_SHORT = "its last change was cut short"
    CHANGED_OUTSIDE = "changed outside"
    UNVERIFIABLE = "unverifiable"
    INSISTED = "it cannot be verified"
    STORED_AGAIN = "it will be stored again"
    FROM_A_REFERENCE = "it came from a reference"
    RESCUED = "it is in a rescue file"
    OWED = "owed"

    @property
    def state(self) -> SecretState:
        """What the plan shows; owed and rescued secrets are errors, since only the user can go on."""
        return _STATES.get(self, SecretState.CHANGED)


_STATES = {
    Reason.NEW: SecretState.NEW,
    Reason.NOT_MANAGED: SecretState.NEW,
    Reason.VENDOR_HAS_NONE: SecretState.NEW,
    Reason.TO_BE_STORED: SecretState.NEW,
    Reason.SAME: SecretState.SAME,
    Reason.UNVERIFIABLE: SecretState.UNVERIFIABLE,
}


class Evidence(NamedTuple):
    """What one comparison found out.

    Args:
        standing: by the lock.
        move: how the vendor's side moved since.
        recorded: the lock has an entry of the webhook.
        there: the webhook was read.
        shown: the vendor shows the secret itself.
        empty: the vendor says that it has none.
        equal: the reference has the vendor's recorded value; where none is recorded, the shown one; where none is shown
            either, the value that the reference had when it was noted.
        outstanding: an issued secret was asked for, may not have been stored, and the vendor does not show it.
        tells: the vendor shows the secret, or a mask that would be another with another secret.
    """

    origin: Origin
    standing: Standing
    move: Move | None = None
    recorded: bool = False
    there: bool = False
    shown: bool = False
    empty: bool = False
    equal: bool = False
    outstanding: bool = False
    tells: bool = False


def compare(evidence: Evidence) -> Reason:
    """Why the secret's state is what it is, before anybody looks at its place.

    origin      standing           and                       reason
    ----------  -----------------  ------------------------  ---------------------
    issued      any                outstanding               owed
    ours        fingerprinted      not equal                 the reference changed
    any         fingerprinted      moved                     changed outside
    any         fingerprinted                                same
    ours        any other          shown, equal              same
    ours        any other          shown                     the vendor differs
    ours        declared           not equal                 the reference changed
    ours, made  in doubt                                     cut short
    any         any other          not recorded, not there   new
    issued      any other          shown                     to be stored
    ours, made  nothing            recorded                  not managed
    ours, made  any other          empty                     the vendor has none
    any         unknown, declared  moved                     changed outside
    any         any other                                    unverifiable
    """
    if evidence.outstanding:
        return Reason.OWED
    return _compared(evidence) if evidence.standing in FINGERPRINTED else _not_compared(evidence)


def _compared(evidence: Evidence) -> Reason:
    if evidence.origin is Origin.OURS and not evidence.equal:
        return Reason.REFERENCE_CHANGED
    return _by_the_move(evidence, Reason.SAME)


def _not_compared(evidence: Evidence) -> Reason:
    ours_or_made = evidence.origin is not Origin.ISSUED
    if (reason := _by_the_reference(evidence)) is not None:
        return reason
    if evidence.standing is Standing.IN_DOUBT:
        return Reason.CUT_SHORT
    if not (evidence.recorded or evidence.there):
        return Reason.NEW
    if evidence.shown and not ours_or_made:
        return Reason.TO_BE_STORED
    if ours_or_made and evidence.recorded and evidence.standing is Standing.NOTHING:
        return Reason.NOT_MANAGED
    if ours_or_made and evidence.empty:
        return Reason.VENDOR_HAS_NONE
    return _by_the_move(evidence, Reason.UNVERIFIABLE)


def _by_the_reference(evidence: Evidence) -> Reason | None:
    """What the reference's value tells where no fingerprint of the vendor's secret is known; None where nothing."""
    if evidence.origin is not Origin.OURS:
        return None
    if evidence.shown:
        return Reason.SAME if evidence.equal else Reason.VENDOR_DIFFERS
    changed = evidence.standing is Standing.DECLARED and not evidence.equal
    return Reason.REFERENCE_CHANGED if changed else None


def _by_the_move(evidence: Evidence, otherwise: Reason) -> Reason:
    outside = moved(evidence.standing, evidence.move) is Standing.CHANGED_OUTSIDE
    return Reason.CHANGED_OUTSIDE if outside else otherwise


def insisted(reason: Reason, origin: Origin) -> Reason:
    """What is to be asserted again and cannot be verified is sent, or made, again; an issued secret cannot be."""
    return Reason.INSISTED if reason is Reason.UNVERIFIABLE and origin is not Origin.ISSUED else reason


def reasserted(reason: Reason, evidence: Evidence, settable: bool) -> Reason:
    """What counts as the same because nobody can tell is sent again where the user wants that.

    Not one that whsync made, which would become another, and not where it takes a new webhook.

    Args:
        settable: the vendor takes another secret for a webhook that is there.
    """
    blind = reason is Reason.SAME and not evidence.tells and evidence.there
    return Reason.INSISTED if blind and settable and evidence.origin is Origin.OURS else reason


class Whereabouts(NamedTuple):
    """Where a secret that goes to a sink is found.

    Args:
        missing: it is not known to be in its sink.
        rescued: it is in a rescue file.
        at_hand: the vendor shows it, so that it can be stored again.
    """

    missing: bool
    rescued: bool
    at_hand: bool


def placed(reason: Reason, origin: Origin, standing: Standing, where: Whereabouts) -> Reason:
    """The reason once the place of a secret that is the same was looked at.

    where                         origin   standing   reason
    ----------------------------  -------  ---------  ----------------
    missing, the vendor shows it  issued   any        stored again
    missing                       made     known      from a reference
    rescued                       any      any        rescued
    any other                     any      any        same
    """
    if reason is not Reason.SAME:
        return reason
    if where.missing and where.at_hand:
        return Reason.STORED_AGAIN
    if where.missing and standing is Standing.KNOWN and origin is Origin.MADE:
        return Reason.FROM_A_REFERENCE
    return Reason.RESCUED if where.rescued else Reason.SAME
