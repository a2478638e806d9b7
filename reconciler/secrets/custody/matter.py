"""One change as far as its secret is concerned, and what a run keeps secrets with: values, and what is known at first.

Made by `apply.context`; used by `secrets.custody.store`, `secrets.custody.shelf` and `secrets.custody.second_look`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from reconciler.model.action import Action
from reconciler.model.further import called, salt_of
from reconciler.model.secret import Secret, SecretRef, SecretSemantics, SecretSpec, SecretState, SecretStatus
from reconciler.model.webhook import Entry, Remote, SecretRecord
from reconciler.secrets.custody.state import Asked, Holding, Origin, advance, is_unheard, origin_of
from reconciler.secrets.fingerprint import Fingerprinter
from reconciler.secrets.redact import Redactor
from reconciler.secrets.source import Resolver
from reconciler.state.event import Intended


class Put(NamedTuple):
    """A secret that this run has put into a sink, for the webhook of that name; `which`: a further one's name."""

    name: str
    provider: str
    action: Action
    sink: SecretRef
    secret: Secret
    which: str = ""


class Kept:
    """What this run has put into sinks by now, the last of each secret; threads share it."""

    def __init__(self) -> None:
        self._puts: dict[tuple[str, str], Put] = {}

    def note(self, put: Put) -> None:
        """It is there."""
        self._puts[put.name, put.which] = put

    def all(self) -> tuple[Put, ...]:
        """Everything, in the order of the webhooks' first."""
        return tuple(self._puts.values())


class Tools(NamedTuple):
    """What one run keeps secrets with.

    Args:
        folder: where the paths of sinks start.
        rescues: the folder where secrets are rescued to.
        now: the present moment: UTC, ISO 8601.
        kept: what was put into sinks.
    """

    resolver: Resolver
    fingerprinter: Fingerprinter
    redactor: Redactor
    folder: Path
    rescues: Path
    now: Callable[[], str]
    kept: Kept


class Matter(NamedTuple):
    """One change of a webhook, as far as its secret is concerned.

    Args:
        spec: its `secret:` block; None where it has none.
        status: its state as compared before planning; `state` is what the plan shows of it.
        sends: the change is to set the secret.
        fingerprint: of the value that the plan saw, where it is ours, and new or to be noted.
        entry, remote, intent: what the lock has, what was read, and an earlier write that is not settled.
        which: a further secret's name; then `entry` and `remote` are as if that were the only one.
    """

    name: str
    provider: str
    action: Action
    spec: SecretSpec | None
    semantics: SecretSemantics
    status: SecretStatus
    state: SecretState
    sends: bool
    fingerprint: str | None
    entry: Entry | None
    remote: Remote | None
    intent: Intended | None
    which: str = ""

    @property
    def salt(self) -> str:
        """What its fingerprints are made for."""
        return salt_of(self.name, self.which)

    @property
    def called(self) -> str:
        """How people call it."""
        return called(self.which)

    @property
    def random_bits(self) -> int:
        """Of how many random bits whsync makes it, whatever the vendor's rule; 0 where it does not make it."""
        return 8 * (self.spec.generate or 0) if self.spec is not None else 0

    @property
    def is_news(self) -> bool:
        """Whether the plan sees the secret as new or changed."""
        return self.state in (SecretState.NEW, SecretState.CHANGED)

    @property
    def declared(self) -> str | None:
        """The fingerprint of what the file says, where that is to be noted, since nobody knows what the vendor has."""
        return self.fingerprint if self.state is SecretState.UNVERIFIABLE else None

    @property
    def issued(self) -> bool:
        """Whether the vendor issues it."""
        return self.spec is not None and self.spec.issued


def holding_at_first(matter: Matter, now: str) -> Holding:
    """What the lock says, with what the comparison has learned; nothing of a webhook that may just have been made.

    Args:
        now: UTC, ISO 8601.
    """
    record = _learned(matter, matter.entry.secret) if matter.entry and matter.entry.secret else None
    place = matter.spec and (matter.spec.sink or matter.spec.source)
    origin = origin_of(matter.spec) if matter.spec else None
    holding = Holding(origin, str(place) if place else None, record, record)
    if origin is Origin.ISSUED and is_unheard(matter.intent, matter.entry, matter.remote):
        holding = advance(holding, Asked(now))
        holding = holding._replace(before=holding.record)
    return holding


def _learned(matter: Matter, record: SecretRecord) -> SecretRecord:
    """What the lock says, with what the comparison has learned: a sink, a mask, what the file says."""
    # A mask that does not fit may be of a secret that somebody has set since.
    mask = record.mask or matter.status.mask or matter.status.fitting
    record = record._replace(stored=matter.status.stored or record.stored, mask=mask)
    if matter.declared is not None and record.fingerprint is None:
        return record._replace(fingerprint=matter.declared, sent=False)
    return record
