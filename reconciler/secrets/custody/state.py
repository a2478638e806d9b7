"""Where a secret stands: between reference or sink, lock and vendor; the one owner of every decision on it. [pure]

Called by `secrets.custody.check` before planning, by `planning` for what a write must carry, and by
`secrets.custody.store` and `apply` while a change is made.

What the lock says of a secret is its standing, and what happens moves it (`advance`):

    standing          the lock has                     means
    ----------------  -------------------------------  ---------------------------------------------------------
    nothing           no record                        nobody ever asked for it here
    unknown           a record, perhaps a mask         declared; which one the vendor has, nobody knows
    declared          a fingerprint, marked unsent     the same, and the file's reference had that value
    known             a fingerprint                    the vendor has the secret of that fingerprint
    stored            a fingerprint and a sink         the same, and the sink has it
    rescued           a fingerprint and a rescue file  the same, and only that file has it
    in doubt          a place and no fingerprint       a change of ours was cut short: the vendor has the old or the new
    owed              the same, of an issued secret    the vendor was asked for one that may not be in its sink
    changed outside   any of the known ones            the vendor shows that it has another by now, or none

    happening    origin          from           to
    -----------  --------------  -------------  ----------------
    moved        any             known, stored,
                                 rescued,       changed outside
                                 unknown,
                                 declared
    moved        any             any other      as it was: a doubt weighs more
    asked        issued          any            owed
    asked        ours, made      any            in doubt
    forgotten    issued          any            owed             the webhook is made, and comes with a secret
    forgotten    ours, made      any            nothing
    refused      any             any            what it was before it was asked
    accepted     ours            any            known
    accepted     made            any            stored           it was in its sink before it was sent
    ignored      any             any            in doubt         the vendor said yes and shows another, or none
    kept         any             any            stored, rescued  an issued one is in its sink, or in a rescue file
    lost         any             any            in doubt, owed   neither could be written
    noted        ours            nothing,
                                 unknown        declared         the reference has a value; nothing was sent
"""

from enum import StrEnum
from typing import Literal, NamedTuple

from reconciler.model.action import Action
from reconciler.model.secret import RESCUE, SecretRef, SecretSemantics, SecretSpec, SecretState, SecretStatus
from reconciler.model.webhook import Entry, Remote, SecretRecord
from reconciler.state.event import Intended

Move = Literal["removed", "value", "mask"]
"""How the vendor's side moved since it was recorded: no secret any more, another value, another mask."""


class Origin(StrEnum):
    """Where a secret comes from."""

    OURS = "ours"  # a reference of the file
    MADE = "made"  # by whsync
    ISSUED = "issued"  # by the vendor


class Standing(StrEnum):
    """What is known of a secret; see the first table above."""

    NOTHING = "nothing"
    UNKNOWN = "unknown"
    DECLARED = "declared"
    KNOWN = "known"
    STORED = "stored"
    RESCUED = "rescued"
    IN_DOUBT = "in doubt"
    OWED = "owed"
    CHANGED_OUTSIDE = "changed outside"


FINGERPRINTED = (Standing.KNOWN, Standing.STORED, Standing.RESCUED)
"""Where the lock has the fingerprint of the vendor's secret."""


def origin_of(spec: SecretSpec) -> Origin:
    """Where the secret of a `secret:` block comes from."""
    return Origin.ISSUED if spec.issued else Origin.OURS if spec.source is not None else Origin.MADE


def standing_of(record: SecretRecord | None, origin: Origin) -> Standing:
    """What the lock's record says."""
    if record is None:
        return Standing.NOTHING
    if record.fingerprint is not None and not record.sent:
        return Standing.DECLARED
    if record.fingerprint is not None:
        rescued = record.stored is not None and record.stored.startswith(RESCUE)
        return Standing.RESCUED if rescued else Standing.STORED if record.stored is not None else Standing.KNOWN
    if record.stored is None:
        return Standing.UNKNOWN
    return Standing.OWED if origin is Origin.ISSUED else Standing.IN_DOUBT


def in_doubt(record: SecretRecord | None) -> bool:
    """Whether nobody knows if the vendor's secret is that of the recorded place: in doubt, or owed."""
    return record is not None and record.fingerprint is None and record.stored is not None


def is_unheard(intent: Intended | None, entry: Entry | None, remote: Remote | None) -> bool:
    """Whether a create was sent whose answer never came, and `remote` may be what it made.

    Args:
        entry: what the lock has of the webhook, or of an older one that was there before.
    """
    making = intent is not None and intent.action.makes
    return making and remote is not None and (entry is None or entry.remote_id != remote.remote_id)


# While a change is made


class Holding(NamedTuple):
    """What is known of one webhook's secret while the webhook is changed.

    Args:
        origin: None where the file has no `secret:` block for it.
        place: the sink, else the reference, as the lock names it.
        record: what the lock may say now.
        before: what it said before the change.
        made: of a secret that whsync made and stored, and that the vendor may not have yet.
        asked: the vendor issues one in this change.
        sent: a secret of ours was answered with success.
        refused: the vendor replaced nothing.
        ignored: the vendor answered success to ours, and shows another or none.
    """

    origin: Origin | None
    place: str | None
    record: SecretRecord | None
    before: SecretRecord | None
    made: SecretRecord | None = None
    asked: bool = False
    sent: bool = False
    refused: bool = False
    ignored: bool = False

    @property
    def standing(self) -> Standing:
        """The standing that the lock would have."""
        return standing_of(self.record, self.origin or Origin.OURS)


