"""What a rule is, and the ways out that rules share. [pure] Used by `audit.rules` and `audit.table`."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from reconciler.audit.types import Hit, Inventory, Seen, Severity, Standing
from reconciler.codes import Code
from reconciler.support.hints import command


class Rule(NamedTuple):
    """One thing that an audit looks for.

    Args:
        code: its word, by which files switch it.
        about: one sentence for people.
        severity: how bad its findings usually are.
        hits: finds them.
    """

    code: Code
    about: str
    severity: Severity
    hits: Callable[[Inventory], Iterator[Hit]]


def way_out(seen: Seen, change: str) -> str:
    """How to change something about a webhook; whoever manages it says where.

    Args:
        change: what to write into the files, as in `use https`.
    """
    match seen.standing:
        case Standing.MANAGED if seen.name is not None:
            return f"{change} in the files, then {command('apply', '--target', seen.name)}"
        case Standing.ORPHAN if seen.name is not None:
            return f"remove it: {command('apply', '--prune', '--target', seen.name)}"
        case _:
            return f"change it at {seen.provider}, or write it into the files, which adopts it"
