"""Code that fits a screen and says its types."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import Function, files, functions, relative

LINES_A_FUNCTION = 40
LINES_A_FILE = 300


def _parameters(function: Function) -> Iterator[ast.arg]:
    """The parameters that can carry an annotation: all but the `self` or `cls` in front."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    if positional and positional[0].arg in {"self", "cls"}:
        positional = positional[1:]
    yield from positional
    yield from arguments.kwonlyargs
    yield from filter(None, [arguments.vararg, arguments.kwarg])


def _is_annotated(function: Function) -> bool:
    return function.returns is not None and all(parameter.annotation for parameter in _parameters(function))


@pytest.mark.parametrize("path", files(), ids=relative)
def test_functions_fit_a_screen(path: Path) -> None:
    """No function is longer than 40 lines, its decorators aside."""
    lengths = [(f.name, (f.end_lineno or 0) - f.lineno + 1) for f in functions(path)]
    assert [(name, length) for name, length in lengths if length > LINES_A_FUNCTION] == []


@pytest.mark.parametrize("path", files(), ids=relative)
def test_files_stay_small(path: Path) -> None:
    """No file is longer than 300 lines."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LINES_A_FILE


@pytest.mark.parametrize("path", files(), ids=relative)
def test_functions_are_annotated(path: Path) -> None:
    """Every function says what it takes and what it returns."""
    assert [f"{relative(path)}:{f.lineno} {f.name}" for f in functions(path) if not _is_annotated(f)] == []
