"""What pydantic finds in a manifest, in the language's own words: what stands there, and what should. [pure]

Used by `providers.registry`. What should stand somewhere is taken from the language's JSON Schema, so that no word has
to be named here again.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from reconciler.codes import Code
from reconciler.providers.language.sound.fault import Fault, Path
from reconciler.providers.language.sound.schema import (
    all_words,
    alternatives,
    quoted,
    schemas_at,
    shown,
    tags_of,
    value_at,
    wanted,
    words_at,
)
from reconciler.support.hints import did_you_mean

READS, WRITES = "ReadExample", "WriteExample"
MAY_BE_NULL = ("fixed", "shown", "answer", "body")
PATTERNS = {
    r"^[!-~]*$": "visible characters without spaces",
    r"^[a-z0-9][a-z0-9-]*$": "small letters, digits and -, beginning with a letter or digit",
    r"^\w+$": "letters, digits and _",
}
_QUOTED = re.compile(r"`([^`]+)`")
_NAMES = re.compile(r"(?:called|speaks of|names) ([^;]+?)(?:;|, which|$)")


def mistakes(details: Iterable[Any], tree: Any) -> Iterator[Fault]:
    """Pydantic's findings as ours: those about one place together, and only of the alternative that was meant."""
    found = [(_real_path(detail["loc"], tree), detail) for detail in details if _is_meant(detail["loc"], tree)]
    above = {path[:length] for path, _ in found for length in range(len(path))}
    # Of alternatives, the one that a value is of by its kind says more about it than that it is none of the others.
    found = [(path, detail) for path, detail in found if detail["type"] in _SAYINGS or path not in above]
    for path, group in groupby(sorted(found, key=lambda each: list(map(str, each[0]))), key=lambda each: each[0]):
        yield from _at_one_place(path, [detail for _, detail in group], tree)


def nulls(tree: Any, path: Path = ()) -> Iterator[Fault]:
    """A null says nothing, but as a part of a body or an answer."""
    if tree is None and not set(MAY_BE_NULL) & set(path):
        what = f"`{path[-1]}` is null, which says nothing"
        yield Fault(path, what, "leave it out; a null may stand in `fixed`, `shown`, `body` and `answer`", _WRONG)
    elif isinstance(tree, dict):
        yield from (fault for key, value in tree.items() for fault in nulls(value, (*path, key)))
    elif isinstance(tree, list):
        yield from (fault for at, value in enumerate(tree) for fault in nulls(value, (*path, at)))


_WRONG = Code.WRONG_MANIFEST


def _at_one_place(path: Path, details: Sequence[Any], tree: Any) -> Iterator[Fault]:
    kinds = False
    for detail in details:
        say = _SAYINGS.get(detail["type"])
        if say is not None:
            yield say(path, detail, tree)
        elif not kinds:
            kinds = True
            yield _wrong_kind(path, tree)


def _missing(path: Path, detail: Any, tree: Any) -> Fault:
    if isinstance(name := detail["loc"][-1], int):
        return _too_few(path, tree)
    what = wanted(schemas_at((*path, name), tree))
    return Fault(path, f"`{name}` is missing", f"add it: {what}" if what else "add it", _WRONG)


def _too_few(path: Path, tree: Any) -> Fault:
    """A list of so many items has fewer."""
    most = next((len(items) for schema in schemas_at(path, tree) if (items := schema.get("prefixItems"))), "more")
    return Fault(path, _counted(path, tree), f"write {most}", _WRONG)


def _counted(path: Path, tree: Any) -> str:
    count = len(value_at(tree, path))
    return f"there {'is' if count == 1 else 'are'} {count or 'no'} item{'s' * (count != 1)} here"


def _stray(path: Path, detail: Any, tree: Any) -> Fault:
    name, known = str(detail["loc"][-1]), sorted(words_at(path[:-1], tree))
    if name in all_words():
        hint = f"`{name}` belongs to another block; this one has: {', '.join(known)}"
    else:
        hint = did_you_mean(name, known) or (f"it has: {', '.join(known)}" if known else "leave it out")
    return Fault(path, f"the language has no word `{name}` here", hint, _WRONG, key=True)


def _no_such_choice(path: Path, detail: Any, tree: Any) -> Fault:
    value = value_at(tree, path)
    if isinstance(value, dict | list):
        return _wrong_kind(path, tree)
    choices = re.findall(r"'([^']*)'|(\d+)", detail["ctx"]["expected"])
    known = ["".join(choice) for choice in choices]
    return Fault(path, f"`{shown(value)}` is none of {quoted(known)}", _near(value, known), _WRONG)


def _no_such_kind(path: Path, detail: Any, tree: Any) -> Fault:
    word = detail["ctx"]["discriminator"].strip("'")
    value, known = value_at(tree, (*path, word)), re.findall(r"'([^']*)'", detail["ctx"]["expected_tags"])
    if isinstance(value, dict | list):
        return Fault((*path, word), f"`{word}` is {_kind(value)}, and must be one word", _near("", known), _WRONG)
    what = f"`{word}: {shown(value)}` is none of {quoted(known)}"
    return Fault((*path, word), what, _near(value, known), _WRONG)


def _kind_left_out(path: Path, detail: Any, tree: Any) -> Fault:
    word = detail["ctx"]["discriminator"].strip("'")
    known = [tag for schema in alternatives(path, tree) for tag in schema.get("discriminator", {}).get("mapping", ())]
    what = f"`{word}` is missing"
    return Fault(path, what, f"say which it is: `{word}: {known[0]}`; there are {quoted(known)}", _WRONG)


