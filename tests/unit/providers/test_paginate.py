"""Paging: every dialect reads all pages, and a list that repeats or never ends counts as a failed read."""

from typing import Any

import pytest
from pydantic import ValidationError

from reconciler.errors import VendorError
from reconciler.providers.engine.extract import find
from reconciler.providers.engine.interpret import CompiledVendor
from reconciler.providers.engine.paginate import Page, following, next_link
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.language.reads import LinkHeader
from reconciler.providers.protocol import Call, Reply
from reconciler.providers.rehearse import BASE_URL, Outcome, drive
from reconciler.support.bounds import Bounds
from tests.unit.providers.rig import SMALL, answer, script, small


def hooks(first: int, last: int) -> list[dict[str, Any]]:
    """Remote webhooks numbered from `first` to `last`."""
    return [{"id": number, "url": f"https://a.example/{number}", "events": []} for number in range(first, last + 1)]


def read(pages: dict[str, Any], *replies: Reply, items: str = "@") -> Outcome:
    """Observe a list with this paging."""
    way = {"how": "list", "path": "/hooks", "query": {"q": "1"}, "items": items, "pages": pages}
    return drive(small(read=[way]).observe((), frozenset()), script(*replies))


def ids(outcome: Outcome) -> list[str]:
    """The ids that were read."""
    assert outcome.error is None, outcome.error
    return [remote.remote_id for remote in outcome.result.remotes]


def queries(calls: tuple[Call, ...]) -> list[dict[str, str]]:
    """The queries that were sent."""
    return [dict(call.query) for call in calls]


def test_without_paging_one_call_reads_all() -> None:
    """`none` believes that the first answer holds everything."""
    outcome = read({"kind": "none"}, answer(hooks(1, 3)))
    assert ids(outcome) == ["1", "2", "3"]
    assert outcome.result.complete


def test_link_headers_are_followed_as_they_are() -> None:
    """The vendor's own address is used for the next page, whatever its query."""
    link = f'<{BASE_URL}/hooks?page=2&q=1>; rel="next", <{BASE_URL}/hooks?page=9>; rel="last"'
    outcome = read({"kind": "link_header"}, answer(hooks(1, 2), link=link), answer(hooks(3, 3)))
    assert ids(outcome) == ["1", "2", "3"]
    assert (outcome.calls[1].path, outcome.calls[1].query) == (f"{BASE_URL}/hooks?page=2&q=1", ())


@pytest.mark.parametrize(
    ("base", "link", "asked"),
    [
        ("https://hooks.acme.com", "http://10.0.0.7:8080/v1/hooks?page=2", "https://hooks.acme.com/v1/hooks?page=2"),
        ("https://acme.com/git", "http://git:3000/v1/hooks?page=2", "https://acme.com/git/v1/hooks?page=2"),
        (
            "https://acme.com/git",
            "http://git:3000/git/places/7/hooks?page=2",
            "https://acme.com/git/places/7/hooks?page=2",
        ),
        ("https://acme.com/git", "http://git:3000/places/7/hooks?page=2", "http://git:3000/places/7/hooks?page=2"),
        ("https://acme.com", "https://u:p@acme.com.evil.test/v1/hooks?a=1#x", "https://acme.com/v1/hooks?a=1"),
        ("https://acme.com", "?page=2", "https://acme.com/v1/hooks?page=2"),
    ],
)
def test_a_page_behind_the_base_url_is_asked_for_there(base: str, link: str, asked: str) -> None:
    """With `rebase`, a vendor's inner address leads to the same path below the base URL, and no query is lost."""
    reply = answer([], link=f'<{link}>; rel="next"')
    page = Page(Call("GET", "/v1/hooks", (("q", "1"),)), 0, 1, reply, [], [])
    call = following(LinkHeader(kind="link_header", rebase=True), page, base, find)
    assert call is not None
    assert (call.path, call.query) == (asked, ())
    again = following(LinkHeader(kind="link_header", rebase=True), page._replace(call=call), base, find)
    assert again is not None
    assert again.path == asked


