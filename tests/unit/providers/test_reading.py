"""Observe: what counts as present, absent and unknown."""

import pytest

from reconciler.errors import VendorError
from reconciler.model.webhook import Fields, Observation, Remote
from reconciler.providers.protocol import Beside, Reply
from reconciler.providers.rehearse import Outcome, drive
from tests.unit.providers.rig import answer, fields, provider, script, small

REPO = (("owner", "acme"), ("repo", "api"))
HOOK = {"id": "a", "url": "https://a.example/x", "events": []}
BROKEN = answer({}, 500)
GONE = answer({}, 404)


def by_id(known: set[str], *replies: Reply) -> Outcome:
    """Read known webhooks one by one, with a probe."""
    ways = [{"how": "by_id", "path": "/hooks/{id}"}]
    return drive(small(read=ways, probe={"path": "/me"}).observe((), frozenset(known)), script(*replies))


def test_reading_nothing_known_by_id_makes_no_call() -> None:
    """Without ids there is nothing to look at, and nothing is proven."""
    assert by_id(set()).result == Observation(complete=False)


def test_a_404_beside_a_success_is_absent() -> None:
    """The credentials were seen to work in the same read."""
    seen = by_id({"a", "b"}, answer(HOOK), GONE).result
    assert [remote.remote_id for remote in seen.remotes] == ["a"]
    assert seen.absent == {"b"}
    assert not seen.complete


def test_a_lone_404_is_absent_only_after_the_probe() -> None:
    """The manifest's probe proves that the credentials work."""
    outcome = by_id({"b"}, GONE, answer({"me": 1}))
    assert outcome.calls[-1].path == "/me"
    assert outcome.result.absent == {"b"}


def test_a_404_with_a_failing_probe_is_unknown() -> None:
    """Where even the probe fails, a 404 proves nothing."""
    seen = by_id({"b"}, GONE, answer({}, 401)).result
    assert (seen.absent, seen.unknown) == (frozenset(), {"b"})


def test_without_a_probe_a_lone_404_is_unknown() -> None:
    """A manifest that names no proof gets none."""
    ways = [{"how": "by_id", "path": "/hooks/{id}"}]
    seen = drive(small(read=ways).observe((), frozenset({"b"})), script(GONE)).result
    assert (seen.absent, seen.unknown) == (frozenset(), {"b"})


def test_one_failing_read_leaves_the_others() -> None:
    """An id whose read fails is unknown; the rest is as read."""
    seen = by_id({"a", "b"}, answer(HOOK), BROKEN).result
    assert seen.unknown == {"b"}
    assert len(seen.remotes) == 1


@pytest.mark.parametrize(("status", "kind"), [(401, "auth"), (403, "forbidden")])
def test_refused_credentials_stop_the_read(status: int, kind: str) -> None:
    """What the account may not do is said once, for all of it."""
    outcome = by_id({"a", "b"}, answer({}, status))
    assert isinstance(outcome.error, VendorError)
    assert outcome.error.kind == kind


def test_the_first_is_asked_alone() -> None:
    """All others wait for what becomes of it; then they may be in flight together."""
    ways = [{"how": "by_id", "path": "/hooks/{id}"}]
    steps = small(read=ways).observe((), frozenset("abc"))
    first = next(steps)
    assert isinstance(first, Beside)
    assert len(first.steps) == 1
    others = steps.send(Reply(0, results=(Remote("a", Fields()),)))
    assert isinstance(others, Beside)
    assert len(others.steps) == 2


def test_a_read_in_which_all_fails_says_why() -> None:
    """Where nothing could be read the first reason is told."""
    outcome = by_id({"a", "b"}, BROKEN, BROKEN)
    assert outcome.error is not None
    assert "500" in outcome.error.summary


def test_another_webhook_than_asked_for_is_not_believed() -> None:
    """A vendor that answers with another id proves nothing about the asked one."""
    outcome = by_id({"z"}, answer(HOOK))
    assert outcome.error is not None
    assert "Smallville answered another webhook" in outcome.error.summary


@pytest.mark.parametrize(
    "items",
    [[{"url": "x"}], [None], ["text"], [HOOK, {**HOOK, "url": "x"}], [{"id": True}], [{"id": ""}], [{"id": {}}]],
)
def test_an_unusable_item_blames_the_vendor(items: list[object]) -> None:
    """No id, no object, or two webhooks with one id: the whole list is not believed."""
    outcome = drive(small().observe((), frozenset()), script(answer(items)))
    assert outcome.error is not None
    assert outcome.error.kind == "vendor"
    assert "Smallville" in outcome.error.summary


