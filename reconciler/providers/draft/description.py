"""Finds a vendor's webhooks in its OpenAPI 3 description: the calls, the schemas, how lists are paged, who may call.

Used by `providers.draft.words`. All of it is reading: what a description does not say is left out, and never guessed.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from reconciler.codes import Code
from reconciler.errors import ConfigError

Tree = Any
"""A part of a description, as JSON has it."""

_LIKELY = (("webhook", 4), ("hook", 3), ("subscription", 2), ("endpoint", 2), ("notification", 1), ("callback", 1))
_BODIES = ("application/json", "application/vnd.api+json", "application/x-www-form-urlencoded")


class Found(NamedTuple):
    """The calls around one list of webhooks.

    Args:
        path: of the list and of creates; `one` of a single webhook, with its parameter's `name`.
        verbs: of `path` and `one`, the method in capitals -> the operation.
        server: the first server's URL, where it is absolute.
        schemes: the description's security schemes, by name.
    """

    document: Tree
    path: str
    one: str
    name: str
    verbs: Mapping[str, Tree]
    one_verbs: Mapping[str, Tree]
    server: str
    schemes: Mapping[str, Tree]

    def resolved(self, node: Tree) -> Tree:
        """The node, or what it refers to; an empty object where that is nowhere."""
        for _ in range(20):
            if not (isinstance(node, dict) and isinstance(node.get("$ref"), str)):
                return node if node is not None else {}
            node = _at(self.document, node["$ref"])
        return {}

    def properties(self, schema: Tree) -> dict[str, Tree]:
        """The properties of an object, those that it is composed of included."""
        words, found = self.resolved(schema), dict[str, Tree]()
        for kind in ("allOf", "anyOf", "oneOf"):
            for inner in words.get(kind) or ():
                found |= self.properties(inner)
        return found | {name: self._settled(each) for name, each in (words.get("properties") or {}).items()}

    def _settled(self, node: Tree) -> Tree:
        """A schema that is one of several kinds as the list among them, or as the first."""
        words = self.resolved(node)
        kinds = [self.resolved(each) for key in ("oneOf", "anyOf") for each in words.get(key) or ()]
        if "type" in words or "properties" in words or not kinds:
            return words
        chosen = next((each for each in kinds if each.get("type") == "array"), kinds[0])
        items = self.resolved(chosen["items"]) if "items" in chosen else None
        return {**words, **chosen, **({"items": items} if items is not None else {})}

    def required(self, schema: Tree) -> tuple[str, ...]:
        """The names of the properties that must be there."""
        words = self.resolved(schema)
        inner = [name for each in words.get("allOf") or () for name in self.required(each)]
        return (*inner, *(words.get("required") or ()))

    def body(self, operation: Tree) -> tuple[str, Tree]:
        """The type of a request's body and its schema; empty where it has none."""
        content = self.resolved(operation.get("requestBody")).get("content") or {}
        kind = next((each for each in _BODIES if each in content), "")
        return kind, self.resolved(content[kind].get("schema")) if kind else {}

    def answer(self, operation: Tree) -> tuple[tuple[int, ...], Tree]:
        """The statuses that mean success, and the schema of the first answer that has one."""
        answers = {int(code): each for code, each in (operation.get("responses") or {}).items() if _is_success(code)}
        schemas = (
            self.resolved(words.get("schema"))
            for each in answers.values()
            for kind, words in (self.resolved(each).get("content") or {}).items()
            if "json" in kind
        )
        return tuple(sorted(answers)), next(schemas, {})

    def parameters(self, operation: Tree) -> Iterator[tuple[str, Tree]]:
        """An operation's query parameters, and the schema of each."""
        for each in operation.get("parameters") or ():
            words = self.resolved(each)
            if words.get("in") == "query":
                yield str(words.get("name")), self.resolved(words.get("schema"))


def found_in(document: Tree, path: str | None = None) -> Found:
    """The webhooks of a description.

    Args:
        document: OpenAPI 3, as JSON has it.
        path: of the list, where the description has several that look like it.

    Raises:
        ConfigError: it is no such description, or which list is meant is not clear; the hint names them.
    """
    paths = document.get("paths") if isinstance(document, dict) else None
    if not isinstance(paths, dict) or not str(document.get("openapi", "")).startswith("3"):
        raise ConfigError("this is no OpenAPI 3 description", "convert it to OpenAPI 3 first", code=Code.WRONG_MANIFEST)
    ranks = {each: _rank(paths, each) for each in paths if _one_below(paths, each)}
    if path is not None and path in ranks:
        return _found(document, paths, path)
    best = max((rank for rank in ranks.values() if rank), default=0)
    likely = [each for each, rank in ranks.items() if rank == best > 0]
    if path is None and len(likely) == 1:
        return _found(document, paths, likely[0])
    raise _unclear(ranks, path)


def _unclear(ranks: Mapping[str, int], path: str | None) -> ConfigError:
    """Which lists look like webhooks at all, the likeliest first."""
    likely = sorted((each for each, rank in ranks.items() if rank), key=lambda each: -ranks[each])
    others = ", ".join(likely[:8]) or "none that looks like webhooks"
    what = f"nothing is listed and made at {path}" if path else "which list holds the webhooks is not clear"
    return ConfigError(what, f"name its path with --path; there are {others}", code=Code.WRONG_MANIFEST)


def _found(document: Tree, paths: Mapping[str, Tree], path: str) -> Found:
    one = _one_below(paths, path) or ""
    server = str(((document.get("servers") or [{}])[0] or {}).get("url", ""))
    name = re.findall(r"\{([^{}]+)\}", one)[-1]
    schemes = (document.get("components") or {}).get("securitySchemes") or {}
    verbs, one_verbs = _verbs(paths[path]), _verbs(paths[one])
    return Found(document, path, one, name, verbs, one_verbs, server if "://" in server else "", schemes)


def _verbs(item: Mapping[str, Tree]) -> dict[str, Tree]:
    """The operations of a path by method; what they all take stands in the path itself."""
    shared = item.get("parameters") or ()
    methods = [method for method in ("get", "post", "put", "patch", "delete") if isinstance(item.get(method), dict)]
    return {
        method.upper(): {**item[method], "parameters": [*shared, *(item[method].get("parameters") or ())]}
        for method in methods
    }


def _one_below(paths: Mapping[str, Tree], path: str) -> str | None:
    """The path of one item of a list that can be made, if there is such a list."""
    if "post" not in paths[path] and "put" not in paths[path]:
        return None
    pattern = re.compile(re.escape(path.rstrip("/")) + r"/\{[^{}/]+\}/?")
    return next((each for each in paths if pattern.fullmatch(each)), None)


def _rank(paths: Mapping[str, Tree], path: str) -> int:
    """How much a list looks like the webhooks that are managed, by its last word and what can be done."""
    last = next((word for word in reversed(path.strip("/").split("/")) if "{" not in word), "").lower()
    points = max((points for word, points in _LIKELY if word in last), default=0)
    if not points or re.search(r"deliver|attempt|event|log|test", last):
        return 0
    one = paths[_one_below(paths, path) or path]
    return 10 * points + 3 * ("get" in paths[path]) + ("delete" in one) + ("patch" in one or "put" in one)


def _at(document: Tree, reference: str) -> Tree:
    node = document if reference.startswith("#/") else {}
    for step in reference[2:].split("/"):
        key = step.replace("~1", "/").replace("~0", "~")
        node = node.get(key) if isinstance(node, dict) else {}
    return node


def _is_success(code: str) -> bool:
    return code.isdigit() and 200 <= int(code) < 300