def test_without_rebase_an_address_elsewhere_stays_what_it_is() -> None:
    """It is the wire that refuses it, and names it."""
    link = {"hooks": hooks(1, 1), "next": "http://10.0.0.7/hooks?page=2"}
    outcome = read({"kind": "next_url", "path": "next"}, answer(link), answer({"hooks": []}), items="hooks")
    assert outcome.calls[1].path == "http://10.0.0.7/hooks?page=2"


@pytest.mark.parametrize("link", ["/hooks?cursor=b", f"{BASE_URL}/hooks?cursor=b"])
def test_next_addresses_may_be_relative(link: str) -> None:
    """`next_url` takes whole addresses and those that begin with a slash."""
    first, second = {"hooks": hooks(1, 1), "next": link}, {"hooks": hooks(2, 2), "next": None}
    outcome = read({"kind": "next_url", "path": "next"}, answer(first), answer(second), items="hooks")
    assert ids(outcome) == ["1", "2"]
    assert outcome.calls[1].path == f"{BASE_URL}/hooks?cursor=b"


def test_cursors_are_sent_back_beside_the_fixed_query() -> None:
    """A token goes into its parameter; no token, or `more` being false, ends the list."""
    paging = {"kind": "cursor", "path": "next", "param": "after", "more": "more"}
    first, second = {"hooks": hooks(1, 1), "next": "t1", "more": True}, {"hooks": [], "next": "t2", "more": False}
    outcome = read(paging, answer(first), answer(second), items="hooks")
    assert ids(outcome) == ["1"]
    assert queries(outcome.calls) == [{"q": "1"}, {"q": "1", "after": "t1"}]


def test_the_id_of_the_last_item_may_be_the_cursor() -> None:
    """`hooks[-1].id` makes a cursor of what was read."""
    paging = {"kind": "cursor", "path": "hooks[-1].id", "param": "after", "more": "more"}
    first, second = {"hooks": hooks(1, 2), "more": True}, {"hooks": hooks(3, 3), "more": False}
    outcome = read(paging, answer(first), answer(second), items="hooks")
    assert ids(outcome) == ["1", "2", "3"]
    assert queries(outcome.calls)[1]["after"] == "2"


def test_numbered_pages_end_with_an_empty_one() -> None:
    """A short page may be the last, or all that the vendor gives at once: only the one behind it tells."""
    paging = {"kind": "page", "size_param": "per_page", "size": 2}
    outcome = read(paging, answer(hooks(1, 2)), answer(hooks(3, 3)), answer([]))
    assert ids(outcome) == ["1", "2", "3"]
    assert [(query["per_page"], query.get("page")) for query in queries(outcome.calls)] == [
        ("2", None),
        ("2", "2"),
        ("2", "3"),
    ]


@pytest.mark.parametrize("kind", ["page", "offset"])
def test_a_vendor_that_gives_fewer_than_asked_is_read_to_the_end(kind: str) -> None:
    """Five are asked for and three come: nothing is skipped, and the first page is not taken for all."""
    pages = [answer(hooks(1, 3)), answer(hooks(4, 6)), answer(hooks(7, 7)), answer([])]
    outcome = read({"kind": kind, "size": 5}, *pages)
    assert ids(outcome) == list("1234567")
    assert outcome.result.shifting
    assert [query.get(kind) for query in queries(outcome.calls)] == {
        "page": [None, "2", "3", "4"],
        "offset": [None, "3", "6", "7"],
    }[kind]


@pytest.mark.parametrize("kind", ["page", "offset"])
@pytest.mark.parametrize(
    "behind", [answer([]), answer(hooks(1, 3)), answer({}, 404), answer({}, 400)], ids=["empty", "same", "404", "400"]
)
def test_a_single_short_page_is_the_whole_list(kind: str, behind: Reply) -> None:
    """Vendors answer differently where there is no next page; none of it makes one page several, or a failure."""
    outcome = read({"kind": kind, "size": 5}, answer(hooks(1, 3)), behind)
    assert ids(outcome) == ["1", "2", "3"]
    assert outcome.result.complete


