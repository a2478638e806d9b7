"""Audits in every format: word for word, within bounds, and held to their schemas."""

import csv
import io
import json
import os
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from reconciler.audit.types import Severity
from reconciler.cli.audit import exit_code
from reconciler.cli.schema import SCHEMAS
from reconciler.render.base import Style
from reconciler.render.csv import COLUMNS, cell
from reconciler.render.formats import AUDIT, offered, renderer
from reconciler.render.inventory import audit_summary
from reconciler.render.page import audit_page
from tests.unit.render.audits import AUDITS, HEADER, incomplete, large, report, seen, small, written
from tests.unit.render.sarif import complaints

GOLDEN = Path(__file__).parent / "golden" / "audits"
UPDATE = bool(os.environ.get("WHSYNC_UPDATE_GOLDEN"))
"""Set this variable to write the golden files anew; then read their diff."""


@pytest.mark.parametrize("form", sorted(set(offered(AUDIT)) - {"html"}))
@pytest.mark.parametrize("name", AUDITS)
def test_audits_read_as_agreed(name: str, form: str) -> None:
    """An audit reads as in its golden file, so that a change of what a pipeline reads is a decision."""
    made = written(AUDITS[name], form)
    beside = [*made.annotations, *(f"{key}={value}" for key, value in made.outputs.items())]
    text = "\n".join([f"exit {exit_code(AUDITS[name])}", *beside, "", made.text])
    text = re.sub(r'"version": "\d[^"]*"', '"version": "VERSION"', text)
    file = GOLDEN / f"{name}.{form}"
    if UPDATE:
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", AUDITS)
def test_audits_keep_to_their_schemas(name: str) -> None:
    """Every JSON of an audit is valid, each line of it too; SARIF against what the standard demands."""
    documents = {"audit": "json", "codequality": "codequality"}
    for schema, form in documents.items():
        Draft202012Validator(SCHEMAS[schema]()).validate(json.loads(written(AUDITS[name], form).text))
    Draft202012Validator(SCHEMAS["codequality"]()).validate(json.loads(written(AUDITS[name], "gitlab").text))
    for line in written(AUDITS[name], "ndjson").text.splitlines():
        Draft202012Validator(SCHEMAS["ndjson"]()).validate(json.loads(line))
    assert complaints(json.loads(written(AUDITS[name], "sarif").text)) == []


def test_the_lines_of_an_audit_hold_the_whole_document() -> None:
    """Who reads line by line gets what the one document holds, the head first, each item once and in its order."""
    head, *lines = map(json.loads, written(small(), "ndjson").text.splitlines())
    lists: dict[str, list[object]] = {"places": [], "webhooks": [], "problems": []}
    names = {"place": "places", "inventory": "webhooks", "problem": "problems"}
    for line in lines:
        lists[names[line.pop("record")]].append(line)
    assert head.pop("record") == "audit"
    assert {**head, **lists} == json.loads(written(small(), "json").text)


def test_the_last_line_tells_what_was_not_seen() -> None:
    """`No findings.` is said only where all was seen."""
    assert list(audit_summary(report())) == ["Audit: 0 webhooks. No findings."]
    told = list(audit_summary(incomplete()))
    assert told == [
        "Audit: 2 webhooks (2 managed).",
        "Incomplete: 1 place could not be read, 1 webhook of the lock not seen.",
    ]


def test_marks_beside_lines_are_for_what_has_a_line() -> None:
    """What a stranger made stands in no file, so no line of one is marked; it is on the page all the same."""
    made = written(small(), "github")
    assert made.annotations
    assert all("file=webhooks.yaml,line=9,col=3," in line for line in made.annotations)
    assert "77" in made.page
    assert made.outputs["high"] == "3"


@pytest.mark.parametrize(("fail_on", "failed"), [(None, 6), (Severity.HIGH, 1), (Severity.LOW, 7)])
def test_tests_fail_as_the_run_does(fail_on: Severity | None, failed: int) -> None:
    """There is one test a webhook, and it fails where its findings fail the run; unasked, where one is above `low`."""
    tree = ElementTree.fromstring(written(small()._replace(fail_on=fail_on), "junit").text)
    assert (int(tree.attrib["tests"]), int(tree.attrib["failures"])) == (7, failed)


