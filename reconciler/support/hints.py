"""What hints are made of: did you mean …?, commands that can be typed as they stand, names in short. [pure]

Used everywhere.
"""

import shlex
from collections.abc import Iterable
from difflib import get_close_matches

from reconciler.support.natural import natural


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that names the likeliest of `known`, whatever its case; empty where none is near."""
    folded = {each.casefold(): each for each in sorted(known)}
    near = get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return f"did you mean `{folded[near[0]]}`?" if near else ""


def named_in_short(names: Iterable[str], most: int = 3) -> str:
    """Names, those of one block together and only its first ones: `ci[api], ci[web] and 57 more of ci; ledger`."""
    blocks: dict[str, list[str]] = {}
    for name in sorted(names, key=natural):
        blocks.setdefault(name.partition("[")[0], []).append(name)
    single = [each[0] for each in blocks.values() if len(each) == 1]
    told = [_first_of(each, most, f" of {block}") for block, each in blocks.items() if len(each) > 1]
    return "; ".join([*told, *([_first_of(single, 2 * most, "")] if single else [])])


def first_of(names: Iterable[str], most: int = 3) -> str:
    """The first few of many names, as they come: `a, b, c and 4997 more`."""
    return _first_of([*names], most, "")


def _first_of(names: list[str], most: int, of: str) -> str:
    left = len(names) - most
    return ", ".join(names[:most]) + (f" and {left} more{of}" if left > 0 else "")


def command(*words: str) -> str:
    """A command line of whsync as a hint names it, in backticks; a shell takes each word for one, whatever it holds."""
    return f"`whsync {shlex.join(words)}`"
