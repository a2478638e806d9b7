"""The strict reader behind `document`: parser events -> a tree, its problems and, if asked, its positions.

The only reader of users' YAML. It goes event by event without recursion, so that no file can exhaust the stack.
"""

import re
from typing import Any, NamedTuple, TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from reconciler.codes import Code
from reconciler.errors import Location, Problem
from reconciler.support.scalars import BOOLEANS, Word

Path: TypeAlias = tuple[str | int, ...]

MAX_DEPTH = 64
MAX_ALIASED = 1_000_000  # values that aliases may add, all together

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_MAY_BE_MORE_THAN_TEXT = frozenset(["", *"~nNtTfF-0123456789"])  # how such scalars begin
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,14})?")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_BEGIN = "begin with `version: 1`"
_NO_LIST = ("the file is neither a list nor a mapping", "write one row behind each `- `")
_INDENTATION = "check the indentation"
_NESTING = "aximum nesting"  # looking ahead, libyaml may meet its limit before the reader meets MAX_DEPTH
_TOO_DEEP = (Code.YAML_NOT_ALLOWED, f"this is nested more than {MAX_DEPTH} levels deep", "make it flatter")
# What the parser says, in the words of someone who writes a file. A row begins with what the wordings of PyYAML's own
# parser and of the releases of libyaml have in common.
_EXPLAINED = (
    (
        "cannot start any token",
        "a character that cannot begin a value",
        "indent with spaces; quote texts like @x",
    ),
    (
        "mapping values are not allowed",
        "a `:` that cannot stand here",
        f"{_INDENTATION}; quote texts that hold `: `",
    ),
    ("expected ':'", "a key without a `:`", "write `key: value`"),
    ("end of stream", "a quote that is never closed", "close it"),
    ("expected ',' or", "a list or mapping in brackets that goes wrong", "check its commas and brackets"),
    ("alphabetic or numeric", "a `*` or `&` without a name", "quote texts that begin with * or &"),
    ("node content", "a value is missing", "check brackets and commas"),
    ("expected key", "a line that does not fit the lines above", _INDENTATION),
    ("block end", "a line that does not fit the lines above", _INDENTATION),
    ("sequence entries", "a list item that cannot stand here", "begin the list on its own line"),
)


class _Open(NamedTuple):
    """What surrounds the container that is being read, to return to when it ends."""

    around: dict[str, Any] | list[Any]
    key: str | None  # the key of `around` that the container will be the value of
    key_at: Location | None
    start: Any  # the event that opened it
    nodes: int  # how many nodes there were before it


class _Fatal(Exception):
    """Nothing after this point can be read; the problem is already noted."""


