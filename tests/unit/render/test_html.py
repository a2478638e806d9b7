"""The HTML page: one file that needs nothing else, obeys nothing foreign, and says what the plan says."""

import os
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given

from reconciler.audit.types import AuditReport
from reconciler.errors import Problem
from reconciler.model.action import Action, Unmanaged
from reconciler.planning.types import DriftReport, Plan
from reconciler.render.base import PlanHeader, Style, plain
from reconciler.render.html import (
    render_audit,
    render_drift,
    render_plan,
    render_problems,
    render_record,
    render_result,
)
from reconciler.render.words import summary_text
from reconciler.state.record import Fault, Record
from reconciler.support.runners import without_commands
from tests.unit.render.audits import HEADER as AUDITED
from tests.unit.render.audits import large as large_audit
from tests.unit.render.audits import poisoned, small
from tests.unit.render.outcomes import (
    Outcome,
    applied,
    chained,
    hostile_outcome,
    hostile_record,
    large_outcome,
    outcome,
    recorded,
    run_lines,
)
from tests.unit.render.plans import HEADER, NOOP, PLANS, every_action, example, make_plan
from tests.unit.render.reports import EVIL, block, drifted, history, hostile, large, rich

GOLDEN = Path(__file__).parent / "golden"
UPDATE = bool(os.environ.get("WHSYNC_UPDATE_GOLDEN"))
"""Set this variable to write the golden files anew; then read their diff."""

VOID = {"meta", "input", "br"}
LOADING = {
    "src",
    "srcset",
    "action",
    "data",
    "poster",
    "background",
    "formaction",
    "ping",
    "style",
    "srcdoc",
    "xlink:href",
}
"""Attributes by which a page loads something, sends something, or brings a style that no digest covers."""


DEED = re.compile(r"(2026-\d\d-\d\d \d\d:\d\d [a-z ]+) by <a")
"""What a record tells of a webhook, but for whom."""


class Element(NamedTuple):
    """A start tag."""

    tag: str
    attributes: dict[str, str]


class Page(HTMLParser):
    """Every element of a page, its text, and whether its tags match."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.text: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note it."""
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """It must end what was opened last."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note it with the element in which it stands."""
        where = self._open[-1] if self._open else ""
        self.text[where] = self.text.get(where, "") + data

    def all(self, tag: str) -> list[dict[str, str]]:
        """The attributes of each element with that tag."""
        return [element.attributes for element in self.elements if element.tag == tag]

    @property
    def words(self) -> str:
        """All text that people read."""
        return " ".join(text for tag, text in self.text.items() if tag not in ("style", "script"))


def _plan(plan: Plan, header: PlanHeader = HEADER) -> str:
    return render_plan(plan, header, Style()).text


def _drift(report: DriftReport) -> str:
    return render_drift(report, HEADER.addresses, Style()).text


def _audit(report: AuditReport, header: PlanHeader = AUDITED) -> str:
    return render_audit(report, header, Style()).text


def _problems(*problems: Problem) -> str:
    return render_problems(problems, Style()).text


def _result(told: Outcome) -> str:
    return render_result(*told, Style()).text


def _record(record: Record) -> str:
    return render_record(record, "webhooks.record", Style()).text


