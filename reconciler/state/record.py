"""The running record: who ran what, when, and what became of it, as lines that nobody changes unnoticed. [pure]

One JSON object a line; each holds the digest of the line before, and ends with its own:

    {"before":null,"record":"run","format":"whsync.record/1","run":"9f…","at":…,"command":"apply",…,"digest":"sha256:A"}
    {"before":"sha256:A","record":"change","run":"9f…","at":…,"name":"ledger",…,"digest":"sha256:B"}
    {"before":"sha256:B","record":"end","run":"9f…","at":…,"result":"done",…,"digest":"sha256:C"}

A digest is of all bytes in front of it in its line. A run that is killed while it writes leaves a line without an end;
the next run closes that off with a line of its own, `cut`, which says how many bytes there are and their digest. Who
writes all digests anew from some line on leaves a whole record: that is found only by who kept the digest of a later
line elsewhere (`Proof`).

One idea, so longer than most: what a chain of lines is, and everything that can be seen to be wrong with one.
 Used by `state.records`, `render` and `cli`.
"""

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from reconciler.model.provenance import Run
from reconciler.support import json_types

FORMAT = "whsync.record/1"
RUN, CHANGE, END, CUT = "run", "change", "end", "cut"
BEGINNING = b'{"before":'
"""What every line begins with, and so every record."""

_WHOLE = re.compile(rb',"digest":"(sha256:[0-9a-f]{64})"\}$')
_ENCODER = json.JSONEncoder(allow_nan=False, separators=(",", ":"))


class Line(NamedTuple):
    """One line that is whole and in its place.

    Args:
        number: counts from 1.
        kind: `run`, `change`, `end` or `cut`.
        run: the id of the run that wrote it.
        at: when (UTC, ISO 8601).
        data: all that it holds.
        digest: its own.
    """

    number: int
    kind: str
    run: str
    at: str
    data: Mapping[str, Any]
    digest: str


class Cut(NamedTuple):
    """A line that was never finished; `closed` by a later run, or else at the end."""

    number: int
    closed: bool


class Fault(NamedTuple):
    """The first line that is not as a run has written it, and what is wrong with it; nothing behind it is proven."""

    number: int
    what: str


class RecordedRun(NamedTuple):
    """One run: how it began, what it changed, how it ended.

    Args:
        by: its id, and who it was, as far as it said so.
        end: None of one that was killed, or is still at work.
    """

    by: Run
    start: Line
    changes: tuple[Line, ...]
    end: Line | None

    @property
    def command(self) -> str:
        """What was run."""
        return str(self.start.data.get("command", ""))

    @property
    def result(self) -> str:
        """How it ended, in a word."""
        return str(self.end.data.get("result", "")) if self.end else "no end"

    @property
    def drift(self) -> Mapping[str, Any] | None:
        """How many webhooks it looked at, and how many had drifted; None where it did not look."""
        found = self.end.data.get("drift") if self.end else None
        return found if isinstance(found, Mapping) else None


class Record(NamedTuple):
    """What a record's file holds, up to the first fault.

    Args:
        lines: all that are whole and in their place.
        cuts: those that were never finished.
        fault: what breaks the chain, if anything does.
    """

    lines: tuple[Line, ...] = ()
    cuts: tuple[Cut, ...] = ()
    fault: Fault | None = None

    @property
    def head(self) -> str | None:
        """The digest of the last line, which proves all lines; None of an empty record."""
        return self.lines[-1].digest if self.lines else None

    @property
    def runs(self) -> tuple[RecordedRun, ...]:
        """Every run, in the order in which they began."""
        starts = {line.run: line for line in self.lines if line.kind == RUN}
        ends = {line.run: line for line in self.lines if line.kind == END}
        changes: dict[str, list[Line]] = {run: [] for run in starts}
        for line in self.lines:
            if line.kind == CHANGE and line.run in changes:
                changes[line.run].append(line)
        return tuple(
            RecordedRun(_by(start), start, tuple(changes[run]), ends.get(run)) for run, start in starts.items()
        )


