"""Whatever is told has a code: every place that makes something to tell says what kind it is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.codes import Code
from reconciler.codes.meanings import GROUPS
from tests.architecture.source import dotted, files, relative, tree, within

CODED = {"Problem", "Refusal", "Finding", "Change"}
"""What carries a code, and has one without naming it only for tests and for what was written before codes."""
BROAD = {"WhsyncError", "ConfigError", "StateError", "SecretError", "VendorError", "Rejected"}
"""Errors that mean so much that their class alone says little; the code of any other is the one of its class."""


def _made(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Everything of these that a file makes, with its name."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in CODED | BROAD:
                yield name, node


@pytest.mark.parametrize("path", files(), ids=relative)
def test_whoever_tells_something_says_of_which_kind(path: Path) -> None:
    """No problem, refusal, finding, change or broad error is made without a code of its own."""
    strays = [
        f"{relative(path)}:{node.lineno} {name}"
        for name, node in _made(path)
        if not any(keyword.arg == "code" for keyword in node.keywords)
    ]
    assert strays == []


def test_every_code_is_used() -> None:
    """No code is listed that nothing has."""
    used = {
        node.attr
        for path in files()
        if not within(dotted(path), ("codes",))
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Code"
    }
    assert {code.name for code in Code} - used == set()


def test_codes_are_plain_words() -> None:
    """Each is a lower-case word, or several with hyphens, spelt like its name, and no two are the same."""
    assert [code for code in Code if not re.fullmatch(r"[a-z]+(-[a-z]+)*", code)] == []
    assert {code.name.lower().replace("_", "-"): code.name for code in Code} == {str(c): c.name for c in Code}
    assert len(Code.__members__) == len(Code)


def test_every_code_means_one_thing() -> None:
    """Each has one sentence for users, in one group."""
    told = [code for meanings in GROUPS.values() for code in meanings]
    assert sorted(told) == sorted(Code)
    sentences = [sentence for meanings in GROUPS.values() for sentence in meanings.values()]
    assert [sentence for sentence in sentences if not re.fullmatch(r"[A-Z`].*\.", sentence)] == []
    assert len({*sentences}) == len(sentences)
