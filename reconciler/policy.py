"""Guards: which hosts webhooks may point to, how much may change at once, what is protected. [pure]

Called by `plan`; what they refuse ends `plan` and `apply` with exit code 3.
"""

from typing import Literal, NamedTuple


class Threshold(NamedTuple):
    """A limit on changes: a count, or a percentage of a provider's managed webhooks."""

    value: float
    percent: bool


class Policy(NamedTuple):
    """The `policy:` block. `max_changed` None: no threshold."""

    allowed_hosts: tuple[str, ...] = ()
    https_only: bool = True
    max_changed: Threshold | None = None
    unmanaged: Literal["report", "ignore", "deny"] = "report"
