"""One remote object per event: which parts are made, moved and left, and what is told when one fails."""

from typing import Any

import pytest
from pydantic import ValidationError

from reconciler.errors import Indeterminate, Rejected
from reconciler.model.secret import shown_url
from reconciler.model.webhook import Part
from reconciler.providers.protocol import Call, ChangeRequest, Reply
from reconciler.providers.rehearse import drive
from tests.unit.providers.rig import answer, fields, provider, script, small

OLD, NEW = "https://a.example/x", "https://a.example/y?token=secret"


def vendor(call: Call) -> Reply:
    """Everything works."""
    word = "subscription_created" if "subscribeTo" in call.path else "subscription_updated"
    return answer({"status": "ok", "data": word})


def parts(**urls: str) -> tuple[Part, ...]:
    """Parts by event, pointing to these URLs."""
    return tuple(Part(event, None, shown_url(url)) for event, url in urls.items())


def request(
    url: str, events: str, changes: str, here: tuple[Part, ...], orphans: tuple[Part, ...] = ()
) -> ChangeRequest:
    """An order; events and changes are words."""
    return ChangeRequest(
        "n", (), fields(url, events.split()), frozenset(changes.split()), parts=here, orphan_parts=orphans
    )


def made(given: ChangeRequest) -> list[str]:
    """The calls of an update, in short: `+A` makes, `~A` moves."""
    calls = drive(provider("cryptopocket").update(given), vendor).calls
    assert all(call.encoding == "form" and not call.safe_to_repeat for call in calls)
    sign = {"/api/subscribeToWebhook": "+", "/api/updateWebhookSubscription": "~"}
    return [sign[call.path] + str(dict(call.body)["type"]) for call in calls if isinstance(call.body, dict)]


@pytest.mark.parametrize(
    ("given", "calls"),
    [
        (request(NEW, "A B", "/url", parts(A=OLD, B=OLD)), ["~A", "~B"]),
        (request(NEW, "A B", "/url", parts(A=NEW, B=OLD)), ["~B"]),
        (request(OLD, "A B C", "/events", parts(A=OLD, B=OLD)), ["+C"]),
        (request(OLD, "A", "/events", parts(A=OLD, B=OLD)), []),
        (request(OLD, "A B", "/events", parts(A=OLD), parts(B=OLD)), ["~B"]),
        (request(NEW, "A C", "/url /events", parts(A=OLD, B=OLD)), ["~A", "+C"]),
        (request(OLD, "A B", "/url", parts(A=OLD, B=OLD)), ["~A", "~B"]),
        (request(OLD, "A B", "", parts(A=OLD, B=OLD)), []),
        (request(OLD, "A B", "", (Part("A"), Part("B"))), []),
        (request(OLD, "A B", "/url", (Part("A"), Part("B", None, OLD))), ["~A", "~B"]),
    ],
)
def test_only_the_parts_that_need_it_are_sent(given: ChangeRequest, calls: list[str]) -> None:
    """Kept parts move when their URL differs (all, where sending again is asked for); new events are made."""
    assert made(given) == calls


def test_a_failure_in_the_middle_keeps_the_parts_before_it() -> None:
    """Each part that was made is told before the next call."""
    given = ChangeRequest("n", (), fields(NEW, "ABC"))
    replies = script(vendor(Call("POST", "subscribeTo")), vendor(Call("POST", "subscribeTo")), answer({"error": "no"}))
    outcome = drive(provider("cryptopocket").create(given), replies)
    assert isinstance(outcome.error, Rejected)
    assert [part.key for part in outcome.progress[-1].parts] == ["A", "B"]
    assert outcome.progress[-1].fields.events == {"A", "B"}
    assert "secret" not in repr([each.parts for each in outcome.progress])


def test_the_url_is_in_force_only_when_all_parts_have_it() -> None:
    """Half a move is not told as a move, so that the next plan goes on with it."""
    given = request(NEW, "A B", "/url", parts(A=OLD, B=OLD))
    outcome = drive(
        provider("cryptopocket").update(given), script(vendor(Call("POST", "update")), answer({"error": "no"}))
    )
    assert "/url" not in outcome.progress[-1].fields
    assert [part.url for part in outcome.progress[-1].parts] == [shown_url(NEW), shown_url(OLD)]


def test_a_dropped_event_becomes_an_orphan_part_without_a_call() -> None:
    """Where the vendor has no delete the part stays, and is told."""
    outcome = drive(provider("cryptopocket").update(request(OLD, "A", "/events", parts(A=OLD, B=OLD))), script())
    done = outcome.progress[-1]
    assert [part.key for part in done.parts] == ["A"]
    assert [part.key for part in done.orphan_parts] == ["B"]


