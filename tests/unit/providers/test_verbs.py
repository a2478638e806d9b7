"""Create, update and retire: what is told between the calls, and what survives a failure."""

from typing import Any

import pytest

from reconciler.errors import Indeterminate, Interrupted, Rejected
from reconciler.model.action import Action, PlannedCall
from reconciler.model.secret import Secret
from reconciler.model.webhook import SECRET, Fields, Part, Remote
from reconciler.providers.protocol import ChangeRequest
from reconciler.providers.rehearse import drive, shown
from tests.unit.providers.rig import answer, fields, provider, script, small

EVENT = "EVENT_TYPE_PAYMENT_VOIDED"
OURS = Secret("our-own-secret")
CREATED = {"id": "w", "url": "https://a.example/x", "events": [EVENT], "status": "WEBHOOK_STATUS_ACTIVATED"}
REPO = (("owner", "acme"), ("repo", "api"))
HOOK = Remote("7", fields(events=["push"], status="active").over(Fields({"/options/content_type": "json"})))


def test_an_issued_secret_is_told_before_the_next_call_and_once() -> None:
    """Between the two calls of a create the secret can be stored; it is not told again."""
    request = ChangeRequest("n", (), fields(events=[EVENT], status="inactive"))
    second = answer({**CREATED, "status": "WEBHOOK_STATUS_DEACTIVATED", "secret": "whsec_1"})
    outcome = drive(
        provider("coinbase-payments").create(request), script(answer({**CREATED, "secret": "whsec_1"}), second)
    )
    assert [each.issued for each in outcome.progress] == [Secret("whsec_1"), None]
    assert [each.remote_id for each in outcome.progress] == ["w", "w"]
    assert [progress.fields["/status"] for progress in outcome.progress] == ["active", "inactive"]


def test_a_failing_second_call_keeps_what_the_first_made() -> None:
    """The id and the secret were told before the error."""
    request = ChangeRequest("n", (), fields(events=[EVENT], status="inactive"))
    replies = script(answer({**CREATED, "secret": "whsec_1"}), answer({}, 500))
    outcome = drive(provider("coinbase-payments").create(request), replies)
    assert isinstance(outcome.error, Indeterminate)
    assert outcome.progress[0].issued == Secret("whsec_1")


def test_a_vendor_that_creates_as_wanted_needs_no_second_call() -> None:
    """What the answer shows decides, not what the documents say."""
    request = ChangeRequest("n", (), fields(events=[EVENT], status="inactive"))
    replies = script(answer({**CREATED, "status": "WEBHOOK_STATUS_DEACTIVATED"}))
    assert len(drive(provider("coinbase-payments").create(request), replies).calls) == 1


def test_a_masked_secret_in_an_answer_is_not_issued() -> None:
    """A mask is never stored as a secret."""
    request = ChangeRequest("n", (), fields(events=[EVENT]))
    outcome = drive(provider("coinbase-payments").create(request), script(answer({**CREATED, "secret": "whsec_****"})))
    assert outcome.progress[-1].issued is None


def test_the_mask_in_an_answer_is_not_taken_for_the_secret() -> None:
    """A write's answer may hold the secret beside a mask of it, or the mask alone."""
    shown_ = {"callback_url": "https://a.example/x", "masked_secret": "whsk_**"}
    for more, issued in (({"secret": "whsk_1"}, Secret("whsk_1")), ({}, None), ({"secret": "whsk_1..."}, None)):
        outcome = drive(
            provider("cryptofuse").create(ChangeRequest("n", (), fields())), script(answer({**shown_, **more}))
        )
        assert [each.issued for each in outcome.progress] == [issued]


def test_an_answer_that_shows_another_value_is_told() -> None:
    """A vendor that ignores a field is found out, and the field in force is the one it shows."""
    shown_ = {"id": 1, "url": "https://a.example/x/", "events": ["a"]}
    done = drive(small().create(ChangeRequest("n", (), fields(events=["a"]))), script(answer(shown_))).progress[-1]
    assert done.ignored == ("/url",)
    assert done.fields.url == "https://a.example/x/"


