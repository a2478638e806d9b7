"""What answers mean: applied, rejected or nobody knows; and what of a vendor's words a user sees."""

from typing import Any

import pytest

from reconciler.errors import Indeterminate, Rejected, VendorError
from reconciler.model.secret import Secret
from reconciler.providers.protocol import ChangeRequest, Reply
from reconciler.providers.rehearse import drive
from tests.unit.providers.rig import SMALL, answer, fields, provider, script, small

ORDER = ChangeRequest("n", (), fields(events=["a"]))
POCKET = ChangeRequest("n", (), fields(events=["PAY_IN"]))
HTML = Reply(200, {"content-type": "text/html"}, b"<html>hello</html>")
APPLIED = type(None)


def pocket(document: Any, status: int = 200) -> Reply:
    """An answer to a subscription."""
    return answer(document, status)


@pytest.mark.parametrize(
    ("reply", "outcome", "kind"),
    [
        (answer({"id": 1}), APPLIED, None),
        (answer({"id": 1}, 201), APPLIED, None),
        (answer({"id": 1}, 202), Indeterminate, "vendor"),
        (answer({}), Indeterminate, "vendor"),
        (answer(None), Indeterminate, "vendor"),
        (HTML, Indeterminate, "vendor"),
        (answer({}, 301, location="https://u:p@other.example/x?token=1"), Indeterminate, "vendor"),
        (answer({}, 302, location="http://[bad"), Indeterminate, "vendor"),
        (answer({}, 400), Rejected, "vendor"),
        (answer({}, 401), Rejected, "auth"),
        (answer({}, 403), Rejected, "forbidden"),
        (answer({}, 404), Rejected, "not_found"),
        (answer({}, 408), Indeterminate, "vendor"),
        (answer({}, 409), Rejected, "vendor"),
        (answer({}, 422), Rejected, "vendor"),
        (answer({}, 429), Rejected, "rate_limited"),
        (answer({}, 500), Indeterminate, "vendor"),
        (answer({}, 503), Indeterminate, "vendor"),
        (Reply(0, failure="refused", sent=False), Rejected, "network"),
        (Reply(0, failure="reset", sent=True), Indeterminate, "network"),
    ],
)
def test_write_answers(reply: Reply, outcome: type, kind: str | None) -> None:
    """2xx alone is no success, a lost answer is no failure, and a refusal is certain."""
    error = drive(small().create(ORDER), script(reply)).error
    assert type(error) is outcome
    assert (error.kind if error else None) == kind


@pytest.mark.parametrize(
    ("message", "credentials"),
    [
        ("Repository was archived so is read-only.", False),
        ("This account is suspended", False),
        ("Resource not accessible by personal access token", True),
        ("This token is read-only", True),
    ],
)
def test_a_place_that_is_closed_sends_nobody_after_credentials(message: str, credentials: bool) -> None:
    """Where the vendor says that a place is archived or suspended, the way out is not to look for missing rights."""
    error = drive(small().create(ORDER), script(answer({"message": message}, 403))).error
    assert error is not None
    assert ("check their scopes" in error.hint, "state rm" in error.hint) == (credentials, not credentials)
    assert message in error.summary


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (answer({}, 401), "auth"),
        (answer({}, 403), "forbidden"),
        (answer({}, 404), "not_found"),
        (answer({}, 429), "rate_limited"),
        (answer({}, 500), "vendor"),
        (answer({}, 302), "vendor"),
        (answer([], 202), "vendor"),
        (answer([], 206), "vendor"),
        (answer([], 207), "vendor"),
        (HTML, "vendor"),
        (answer(None), "vendor"),
        (Reply(0, failure="timeout"), "network"),
    ],
)
def test_read_answers(reply: Reply, kind: str) -> None:
    """A read that fails says why, and never looks like an empty list."""
    outcome = drive(small().observe((), frozenset({"1"})), script(reply))
    assert isinstance(outcome.error, VendorError)
    assert outcome.error.kind == kind


@pytest.mark.parametrize(
    ("document", "outcome"),
    [
        ({"status": "ok", "data": "subscription_created"}, APPLIED),
        ({"status": "success", "data": "subscription_created"}, APPLIED),
        ({"status": "sucess", "data": "subscription_created"}, APPLIED),
        ({"status": "ok", "data": "subscription_updated"}, Indeterminate),
        ({"status": "ok"}, Indeterminate),
        ({"data": "subscription_created"}, Indeterminate),
        ({}, Indeterminate),
        ([], Indeterminate),
        ({"status": "error", "data": "type_incorrect"}, Rejected),
        ({"status": "error", "error": "type_incorrect", "message": "m"}, Rejected),
        ({"error": "subscription_exists"}, Rejected),
        ({"errors": ["url_incorrect"]}, Rejected),
        ({"error_code": "x"}, Rejected),
        ({"code": "url_incorrect", "message": "m"}, Rejected),
        ({"status": "ok", "data": "subscription_created", "error": None}, APPLIED),
    ],
)
def test_errors_inside_http_200(document: Any, outcome: type) -> None:
    """Only the documented words are success; any error code is a refusal; the rest is not known."""
    assert type(drive(provider("cryptopocket").create(POCKET), script(pocket(document))).error) is outcome


