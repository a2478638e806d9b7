"""Putting imported webhooks together: names that people would choose, and blocks where only one value differs."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.importing.blocks import blocks_of
from reconciler.importing.draft import doubled
from reconciler.importing.looks import doubts, hidden
from reconciler.importing.naming import slug
from reconciler.importing.scopes import fixed, scopes_to_read
from reconciler.importing.types import Block, Draft, Found
from reconciler.model.capabilities import Capabilities
from reconciler.model.webhook import DESCRIPTION, EVENTS, URL, Fields, Remote, scope_of

Tree = Mapping[str, Any]


def draft(remote_id: str, url: str, repo: str = "api", *, provider: str = "", **more: Any) -> Draft:
    """A webhook at `acme/REPO`, whose owner the provider's entry says."""
    events = more.pop("events", ["push"])
    fields = {URL: url, EVENTS: frozenset(events), DESCRIPTION: more.get("description", "")}
    found = Found(provider or "git", scope_of({"owner": "acme", "repo": repo}), Remote(remote_id, Fields(fields)))
    named = {"provider": provider} if provider else {}
    return Draft(
        found, {**named, "scope": {"repo": doubled(repo)}, "url": doubled(url), "events": events, **doubled(more)}
    )


def made(*drafts: Draft, taken: tuple[str, ...] = ()) -> dict[str, Block]:
    """The blocks by name; every webhook is in one of them, once."""
    blocks = blocks_of(drafts, taken)
    ids = sorted(each.found.remote.remote_id for block in blocks for each in block.drafts.values())
    assert ids == sorted(each.found.remote.remote_id for each in drafts)
    assert len({name for block in blocks for name in block.drafts}) == len(drafts)
    return {block.name: block for block in blocks}


@pytest.mark.parametrize(
    ("url", "description", "name"),
    [
        ("https://ci.acme.com/hooks", "", "ci"),
        ("https://hooks.slack.example/services/T1", "", "slack"),
        ("https://www.acme.com/x", "", "acme"),
        ("https://acme.com/x", "", "acme"),
        ("https://10.0.0.7:8080/x", "", "10-0-0-7"),
        ("http://localhost:9000/", "", "localhost"),
        ("https://[::1]/x", "", "1"),
        ("https://ci.acme.com/hooks", "Ledger ingestion", "ledger-ingestion"),
        ("https://ci.acme.com/hooks", "A long sentence that nobody would take for a name", "ci"),
        ("https://ci.acme.com/hooks", "Ü & Ö", "u-o"),
        ("https://ci.acme.com/hooks", "名前", "ci"),
        ("", "", "git"),
        ("not a url\n", "${x}", "x"),
    ],
)
def test_what_a_webhook_is_called(url: str, description: str, name: str) -> None:
    """By its description where that is a name, else by the word of its host that tells most."""
    assert list(made(draft("1", url, description=description))) == [name]


def test_names_that_would_be_one() -> None:
    """They differ by place, path, events or provider, whichever tells; else by number, in the order of their ids."""
    ci = "https://ci.acme.com/"
    assert [*made(draft("1", ci + "one"), draft("2", ci + "two"))] == ["ci-one", "ci-two"]
    assert [*made(draft("1", ci, "api"), draft("2", ci + "x", "web"))] == ["ci-api", "ci-web"]
    assert [*made(draft("1", ci), draft("2", ci + "v1", events=["release"]))] == ["ci-push", "ci-release"]
    several = made(draft("10", ci + "?a=1"), draft("9", ci + "?a=2"), taken=("ci",))
    assert {name: block.first.found.remote.remote_id for name, block in several.items()} == {
        "ci-api": "9",
        "ci-api-2": "10",
    }


def test_names_that_are_taken() -> None:
    """Neither a webhook's name nor that of a block is used again, whatever its case."""
    assert [*made(draft("1", "https://ci.acme.com/x"), taken=("CI", "ci-2[api]"))] == ["ci-3"]


def test_one_block_where_only_the_repository_differs() -> None:
    """Also where its name stands in the path or the description; never in the host, where it is chance."""
    ci = [draft(repo, "https://api.acme.com/hooks", repo) for repo in ("api", "web", "docs")]
    block = made(*ci)["acme"]
    assert block.tree["for_each"] == {"repo": ["api", "docs", "web"]}
    assert block.tree["url"] == "https://api.acme.com/hooks"
    assert block.drafts["acme[web]"].found.remote.remote_id == "web"
    own = [draft(r, f"https://api.acme.com/in/{r}/x?of={r}", r, description=f"CI of {r}") for r in ("api", "web")]
    block = made(*own)["acme"]
    assert block.tree["url"] == "https://api.acme.com/in/${each.repo}/x?of=${each.repo}"
    assert block.tree["description"] == "CI of ${each.repo}"