PAGES = {
    "result": _result(outcome()),
    "hostile-result": _result(hostile_outcome()),
    "record": _record(recorded("ledger", "ci[1]")),
    "hostile-record": _record(hostile_record()),
    "hostile-drift": _drift(drifted()._replace(record=hostile_record())),
    "rich": _plan(*rich()),
    "hostile": _plan(*hostile()),
    "nothing": _plan(make_plan()),
    "drift": _drift(drifted()),
    "no-drift": _drift(DriftReport((), ())),
    "audit": _audit(small()),
    "hostile-audit": _audit(poisoned(EVIL)),
    "problems": _problems(*example().problems),
    "no-problems": _problems(),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole(name: str) -> None:
    """Its tags match, it says its language and title, and has one heading of the first rank."""
    page = Page(PAGES[name])
    assert page.all("html") == [{"lang": "en"}]
    assert page.text["title"]
    assert len(page.all("h1")) == 1
    assert PAGES[name].endswith("</html>\n")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_loads_and_sends_nothing(name: str) -> None:
    """No element asks for anything from elsewhere; links are of this page, or a pipeline's that people may follow."""
    page = Page(PAGES[name])
    assert {element.tag for element in page.elements} & {"link", "img", "iframe", "object", "embed", "base"} == set()
    assert [element for element in page.elements if element.attributes.keys() & LOADING] == []
    handlers = [name for element in page.elements for name in element.attributes if name.startswith("on")]
    assert handlers == []
    assert all(re.match(r"#run-\d+$|https://ci\.acme\.test/runs/\d$", each["href"]) for each in page.all("a"))
    assert "@import" not in page.text["style"]
    assert "url(" not in page.text["style"]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_allows_its_own_style_and_script_only(name: str) -> None:
    """The policy names the digests of the one style and the one script, and forbids all else."""
    page = Page(PAGES[name])
    (policy,) = [each["content"] for each in page.all("meta") if "http-equiv" in each]
    told = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    digests = {tag: f"'sha256-{b64encode(sha256(page.text[tag].encode()).digest()).decode()}'" for tag in page.text}
    assert told == {
        "default-src": "'none'",
        "style-src": digests["style"],
        "script-src": digests["script"],
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
    }
    assert len(page.all("style")) == len(page.all("script")) == 1


def test_foreign_text_stays_text() -> None:
    """Whatever markup a name, a place, a field, a history or a problem holds is read by people, and by nobody else."""
    page = Page(PAGES["hostile"])
    known = Page(PAGES["rich"])
    assert {element.tag for element in page.elements} <= {element.tag for element in known.elements}
    assert all(not any("foreign" in value for value in each.attributes.values()) for each in page.elements)
    assert page.words.count(plain(EVIL)) > 40
    assert page.text["script"] == known.text["script"]


@pytest.mark.parametrize(("name", "count"), [("hostile-result", 60), ("hostile-record", 12), ("hostile-drift", 1)])
def test_foreign_text_in_a_result_stays_text(name: str, count: int) -> None:
    """So does what answers, failures and records of an apply hold."""
    page, known = Page(PAGES[name]), Page(PAGES["rich"])
    assert {element.tag for element in page.elements} <= {element.tag for element in known.elements}
    assert all(not any("foreign" in value for value in each.attributes.values()) for each in page.elements)
    assert page.words.count(plain(EVIL)) >= count
    PAGES[name].encode()


def test_what_nobody_sees_is_shown() -> None:
    """Control characters, direction marks and halves of characters are written out; the page can be encoded."""
    assert re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069]", PAGES["hostile"]) == []
    PAGES["hostile"].encode()
    assert "\\u202e" in PAGES["hostile"]


def test_a_long_text_is_cut() -> None:
    """A description of a million characters takes a paragraph, and says how long it is."""
    assert len(PAGES["hostile"]) < 200_000
    assert "(1000000 characters)" in PAGES["hostile"]


def test_a_runner_leaves_the_page_as_it_is() -> None:
    """Style and script hold nothing that is kept from CI runners, so that their digests stay right in a pipeline."""
    assert without_commands(PAGES["rich"]) == PAGES["rich"]
    assert Page(without_commands(PAGES["hostile"])).text["script"] == Page(PAGES["rich"]).text["script"]


def _states(html: str) -> dict[str, str]:
    """The state of each webhook, by its name."""
    return {name: state for state, name in re.findall(r'</span> ([^<]+)</span> <strong class="title">([^<]+)<', html)}


def test_a_result_tells_what_became_of_each_webhook() -> None:
    """Done, failed, left open or skipped, with the reason and the way out; the rest is as the plan has it."""
    html = PAGES["result"]
    states = _states(html)
    assert states["a-create"] == "created"
    assert states["b-adopt"] == "adopted"
    assert states["c-update"] == "not whole"
    assert states["d-replace"] == "failed"
    assert states["e-delete"] == "deleted"
    assert states["f-deactivate"] == "unsettled"
    assert states["g-forget"] == "skipped"
    assert states["h-orphan"] == "orphan"
    assert states["k-noop"] == "unchanged"
    words = " ".join(Page(html).words.split())
    assert "Apply incomplete: 4 applied, 3 failed, 1 skipped, 1 problem." in words
    assert "replace: forbidden: the token may not write" in words
    assert words.count("give it the scope `hooks`") == 2, "in the list of failures, and with its webhook"
    assert "it may or may not have happened; the next run looks before it tries again" in words
    assert "kept what it had" in words
    assert "id new-1" in words
    assert "Ended" in words


