"""A JSON Schema as it is published, whichever release of pydantic wrote it. [pure] Used by `config.published` and
`providers.language.manifest`.

Releases say one thing in several ways and put it in several orders. A schema that followed the one that happens to be
installed would differ between two machines, and a file in `schemas/` would be current on one of them only.
"""

from typing import Any

_NAMED = frozenset({"properties", "patternProperties", "$defs"})
"""What holds schemas by names of the author's own: they keep their order, and no name is taken for a keyword."""

_DATA = frozenset({"default", "const", "enum", "examples", "required"})
"""What holds values of the document, not schemas."""


def settled(schema: dict[str, Any]) -> dict[str, Any]:
    """The same schema, in one way out of those that mean the same."""
    whole: dict[str, Any] = _node(schema)
    if defined := whole.get("$defs"):
        whole["$defs"] = {name: defined[name] for name in sorted(defined)}
    return whole


def _node(node: Any) -> Any:
    if isinstance(node, list):
        return [_node(each) for each in node]
    if not isinstance(node, dict):
        return int(node) if isinstance(node, float) and node.is_integer() else node
    whole = {key: _value(key, value) for key, value in node.items()}
    if whole.get("additionalProperties") is True:
        del whole["additionalProperties"]  # what leaving it out means
    only = whole.get("allOf", ())
    if len(only) == 1 and not only[0].keys() & whole.keys():
        whole |= only[0]
        del whole["allOf"]
    _one_value(whole)
    return {key: whole[key] for key in sorted(whole)}


def _value(key: str, value: Any) -> Any:
    if key in _DATA:
        return value
    return {name: _node(each) for name, each in value.items()} if key in _NAMED else _node(value)


def _one_value(node: dict[str, Any]) -> None:
    """Let what allows few values say of what type they are, and what allows one say it as `const`."""
    if len(node.get("enum", ())) == 1:
        node.setdefault("const", node["enum"][0])
    if "const" in node:
        node.pop("enum", None)
    allowed = [node["const"]] if "const" in node else node.get("enum", ())
    if allowed and all(isinstance(each, str) for each in allowed):
        node.setdefault("type", "string")
    if allowed and all(type(each) is int for each in allowed):
        node.setdefault("type", "integer")