@pytest.mark.parametrize("status", [401, 403, 429, 500])
def test_a_short_page_is_not_the_last_where_nobody_says_so(status: int) -> None:
    """The page behind it that fails makes the whole read fail."""
    assert read({"kind": "page", "size": 5}, answer(hooks(1, 3)), answer({}, status)).error is not None


@pytest.mark.parametrize("kind", ["page", "offset"])
def test_the_vendor_may_say_which_page_is_the_last(kind: str) -> None:
    """With `more` no page is asked for in vain, and a short one that is not the last is followed by the next item."""
    pages = [{"hooks": hooks(1, 3), "more": True}, {"hooks": hooks(4, 4), "more": False}]
    outcome = read({"kind": kind, "size": 5, "more": "more"}, *map(answer, pages), items="hooks")
    assert ids(outcome) == ["1", "2", "3", "4"]
    assert queries(outcome.calls)[1][kind] == {"page": "2", "offset": "3"}[kind]


def test_a_size_must_be_known_to_be_asked_for() -> None:
    """A parameter for the size without a size would be left out without a word."""
    with pytest.raises(ValidationError, match="size_param"):
        read({"kind": "page", "size_param": "per_page"})


def test_offsets_advance_by_what_was_read() -> None:
    """A full page is followed by the next item."""
    outcome = read({"kind": "offset", "size": 2}, answer(hooks(1, 2)), answer(hooks(3, 4)), answer([]))
    assert ids(outcome) == ["1", "2", "3", "4"]
    assert [query.get("offset") for query in queries(outcome.calls)] == [None, "2", "4"]


@pytest.mark.parametrize(
    ("pages", "reply"),
    [
        ({"kind": "link_header"}, answer(hooks(1, 1), link='<http://[bad>; rel="next"')),
        (
            {"kind": "next_url", "path": "[0].description"},
            answer([{**hooks(1, 1)[0], "description": "https://a\u2100b"}]),
        ),
    ],
    ids=["link_header", "next_url"],
)
def test_a_next_page_that_is_no_address_fails_the_read(pages: dict[str, Any], reply: Reply) -> None:
    """A vendor's broken link is the vendor's error, and no end of the list."""
    outcome = read(pages, reply)
    assert isinstance(outcome.error, VendorError)
    assert "Smallville names a next page that is no address" in outcome.error.summary


def test_a_repeated_cursor_fails_the_read() -> None:
    """A vendor that sends the same token for ever cannot make a partial list look whole."""
    page = answer({"hooks": hooks(1, 1), "next": "same"})
    outcome = read({"kind": "cursor", "path": "next", "param": "after"}, page, page, items="hooks")
    assert isinstance(outcome.error, VendorError)
    assert "Smallville sends the same page" in outcome.error.summary


def test_a_failing_second_page_fails_the_read() -> None:
    """Half a list is no list."""
    outcome = read({"kind": "offset", "size": 1}, answer(hooks(1, 1)), answer({"message": "no"}, 500))
    assert isinstance(outcome.error, VendorError)
    assert outcome.error.kind == "vendor"


