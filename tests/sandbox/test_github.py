"""The simulated GitHub keeps GitHub's documented rules."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from reconciler.sandbox import Sandbox
from tests.sandbox.client import Reply, send

HOOKS = "/repos/acme/api/hooks"
URL = "https://example.com/hook"
Call = Callable[..., Reply]


@pytest.fixture
def vendor() -> Iterator[Any]:
    """A fresh GitHub."""
    with Sandbox(["github"]) as box:
        yield box["github"]


@pytest.fixture
def call(vendor: Any) -> Call:
    """Send a request with the right token."""

    def send_it(method: str, path: str, json_body: Any = None, **headers: str) -> Reply:
        token = {"User-Agent": "test", "Authorization": f"Bearer {vendor.credentials['token']}", **headers}
        return send(vendor.url, method, path, headers=token, json_body=json_body)

    return send_it


def test_create_answers_201_with_location_defaults_and_a_masked_secret(vendor: Any, call: Call) -> None:
    """The new hook has GitHub's defaults and extra fields, and its secret is stars."""
    reply = call("POST", HOOKS, {"config": {"url": URL, "secret": "s3"}})
    hook = reply.json()
    assert reply.status == 201
    assert reply.headers["Location"] == hook["url"] == f"{vendor.url}{HOOKS}/{hook['id']}"
    assert (hook["events"], hook["active"], hook["type"], type(hook["id"])) == (["push"], True, "Repository", int)
    assert hook["config"] == {"url": URL, "content_type": "form", "insecure_ssl": "0", "secret": "********"}
    assert {"created_at", "updated_at", "test_url", "ping_url", "deliveries_url", "last_response"} <= hook.keys()
    assert vendor.webhooks()[0]["config"]["secret"] == "s3"


def test_a_hook_without_secret_shows_none(call: Call) -> None:
    """The mask appears only where a secret is set."""
    assert "secret" not in call("POST", HOOKS, {"config": {"url": URL, "insecure_ssl": 1}}).json()["config"]


def test_patch_with_config_wipes_what_it_leaves_out(vendor: Any, call: Call) -> None:
    """A config in PATCH replaces the whole config: secret gone, content type back to form."""
    key = vendor.add("acme/api", config={"url": URL, "secret": "s3", "content_type": "json"}, events=["push"])
    changed = call("PATCH", f"{HOOKS}/{key}", {"config": {"url": URL + "2"}})
    assert changed.status == 200
    assert vendor.webhooks()[0]["config"] == {"url": URL + "2", "content_type": "form", "insecure_ssl": "0"}


def test_patch_without_config_and_patch_of_config_keep_the_secret(vendor: Any, call: Call) -> None:
    """Only what is sent changes, on the hook and on its /config."""
    key = vendor.add("acme/api", config={"url": URL, "secret": "s3", "content_type": "json"}, events=["push"])
    call("PATCH", f"{HOOKS}/{key}", {"active": False, "add_events": ["issues"], "remove_events": ["push"]})
    shown = call("PATCH", f"{HOOKS}/{key}/config", {"url": URL + "2"}).json()
    assert shown == call("GET", f"{HOOKS}/{key}/config").json()
    assert shown == {"url": URL + "2", "content_type": "json", "insecure_ssl": "0", "secret": "********"}
    [hook] = vendor.webhooks()
    assert (hook["active"], hook["events"], hook["config"]["secret"]) == (False, ["issues"], "s3")


def test_a_mask_sent_back_becomes_the_secret(vendor: Any, call: Call) -> None:
    """GitHub does not know its own mask: eight stars are a secret like any other."""
    key = vendor.add("acme/api", config={"url": URL, "secret": "s3"})
    call("PATCH", f"{HOOKS}/{key}", {"config": {"url": URL, "secret": "********"}})
    assert vendor.webhooks()[0]["config"]["secret"] == "********"


def test_lists_come_in_pages_with_absolute_links(vendor: Any, call: Call) -> None:
    """Following `next` gives every hook once; a page holds at most a hundred."""
    made = [vendor.add("acme/api", config={"url": f"{URL}{n}"}, events=[event]) for n, event in EVENTFUL]
    path, seen, pages = f"{HOOKS}?per_page=2", [], 0
    while path:
        reply = call("GET", path)
        seen += [hook["id"] for hook in reply.json()]
        found = re.search(r'<([^>]+)>; rel="next"', reply.headers.get("Link", ""))
        path, pages = (found[1].removeprefix(vendor.url) if found else ""), pages + 1
        assert not found or found[1].startswith(vendor.url)
    assert (seen, pages) == (made, 3)
    assert "Link" not in call("GET", HOOKS).headers
    assert call("GET", f"{HOOKS}?per_page=1000").status == 200


