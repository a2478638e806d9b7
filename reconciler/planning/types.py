"""What a plan says: types only, each ready for JSON, none holding a secret, a client or a function. [pure]

Made by `planning.plan`, carried out by `apply`, shown by `render`; the words it is made of are in `model.action`.
"""

from collections.abc import Mapping
from typing import NamedTuple

from reconciler.codes import Code
from reconciler.errors import Location, Problem
from reconciler.model.action import Action, Cause, FieldChange, Finding, PlannedCall, Unmanaged
from reconciler.model.discovery import Discovered
from reconciler.model.further import FIRST, pointer_of
from reconciler.model.provenance import History
from reconciler.model.secret import AS_APPLIED, SecretState
from reconciler.model.webhook import Certainty, Scope, Source
from reconciler.state.record import Record


class SecretShown(NamedTuple):
    """What a plan says of one further secret; see the attributes of `Change` that begin with `secret`."""

    name: str
    state: SecretState
    note: str = ""
    fingerprint: str | None = None
    drifted: bool = False


class Change(NamedTuple):
    """What is planned for one webhook.

    Args:
        reason: one sentence for people.
        observed: digest of the remote webhook as read, or None; a saved plan is stale when it differs.
        sends: pointers that the calls carry, `/secret` among them where a secret of ours is sent.
        secret_note: why the secret's state is what it is.
        secret_fingerprint: of the value to be sent, where ours is new or changed.
        notes: further sentences for people (what stays at the vendor, how to own a secret).
        renamed_from: the lock's former name of this webhook.
        last_applied: when the lock last recorded it, for webhooks that cannot be verified.
        secret_drifted: the secret differs because someone changed or removed it at the vendor.
        source: where the file has it; None for an orphan.
        at: the same as line and column, once somebody has looked them up: see `Loaded.located`.
        code: what kind of reason it is.
        blocked: nothing is done with it, for a problem of its own stands in the way.
        ignored: differences of fields that the file only sets when the webhook is made, and that nothing is done about.
        unseen: fields of the file, not sent, that no read shows, or only behind a mask: nobody verified them.
        secrets: further secrets that the file declares.
    """

    name: str
    provider: str
    type: str
    scope: Scope
    remote_id: str | None
    action: Action
    certainty: Certainty
    reason: str
    fields: tuple[FieldChange, ...] = ()
    secret: SecretState = SecretState.UNMANAGED
    secret_note: str = ""
    secret_fingerprint: str | None = None
    observed: str | None = None
    calls: tuple[PlannedCall, ...] = ()
    notes: tuple[str, ...] = ()
    renamed_from: str | None = None
    last_applied: str | None = None
    sends: tuple[str, ...] = ()
    secret_drifted: bool = False
    source: Source | None = None
    at: Location | None = None
    code: Code = Code.UNCODED
    blocked: bool = False
    unseen: tuple[str, ...] = ()
    ignored: tuple[FieldChange, ...] = ()
    secrets: tuple[SecretShown, ...] = ()

    def of(self, which: str) -> "Change":
        """The same, as if this were the webhook's only secret."""
        if not which:
            return self._replace(secrets=()) if self.secrets else self
        known = next((each for each in self.secrets if each.name == which), SecretShown(which, SecretState.UNMANAGED))
        return self._replace(
            secret=known.state,
            secret_note=known.note,
            secret_fingerprint=known.fingerprint,
            secret_drifted=known.drifted,
            secrets=(),
        )

    @property
    def each_secret(self) -> tuple[tuple[str, "Change"], ...]:
        """The change once for each secret, by its name: as if that were the only one; the first always among them."""
        return tuple((which, self.of(which)) for which in (FIRST, *(each.name for each in self.secrets)))

    @property
    def drifted_secrets(self) -> tuple[str, ...]:
        """The pointers of the secrets that someone changed or removed at the vendor."""
        return tuple(pointer_of(which) for which, alone in self.each_secret if alone.secret_drifted)

    @property
    def unread(self) -> bool:
        """Whether it could not be read, so that nothing is done and nothing is said to be in order."""
        idle = self.action in (Action.NOOP, Action.ORPHAN)
        return self.certainty is Certainty.UNKNOWN and idle and not self.blocked

    @property
    def unverifiable(self) -> bool:
        """Whether nobody can tell if its secrets are still those that were applied."""
        return any(state is SecretState.UNVERIFIABLE for state in self.secret_states)

    @property
    def secret_states(self) -> tuple[SecretState, ...]:
        """The states of all its secrets, the first one's first."""
        return (self.secret, *(each.state for each in self.secrets))

    @property
    def as_applied(self) -> bool:
        """Whether nothing of its secret has moved as far as anybody can see."""
        notes = {SecretState.SAME: AS_APPLIED, SecretState.UNMANAGED: AS_APPLIED}
        states = ((self.secret, self.secret_note), *((each.state, each.note) for each in self.secrets))
        return self.unverifiable and all(notes.get(state, note).startswith(AS_APPLIED) for state, note in states)

    @property
    def at_rest(self) -> bool:
        """Whether it was seen to be as it should be: nothing is to be done, and nothing stands in the way."""
        return self.action is Action.NOOP and not (self.blocked or self.unread or self.unverifiable)

    @property
    def unverified(self) -> bool:
        """Compared with the lock only, because the API cannot be read."""
        return self.certainty is Certainty.UNREADABLE and self.action is not Action.CREATE

    @property
    def drifted(self) -> bool:
        """Someone changed it, or its secret, at the vendor since it was applied."""
        by_others = (Cause.DRIFT, Cause.CONFLICT)
        return bool(self.drifted_secrets) or any(change.cause in by_others for change in self.fields)