def test_the_order_of_events_in_an_answer_is_no_difference() -> None:
    """Events are a set."""
    shown_ = {"id": 1, "url": "https://a.example/x", "events": ["b", "a", "a"]}
    done = drive(small().create(ChangeRequest("n", (), fields(events=["a", "b"]))), script(answer(shown_))).progress[-1]
    assert done.ignored == ()


@pytest.mark.parametrize(
    ("changes", "secret", "unset", "calls"),
    [
        ({"/url"}, False, False, [("PATCH", "/config", {"url": "U"})]),
        ({"/url"}, True, False, [("PATCH", "/config", {"url": "U"})]),
        ({"/options/content_type"}, False, False, [("PATCH", "/config", {"content_type": "form"})]),
        ({"/events"}, False, False, [("PATCH", "", {"events": ["star"]})]),
        ({"/status"}, True, False, [("PATCH", "", {"active": False})]),
        ({SECRET}, True, False, [("PATCH", "/config", {"secret": "***"})]),
        ({SECRET, "/url"}, True, False, [("PATCH", "/config", {"url": "U", "secret": "***"})]),
        (
            {"/url", "/events"},
            True,
            False,
            [("PATCH", "", {"events": ["star"], "config": {"url": "U", "content_type": "form", "secret": "***"}})],
        ),
        (
            {"/url", "/events"},
            False,
            True,
            [("PATCH", "", {"events": ["star"], "config": {"url": "U", "content_type": "form"}})],
        ),
        (
            {"/url", "/events"},
            False,
            False,
            [("PATCH", "/config", {"url": "U"}), ("PATCH", "", {"events": ["star"]})],
        ),
        (set(), True, False, []),
    ],
)
def test_the_fewest_and_smallest_calls_that_keep_the_secret(
    changes: set[str], secret: bool, unset: bool, calls: list[tuple[str, str, Any]]
) -> None:
    """A config is never sent whole without its secret, and nothing is sent that did not change."""
    wanted = fields("U", events=["star"], status="inactive").over(Fields({"/options/content_type": "form"}))
    request = ChangeRequest(
        "n", REPO, wanted, frozenset(changes), HOOK, "7", secret=OURS if secret else None, secret_unset=unset
    )
    outcome = drive(provider("github").update(request), lambda call: answer({"id": 7, "url": "U"}))
    base = "/repos/acme/api/hooks/7"
    assert [(call.method, call.path.removeprefix(base), shown(call.body)) for call in outcome.calls] == calls
    assert outcome.progress[-1].secret_sent == any("secret" in str(body) for _, _, body in calls)


@pytest.mark.parametrize(
    ("lifecycle", "bare", "passes"), [("supplied", True, True), ("supplied", False, False), ("either", True, False)]
)
def test_what_was_made_without_a_secret(lifecycle: str, bare: bool, passes: bool) -> None:
    """It has none that an update could lose, unless the vendor may have made one; then the way out is told."""
    words = {"lifecycle": lifecycle, "write": "/secret", "wiped_if_omitted": True}
    issued = {"issued": "secret"} if lifecycle == "either" else {}
    whole = small(secret={**words, **issued}, update=[{"method": "PUT", "path": "/hooks/{id}", "body": "full"}])
    wanted, there = fields("U", events=["a"], description="new"), Remote("1", fields("U", events=["a"]))
    request = ChangeRequest("n", (), wanted, frozenset({"/description"}), there, "1", made_bare=bare)
    outcome = drive(whole.update(request), lambda call: answer({"id": 1, "url": "U"}))
    assert (len(outcome.calls) == 1) == passes
    if not passes:
        assert outcome.error is not None
        assert "the file has none" in outcome.error.summary


