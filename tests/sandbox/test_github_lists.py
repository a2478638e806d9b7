"""The simulated GitHub lists repositories and organisations as GitHub's pages say."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from reconciler.sandbox import Sandbox
from tests.sandbox.client import Reply, send

Get = Callable[[str], Reply]


@pytest.fixture
def vendor() -> Iterator[Any]:
    """A fresh GitHub with an organisation and two users."""
    with Sandbox(["github"]) as box:
        github = box["github"]
        github.make_repo("acme/api", private=True, archived=True, topics=["go"])
        github.make_repo("acme/web")
        github.make_repo("octocat/notes", private=True)
        github.make_repo("octocat/hello")
        yield github


@pytest.fixture
def get(vendor: Any) -> Get:
    """Ask with the right token."""
    headers = {"User-Agent": "test", "Authorization": f"Bearer {vendor.credentials['token']}"}
    return lambda path: send(vendor.url, "GET", path, headers=headers)


def names(reply: Reply) -> list[str]:
    """The names of what is listed."""
    assert reply.status == 200
    return [each.get("name") or each["login"] for each in reply.json()]


def test_an_organisation_lists_private_repositories_too(get: Get) -> None:
    """Each with what filters look at; a user is no organisation."""
    reply = get("/orgs/ACME/repos")
    assert names(reply) == ["api", "web"]
    first = reply.json()[0]
    assert (first["full_name"], first["archived"], first["private"], first["topics"]) == (
        "acme/api",
        True,
        True,
        ["go"],
    )
    assert get("/orgs/octocat/repos").status == 404
    assert get("/orgs/nobody/repos").status == 404


def test_a_user_lists_public_ones_by_name_and_all_for_oneself(get: Get) -> None:
    """As GitHub has it."""
    assert names(get("/users/octocat/repos")) == ["hello"]
    assert names(get("/user/repos")) == ["notes", "hello"]
    assert get("/users/nobody/repos").status == 404


def test_ones_organisations(get: Get, vendor: Any) -> None:
    """Users are none; an app's token has none."""
    assert names(get("/user/orgs")) == ["acme"]
    vendor.switch(token_of="installation")
    assert get("/user/orgs").status == 403


def test_lists_come_in_pages(get: Get) -> None:
    """With the link to the next one."""
    reply = get("/orgs/acme/repos?per_page=1")
    assert names(reply) == ["api"]
    assert 'rel="next"' in reply.headers["Link"]
    assert names(get("/orgs/acme/repos?per_page=1&page=2")) == ["web"]


def test_what_is_deleted_is_nowhere(get: Get, vendor: Any) -> None:
    """Neither in the list nor by its hooks."""
    assert get("/repos/acme/web/hooks").status == 200
    vendor.delete_repo("acme/web")
    assert names(get("/orgs/acme/repos")) == ["api"]
    assert get("/repos/acme/web/hooks").status == 404
    vendor.make_repo("acme/web")
    assert get("/repos/acme/web/hooks").status == 200
