"""Who may look into a secret. The type hides it everywhere else, so this list is the whole of what must be trusted.

`secrets.sink` alone reveals what is stored; whatever it hands that to is trusted with it.
"""

import ast
from pathlib import Path

import pytest

from tests.architecture.source import dotted, files, relative, tree

REVEALERS = {
    "wire.auth": "fills headers with it",
    "wire.signed": "signs with it",
    "wire.encode": "sends it",
    "secrets.stretch": "hashes it",
    "secrets.ci_masking": "tells a runner to mask it",
    "secrets.filling": "fills the texts that are sent with it",
    "secrets.sink": "hands it to the scheme that stores it",
    "secrets.rescue": "keeps it where its sink failed",
    "secrets.backends.vault": "logs in with it",
    "secrets.backends.vault_http": "sends the token",
}
"""Module -> what it looks into a secret for."""


def _attributes(path: Path) -> set[str]:
    """Every attribute that a file reads or calls on anything."""
    return {node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize("path", files(), ids=relative)
def test_only_few_modules_look_into_secrets(path: Path) -> None:
    """`Secret.reveal` is used in the listed modules and nowhere else, and none of them stays listed without need."""
    assert ("reveal" in _attributes(path)) == (dotted(path) in REVEALERS)


@pytest.mark.parametrize("path", files(), ids=relative)
def test_nobody_goes_around_the_door(path: Path) -> None:
    """No module names `reveal` or `_value` in a string for `getattr`, and spellings are for the second net only."""
    strings = {node.value for node in ast.walk(tree(path)) if isinstance(node, ast.Constant)}
    assert strings & {"reveal", "_value"} == ({"_value"} if dotted(path) == "model.secret" else set())
    assert "spellings" not in _attributes(path) or dotted(path) in ("model.secret", "secrets.redact")