def test_two_calls_tell_what_the_first_did() -> None:
    """After the first of two writes its fields are in force, and the others are not yet."""
    request = ChangeRequest("n", REPO, fields("U", events=["star"]), frozenset({"/url", "/events"}), HOOK, "7")
    replies = script(answer({"url": "U"}), answer({}, 422))
    outcome = drive(provider("github").update(request), replies)
    assert isinstance(outcome.error, Rejected)
    assert (outcome.progress[0].fields.url, outcome.progress[0].fields.events) == ("U", frozenset({"push"}))


def test_a_field_that_no_call_covers_is_refused_before_any_call() -> None:
    """What cannot be changed is said, not tried."""
    limited = [{"path": "/hooks/{id}", "covers": ["/url"]}]
    request = ChangeRequest("n", (), fields(events=["a"]), frozenset({"/events"}), Remote("1", fields()), "1")
    outcome = drive(small(update=limited).update(request), script())
    assert outcome.calls == ()
    assert outcome.error is not None
    assert "cannot change events" in outcome.error.summary


def test_retiring_by_switching_off_sends_what_was_read() -> None:
    """An orphan's hidden values in the lock are never sent: the vendor's own are."""
    remote = Remote("w", fields("https://a.example/x?token=1", events=[EVENT], status="active"), mark="n")
    request = ChangeRequest("n", (), fields("https://a.example/x?token=***~12345678"), remote=remote, remote_id="w")
    outcome = drive(provider("coinbase-payments").retire(request), lambda call: answer(CREATED))
    body = outcome.calls[0].body
    assert isinstance(body, dict)
    assert body["url"] == "https://a.example/x?token=1"
    assert body["status"] == "WEBHOOK_STATUS_DEACTIVATED"


@pytest.mark.parametrize(("listed", "fails"), [([], False), ([{"id": 7, "config": {}}], True)])
def test_a_404_on_delete_counts_only_after_reading(listed: list[Any], fails: bool) -> None:
    """Deleted twice is deleted; but a 404 for a hook that is still listed is a refusal."""
    request = ChangeRequest("n", REPO, fields(), remote_id="7")
    outcome = drive(provider("github").retire(request), script(answer({}, 404), answer(listed)))
    assert (outcome.error is not None) is fails


def test_deleting_without_an_id_is_refused_before_any_call() -> None:
    """A collection's own address is never deleted."""
    outcome = drive(provider("github").retire(ChangeRequest("n", REPO, fields())), script())
    assert outcome.calls == ()
    assert isinstance(outcome.error, Rejected)


def test_planned_urls_keep_the_prefix_and_leave_ids_open() -> None:
    """A plan shows whole URLs below the base URL, with `{id}` where only the answer can tell."""
    calls = provider("coinbase-payments", "https://proxy.example/cb/").calls(
        Action.CREATE, ChangeRequest("n", (), fields(events=[EVENT], status="inactive"))
    )
    base = "https://proxy.example/cb/api/v1/webhooks"
    assert calls == (PlannedCall("POST", base), PlannedCall("PUT", base + "/{id}"))


def test_a_replacement_is_a_create_and_a_delete() -> None:
    """Both writes of a replacement are planned."""
    calls = provider("github").calls(Action.REPLACE, ChangeRequest("n", REPO, fields(events=["push"]), remote_id="7"))
    assert [call.method for call in calls] == ["POST", "DELETE"]
    for action in (Action.NOOP, Action.FORGET, Action.ORPHAN):
        assert provider("github").calls(action, ChangeRequest("n", REPO, fields())) == ()


def test_interrupted_among_the_parts_it_deletes_it_says_how_many_are_gone() -> None:
    """Before the first deletion nothing was sent; after it the retirement is no longer as if it had not begun."""
    parts = (Part("A", "1", None), Part("B", "2", None))
    request = ChangeRequest("n", (), fields(events=["A", "B"]), parts=parts)
    first, second = small().retire(request), small().retire(request)
    next(first)
    with pytest.raises(Interrupted):
        first.throw(Interrupted("stopped"))
    next(second)
    second.send(answer(None, 204))
    with pytest.raises(Rejected, match="1 of 2 parts are deleted: stopped"):
        second.throw(Interrupted("stopped"))
