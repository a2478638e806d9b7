"""How an example differs from what a manifest does, each difference by itself and at its place in the example. [pure]

Used by `providers.rehearse`.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from reconciler.model.secret import SecretEcho
from reconciler.model.webhook import Fields
from reconciler.providers.language.examples import SeenSecret
from reconciler.providers.language.sound.fault import Path

MOST = 8
NOTHING = object()


class Difference(NamedTuple):
    """Where in an example, and in words what the manifest does there and what the example says."""

    path: Path
    what: str


def of_calls(made: Sequence[Mapping[str, Any]], wanted: Sequence[Mapping[str, Any]]) -> Iterator[Difference]:
    """Calls against calls, in order; each is a block of `method`, `path`, `query` and `body`."""
    for at, (does, says) in enumerate(zip(made, wanted, strict=False)):
        here = ("calls", at)
        if (does["method"], does["path"]) != (says["method"], says["path"]):
            word = "method" if does["method"] != says["method"] else "path"
            yield Difference((*here, word), f"the manifest calls {_call(does)}, and the example {_call(says)}")
            continue
        yield from _some(_of_trees((*here, "query"), "query ", does["query"], says["query"]))
        yield from _some(_of_trees((*here, "body"), "body ", does["body"], says["body"]))
    for at, call in enumerate(made[len(wanted) :], len(wanted)):
        yield Difference(("calls",), f"the manifest makes call {at + 1}, {_call(call)}, which the example lacks")
    for at, call in enumerate(wanted[len(made) :], len(made)):
        yield Difference(("calls", at), f"the manifest does not make call {at + 1}, {_call(call)}")


def of_fields(path: Path, found: Fields, wanted: Fields) -> Iterator[Difference]:
    """Fields against fields, each by its pointer."""
    for pointer in sorted(found.keys() | wanted.keys()):
        here = (*path, pointer) if pointer in wanted else path
        yield from _of_leaves(here, pointer, found.get(pointer, NOTHING), wanted.get(pointer, NOTHING))


def of_secrets(
    path: Path, found: Iterable[tuple[str, SecretEcho]], wanted: Mapping[str, SeenSecret]
) -> Iterator[Difference]:
    """What a read shows of further secrets, each by its name."""
    for which, echo in found:
        seen = SeenSecret(mask=echo.mask, has=echo.has, shown=echo.value is not None)
        yield from of_values(path, which, seen.model_dump(), wanted.get(which, SeenSecret()).model_dump())


def of_values(path: Path, name: str, found: Any, wanted: Any) -> Iterator[Difference]:
    """One value against another; None is none."""
    values = (NOTHING if value is None else value for value in (found, wanted))
    yield from _of_leaves(path, name, *values)


def _some(differences: Iterator[Difference]) -> Iterator[Difference]:
    """The first few; a body that is altogether another one is not told in hundreds of lines."""
    every = list(differences)
    yield from every[:MOST]
    if len(every) > MOST:
        yield every[MOST]._replace(what=f"and {len(every) - MOST} more differences")


def _of_trees(path: Path, name: str, found: Any, wanted: Any) -> Iterator[Difference]:
    if not isinstance(found, dict) or not isinstance(wanted, dict):
        yield from of_values(path, name.strip(), found, wanted)
        return
    for key in dict.fromkeys((*wanted, *found)):
        here = (*path, key) if key in wanted else path
        does, says = found.get(key, NOTHING), wanted.get(key, NOTHING)
        if isinstance(does, dict) and isinstance(says, dict):
            yield from _of_trees(here, f"{name}/{key}", does, says)
        else:
            yield from _of_leaves(here, f"{name}/{key}", does, says)


def _of_leaves(path: Path, name: str, found: Any, wanted: Any) -> Iterator[Difference]:
    if found is NOTHING and wanted is NOTHING:
        return
    if found is NOTHING:
        yield Difference(path, f"{name}: the manifest gives none, and the example says {_json(wanted)}")
    elif wanted is NOTHING:
        yield Difference(path, f"{name}: the manifest gives {_json(found)}, which the example lacks")
    elif type(found) is not type(wanted) or found != wanted:
        yield Difference(path, f"{name}: the manifest gives {_json(found)}, and the example says {_json(wanted)}")


def _call(call: Mapping[str, Any]) -> str:
    return f"{call['method']} {call['path']}"


def _json(value: Any) -> str:
    """A value as JSON has it; sets of events as sorted lists."""
    return json.dumps(value, ensure_ascii=False, default=sorted)