def test_documentation_hooks_each_with_a_number() -> None:
    """Two values differ, so each is a row, called after its repository; leading zeros stay what they are."""
    numbers = {"lib-c": "263729", "lib-cpp": "0263743", "lib-java": "263744"}
    drafts = [draft(n, f"https://docs.example.org/api/v2/webhook/{r}/{n}/", r) for r, n in numbers.items()]
    block = made(*drafts)["docs"]
    assert block.tree["url"] == "https://docs.example.org/api/v2/webhook/${each.repo}/${each.id}/"
    assert block.tree["for_each"] == [
        {"repo": "lib-c", "id": 263729},
        {"repo": "lib-cpp", "id": "0263743"},
        {"repo": "lib-java", "id": 263744},
    ]
    assert block.own_secrets


def test_three_accounts_with_two_webhooks_each() -> None:
    """What is the same at every account is one block over the entries of `providers:`."""
    drafts = [
        draft(f"{account}{number}", f"https://pay.acme.com/{account}/{path}", provider=account, events=[path])
        for account in ("eu", "uk", "us")
        for number, path in enumerate(("captured", "refunded"))
    ]
    blocks = made(*drafts)
    assert [block.tree["for_each"] for block in blocks.values()] == [{"provider": ["eu", "uk", "us"]}] * 2
    assert [*blocks] == ["pay-captured", "pay-refunded"]
    assert blocks["pay-captured"].tree["provider"] == "${each.provider}"
    assert blocks["pay-captured"].tree["url"] == "https://pay.acme.com/${each.provider}/captured"


@given(st.permutations(range(7)))
def test_the_same_whatever_the_order(order: list[int]) -> None:
    """A vendor may list its webhooks in any order; names and blocks do not depend on it."""
    drafts = [draft(str(n), f"https://ci.acme.com/{n % 3}", f"r{n}", events=["push"]) for n in range(7)]
    blocks = blocks_of([drafts[n] for n in order], ())
    assert [(block.name, [*block.drafts]) for block in blocks] == [
        (block.name, [*block.drafts]) for block in blocks_of(drafts, ())
    ]


def test_values_that_no_list_may_hold() -> None:
    """A comma or a bracket would break the webhook's name, so there is no block."""
    drafts = [draft(repo, "https://ci.acme.com/x", repo) for repo in ("a,b", "c]d")]
    assert len(made(*drafts)) == 2


@given(st.text())
def test_names_are_plain(text: str) -> None:
    """Whatever a vendor says, a name has letters, digits and dashes, and does not end in one."""
    name = slug(text)
    assert name.isascii()
    assert name == name.strip("-")
    assert all(char.isalnum() or char == "-" for char in name)
    assert name == name.lower()


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("https://ci.acme.com/hooks?team=a&branch=main", []),
        ("https://u:p@ci.acme.com/", ["the user in its url"]),
        ("https://ci.acme.com/?token=abc", ["`token` in its url"]),
        ("https://ci.acme.com/?access_key=abc&monkey=1", ["`access_key` in its url"]),
        ("https://ci.acme.com/?x=8jkjspfz6tjfeqlojnoalmlyzvukqrsm", ["`x` in its url"]),
        ("https://chat.example.com/services/T01/B02/Zq9xT0pS3cret", ["a part of its url's path"]),
        ("https://ci.acme.com/generic-webhook-trigger/invoke", []),
        ("https://docs.example.org/api/v2/webhook/lib-c/263729/", []),
    ],
)
def test_what_looks_like_a_secret(url: str, what: list[str]) -> None:
    """Named like one, or drawn by lot; it is told without showing it, and a terminal does not get it."""
    assert [*doubts(url)] == what
    if what:
        assert hidden(url) != url


CAPABILITIES = Capabilities("git", frozenset({URL}), scope=(("owner", "repo"), ("org",)))


@pytest.mark.parametrize(
    ("own", "given_", "found"),
    [
        ({"owner": "a"}, {"repo": ["x", "y"]}, [{"owner": "a", "repo": "x"}, {"owner": "a", "repo": "y"}]),
        ({"owner": "a"}, {"org": ["o"]}, [{"org": "o"}]),
        ({"owner": "a", "repo": "x"}, {}, [{"owner": "a", "repo": "x"}]),
        ({"owner": "a"}, {}, []),
        ({}, {"owner": ["a"], "repo": ["x"], "org": ["a"]}, [{"owner": "a", "repo": "x"}, {"org": "a"}]),
        ({}, {"project": ["p"]}, []),
    ],
)
def test_where_to_look(own: dict[str, str], given_: dict[str, list[str]], found: list[dict[str, str]]) -> None:
    """Every way of which all parts are known; one that was not asked for is not looked at where another was."""
    assert list(scopes_to_read(CAPABILITIES, own, given_)) == [scope_of(each) for each in found]