def test_who_was_not_reached_is_told() -> None:
    """A run that ended early says of which webhooks nobody knows, and shows none of their calls as made."""
    plan = make_plan(*block("ci", 3, 3))
    html = _result(Outcome(plan, [applied(plan.changes[0])], HEADER))
    assert "2 of 3 of ci" in html
    assert "not reached" in html
    assert html.count("<code>PATCH") == 1
    assert "Apply broken off." in html


def test_a_result_signs_what_the_run_has_changed() -> None:
    """The history beside a webhook is the one that it has now, not that of before the apply."""
    plan = make_plan(*block("ci", 1, 1))
    header = HEADER._replace(histories={"ci[0]": history(3)})
    html = _result(Outcome(plan, [applied(plan.changes[0])], header))
    assert 'applied 2026-11-21 12:03 by <a href="#run-1">ada</a>' in html
    assert "c0ffee" in html


def test_a_record_tells_the_history_of_each_webhook() -> None:
    """The latest lines with who and when, the runs behind them in the table, and how many more there are."""
    lines = [
        line for n in range(8) for line in run_lines(n, {"name": "quiet", "action": "update", "result": "applied"})
    ]
    html = _plan(make_plan(NOOP), HEADER._replace(record=chained(*lines)))
    words = " ".join(Page(html).words.split())
    assert "2026-01-08 10:00 update by grace" in " ".join(re.sub(r"<[^>]+>", " ", html).split())
    assert "3 more in the record" in words
    assert html.count('<tr id="run-') == 5
    assert "<td>apply: done</td>" in html


def test_what_was_renamed_keeps_its_recorded_history() -> None:
    """What was done under its former name is told under the new one."""
    made = {"name": "old", "action": "create", "result": "applied"}
    record = chained(*run_lines(1, made), *run_lines(2, {"name": "quiet", "was": "old", "result": "renamed"}))
    html = _plan(make_plan(NOOP), HEADER._replace(record=record))
    assert re.findall(DEED, html) == ["2026-01-03 10:00 renamed", "2026-01-02 10:00 create"]


def test_a_run_of_lock_and_record_is_one() -> None:
    """The run that the lock names as the last is the one of the record with that id."""
    (line, *rest) = run_lines(3, {"name": "quiet", "action": "update", "result": "applied"})
    record = chained(line, *rest)
    past = history(1)._replace(by=record.runs[0].by)
    html = _plan(make_plan(NOOP), HEADER._replace(record=record, histories={"quiet": past}))
    assert html.count('<tr id="run-') == 1


def test_drift_is_drawn_run_by_run() -> None:
    """A column for each run that looked, as tall as what it found; the same in words; none where nobody looked."""
    html = _drift(drifted()._replace(record=recorded()))
    chart = html.partition('<div class="chart">')[2].partition("</figure>")[0]
    columns = re.findall(r'class="(\w+)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', chart)
    assert len(columns) == 10
    assert [look for look, *_ in columns[:4]] == ["quiet", "change", "change", "change"]
    assert [float(height) for *_, height in columns[:4]] == [3.0, 33.33, 66.67, 100.0]
    assert all(float(y) + float(height) == pytest.approx(100) for _, _, y, _, height in columns)
    assert all(float(x) + float(width) <= 600 for _, x, _, width, _ in columns)
    assert "2026-01-04 10:00 drift: 3 of 20 drifted, 1 not seen" in chart
    assert "10 runs looked; 7 found drift, in 3 webhooks at the most" in chart
    assert "<svg" not in _plan(make_plan(), HEADER._replace(record=chained(*run_lines(1, drift=None))))


def test_only_the_latest_runs_are_drawn() -> None:
    """Of many, ninety; how many came before is told."""
    lines = [line for number in range(100) for line in run_lines(number)]
    html = _plan(make_plan(), HEADER._replace(record=chained(*lines)))
    assert html.count("<rect") == 90
    assert "90 runs looked; none found drift; 10 earlier runs not drawn" in html