class Basis(NamedTuple):
    """Digests (`sha256:…`) of what a plan was made from; `discovered`: of what vendors listed, where the files ask."""

    config: str
    lock: str
    discovered: str | None = None


class Refusal(NamedTuple):
    """A guard that said no: the apply stops before its first write with exit code 3."""

    summary: str
    hint: str = ""
    name: str | None = None
    provider: str | None = None
    at: Location | None = None
    code: Code = Code.UNCODED

    @property
    def problem(self) -> Problem:
        """The same as a problem."""
        return Problem("unsafe", self.summary, self.hint, self.provider, self.name, self.at, code=self.code)


class PlanOptions(NamedTuple):
    """What was asked of a plan; a saved plan is made again with the same to prove that it still holds.

    `targets` None: everything. `max_changed` overrides the policy's threshold for this run (`30%` or a count).
    `rotate`: the targets get their secrets anew, whatever their state. `prune_all`: also where no webhook is left.
    `own_secrets`: the file's secrets are sent where nobody knows whether the vendor has them.
    `unmanaged`: only these go, which nobody declared, and nothing else is planned.
    `secrets`: of those that get them anew, only these; None: all.
    """

    prune: bool = False
    reassert: bool = False
    offline: bool = False
    targets: tuple[str, ...] | None = None
    max_changed: str | None = None
    rotate: bool = False
    prune_all: bool = False
    own_secrets: bool = False
    unmanaged: tuple[str, ...] | None = None
    secrets: tuple[str, ...] | None = None

    @property
    def flags(self) -> tuple[str, ...]:
        """The same as words of a command line."""
        switches = (each for each, usual in self._field_defaults.items() if usual is False and getattr(self, each))
        words = [f"--{switch.replace('_', '-')}" for switch in switches]
        for target in self.targets or ():
            words += ["--target", target]
        for which in self.secrets or ():
            words += ["--secret", which or "secret"]
        return (*words, *(("--max-changed", self.max_changed) if self.max_changed is not None else ()))


class Plan(NamedTuple):
    """Everything one run would do, and everything it could not know.

    `reads` counts the read calls made; `created_at` (UTC, ISO 8601) is the only value that may differ for equal input.
    `discovered` is what the vendors listed for blocks of the files.
    """

    whsync: str
    created_at: str
    basis: Basis
    changes: tuple[Change, ...]
    unmanaged: tuple[Unmanaged, ...] = ()
    findings: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    reads: int = 0
    options: PlanOptions = PlanOptions()
    discovered: tuple[Discovered, ...] = ()

    def count(self, action: Action) -> int:
        """How many webhooks have this action."""
        return sum(change.action is action for change in self.changes)

    @property
    def pending(self) -> tuple[Change, ...]:
        """What an apply would carry out."""
        return tuple(change for change in self.changes if change.action not in (Action.NOOP, Action.ORPHAN))

    @property
    def writes(self) -> int:
        """How many write calls an apply would make."""
        return sum(len(change.calls) for change in self.changes)

    @property
    def differs(self) -> bool:
        """Whether anything differs: what `--detailed-exitcode` reports as 2."""
        return any(change.action is not Action.NOOP for change in self.changes)


class Drifted(NamedTuple):
    """One webhook of the lock.

    Args:
        fields: of those that the file manages, what was applied and what is there.
        secret: how the secret moved, in words.
        unmanaged: of the other fields, what the vendor showed after the last apply and what it shows now.
        unverifiable: pointers of what was applied and cannot be seen.
        blocked: something of it could not be compared, and its problem says why.
        at: where the file has it, of one that differs.
    """

    name: str
    provider: str
    type: str
    scope: Scope
    remote_id: str | None
    certainty: Certainty
    fields: tuple[FieldChange, ...] = ()
    secret: str = ""
    unmanaged: tuple[FieldChange, ...] = ()
    unverifiable: tuple[str, ...] = ()
    blocked: bool = False
    at: Location | None = None

    @property
    def differs(self) -> bool:
        """Whether someone changed it, or took it away."""
        return self.certainty is Certainty.ABSENT or bool(self.fields or self.secret or self.unmanaged)


class DriftReport(NamedTuple):
    """Every webhook of the lock, by name, and what could not be read.

    Args:
        unmanaged: what stands beside them at the vendors and is in neither the files nor the lock.
        denied: the policy denies those.
        everything: the policy wants to hear of everything that moves, so that they are drift, too.
        at: when it was made (UTC, ISO 8601), for formats that tell ages.
        histories: what the lock knows of each webhook's past, for formats that tell it.
        record: what was run before, for formats that tell it.
    """

    webhooks: tuple[Drifted, ...]
    problems: tuple[Problem, ...]
    unmanaged: tuple[Unmanaged, ...] = ()
    denied: bool = False
    everything: bool = True
    at: str = ""
    histories: Mapping[str, History] = {}
    record: Record | None = None

    @property
    def differs(self) -> bool:
        """Whether there is any drift."""
        newcomers = bool(self.unmanaged) and (self.denied or self.everything)
        return newcomers or any(webhook.differs for webhook in self.webhooks)