@pytest.mark.parametrize("room", [2_000, 65_536])
@pytest.mark.parametrize("strangers", [0, 5_000])
def test_a_page_fits_its_room_and_keeps_its_totals(strangers: int, room: int) -> None:
    """However many webhooks: no host rejects the page, every total is on it, and what is left out is counted."""
    audit = large(60, strangers)
    page = audit_page(audit, HEADER, room)
    assert len(page.encode()) <= room
    assert all(line in page for line in audit_summary(audit))
    assert page.count("<details>") == page.count("</details>")
    assert ("left out" in page) == bool(strangers or room < 10_000)


def test_equal_findings_are_told_once() -> None:
    """Sixty webhooks that share a secret are read once."""
    text = written(large(), "text").text
    assert text.count("have one secret") == 1
    assert "ci[r0], ci[r1], ci[r2] and 57 more of ci" in text


@pytest.mark.parametrize(
    "sign", ["=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "\uff1d", "\uff0b", "\uff0d", "\uff20"]
)
@pytest.mark.parametrize("before", ["", "a,", "a;", 'a"', "a|", "a; "])
def test_no_cell_is_a_formula(sign: str, before: str) -> None:
    """Nothing that a vendor shows is calculated by whoever opens the table, whatever separates its cells there."""
    text = cell(f"{before}{sign}1+1")
    assert not re.search(r"""(^|[,;|"\t\r\n])\s*[=+\-@\uff1d\uff0b\uff0d\uff20]""", text)
    assert "\t" not in text
    assert text.isprintable()


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_table_keeps_its_shape(url: str, description: str) -> None:
    """Whatever the texts hold, a row is a row, with as many cells as there are columns."""
    fields = {"/url": url, "/description": description, "/events": frozenset({url, description})}
    made = written(report(seen(None, "1", fields=fields), seen("two", "2")), "csv").text
    rows = list(csv.reader(io.StringIO(made)))
    assert [len(row) for row in rows] == [len(COLUMNS)] * 3
    assert made.count("\n") == 3


def test_ways_out_stay_commands_in_a_table() -> None:
    """An apostrophe protects the beginning of cells, and no command in the middle of one is broken by it."""
    ways = [
        row["ways_out"] for row in csv.DictReader(io.StringIO(written(small(), "csv").text)) if row["name"] == "old"
    ]
    assert ways == ["remove it: `whsync apply --prune --target old`; or let go of it: `whsync state rm old`"]


@pytest.mark.parametrize("form", sorted(set(offered(AUDIT)) - {"html", "json", "ndjson"}))
def test_a_text_of_a_megabyte_does_not_fill_a_document(form: str) -> None:
    """One huge text of a vendor leaves room for all that matters."""
    huge = "a|`<\n" * 200_000
    fields = {"/url": f"http://{huge}", "/description": huge, "/events": frozenset({huge}), "/status": huge}
    audit = report(*(each.seen for each in small().webhooks), seen(None, "1", fields=fields, note=huge))
    made = written(audit, form)
    assert len(made.text) < 60_000
    assert all(len(line) < 2_000 for line in made.annotations)


def test_the_order_of_webhooks_in_text_is_that_of_people() -> None:
    """`r2` comes before `r10`, and those without a name come last."""
    audit = report(seen(None, "1"), seen("r10", "2"), seen("r2", "3"))
    lines = renderer(AUDIT, "text")(audit, HEADER, Style()).text.splitlines()
    firsts = [line.split()[0] for line in lines if line.startswith("    r") or line.startswith("  !")]
    assert firsts == ["r2", "r10", "!"]


@pytest.mark.parametrize("width", [40, 60, 100])
def test_text_keeps_to_a_narrow_terminal(width: int) -> None:
    """No line but one with a long word stands out of a terminal, whatever its width."""
    text = renderer(AUDIT, "text")(small(), HEADER, Style(False, width, True)).text
    beyond = [line for line in text.splitlines()[1:] if len(line) > width]
    assert [line for line in beyond if len(max(re.findall(r"`[^`]*`\S*|\S+", line), key=len)) < width - 12] == []