@pytest.mark.parametrize(
    "document", [{"error": "authorization_incorrect"}, {"data": {"code": "authorization_incorrect"}}]
)
def test_a_refused_token_inside_http_200_is_an_auth_error(document: Any) -> None:
    """The user is told that it is the credential or the allowlist."""
    error = drive(provider("cryptopocket").create(POCKET), script(pocket(document))).error
    assert error is not None
    assert error.kind == "auth"
    assert "allowlist" in error.summary


def test_words_of_the_vendor_are_short_clean_and_without_secrets() -> None:
    """No control character, no secret in any escaping, and no more than 200 characters of foreign text get through."""
    secret = Secret('pass"wörd&1')
    words = f'\x1b[31mno\n {secret.reveal()} pass\\"w\\u00f6rd&1 pass%22w%C3%B6rd%261 ' + "x" * 500
    request = ORDER._replace(secret=secret)
    provider_ = small(secret={"lifecycle": "supplied", "write": "/secret"})
    error = drive(provider_.create(request), script(answer({"message": words}, 422))).error
    assert error is not None
    assert "\x1b" not in error.summary
    assert "\n" not in error.summary
    assert "rd&1" not in error.summary
    assert "%261" not in error.summary
    assert len(error.summary) < 300


def test_a_redirect_shows_no_beginning_of_a_secret() -> None:
    """What the run knows as a secret is taken out of a long address before that is cut."""
    secret = Secret("a-token-0f-ours")
    reply = answer({}, 301, location=f"https://{'x' * 190}{secret.reveal()}/")._replace(hide=secret.hidden_in)
    error = drive(small().observe((), frozenset()), script(reply)).error
    assert error is not None
    assert "xxx" in error.summary
    assert "a-token" not in error.summary


def test_an_issued_secret_in_a_refusal_is_masked() -> None:
    """Where an error's body repeats what it issued, the message does not."""
    body = {"message": "cannot store whsec_1234", "secret": "whsec_1234"}
    request = ChangeRequest("n", (), fields(events=["EVENT_TYPE_PAYMENT_VOIDED"]))
    error = drive(provider("coinbase-payments").create(request), script(answer(body, 400))).error
    assert error is not None
    assert "whsec_1234" not in error.summary
    assert "cannot store ***" in error.summary


def test_a_redirect_tells_its_host_only() -> None:
    """Where a vendor sends a request elsewhere, the message names the host, not its credentials or query."""
    reply = answer({}, 301, location="https://user:word@other.example/x?token=1")
    error = drive(small().observe((), frozenset()), script(reply)).error
    assert error is not None
    assert "https://other.example" in error.summary
    assert "not followed" in error.summary
    assert not any(hidden in error.summary for hidden in ("word", "token"))


@pytest.mark.parametrize("place", ["http://[bad", "https://a\u2100b", "?", ""])
def test_a_redirect_to_nowhere_is_told(place: str) -> None:
    """A place that is no URL is no reason to say less."""
    error = drive(small().observe((), frozenset()), script(answer({}, 301, location=place))).error
    assert error is not None
    assert "not followed" in error.summary


@pytest.mark.parametrize("status", [404, 405])
def test_another_generation_of_an_api_is_named(status: int) -> None:
    """A missing call is explained as what it is instead of being tried otherwise."""
    request = ChangeRequest("n", (), fields())
    for steps in (provider("cryptofuse").create(request), provider("cryptofuse").observe((), frozenset())):
        error = drive(steps, script(answer({}, status))).error
        assert error is not None
        assert "API generation mismatch" in error.summary


@pytest.mark.parametrize(
    "reply",
    [
        answer({"message": "no"}, 403, x_ratelimit_remaining="0"),
        answer({"message": "You have exceeded a secondary rate limit"}, 403),
    ],
)
def test_a_403_may_be_a_rate_limit(reply: Reply) -> None:
    """A used-up budget is not reported as a missing permission."""
    scope = (("owner", "a"), ("repo", "b"))
    error = drive(provider("github").observe(scope, frozenset()), script(reply)).error
    assert error is not None
    assert error.kind == "rate_limited"


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"status": "error", "message": "bad type"}, ": bad type"),
        ({"errors": {"type": ["bad type"]}, "message": "invalid"}, ": bad type, invalid"),
        ({"error": {"code": 7, "detail": "no such type"}}, ": no such type"),
        ({"errors": [[[[[["deep"]]]]]]}, ""),
    ],
)
def test_the_reason_is_found_wherever_the_vendor_puts_it(document: Any, words: str) -> None:
    """Errors may stand in any of several keys, as texts, lists or objects."""
    error = drive(provider("cryptopocket").create(POCKET), script(pocket(document))).error
    assert error is not None
    assert error.summary == f"CryptoPocket answered 200 to POST /api/subscribeToWebhook{words}"


def test_a_server_that_fails_over_an_event_is_not_asked_for_ever() -> None:
    """A 500 to a write with event names that nobody has checked says what it may be about."""
    lens = {"read": "events", "write": "/events"}
    for status, catalogue, told in ((500, {}, True), (422, {}, False), (500, {"names": ["a"], "closed": True}, False)):
        words = {**SMALL["fields"], "events": {**lens, "catalogue": catalogue}}
        error = drive(small(fields=words).create(ORDER), script(answer({}, status))).error
        assert error is not None
        assert error.summary.endswith("; if it does so again, it may not know one of the events: a") is told