def test_a_lost_subscribe_is_never_sent_again() -> None:
    """Subscribing twice may make two, so the call is not marked as safe to repeat."""
    outcome = drive(
        provider("cryptopocket").create(ChangeRequest("n", (), fields(OLD, "A"))), script(Reply(0, failure="reset"))
    )
    assert len(outcome.calls) == 1
    assert not outcome.calls[0].safe_to_repeat


def test_without_events_nothing_is_made() -> None:
    """A webhook without events has no part to be."""
    outcome = drive(provider("cryptopocket").create(ChangeRequest("n", (), fields(OLD))), script())
    assert outcome.error is not None
    assert outcome.error.kind == "config"


@pytest.mark.parametrize("second", [{"id": "1"}, {"id": None, "ok": True}])
def test_two_parts_are_never_one_object(second: dict[str, object]) -> None:
    """Where a vendor answers with the id of another part, or with none, nobody knows what it has made."""
    fan = small(
        read=[{"how": "none"}],
        natural_key=["/events", "/url"],
        fan_out={"by": "event"},
        fields={
            "url": {"write": "/url"},
            "events": {"write": "/event", "codec": {"kind": "one"}},
            "status": {"absent": "none"},
            "description": {"absent": "none"},
        },
        create=[{"path": "/hooks"}],
        update=[{"path": "/hooks/{id}", "covers": ["/url"]}],
    )
    outcome = drive(fan.create(ChangeRequest("n", (), fields(NEW, "AB"))), script(answer({"id": "1"}), answer(second)))
    assert isinstance(outcome.error, Indeterminate)
    assert "its answer for the event B" in outcome.error.summary
    assert [(part.key, part.remote_id) for part in outcome.progress[-1].parts] == [("A", "1")]


LATE = {"read": "note", "write": "/note", "sets": "update", "initially": ""}
LISTED: dict[str, Any] = {
    "read": [{"how": "list", "path": "/hooks"}],
    "fan_out": {"by": "event"},
    "fields": {
        "url": {"read": "url", "write": "/url"},
        "events": {"read": "event", "write": "/event", "codec": {"kind": "one"}},
        "status": {"absent": "none"},
        "description": {"absent": "none"},
    },
}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"read": [{"how": "by_id", "path": "/hooks/{id}"}]}, "list their objects, or cannot be read at all"),
        ({"natural_key": ["/events", "/url"]}, "the events are no `natural_key`"),
        ({"secret": {"lifecycle": "issued", "issued": "key"}}, "an issued secret of its own"),
        ({"retire": [{"how": "deactivate"}]}, "needs a `delete`"),
        ({"fields": {**LISTED["fields"], "description": LATE}}, "`sets: update` is for APIs without"),
    ],
)
def test_what_a_vendor_with_objects_that_are_listed_cannot_have(words: dict[str, object], told: str) -> None:
    """A manifest that would not work is refused, in words."""
    small(**LISTED)
    with pytest.raises(ValidationError, match=told):
        small(**{**LISTED, **words})


def test_what_differs_between_objects_is_no_ones_value() -> None:
    """Neither value is the webhook's, so that either is a difference; what all have is its own."""
    status = {"read": "on", "write": "/on", "values": {"active": True, "inactive": False}}
    vendor = small(**{**LISTED, "fields": {**LISTED["fields"], "status": status}})
    one = {"id": "1", "url": OLD, "event": "a", "on": True}
    two = {"id": "2", "url": OLD, "event": "b", "on": False}
    (seen,) = drive(vendor.observe((), frozenset()), script(answer([one, two]))).result.remotes
    assert (seen.remote_id, seen.fields.events) == ("1,2", {"a", "b"})
    assert (seen.fields["/status"], seen.fields.url) == ("active, inactive", OLD)


def test_a_missing_object_is_absent_and_its_webhook_is_not() -> None:
    """What is known under the ids of its objects is there as long as one of them is, and gone once none is."""
    vendor = small(**LISTED)
    one = {"id": "1", "url": OLD, "event": "a"}
    there = drive(vendor.observe((), frozenset({"1,2"})), script(answer([one]))).result
    assert [(remote.remote_id, remote.fields.events) for remote in there.remotes] == [("1,2", {"a"})]
    gone = drive(vendor.observe((), frozenset({"1,2"})), script(answer([]))).result
    assert (gone.remotes, gone.complete) == ((), True)
