"""Code that fits a screen and says its types."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.source import Function, files, functions, parameters, relative, tree

LINES_A_FUNCTION = 40
BRANCHES_A_FUNCTION = 14
LINES_A_FILE = 300
LINES_OF_ONE_IDEA = 450

ONE_IDEA = re.compile(r"^One idea, so longer than most: \S", re.MULTILINE)
"""How a file's docstring says why it is not to be cut."""


def _is_annotated(function: Function) -> bool:
    return function.returns is not None and all(parameter.annotation for parameter in parameters(function))


def _branches(function: Function) -> int:
    """The ways through a function, counted from one, that of its nested functions included.

    One for each `if`, `elif` and conditional expression, loop, `except`, `case`, `assert` and `lambda`; for each `and`
    and `or`; and for each `for` and `if` of a comprehension. That is stricter than counting statements alone, so the
    limit of 14 keeps every function below 15 branches however they are counted.
    """
    return 1 + sum(_more_ways(node) for node in ast.walk(function) if node is not function)


def _more_ways(node: ast.AST) -> int:
    match node:
        case ast.BoolOp():
            return len(node.values) - 1
        case ast.comprehension():
            return 1 + len(node.ifs)
        case ast.If() | ast.IfExp() | ast.For() | ast.While() | ast.ExceptHandler() | ast.match_case():
            return 1
        case ast.Assert() | ast.Lambda():
            return 1
        case _:
            return 0


@pytest.mark.parametrize("path", files(), ids=relative)
def test_functions_fit_a_screen(path: Path) -> None:
    """No function is longer than 40 lines, its decorators aside."""
    lengths = [(f.name, (f.end_lineno or 0) - f.lineno + 1) for f in functions(path)]
    assert [(name, length) for name, length in lengths if length > LINES_A_FUNCTION] == []


@pytest.mark.parametrize("path", files(), ids=relative)
def test_functions_have_few_ways_through(path: Path) -> None:
    """No function has more than 14 branches (see `_branches`), so each can be held in mind and tested whole."""
    counts = [(f.name, _branches(f)) for f in functions(path)]
    assert [(name, count) for name, count in counts if count > BRANCHES_A_FUNCTION] == []


@pytest.mark.parametrize("path", files(), ids=relative)
def test_files_stay_small(path: Path) -> None:
    """No file is longer than 300 lines; one that is one idea, and says which, no longer than 450."""
    limit = LINES_OF_ONE_IDEA if ONE_IDEA.search(ast.get_docstring(tree(path)) or "") else LINES_A_FILE
    assert len(path.read_text(encoding="utf-8").splitlines()) <= limit


@pytest.mark.parametrize("path", files(), ids=relative)
def test_functions_are_annotated(path: Path) -> None:
    """Every function says what it takes and what it returns."""
    assert [f"{relative(path)}:{f.lineno} {f.name}" for f in functions(path) if not _is_annotated(f)] == []
