"""What hints are made of: did you mean …?, and commands that can be typed as they stand. [pure] Used everywhere."""

import shlex
from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that names the likeliest of `known`, whatever its case; empty where none is near."""
    folded = {each.casefold(): each for each in sorted(known)}
    near = get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return f"did you mean `{folded[near[0]]}`?" if near else ""


def command(*words: str) -> str:
    """A command line of whsync as a hint names it, in backticks; a shell takes each word for one, whatever it holds."""
    return f"`whsync {shlex.join(words)}`"