EVENTFUL = list(enumerate(["push", "issues", "watch", "fork", "star"]))


def test_a_page_never_holds_more_than_a_hundred(vendor: Any, call: Call) -> None:
    """`per_page` above 100 counts as 100; without it a page has 30."""
    vendor.switch(open_events=True)
    for n in range(101):
        vendor.add("acme/api", config={"url": f"{URL}{n}"}, events=[f"event_{n}"])
    assert len(call("GET", f"{HOOKS}?per_page=1000").json()) == 100
    assert len(call("GET", HOOKS).json()) == 30


def test_delete_answers_204_once(vendor: Any, call: Call) -> None:
    """A deleted hook is gone for reading, changing and deleting alike."""
    key = vendor.add("acme/api", config={"url": URL})
    reply = call("DELETE", f"{HOOKS}/{key}")
    assert (reply.status, reply.body) == (204, b"")
    for method in ("GET", "PATCH", "DELETE"):
        assert call(method, f"{HOOKS}/{key}").status == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"config": {}},
        {"config": {"url": "example.com"}},
        {"config": {"url": "ftp://example.com"}},
        {"config": {"url": URL}, "events": []},
        {"config": {"url": URL}, "events": ["no_such_event"]},
        {"config": {"url": URL}, "events": "push"},
        {"config": {"url": URL}, "events": ["organization"]},
        {"config": {"url": URL}, "active": "true"},
        {"config": {"url": URL}, "name": "ci"},
        {"config": {"url": URL, "content_type": "xml"}},
        {"config": {"url": URL, "insecure_ssl": "yes"}},
        {"config": {"url": URL, "secret": None}},
        {"config": {"url": URL}, "url": URL},
    ],
)
def test_what_does_not_fit_is_422(vendor: Any, call: Call, body: dict[str, Any]) -> None:
    """Missing, misshapen and unknown fields are refused and nothing is made."""
    reply = call("POST", HOOKS, body)
    assert (reply.status, vendor.webhooks()) == (422, [])
    assert {"message", "documentation_url"} <= reply.json().keys()


def test_a_body_that_is_no_json_is_400(vendor: Any) -> None:
    """A form body is not understood."""
    headers = {"User-Agent": "test", "Authorization": f"token {vendor.credentials['token']}"}
    reply = send(vendor.url, "POST", HOOKS, headers=headers, form={"url": URL})
    assert (reply.status, reply.json()["message"]) == (400, "Problems parsing JSON")


def test_the_same_config_may_be_shared_only_without_common_events(vendor: Any, call: Call) -> None:
    """The same config for an overlapping event is 422, on create and on update; for other events it is fine."""
    body = {"config": {"url": URL}, "events": ["push"]}
    assert call("POST", HOOKS, body).status == 201
    again = call("POST", HOOKS, {**body, "events": ["issues", "push"]})
    assert (again.status, again.json()["errors"][0]["message"]) == (422, "Hook already exists on this repository")
    other = call("POST", HOOKS, {**body, "events": ["issues"]})
    assert other.status == 201
    assert call("PATCH", f"{HOOKS}/{other.json()['id']}", {"events": ["push"]}).status == 422
    assert call("POST", HOOKS, {**body, "events": ["*"]}).status == 422
    assert call("POST", "/repos/acme/web/hooks", body).status == 201


def test_an_event_takes_twenty_hooks(vendor: Any, call: Call) -> None:
    """The twenty-first hook for one event is refused."""
    statuses = [call("POST", HOOKS, {"config": {"url": f"{URL}{n}"}}).status for n in range(21)]
    assert statuses == [201] * 20 + [422]


def test_organisations_have_hooks_of_their_own(vendor: Any, call: Call) -> None:
    """An organisation's create needs the name web, takes its own events, and says what it is."""
    body = {"config": {"url": URL}, "events": ["organization"]}
    assert call("POST", "/orgs/acme/hooks", body).status == 422
    made = call("POST", "/orgs/acme/hooks", {"name": "web", **body})
    assert (made.status, made.json()["type"]) == (201, "Organization")
    assert call("GET", HOOKS).json() == []
    assert len(call("GET", "/orgs/ACME/hooks").json()) == 1


