"""Text that somebody else chose, in every field and every format: it stays text, and the document keeps its shape."""

import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reconciler.model.action import Cause, FieldChange
from reconciler.render.base import Artifacts, PlanHeader, Style
from reconciler.render.formats import (
    AUDIT,
    DRIFT,
    FORMATS,
    IMPORT,
    PLAN,
    PROBLEMS,
    PROOF,
    RECORD,
    RESULT,
    offered,
    renderer,
)
from reconciler.render.marked import code, html, prose
from reconciler.state.event import Applied, Event, Failed, Finished, Removed, Skipped
from reconciler.state.record import Fault, Proof, Record
from reconciler.support.runners import without_commands
from tests.unit.render.audits import poisoned as poisoned_audit
from tests.unit.render.imports import poisoned as poisoned_import
from tests.unit.render.outcomes import chained
from tests.unit.render.samples import MARKS, poisoned, poisoned_drift
from tests.unit.render.sarif import complaints
from tests.unit.render.test_events import AT, ENTRY

TEXTS = st.lists(st.sampled_from(MARKS) | st.text(max_size=6), max_size=6).map("".join)
PAGES = ("markdown", "github")
HTML_AND_MARKS = "<>@[]`*_~$|\\#!"
USUAL = Style()
OURS = re.compile(
    r"</?details>|</?summary>|</?code>|<br>|<!-- whsync:[a-z]+ -->|&#\d+;|\*\*|^#{2,3} |^> |^\| | \|$|^_|_$"
)


def written(form: str, text: str, style: Style = USUAL) -> Iterator[Artifacts]:
    """All documents of a format in which every text is this one."""
    plan = poisoned(text)
    header = PlanHeader((text,), {text: text}, 0.1, text)
    (problem,) = plan.problems
    if form in offered(PLAN):
        yield renderer(PLAN, form)(plan, header, style)
    if form in offered(DRIFT):
        yield renderer(DRIFT, form)(poisoned_drift(text), {text: text}, style)
    if form in offered(AUDIT):
        yield renderer(AUDIT, form)(poisoned_audit(text), header, style)
    if form in offered(IMPORT):
        yield renderer(IMPORT, form)(poisoned_import(text), {text: text}, style)
    if form in offered(PROBLEMS):
        yield renderer(PROBLEMS, form)(plan.problems, style)
    if form in offered(RECORD):
        record = _record(text)
        yield renderer(RECORD, form)(record, text, style)
        yield renderer(PROOF, form)(Proof(record._replace(fault=Fault(1, text)), text, text), style)
        yield renderer(PROOF, form)(Proof(record, text), style)
    if form in offered(RESULT):
        change = plan.changes[0]
        entry = ENTRY._replace(provider=text, remote_id=text)
        events: list[Event] = [
            Applied(text, change.action, entry, AT, (text,), change.fields),
            Removed(text, plan.changes[-1].action, AT),
            Failed(text, change.action, problem, True, AT),
            Skipped(text, change.action, text),
            Finished(2, 1, 1, False, AT),
        ]
        yield renderer(RESULT, form)(plan, events, header, style)


def _record(text: str) -> Record:
    """A record in which every text is this one."""
    stamp = {"run": text, "at": text}
    by = dict.fromkeys(("user", "host", "commit", "url"), text)
    change = {"name": text, "action": text, "result": text, "was": text, "fields": [{"path": text}]}
    problem = {"problem": {"summary": text}}
    return chained(
        {"record": "run", **stamp, "format": "whsync.record/1", "command": text, "by": by},
        {"record": "change", **stamp, **change},
        {"record": "change", **stamp, **change, **problem, "action": "update"},
        {
            "record": "end",
            **stamp,
            "result": text,
            "applied": text,
            "drift": {"drift": text},
            "error": {"summary": text},
        },
    )


@pytest.mark.parametrize("form", sorted(FORMATS.keys() - {"html"}))
@given(text=TEXTS)
def test_no_control_reaches_a_reader(form: str, text: str) -> None:
    """No terminal, editor or browser finds a control, a direction mark or half a character in any format."""
    for made in written(form, text):
        assert [char for char in made.text if not char.isprintable() and char != "\n"] == []
        assert all(line.isprintable() for line in (*made.annotations, *made.outputs, *made.outputs.values()))
        made.text.encode()


@pytest.mark.parametrize("width", [20, 40, 100])
@given(text=TEXTS)
def test_no_control_reaches_a_terminal(width: int, text: str) -> None:
    """On a terminal, where text is broken into lines and has colours, there are none but those colours."""
    for made in written("text", text, Style(True, width, True)):
        told = re.sub(r"\x1b\[(1|2|3[1235]|0)m", "", made.text)
        assert [char for char in told if not char.isprintable() and char != "\n"] == []


