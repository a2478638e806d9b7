"""What docstrings claim is true: who calls a module; and parameters that nobody could guess are described."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import (
    Function,
    dotted,
    files,
    imported,
    modules,
    packages,
    parameters,
    relative,
    taken,
    tree,
    within,
)

CLAIM = re.compile(
    r"\b(?:asked|built|called|carried out|compared|compiled|completed|driven|found|kept|loaded|made|opened|read|run"
    r"|shown|spoken|used) by\b(?:`[^`]*`|\.(?=\S)|[^`.;])*",
    re.IGNORECASE,
)
"""From `Called by` to the end of the sentence, or to its next semicolon."""

NAME = re.compile(r"`([a-z_]\w*(?:\.[a-z_]\w*)*)`")
"""What may name a module: not a type (`Wire`), not a command line (`whsync show`)."""

PARAMETERS_ONE_KEEPS_IN_MIND = 4


def _claims(path: Path) -> Iterator[str]:
    """The modules and packages of which the file's docstring says that they call it, asides in parentheses left out."""
    for paragraph in (ast.get_docstring(tree(path)) or "").split("\n\n"):
        for claim in CLAIM.findall(re.sub(r"\([^()]*\)", "", " ".join(paragraph.split()))):
            yield from NAME.findall(claim)


CLAIMS = [(path, name) for path in files() for name in _claims(path)]


def _is_used_by(module: str, room: str) -> bool:
    """Whether a module is imported in a room: it itself, its parts, or a name that its package hands on from it."""
    parts = {part for part in modules() if within(part, (module,))}
    handed_on = {
        f"{package}.{name.removeprefix(module).lstrip('.')}"
        for package in packages(module)
        for name in taken(package)
        if name.startswith(f"{module}.")
    }
    users = [user for user in modules() if within(user, (room,)) and user not in parts]
    return any(imported(user).ours & parts or taken(user) & handed_on for user in users)


@pytest.mark.parametrize(("path", "name"), CLAIMS, ids=[f"{relative(path)}-{name}" for path, name in CLAIMS])
def test_who_calls_a_module_is_true(path: Path, name: str) -> None:
    """Whoever is named after `Called by`, `Used by`, `Made by` exists under its full name, and imports the module."""
    assert any(within(module, (name,)) for module in modules()), f"no module is called {name}"
    assert _is_used_by(dotted(path), name)


def test_most_modules_say_who_calls_them() -> None:
    """The sentences are still recognised, so that the test above means something."""
    assert len({path for path, _ in CLAIMS}) > len(files()) / 2


def _public(body: list[ast.stmt]) -> Iterator[Function]:
    """The functions and methods that others may call, those of public classes too; constructors are their class's.

    Not commands: what click calls has its parameters described by its options, and its docstring is its help.
    """
    for node in body:
        if isinstance(node, Function) and not node.name.startswith("_"):
            if not any(ast.unparse(decorator).startswith("click.") for decorator in node.decorator_list):
                yield node
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from _public(node.body)


@pytest.mark.parametrize("path", files(), ids=relative)
def test_long_lists_of_parameters_are_described(path: Path) -> None:
    """A public function with five parameters or more has an `Args:` section: meaning, unit, and what is special."""
    long = [f for f in _public(tree(path).body) if len(list(parameters(f))) > PARAMETERS_ONE_KEEPS_IN_MIND]
    strays = [f"{relative(path)}:{f.lineno} {f.name}" for f in long if "Args:\n" not in (ast.get_docstring(f) or "")]
    assert strays == []


@pytest.mark.parametrize("path", files(), ids=relative)
def test_long_constructors_are_described(path: Path) -> None:
    """So has a public class whose constructor takes as many, in its own docstring or in the constructor's."""
    strays = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            made = [f for f in node.body if isinstance(f, Function) and f.name == "__init__"]
            long = any(len(list(parameters(f))) > PARAMETERS_ONE_KEEPS_IN_MIND for f in made)
            told = [ast.get_docstring(each) or "" for each in (node, *made)]
            strays += [f"{relative(path)}:{node.lineno} {node.name}"] if long and "Args:\n" not in "".join(told) else []
    assert strays == []