def test_what_the_token_may_not_see_does_not_exist(vendor: Any, call: Call) -> None:
    """A forbidden repository answers 404; one that is only visible answers for itself but not for its hooks."""
    vendor.add("acme/api", config={"url": URL})
    vendor.forbid("acme/api")
    assert [call("GET", path).status for path in ("/repos/acme/api", HOOKS)] == [404, 404]
    vendor.forbid("acme/api", visible=True)
    assert [call("GET", path).status for path in ("/repos/acme/api", HOOKS)] == [200, 404]
    vendor.permit("acme/api")
    assert len(call("GET", HOOKS).json()) == 1
    vendor.switch(known_repos=["acme/api"])
    assert [call("GET", f"/repos/acme/{name}").status for name in ("API", "other")] == [200, 404]


def test_who_does_not_say_who_they_are_gets_nowhere(vendor: Any, call: Call) -> None:
    """No User-Agent 403, no token 401, a wrong one `Bad credentials`, an Accept for something else 415."""
    assert send(vendor.url, "GET", HOOKS).status == 403
    assert send(vendor.url, "GET", HOOKS, headers={"User-Agent": "t"}).status == 401
    wrong = send(vendor.url, "GET", HOOKS, headers={"User-Agent": "t", "Authorization": "Bearer x"})
    assert (wrong.status, wrong.json()["message"]) == (401, "Bad credentials")
    assert call("GET", HOOKS, Accept="text/html").status == 415
    assert call("GET", HOOKS, Accept="application/vnd.github+json").status == 200


@pytest.mark.parametrize("path", [HOOKS + "/", "/repos/acme", "/repos//api/hooks", HOOKS + "/abc", "/user/x"])
def test_other_paths_are_404(call: Call, path: str) -> None:
    """A trailing slash, an empty name or a strange id leads nowhere."""
    assert call("GET", path).status == 404


def test_the_quota_is_counted_in_headers_and_ends_in_403(vendor: Any, call: Call) -> None:
    """Each answer says how many requests are left; none left is 403 until the reset."""
    now = 1_000_000.0
    vendor.clock = lambda: now
    vendor.quota = 2
    assert call("GET", HOOKS).headers["X-RateLimit-Remaining"] == "1"
    call("GET", HOOKS)
    reply = call("GET", HOOKS)
    assert (reply.status, reply.headers["X-RateLimit-Remaining"]) == (403, "0")
    now = float(reply.headers["X-RateLimit-Reset"])
    assert call("GET", HOOKS).status == 200


def test_a_prefix_stands_before_every_path() -> None:
    """On an own server everything lies below /api/v3, links included."""
    with Sandbox(["github"], settings={"github": {"prefix": "/api/v3"}}) as box:
        vendor = box["github"]
        headers = {"User-Agent": "t", "Authorization": f"Bearer {vendor.credentials['token']}"}
        assert vendor.url.endswith("/api/v3")
        for n, event in EVENTFUL[:2]:
            vendor.add("acme/api", config={"url": f"{URL}{n}"}, events=[event])
        reply = send(vendor.url, "GET", f"{HOOKS}?per_page=1", headers=headers)
        assert f"<{vendor.url}{HOOKS}?per_page=1&page=2>" in reply.headers["Link"]
        assert send(vendor.origin, "GET", HOOKS, headers=headers).status == 404


def test_the_dashboard_changes_what_it_is_told_and_keeps_the_secret(vendor: Any) -> None:
    """`add`, `edit` and `remove` are somebody in the web interface."""
    key = vendor.add("acme/api", config={"url": URL, "secret": "s3"})
    vendor.edit(key, active=False, config={"url": URL + "2"})
    [hook] = vendor.webhooks()
    assert (hook["active"], hook["config"]["url"], hook["config"]["secret"]) == (False, URL + "2", "s3")
    with pytest.raises(ValueError, match="Validation Failed"):
        vendor.add("acme/api", config={"url": "nowhere"})
    vendor.remove(key)
    assert vendor.webhooks() == []


def test_the_user_behind_a_token(vendor: Any, call: Call) -> None:
    """A user's token tells whose it is; an app's installation is nobody, and may not ask."""
    assert call("GET", "/user").json()["id"] == 1
    assert call("POST", "/user").status == 404
    vendor.switch(token_of="installation")
    assert call("GET", "/user").status == 403
    assert call("GET", "/repos/acme/api").status == 200
