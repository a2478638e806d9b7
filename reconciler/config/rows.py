"""What `for_each` says -> rows: one for each webhook of the block, with a key that tells it from the others. [pure]

Used by `config.expand` and `config.lists`, by `config.credentials` for what rows may name, and by `cli.complete`.

    [a, b]                               one webhook for each value; it is `${each.value}`
    {repo: [a, b], stage: [x, y]}        every combination: `a,x`, `a,y`, …
    [{repo: a, id: 1}, {repo: b}]        rows: each is called as the value of its first key
    {rows: any of these, by: [repo, stage], exclude: [a, "lib-*", {stage: x}]}

A list from elsewhere (`from:`) has become one of these before; see `config.lists`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any, NamedTuple

from reconciler.codes import Code
from reconciler.config.fault import Faulty, FileFault, Wrong, below, did_you_mean
from reconciler.config.forms import as_written, is_name
from reconciler.model.webhook import Source
from reconciler.support.bounds import MORE, USUAL, Bounds
from reconciler.support.hints import first_of

LONG = ("rows", "by", "exclude")
"""The keys of the long form; `from` is short for the `rows` that it gives."""
_SHAPES = "write {key: [value, …]}, [value, …] or [{key: value, …}, …]"
_UNCLEAR = "may hold texts only, without brackets, commas and control characters"


class Row(NamedTuple):
    """One webhook of a block.

    Args:
        key: what stands in brackets behind the block's name; empty where there is no `for_each`.
        values: what `${each.KEY}` is: a scalar, a list or a map.
    """

    key: str
    values: Mapping[str, Any]


class Settled(NamedTuple):
    """What stands under `for_each` once everything is filled in.

    Args:
        table_at: where the rows themselves are written.
        unread: what has the rows, in words, where nobody has looked; empty where they are known.
    """

    lists: Any
    table_at: Source
    unread: str = ""


ONE: tuple[Row, ...] = (Row("", {}),)
"""What a block without `for_each` has: one webhook, and no such values."""


class _Form(NamedTuple):
    """The parts of the long form; the short ones are a `table` by itself."""

    table: Any
    by: tuple[str, ...] = ()
    exclude: Sequence[Any] = ()


def rows_of(lists: object, source: Source, bounds: Bounds = USUAL, table_at: Source | None = None) -> tuple[Row, ...]:
    """The rows, in the order written.

    Args:
        lists: what stands under `for_each`, with its variables filled in.
        source: where that is.
        bounds: how many rows there may be.
        table_at: where the rows themselves are written, if that is elsewhere.

    Raises:
        Faulty: they would not give each webhook a name of its own, or would make more than there may be.
    """
    at = table_at or (below(source, "rows") if isinstance(lists, dict) and "rows" in lists else source)
    try:
        form = _form(lists, source)
        found = _records(form, at, bounds) if _is_records(form.table) else _combined(form, at, bounds)
        return _distinct(_kept(found, form, source), at)
    except Wrong as told:
        raise Faulty(FileFault(source, told.code, f"`for_each` {told.summary}", told.hint)) from None


def texts_named(lists: object) -> Iterator[Mapping[str, Sequence[Any]]]:
    """The values that each key may have: of combinations all at once, of rows one row after the other.

    Nothing is made of them, for there may be very many combinations; what is wrong gives nothing: it is told elsewhere.
    """
    table = lists["rows"] if isinstance(lists, dict) and "rows" in lists else lists
    if isinstance(table, list) and _is_records(table):
        for record in table:
            yield {key: (value,) for key, value in record.items()} if isinstance(record, dict) else {}
    elif isinstance(table, dict):
        yield {key: values for key, values in table.items() if isinstance(values, list) and key not in LONG}
    elif isinstance(table, list):
        yield {"value": table}


def fits(pattern: str) -> re.Pattern[str]:
    """What a name or a glob means: `*` is any text and `?` any character; brackets are what they are in names."""
    return re.compile("".join({"*": ".*", "?": "."}.get(char) or re.escape(char) for char in pattern), re.DOTALL)


def _form(lists: object, source: Source) -> _Form:
    if not isinstance(lists, dict) or not any(key in lists for key in LONG):
        return _Form(lists)
    beside = {key: value for key, value in lists.items() if key not in LONG}
    if "rows" in lists and beside:
        hints = ((key, did_you_mean(key, LONG)) for key in beside)
        raise Faulty(*(_unknown(below(source, key), f"`{key}` is not known here", hint) for key, hint in hints))
    exclude = lists.get("exclude", ())
    if not isinstance(exclude, list | tuple):
        raise Wrong(Code.WRONG_VALUE, "has a wrong `exclude`", 'write [NAME, "GLOB", {key: value}, …]')
    return _Form(lists.get("rows", beside), _by(lists["by"]) if "by" in lists else (), exclude)


def _by(written: object) -> tuple[str, ...]:
    names = [as_written(each) for each in (written if isinstance(written, list) else [written])]
    if not names or not all(isinstance(name, str) for name in names):
        raise Wrong(Code.WRONG_VALUE, "has a wrong `by`", "write the key that tells the rows apart, or a list of keys")
    return tuple(map(str, names))


def _unknown(at: Source, what: str, hint: str) -> FileFault:
    return FileFault(at, Code.UNKNOWN_KEY, what, hint, key=True)


def _is_records(table: object) -> bool:
    return isinstance(table, list) and any(isinstance(each, dict) for each in table)


def _records(form: _Form, at: Source, bounds: Bounds) -> Iterator[Row]:
    """Rows that are written one by one."""
    _bounded(len(form.table), bounds)
    first: str | None = None
    for index, record in enumerate(form.table):
        if not isinstance(record, dict) or not record:
            raise Faulty(_of_row(at, index, "is no row of keys and values", "write {key: value, …}, as the others are"))
        if any(value is None for value in record.values()):
            raise Faulty  # the reader has told
        names = form.by or (next(iter(record)),)
        first = first or names[0]
        if names[0] != first:
            hint = f"begin each row with the same key, or say which tells them apart: {{rows: […], by: {first}}}"
            raise Faulty(_of_row(at, index, f"begins with `{names[0]}`, and the first one with `{first}`", hint))
        yield Row(",".join(_named(record, name, at, index) for name in names), record)


def _named(record: Mapping[str, Any], name: str, at: Source, index: int) -> str:
    """What a row is called after one of its keys."""
    if name not in record:
        raise Faulty(_of_row(at, index, f"has no `{name}`, by which the rows are called", did_you_mean(name, record)))
    text = as_written(record[name])
    if not isinstance(text, str) or not is_name(text) or "," in text:
        hint = "begin it with a text without brackets, commas and control characters, or say `by: KEY`"
        raise Faulty(_of_row(at, index, f"cannot be called after its `{name}`", hint)._replace(key=False))
    return text


def _of_row(at: Source, index: int, what: str, hint: str) -> FileFault:
    return FileFault(below(at, index), Code.WRONG_VALUE, f"row {index + 1} of `for_each` {what}", hint, key=True)


def _combined(form: _Form, at: Source, bounds: Bounds) -> Iterator[Row]:
    """Every combination of lists of values."""
    lists = _lists(form.table)
    _bounded(prod(map(len, lists.values())), bounds)
    naming = form.by or tuple(key for key, values in lists.items() if all(map(may_name, values)))
    if unknown := [key for key in naming if key not in lists]:
        raise Wrong(Code.WRONG_VALUE, f"has no `{unknown[0]}` for its `by`", did_you_mean(unknown[0], lists))
    texts = [_texts(key in naming, values) for key, values in lists.items()]
    if not naming and all(texts):
        raise Wrong(Code.WRONG_VALUE, _UNCLEAR, "shorten the values, or add a key whose values can be names")
    for values, named in zip(product(*lists.values()), product(*texts), strict=True):
        key = ",".join(text for text in named if text is not None)
        yield Row(key, dict(zip(lists, values, strict=True)))


def _lists(table: object) -> Mapping[str, list[Any]]:
    """The values of each key; those of a list alone belong to the key `value`."""
    lists: Mapping[str, Any] = table if isinstance(table, dict) else {"value": table}
    if not lists:
        raise Wrong(Code.WRONG_VALUE, "must not be empty", _SHAPES)
    for values in lists.values():
        if not isinstance(values, list):
            raise Wrong(Code.WRONG_VALUE, "must be a list of values or of rows, or keys with lists", _SHAPES)
        if None in values:
            raise Faulty  # the reader has told
    return lists


def may_name(value: object) -> bool:
    """Whether a value takes part in names: not a list, a map, or a text that stands for several."""
    return not isinstance(value, list | dict) and "," not in str(value)


def _texts(naming: bool, values: Sequence[Any]) -> Sequence[str | None]:
    """What each value is in a name; None where its key takes no part."""
    if not naming:
        return [None] * len(values)
    texts = [as_written(value) for value in values]
    if not all(isinstance(text, str) and is_name(text) and "," not in text for text in texts):
        raise Wrong(Code.WRONG_VALUE, _UNCLEAR, "shorten the values")
    if len(set(texts)) < len(texts):
        raise Wrong(Code.WRONG_VALUE, "holds a value twice", "keep one of the two")
    return [str(text) for text in texts]


def _bounded(many: int, bounds: Bounds) -> None:
    """Counted before any is made."""
    if many > bounds.webhooks:
        what = f"would make {many:,} webhooks; there may be {bounds.webhooks:,}"
        raise Wrong(Code.TOO_MUCH, what, f"shorten its lists, or {MORE}")


def _kept(rows: Iterable[Row], form: _Form, source: Source) -> Iterator[Row]:
    """All but the excluded ones."""
    if not form.exclude:
        yield from rows
        return
    every = list(rows)
    known = {key for row in every for key in row.values}
    leaves_out = [_exclusion(each, index, known, source) for index, each in enumerate(form.exclude)]
    yield from (row for row in every if not any(_is_excluded(row, each) for each in leaves_out))


_Exclusion = re.Pattern[str] | Mapping[str, re.Pattern[str]]


def _exclusion(written: object, index: int, known: Iterable[str], source: Source) -> _Exclusion:
    """A name or a glob, or what the values of some keys are; an empty table knows no keys and is never searched."""
    at, text = below(source, "exclude", index), as_written(written)
    if isinstance(text, str):
        return fits(text)
    if not isinstance(written, dict) or not written:
        what, hint = "an exclusion is neither a name nor values by their keys", 'write NAME, "GLOB" or {key: value}'
        raise Faulty(FileFault(at, Code.WRONG_VALUE, what, hint))
    known = set(known)
    strange = [key for key in written if known and key not in known]
    if strange:
        what = f"the rows have no `{strange[0]}`"
        raise Faulty(
            FileFault(below(at, strange[0]), Code.UNKNOWN_KEY, what, did_you_mean(strange[0], known), key=True)
        )
    return {key: fits(str(as_written(value))) for key, value in written.items()}


def _is_excluded(row: Row, what: _Exclusion) -> bool:
    if isinstance(what, re.Pattern):
        return what.fullmatch(row.key) is not None
    return all(
        key in row.values and pattern.fullmatch(str(as_written(row.values[key]))) for key, pattern in what.items()
    )


def _distinct(rows: Iterable[Row], at: Source) -> tuple[Row, ...]:
    found: dict[str, Row] = {}
    twice: dict[str, None] = {}
    for row in rows:
        if found.setdefault(row.key, row) is not row:
            twice[row.key] = None
    if twice:
        what = f"two rows of `for_each` are called {first_of([f'`{key}`' for key in twice])}"
        hint = "begin each with a key that tells them apart, or name such keys: {rows: …, by: [KEY, …]}"
        raise Faulty(FileFault(at, Code.WRONG_VALUE, what, hint, key=True))
    return tuple(found.values())
