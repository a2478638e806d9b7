"""What editors complete in `webhooks.yaml` beyond its words: events, options, scopes and credentials of vendors. [pure]

Used by `cli.schema`. A schema cannot follow a webhook to its provider and from there to a manifest, so an entry is told
by its name. Names are offered, not demanded: a setting may open a list, and `whsync validate` knows whether it did.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from reconciler.config.webhook import option_path
from reconciler.model.capabilities import Capabilities
from reconciler.model.webhook import OPTIONS, STATUS
from reconciler.providers.vendor import Vendor
from reconciler.support.natural import natural

Schema = dict[str, Any]
_OPEN: Schema = {"type": ["string", "number", "boolean"]}


def with_vendors(schema: Schema, entries: Mapping[str, Vendor], types: Iterable[str], alone: bool = False) -> Schema:
    """The schema of `webhooks.yaml`, with what is known of some provider entries.

    Args:
        schema: see `config.published.config_schema`.
        entries: the vendors of provider entries, by the entry's name.
        types: the manifests that `type` may name.
        alone: there is no other entry than the one of `entries`, so a webhook need not name it.
    """
    defined = dict(schema["$defs"])
    known = {name: _webhook(vendor.capabilities) for name, vendor in sorted(entries.items())}
    named = [
        {"if": {} if alone else {"properties": {"provider": {"const": name}}, "required": ["provider"]}, "then": words}
        for name, words in known.items()
    ]
    defined["Webhook"] = {**defined["Webhook"], "allOf": named}
    provider = defined["Provider"]
    offered = {"anyOf": [{"enum": sorted(types)}, _OPEN]}
    told = {key: value for key, value in provider["properties"]["type"].items() if key == "description"}
    defined["Provider"] = {**provider, "properties": {**provider["properties"], "type": {**told, **offered}}}
    providers = {**schema["properties"]["providers"]}
    providers["properties"] = {
        name: {"allOf": [{"$ref": "#/$defs/Provider"}, _provider(vendor)]} for name, vendor in sorted(entries.items())
    }
    return {**schema, "$defs": defined, "properties": {**schema["properties"], "providers": providers}}


def _webhook(able: Capabilities) -> Schema:
    """What a webhook of this vendor may say."""
    words: Schema = {"options": {"properties": _options(able)}, "scope": {"properties": _scope(able)}}
    if able.events.names:
        words["events"] = {"items": _offered(sorted(able.events.names, key=natural))}
    if STATUS not in able.writable:
        words["status"] = {"description": dict(able.missing).get(STATUS, "")}
    return {"properties": {name: word for name, word in words.items() if word.get("properties") != {}}}


def _options(able: Capabilities) -> Schema:
    """The options as a tree: one below another is a block."""
    choices, types = dict(able.choices), dict(able.types)
    tree: Schema = {}
    for pointer in sorted(able.writable, key=natural):
        if not pointer.startswith(OPTIONS):
            continue
        *above, last = option_path(pointer)
        within = tree
        for step in above:
            within = within.setdefault(step, {"type": "object", "properties": {}})["properties"]
        within[last] = _offered(choices[pointer]) if pointer in choices else _KINDS.get(types.get(pointer, ""), {})
    return tree


def _scope(able: Capabilities) -> Schema:
    return {name: _OPEN for way in able.scope for name in way}


def _provider(vendor: Vendor) -> Schema:
    """What a provider entry of this vendor may say."""
    settings = {
        name: {"description": word.about, **_offered(word.choices or (word.default,))}
        for name, word in vendor.settings.items()
    }
    needed = dict.fromkeys((name for scheme in vendor.schemes for name in scheme.needs), True)
    properties: Schema = {"scope": {"properties": _scope(vendor.capabilities)}, "auth": {"properties": needed}}
    return {"properties": properties | ({"settings": {"properties": settings}} if settings else {})}


def _offered(values: Iterable[Any]) -> Schema:
    """Values that an editor offers; others are no mistake that it could tell."""
    return {"anyOf": [{"enum": [*values]}, {}]}


_KINDS: Mapping[str, Schema] = {
    "bool": _offered((False, True)),
    "list": {"anyOf": [{"type": "array"}, _OPEN]},
    "map": {"type": "object"},
    "objects": {"type": "array"},
}
"""What an option's type is to an editor; a text of a whole variable may stand for most."""
