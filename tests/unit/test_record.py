"""The chain of a running record: any change of what stands in it is found, and a killed run accuses nobody."""

import json
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.render.base import PlanHeader, Style
from reconciler.render.formats import PROOF, RECORD, renderer
from reconciler.render.html import render_plan
from reconciler.state.record import CUT, End, Fault, Proof, Record, end_of, line_of, parse, size_of
from tests.unit.render.plans import make_plan

AT = "2026-11-21T12:00:00Z"
TEXTS = st.text(max_size=8)


def told(kind: str, run: str, **more: Any) -> dict[str, Any]:
    """What a line says."""
    usual = {"result": "applied"} if kind == "change" else {}
    return {"record": kind, "run": run, "at": AT, **usual, **more}


def chained(*lines: dict[str, Any]) -> bytes:
    """A record of these lines."""
    head, data = None, b""
    for line in lines:
        made, head = line_of(line, head)
        data += made
    return data


START = told("run", "a", format="whsync.record/1", command="apply", by={"user": "ada", "host": "ci-1"})
CHANGES = [told("change", "a", name=f"ci[{n}]", action="update", result="applied") for n in range(3)]
FINISH = told("end", "a", result="done", exit=0, drift={"webhooks": 3, "drift": 1, "unseen": 0})
NEXT = told("run", "b", format="whsync.record/1", command="drift")
WHOLE = chained(START, *CHANGES, FINISH, NEXT)
LINES = WHOLE.splitlines(keepends=True)
RECORDS = st.lists(
    st.builds(lambda name, value: told("change", "a", name=name, because=value), TEXTS, TEXTS), min_size=1, max_size=5
).map(lambda lines: chained(START, *lines))


def test_a_record_is_read_back() -> None:
    """Run by run, with who it was, what it changed, how it ended and what it saw of drift."""
    record = parse(WHOLE)
    first, second = record.runs
    assert (record.fault, record.cuts, len(record.lines)) == (None, (), 6)
    assert (first.command, first.result, first.by.user, first.by.host) == ("apply", "done", "ada", "ci-1")
    assert [line.data["name"] for line in first.changes] == ["ci[0]", "ci[1]", "ci[2]"]
    assert first.drift == {"webhooks": 3, "drift": 1, "unseen": 0}
    assert (second.command, second.result, second.drift) == ("drift", "no end", None)
    assert [run.by.run for run in Proof(record, "r").unfinished] == ["b"]


def test_nothing_is_a_record_of_nothing() -> None:
    """An empty file is whole, and has no head."""
    assert parse(b"") == Record()
    assert end_of(b"", True) == End()


@given(RECORDS)
def test_what_is_written_is_whole(data: bytes) -> None:
    """Whatever lines say, their record is whole, and its end is found from the last bytes alone."""
    record = parse(data)
    assert (record.fault, record.cuts) == (None, ())
    tail = data.splitlines(keepends=True)[-1]
    assert end_of(tail, False) == end_of(data, True) == End(record.head)


@given(RECORDS, st.data())
def test_any_single_change_is_found(data: bytes, draw: st.DataObject) -> None:
    """A line that is removed, doubled, swapped or put in breaks the chain; gone from the end, it is missed by its head.

    An altered byte breaks it, too, or makes a line that was never finished, and is told as such.
    """
    lines, head = data.splitlines(keepends=True), parse(data).head
    at = draw.draw(st.integers(0, len(lines) - 1))
    other = draw.draw(st.integers(0, len(lines) - 1))
    byte = draw.draw(st.integers(0, len(lines[at]) - 2))
    flipped = lines[at][:byte] + bytes([lines[at][byte] ^ draw.draw(st.integers(1, 127))]) + lines[at][byte + 1 :]
    swapped = [*lines]
    swapped[at], swapped[other] = swapped[other], swapped[at]
    stranger = line_of(told("change", "a", name="put in"), parse(b"".join(lines[:at])).head)[0]
    broken = {
        "removed": [*lines[:at], *lines[at + 1 :]],
        "doubled": [*lines[: at + 1], lines[at], *lines[at + 1 :]],
        "altered": [*lines[:at], flipped, *lines[at + 1 :]],
        "swapped": swapped,
        "put in": [*lines[:at], stranger, *lines[at:]],
        "empty": [*lines[:at], b"\n", *lines[at:]],
    }
    for what, left in broken.items():
        found = parse(b"".join(left))
        unchanged = left == lines
        assert unchanged or found.fault or found.cuts or not Proof(found, "r", head).whole, what
        if left[:-1] != lines[: len(left) - 1] and what != "altered":
            assert found.fault, what


