"""Where in the user's files something stands: faults become Problems, each at its place.

Used by `config.load` and, for problems that come up later, by `config.loaded`. Positions are looked up only once
something is wrong, since that reads the file again.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reconciler.config.fault import FileFault
from reconciler.config.interpolate import as_in_file
from reconciler.document import Places
from reconciler.errors import Location, Problem
from reconciler.model.webhook import Source


class FilePlaces:
    """The positions in all files; each file is read again when the first place in it is asked for."""

    def __init__(self, texts: Mapping[str, bytes]) -> None:
        self._texts = texts
        self._places: dict[str, Places] = {}

    def at(self, source: Source, key: bool = False) -> Location:
        """The place of the value there, or of its key."""
        if source.file not in self._places:
            self._places[source.file] = Places(self._texts[source.file], source.file)
        return self._places[source.file].at(source.path, key)


def told(
    problems: Sequence[Problem],
    faults: Sequence[FileFault],
    unset: Sequence[FileFault],
    texts: Mapping[str, bytes],
    trees: Mapping[str, object] = {},
) -> list[Problem]:
    """Everything that is wrong, each once, by place.

    Args:
        problems: what has its place already.
        faults: what was found in the files.
        unset: what could not be filled in; whatever else is said of the same place only follows from that.
        texts: the files' bytes, by name.
        trees: what is written in them, by name.
    """
    places = FilePlaces(texts)
    unfilled = {fault.source for fault in unset}
    whole = [*unset, *(fault for fault in faults if fault.source not in unfilled)]
    found = [*problems, *(_located(_quoting(fault, trees), places) for fault in whole)]
    # One mistake in a for_each or in the defaults shows once, however many webhooks it spoils.
    distinct = {(problem.at, problem.summary): problem for problem in sorted(found, key=_by_place, reverse=True)}
    return by_place(distinct.values())


def by_place(problems: Iterable[Problem]) -> list[Problem]:
    """The problems in the order in which they stand in the files."""
    return sorted(problems, key=_by_place)


def _by_place(problem: Problem) -> tuple[Any, ...]:
    return (problem.at or ("", 0, 0), problem.summary, problem.name or "")


def _quoting(fault: FileFault, trees: Mapping[str, object]) -> FileFault:
    """A fault that quotes what is written, which is no secret whatever its variables hold."""
    if fault.value is None:
        return fault
    written = as_in_file(trees.get(fault.source.file), fault.source.path)
    shown, hint = fault.value if written is None else written, fault.hint
    for number, part in enumerate(_halves(shown), 1):
        hint = hint.replace(f"{{{number}}}", part, 1)
    return fault._replace(summary=fault.summary.replace("{value}", shown, 1), hint=hint)


def _halves(text: str) -> tuple[str, str]:
    first, slash, second = text.strip("/").partition("/")
    whole = slash and "/" not in second and first.count("{") == first.count("}")
    return (first, second) if whole else ("…", "…")


def _located(fault: FileFault, places: FilePlaces) -> Problem:
    summary = fault.summary.replace("{also}", str(places.at(fault.also, True))) if fault.also else fault.summary
    return Problem(
        fault.kind, summary, fault.hint, fault.provider, fault.name, places.at(fault.source, fault.key), code=fault.code
    )
