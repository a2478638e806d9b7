"""The package's own source as data. Used by the tests of this folder, which keep CONTRIBUTING.md's rules."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

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


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and absolute dotted name of everything the file imports, inside functions and under `TYPE_CHECKING` too.

    `from a import b` counts as `a.b`, since b may be a module.
    """
    package = ["reconciler", *path.relative_to(PACKAGE).parent.parts]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *filter(None, [node.module])])
            yield from ((node.lineno, f"{origin}.{alias.name}") for alias in node.names)


def top_level(name: str) -> str:
    """The importable package behind a dotted name: `yaml` for `yaml.nodes`."""
    return name.partition(".")[0]