class Proof(NamedTuple):
    """A record that is held against itself, and against the digest of a line that somebody has kept.

    Args:
        path: as the user named it.
        head: the digest that was kept, if one was.
    """

    record: Record
    path: str
    head: str | None = None

    @property
    def kept(self) -> Line | None:
        """The line with the digest that was kept: all up to it is as it was then."""
        found = (line for line in reversed(self.record.lines) if line.digest == self.head)
        return next(found, None) if self.head is not None else None

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong, as far as that can be seen."""
        return self.record.fault is None and (self.head is None or self.kept is not None)

    @property
    def unfinished(self) -> tuple[RecordedRun, ...]:
        """Runs that were killed, or are still at work."""
        return tuple(run for run in self.record.runs if run.end is None)


def _by(start: Line) -> Run:
    told = start.data.get("by")
    rest = {key: value for key, value in told.items() if isinstance(value, str)} if isinstance(told, Mapping) else {}
    known = {key: rest.get(key) for key in Run._field_defaults}
    return Run(start.run, start.at, **known)


def line_of(data: Mapping[str, Any], before: str | None) -> tuple[bytes, str]:
    """A line, its end included, and its digest.

    Args:
        data: what it says: `record`, `run`, `at` and more.
        before: the digest of the line before; None for the first of all.
    """
    front = _ENCODER.encode({"before": before, **data})[:-1].encode()
    digest = _digest(front)
    return front + f',"digest":"{digest}"}}\n'.encode(), digest


def looks_like_one(data: bytes) -> bool:
    """Whether a file that begins so is meant to be a record, be it broken; an empty one is none yet."""
    return data.startswith(BEGINNING) or (bool(data) and BEGINNING.startswith(data))


def has_lines(data: bytes) -> bool:
    """Whether any line of it looks like one of a record, so that it was one before somebody changed it."""
    return any(map(_WHOLE.search, data.split(b"\n")))


def parse(data: bytes) -> Record:
    """What a record's file holds."""
    *ended, last = data.split(b"\n")
    reader = _Reader()
    for number, raw in enumerate([*ended, *([last] if last else [])], 1):
        if not reader.take(number, raw):
            break
    return reader.record()


class _Reader:
    """Reads line after line, and holds each against those before it."""

    def __init__(self) -> None:
        self._lines: list[Line] = []
        self._cuts: list[Cut] = []
        self._open: list[tuple[int, bytes]] = []
        self._head: str | None = None
        self._fault: Fault | None = None

    def take(self, number: int, raw: bytes) -> bool:
        """Take the next line; false once the chain is broken."""
        if _WHOLE.search(raw) is None:
            if not is_unfinished(raw, self._head):
                return self._broken(number, "it is no line of a record, or was changed")
            self._open.append((number, raw))
            return True
        line = _read(number, raw)
        if isinstance(line, Fault):
            return self._broken(*line)
        if line.data.get("before") != self._head:
            return self._broken(number, _misplaced(number, line.data.get("before"), self._lines))
        if not self._closes(line):
            return False
        self._lines.append(line)
        self._head = line.digest
        return True

    def record(self) -> Record:
        """All that was read."""
        cuts = (*self._cuts, *(Cut(number, False) for number, _ in self._open if self._fault is None))
        return Record(tuple(self._lines), cuts, self._fault)

    def _closes(self, line: Line) -> bool:
        """Whether what lies unfinished in front of a line is what the line says of it: mostly nothing."""
        if not self._open and line.kind != CUT:
            return True
        left = b"\n".join(raw for _, raw in self._open)
        if not self._open or line.kind != CUT or (line.data.get("bytes"), line.data.get("of")) != size_of(left):
            first = self._open[0][0] if self._open else line.number
            return self._broken(first, "it is not whole, and the next line does not say that a run was killed there")
        self._cuts += [Cut(number, True) for number, _ in self._open]
        self._open = []
        return True

    def _broken(self, number: int, what: str) -> bool:
        self._fault = Fault(number, what)
        return False


