"""What the language takes at a place of a manifest, from its JSON Schema. [pure]

Used by `providers.language.sound.mistakes`.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from reconciler.providers.language.manifest import Manifest
from reconciler.providers.language.sound.fault import Path

Schema = Mapping[str, Any]


def wanted(schemas: Iterable[Schema]) -> str:
    """What may stand at a place, in words."""
    return " or ".join(dict.fromkeys(filter(None, map(_described, schemas))))


def _described(schema: Schema) -> str:
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return quoted(schema["enum"])
    words = [*schema.get("required", ()), *schema.get("properties", ())]
    block = f"a block `{{{words[0]}: …}}`" if words else "a block `{name: value}`"
    named = {"object": block, "array": "a list `[…]`", "string": "a text", "boolean": "true or false"}
    named |= {"integer": "a whole number", "number": "a number"}
    kinds = schema.get("type")
    return " or ".join(filter(None, map(named.get, [kinds] if isinstance(kinds, str) else kinds or ())))


def quoted(names: Iterable[object]) -> str:
    """Names in backticks, with commas."""
    return ", ".join(f"`{shown(name)}`" for name in names)


def shown(value: Any) -> str:
    """A value as YAML has it, as far as it is short."""
    return str(value).lower() if isinstance(value, bool) else "a block" if isinstance(value, dict) else str(value)


def value_at(tree: Any, path: Path) -> Any:
    """What stands at a path; None where nothing does."""
    for step in path:
        tree = _below(tree, step)
    return tree


def tags_of(schema: Schema) -> Iterator[tuple[str, str]]:
    """The word that tells alternatives apart, with each of its values."""
    discriminator = schema.get("discriminator", {})
    return ((discriminator["propertyName"], tag) for tag in discriminator.get("mapping", ()))


@cache
def _language() -> Schema:
    return Manifest.model_json_schema()


@cache
def all_words() -> frozenset[str]:
    """Every word of the language, wherever it may stand."""
    blocks = [_language(), *_language()["$defs"].values()]
    return frozenset(word for block in blocks for word in block.get("properties", ()))


def words_at(path: Path, tree: Any) -> frozenset[str]:
    """The words of the block at a place."""
    return frozenset(word for schema in schemas_at(path, tree) for word in schema.get("properties", ()))


def alternatives(path: Path, tree: Any) -> list[Schema]:
    """The schemas of what may stand at a place, alternatives not yet told apart."""
    schemas: list[Schema] = [_language()]
    for step in path:
        schemas = [inner for schema in _told_apart(schemas, tree) for inner in _inner(schema, step)]
        tree = _below(tree, step)
    return schemas


def schemas_at(path: Path, tree: Any) -> list[Schema]:
    """The schemas of what may stand at a place, each alternative by itself; only what was meant, where that is told."""
    here = alternatives(path, tree)
    return _told_apart(here, value_at(tree, path))


def _below(tree: Any, step: str | int) -> Any:
    if isinstance(tree, list):
        return tree[step] if isinstance(step, int) and step < len(tree) else None
    return tree.get(step) if isinstance(tree, dict) else None


def _told_apart(schemas: Iterable[Schema], value: Any) -> list[Schema]:
    found: list[Schema] = []
    for schema in schemas:
        if "$ref" in schema:
            found += _told_apart([_language()["$defs"][schema["$ref"].rpartition("/")[2]]], value)
            continue
        inner = schema.get("oneOf") or schema.get("anyOf") or schema.get("allOf")  # older pydantic wraps one so
        if inner is None:
            found.append(schema)
            continue
        mapping = schema.get("discriminator", {}).get("mapping", {})
        tag = value.get(schema["discriminator"]["propertyName"]) if mapping and isinstance(value, dict) else None
        chosen = [{"$ref": mapping[tag]}] if isinstance(tag, str) and tag in mapping else inner
        found += _told_apart([each for each in chosen if each.get("type") != "null"], value)
    return found


def _inner(schema: Schema, step: str | int) -> list[Schema]:
    if isinstance(step, int):
        items = schema.get("prefixItems") or ([schema["items"]] if isinstance(schema.get("items"), dict) else [])
        return [items[min(step, len(items) - 1)]] if items else []
    inner = schema.get("properties", {}).get(step, schema.get("additionalProperties"))
    return [inner] if isinstance(inner, dict) else []