def test_a_record_is_a_page() -> None:
    """Every run in the table, every webhook with what was done last and before, by provider and with its reason."""
    update = {
        "name": "ledger",
        "provider": "pay",
        "action": "update",
        "result": "applied",
        "reason": "the file changed",
    }
    failed = {**update, "name": "ci", "result": "failed", "problem": {"summary": "the token may not write"}}
    record = chained(*run_lines(1, update), *run_lines(2), *run_lines(3, update, failed))
    html = _record(record)
    words = " ".join(Page(html).words.split())
    assert _states(html) == {"ledger": "updated", "ci": "failed"}
    assert "3 runs, 3 changes." in words
    assert "the token may not write" in words
    assert html.count('<tr id="run-') == 3
    assert re.findall(DEED, html) == [
        "2026-01-04 10:00 update failed",
        "2026-01-04 10:00 update",
        "2026-01-02 10:00 update",
    ]
    assert record.head is not None
    assert record.head in html


def test_a_broken_record_is_told() -> None:
    """A page that is made from a record says where that was changed."""
    whole = recorded()
    fault = Fault(7, "it was changed: its digest is that of another line")
    html = _plan(make_plan(), HEADER._replace(record=whole._replace(fault=fault)))
    assert "line 7 of the running record: it was changed" in html


@given(PLANS)
def test_any_plan_gives_a_page(plan: Plan) -> None:
    """All plans that there are give a page whose tags match, the same each time."""
    html = _plan(plan)
    assert html == _plan(plan)
    tags = {element.tag for element in Page(html).elements}
    assert tags <= {element.tag for element in Page(PAGES["rich"]).elements}


def test_the_order_of_histories_does_not_matter() -> None:
    """Equal locks give equal pages, in whatever order they are held."""
    plan, header = rich()
    turned = header._replace(histories=dict(reversed([*header.histories.items()])))
    assert _plan(plan, turned) == PAGES["rich"]


def test_the_page_says_what_the_text_says() -> None:
    """The closing lines of the text stand at the head of the page, every word of them."""
    plan, _ = rich()
    head = PAGES["rich"].partition('<p class="summary remove">')[2].partition("</p>")[0]
    said = re.sub(r"<[^>]+>", " ", head)
    assert said.split() == summary_text(plan).split()


def test_every_webhook_is_there() -> None:
    """Those that are unchanged, too, which the text only counts: for an audit, each is named once with its place."""
    plan, _ = rich()
    titles = re.findall(r'<strong class="title">([^<]+)</strong>|<li class="m"><b>([^<]+)</b>', PAGES["rich"])
    named = [one or other for one, other in titles]
    assert [change.name for change in plan.changes if named.count(change.name) != 1] == []


def test_equal_changes_are_told_once() -> None:
    """Fifty webhooks of a block with the same new events are one item; each has its own line, with its own URL."""
    html = _plan(make_plan(*block("ci", 60, 50)))
    assert html.count("<del>old</del>") == 1
    assert html.count("<ins>pull_request</ins>") == 1
    assert "50 of 60 of ci" in html
    assert "10 of 60 of ci" in html
    assert all(f"<ins>https://ci.acme.test/{number}</ins>" in html for number in range(50))


def test_a_url_that_all_have_is_told_once() -> None:
    """Where a whole block moves from one URL to another, the lines of its webhooks do not repeat it."""
    changes = block("ci", 3, 3)
    same = [each._replace(fields=(changes[0].fields[0], *each.fields[1:])) for each in changes]
    assert _plan(make_plan(*same)).count("<ins>https://ci.acme.test/0</ins>") == 1


def test_a_webhook_has_its_history() -> None:
    """Since when, when and by whom it was applied last, its secret's day, what was undone; and the run behind it."""
    html = _plan(make_plan(NOOP), HEADER._replace(histories={"quiet": history(3)}))
    words = " ".join(Page(html).words.split())
    assert "adopted 2025-05-01, applied 2026-04-03 10:15 by" in words
    assert "secret set 2026-04-02" in words
    assert "undone 2026-04-03: url https://stranger.test/x → https://ci.acme.test/hook" in words
    assert '<a href="#run-1">grace</a>' in html
    assert '<tr id="run-1"><td>2026-04-03 10:15</td><td>grace</td><td>ci-4</td><td>1</td>' in html


def test_a_renamed_webhook_keeps_its_history() -> None:
    """The lock has it under its former name."""
    html = _plan(make_plan(NOOP._replace(renamed_from="old")), HEADER._replace(histories={"old": history(1)}))
    assert "renamed from old" in html
    assert "applied 2026-02-03 10:15" in html


