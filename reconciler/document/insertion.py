"""Entries put into a mapping of a YAML file; every character that was there stays where it was. Used by `run.imports`.

Nothing is read into values and written again. Where the mapping stands is told by the parser, and whether the file says
the same as before, and the new entries beside it, by the reader of every run: `inserted` gives nothing else.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import yaml
from yaml import events as kinds

from reconciler.document import read
from reconciler.document.layout import laid_out
from reconciler.support.scalars import spelled

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STEP = 2


class Entry(NamedTuple):
    """One entry: its name, its lines with its comments (none of them indented), and itself on one line without."""

    name: str
    lines: tuple[str, ...]
    flow: str


class _Mapping(NamedTuple):
    """A mapping at the top of a file, or one below it.

    Args:
        start, end: where it begins and ends in the text, brackets included.
        last: where its last value ends; None where it is empty.
        column: of its keys; None where it stands in brackets.
    """

    start: int
    end: int
    last: int | None
    column: int | None


def inserted(text: str, file: str, section: str, entries: Sequence[Entry], remarks: Sequence[str] = ()) -> str | None:
    """The text with the entries below the top-level key `section`, which is added where it is missing.

    Args:
        file: how problems name it.
        remarks: comments behind the entries, where there can be any.

    Returns:
        None where there is no way that leaves all else as it was: an alias, a text that the end of the file belongs to.
    """
    before, _ = read(text.encode(errors="surrogatepass"), file)
    if before is None:
        return None
    for after in _candidates(text, section, entries, remarks):
        tree, problems = read(after.encode(errors="surrogatepass"), file)
        if tree is not None and not problems and _is_more_of(before, tree, section, [each.name for each in entries]):
            return after
    return None


def reads_back(value: Any, flow: str) -> bool:
    """Whether a value's one line means exactly that value to the reader of every run."""
    try:
        text = f"value: {flow}\n".encode()
    except UnicodeEncodeError:
        return False
    tree, problems = read(text, "")
    return tree is not None and not problems and repr(_plain(tree.get("value"))) == repr(_plain(value))


def _plain(value: Any) -> Any:
    """A value with what is written alike: numbers that are texts elsewhere stay apart from those by their type."""
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value if isinstance(value, str | bool | int | float) else repr(value)


def _is_more_of(before: dict[str, Any], after: dict[str, Any], section: str, names: Sequence[str]) -> bool:
    """Whether a file says all that it said, in its order, and these entries at the end of one mapping."""
    old = before.get(section, {})
    new = after.get(section)
    if not isinstance(old, dict) or not isinstance(new, dict) or new.keys() != {*old, *names} or old.keys() & {*names}:
        return False
    rest = {key: value for key, value in after.items() if key != section or section in before}
    kept = {**rest, section: {key: new[key] for key in old}} if section in before else rest
    return repr(kept) == repr(before)


