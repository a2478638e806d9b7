"""Where calls go and what they say, byte for byte."""

import email
import email.message
import json
from urllib.parse import parse_qsl

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import ConfigError, Rejected
from reconciler.model.secret import Secret
from reconciler.providers.protocol import Call, Encoding, Form, Tree
from reconciler.wire import encode
from reconciler.wire.encode import BaseUrl, address, destination, with_parts
from reconciler.wire.proof import Signature

WORDS = ((True, "true"), (False, "false"), (None, ""))
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def at(base: str, path: str, **more: tuple[tuple[str, str], ...]) -> str:
    """The URL of a GET below a base URL."""
    return destination(BaseUrl.of(base), Call("GET", path, **more)).url  # type: ignore[arg-type]  # only query is passed


@pytest.mark.parametrize(
    ("base", "path", "url"),
    [
        ("https://a.test", "/hooks/", "https://a.test/hooks/"),
        ("https://a.test/", "/hooks", "https://a.test/hooks"),
        ("https://a.test/api/v3/", "/hooks", "https://a.test/api/v3/hooks"),
        ("https://A.Test:443/x", "/y", "https://a.test/x/y"),
        ("http://a.test:443", "/y", "http://a.test:443/y"),
        ("http://[::1]:8080", "/y", "http://[::1]:8080/y"),
        ("https://a.test", "/g%2Fp/%7Ex", "https://a.test/g%2Fp/%7Ex"),
        ("https://a.test", "/a b/ü", "https://a.test/a%20b/%C3%BC"),
        ("https://a.test", "/100%", "https://a.test/100%25"),
        ("https://a.test", "//evil.test/x", "https://a.test//evil.test/x"),
        ("https://a.test", "/x?page=2", "https://a.test/x?page=2"),
        ("https://a.test/p", "https://a.test/p/x?page=2", "https://a.test/p/x?page=2"),
        ("https://a.test/p", "HTTPS://A.TEST:443/q?a=b#c", "https://a.test/q?a=b"),
        ("https://a.test", "https://a.test", "https://a.test/"),
    ],
)
def test_paths_stand_below_the_base_as_written(base: str, path: str, url: str) -> None:
    """Prefix, slashes and percent-encoding are kept; a paging link with the same origin is used as it is."""
    assert at(base, path) == url


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.test/x",
        "http://a.test/x",
        "https://a.test:8443/x",
        "https://a.test@evil.test/x",
        "https://user:pw@a.test/x",
        "https://a.test.evil.test/x",
        "https://a.test\\@evil.test/x",
        "https://[::1/x",
        "http://[bad",
        "https://a.test:99999/x",
        "ftp://a.test/x",
        "x",
        "",
    ],
)
def test_links_to_another_host_are_refused(link: str) -> None:
    """Credentials never leave the base URL's origin, however the link is dressed up."""
    with pytest.raises(Rejected, match="another host") as caught:
        at("https://a.test", link)
    assert "pw" not in str(caught.value)


def test_a_link_elsewhere_is_named_by_its_host_only() -> None:
    """An inner address is told for what it is, with the way to stay at the base URL, and without its query."""
    with pytest.raises(Rejected) as caught:
        at("https://a.test", "http://user:pw@10.0.0.7:8080/hooks?cursor=s3cr3t")
    assert caught.value.summary.endswith("another host than a.test: http://10.0.0.7:8080")
    assert "rebase: true" in caught.value.hint


@pytest.mark.parametrize(
    "call", [Call("GET", "/x\ud800"), Call("GET", "/x?\ud800"), Call("GET", "/x", (("a", "\ud800"),))]
)
def test_half_a_character_is_refused(call: Call) -> None:
    """An id or a cursor that no URL can hold ends that call with a sentence."""
    with pytest.raises(Rejected, match="half a character"):
        encode.destination(encode.BaseUrl.of("https://a.test"), call)


@pytest.mark.parametrize("path", ["/repos/../user", "/repos/%2e%2e/user", "/./x", "/x/.."])
def test_paths_do_not_climb(path: str) -> None:
    """A scope that is `..` cannot reach another resource."""
    with pytest.raises(Rejected, match="segment"):
        at("https://a.test", path)