class Asked(NamedTuple):
    """The vendor is about to be asked for another secret, or sent one; `at` is UTC, ISO 8601."""

    at: str


class Forgotten(NamedTuple):
    """The webhook is to be made: nothing is known of its secret; `at` is UTC, ISO 8601."""

    at: str


class Refused(NamedTuple):
    """The vendor replaced nothing."""


class Made(NamedTuple):
    """whsync made a secret and stored it; None: the sink has its old one again."""

    record: SecretRecord | None


class Accepted(NamedTuple):
    """The vendor answered success to our secret: `record` is what the lock may say of it, see `accepted_record`."""

    record: SecretRecord | None


class Ignored(NamedTuple):
    """An answer, or a read, shows another secret than the accepted one, or none; `at` is UTC, ISO 8601."""

    at: str


class Kept(NamedTuple):
    """A secret that the vendor issued, or shows, is in its sink, in a rescue file, or lost, as `record` says."""

    record: SecretRecord


class Noted(NamedTuple):
    """What was found at the vendor says no more of the secret than its record: `record` is what the lock may say."""

    record: SecretRecord | None


Happening = Asked | Forgotten | Refused | Made | Accepted | Ignored | Kept | Noted


def advance(holding: Holding, happening: Happening) -> Holding:
    """What is known after `happening`; see the second table above."""
    match happening:
        case Asked(at) | Ignored(at):
            doubt, issues = SecretRecord(None, None, holding.place, at), holding.origin is Origin.ISSUED
            return holding._replace(record=doubt, asked=issues, ignored=isinstance(happening, Ignored))
        case Forgotten(at):
            return advance(holding, Asked(at)) if holding.origin is Origin.ISSUED else holding._replace(record=None)
        case Refused():
            back = holding.before if holding.made is None else holding.record
            return holding._replace(record=back, refused=True)
        case Made(record):
            return holding._replace(made=record)
        case Accepted(record):
            return holding._replace(record=record, sent=True, ignored=False)
        case Kept(record):
            return holding._replace(record=record, asked=True)
        case Noted(record):
            return holding._replace(record=record)


def accepted_record(holding: Holding, mask: str | None) -> SecretRecord | None:
    """What the lock may say once the vendor has a secret that came from no reference; `mask` is what it shows of it."""
    return holding.made._replace(mask=mask) if holding.made is not None else holding.record


def unverified_record(holding: Holding, mask: str | None, declared: str | None, at: str) -> SecretRecord | None:
    """What the lock may say of a secret that is declared but unknown: enough to notice a change on either side.

    Args:
        mask: what the vendor shows of its secret.
        declared: the fingerprint of the file's, where it was made just now; one that was noted earlier stays.
        at: UTC, ISO 8601.
    """
    if holding.origin is None:
        return None
    if declared is None and holding.standing is Standing.DECLARED and holding.record is not None:
        return holding.record._replace(mask=mask or holding.record.mask)
    return SecretRecord(declared, mask, None, at, sent=declared is None)


def moved(standing: Standing, move: Move | None) -> Standing:
    """The standing after the vendor's side was looked at."""
    tells = move is not None and standing in (*FINGERPRINTED, Standing.UNKNOWN, Standing.DECLARED)
    return Standing.CHANGED_OUTSIDE if tells else standing


# What a plan has to know


def takes_a_write(spec: SecretSpec | None, status: SecretStatus) -> bool:
    """Whether another secret takes a write: one that sends ours, or one that asks the vendor for another."""
    return (spec is not None and not spec.issued) or status.reissue


def needs_a_new_webhook(status: SecretStatus, semantics: SecretSemantics) -> bool:
    """Whether a secret that is to be written can only be set when the webhook is made."""
    return not (semantics.settable_later or status.reissue)


def of_a_new_one(spec: SecretSpec | None, status: SecretStatus) -> SecretStatus:
    """The state in a webhook that is made: it gets its secret anew; only one from a reference may be what it was."""
    if spec is None or (spec.source is not None and status.state is SecretState.SAME):
        return status._replace(as_applied=False)
    return SecretStatus(SecretState.NEW, status.fingerprint, status.note if status.state is SecretState.NEW else "")


def waits(action: Action, writes: bool, unsettled: bool) -> bool:
    """Whether a change waits where its secret cannot be had: all but an update, which sends no secret then.

    Args:
        writes: a field or a secret is to be sent; else only the lock has something to learn.
        unsettled: an earlier write was cut short.
    """
    return action is not Action.UPDATE or not writes or unsettled


def comes_with_its_own(issued: bool, action: Action) -> bool:
    """Whether it does not matter that an issued secret is not known: a replacement is issued another."""
    return issued and action is Action.REPLACE


def to_send(spec: SecretSpec | None, status: SecretStatus | None, demanded: bool) -> SecretRef | None:
    """The reference of a secret that a write carries: where it must, or where sending it along overwrites nothing.

    Args:
        demanded: the write is to set the secret.
    """
    if spec is None or status is None:
        return None
    return spec.source if demanded or status.state is SecretState.SAME else None
