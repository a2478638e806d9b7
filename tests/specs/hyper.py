"""A JSON hyper-schema with the words of OpenAPI 3, as far as tests look at it. Only tests use it."""

import re
from collections.abc import Mapping
from typing import Any

Json = Any
_PARAMETER = re.compile(r"\{\([^)]*\)\}")


def is_hyper(document: Json) -> bool:
    """Whether its definitions have links, which are its calls."""
    return any("links" in each for each in document.get("definitions", {}).values())


def as_openapi(document: Json) -> Json:
    """The same description: its links as operations; its definitions stay where references look for them."""
    paths: dict[str, dict[str, Json]] = {}
    for name, definition in document["definitions"].items():
        for link in definition.get("links", ()):
            path = _PARAMETER.sub("{x}", link["href"])
            paths.setdefault(path, {})[link["method"].lower()] = _operation(name, link)
    return {"openapi": "3.0.0", "paths": paths, "definitions": document["definitions"]}


def _operation(name: str, link: Mapping[str, Json]) -> Json:
    """One call; what it answers is the thing itself, or a list of it, where nothing else is said."""
    itself = {"$ref": f"#/definitions/{name}"}
    usual = {"type": "array", "items": itself} if link.get("rel") == "instances" else itself
    shown = link.get("targetSchema", usual)
    answer = {"content": {"application/json": {"schema": shown}}}
    made: dict[str, Json] = {"responses": dict.fromkeys(("200", "201", "202", "206"), answer)}
    if "schema" in link and link["method"] != "GET":
        made["requestBody"] = {"content": {"application/json": {"schema": link["schema"]}}}
    return made