def _candidates(text: str, section: str, entries: Sequence[Entry], remarks: Sequence[str]) -> Iterator[str]:
    """Ways to put them in, the best one first."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    body = text.removeprefix("\ufeff")
    top, below = _mappings(body, section)
    if top is None:
        return
    newline = "\r\n" if "\r\n" in body else "\n"
    if top.column is None:
        ways = _into_brackets(body, section, top, below, entries)
    elif below is None:
        ways = _new_section(body, section, entries, remarks)
    elif below.column is None and below.last is None:
        ways = _for_empty_brackets(body, below, entries, remarks)
    elif below.column is None:
        ways = _into_brackets(body, section, top, below, entries)
    else:
        ways = _behind_the_last(body, below, entries, remarks)
    for start, end, added in ways:
        yield mark + body[:start] + added.replace("\n", newline) + body[end:]


_Way = tuple[int, int, str]
"""What is put in the place of the characters from one index to another."""


class _Open:
    """A list or mapping whose end is not reached: how many keys and values it has, and the last of them."""

    def __init__(self, start: Any, is_section: bool) -> None:
        self._start, self.is_section = start, is_section
        self._taken = 0
        self._last: int | None = None
        self._word: object = None
        self._column: int | None = None

    def take(self, event: Any, end: int) -> None:
        """A key, a value or an item that ends at `end`."""
        if self._column is None:
            self._column = event.start_mark.column
        self._taken, self._last, self._word = self._taken + 1, end, getattr(event, "value", None)

    def awaits(self, section: str) -> bool:
        """Whether what comes next is the value of that key."""
        return self._taken % 2 == 1 and self._word == section

    def closed(self, event: Any) -> _Mapping:
        """What it is, now that its end is reached."""
        start, in_brackets = self._start.start_mark.index, bool(self._start.flow_style)
        end = event.end_mark.index if in_brackets or self._last is None else self._last
        return _Mapping(start, end, self._last, None if in_brackets else self._column)


def _end_of(event: Any) -> int:
    index: int = event.end_mark.index
    return index


def _mappings(text: str, section: str) -> tuple[_Mapping | None, _Mapping | None]:
    """The mapping that the file is, and the one below `section`, where they are such."""
    stack: list[_Open] = []
    below: _Mapping | None = None
    event: Any
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, kinds.MappingStartEvent | kinds.SequenceStartEvent):
            is_mapping = isinstance(event, kinds.MappingStartEvent)
            stack.append(_Open(event, is_mapping and len(stack) == 1 and stack[0].awaits(section)))
        elif isinstance(event, kinds.MappingEndEvent | kinds.SequenceEndEvent):
            ended = stack.pop()
            found = ended.closed(event)
            if not stack:
                return found, below
            below = found if ended.is_section else below
            stack[-1].take(event, found.end)
        elif isinstance(event, kinds.ScalarEvent | kinds.AliasEvent) and stack:
            stack[-1].take(event, _end_of(event))
    return None, None


def _block(entries: Sequence[Entry], remarks: Sequence[str], column: int) -> str:
    """The entries at a column, in the usual layout."""
    lines = [line for each in entries for line in each.lines]
    lines += [f"# {line.removeprefix('# ')}" for line in remarks]
    laid = laid_out("section:\n" + "".join(f"{' ' * _STEP}{line}\n" for line in lines)).partition("\n")[2]
    return re.sub(r"^ {2}(?=.)", " " * column, laid, flags=re.MULTILINE)


def _new_section(text: str, section: str, entries: Sequence[Entry], remarks: Sequence[str]) -> Iterator[_Way]:
    end = len(text)
    gap = "" if not text or text.endswith("\n") else "\n"
    yield end, end, f"{gap}\n{section}:\n{_block(entries, remarks, _STEP)}"


def _for_empty_brackets(text: str, below: _Mapping, entries: Sequence[Entry], remarks: Sequence[str]) -> Iterator[_Way]:
    line_end = text.find("\n", below.end)
    line_end = len(text) if line_end < 0 else line_end
    rest = text[below.end : line_end]
    begin = len(text[: below.start].rstrip(" "))
    beside = f"  {rest.strip()}" if rest.strip() else ""
    yield begin, line_end + 1, f"{beside}\n{_block(entries, remarks, _STEP)}"


def _into_brackets(
    text: str, section: str, top: _Mapping, below: _Mapping | None, entries: Sequence[Entry]
) -> Iterator[_Way]:
    """In brackets, where no comment may stand: right behind the last value."""
    listed = ", ".join(each.flow for each in entries)
    if below is None:
        listed, below = f"{spelled(section)}: {{{listed}}}", top
    at = below.last if below.last is not None else below.start + 1
    yield at, at, f", {listed}" if below.last is not None else listed


def _behind_the_last(text: str, below: _Mapping, entries: Sequence[Entry], remarks: Sequence[str]) -> Iterator[_Way]:
    """On the lines behind the last value, and behind comments that are indented like it."""
    column, last = below.column or 0, below.last or below.end
    at_once = _line_behind(text, last)
    behind = at_once
    for line in re.finditer(r"([ \t]*)(#?)[^\n]*(?:\n|\Z)", text[at_once:]):
        if line[2] and len(line[1]) >= column:
            behind = at_once + line.end()
        elif line[0].strip() or not line[0]:
            break
    added = _block(entries, remarks, column)
    for at in dict.fromkeys((behind, at_once)):
        gap = "" if not at or text[at - 1] == "\n" else "\n"
        yield at, at, gap + added
    bare = len(text[:at_once].rstrip())
    yield bare, bare, "\n" + added.removesuffix("\n")


def _line_behind(text: str, at: int) -> int:
    """Where the next line begins."""
    if at and text[at - 1] == "\n":
        return at
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1