@pytest.mark.parametrize("document", [{}, {"hooks": []}, "text", 3])
def test_a_list_that_is_none_blames_the_vendor(document: object) -> None:
    """What is no list is never read as an empty one."""
    outcome = read({"kind": "none"}, answer(document))
    assert outcome.error is not None
    assert "Smallville" in outcome.error.summary


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ("", None),
        ('<https://a/2>; rel="next"', "https://a/2"),
        ("<https://a/2>; rel=next", "https://a/2"),
        ('<https://a/1,2;x>; title="a, b"; rel="prev next"', "https://a/1,2;x"),
        ('<https://a/1>; rel="prev", <https://a/3>;rel="next"', "https://a/3"),
        ('<https://a/1>; rel="first"', None),
        ('<https://a/9>; title="x; rel=next"; rel="last"', None),
        ('<https://a/9>; title="a \\"b\\"; rel=next"; rel=last, <https://a/2>; rel=next', "https://a/2"),
        ('<https://a/9>; rel="last"; rel="next"', None),
        ('<https://a/2> ; REL = "next"', "https://a/2"),
        ("<https://a/9>; xrel=next", None),
        ("garbage", None),
    ],
)
def test_link_headers_are_read_by_their_grammar(header: str, address: str | None) -> None:
    """Commas and semicolons inside addresses and titles do not confuse it."""
    assert next_link(header) == address


NARROW = Bounds(pages=3, webhooks=5, list_bytes=1000)


@pytest.mark.parametrize(
    ("each", "most"),
    [(hooks(1, 1), "3 pages"), (hooks(1, 2), "5 webhooks"), ([{"id": 1, "text": "x" * 400}], "1,000 bytes")],
)
def test_a_list_without_end_is_a_failed_read(each: list[dict[str, Any]], most: str) -> None:
    """However it grows (pages, webhooks, bytes), the reading ends with a sentence, and nothing of it is believed."""
    way = {"how": "list", "path": "/hooks", "items": "@", "pages": {"kind": "link_header"}}
    provider = CompiledVendor(Manifest.model_validate({**SMALL, "read": [way]}), bounds=NARROW).provider(BASE_URL)
    asked = 0

    def vendor(call: Call) -> Reply:
        nonlocal asked
        asked += 1
        assert asked <= 4, "it reads on and on"
        items = [{**item, "id": f"{asked}-{item['id']}"} for item in each]
        return answer(items, link=f'<{BASE_URL}/hooks?page={asked + 1}>; rel="next"')

    outcome = drive(provider.observe((), frozenset()), vendor)
    assert outcome.error is not None
    assert f"Smallville sends a list of more than {most}" in outcome.error.summary
    assert "WHSYNC_BOUNDS" in outcome.error.hint


@pytest.mark.parametrize(
    ("item", "what"),
    [
        ({"id": "x" * 3000}, "an id of more than 2,048 characters"),
        ({"description": "x" * 300_000}, "a text of more than 262,144 characters"),
        ({"events": ["x" * 1000] * 300}, "a text of more than 262,144 characters"),
        ({"url": "https://a.example/" + "x" * 300_000}, "a text of more than 262,144 characters"),
    ],
)
@pytest.mark.parametrize("way", ["list", "by_id"])
def test_an_id_or_a_text_without_end_is_a_failed_read(item: dict[str, Any], what: str, way: str) -> None:
    """What would fill locks, plans and screens is the vendor's fault, and is not repeated."""
    words = {"list": {"how": "list", "path": "/hooks"}, "by_id": {"how": "by_id", "path": "/hooks/{id}"}}
    shown = {**hooks(1, 1)[0], **item}
    shown["events"] = [f"{number}{event}" for number, event in enumerate(shown["events"])]
    known = frozenset({str(shown["id"])}) if way == "by_id" else frozenset[str]()
    reply = answer([shown] if way == "list" else shown)
    outcome = drive(small(read=[words[way]]).observe((), known), script(reply))
    assert outcome.error is not None
    assert f"Smallville sends a webhook with {what}" in outcome.error.summary
    assert len(outcome.error.summary) < 200


def asked_in_bodies(pages: dict[str, Any], *replies: Reply) -> list[Any]:
    """The bodies of the calls that read a list by POST."""
    way = {"how": "list", "method": "POST", "path": "/search", "fixed": {"/limit": 2}, "items": "hooks", "pages": pages}
    outcome = drive(small(read=[way]).observe((), frozenset()), script(*replies))
    assert outcome.error is None, outcome.error
    assert not any(call.writes for call in outcome.calls)
    return [call.body for call in outcome.calls]


