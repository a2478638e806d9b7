"""`with`: parts of bodies from ids, scopes and settings, in calls that read and in calls that write."""

from typing import Any

import pytest
from pydantic import ValidationError

from reconciler.errors import Rejected
from reconciler.providers.engine.interpret import CompiledVendor
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.protocol import ChangeRequest, Provider
from reconciler.providers.rehearse import BASE_URL, drive
from tests.unit.providers.rig import SMALL, answer, fields, script, small

SETTINGS = {
    "test": {"default": False, "choices": [True, False], "about": "Test mode."},
    "size": {"default": 50, "about": "Of a page."},
    "region": {"default": "", "about": "Where it is."},
}
PARTS = {"/t": "{test}", "/size": "{size}", "/where": "{region}", "/text": "{size} of {team}", "/team": "{team}"}


def listing(settings: dict[str, Any], **words: Any) -> Provider:
    """A provider whose list is read by POST, with these parts."""
    read = {"how": "list", "method": "POST", "path": "/search", "with": PARTS}
    scope = [{"query": {"team": "{team}"}}, {}]
    manifest = {**SMALL, "settings": SETTINGS, "scope": scope, "read": [read], **words}
    return CompiledVendor(Manifest.model_validate(manifest), settings).provider(BASE_URL)


def body(settings: dict[str, Any], *scope: tuple[str, str]) -> Any:
    """What a list is asked for with."""
    return drive(listing(settings).observe(scope, frozenset()), script(answer([]))).calls[0].body


def test_a_variable_alone_keeps_its_type() -> None:
    """A boolean setting is a boolean and a number a number; within more text each is text."""
    assert body({"test": True}, ("team", "7")) == {"t": True, "size": 50, "text": "50 of 7", "team": "7"}


def test_a_part_without_a_value_is_left_out() -> None:
    """Neither an empty text nor null is sent for a parameter that this scope does not have, or an empty setting."""
    assert body({"region": "eu"}) == {"t": False, "size": 50, "where": "eu"}


def test_values_are_not_read_as_templates() -> None:
    """What a scope holds is put in as it is, braces too."""
    assert body({}, ("team", "{size}"))["text"] == "50 of {size}"


def test_the_id_goes_where_the_manifest_says() -> None:
    """In an update beside what changes, within `wrap` as `fixed` is; in a delete alone."""
    parts = {"method": "POST", "path": "/hooks", "with": {"/id": "{id}", "/type": "hook"}}
    vendor = small(update=[{**parts, "wrap": "/data"}], retire=[{"how": "delete", **parts}])
    request = ChangeRequest("n", (), fields(), frozenset({"/url"}), remote_id="7")
    update = drive(vendor.update(request), script(answer({"id": "7"})))
    assert update.calls[0].body == {"data": {"id": "7", "type": "hook", "url": "https://a.example/x"}}
    assert drive(vendor.retire(request), script(answer())).calls[0].body == {"id": "7", "type": "hook"}


def test_a_body_that_needs_an_id_is_not_sent_without_one() -> None:
    """As with paths: a delete that names nothing may delete everything."""
    vendor = small(retire=[{"how": "delete", "method": "POST", "path": "/remove", "with": {"/ids/only": "{id}"}}])
    outcome = drive(vendor.retire(ChangeRequest("n", (), fields())), script())
    assert isinstance(outcome.error, Rejected)
    assert outcome.error.summary == "the body's part /ids/only needs an id"
    assert outcome.calls == ()


def test_a_get_has_no_body() -> None:
    """A part that would go nowhere is a fault of the manifest."""
    with pytest.raises(ValidationError, match="a GET has no body"):
        small(read=[{"how": "list", "path": "/hooks", "with": {"/a": "b"}}])


@pytest.mark.parametrize("way", ["path", "call"])
def test_one_webhook_is_read_by_a_path_or_a_call(way: str) -> None:
    """What a list hides is read by its id: `one` is a path for a GET, or a call with words of its own."""
    call = {"method": "POST", "path": "/show", "with": {"/id": "{id}"}, "empty": ["none"]}
    one = "/hooks/{id}" if way == "path" else call
    vendor = small(read=[{"how": "list", "path": "/hooks", "one": one, "partial": "some are hidden"}])
    hook = {"id": "7", "url": "https://a.example/x", "events": []}
    seen = drive(vendor.observe((), frozenset({"7"})), script(answer([]), answer(hook)))
    asked = [(call.method, call.path, call.body, call.writes) for call in seen.calls[1:]]
    assert asked == ([("GET", "/hooks/7", None, False)] if way == "path" else [("POST", "/show", {"id": "7"}, False)])
    assert [remote.remote_id for remote in seen.result.remotes] == ["7"]


@pytest.mark.parametrize("empty", [[204], ["gone"]])
@pytest.mark.parametrize("how", ["by_id", "singleton"])
def test_a_read_may_say_that_there_is_nothing(how: str, empty: list[Any]) -> None:
    """By a status or in words, as a list may; it is then proven absent, and no fault."""
    vendor = small(read=[{"how": how, "path": "/hooks", "empty": empty}], probe={"path": "/me"})
    reply = answer(None, 204) if empty == [204] else answer({"gone": True})
    replies = (reply, answer({"me": 1})) if how == "by_id" else (reply,)
    seen = drive(vendor.observe((), frozenset({"7"})), script(*replies)).result
    assert seen.remotes == ()
    assert seen.absent == {"7"} if how == "by_id" else seen.complete


def test_what_is_made_may_be_called_as_the_webhook_is() -> None:
    """Where the id is ours to choose, `{name}` is the webhook's name, encoded as any value; later calls have the id."""
    vendor = small(
        identity={"id": "tag"},
        create=[{"method": "PUT", "path": "/hooks/{name}", "with": {"/tag": "{name}"}, "ok_when": "tag"}],
    )
    request = ChangeRequest("shop[a/b]", (), fields())
    outcome = drive(vendor.create(request), script(answer({"tag": "shop[a/b]"})))
    (call,) = outcome.calls
    assert (call.path, call.body) == (
        "/hooks/shop%5Ba%2Fb%5D",
        {"tag": "shop[a/b]", "url": "https://a.example/x"},
    )
    assert outcome.progress[-1].remote_id == "shop[a/b]"
    update = request._replace(changes=frozenset({"/url"}), remote_id="shop[a/b]")
    assert drive(vendor.update(update), script(answer({"tag": "x"}))).calls[0].path == "/hooks/shop%5Ba%2Fb%5D"


def test_a_call_for_what_is_there_knows_no_name() -> None:
    """Its name may be another by now; what it is called at the vendor is its id."""
    vendor = small(update=[{"path": "/hooks/{name}"}])
    outcome = drive(vendor.update(ChangeRequest("n", (), fields(), frozenset({"/url"}), remote_id="7")), script())
    assert isinstance(outcome.error, Rejected)
    assert "needs a value for name" in outcome.error.summary
