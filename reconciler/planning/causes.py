"""One cause, one message: what is wrong with many webhooks alike is told once, with their number and names. [pure]

Used by `planning.plan`.
"""

import re
import shlex
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from reconciler.errors import Problem
from reconciler.support.hints import named_in_short

NAME = "NAME"
"""Stands for each webhook's name where many have one message."""


def one_for_each_cause(problems: Iterable[Problem]) -> Iterator[Problem]:
    """The problems, those that differ in nothing but the webhook's name as one."""
    causes: dict[object, list[Problem]] = defaultdict(list)
    for number, problem in enumerate(problems):
        causes[_essence(problem) if problem.name is not None else number].append(problem)
    for alike in causes.values():
        yield alike[0] if len(alike) == 1 else _together(alike)


def _essence(problem: Problem) -> object:
    name = problem.name or ""
    # A hint that names the webhook holds a command of its own, which must stay one that can be typed as it stands.
    return problem.kind, _nameless(problem.summary, name), problem.hint


def _together(alike: Sequence[Problem]) -> Problem:
    first, names = alike[0], tuple(sorted({problem.name or "" for problem in alike}))
    essence = _nameless(first.summary, first.name or "")
    if essence.startswith(f"{NAME}: "):
        summary = f"{len(names)} webhooks: {essence.removeprefix(f'{NAME}: ')} ({named_in_short(names)})"
    else:
        summary = f"{first.summary}, and {len(names) - 1} more alike: {named_in_short(set(names) - {first.name})}"
    providers = {problem.provider for problem in alike}
    provider = providers.pop() if len(providers) == 1 else None
    return Problem(first.kind, summary, first.hint, provider, None, first.at, code=first.code, names=names)


def _nameless(text: str, name: str) -> str:
    for spelled in (shlex.quote(name), name):
        text = re.sub(rf"(?<!\w){re.escape(spelled)}(?!\w)", NAME, text)
    return text