@pytest.mark.parametrize(
    "base", ["a.test", "ftp://a.test", "https://", "https://u:p4ss@a.test", "https://a.test?k=p4ss", "https://a b"]
)
def test_base_urls_that_cannot_be_used_are_refused(base: str) -> None:
    """A base URL names a host and perhaps a path, and its refusal shows no password."""
    with pytest.raises(ConfigError) as caught:
        BaseUrl.of(base)
    assert "p4ss" not in str(caught.value)


def test_queries_are_encoded() -> None:
    """Names and values arrive as given, also behind a link's own query."""
    url = at("https://a.test", "/x?cursor=1", query=(("page[size]", "a&b=c d+e"), ("ü", "#")))
    assert parse_qsl(url.partition("?")[2]) == [("cursor", "1"), ("page[size]", "a&b=c d+e"), ("ü", "#")]


@given(words, words)
def test_what_is_signed_is_what_is_sent(path: str, value: str) -> None:
    """The client does not rewrite an address: its path is the one that signatures are bound to."""
    try:
        found = destination(BaseUrl.of("https://a.test/p"), Call("GET", "/" + path, query=(("q", value),)))
    except Rejected:
        return
    sent = httpx.URL(found.url)
    assert sent.raw_path.decode().partition("?")[0] == found.path
    assert (sent.scheme, sent.netloc.decode()) == (found.scheme, found.host)


leaves = st.one_of(words, st.booleans(), st.integers(), st.none(), words.map(Secret))
trees = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3))


@given(st.dictionaries(words, trees, max_size=4))
def test_forms_survive_the_round_trip(tree: dict[str, Tree]) -> None:
    """A form decodes to exactly the fields that were meant, whatever signs their values hold."""
    kind, text = encode.body(tree, "form")
    assert kind == "application/x-www-form-urlencoded"
    assert parse_qsl(text.decode("ascii"), keep_blank_values=True) == _fields(tree)


@given(trees)
def test_json_survives_the_round_trip(tree: Tree) -> None:
    """JSON carries the tree with its secrets revealed."""
    kind, text = encode.body(tree, "json")
    assert kind == "application/json"
    assert json.loads(text) == _revealed(tree)


def test_forms_look_as_vendors_expect() -> None:
    """Lists are bracketed, maps are keyed, booleans are words, and reserved signs are escaped."""
    _, text = encode.body(
        {"e": ["a", "b"], "m": {"k": Secret("s&t")}, "on": True, "u": "https://x/?a=1&b=2#f+g"}, "form"
    )
    assert text == b"e%5B%5D=a&e%5B%5D=b&m%5Bk%5D=s%26t&on=true&u=https%3A%2F%2Fx%2F%3Fa%3D1%26b%3D2%23f%2Bg"


@pytest.mark.parametrize(
    ("tree", "encoding"), [("hush", "form"), ({"a": "hush\ud800"}, "form"), (["hush", float("nan")], "json")]
)
def test_what_cannot_be_written_is_refused_silently(tree: Tree, encoding: Encoding) -> None:
    """The refusal quotes nothing, not even as its cause."""
    with pytest.raises(Rejected) as caught:
        encode.body(tree, encoding)
    assert "hush" not in repr((caught.value, caught.value.__cause__, caught.value.__context__))


def test_header_values_cannot_smuggle_lines() -> None:
    """A line end in a header's value is refused, and the value is not shown."""
    with pytest.raises(Rejected, match="x-scope") as caught:
        encode.headers((("X-Scope", "hush\r\nx: y"),))
    assert "hush" not in str(caught.value)


def _fields(tree: dict[str, Tree]) -> list[tuple[str, str]]:
    """The fields that a tree means, written down in another way than the encoder does."""
    found: list[tuple[str, str]] = []

    def visit(name: str, value: Tree) -> None:
        inner = _revealed(value)
        if isinstance(inner, dict):
            for key, leaf in inner.items():
                visit(f"{name}[{key}]", leaf)
        elif isinstance(inner, list):
            for leaf in inner:
                visit(name + "[]", leaf)
        else:
            found.append((name, next((word for sign, word in WORDS if inner is sign), str(inner))))

    for key, value in tree.items():
        visit(key, value)
    return found