class Reader:
    """Builds the tree from parser events. `spots`: container id -> step -> places of its key and of its value.

    `nulls`: a value may be `null`, spelled like that. `mapping`: the whole must be one; else it may be a list, too.
    """

    def __init__(self, file: str, keep_positions: bool = False, nulls: bool = False, *, mapping: bool = True) -> None:
        self._must_be_mapping = mapping
        self.problems: list[Problem] = []
        self.repeated: list[tuple[Path, Location]] = []
        self.spots: dict[int, dict[str | int, tuple[Location, Location]]] = {}
        self._file, self._keeping, self._nulls = file, keep_positions, nulls
        self._kept: list[object] = []  # an id stays unique only as long as its object lives
        self._stack: list[_Open] = []
        self._documents: list[Any] = []
        self._here: dict[str, Any] | list[Any] = self._documents  # the innermost container that is open
        self._key: str | None = None
        self._key_at: Location | None = None
        self._merges: dict[int, list[tuple[Any, Any]]] = {}
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._nodes = self._aliased = 0
        self._last = Location(file, 1, 1)  # where the text ends

    def run(self, text: bytes) -> Any:
        """The file's tree, or None where it cannot be read; problems are noted, not raised."""
        try:
            self._read_all(self._decoded(text))
            tree = self._documents[0] if self._documents else None
            if tree is None:
                self.problems.clear()
                way_out = _BEGIN if self._must_be_mapping else "for no webhook at all, let it be []"
                raise self._stop(Location(self._file, 1, 1), Code.NO_VALUE, "the file is empty", way_out)
            if not isinstance(tree, dict if self._must_be_mapping else dict | list):
                what, hint = ("the file is not a mapping", _BEGIN) if self._must_be_mapping else _NO_LIST
                raise self._stop(Location(self._file, 1, 1), Code.WRONG_VALUE, what, hint)
        except yaml.YAMLError as error:
            self._explain(error)
            return None
        except RecursionError:  # no parser is known to need the stack, and none has promised not to
            self.report(self._innermost(), *_TOO_DEEP)
            return None
        except _Fatal:
            return None
        return tree

    def report(self, at: Location, code: Code, summary: str, hint: str) -> None:
        """Note one problem."""
        self.problems.append(Problem("config", summary, hint, at=at, code=code))

    def _stop(self, at: Location, code: Code, summary: str, hint: str) -> _Fatal:
        self.report(at, code, summary, hint)
        return _Fatal()

    def _decoded(self, text: bytes) -> str:
        try:
            decoded = text.decode("utf-8")
        except UnicodeDecodeError as error:
            at = self._end_of(text[: error.start].decode("utf-8", "replace"))
            raise self._stop(at, Code.NOT_YAML, "the file is not UTF-8", "save it as UTF-8") from None
        decoded = decoded.removeprefix("\ufeff")  # some editors begin a file with this mark
        self._last = self._end_of(decoded.rstrip())
        if control := _CONTROL.search(decoded):
            what = f"the control character U+{ord(control[0]):04X} cannot stand in a file"
            raise self._stop(self._end_of(decoded[: control.start()]), Code.NOT_YAML, what, "remove it")
        return decoded

    def _end_of(self, before: str) -> Location:
        return Location(self._file, before.count("\n") + 1, len(before) - before.rfind("\n"))

    def _read_all(self, text: str) -> None:
        next_event = _Loader(text).get_event
        while (event := next_event()) is not None:
            kind = type(event)
            if kind is ScalarEvent:
                self._scalar(event)
            elif kind is MappingStartEvent:
                self._begin({}, event)
            elif kind is SequenceStartEvent:
                self._begin([], event)
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                self._end()
            elif kind is AliasEvent:
                self._alias(event)
            elif kind is DocumentStartEvent and self._documents:
                what, hint = "a second document begins here", "keep one document in a file"
                raise self._stop(self._place(event), Code.YAML_NOT_ALLOWED, what, hint)

    def _scalar(self, event: Any) -> None:
        self._nodes += 1
        if event.tag is not None:
            self._refuse_tag(event)
        value: Any = event.value
        if self._key is None and type(self._here) is dict:
            self._begin_pair(value, event)
            return
        if event.implicit[0] and value[:1] in _MAY_BE_MORE_THAN_TEXT:
            value = _resolved(value)
            if value is None and not (self._nulls and event.value == "null"):
                what = f"`{self._key}` has no value" if self._key is not None else "this item has no value"
                self.report(self._place(event), Code.NO_VALUE, what, self._way_out_of_nothing(event))
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, 1)
        self._add(value, event)

    def _way_out_of_nothing(self, event: Any) -> str:
        if self._key is not None and " " in self._key and event.value == "" and self._stack[-1].start.flow_style:
            return "inside `{…}` a comma begins another key: put the text that holds this comma into quotes"
        return "give it one, or leave the line out: null is not allowed"

    def _begin_pair(self, key: str, event: Any) -> None:
        self._key = key
        if self._keeping:
            self._key_at = self._place(event)
        if key in self._here and key != "<<":
            steps = (len(frame.around) if frame.key is None else frame.key for frame in self._stack[1:])
            self.repeated.append(((*steps, key), self._place(event)))

    def _begin(self, container: dict[str, Any] | list[Any], event: Any) -> None:
        self._nodes += 1
        if event.tag is not None:
            self._refuse_tag(event)
        if len(self._stack) >= MAX_DEPTH:
            raise self._stop(self._place(event), *_TOO_DEEP)
        if self._key is None and type(self._here) is dict:
            what, hint = "a key that is a list or a mapping", "write the key as a text"
            raise self._stop(self._place(event), Code.YAML_NOT_ALLOWED, what, hint)
        self._stack.append(_Open(self._here, self._key, self._key_at, event, self._nodes))
        self._here, self._key = container, None

    def _end(self) -> None:
        container = self._here
        self._here, self._key, self._key_at, start, nodes = self._stack.pop()
        if self._merges and isinstance(container, dict):
            self._merge_into(container)
        if start.anchor is not None:
            self._anchors[start.anchor] = (container, self._nodes - nodes + 1)
        self._add(container, start)

    def _alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            what, hint = "an alias without an anchor before it", "quote a text that begins with `*`"
            raise self._stop(self._place(event), Code.NOT_YAML, what, hint)
        value, nodes = self._anchors[event.anchor]
        self._nodes += nodes
        self._aliased += nodes
        if self._aliased > MAX_ALIASED:
            what = f"aliases repeat more than {MAX_ALIASED:,} values"
            raise self._stop(self._place(event), Code.YAML_NOT_ALLOWED, what, "use fewer aliases")
        if self._key is None and type(self._here) is dict:
            self._begin_pair(value if isinstance(value, str) else "*", event)
            return
        self._add(value, event)

    def _add(self, value: Any, event: Any) -> None:
        """Put a complete value into the innermost open container; of a repeated key the first value stays."""
        here, key = self._here, self._key
        if self._keeping:
            self._remember(value, event)
        if isinstance(here, list):
            here.append(value)
        elif key == "<<":
            self._merges.setdefault(id(here), []).append((value, event))
        elif key is not None:
            here.setdefault(key, value)
        self._key = None

    def _remember(self, value: Any, event: Any) -> None:
        here, at = self._here, self._place(event)
        self._kept += (here, value)
        step, at_key = (len(here), at) if self._key is None else (self._key, self._key_at or at)
        self.spots.setdefault(id(here), {}).setdefault(step, (at_key, at))

    def _merge_into(self, container: dict[str, Any]) -> None:
        """Add what `<<` brings; what is written beside it wins, then what comes first."""
        for value, event in self._merges.pop(id(container), ()):
            for part in value if isinstance(value, list) else [value]:
                if not isinstance(part, dict):
                    what = "`<<` takes a mapping or a list of mappings"
                    self.report(self._place(event), Code.WRONG_VALUE, what, "write `<<: *anchor`")
                    continue
                for key, inner in part.items():
                    container.setdefault(key, inner)
                    if self._keeping and key in (spots := self.spots.get(id(part), {})):
                        self.spots.setdefault(id(container), {}).setdefault(key, spots[key])

    def _refuse_tag(self, event: Any) -> None:
        what, hint = "YAML tags are not used here", "remove the word that begins with `!`"
        self.report(self._place(event), Code.YAML_NOT_ALLOWED, what, hint)

    def _place(self, event: Any) -> Location:
        mark = event.start_mark
        return Location(self._file, mark.line + 1, mark.column + 1)

    def _innermost(self) -> Location:
        """Where the innermost open list or mapping begins."""
        return self._place(self._stack[-1].start) if self._stack else Location(self._file, 1, 1)

    def _explain(self, error: yaml.YAMLError) -> None:
        mark, said = None, ""
        if isinstance(error, yaml.MarkedYAMLError):
            mark, said = error.problem_mark or error.context_mark, f"{error.problem} {error.context}"
        at = Location(self._file, mark.line + 1, mark.column + 1) if mark else self._last
        at = min(at, self._last, key=lambda place: place.line)  # what is never closed is found behind the end
        otherwise = ("", "this is not YAML", "check indentation, brackets and quotes")
        _, what, hint = next((row for row in _EXPLAINED if row[0] in said), otherwise)
        self.report(at, *(_TOO_DEEP if _NESTING in said else (Code.NOT_YAML, what, hint)))


def _resolved(plain: str) -> str | bool | int | float | None:
    """What an unquoted scalar means: none, boolean, number or, wherever that would lose its spelling, text."""
    if plain in _NULLS:
        return None
    if plain in BOOLEANS:
        return BOOLEANS[plain] if plain.islower() else Word(plain)
    if not _NUMBER.fullmatch(plain):
        return plain
    number = float(plain) if "." in plain else int(plain)
    return number if str(number) == plain else plain