@pytest.mark.parametrize("number", range(len(LINES)))
def test_an_altered_value_breaks_the_chain_at_its_line(number: int) -> None:
    """Also in the last line, whose digest nobody else holds."""
    altered = LINES[number].replace(b"2026", b"2025", 1)
    found = parse(b"".join([*LINES[:number], altered, *LINES[number + 1 :]]))
    assert found.fault == Fault(number + 1, "it was changed: its digest is that of another line")
    assert len(found.lines) == number


@pytest.mark.parametrize("number", range(len(LINES) - 1))
def test_a_missing_line_is_told_where_it_is_missed(number: int) -> None:
    """So is one that was written anew, digest and all, unless all behind it were, too."""
    gone = parse(b"".join([*LINES[:number], *LINES[number + 1 :]]))
    assert gone.fault is not None
    assert gone.fault.number == number + 1
    head = parse(b"".join(LINES[:number])).head
    forged = parse(b"".join([*LINES[:number], line_of(CHANGES[0] | {"name": "x"}, head)[0], *LINES[number + 1 :]]))
    assert forged.fault is not None
    assert forged.fault.number == number + 2


def test_lines_in_another_order_are_told() -> None:
    """With the line that one of them belongs behind, where that is there."""
    found = parse(b"".join([*LINES[:3], LINES[4], LINES[3], LINES[5]]))
    assert found.fault == Fault(4, "it does not follow line 3: the line in front of it is missing or another")
    again = parse(b"".join([*LINES[:4], LINES[3]]))
    assert again.fault == Fault(5, "it does not follow line 4: it belongs behind line 3")


@pytest.mark.parametrize("left", range(len(LINES)))
def test_a_kept_digest_finds_what_is_gone_at_the_end(left: int) -> None:
    """Without one, nobody can tell; with one, a record that grew since is whole, and one that shrank is not."""
    digests = [line.digest for line in parse(WHOLE).lines]
    short = parse(b"".join(LINES[:left]))
    assert Proof(short, "r").whole
    assert [Proof(short, "r", digest).whole for digest in digests] == [number < left for number in range(len(digests))]


def test_a_record_that_was_written_anew_misses_the_kept_digest() -> None:
    """Who makes all digests anew gets a whole record, but not that line."""
    anew = chained(START, CHANGES[0] | {"name": "other"}, *CHANGES[1:], FINISH, NEXT)
    assert Proof(parse(anew), "r").whole
    assert not Proof(parse(anew), "r", parse(WHOLE).head).whole


@pytest.mark.parametrize("size", range(1, len(LINES[2]) - 1))
def test_a_line_that_was_cut_short_accuses_nobody(size: int) -> None:
    """Whenever a run is killed while it writes: the record is not broken, and says which line was never finished."""
    data = b"".join(LINES[:2]) + LINES[2][:size]
    record = parse(data)
    assert record.fault is None
    assert [(cut.number, cut.closed) for cut in record.cuts] == [(3, False)]
    end = end_of(data, True)
    assert isinstance(end, End)
    assert (end.head, end.left, end.unended) == (parse(b"".join(LINES[:2])).head, LINES[2][:size], True)