def test_positions_may_stand_in_the_body() -> None:
    """At the pointer `at`, beside what every page's body has; numbers are numbers, tokens are as they came."""
    first, second = answer({"hooks": hooks(1, 2), "next": "c/2"}), answer({"hooks": hooks(3, 3)})
    cursor = {"kind": "cursor", "path": "next", "at": "/page/after"}
    assert asked_in_bodies(cursor, first, second) == [{"limit": 2}, {"limit": 2, "page": {"after": "c/2"}}]
    pages = {"kind": "page", "at": "/page", "more": "next"}
    assert asked_in_bodies(pages, first, second) == [{"limit": 2}, {"limit": 2, "page": 2}]
    offset = {"kind": "offset", "at": "/skip", "size": 2, "more": "next"}
    assert asked_in_bodies(offset, first, second) == [{"limit": 2}, {"limit": 2, "skip": 2}]


def test_a_page_that_is_asked_for_again_in_a_body_fails_the_read() -> None:
    """Pages are the same where their bodies are, although every page has the same address."""
    way: dict[str, Any] = {"how": "list", "method": "POST", "path": "/search", "items": "hooks"}
    way["pages"] = {"kind": "cursor", "path": "next", "at": "/after"}
    again = answer({"hooks": hooks(1, 1), "next": "c"})
    outcome = drive(small(read=[way]).observe((), frozenset()), script(again, again))
    assert "same page" in str(outcome.error)


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        ({"kind": "cursor", "path": "next"}, "say where the token goes"),
        ({"kind": "cursor", "path": "next", "param": "c", "at": "/c"}, "`param` or `at`"),
        ({"kind": "offset", "at": "/skip", "size_param": "limit"}, "`param` or `at`"),
    ],
)
def test_a_position_has_one_place(pages: dict[str, Any], words: str) -> None:
    """In the query or in the body."""
    with pytest.raises(ValidationError, match=words):
        read(pages)


def test_a_link_may_have_to_say_that_there_is_something_behind_it() -> None:
    """Some vendors always name a next page; `only` asks for the parameter that tells whether it is one."""
    pages = {"kind": "link_header", "only": {"results": "true"}}
    more = '<https://vendor.example/hooks?c=2>; rel="next"; results="true"; cursor="2"'
    last = '<https://vendor.example/hooks?c=1>; rel="previous"; results="true", ' + more.replace("true", "false")
    first = answer(hooks(1, 2), link=more)
    assert ids(read(pages, first, answer(hooks(3, 3), link=last))) == ["1", "2", "3"]


@pytest.mark.parametrize("kind", ["link_header", "next_url", "cursor"])
def test_a_list_that_always_names_a_next_page_ends(kind: str) -> None:
    """Two empty pages in a row are its end; one alone is not, for what is on it may be hidden from us."""
    pages = {"kind": kind, "path": "next", "param": "c"}
    pages = {name: pages[name] for name in {"link_header": ["kind"], "next_url": ["kind", "path"]}.get(kind, pages)}
    numbers = iter(range(1, 9))

    def page(*found: dict[str, Any]) -> Reply:
        number = next(numbers)
        link = f"https://vendor.example/hooks?c={number}"
        return answer({"hooks": list(found), "next": link}, link=f'<{link}>; rel="next"')

    replies = (page(*hooks(1, 1)), page(), page(*hooks(2, 2)), page(), page())
    assert ids(read(pages, *replies, items="hooks")) == ["1", "2"]


def test_where_the_vendor_says_whether_there_is_more_it_is_believed() -> None:
    """However many pages are empty before the last."""
    pages = {"kind": "cursor", "path": "next", "param": "c", "more": "more"}
    empty = [answer({"hooks": [], "next": number, "more": True}) for number in range(1, 4)]
    replies = (*empty, answer({"hooks": hooks(1, 1), "next": 9, "more": False}))
    assert ids(read(pages, *replies, items="hooks")) == ["1"]
