"""The package's own source as data. Used by the tests of this folder, which keep CONTRIBUTING.md's rules."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "reconciler"

Function = ast.FunctionDef | ast.AsyncFunctionDef


def files() -> list[Path]:
    """Every Python file of the package, in a stable order."""
    return sorted(PACKAGE.rglob("*.py"))


def relative(path: Path) -> str:
    """The path as messages and rules write it: below the package, with forward slashes (`wire/client.py`)."""
    return path.relative_to(PACKAGE).as_posix()


def dotted(path: Path) -> str:
    """The module's name below the package (`wire.client`); the empty string for the package itself."""
    return ".".join(part for part in path.relative_to(PACKAGE).with_suffix("").parts if part != "__init__")


def within(module: str, rooms: tuple[str, ...]) -> bool:
    """Whether a module is one of the rooms or lies inside one."""
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


@cache
def tree(path: Path) -> ast.Module:
    """The file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def functions(path: Path) -> Iterator[Function]:
    """Every function and method of the file, nested ones too."""
    return (node for node in ast.walk(tree(path)) if isinstance(node, Function))


def parameters(function: Function) -> Iterator[ast.arg]:
    """The parameters that can carry an annotation: all but the `self` or `cls` in front."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    if positional and positional[0].arg in {"self", "cls"}:
        positional = positional[1:]
    yield from positional
    yield from arguments.kwonlyargs
    yield from filter(None, [arguments.vararg, arguments.kwarg])


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and absolute dotted name of everything the file imports, inside functions and under `TYPE_CHECKING` too.

    `from a import b` counts as `a.b`, since b may be a module.
    """
    return _imported(path, ast.walk(tree(path)))


def _imported(path: Path, nodes: Iterable[ast.AST]) -> Iterator[tuple[int, str]]:
    """What the import statements among `nodes` import, as `imports` tells it."""
    package = ["reconciler", *path.relative_to(PACKAGE).parent.parts]
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *filter(None, [node.module])])
            yield from ((node.lineno, f"{origin}.{alias.name}") for alias in node.names)


def _at_work(node: ast.AST) -> Iterator[ast.AST]:
    """The node and all below it, except what only a type checker sees."""
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            for otherwise in child.orelse:
                yield from _at_work(otherwise)
        else:
            yield from _at_work(child)


class Imports(NamedTuple):
    """What a module imports when it is loaded or at work.

    Args:
        ours: modules of the package, named below it (`wire.client`).
        foreign: everything else, with what is taken from it (`urllib.parse.quote`).
    """

    ours: frozenset[str]
    foreign: frozenset[str]


@cache
def modules() -> Mapping[str, Path]:
    """Every module of the package by its name below the package."""
    return {dotted(path): path for path in files()}


@cache
def taken(module: str) -> frozenset[str]:
    """Every name that a module takes from the package when loaded or at work: modules, and what stands in them."""
    path = modules()[module]
    names = (name for _, name in _imported(path, _at_work(tree(path))))
    return frozenset(name.removeprefix("reconciler.") for name in names if top_level(name) == "reconciler")


@cache
def imported(module: str) -> Imports:
    """What a module imports itself; a name that it takes counts for the module that it takes the name from."""
    path = modules()[module]
    foreign = (name for _, name in _imported(path, _at_work(tree(path))) if top_level(name) != "reconciler")
    ours = (name if name in modules() else name.rpartition(".")[0] for name in taken(module))
    return Imports(frozenset(ours), frozenset(foreign))


def packages(module: str) -> list[str]:
    """The packages that a module lies in, below the whole one; Python loads each of them first."""
    parts = module.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]


@cache
def reached(module: str, *, loading: bool) -> Mapping[str, str]:
    """Every module that this one needs, each with the way to it: `apply.change -> run.runtime -> wire.drive`.

    Args:
        loading: also what Python loads on the way, which is every package that a module lies in and all it imports.
    """
    ways, waiting = {module: module}, [module]
    for here in waiting:  # grows while it is gone through, nearest modules first
        for there in sorted({*imported(here).ours, *(packages(here) if loading else ())} - {*ways}):
            ways[there] = f"{ways[here]} -> {there}"
            waiting.append(there)
    return ways


def top_level(name: str) -> str:
    """The importable package behind a dotted name: `yaml` for `yaml.nodes`."""
    return name.partition(".")[0]