def _revealed(tree: Tree) -> object:
    if isinstance(tree, dict):
        return {key: _revealed(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_revealed(value) for value in tree]
    return tree.reveal() if isinstance(tree, Secret) else tree


def test_a_path_holds_credentials_within_one_segment() -> None:
    """By the names in braces, and only where the manifest has them: what a value has of braces is encoded by then."""
    base = BaseUrl.of("https://a.example/api")
    there = destination(base, Call("GET", "/bot{token}/x%7Btoken%7D/{id}"), ("token",))
    assert there.shown == "https://a.example/api/bot{token}/x%7Btoken%7D/%7Bid%7D"
    sent = address(
        there,
        Signature(
            query=(("k", Secret("v&w")),),
            path=(
                (
                    "token",
                    Secret("1:a/b?c d"),
                ),
            ),
        ),
    )
    assert sent == "https://a.example/api/bot1:a%2Fb%3Fc%20d/x%7Btoken%7D/%7Bid%7D?k=v%26w"


def test_an_address_that_the_vendor_names_is_never_filled() -> None:
    """A link has whatever the vendor puts there; braces in it are no names of ours."""
    there = destination(BaseUrl.of("https://a.example"), Call("GET", "https://a.example/{token}"), ("token",))
    assert address(there, Signature(path=(("token", Secret("hunter2-hunter2")),))) == "https://a.example/%7Btoken%7D"


def test_a_body_gets_its_credentials_beside_what_it_has() -> None:
    """Also where there is none yet, below keys that are there or not; a list has no place for them."""
    parts = ((("auth", "id"), Secret("i")), (("key",), Secret("k")))
    assert with_parts(None, parts) == {"auth": {"id": Secret("i")}, "key": Secret("k")}
    assert with_parts({"auth": {"v": 1}, "a": 2}, parts) == {
        "auth": {"v": 1, "id": Secret("i")},
        "a": 2,
        "key": Secret("k"),
    }
    with pytest.raises(Rejected, match="no place for the credentials"):
        with_parts([1], parts)


LISTED: dict[str, Tree] = {"on": ["a b", "c"], "at": [{"n": 1}]}


@pytest.mark.parametrize(
    ("form", "pairs"),
    [
        (Form(), [("on[]", "a b"), ("on[]", "c"), ("at[][n]", "1")]),
        (Form(lists="repeat"), [("on", "a b"), ("on", "c"), ("at[n]", "1")]),
        (Form(lists="index"), [("on[0]", "a b"), ("on[1]", "c"), ("at[0][n]", "1")]),
        (Form(json=(("on",),)), [("on", '["a b","c"]'), ("at[][n]", "1")]),
        (Form(lists="repeat", json=(("at", "*"),)), [("on", "a b"), ("on", "c"), ("at", '{"n":1}')]),
    ],
)
def test_forms_write_lists_in_their_vendors_way(form: Form, pairs: list[tuple[str, str]]) -> None:
    """As repeated keys, numbered ones, or as JSON texts; sent plainly or in parts."""
    kind, content = encode.body(LISTED, form)
    assert kind == "application/x-www-form-urlencoded"
    assert parse_qsl(content.decode()) == pairs
    kind, content = encode.body(LISTED, form._replace(kind="multipart"))
    assert parts_of(kind, content) == pairs


def parts_of(kind: str, content: bytes) -> list[tuple[str, str]]:
    """The parts of a multipart form, as the standard library reads it."""
    message = email.message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + content)
    parts = message.get_payload()
    assert isinstance(parts, list)
    whole = [part for part in parts if isinstance(part, email.message.Message)]
    found = [(part.get_param("name", header="content-disposition"), part.get_payload(decode=True)) for part in whole]
    return [(str(name), value.decode()) for name, value in found if isinstance(value, bytes)]


def test_a_part_holds_what_it_holds() -> None:
    """Secrets, letters of all kinds and what looks like the end of a part; a name with a quote stays one name."""
    tree: dict[str, Tree] = {'a"b': Secret("key-of-ours"), "c": "ü\r\n--x--", "d": True}
    kind, content = encode.body(tree, Form("multipart"))
    assert parts_of(kind, content) == [("a%22b", "key-of-ours"), ("c", "ü\r\n--x--"), ("d", "true")]


def test_a_secret_within_a_json_text_is_sent_and_never_told() -> None:
    """What cannot be written is refused without its text."""
    _, content = encode.body({"a": {"k": Secret("key-of-ours")}}, Form(json=(("a",),)))
    assert parse_qsl(content.decode()) == [("a", '{"k":"key-of-ours"}')]
    with pytest.raises(Rejected) as caught:
        encode.body({"a": {"k": "key-of-ours", "n": float("nan")}}, Form(json=(("a",),)))
    assert "key-of-ours" not in str(caught.value) + repr(caught.value.__context__)
