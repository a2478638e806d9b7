"""What goes wrong on purpose: answers that are lost, false or refused, pages that shift, clocks that jump, crashes.

Used by `world`.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from reconciler.providers.protocol import Reply

HTML = Reply(200, {"content-type": "text/html"}, b"<html><body>Service restarted</body></html>")
AFTER: Mapping[str, Callable[[Reply], Reply]] = {
    "500 after": lambda reply: Reply(500, {}, b'{"message": "boom"}'),
    "drop after": lambda reply: Reply(0, failure="the connection broke"),
    "endless after": lambda reply: Reply(0, failure="the answer was not whole after 60 s"),
    "html after": lambda reply: HTML,
    "half after": lambda reply: reply._replace(body=reply.body[: len(reply.body) // 2] or b"{"),
    "empty after": lambda reply: Reply(reply.status),
    "object after": lambda reply: Reply(200, {}, b"{}"),
}
INSTEAD: Mapping[str, Reply] = {
    "500 before": Reply(500, {}, b'{"message": "boom"}'),
    "drop before": Reply(0, failure="the connection broke"),
    "timeout before": Reply(0, failure="no answer within 30 s"),
    "unsent": Reply(0, failure="no connection", sent=False),
    "html before": HTML,
    "302": Reply(302, {"location": "https://elsewhere.example/"}),
    "401": Reply(401, {}, b'{"message": "Bad credentials"}'),
    "403": Reply(403, {}, b'{"message": "Forbidden"}'),
    "404": Reply(404, {}, b'{"message": "Not Found"}'),
}
WRITE_FAULTS = (*AFTER, *INSTEAD, "429", "twice")
READ_FAULTS = (
    "500 before",
    "drop before",
    "html before",
    "half after",
    "401",
    "403",
    "404",
    "429",
    "object after",
    "endless after",
)
SHIFTS = ("shift drop", "shift insert")


class Crash(BaseException):
    """The process was killed."""


class Faults(NamedTuple):
    """What goes wrong in one run.

    Args:
        writes: what becomes of a write, by its number.
        reads: what becomes of every read of a vendor; `later`: of those after the first write to it.
        crash: the effect at which the run is killed.
        full_disk: nothing can be stored in the sinks.
        jumps: seconds by which the clock of this machine jumps before an effect, by its number.
        no_handle: the effect from which on this process can open nothing more.
        mounted: what files are called that are mounted by themselves, or how their folder is: nothing replaces them.
        listed: the system tells which those are.
        dies: effects at which the vendors take another token than before, which the command then gives.
        strange: the credentials are another account's: from the beginning, or those that come after the first.
    """

    writes: Mapping[int, str] = {}
    reads: Mapping[str, str] = {}
    later: Mapping[str, str] = {}
    crash: int | None = None
    full_disk: bool = False
    jumps: Mapping[int, int] = {}
    no_handle: int | None = None
    mounted: tuple[str, ...] = ()
    listed: bool = True
    dies: tuple[int, ...] = ()
    strange: bool = False


NOTHING_WRONG = Faults()
HOUR, DAY = 3_600, 86_400
JUMPS = (-400 * DAY, -3 * DAY, -HOUR, -90, 90, HOUR, 3 * DAY, 400 * DAY)