def test_where_ours_are_is_looked_at_too() -> None:
    """Places of the files and the lock, as far as they fit what was asked for."""
    known = [scope_of({"owner": "a", "repo": repo}) for repo in ("x", "y")]
    assert scopes_to_read(CAPABILITIES, {}, {}, known) == tuple(known)
    assert scopes_to_read(CAPABILITIES, {}, {"repo": ["y"]}, known) == (known[1],)


def test_what_a_new_entry_says() -> None:
    """The part that webhooks share; what tells one place from another stays with the webhooks."""
    assert fixed(CAPABILITIES, {"owner": ["a"], "repo": ["x"]}) == {"owner": "a"}
    assert fixed(CAPABILITIES, {"org": ["a"]}) == {"org": "a"}
    assert fixed(CAPABILITIES, {"org": ["a", "b"]}) == {}


def test_a_description_alone_is_no_place() -> None:
    """Without a word to call it, the vendor's entry gives the name."""
    assert [*made(draft("1", "https://hooks/x", description="!!!"))] == ["hooks"]


def block_of(*drafts: Draft) -> Tree:
    """The one block that they are."""
    (block,) = made(*drafts).values()
    return block.tree


def test_an_exception_is_one_line() -> None:
    """It says what it has itself, also where that is what is usual; of options only those that differ."""
    ci, usual = "https://ci.acme.com/x", {"a": "1", "b": "2"}
    alike = [draft(repo, ci, repo, status="inactive", options=usual) for repo in ("api", "docs", "lib", "web")]
    one = draft("x", ci, "old", options=usual)
    whole = {**one.tree, "status": "active"}
    tree = block_of(*alike, one._replace(whole=whole))
    assert tree["override"] == {"old": {"status": "active"}}
    assert tree["for_each"] == {"repo": ["api", "docs", "lib", "old", "web"]}
    other = draft("x", ci, "old", status="inactive", options={"a": "1", "b": "3"})
    assert block_of(*alike, other)["override"] == {"old": {"options": {"b": "3"}}}
    assert len(made(*alike, one)) == 2, "nobody knows what it has, so nothing can be said against the block"


@pytest.mark.parametrize(
    "more",
    [
        {"status": "inactive", "events": ["release"]},
        {"url": "https://other.acme.com/x"},
        {"url": "https://ci.acme.com/y"},
        {"repo": "a*"},
    ],
)
def test_what_is_no_exception(more: dict[str, Any]) -> None:
    """Two fields, another address, a name that is a pattern: these are webhooks by themselves."""
    ci = "https://ci.acme.com/x"
    alike = [draft(repo, ci, repo, status="active") for repo in ("api", "docs", "lib", "web")]
    apart: dict[str, Any] = {"url": ci, "repo": "old", "status": "inactive", **more}
    assert len(made(*alike, draft("x", **apart))) == 2


def test_many_exceptions_are_a_block() -> None:
    """One in three at most is an exception; more are webhooks of another kind."""
    ci = "https://ci.acme.com/x"
    alike = [draft(f"a{n}", ci, f"a{n}") for n in range(6)]
    off = [draft(f"b{n}", ci, f"b{n}", status="inactive") for n in range(3)]
    assert len(block_of(*alike, *off[:2])["override"]) == 2
    assert sorted(len(block.drafts) for block in made(*alike, *off).values()) == [3, 6]


def test_query_values_are_columns_and_no_names() -> None:
    """Outputs hide them, so no webhook is called after one."""
    drafts = [draft(repo, f"https://ci.acme.com/in?job={repo[::-1]}&x=1", repo) for repo in ("api", "web")]
    block = made(*drafts)["ci"]
    assert block.tree["url"] == "https://ci.acme.com/in?job=${each.job}&x=1"
    assert block.tree["for_each"] == [{"repo": "api", "job": "ipa"}, {"repo": "web", "job": "bew"}]
    assert [*block.drafts] == ["ci[api]", "ci[web]"]


def test_a_row_may_have_an_exception() -> None:
    """Its number stands in its row, and what else differs in its line."""
    drafts = [draft(f"r{n}", f"https://docs.acme.com/{n}/", f"r{n}") for n in range(4)]
    drafts.append(draft("r4", "https://docs.acme.com/4/", "r4", status="inactive"))
    tree = block_of(*drafts)
    assert tree["for_each"][4] == {"repo": "r4", "id": 4}
    assert tree["override"] == {"r4": {"status": "inactive"}}


def test_numbering_takes_no_longer_for_many() -> None:
    """So many of one name each get the next number."""
    drafts = [draft(str(n), f"https://ci.acme.com/?x={n}") for n in range(300)]
    assert sorted(made(*drafts)) == sorted(["ci-api", *(f"ci-api-{n}" for n in range(2, 301))])