def _own_words(path: Path, detail: Any, tree: Any) -> Fault:
    """What the language's own checks say; where that is about the whole, its place is where what it names stands."""
    what = str(detail["msg"]).removeprefix("Value error, ")
    if not path:
        return _about_the_whole(what, tree)
    what, _, right = what.partition("; ")
    value, key = _meant(path, detail, tree)
    if what.endswith("begins with /") and isinstance(value, str):
        right = f"write `/{value}`"
    return Fault(path, what, right, _WRONG, key=key)


def _meant(path: Path, detail: Any, tree: Any) -> tuple[Any, bool]:
    """What a finding is about, and whether it is a key, whose value may be right."""
    key = detail["loc"][-1] == "[key]"
    return (path[-1] if key else value_at(tree, path)), key


def _about_the_whole(what: str, tree: Any) -> Fault:
    """What is wrong between several parts of a manifest stands where the first of what it names does."""
    named = _NAMES.search(what)
    first = named[1].split(",")[0].strip("` ") if named else next(iter(_QUOTED.findall(what)), "")
    path, known = next(_places_of(first, tree), ()), _after(what) or [*(tree.get("settings") or ())]
    right = (did_you_mean(first, known) or "name one that there is") if named else ""
    return Fault(path, what, right, _WRONG, key=bool(path) and path[-1] == first)


def _after(what: str) -> list[str]:
    """The names that a sentence ends with: `…; there are /url, /events`."""
    return [name.strip() for name in what.partition("; there are ")[2].split(",") if name.strip()]


def _pattern(path: Path, detail: Any, tree: Any) -> Fault:
    right = PATTERNS.get(detail["ctx"]["pattern"], "other characters")
    value, key = _meant(path, detail, tree)
    return Fault(path, f"`{shown(value)}` is no such name", f"write {right}", _WRONG, key=key)


def _bound(path: Path, detail: Any, tree: Any) -> Fault:
    bound = next(iter(detail["ctx"].values()))
    side = "at least" if detail["type"].startswith("greater") else "at most"
    return Fault(path, f"`{shown(value_at(tree, path))}` is out of bounds", f"write {side} {bound}", _WRONG)


def _length(path: Path, detail: Any, tree: Any) -> Fault:
    most = detail["ctx"].get("max_length", detail["ctx"].get("min_length"))
    return Fault(path, _counted(path, tree), f"write {most}", _WRONG)


_SAYINGS: Mapping[str, Callable[[Path, Any, Any], Fault]] = {
    "missing": _missing,
    "extra_forbidden": _stray,
    "literal_error": _no_such_choice,
    "union_tag_invalid": _no_such_kind,
    "union_tag_not_found": _kind_left_out,
    "value_error": _own_words,
    "string_pattern_mismatch": _pattern,
    "greater_than_equal": _bound,
    "greater_than": _bound,
    "less_than_equal": _bound,
    "too_long": _length,
    "too_short": _length,
}


def _wrong_kind(path: Path, tree: Any) -> Fault:
    """A value of another kind than can stand there: a text for a block, a number for a text."""
    value, name = value_at(tree, path), path[-1] if path else "the manifest"
    what = f"`{name}` is {_kind(value)}" if isinstance(name, str) else f"this is {_kind(value)}"
    tags = {tag: word for raw in alternatives(path, tree) for word, tag in tags_of(raw)}
    if isinstance(value, str) and value in tags:
        return Fault(path, f"{what}, and must be a block", f"write `{{{tags[value]}: {value}}}`", _WRONG)
    expected = wanted(schemas_at(path, tree)) or "something else"
    return Fault(path, f"{what}, and must be {expected}", _put_right(value, path, tree, expected), _WRONG)


def _put_right(value: Any, path: Path, tree: Any, expected: str) -> str:
    """How a value becomes one of the right kind, where only its spelling is wrong."""
    kinds = {str(schema.get("type")) for schema in schemas_at(path, tree)}
    if "string" in kinds and isinstance(value, bool | int | float):
        return f'put it into quotes: `"{shown(value)}"`'
    if "array" in kinds and isinstance(value, str | int | float):
        return f"write a list: `[{shown(value)}]`"
    return f"write {expected}"


def _kind(value: Any) -> str:
    match value:
        case dict():
            return "a block"
        case list():
            return "a list"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case None:
            return "null"
        case _:
            return "a text"


def _near(value: Any, known: Sequence[str]) -> str:
    return did_you_mean(str(value), known) or f"write one of them: `{known[0]}`"


def _is_meant(loc: Path, tree: Any) -> bool:
    """Whether a finding is of the kind of example that its author meant: one with `do` is a change."""
    kind = next((kind for kind in (READS, WRITES) if kind in str(loc[2:3])), None)
    if loc[:1] != ("examples",) or kind is None:
        return True
    example = value_at(tree, loc[:2])
    meant = WRITES if isinstance(example, dict) and {"do", "calls"} & example.keys() else READS
    return kind == meant


def _real_path(loc: Path, tree: Any) -> Path:
    """The part of a validation path that exists in the tree: names of alternatives in it do not."""
    path: list[str | int] = []
    for step in loc:
        try:
            tree = tree[step]
        except (KeyError, IndexError, TypeError):
            continue
        path.append(step)
    return tuple(path)


def _places_of(name: str, tree: Any, path: Path = ()) -> Iterator[Path]:
    """Where a name stands in the tree, as a key or as a value."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        if name in (key, value) or (isinstance(value, str) and f"{{{name}}}" in value):
            yield (*path, key)
        yield from _places_of(name, value, (*path, key))
