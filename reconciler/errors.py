"""Problems as values, and the few exceptions that end a command. Used by every wing; imports nothing of ours.

    WhsyncError                1   anything whsync can explain; the base of all below
    ├── UsageError            64   wrong flags, unknown target, no terminal and no --yes
    ├── ConfigError            1   one or many located problems in the user's files
    ├── StateError             1   the lock or its journal is empty, truncated, foreign or newer
    ├── LockHeldError          1   another run works on the same lock
    ├── SecretError            1   a reference cannot be resolved, a sink cannot be used
    ├── StalePlanError         1   the world moved since the plan was saved
    ├── RefusedError           3   a policy, a threshold, a protected webhook, an impossible prune
    │   └── UntrustedError         what the files ask for is not trusted, so nothing was looked up or sent
    ├── Interrupted          130   the user stopped the run before a call was sent, or while it read
    └── VendorError            1   a provider's answer, or the lack of one
        ├── Rejected               the vendor said no: nothing was changed
        └── Indeterminate          nobody knows: it may or may not have been applied

A `Problem` is data: it is collected, sorted, printed and put into plans. An exception carries one or more of them.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from reconciler.codes import Code

Kind = Literal[
    "config",
    "auth",
    "wrong_account",
    "forbidden",
    "not_found",
    "rate_limited",
    "network",
    "vendor",
    "ambiguous",
    "stale_plan",
    "lock_held",
    "unsafe",
    "untrusted",
    "not_converged",
    "secret",
    "internal",
]

EXIT_FINE = 0
EXIT_ERROR = 1
EXIT_DIFFERENCES = 2
EXIT_REFUSED = 3
EXIT_USAGE = 64
EXIT_INTERRUPTED = 130


class Location(NamedTuple):
    """A place in a file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Problem(NamedTuple):
    """One thing that is wrong: `summary` says what and where in words, `hint` the way out.

    `name` is the webhook that it is about; where several have one cause, `names` are all of them.
    """

    kind: Kind
    summary: str
    hint: str = ""
    provider: str | None = None
    name: str | None = None
    at: Location | None = None
    code: Code = Code.UNCODED
    names: tuple[str, ...] = ()

    @property
    def about(self) -> tuple[str, ...]:
        """Every webhook that it is about."""
        return self.names or ((self.name,) if self.name is not None else ())


class WhsyncError(Exception):
    """The base of everything whsync raises on purpose.

    Args:
        summary: one sentence without a final full stop; never holds a secret.
        hint: the way out, in one sentence; may be empty.
        kind: overrides the class's kind.
        code: overrides the class's code.
        problems: all problems, where there is more than the one that `summary` tells.
        told: the problems were shown to people already, and need not be said to them again.
    """

    exit_code = EXIT_ERROR
    kind: Kind = "internal"
    code = Code.INTERNAL_ERROR

    def __init__(
        self,
        summary: str,
        hint: str = "",
        *,
        kind: Kind | None = None,
        code: Code | None = None,
        problems: Iterable[Problem] = (),
        told: bool = False,
    ) -> None:
        super().__init__(summary)
        self.summary = summary
        self.hint = hint
        self.told = told
        if kind is not None:
            self.kind = kind
        if code is not None:
            self.code = code
        self.problems: tuple[Problem, ...] = tuple(problems) or (Problem(self.kind, summary, hint, code=self.code),)

    def of(self, name: str, provider: str) -> Problem:
        """The error as a problem of one webhook, at an entry of `providers:`."""
        return Problem(self.kind, f"{name}: {self.summary}", self.hint, provider, name, code=self.code)


class UsageError(WhsyncError):
    """The command line itself is wrong."""

    exit_code = EXIT_USAGE
    kind: Kind = "config"
    code = Code.WRONG_USAGE


class ConfigError(WhsyncError):
    """The user's files are wrong; `problems` holds every one of them."""

    kind: Kind = "config"
    code = Code.WRONG_VALUE


class StateError(WhsyncError):
    """The lock or its journal cannot be trusted."""

    kind: Kind = "config"
    code = Code.STATE_UNUSABLE


class LockHeldError(WhsyncError):
    """Another run works on the same lock."""

    kind: Kind = "lock_held"
    code = Code.LOCK_HELD


class SecretError(WhsyncError):
    """A secret reference cannot be resolved or a sink cannot be used; names the reference, never the value."""

    kind: Kind = "secret"
    code = Code.SECRET_UNREADABLE


class StalePlanError(WhsyncError):
    """File, lock, secrets or a remote webhook are no longer as the saved plan saw them."""

    kind: Kind = "stale_plan"
    code = Code.PLAN_OUTDATED


class RefusedError(WhsyncError):
    """A guard said no before anything was written."""

    exit_code = EXIT_REFUSED
    kind: Kind = "unsafe"
    code = Code.REFUSED


class UntrustedError(RefusedError):
    """The files ask for what nobody has said that they may; nothing was looked up and nothing was sent."""

    kind: Kind = "untrusted"
    code = Code.UNTRUSTED


class Interrupted(WhsyncError):
    """The user stopped the run; the call that was about to be made was not sent, or could only read."""

    exit_code = EXIT_INTERRUPTED
    kind: Kind = "network"
    code = Code.INTERRUPTED


class VendorError(WhsyncError):
    """A provider's answer, or the lack of one."""

    kind: Kind = "vendor"
    code = Code.ANSWER_UNUSABLE


class Redirected(VendorError):
    """What was to be read is not there: the vendor says that it has another address now."""


class Rejected(VendorError):
    """The vendor said no; nothing was changed.

    `conflicting`: because of something that is there already: a 409 that the manifest calls that.
    """

    code = Code.VENDOR_REFUSED
    conflicting = False


class NotRead(Rejected):
    """A call cannot be told, since what it would have to carry was not read."""


class Indeterminate(VendorError):
    """No answer, or one that says neither yes nor no: the write may or may not have happened."""

    code = Code.ANSWER_LOST
