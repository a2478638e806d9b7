"""Shapes that stand in every block of `webhooks.yaml`. [pure] Used by `config.schema` and `config.policies`."""

from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from reconciler.config import forms
from reconciler.support.scalars import meant

SCALAR = {"type": ["string", "number", "boolean"]}
VARIABLE = r"\$\{.+\}"

Text = Annotated[str, BeforeValidator(forms.as_written), WithJsonSchema(SCALAR)]
Flag = Annotated[bool, Field(strict=True), BeforeValidator(meant)]


def one_of(*words: str) -> WithJsonSchema:
    """One of these words, or a variable that is one of them."""
    return WithJsonSchema({"anyOf": [{"enum": [*words]}, {"type": "string", "pattern": VARIABLE}]})