def test_a_line_that_lacks_only_its_line_break_counts() -> None:
    """All that it says was written."""
    assert len(parse(WHOLE.rstrip(b"\n")).lines) == len(LINES)
    assert end_of(WHOLE.rstrip(b"\n"), True) == End(parse(WHOLE).head, None, True)


def closed(left: bytes) -> bytes:
    """The line of a run that finds something unfinished."""
    size, digest = size_of(left)
    return line_of(told(CUT, "b", bytes=size, of=digest), parse(b"".join(LINES[:2])).head)[0]


def test_what_was_closed_off_is_told_for_ever() -> None:
    """And what stands there cannot be changed, for the line that closed it off knows its digest."""
    torn = LINES[2][:30]
    data = b"".join(LINES[:2]) + torn + b"\n" + closed(torn)
    record = parse(data)
    assert record.fault is None
    assert [(cut.number, cut.closed) for cut in record.cuts] == [(3, True)]
    for other in (torn + b" ", torn[:-1]):
        assert parse(data.replace(torn, other, 1)).fault is not None


@pytest.mark.parametrize("size", [0, 1, 40, 200])
def test_who_closes_off_may_be_killed_as_well(size: int) -> None:
    """The next one closes off both."""
    torn = LINES[2][:30]
    left = torn + b"\n" + closed(torn)[:size]
    data = b"".join(LINES[:2]) + left
    assert parse(data).fault is None
    end = end_of(data, True)
    assert isinstance(end, End)
    assert end.left is not None
    again = parse(data + (b"\n" if end.unended else b"") + closed(end.left))
    assert again.fault is None
    assert all(cut.closed for cut in again.cuts)


@pytest.mark.parametrize("foreign", [b"hello\n", b'{"before":null}\n', b"{}\n", b'{"before":"sha256:0"'])
def test_what_no_run_has_begun_is_no_unfinished_line(foreign: bytes) -> None:
    """A stranger's line at the end is a fault, and nothing is written behind it."""
    found = parse(WHOLE + foreign)
    assert found.fault is not None
    assert isinstance(end_of(WHOLE + foreign, True), Fault)


def test_a_line_that_closes_nothing_off_is_a_fault() -> None:
    """Somebody took away what it speaks of."""
    found = parse(b"".join(LINES[:2]) + closed(LINES[2][:30]))
    assert found.fault is not None
    assert found.fault.number == 3


def test_power_that_fails_may_leave_zeros() -> None:
    """A disk that had made room for a line, and has nothing of it."""
    assert parse(WHOLE + b"\0" * 100).fault is None
    assert isinstance(end_of(WHOLE + b"\0" * 100, True), End)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda item: st.lists(item, max_size=2) | st.dictionaries(TEXTS, item, max_size=2),
    max_leaves=4,
)
KEYS = "name action result was because fields problem command by format exit applied drift error bytes of".split()
FORGED = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6)


@given(st.sampled_from(["run", "change", "end", "cut", "other"]), FORGED, VALUES)
def test_a_line_of_another_shape_is_a_fault(kind: str, more: dict[str, Any], run: Any) -> None:
    """Whoever makes a line by hand, digest and all, can make people read nonsense, and stops no reader."""
    line = {"record": kind, "run": run, "at": AT, **more}
    front = json.dumps({"before": None, **line})[:-1].encode()
    data = front + f',"digest":"sha256:{sha256(front).hexdigest()}"}}\n'.encode()
    record = parse(data)
    assert (record.fault is None) == (len(record.lines) == 1)
    for form in ("text", "json"):
        assert renderer(RECORD, form)(record, "r", Style()).text
        assert renderer(PROOF, form)(Proof(record, "r"), Style()).text
    assert render_plan(make_plan(), PlanHeader(record=record), Style()).text


def test_a_newer_format_is_told() -> None:
    """It is not called forged."""
    found = parse(chained(START | {"format": "whsync.record/2"}))
    assert found.fault == Fault(1, "its format is whsync.record/2, and this whsync reads whsync.record/1")
