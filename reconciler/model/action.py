"""What can become of a webhook, and what is told of it: actions, causes, differences, calls, findings. [pure]

Used by `model.diff`, `matching`, `planning`, `providers`, `state` and `apply`; plans are made of them, see
`planning.types`.
"""

from enum import StrEnum
from typing import NamedTuple

from reconciler.codes import Code
from reconciler.errors import Location
from reconciler.model.webhook import Scope

Shown = str | bool | int | float | tuple[object, ...] | None


class Action(StrEnum):
    """What will be done to one webhook."""

    CREATE = "create"
    ADOPT = "adopt"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    DEACTIVATE = "deactivate"
    FORGET = "forget"
    ORPHAN = "orphan"
    NOOP = "noop"

    @property
    def writes(self) -> bool:
        """Whether it may send a write to the vendor (adopt only where it has fields to write)."""
        return self not in (Action.FORGET, Action.ORPHAN, Action.NOOP)

    @property
    def makes(self) -> bool:
        """Whether it makes another remote webhook."""
        return self in (Action.CREATE, Action.REPLACE)


class Cause(StrEnum):
    """Who moved. It explains; it never decides."""

    CONFIG = "config"
    DRIFT = "drift"
    CONFLICT = "conflict"
    NEW = "new"


class FieldChange(NamedTuple):
    """One field's difference: shown values (sorted tuples for sets, None for nothing) and who moved.

    `kept`: neither moved; it was asked for, and the vendor answered success and kept another value.
    """

    path: str
    before: Shown
    after: Shown
    cause: Cause
    kept: bool = False


class PlannedCall(NamedTuple):
    """One write that an apply will make; what only the vendor's answer can fill stands as `{id}`.

    `loses`: the names of what it takes away, because it replaces all and its manifest does not know them.
    """

    method: str
    url: str
    loses: tuple[str, ...] = ()


class Unmanaged(NamedTuple):
    """A remote webhook that is neither in the files nor in the lock; `url` is shown."""

    provider: str
    scope: Scope
    remote_id: str
    url: str


class Finding(NamedTuple):
    """Something worth a look that changes nothing: `duplicate`, `vendor_disabled`, …

    `provider` is empty where it is about all of them: `lock_missing`.
    """

    kind: str
    summary: str
    provider: str
    scope: Scope
    remote_id: str | None = None
    name: str | None = None
    at: Location | None = None
    code: Code = Code.UNCODED
