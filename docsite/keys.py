"""Pages of keys: of `webhooks.yaml`, of manifests, and of all documents with a schema. Used by `docsite.contents`.

They are made of the same schemas that editors and `whsync schema` get, so they cannot say anything else.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from docsite.markdown import code, listed, table
from reconciler.cli.schema import SCHEMAS
from reconciler.config.published import config_schema
from reconciler.secrets import registry

Schema = Mapping[str, Any]

_MADE = "Made of the code when this site was built."
_SHOWN_CHOICES = 12
_SCALAR = ["string", "number", "boolean"]
"""What a text may be written as: `0123` stays as it stands."""


def configuration() -> str:
    """Each key that `webhooks.yaml` may have, block by block."""
    return _page(
        "All keys of webhooks.yaml",
        f"{_MADE} What the keys do together is told in [The configuration](../configuration.md).",
        config_schema(registry),
        "The file",
    )


def manifest() -> str:
    """Each word of the manifest language, block by block."""
    return _page(
        "All words of a manifest",
        f"{_MADE} What the words mean is told in [Teaching whsync a vendor](../manifests.md).",
        SCHEMAS["manifest"](),
        "The manifest",
    )


def schemas() -> str:
    """The schemas of all documents: what each is, and its uppermost keys."""
    parts = [
        f"# All schemas\n\n{_MADE} `whsync schema NAME` prints each, and the folder `schemas/` of the repository "
        "has them as files. All are JSON Schema of the draft 2020-12.\n"
    ]
    for name, made in SCHEMAS.items():
        schema = made()
        told = schema.get("description") or schema.get("title") or ""
        parts.append(f"## {name}\n\n{_said(told)}\n\n{_keys(schema, {})}")
        parts.append(f"Further blocks: {listed(schema['$defs'])}.\n" if schema.get("$defs") else "")
    return "\n".join(filter(None, parts))


def _page(title: str, beginning: str, schema: Schema, top: str) -> str:
    blocks = schema.get("$defs", {})
    parts = [f"# {title}\n\n{beginning}\n", f"## {top}\n\n{_keys(schema, blocks)}"]
    for name, block in blocks.items():
        if block.get("properties"):
            told, _ = _parted(block.get("description", ""), tuple(block["properties"]))
            parts.append(f"## {name}\n\n{told}\n\n{_keys(block, blocks)}")
    return "\n".join(parts)


def _keys(schema: Schema, blocks: Schema) -> str:
    """The table of a block's keys; what the block's own description says of a key stands beside it."""
    needed, keys = schema.get("required", ()), schema.get("properties", {})
    _, explained = _parted(schema.get("description", ""), tuple(keys))
    rows = [
        (code(key), _kind(value, blocks), _default(value, key in needed), _told(value) or explained.get(key, ""))
        for key, value in keys.items()
    ]
    heads = ("key", "takes", "default", "means")
    return table(heads, rows) if any(row[3] for row in rows) else table(heads[:3], (row[:3] for row in rows))


def _parted(description: str, keys: Sequence[str]) -> tuple[str, dict[str, str]]:
    """A block's description without its list of keys, and what that list says of each."""
    text, _, arguments = description.partition("Args:")
    if not arguments or not keys:
        return _said(description), {}
    one = "|".join(map(re.escape, keys))
    found = list(re.finditer(rf"(?:^|[;.\n])\s*((?:{one})(?:, (?:{one}))*): ", arguments))
    ends = [*(each.start() for each in found[1:]), len(arguments)]
    told = {
        key: _said(arguments[each.end() : end]).rstrip(";.") + "."
        for each, end in zip(found, ends, strict=True)
        for key in each[1].split(", ")
    }
    return _said(text), told


def _kind(node: Schema, blocks: Schema) -> str:
    """What a value may be, in a few words."""
    if "$ref" in node:
        name = str(node["$ref"]).rpartition("/")[2]
        return f"[{name}](#{name.lower()})" if blocks.get(name, {}).get("properties") else code(name)
    if "const" in node:
        return code(_json(node["const"]))
    if "enum" in node:
        return _choices(node["enum"])
    for word in ("oneOf", "anyOf"):
        if word in node:
            return " or ".join(dict.fromkeys(_kind(each, blocks) for each in node[word] if each.get("type") != "null"))
    if node.get("type") == "array":
        return f"list of {_kind(node.get('items', {}), blocks)}"
    if node.get("properties"):
        return f"mapping with {listed(node['properties'])}"
    extra = node.get("additionalProperties")
    if node.get("type") == "object" and isinstance(extra, dict) and extra:
        return f"mapping to {_kind(extra, blocks)}"
    kind = node.get("type", "anything")
    if kind in ("string", _SCALAR):
        return "text"
    return " or ".join(map(str, kind)) if isinstance(kind, Sequence) and not isinstance(kind, str) else str(kind)


def _choices(values: Sequence[Any]) -> str:
    shown = listed(_json(value) for value in values[:_SHOWN_CHOICES])
    return shown + (f" and {len(values) - _SHOWN_CHOICES} more" if len(values) > _SHOWN_CHOICES else "")


def _default(node: Schema, needed: bool) -> str:
    if needed:
        return "**needed**"
    usual = node.get("default")
    return "" if usual is None or isinstance(usual, dict | list) else code(_json(usual))


def _told(node: Schema) -> str:
    examples = [_json(each) for each in node.get("examples", ())]
    return " ".join(
        filter(None, [_said(node.get("description", "")), f"Such as {listed(examples)}." if examples else ""])
    )


def _said(text: str) -> str:
    return " ".join(text.split()).replace("<", "&lt;").replace("$", "\\$")


def _json(value: Any) -> str:
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)


def defined(node: Any) -> Iterator[str]:
    """The names of all keys in a schema, at any depth."""
    if isinstance(node, dict):
        yield from node.get("properties", {})
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from defined(inner)