def test_fields_that_a_server_adds_are_ignored() -> None:
    """An API that grows breaks nothing."""
    seen = drive(small().observe((), frozenset()), script(answer([{**HOOK, "new": {"deep": [1]}}]))).result
    assert seen.remotes[0].fields == fields().over(Fields({"/events": frozenset()}))


def test_a_partial_list_is_completed_by_id() -> None:
    """Where a list may hide webhooks, those that are known are read one by one."""
    ways = [{"how": "list", "path": "/hooks", "partial": "hides some", "one": "/hooks/{id}"}]
    steps = small(read=ways).observe((), frozenset({"a", "b", "c"}))
    seen = drive(steps, script(answer([HOOK]), answer({**HOOK, "id": "b"}), GONE)).result
    assert [remote.remote_id for remote in seen.remotes] == ["a", "b"]
    assert seen.absent == {"c"}
    assert not seen.complete


def test_a_list_that_is_missing_in_a_place_that_is_seen_is_forbidden() -> None:
    """A repository that answers while its hooks are not found means a missing permission."""
    outcome = drive(provider("github").observe(REPO, frozenset()), script(GONE, answer({"full_name": "acme/api"})))
    assert outcome.calls[-1].path == "/repos/acme/api"
    assert outcome.error is not None
    assert outcome.error.kind == "forbidden"


def test_a_list_in_a_place_that_is_not_seen_is_not_found() -> None:
    """A repository that is not found either may not exist, and never looks empty."""
    outcome = drive(provider("github").observe(REPO, frozenset()), script(GONE, GONE))
    assert outcome.error is not None
    assert outcome.error.kind == "not_found"


def test_a_singleton_without_its_webhook_is_absent() -> None:
    """A null address means that there is none, and that is certain."""
    seen = drive(provider("cryptofuse").observe((), frozenset()), script(answer({"webhook_callback_url": None}))).result
    assert seen == Observation(complete=True)


@pytest.mark.parametrize(("probed", "complete"), [(answer({"me": 1}), True), (GONE, None), (answer({}, 401), None)])
def test_a_singleton_that_is_not_found_is_absent_only_after_the_probe(probed: Reply, complete: bool | None) -> None:
    """Where one address holds the webhook or nothing, its 404 means nothing, if the credentials are seen to work."""
    one = {"identity": {"fixed": "account"}, "natural_key": [], "read": [{"how": "singleton", "path": "/hook"}]}
    outcome = drive(small(**one, probe={"path": "/me"}).observe((), frozenset()), script(GONE, probed))
    assert getattr(outcome.result, "complete", None) == complete
    assert (outcome.error is None) is bool(complete)


def test_a_singleton_of_another_shape_is_not_absent() -> None:
    """An answer that does not even have the key is another API, not an account without a webhook."""
    outcome = drive(provider("cryptofuse").observe((), frozenset()), script(answer({"name": "Acme"})))
    assert isinstance(outcome.error, VendorError)


def test_what_cannot_be_read_says_so_without_a_call() -> None:
    """An API without reads is unreadable, which is neither present nor absent."""
    outcome = drive(provider("cryptopocket").observe((), frozenset({"x"})), script())
    assert outcome.result == Observation(readable=False)


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ((), "{owner, repo} or {org}"),
        ((("owner", "a"),), "{owner, repo} or {org}"),
        ((("owner", ""), ("repo", "b")), "needs a value for owner"),
        ((("owner", ".."), ("repo", "b")), "`.` or `..`"),
        ((("owner", "\ud800"), ("repo", "b")), "cannot be encoded"),
    ],
)
def test_a_scope_that_does_not_fit_is_refused_before_any_call(scope: tuple[tuple[str, str], ...], words: str) -> None:
    """An empty or climbing path is never sent: at some vendors it would mean everything."""
    outcome = drive(provider("github").observe(scope, frozenset()), script())
    assert outcome.calls == ()
    assert outcome.error is not None
    assert outcome.error.kind == "config"
    assert words in outcome.error.summary


def test_scope_values_and_ids_are_percent_encoded() -> None:
    """A slash in a value stays inside its part of the path."""
    scope = (("owner", "a/b"), ("repo", "c?d#é"))
    outcome = drive(provider("github").observe(scope, frozenset()), script(answer([])))
    assert outcome.calls[0].path == "/repos/a%2Fb/c%3Fd%23%C3%A9/hooks"
    ways = [{"how": "by_id", "path": "/hooks/{id}"}]
    read = drive(small(read=ways).observe((), frozenset({"x/y"})), script(BROKEN))
    assert read.calls[0].path == "/hooks/x%2Fy"
