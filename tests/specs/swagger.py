"""A Swagger 2 description with the words of OpenAPI 3, as far as tests look at it. Only tests use it."""

from collections.abc import Iterator, Mapping
from typing import Any

Json = Any
_METHODS = ("get", "put", "post", "patch", "delete")
_MOVED = {
    "#/definitions/": "#/components/schemas/",
    "#/parameters/": "#/components/parameters/",
    "#/responses/": "#/components/responses/",
}


def as_openapi(document: Json) -> Json:
    """The same description; its paths stay as they are, so `basePath` is what `below` leaves to the manifest."""
    if "swagger" not in document:
        return document
    parts = {"parameters": document.get("parameters", {}), "responses": document.get("responses", {})}
    return {
        "openapi": "3.0.0",
        "paths": {path: _item(item, parts) for path, item in document["paths"].items()},
        "components": {"schemas": _renamed(document.get("definitions", {}))},
    }


def _item(item: Mapping[str, Json], parts: Mapping[str, Json]) -> Json:
    shared = [_followed(each, parts["parameters"]) for each in item.get("parameters", ())]
    return {method: _operation(item[method], shared, parts) for method in _METHODS if method in item}


def _operation(words: Mapping[str, Json], shared: list[Json], parts: Mapping[str, Json]) -> Json:
    every = [*shared, *(_followed(each, parts["parameters"]) for each in words.get("parameters", ()))]
    bodies = [each for each in every if each["in"] == "body"]
    made: dict[str, Json] = {
        "parameters": [_renamed(each) for each in every if each["in"] != "body"],
        "responses": dict(_responses(words, parts["responses"])),
    }
    if bodies:
        made["requestBody"] = {"content": {"application/json": {"schema": _renamed(bodies[0].get("schema", {}))}}}
    return made


def _responses(words: Mapping[str, Json], named: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    for status, response in words.get("responses", {}).items():
        said = _followed(response, named)
        schema = {"content": {"application/json": {"schema": _renamed(said["schema"])}}} if "schema" in said else {}
        yield str(status), schema


def _followed(words: Json, named: Mapping[str, Json]) -> Json:
    while "$ref" in words:
        words = named[words["$ref"].rpartition("/")[2]]
    return words


def _renamed(node: Json) -> Json:
    if isinstance(node, list):
        return [_renamed(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        old = next((old for old in _MOVED if node["$ref"].startswith(old)), "")
        return {"$ref": _MOVED.get(old, "") + node["$ref"].removeprefix(old)}
    words = {key: _renamed(inner) for key, inner in node.items()}
    return words | {"nullable": True} if words.pop("x-nullable", False) else words
