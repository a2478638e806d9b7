"""What a `wire.drive.Wire` is made of: the account that it leads to, and the run that uses it.

Made by `run.runtime`; used by `wire.drive`.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

from reconciler.model.secret import Secret
from reconciler.providers.vendor import CallLimits, Scheme
from reconciler.support.activity import Activity
from reconciler.wire.clock import SYSTEM, Clock
from reconciler.wire.renewal import Renew


def _nobody(secret: Secret) -> None:
    """Tell nobody."""


class Account(NamedTuple):
    """One provider entry's account at a vendor: where it is, what proves us there, how hard it may be pressed.

    Args:
        base_url: `http(s)://HOST[:PORT][/PREFIX]`; credentials go to this origin only.
        scheme: how calls are signed, with `credentials` by name; None sends none.
        limits: calls in flight and calls a second.
        headers: what every call carries.
        renew: asks for the credentials again, should they die; None where that cannot help.
    """

    base_url: str
    scheme: Scheme | None = None
    credentials: Mapping[str, Secret] = {}
    limits: CallLimits = CallLimits()
    headers: tuple[tuple[str, str], ...] = ()
    renew: Renew | None = None


class RunContext(NamedTuple):
    """What the run around it gives to an account's driver: time and patience, whom to ask, whom to tell.

    Args:
        max_wait: the most seconds that all waits for one account may take together.
        timeout: seconds without a byte after which an answer is given up.
        stopping: says that the user wants to end: no further attempt is started, and none waited for that only reads.
        activity: is told of every wait and when it ends, and how many more calls the vendor takes.
        trace: is told one line an attempt: method, shown URL, status, milliseconds; never headers or bodies.
        learned: is told every token that is fetched, and what proves us where an answer repeats it.
        hide: goes with every reply, for quoting it; see `Reply`.
        in_flight: a call is in flight while inside; waits until the run has room for one more.
        transport: stands in for the network in tests.
    """

    clock: Clock = SYSTEM
    max_wait: float = 300.0
    timeout: float = 30.0
    stopping: Callable[[], bool] = bool
    activity: Activity = Activity()
    trace: Callable[[str], None] | None = None
    learned: Callable[[Secret], None] = _nobody
    hide: Callable[[str], str] = str
    in_flight: Callable[[], AbstractContextManager[None]] = nullcontext
    transport: Any = None
