"""The JSON Schema of `webhooks.yaml`, for editors: `schemas/config.schema.json`. [pure] Used by `cli.schema`."""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from reconciler.config import forms, reference
from reconciler.config.schema import Config, ProviderBlock, WebhookBlock
from reconciler.secrets.scheme import Grammar
from reconciler.support import json_schema

_BLOCKS = ("Audit", "Defaults", "Lifecycle", "Limits", "Provider", "Secret", "Variable", "Webhook")
_PUBLISHED = {f"{name}Block": name for name in _BLOCKS}
"""What the published schema calls a block, where that is another name than its class has."""


class _PublishedSchema(GenerateJsonSchema):
    """The schema of the classes, under the published names."""

    def normalize_name(self, name: str) -> str:
        """See GenerateJsonSchema: how `$defs` calls a class."""
        return super().normalize_name(_PUBLISHED.get(name, name))


def config_schema(grammar: Grammar) -> dict[str, Any]:
    """The JSON Schema of `webhooks.yaml`, for editors, with the kinds of references that `grammar` has.

    `schemas/config.schema.json` holds it with those that come with whsync.
    """
    shape = Config[ProviderBlock, WebhookBlock]
    written = json_schema.tidied(shape.model_json_schema(by_alias=True, schema_generator=_PublishedSchema))
    schema: dict[str, Any] = reference.with_patterns(json_schema.settled(written), grammar)
    for names in ("providers", "webhooks"):
        schema["properties"][names]["propertyNames"] = {"pattern": f"^{forms.NAME}$"}
    schema["patternProperties"] = {"^x-": True}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "whsync configuration", **schema}