def size_of(left: bytes) -> tuple[int, str]:
    """What a line `cut` says of the bytes in front of it."""
    return len(left), _digest(left)


def is_unfinished(raw: bytes, head: str | None) -> bool:
    """Whether a line without its end begins as the one behind `head` does: it was being written, by a run of ours.

    A machine that loses power may leave zeros where bytes were to be.
    """
    begun, there = BEGINNING + _ENCODER.encode(head).encode(), raw.rstrip(b"\0")
    return there.startswith(begun) or begun.startswith(there)


class End(NamedTuple):
    """The end of a record's file.

    Args:
        head: the digest of its last whole line.
        left: what stands behind that and was never finished; None where nothing does.
        unended: the last line lacks its line break.
    """

    head: str | None = None
    left: bytes | None = None
    unended: bool = False


def end_of(data: bytes, is_all: bool) -> End | Fault | None:
    """How a record ends, by the last bytes of its file; None where more of them are needed.

    Args:
        is_all: these are all bytes of the file.
    """
    *lines, last = data.split(b"\n")
    lines += [last] if last else []
    left: list[bytes] = []
    while lines and _WHOLE.search(lines[-1]) is None:
        left.insert(0, lines.pop())
    if not lines and not is_all:
        return None
    line = _read(len(lines), lines[-1]) if lines else None
    if isinstance(line, Fault):
        return line
    head = line.digest if line else None
    if not all(is_unfinished(raw, head) for raw in left):
        return Fault(len(lines) + 1, "it is no line of a record, or was changed")
    return End(head, b"\n".join(left) if left else None, bool(last))


def _read(number: int, raw: bytes) -> Line | Fault:
    found = _WHOLE.search(raw)
    digest = found[1].decode() if found else ""
    if found is None or _digest(raw[: found.start()]) != digest:
        return Fault(number, "it was changed: its digest is that of another line")
    try:
        data = json.loads(raw, parse_constant=_finite, parse_float=_finite)
        kind, run, at = (json_types.text(data[key]) for key in ("record", "run", "at"))
        if kind == RUN and data["format"] != FORMAT:
            return Fault(number, f"its format is {json_types.text(data['format'])}, and this whsync reads {FORMAT}")
        _SHAPES[kind](data)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Fault(number, "it is no line of a record")
    return Line(number, kind, run, at, data, digest)


def _finite(text: str) -> float:
    """A number that JSON can hold again."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("not a number")
    return number


def _shape_run(data: Any) -> None:
    json_types.text(data["command"])
    json_types.pairs(data.get("by", {}))


def _shape_change(data: Any) -> None:
    json_types.text(data["name"])
    json_types.text(data["result"])
    for key in ("action", "was", "reason", "because"):
        json_types.maybe(data.get(key))
    for field in json_types.items(data.get("fields", [])):
        json_types.text(field["path"])
    json_types.maybe(data.get("problem", {}).get("summary"))


def _shape_end(data: Any) -> None:
    json_types.text(data["result"])
    drift = data.get("drift", {})
    for number in (data["exit"], *(data.get(key, 0) for key in ("applied", "failed", "skipped")), *drift.values()):
        if not 0 <= json_types.count(number) < 1 << 32:
            raise ValueError("no count")
    json_types.maybe(data.get("error", {}).get("summary"))


def _shape_cut(data: Any) -> None:
    json_types.count(data["bytes"])


_SHAPES: Mapping[str, Callable[[Any], None]] = {
    RUN: _shape_run,
    CHANGE: _shape_change,
    END: _shape_end,
    CUT: _shape_cut,
}
"""What a line of each kind must hold; each raises where it does not."""


def _misplaced(number: int, before: Any, lines: Sequence[Line]) -> str:
    if number == 1 or not lines:
        return "it is not the first line: lines in front of it are missing"
    known = next((line.number for line in lines if line.digest == before), None)
    after = f"it belongs behind line {known}" if known else "the line in front of it is missing or another"
    return f"it does not follow line {lines[-1].number}: {after}"


def _digest(data: bytes) -> str:
    return f"sha256:{sha256(data).hexdigest()}"