@pytest.mark.parametrize("form", PAGES)
@given(text=TEXTS)
@example(text=":")
def test_foreign_text_is_no_markdown(form: str, text: str) -> None:
    """Outside of code spans, and of what we write ourselves, no page has a mark that any host looks for."""
    for made in written(form, text):
        lines = made.text.splitlines()
        assert sum(line.startswith("<details>") for line in lines) == lines.count("</details>")
        for line in lines:
            outside = re.sub(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", "CODE", line)
            cells = outside.count("|")
            assert cells in (0, 3, 5), outside
            left = outside.replace("|", "").replace(" -> ", "").replace("<br>", " ")
            while (less := OURS.sub("", left)) != left:
                left = less
            assert not set(left) & set(HTML_AND_MARKS), left
            assert "://" not in left
            assert "::" not in left


@pytest.mark.parametrize("form", PAGES)
@given(text=TEXTS)
def test_a_page_in_a_log_holds_no_command(form: str, text: str) -> None:
    """A page needs no escapes of its runner, which would make it longer than its host takes."""
    for made in written(form, text):
        assert without_commands(made.text) == made.text


@given(text=TEXTS)
def test_an_annotation_is_one_command(text: str) -> None:
    """Each mark beside a line stays one command, with one file, line, column and title."""
    shape = re.compile(r"::(error|warning|notice) (file=[^,:\n]*,line=3,col=7,)?title=whsync [a-z-]+::[^\r\n]*")
    for made in written("github", text):
        assert made.annotations
        assert [line for line in made.annotations if not shape.fullmatch(line)] == []


@given(text=TEXTS)
def test_xml_stays_xml(text: str) -> None:
    """The tests of a pipeline are as many as there are webhooks and notices, whatever these are called."""
    counts = []
    for made in written("junit", text):
        tree = ElementTree.fromstring(made.text)
        cases = tree.findall("testsuite/testcase")
        assert len(cases) == int(tree.attrib["tests"])
        counts.append(len(cases))
    assert counts == [len(poisoned("x").changes) + 3, 4, 4, 1, 4]


@given(text=TEXTS)
def test_sarif_keeps_to_its_schema(text: str) -> None:
    """A scanner's host takes every log, and finds as many results as there is to tell."""
    logs = [json.loads(made.text) for made in written("sarif", text)]
    assert [complaint for log in logs for complaint in complaints(log)] == []
    assert [len(log["runs"][0]["results"]) for log in logs] == [3, 4, 3, 1, 2]


@given(text=TEXTS)
def test_json_stays_json(text: str) -> None:
    """Each JSON of ours is whole, one a line where that is promised, also after a runner's log was kept clean."""
    for form in ("json", "gitlab", "codequality"):
        for made in written(form, text):
            assert json.loads(without_commands(made.text)) == json.loads(made.text)
    for made in written("ndjson", text):
        assert all(isinstance(json.loads(line), dict) for line in made.text.splitlines())


@given(text=TEXTS)
def test_marked_text_is_found_again(text: str) -> None:
    """A code span shows the whole value on one line, and prose loses no word of it."""
    assert "\n" not in code(text) + prose(text) + html(text)
    assert not set(html(text)) & set("<>|`*_@[]")


@pytest.mark.parametrize("form", sorted(set(offered(PLAN)) - {"html", "json", "ndjson"}))
def test_a_text_of_a_megabyte_does_not_fill_a_document(form: str) -> None:
    """One huge description leaves room for all that matters: totals, and every problem in a paragraph."""
    huge, small = "a|`<\n" * 200_000, poisoned("x")
    field = FieldChange("/description", huge, huge[1:], Cause.DRIFT)
    change = small.changes[0]._replace(reason=huge, fields=(field,), notes=(huge,), secret_note=huge)
    (problem,) = small.problems
    plan = small._replace(changes=(change,), problems=(problem._replace(summary=huge, hint=huge),))
    made = renderer(PLAN, form)(plan, PlanHeader(), Style())
    assert len(made.text) < 20_000
    assert all(len(line) < 2_000 for line in made.annotations)


def test_the_samples_are_complete() -> None:
    """A field that is added to what vendors fill must be poisoned as well: no text of the sample is left as usual."""
    plan, report = poisoned("P!"), poisoned_drift("P!")
    told: list[Any] = [plan.changes[0], *plan.findings, *plan.problems, *plan.refusals, *plan.unmanaged]
    for item in (*told, *report.webhooks):
        empty = {key for key, value in item._asdict().items() if value in ("", None, ())}
        assert empty <= {"source", "at"}
