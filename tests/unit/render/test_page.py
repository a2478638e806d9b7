"""Pages for pull requests: what must be on them, whatever the room."""

import re

import pytest

from reconciler.model.action import Action, Cause, FieldChange
from reconciler.planning.types import Change, Plan
from reconciler.render import github, gitlab, markdown
from reconciler.render.base import PlanHeader, Style
from reconciler.render.groups import grouped
from reconciler.render.marked import prose
from reconciler.render.page import plan_page
from reconciler.render.words import summary_text
from reconciler.state.event import Applied, Event, Failed, Finished, Removed
from tests.unit.render.plans import HEADER, LEDGER, example, make_plan
from tests.unit.render.samples import SAMPLES
from tests.unit.render.test_events import AT, ENTRY


def _hook(name: str, url: str) -> Change:
    return LEDGER._replace(name=name, fields=(FieldChange("/url", None, url, Cause.NEW),))


def _many(number: int) -> Plan:
    return make_plan(*(_hook(f"w{n}", f"https://h.test/{n * 7919}") for n in range(number)))


@pytest.mark.parametrize("room", [1_000, 5_000, 65_536])
@pytest.mark.parametrize("number", [0, 1, 40, 5_000])
def test_a_page_fits_its_room_and_keeps_its_totals(number: int, room: int) -> None:
    """However many webhooks: no host rejects the page, every total is on it, and what is left out is counted."""
    plan = _many(number)
    page = plan_page(plan, HEADER, room)
    assert len(page.encode()) <= room
    assert summary_text(plan) in page
    rows = len(re.findall(r"^\| `~` ", page, re.MULTILINE))
    left = re.search(r"_(\d+) rows? left out", page)
    assert rows + (int(left[1]) if left else 0) == number
    assert page.count("<details>") == page.count("</details>")


def test_what_goes_away_is_told_above_the_fold() -> None:
    """Nobody has to open anything to see that webhooks would be deleted, and which."""
    head = SAMPLES["actions"].written("markdown").text.partition("<details>")[0]
    assert "**1 webhook will be deleted**: `e-delete`" in head
    assert "will be replaced, which deletes the old one**: `d-replace`" in head


def test_the_first_line_stays() -> None:
    """A pipeline finds its former comment by its first line, whatever else has changed, and when there is no plan."""
    texts = [SAMPLES[name].written("markdown").text for name in ("empty", "large", "problems")]
    failed = markdown.render_problems(example().problems, Style()).text
    assert {text.splitlines()[0] for text in (*texts, failed)} == {"<!-- whsync:plan -->"}
    assert SAMPLES["drift"].written("markdown").text.startswith("<!-- whsync:drift -->\n")


def test_equal_changes_of_a_block_are_one_row() -> None:
    """Sixty webhooks that change alike are read once; the one that differs stands for itself."""
    plan = SAMPLES["large"].told
    assert isinstance(plan, Plan)
    groups = list(grouped(plan.changes[:60], plan))
    assert [(group.change.name, len(group.keys), group.total) for group in groups] == [
        ("ci", 59, 60),
        ("ci[r59]", 0, 1),
    ]
    (field,) = groups[0].change.fields
    assert (field.before, field.after) == ("https://old.test/hooks/${each}", "https://new.test/hooks/${each}")


def test_a_key_is_only_replaced_as_a_word() -> None:
    """What a row says of all is true of each: a key inside another word is no key, and unequal values stay apart."""
    changes = [_hook("ci[a]", "https://a.test/a/b"), _hook("ci[b]", "https://a.test/b/b")]
    assert [group.change.name for group in grouped(changes, make_plan(*changes))] == ["ci[a]", "ci[b]"]
    alike = [_hook("ci[a]", "https://a1.test/a-a"), _hook("ci[b]", "https://a1.test/b-b")]
    (group,) = grouped(alike, make_plan(*alike))
    assert group.change.fields[0].after == "https://a1.test/${each}-${each}"


def test_webhooks_that_no_block_made_are_never_one() -> None:
    """Two webhooks of their own that change alike are two rows."""
    changes = [_hook("a", "https://h.test"), _hook("b", "https://h.test")]
    assert len(list(grouped(changes, make_plan(*changes)))) == 2


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("the file changed, and so did the vendor", "the file changed, and so did the vendor"),
        ("allow it with `whsync apply --own-secrets`", "allow it with `whsync apply --own-secrets`"),
        ("ping @everyone", "ping `@everyone`"),
        ("see https://x.test/a.", "see `https://x.test/a`."),
        ("fixes #1, GH-2 or !3", "fixes `#1`, `GH-2` or `!3`"),
        ("a_b_c *d* <b> [x](y)", "`a_b_c` `*d*` `<b>` `[x](y)`"),
        ("a|b ``` c", "`a\\x7cb` ```` ``` ```` c"),
        ("wasn't (all) “done”…", "wasn't (all) `“done”…`"),
    ],
)
def test_prose_keeps_plain_words(said: str, shown: str) -> None:
    """Sentences read as sentences; only words that could mean something to a host are put aside."""
    assert prose(said) == shown


def test_a_result_says_what_was_done() -> None:
    """After an apply the page has what failed above what was done, and GitLab's counts are those of the apply."""
    (problem,) = example().problems[:1]
    events: list[Event] = [
        Applied("a", Action.CREATE, ENTRY, AT),
        Removed("b", Action.DELETE, AT),
        Failed("c", Action.UPDATE, problem, False, AT),
        Finished(2, 1, 0, False, AT),
    ]
    text = markdown.render_result(example(), events, PlanHeader(("w.yaml",)), Style()).text
    assert "apply `w.yaml`: not whole" in text
    assert "**2 applied, 1 failed, 0 skipped.**" in text
    assert text.index("the token may not list webhooks") < text.index("`a`")
    assert (
        gitlab.render_result(example(), events, PlanHeader(), Style()).text
        == '{"create": 1, "update": 0, "delete": 1}\n'
    )
    made = github.render_result(example(), events, PlanHeader(), Style())
    assert made.outputs == {"applied": "2", "failed": "1", "skipped": "0"}
    assert len(made.annotations) == 1


def test_no_more_marks_than_a_step_shows() -> None:
    """Of five hundred problems the first nine are marked, and the tenth mark says how many there are."""
    made = github.render_problems(example().problems * 250, Style())
    assert len(made.annotations) == 10
    assert made.annotations[-1] == "::error title=whsync::491 more; the page of this step has all"


def test_the_digest_tells_plans_apart() -> None:
    """Later steps compare plans by their digest: equal for equal plans whenever made, another for another change."""

    def digest(plan: Plan) -> str:
        return github.render_plan(plan, HEADER, Style()).outputs["plan_digest"]

    plan = example()
    assert digest(plan) == digest(plan._replace(created_at="later", whsync="9"))
    assert digest(plan) != digest(plan._replace(changes=plan.changes[1:]))
