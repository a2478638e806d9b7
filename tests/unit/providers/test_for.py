"""`for`: calls that serve only some values of a field; `body: none` and `empty`; JSON Patches."""

from typing import Any

import pytest
from pydantic import ValidationError

from reconciler.errors import Interrupted, Rejected
from reconciler.model.webhook import Fields
from reconciler.providers.protocol import Call, ChangeRequest, Provider
from reconciler.providers.rehearse import drive
from tests.unit.providers.rig import SMALL, answer, fields, script, small

STATUS = {"status": {"read": "on", "write": "/on", "values": {"active": True, "inactive": False}}}
ON = {"method": "POST", "path": "/hooks/{id}/on", "covers": ["/status"], "for": {"/status": "active"}, "body": "none"}
OFF = {**ON, "path": "/hooks/{id}/off", "for": {"/status": ["inactive"]}, "body": "empty"}


def switched(*updates: dict[str, Any], **words: Any) -> Provider:
    """A provider whose status has calls of its own."""
    return small(fields={**SMALL["fields"], **STATUS}, update=list(updates), **words)


def asked(vendor: Provider, *changes: str, **more: Any) -> list[tuple[str, Any]]:
    """The paths and bodies of an update."""
    request = ChangeRequest("n", (), fields(**more), frozenset(changes), remote_id="7")
    outcome = drive(vendor.update(request), lambda call: answer({"id": "7"}))
    if outcome.error is not None:
        raise outcome.error
    return [(call.path, call.body) for call in outcome.calls]


def test_the_value_decides_which_call_is_made() -> None:
    """Whatever stands first; nothing and an empty object are two things."""
    vendor = switched(ON, OFF)
    assert asked(vendor, "/status", status="active") == [("/hooks/7/on", None)]
    assert asked(vendor, "/status", status="inactive") == [("/hooks/7/off", {})]


def test_a_call_may_say_something_else_than_what_it_is_for() -> None:
    """`body: parts` sends its own words only, with the id where they name it; without any it says nothing."""
    late = {**ON, "body": "parts", "fixed": {"/from": "latest"}, "with": {"/hook": "{id}"}}
    assert asked(switched(late, OFF), "/status", status="active") == [("/hooks/7/on", {"from": "latest", "hook": "7"})]
    with pytest.raises(ValidationError, match="`body: parts` needs parts"):
        switched({**ON, "body": "parts"})


def test_what_was_set_without_a_word_is_in_force() -> None:
    """The progress has the value that the call is for, though no body and no answer holds it."""
    request = ChangeRequest("n", (), fields(status="inactive"), frozenset({"/status"}), remote_id="7")
    outcome = drive(switched(ON, OFF).update(request), script(answer({"id": "7"})))
    assert outcome.progress[-1].fields["/status"] == "inactive"


def test_a_value_that_no_call_serves_is_refused_before_anything_is_sent() -> None:
    """With the other value the same field can be changed."""
    with pytest.raises(Rejected, match="no call that changes status to what the file says"):
        asked(switched(ON), "/status", status="inactive")


def test_a_field_that_is_not_changed_may_decide_as_well() -> None:
    """Of two ways to change the address that one is taken that is for the status which the webhook has."""
    live = {"path": "/live/{id}", "covers": ["/url"], "for": {"/status": "active"}}
    vendor = switched(live, {"path": "/hooks/{id}", "covers": ["/url", "/status"]})
    assert asked(vendor, "/url", status="active")[0][0] == "/live/7"
    assert asked(vendor, "/url", status="inactive")[0][0] == "/hooks/7"
    assert asked(vendor, "/url")[0][0] == "/hooks/7"


@pytest.mark.parametrize(
    ("update", "words"),
    [
        ({**ON, "covers": ["/status", "/url"]}, "needs `covers`, and in `for`"),
        ({"path": "/on", "body": "none"}, "needs `covers`, and in `for`"),
        ({**ON, "fixed": {"/a": 1}}, "no place for `fixed`"),
        ({**ON, "with": {"/a": "{id}"}}, "no place for `fixed`, `with`"),
        ({**ON, "for": {"/status": "active", "/state": "x"}}, "no field is called /state"),
    ],
)
def test_a_call_without_words_says_in_for_what_it_does(update: dict[str, Any], words: str) -> None:
    """What covers a field and sends nothing of it would change it to nobody knows what."""
    with pytest.raises(ValidationError, match=words):
        switched(update)


def test_a_rotation_without_a_body_takes_no_secret_of_ours() -> None:
    """There is nowhere for it to stand."""
    rotate = {"path": "/hooks/{id}/key", "body": "empty", "write": "/key"}
    with pytest.raises(ValidationError, match="no place for `write`"):
        small(secret={"lifecycle": "supplied", "write": "/key", "rotate": rotate})


def test_a_patch_may_be_wrapped_and_have_parts_of_its_own() -> None:
    """Parts that are always sent are operations as well, relative to the same place."""
    words = {"path": "/hooks/{id}", "body": "json_patch", "fixed": {"/v": 2}, "with": {"/by": "{id}"}, "wrap": "/ops"}
    vendor = small(update=[words])
    request = ChangeRequest("n", (), Fields({"/url": "https://a.example/y"}), frozenset({"/url"}), remote_id="7")
    body = drive(vendor.update(request), script(answer({"id": "7"}))).calls[0].body
    assert body == {
        "ops": [
            {"op": "replace", "path": "/v", "value": 2},
            {"op": "replace", "path": "/by", "value": "7"},
            {"op": "replace", "path": "/url", "value": "https://a.example/y"},
        ]
    }


def test_what_is_cut_short_after_the_first_call_of_a_delete_is_told() -> None:
    """It is switched off by then, so nobody says that nothing was sent."""
    vendor = switched(OFF, retire=[{"how": "delete", "path": "/hooks/{id}", "first": {"/status": "inactive"}}])
    steps = vendor.retire(ChangeRequest("n", (), fields(), remote_id="7"))
    assert isinstance(next(steps), Call)
    assert isinstance(steps.send(answer({"id": "7"})), Call)
    with pytest.raises(Rejected, match="status is inactive now, and it is not deleted: stopped"):
        steps.throw(Interrupted("stopped"))


def test_a_call_that_follows_a_create_is_an_option_that_only_it_sets() -> None:
    """The idiom for a verification: what the file wants of it is made true once, and again where it is not any more."""
    verified = {
        "read": "state",
        "write": "/state",
        "values": {"yes": "VERIFIED", "no": "UNVERIFIED"},
        "sets": "update",
        "initially": "no",
    }
    verify = {
        "method": "POST",
        "path": "/hooks/{id}/verify",
        "covers": ["/options/verified"],
        "for": {"/options/verified": "yes"},
        "body": "none",
    }
    vendor = small(options={"verified": verified}, update=[verify])
    wanted = Fields({**fields(), "/options/verified": "yes"})
    request = ChangeRequest("n", (), wanted)
    made, told = answer({"id": "7", "state": "UNVERIFIED"}), answer({"id": "7", "state": "VERIFIED"})
    outcome = drive(vendor.create(request), script(made, told))
    assert [(call.path, call.body) for call in outcome.calls[1:]] == [("/hooks/7/verify", None)]
    assert outcome.progress[-1].fields["/options/verified"] == "yes"
