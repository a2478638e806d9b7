"""What an audit says: values only, each ready to be shown, none holding a secret. [pure]

Made by `run.audit` and `audit.judge`, looked at by the rules in `audit.rules`, shown by `render`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from reconciler.codes import Code
from reconciler.errors import Location, Problem
from reconciler.model.capabilities import Capabilities
from reconciler.model.webhook import Certainty, Fields, Scope
from reconciler.planning.policy import Policy


class Severity(StrEnum):
    """How much a finding matters, the mildest first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    def reaches(self, other: "Severity") -> bool:
        """Whether this is as bad as the other, or worse."""
        return _RANKS[self] >= _RANKS[other]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


def graver(one: Severity | None, other: Severity | None) -> Severity | None:
    """The worse of two levels; None, a rule that is off, is milder than any."""
    if one is None or other is None:
        return one or other
    return one if one.reaches(other) else other


Levels = Mapping[Code, Severity | None]
"""How severe each rule's findings are; None switches a rule off."""


class AuditSettings(NamedTuple):
    """The `audit:` block of the files.

    Args:
        levels: of the rules that it speaks of; all others are as severe as usual.
        secret_max_age: days after which a secret is old.
    """

    levels: Mapping[Code, Severity | None] = {}
    secret_max_age: int = 365


class Standing(StrEnum):
    """What a webhook at a vendor is to us."""

    MANAGED = "managed"  # the files have it
    ORPHAN = "orphan"  # only the lock has it
    LEFTOVER = "leftover"  # it was pruned or replaced, and is still there
    UNMANAGED = "unmanaged"  # neither the files nor the lock have it


class Secrecy(StrEnum):
    """Whether a webhook has a secret of its own, as far as its vendor shows that."""

    SET = "set"
    NONE = "none"
    UNKNOWN = "unknown"
    NOT_HERE = "not here"  # the vendor's webhooks have none, or one for the whole account


class FurtherSecret(NamedTuple):
    """One further secret of a webhook; see the attributes of `Seen` that begin with `secret`."""

    name: str
    at: str | None = None
    is_known: bool = False
    declared: bool = False
    group: int | None = None


class Seen(NamedTuple):
    """One webhook of an inventory.

    Args:
        number: its place in the inventory.
        remote_id: by which the vendor knows it; None where neither lock nor vendor says.
        name: what the files or the lock call it; None of one that nobody manages.
        certainty: `present` where it was read; else what is believed of one that the lock has.
        fields: as shown: read where it was, else as applied.
        secrecy: whether it has a secret.
        secret_at: when whsync set or received its secret (UTC, ISO 8601).
        secret_is_known: it is the one that the lock has noted.
        secret_declared: the files say where its secret comes from, or goes to.
        secret_group: equal for webhooks that have one secret, by the files; None where no other has it.
        note: the vendor's words for why it switched it off.
        alike: equal for webhooks of one place with one natural key; None where a part of that is not known.
        at: where the files have it.
        secrets: further secrets that the files or the lock have.
    """

    number: int
    provider: str
    type: str
    scope: Scope
    remote_id: str | None
    name: str | None
    standing: Standing
    certainty: Certainty
    fields: Fields = Fields()
    secrecy: Secrecy = Secrecy.UNKNOWN
    secret_at: str | None = None
    secret_is_known: bool = False
    secret_declared: bool = False
    secret_group: int | None = None
    note: str = ""
    alike: int | None = None
    at: Location | None = None
    secrets: tuple[FurtherSecret, ...] = ()

    @property
    def each_secret(self) -> tuple[FurtherSecret, ...]:
        """All its secrets, the first one's name is empty."""
        first = FurtherSecret("", self.secret_at, self.secret_is_known, self.secret_declared, self.secret_group)
        return (first, *self.secrets)

    @property
    def is_there(self) -> bool:
        """Whether the vendor has it, as far as anybody knows; an API that cannot be read keeps what it was given."""
        return self.certainty in (Certainty.PRESENT, Certainty.UNREADABLE)

    @property
    def known_as(self) -> str:
        """Its name, else its id."""
        return self.name or self.remote_id or ""


class Inventory(NamedTuple):
    """What the rules look at.

    Args:
        at: the present moment (UTC, ISO 8601), for ages.
    """

    webhooks: tuple[Seen, ...]
    policy: Policy
    capabilities_of: Mapping[str, Capabilities]
    settings: AuditSettings
    at: str

    @property
    def there(self) -> tuple[Seen, ...]:
        """Those that a vendor has, as far as anybody knows."""
        return tuple(seen for seen in self.webhooks if seen.is_there)


class Hit(NamedTuple):
    """What a rule says of one webhook: a sentence whose subject it is, and the way out."""

    seen: Seen
    summary: str
    hint: str = ""


class AuditFinding(NamedTuple):
    """One thing to look at about one webhook."""

    code: Code
    severity: Severity
    summary: str
    hint: str
    provider: str
    scope: Scope
    name: str | None = None
    remote_id: str | None = None
    at: Location | None = None

    @property
    def known_as(self) -> str:
        """The webhook's name, else its id."""
        return self.name or self.remote_id or ""


class Audited(NamedTuple):
    """One webhook with its findings, the worst first."""

    seen: Seen
    findings: tuple[AuditFinding, ...] = ()

    @property
    def worst(self) -> Severity | None:
        """The severity of its worst finding."""
        return self.findings[0].severity if self.findings else None


class View(StrEnum):
    """What was seen of a place."""

    WHOLE = "whole"
    PARTLY = "partly"  # its list may hide some
    KNOWN = "known ids only"  # the API cannot list
    UNREADABLE = "unreadable"  # the API has no read
    FAILED = "failed"


class PlaceSeen(NamedTuple):
    """One place, and how many webhooks were read there."""

    provider: str
    scope: Scope
    view: View
    webhooks: int = 0


class AuditReport(NamedTuple):
    """A whole audit.

    Args:
        at: when it was made (UTC, ISO 8601): the only value, ages aside, that may differ for equal input.
        places: what was looked at.
        unlooked: provider entries of which nothing says where to look.
        problems: what could not be seen, or told apart.
        levels: how severe each rule's findings are, by these files.
        fail_on: findings as bad as this make the run fail; None: none do.
        reads: how many read calls were made.
    """

    whsync: str
    at: str
    webhooks: tuple[Audited, ...]
    places: tuple[PlaceSeen, ...] = ()
    unlooked: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    levels: Mapping[Code, Severity | None] = {}
    fail_on: Severity | None = None
    reads: int = 0

    @property
    def findings(self) -> tuple[AuditFinding, ...]:
        """All findings, webhook by webhook."""
        return tuple(finding for webhook in self.webhooks for finding in webhook.findings)

    @property
    def is_whole(self) -> bool:
        """Whether everything was seen that was asked for."""
        return not self.problems

    @property
    def fails(self) -> bool:
        """Whether a finding is as bad as the user wants to hear of by the exit code."""
        return self.fail_on is not None and any(each.severity.reaches(self.fail_on) for each in self.findings)

    def severities(self) -> dict[Severity, int]:
        """How many findings are how severe, the worst first."""
        found = [finding.severity for finding in self.findings]
        return {severity: found.count(severity) for severity in reversed(Severity)}

    def standings(self) -> dict[Standing, int]:
        """How many webhooks are what to us."""
        found = [webhook.seen.standing for webhook in self.webhooks]
        return {standing: found.count(standing) for standing in Standing}
