"""Answers of secret managers that are nested deeper than a parser goes are answers that cannot be used."""

import pytest

from reconciler.errors import SecretError
from reconciler.model.secret import SecretRef
from reconciler.secrets.backends import aws_sm, vault_http

DEEP = "[" * 200_000


def test_a_nested_answer_of_vault_holds_nothing() -> None:
    """As one that is no JSON."""
    assert vault_http._answer(200, DEEP.encode()) == vault_http.VaultAnswer(200, {}, "")


def test_a_nested_secret_has_no_keys() -> None:
    """As one that is no JSON object; nothing of it is told."""
    with pytest.raises(SecretError, match="not a JSON object") as caught:
        aws_sm._document(DEEP, SecretRef("aws-sm", "x#KEY"))
    assert "[[" not in repr((caught.value, caught.value.__context__))
