"""The laws that every list of places keeps: it reads only, half of it is none, and what it gives fills a scope."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from reconciler.config.lookups import is_usable
from reconciler.errors import VendorError
from reconciler.model.webhook import scope_of
from reconciler.providers.engine.interpret import CompiledProvider, CompiledVendor
from reconciler.providers.engine.template import applied
from reconciler.providers.language.examples import DiscoverExample
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.language.reads import Cursor, LinkHeader, NextUrl
from reconciler.providers.protocol import Call, Reply
from reconciler.providers.registry import builtin, builtin_names
from reconciler.providers.rehearse import BASE_URL, Outcome, drive

EXAMPLES = {
    f"{name}-{example.what}": (name, example)
    for name in builtin_names()
    for example in builtin(name).examples
    if isinstance(example, DiscoverExample) and example.fails is None and len(example.calls) < 3
}
every_list = pytest.mark.parametrize("key", EXAMPLES)


def listing(manifest: Manifest, example: DiscoverExample, replies: Iterator[Reply]) -> Outcome:
    """What a list gives for such answers; nothing comes behind the last."""
    provider = CompiledVendor(manifest, example.settings).provider(BASE_URL)
    assert isinstance(provider, CompiledProvider)
    steps = provider.discover(example.what, example.given)
    return drive(steps, lambda call: next(replies, Reply(0, failure="nothing more", sent=False)))


def replies(example: DiscoverExample) -> Iterator[Reply]:
    """The answers of an example."""
    for each in example.calls:
        yield Reply(each.status, {}, json.dumps(_plain(each.answer)).encode())


def _plain(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _plain(value) for key, value in tree.items()}
    return [_plain(item) for item in tree] if isinstance(tree, list | tuple) else tree


@every_list
def test_it_only_reads_and_what_it_gives_can_be_used(key: str) -> None:
    """No call writes, each may be repeated, and each value is a name that paths and files can have."""
    name, example = EXAMPLES[key]
    outcome = listing(builtin(name), example, replies(example))
    assert outcome.error is None
    assert outcome.calls
    assert all(not call.writes and call.safe_to_repeat for call in outcome.calls)
    assert all(is_usable(place.value) for place in outcome.result.places)


@every_list
def test_what_it_gives_fills_the_scope(key: str) -> None:
    """Some scope has the parameter, and its path takes the value as one value, encoded; or another list needs it."""
    name, example = EXAMPLES[key]
    manifest = builtin(name)
    fills = manifest.discover[example.what].fills
    ways = [way for way in manifest.scope if fills in way.params]
    if not ways:
        assert any(fills in words.needs for words in manifest.discover.values())
        return
    for value in example.finds:
        scope = scope_of({param: value if param == fills else "x" for param in ways[0].params})
        path = applied(manifest.scope, scope).path
        assert path.count("/") == ways[0].path.count("/") + (value.count("/") if f"{{+{fills}}}" in ways[0].path else 0)


@every_list
@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, {}, b"{}"),
        Reply(403, {}, b"{}"),
        Reply(200, {}, b"<html>"),
        Reply(200, {}, b'{"message": "moved"}'),
        Reply(200, {}, b"null"),
        Reply(206, {}, b"[]"),
        Reply(0, failure="no connection", sent=False),
    ],
    ids=["500", "403", "html", "another-object", "null", "part", "none"],
)
def test_an_odd_answer_is_no_empty_list(key: str, reply: Reply) -> None:
    """Whatever is not the list fails it, so that nothing ever looks vanished for that."""
    name, example = EXAMPLES[key]
    if reply.body == b"null" and builtin(name).discover[example.what].items == "@":
        return  # how some servers spell an empty list
    outcome = listing(builtin(name), example, iter([reply, reply]))
    assert isinstance(outcome.error, VendorError)


@every_list
def test_a_place_without_a_value_fails_the_list(key: str) -> None:
    """It could be any."""
    name, example = EXAMPLES[key]
    last = example.calls[0] if example.calls[0].status == 200 else example.calls[-1]
    whole = json.loads(json.dumps(_plain(last.answer)))
    _first_list(whole)[0].clear()
    answers = [Reply(404, {}, b"{}")] if last is not example.calls[0] else []
    outcome = listing(builtin(name), example, iter([*answers, Reply(200, {}, json.dumps(whole).encode())]))
    assert isinstance(outcome.error, VendorError)


def _first_list(tree: Any) -> list[dict[str, Any]]:
    if isinstance(tree, list):
        return tree
    found = (_first_list(value) for value in tree.values() if isinstance(value, dict | list) and value)
    return next(found)


@every_list
def test_a_second_page_that_fails_takes_the_first_along(key: str) -> None:
    """Where the vendor names a next page, or has one, half a list is none."""
    name, example = EXAMPLES[key]
    words = builtin(name).discover[example.what]
    if not isinstance(words.pages, LinkHeader | NextUrl | Cursor) or example.calls[0].status != 200:
        return
    first = json.loads(json.dumps(_plain(example.calls[0].answer)))
    headers = {}
    match words.pages:
        case LinkHeader():
            headers["link"] = f'<{BASE_URL}/next>; rel="next"; results="true"'
        case NextUrl(path=path):
            _put(first, path, f"{BASE_URL}/next")
        case Cursor(path=path, more=more):
            if path.startswith("["):
                return  # its next page begins behind a full one
            _put(first, path, "token")
            if more and not more.startswith("!"):
                _put(first, more, True)
            elif more:
                _put(first, more[1:], False)
    page = Reply(200, headers, json.dumps(first).encode())
    calls: list[Call] = []
    outcome = listing(builtin(name), example, iter([page, Reply(500, {}, b"{}")]))
    calls.extend(outcome.calls)
    assert len(calls) == 2
    assert isinstance(outcome.error, VendorError)


def _put(tree: dict[str, Any], path: str, value: object) -> None:
    *outer, last = path.split(".")
    for step in outer:
        tree[step] = tree.get(step) or {}
        tree = tree[step]
    tree[last] = value
