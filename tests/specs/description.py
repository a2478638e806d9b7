"""A vendor's own OpenAPI description, and what it says against a call or an answer. Only tests use it."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.specs import hyper, swagger

Json = Any
_URI = "urn:description"
_FORMS = ("application/json", "application/vnd.api+json", "application/x-www-form-urlencoded")


class Description:
    """OpenAPI 3, Swagger 2 or a JSON hyper-schema, as a strict reader has it: what it does not name is not there.

    Args:
        file: the description.
        below: what its paths have before those of the manifest.
        beside: query parameters that its pages give to every list, and not the description.
    """

    def __init__(self, file: Path, below: str = "", beside: tuple[str, ...] = ()) -> None:
        self.document: Json = _modern(_openapi(json.loads(file.read_text(encoding="utf-8"))))
        self._below, self._beside = below, beside
        self._registry = Registry[Json]().with_resource(_URI, DRAFT202012.create_resource(self.document))

    @cached_property
    def _paths(self) -> list[tuple[re.Pattern[str], str]]:
        """Each path as a pattern; those with fewer parameters are asked first."""
        patterns = [
            (re.compile(re.sub(r"\\\{[^/]+?\\\}", "[^/]+", re.escape(path))), path) for path in self.document["paths"]
        ]
        return sorted(patterns, key=lambda pair: pair[1].count("{"))

    def complaints(self, method: str, path: str, query: Mapping[str, str], body: Json) -> Iterator[str]:
        """What is wrong with a call."""
        operation = self._operation(method, path)
        if operation is None:
            yield f"there is no {method} {path}"
            return
        known = {*self._beside, *(name for name, where in self._parameters(method, path) if where == "query")}
        yield from (f"{method} {path} has no query parameter {name}" for name in query if name not in known)
        content = self._resolved(operation.get("requestBody", {})).get("content", {})
        schema = next((content[kind]["schema"] for kind in _FORMS if kind in content), None)
        if schema is not None and body is not None:
            yield from (f"{method} {path}: {fault}" for fault in self._faults(schema, body))

    def answer_complaints(self, method: str, path: str, status: int, answer: Json) -> Iterator[str]:
        """What is wrong with a made-up answer: a status or a key that the vendor does not have, another type of value.

        Examples show what they are about, so what they leave out is no fault.
        """
        responses = (self._operation(method, path) or {}).get("responses", {})
        said = responses.get(str(status), responses.get(f"{status // 100}XX", responses.get("default")))
        if said is None and not any(code >= "4" for code in responses) and status >= 400:
            return  # a description without refusals
        if said is None:
            yield f"{method} {path} has no answer {status}"
            return
        schema = self._answered(said)
        if schema is not None and answer is not None:
            yield from (f"{method} {path} {status}: {fault}" for fault in self._faults(schema, answer, partly=True))

    def strays(self, method: str, path: str, status: int, answer: Json) -> Iterator[str]:
        """Keys that no answer of the vendor has, whatever their values are."""
        said = (self._operation(method, path) or {}).get("responses", {}).get(str(status))
        schema = self._answered(said or {})
        yield from (
            self._strays(schema, answer) if schema is not None else (f"{method} {path} says nothing of {status}",)
        )

    def _answered(self, response: Json) -> Json:
        """The schema of an answer's JSON."""
        content = self._resolved(response).get("content", {})
        return next((words.get("schema") for kind, words in content.items() if "json" in kind), None)

    def _operation(self, method: str, path: str) -> Json:
        item = self._item(path)
        return None if item is None else item.get(method.lower())

    def _item(self, path: str) -> Json:
        for pattern, name in self._paths:
            if pattern.fullmatch(self._below + path):
                return self.document["paths"][name]
        return None

    def _parameters(self, method: str, path: str) -> Iterator[tuple[str, str]]:
        item = self._item(path) or {}
        for words in (*item.get("parameters", ()), *item.get(method.lower(), {}).get("parameters", ())):
            parameter = self._resolved(words)
            yield parameter["name"], parameter["in"]

    def _resolved(self, words: Json) -> Json:
        while isinstance(words, dict) and "$ref" in words:
            words = self._registry.resolver().lookup(words["$ref"]).contents
        return words

    def _faults(self, schema: Json, value: Json, partly: bool = False) -> Iterator[str]:
        validator = Draft202012Validator(schema, registry=self._registry)
        for error in validator.iter_errors(value):
            if not (partly and _only_lacks(error)) and error.validator != "additionalProperties":
                yield f"{error.json_path}: {error.message[:200]}"
        yield from (f"nothing is called {name}" for name in self._strays(schema, value))

    def _strays(self, schema: Json, value: Json, at: str = "") -> Iterator[str]:
        """Keys of objects that no schema names."""
        schemas = list(self._all(schema))
        if isinstance(value, list):
            items = [each["items"] for each in schemas if isinstance(each.get("items"), dict)]
            for item in value if items else ():
                yield from self._strays({"anyOf": items}, item, f"{at}[]")
        if isinstance(value, dict) and not any(_takes_any(each) for each in schemas):
            for key, inner in value.items():
                named = [each["properties"][key] for each in schemas if key in each.get("properties", {})]
                if not named:
                    yield f"{at}.{key}"
                else:
                    yield from self._strays({"anyOf": named}, inner, f"{at}.{key}")

    def _all(self, schema: Json) -> Iterator[Json]:
        """A schema and all that it is made of."""
        words = self._resolved(schema)
        if isinstance(words, dict):
            yield words
            for kind in ("allOf", "anyOf", "oneOf"):
                for inner in words.get(kind, ()):
                    yield from self._all(inner)


def _openapi(document: Json) -> Json:
    return hyper.as_openapi(document) if hyper.is_hyper(document) else swagger.as_openapi(document)


def _takes_any(schema: Json) -> bool:
    """Whether an object of any keys fits: where keys are left open in words, or nothing is said of an object at all."""
    if "properties" in schema or "allOf" in schema or "anyOf" in schema or "oneOf" in schema:
        return bool(schema.get("additionalProperties"))
    return schema.get("type") in (None, "object", ["object", "null"])


def _only_lacks(error: Any) -> bool:
    """Whether nothing but absent keys or items is the fault, also inside of alternatives."""
    if error.validator in ("required", "minItems"):
        return True
    return error.validator in ("anyOf", "oneOf") and any(_only_lacks(inner) for inner in error.context)


_BOUNDS = ("exclusiveMinimum", "exclusiveMaximum")


def _modern(node: Json) -> Json:
    """OpenAPI 3.0's own words as JSON Schema has them: `nullable`, and bounds that are true or false."""
    if isinstance(node, list):
        return [_modern(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        return {"$ref": _URI + node["$ref"]}
    words = {key: _modern(inner) for key, inner in node.items() if not (key in _BOUNDS and isinstance(inner, bool))}
    if words.pop("nullable", False) is True:
        if isinstance(words.get("type"), str):
            words["type"] = [words["type"], "null"]
        if isinstance(words.get("enum"), list):
            words["enum"] = [*words["enum"], None]
    if isinstance(words.get("pattern"), str):
        words.pop("pattern")  # written for other engines than Python's
    return words
