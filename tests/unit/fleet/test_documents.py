"""What whsync's documents say of a tenant: counts, drift, and what alone may be put back by itself."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.fleet.documents import counts_of, drifted_names, has_drift, pending_of, repairable
from reconciler.fleet.types import Result
from reconciler.model.action import Action, Cause
from reconciler.model.secret import SecretState
from reconciler.model.webhook import Certainty


def change(name: str = "ci", action: str = "update", *causes: str, **more: Any) -> dict[str, Any]:
    """One webhook of a plan."""
    fields = [{"path": f"/{number}", "before": 1, "after": 2, "cause": cause} for number, cause in enumerate(causes)]
    told = {"name": name, "provider": "hub", "action": action, "certainty": "present", "secret": "same"}
    return {**told, "fields": fields, **more}


def result(command: Any, **document: Any) -> Result:
    """A result with this document."""
    return Result("shop", command, "2026-11-30T12:00:00Z", 1.0, 0, document=document)


def test_only_what_was_moved_at_the_vendor_is_put_back() -> None:
    """An update all of whose differences are drift, and nothing else that a plan may hold."""
    others = [
        change("config", "update", "config"),
        change("mixed", "update", "drift", "config"),
        change("conflict", "update", "conflict"),
        change("nothing", "update"),
        change("create", "create", "drift"),
        change("delete", "delete", "drift"),
        change("replace", "replace", "drift"),
        change("secret", "update", "drift", secret="changed"),
        change("further", "update", "drift", secrets={"pw": {"state": "new"}}),
        change("unknown", "update", "drift", certainty="unknown"),
        change("unreadable", "update", "drift", certainty="unreadable"),
        change("blocked", "update", "drift", blocked=True),
        change("renamed", "update", "drift", renamed_from="old"),
    ]
    assert repairable({"changes": [change("ci", "update", "drift", "drift"), *others]}) == {"ci"}


CHANGES = st.builds(
    lambda action, certainty, secret, causes: change("ci", action, *causes, certainty=certainty, secret=secret),
    st.sampled_from([str(each) for each in Action]),
    st.sampled_from([str(each) for each in Certainty]),
    st.sampled_from([str(each) for each in SecretState]),
    st.lists(st.sampled_from([str(each) for each in Cause]), max_size=3),
)


@given(CHANGES)
def test_nothing_is_made_or_lost_by_a_repair(found: dict[str, Any]) -> None:
    """Whatever a plan says, what is put back by itself is an update that brings nothing new of the file."""
    if repairable({"changes": [found]}):
        assert found["action"] == "update"
        assert {field["cause"] for field in found["fields"]} == {"drift"}
        assert found["secret"] not in ("changed", "new")


def test_a_plan_in_counts() -> None:
    """Each webhook is in one state, by its provider entry."""
    found = result(
        "plan",
        changes=[
            change("a", "noop"),
            change("b", "update", "config"),
            change("c", "update", "conflict"),
            change("d", "orphan"),
            change("e", "noop", certainty="unknown"),
            change("f", "noop", certainty="unreadable"),
            change("g", "noop", blocked=True),
            change("h", "create", "new") | {"provider": "pay"},
        ],
    )
    one = dict.fromkeys(("in_sync", "drifted", "pending", "orphan", "blocked", "unverified", "unknown"), 1)
    assert counts_of(found) == {"hub": one, "pay": {"pending": 1}}
    assert drifted_names(found) == ("c",)
    assert pending_of(found.document or {}) == {"b": "update", "c": "update", "h": "create"}


def test_a_drift_report_in_counts() -> None:
    """What differs has drifted; newcomers alone are drift without a webhook of ours."""
    told = {"provider": "hub", "certainty": "present", "differs": False}
    webhooks = [{**told, "name": "a"}, {**told, "name": "b", "differs": True, "certainty": "absent"}]
    found = result("drift", webhooks=webhooks, differs=True)
    assert counts_of(found) == {"hub": {"in_sync": 1, "drifted": 1}}
    assert drifted_names(found) == ("b",)
    newcomers = result("drift", webhooks=webhooks[:1], differs=True)
    assert has_drift(newcomers)
    assert drifted_names(newcomers) == ()


@pytest.mark.parametrize(
    ("event", "counts"),
    [("applied", {"in_sync": 1}), ("failed", {"failed": 1}), ("skipped", {"failed": 1}), ("removed", None)],
)
def test_an_apply_in_counts(event: str, counts: dict[str, int] | None) -> None:
    """What became of a change counts, not what was planned."""
    found = result("apply", changes=[change("ci", "update", "drift")], events=[{"event": event, "name": "ci"}])
    assert counts_of(found) == ({"hub": counts} if counts else {})
    assert not has_drift(found)


def test_what_was_planned_and_never_begun_still_drifts() -> None:
    """An apply that was killed before it wrote has changed nothing."""
    assert has_drift(result("apply", changes=[change("ci", "update", "drift")], events=[]))


def test_without_a_document_nothing_is_known() -> None:
    """A run that failed at once says nothing of any webhook."""
    failed = Result("shop", "plan", "2026-11-30T12:00:00Z", 1.0, 1)
    assert (counts_of(failed), has_drift(failed)) == ({}, False)
