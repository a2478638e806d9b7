"""What happens while a plan is applied: the Event union. [pure]

Made by `apply`, and by `cli.state` for what is done by hand. `state.lock` folds the durable ones into the new lock,
`state.journal` writes those down, `render` shows all. No event holds a secret.
"""

import hashlib
from typing import NamedTuple

from reconciler.errors import Problem
from reconciler.model.action import Action, FieldChange
from reconciler.model.webhook import Address, Entry, Fields, Scope, SecretRecord


class Started(NamedTuple):
    """The apply begins: how many webhooks will change, how many write calls are planned."""

    changes: int
    writes: int
    at: str


class Unplanned(NamedTuple):
    """What the plan could not conclude, told at the start, so that a watcher of events need not read the plan."""

    problem: Problem


class Intended(NamedTuple):
    """Durable, synced before the call: this write is about to be sent.

    Open until Applied, Removed, Withdrawn or a sure Failed.

    `remote_id`: of what is to be changed or replaced; of a create, once an answer told it (see `state.lock.fold`).
    `account_id`: whose credentials send it, where the vendor tells.
    `key`: what is sent of the key that the file declares, as shown; nothing where it declares none.
    """

    name: str
    action: Action
    provider: str
    type: str
    account: str
    scope: Scope
    remote_id: str | None
    url: str
    at: str
    account_id: str | None = None
    key: Fields = Fields()

    @property
    def address(self) -> Address:
        """Where it is sent to."""
        return Address(self.provider, self.type, self.account, self.scope)

    def token(self, run: str) -> str:
        """What is the same for as long as it is this intent of this run, and no other's."""
        return hashlib.sha256(
            repr((run, *self[: self._fields.index("account_id")])).encode(errors="surrogatepass")
        ).hexdigest()[:32]


class Recorded(NamedTuple):
    """Durable: what is now known to be true of a webhook; a checkpoint between the calls of one change."""

    name: str
    entry: Entry


class SecretStored(NamedTuple):
    """Durable: a secret is in its sink (or in the rescue file that `rescued` names); `which`: a further one's name.

    Where `secret` was not `sent`, that is all that is known: of the vendor's, the entry says what it said before.
    """

    name: str
    secret: SecretRecord
    rescued: str | None = None
    which: str = ""


class Applied(NamedTuple):
    """Durable: the change is done and closes the intent. `fields`: what differed, and who had moved."""

    name: str
    action: Action
    entry: Entry
    at: str
    notes: tuple[str, ...] = ()
    fields: tuple[FieldChange, ...] = ()


class Removed(NamedTuple):
    """Durable: the webhook left the lock (deleted, forgotten or replaced away) and closes the intent."""

    name: str
    action: Action
    at: str
    fields: tuple[FieldChange, ...] = ()


class Renamed(NamedTuple):
    """Durable: the lock's entry has a new name."""

    name: str
    was: str


class Failed(NamedTuple):
    """Durable: the change did not succeed. `indeterminate` keeps the intent open: the write may have happened.

    `partly`: a write of it took effect; the problem is with what should have followed.
    """

    name: str
    action: Action
    problem: Problem
    indeterminate: bool
    at: str
    partly: bool = False
    fields: tuple[FieldChange, ...] = ()


class Skipped(NamedTuple):
    """Not tried: the run was interrupted, or what it needs was not there."""

    name: str
    action: Action
    reason: str


class Withdrawn(NamedTuple):
    """Durable: what was intended was not sent after all, for the run was interrupted; closes the intent."""

    name: str
    action: Action
    reason: str


class Upgraded(NamedTuple):
    """The lock has stronger fingerprints of so many secrets; nothing else about them has changed."""

    secrets: int


class Finished(NamedTuple):
    """The apply ends: counts by outcome, whether it was interrupted, and how many problems the plan had."""

    applied: int
    failed: int
    skipped: int
    interrupted: bool
    at: str
    problems: int = 0


Durable = Intended | Recorded | SecretStored | Applied | Removed | Renamed | Failed | Withdrawn
Event = Started | Unplanned | Durable | Skipped | Upgraded | Finished
