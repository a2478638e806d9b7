"""A record on a terminal: its runs and their changes, whether it is whole, at any width."""

import pytest

from reconciler.render.base import Style, cells
from reconciler.render.text.record import proof_text, record_text
from reconciler.state.record import Proof, Record, parse
from tests.unit.render.outcomes import chained, recorded, run_lines

UPDATE = {"name": "ledger", "action": "update", "result": "applied", "reason": "the file changed"}
MOVED = {**UPDATE, "fields": [{"path": f"/{letter}"} for letter in "abcdefghijklm"]}
FAILED = {**UPDATE, "name": "ci[api]", "result": "failed", "problem": {"summary": "the token may not write"}}
RENAMED = {"name": "new", "was": "old", "result": "renamed"}


def test_runs_read_as_agreed() -> None:
    """Who, when, what came of it; below it each change with its mark, why, and what differed."""
    record = chained(*run_lines(2, MOVED, FAILED, RENAMED, drift=3), *run_lines(3)[:-1])
    assert record_text(record, "webhooks.record", Style()).splitlines() == [
        "2026-01-03T10:00:00Z  apply  done  ada on ci-1  run r002",
        "  https://ci.acme.test/runs/2",
        "  ~ ledger  update  the file changed",
        "      /a, /b, /c, /d, /e, /f, /g, /h, /i, /j and 3 more",
        "  ~ ci[api]  update failed  the token may not write",
        "    new  renamed  was old",
        "  3 of 20 drifted",
        "",
        "2026-01-04T10:00:00Z  drift  no end  grace on ci-1  run r003",
        "  https://ci.acme.test/runs/3",
    ]


def test_nothing_recorded_is_said() -> None:
    """And not shown as an empty screen."""
    assert record_text(Record(), "r", Style()) == "Nothing was recorded yet.\n"
    assert "It is empty." in proof_text(Proof(Record(), "r"), Style())


@pytest.mark.parametrize("width", [30, 50, 80])
def test_a_narrow_terminal_breaks_lines_at_words(width: int) -> None:
    """Only what is pasted, or is one word, is longer than the screen is wide."""
    style = Style(True, width, True)
    record = recorded("ledger", "ci[api]")
    texts = [record_text(record, "webhooks.record", style), proof_text(Proof(record, "webhooks.record", "x"), style)]
    for line in "".join(texts).splitlines():
        bare = line.replace("\x1b[", "\0").split("\0")
        told = "".join(part.partition("m")[2] if number else part for number, part in enumerate(bare))
        assert cells(told) <= width or len(told.split()) == 1 or "`" in told, told


def test_a_broken_record_is_not_shown_beyond_its_fault() -> None:
    """What is behind the fault is neither counted nor called killed."""
    record = recorded("ledger")
    broken = record._replace(lines=record.lines[:2], fault=parse(b"x\n").fault)
    text = proof_text(Proof(broken, "r"), Style())
    assert "BROKEN at line 1" in text
    assert "nothing behind these is proven" in text
    assert "has no end" not in text
    assert "head " not in text
