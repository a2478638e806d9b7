"""A JSON Schema as it is published, whichever release of pydantic wrote it. [pure] Used by `config.published`,
`fleet.schema` and `providers.language.manifest`.

Releases say one thing in several ways and put it in several orders. A schema that followed the one that happens to be
installed would differ between two machines, and a file in `schemas/` would be current on one of them only.
"""

from typing import Any

_NAMED = frozenset({"properties", "patternProperties", "$defs"})
"""What holds schemas by names of the author's own: they keep their order, and no name is taken for a keyword."""

_DATA = frozenset({"default", "const", "enum", "examples", "required"})
"""What holds values of the document, not schemas."""


def tidied(node: Any) -> Any:
    """The schema of a file, without what pydantic adds and the file has no use for."""
    if isinstance(node, list):
        return [tidied(item) for item in node]
    if not isinstance(node, dict):
        return node
    return _without_null({key: tidied(value) for key, value in node.items() if not _says_nothing(key, value)})


def _says_nothing(key: str, value: Any) -> bool:
    """Whether it is a title, which only repeats its key, or a default that is what leaving out means."""
    return (key == "title" and isinstance(value, str)) or (key == "default" and value in (None, [], {}))


def _without_null(node: dict[str, Any]) -> dict[str, Any]:
    """The node without null among its choices, since the file knows no null; one choice that is left is no choice."""
    choices = [choice for choice in node.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        return {**{key: value for key, value in node.items() if key != "anyOf"}, **choices[0]}
    return {**node, "anyOf": choices} if choices else node


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
