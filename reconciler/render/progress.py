"""What is told while a run is busy: a line now and then, or lines at the foot of a terminal. [pure]

Used by `cli.progress`. All of it passes `plain`, for it names vendors, paths and commands.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from reconciler.render.base import Style, counted, plain
from reconciler.support.waits import Seen, Wait

_WAITS = 4
_VENDORS = 2
"""Of so many vendors people hear how many more calls they take: of those that take the fewest."""


class Shown(NamedTuple):
    """A line at the foot of a terminal, and its look."""

    text: str
    look: str = ""


def counts_text(counts: Mapping[str, tuple[int, int]]) -> str:
    """How much is done: `41 of 120 places`."""
    return ", ".join(f"{done} of {counted(total, kind)}" for kind, (done, total) in counts.items() if total)


def line(doing: str, seen: Seen, seconds: float, now: float) -> str:
    """What is being done, how much of it is done, how long it took, and what is waited for longest."""
    parts = [plain(doing).removesuffix(" …"), counts_text(seen.counts), f"{seconds:.0f} s so far"]
    waits = [wait_text(wait, now) for wait in lasting(seen, now)[:1]]
    return "; ".join([", ".join(filter(None, parts)), *waits])


def wait_text(wait: Wait, now: float) -> str:
    """One wait in a sentence."""
    return plain(wait.still(now))


def foot(doing: str, seen: Seen, seconds: float, now: float, style: Style) -> list[Shown]:
    """The lines at the foot of a terminal, none wider than it, but for words that are.

    Args:
        doing: what is being done.
        seen: a look at the run.
        seconds: how long it has taken.
        now: seconds since 1970.
        style: how wide they may be.
    """
    parts = [plain(doing).removesuffix(" …"), counts_text(seen.counts), f"{seconds:.0f} s"]
    lines = [Shown(each, "strong") for each in style.said(", ".join(filter(None, parts)), 0, hanging=2)]
    waits = lasting(seen, now)
    told = [wait_text(wait, now) for wait in waits[:_WAITS]]
    if len(waits) > _WAITS:
        told.append(f"and {counted(len(waits) - _WAITS, 'more wait')}")
    lines += [Shown(each, "warn") for words in told for each in style.said(words, 0, hanging=2)]
    left = sorted((left for left in seen.left if left.until is None or left.until > now), key=lambda left: left.calls)
    few = (plain(each.sentence) for each in left[:_VENDORS])
    return [*lines, *(Shown(each, "quiet") for words in few for each in style.said(words, 0, hanging=2))]


def lasting(seen: Seen, now: float, least: float = 2.0) -> list[Wait]:
    """The waits that people notice, one for whoever keeps us: those that are sure to last, or did so already."""
    found: dict[str, Wait] = {}
    for wait in seen.waits:
        long = wait.until - wait.begun if wait.sure and wait.until is not None else now - wait.begun
        if long >= least:
            found.setdefault(wait.who, wait)
    return list(found.values())


def news(seen: Seen, now: float, least: float) -> Iterator[Wait]:
    """Of the waits that have lasted so long, those that nobody was told of as they began."""
    told = {wait.who for wait in seen.waits if wait.told and wait.until is not None and wait.until - wait.begun >= 1}
    for wait in lasting(seen, now, 0.0):
        if wait.who not in told and now - wait.begun >= least:
            yield wait
