"""A mistake in the user's files, before it is located; and how pydantic's findings become such mistakes. [pure]

Made by nearly every module of `config`; `config.places` turns them into located Problems.
A fault never holds a value that could be a secret.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from reconciler.codes import Code
from reconciler.errors import Kind
from reconciler.model.webhook import Source
from reconciler.secrets.scheme import Grammar
from reconciler.support import hints

M = TypeVar("M", bound=BaseModel)


class FileFault(NamedTuple):
    """What is wrong, what would be right, and where: `key` means the key at that path rather than its value.

    `{also}` in the summary stands for the place of `also`, and `{value}` for `value`: the text at the source, which is
    told as it is written there (`${VAR}`), not as what it became. `{1}` and `{2}` in the hint are its parts at a slash.
    """

    source: Source
    code: Code
    summary: str
    hint: str = ""
    key: bool = False
    also: Source | None = None
    provider: str | None = None
    name: str | None = None
    kind: Kind = "config"
    value: str | None = None


class Faulty(Exception):
    """Carries faults out of a computation that cannot go on without a value."""

    def __init__(self, *faults: FileFault) -> None:
        super().__init__("the configuration has mistakes")
        self.faults = faults


def below(source: Source, *steps: str | int) -> Source:
    """The place of something inside."""
    return Source(source.file, (*source.path, *steps))


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """`did you mean `x`?` where a known word is near, else what else to do, else the list where it is short."""
    words = sorted(known)
    known_here = f"known here: {', '.join(words)}" if words else ""
    return hints.did_you_mean(word, words) or otherwise or (known_here if len(known_here) <= 200 else "")


class Wrong(ValueError):
    """Raised by validators: both sentences reach the user as they are; the value does not."""

    def __init__(self, code: Code, summary: str, hint: str = "") -> None:
        super().__init__(summary)
        self.code, self.summary, self.hint = code, summary, hint


def faults_of(error: ValidationError, model: type[BaseModel], source: Source) -> Iterator[FileFault]:
    """Each finding of pydantic as a fault below `source`; findings about empty values are left to `document`."""
    for detail in error.errors(include_url=False):
        if detail["input"] is not None:
            yield _fault(detail, model, source)


def validated(
    model: type[M], tree: Mapping[str, Any], source: Source, grammar: Grammar
) -> tuple[M | None, tuple[FileFault, ...]]:
    """The tree as a model without the keys that are wrong (None: wrong without them too), and the faults."""
    try:
        return model.model_validate(tree, context=grammar), ()
    except ValidationError as error:
        found = tuple(faults_of(error, model, source))
        wrong_paths = [detail["loc"] for detail in error.errors(include_url=False, include_input=False)]
    rest = dict(tree)
    while wrong_paths and (less := _without(rest, wrong_paths)) != rest:
        rest = less
        try:
            return model.model_validate(rest, context=grammar), found
        except ValidationError as error:  # what is left of a block may be wrong without what was
            wrong_paths = [detail["loc"] for detail in error.errors(include_url=False, include_input=False)]
    return None, found


def _without(tree: Mapping[str, Any], paths: Iterable[tuple[str | int, ...]]) -> dict[str, Any]:
    """The tree without the keys at `paths`, down to the second level."""
    rest = dict(tree)
    for path in paths:
        outer = str(path[0]) if path else ""
        inner = rest.get(outer)
        if len(path) > 1 and isinstance(inner, dict) and path[1] in inner:
            rest[outer] = {key: value for key, value in inner.items() if key != path[1]}
        else:
            rest.pop(outer, None)
    return rest


def _fault(detail: Mapping[str, Any], model: type[BaseModel], source: Source) -> FileFault:
    path = tuple(step for step in detail["loc"] if step != "[key]")
    at, what = below(source, *path), ".".join(map(str, path)) or str(source.path[-1] if source.path else "the file")
    kind, context = detail["type"], detail.get("ctx", {})
    if isinstance(told := context.get("error"), Wrong):
        return FileFault(at, told.code, f"`{what}` {told.summary}", told.hint, key=detail["loc"][-1:] == ("[key]",))
    if kind == "extra_forbidden":
        return FileFault(
            at,
            Code.UNKNOWN_KEY,
            f"`{path[-1]}` is not known here",
            did_you_mean(str(path[-1]), _keys(model, path[:-1])),
            key=True,
        )
    if kind == "missing":
        return FileFault(at, Code.MISSING_KEY, f"`{what}` is missing", "add it")
    if kind == "literal_error":
        value, choices = detail["input"], re.findall(r"'([^']*)'", str(context["expected"]))
        hint = f"write {' or '.join(choices)}"
        return FileFault(
            at,
            Code.WRONG_VALUE,
            f"`{what}` cannot be '{{value}}'" if isinstance(value, str) else f"`{what}` has a wrong value",
            hint,
            value=value if isinstance(value, str) else None,
        )
    return FileFault(at, Code.WRONG_VALUE, f"`{what}` {_said(kind, context)}", _HINTS.get(kind, ""))


_SAID = {
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "string_type": "must be a text",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "model_attributes_type": "must be a mapping",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
}
_HINTS = {
    "too_short": "leave it out, or give it something",
    "bool_type": "without quotes",
    "dict_type": "write {KEY: VALUE}, or its keys indented below it",
    "model_type": "write {KEY: VALUE}, or its keys indented below it",
    "tuple_type": "write [ONE, TWO], or each on a line of its own behind `- `",
    "list_type": "write [ONE, TWO], or each on a line of its own behind `- `",
}
_BOUNDS = {"greater_than_equal": ("ge", "at least"), "less_than_equal": ("le", "at most")}


def _said(kind: str, context: dict[str, Any]) -> str:
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return f"must be {words} {context[name]}"
    if kind == "too_short":
        return "must not be empty"
    if kind == "string_too_long":
        return f"must have at most {context['max_length']} characters"
    return _SAID.get(kind, "has a wrong value")


def _keys(model: type[BaseModel], path: tuple[str | int, ...]) -> list[str]:
    """The keys that `model` allows at `path`."""
    inner: type[BaseModel] = model
    named = False
    for step in path:
        if named:  # a name of the user's, below which each has the same shape
            named = False
            continue
        field = next((f for name, f in inner.model_fields.items() if step in (name, f.alias)), None)
        kinds = [field.annotation, *get_args(field.annotation)] if field else []
        nested = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
        if not nested:
            return []
        inner, named = nested[0], field is not None and get_origin(field.annotation) is dict
    return [field.alias or name for name, field in inner.model_fields.items()]