@pytest.mark.parametrize(
    ("url", "followed"),
    [("https://ci.test/1", True), ("javascript:void(0)", False), ("data:text/html,x", False), ("https://a b", False)],
)
def test_only_web_addresses_become_links(url: str, followed: bool) -> None:
    """A pipeline's address comes from the lock, which somebody else may have written."""
    by = history(1).by
    assert by is not None
    past = history(1)._replace(by=by._replace(url=url))
    page = Page(_plan(make_plan(NOOP), HEADER._replace(histories={"quiet": past})))
    assert [each["href"] for each in page.all("a") if each["href"] != "#run-1"] == ([url] if followed else [])


def test_pictures_add_up() -> None:
    """The bars of a provider are as long as its share of the webhooks, and the secrets' ages are counted by days."""
    page = Page(_plan(make_plan(*block("ci", 4, 1)), HEADER._replace(histories={"ci[1]": history(1)})))
    widths = [(each["class"], each["width"]) for each in page.all("rect")]
    assert widths == [("change", "25.00"), ("quiet", "75.00"), ("age-3", "100.00")]


def test_an_audit_is_a_searchable_inventory() -> None:
    """Each webhook is an entry with its worst finding's severity, managed or not; severities and ages are pictures."""
    html = _audit(small(), AUDITED._replace(histories={"ledger": history(3)}))
    assert re.findall(r'data-state="([^"]+)"', html).count("medium") == 5
    assert all(each.seen.known_as in html for each in small().webhooks)
    assert "<figcaption>Findings by severity</figcaption>" in html
    assert "<figcaption>Age of secrets</figcaption>" in html
    assert len(_audit(large_audit(5_000, 5_000)).encode()) < 8_000_000


def test_an_audit_obeys_no_stranger() -> None:
    """What a vendor holds makes no element of its own."""
    page, known = Page(PAGES["hostile-audit"]), Page(PAGES["rich"])
    assert {element.tag for element in page.elements} <= {element.tag for element in known.elements}
    assert all(not any("foreign" in value for value in each.attributes.values()) for each in page.elements)
    assert page.text["script"] == known.text["script"]


def test_without_a_date_no_age_is_told() -> None:
    """A plan whose date is no date shows no ages."""
    plan = make_plan(NOOP, created_at="long ago")
    assert "Age of secrets" not in _plan(plan, HEADER._replace(histories={"quiet": history(1)}))


def test_strangers_are_all_there() -> None:
    """A page has no limit of lines, as a terminal has."""
    found = tuple(Unmanaged("pay", (), f"wh_{number}", "https://x.test") for number in range(120))
    assert _plan(make_plan(unmanaged=found)).count('<span class="i">id wh_') == 120


def test_ten_thousand_webhooks_fit() -> None:
    """The largest page that is promised stays well below eight megabytes, whether little or all changes."""
    plan, header = large()
    assert len(_plan(plan, header).encode()) < 8_000_000
    assert len(_result(large_outcome()).encode()) < 8_000_000
    new = [each._replace(action=Action.CREATE) for each in block("ci", 10_000, 10_000)]
    assert len(_plan(make_plan(*new), header).encode()) < 8_000_000


def _bare(html: str) -> str:
    """The page without its style and script, which are the same for all, and without their digests."""
    html = re.sub(r"(?s)(<style>|<script>).*?(</style>|</script>)", r"\1…\2", html)
    return re.sub(r"sha256-[A-Za-z0-9+/=]+", "sha256-…", html)


@pytest.mark.parametrize(
    ("name", "html"),
    [
        ("example", _plan(example(), HEADER._replace(histories={"ledger": history(3), "quiet": history(1)}))),
        ("every-action", _plan(every_action())),
        ("nothing", _plan(make_plan(NOOP))),
        ("drift", _drift(drifted())),
        ("drift-recorded", _drift(drifted()._replace(record=recorded("ledger")))),
        ("result", PAGES["result"]),
        ("record", PAGES["record"]),
        ("audit", _audit(small())),
        ("problems", _problems(*example().problems)),
    ],
)
def test_pages_read_as_agreed(name: str, html: str) -> None:
    """A page is letter for letter as in the golden file, so that a change of it is a decision."""
    file = GOLDEN / f"{name}.html"
    if UPDATE:
        file.write_text(_bare(html), encoding="utf-8")
    assert _bare(html) == file.read_text(encoding="utf-8")
