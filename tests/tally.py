"""What the tests of worlds and processes have played, for the line that ends a test run; `conftest` prints it."""

from collections import Counter
from collections.abc import Mapping

PLAYED: Counter[str] = Counter()
"""Of this process: `stories`, `steps`, `commands`, `moments`, and how often what went wrong (`fault: …`)."""


def played(what: str) -> None:
    """Once more."""
    PLAYED[what] += 1


def told(counts: Mapping[str, int]) -> str:
    """Counts of one or several processes in a sentence; empty where there is nothing to tell."""
    faults = {what: count for what, count in counts.items() if what.startswith("fault: ")}
    parts = [f"{counts[what]:,} {what}" for what in ("stories", "steps", "commands") if counts.get(what)]
    if faults:
        parts.append(f"{len(faults)} kinds of faults {sum(faults.values()):,} times")
    if counts.get("moments"):
        parts.append(f"{counts['moments']:,} moments at which a process died")
    return ", ".join(parts)
