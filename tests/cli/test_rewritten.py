"""A vendor that writes everything its own way: the plan after an apply is empty, and what truly differs is seen."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.keys import Shop, Vendor, served

MINE: dict[str, Any] = {
    "events": ["issues", "a"],
    "description": "  two\nlines \n",
    "options": {"template": '{ "b": [1, 2], "a": "x" }', "tags": ["y", "x", "y"], "channel": "#Ops"},
    "secret": {"from": "env:TOKEN_OF_HOOK"},
}


class Rewriter(Vendor):
    """See `rewriter.yaml`."""

    kind = "rewriter"

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        """A status and a document."""
        match method, path:
            case "GET", ["hooks"]:
                return 200, {"hooks": self.rows}
            case "POST", ["hooks"]:
                return 201, self.add(**self.spelled(body))
            case "PATCH", ["hooks", row_id]:
                self.row(row_id).update(self.spelled(body))
                return 200, self.row(row_id)
            case _:
                return 404, {"message": "not there"}

    def spelled(self, body: dict[str, Any]) -> dict[str, Any]:
        """What it keeps."""
        kept = {key: value for key, value in body.items() if key != "secret"}
        if "events" in kept:
            more = ["issue_comment"] if "issues" in kept["events"] else []
            kept["events"] = sorted({*kept["events"], "ping", *more})
        if "text" in kept:
            kept["text"] = kept["text"].strip().replace("\n", "\r\n")
        if "template" in kept:
            kept["template"] = json.dumps(json.loads(kept["template"]), sort_keys=True, indent=1)
        if "tags" in kept:
            kept["tags"] = sorted(set(kept["tags"]))
        if "channel" in kept:
            kept["channel"] = kept["channel"].lower()
        return kept


@pytest.fixture
def shop(run: Run, tmp_path: Path) -> Iterator[Shop]:
    """A folder with this vendor, and one webhook that was applied."""
    with served(vendor := Rewriter()) as url:
        made = Shop(run, tmp_path, vendor, url)
        made.environment["TOKEN_OF_HOOK"] = "a secret of our own"
        made.write(**MINE)
        made("apply", "--yes")
        vendor.asked.clear()
        yield made


def test_the_plan_after_an_apply_is_empty(shop: Shop) -> None:
    """What came back in another spelling is what was asked for: nothing differs, nothing drifts, nothing is written."""
    (row,) = shop.vendor.rows
    assert (row["text"], row["channel"], row["tags"]) == ("two\r\nlines", "#ops", ["x", "y"])
    assert row["events"] == ["a", "issue_comment", "issues", "ping"]
    shop("plan", "--detailed-exitcode")
    shop("drift")
    shop("apply", "--yes")
    assert shop.vendor.writes() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"events": ["a", "issues", "ping", "issue_comment"]},
        {"description": "two\r\nlines"},
        {"options": {"template": {"a": "x", "b": [1, 2]}, "tags": ["x", "y"], "channel": "#OPS"}},
    ],
)
def test_another_spelling_in_the_file_changes_nothing(shop: Shop, changes: dict[str, Any]) -> None:
    """The file may spell it as the vendor does, or write JSON as YAML."""
    shop.write(**{**MINE, **changes})
    assert shop.change()["fields"] == []


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"events": ["a", "ping"]}, "/events"),
        ({"description": "two lines"}, "/description"),
        ({"options": {**MINE["options"], "template": '{"a": "x", "b": [2, 1]}'}}, "/options/template"),
        ({"options": {**MINE["options"], "tags": ["x"]}}, "/options/tags"),
        ({"options": {**MINE["options"], "channel": "#dev"}}, "/options/channel"),
    ],
)
def test_what_differs_is_sent_and_settled(shop: Shop, changes: dict[str, Any], path: str) -> None:
    """A word about spelling hides no difference: it is planned, sent, and gone."""
    shop.write(**{**MINE, **changes})
    assert [field["path"] for field in shop.change()["fields"]] == [path]
    shop("apply", "--yes")
    shop("plan", "--detailed-exitcode")


def test_a_value_of_another_type_is_told(shop: Shop) -> None:
    """A set is a list in the file."""
    shop.write(**{**MINE, "options": {"tags": "x"}})
    assert "`tags` must be a list of single values" in shop("validate", exit=1).stderr
