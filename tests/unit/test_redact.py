"""The second net finds secrets in any of their spellings and touches nothing else."""

import base64
import html
import json
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.secret import MASK, SHORTEST, Secret
from reconciler.model.webhook import Fields, Leaf
from reconciler.secrets.redact import Redactor

VALUE = 'päss "word"/1+2&3'
CATEGORIES: tuple[Literal["Cs"]] = ("Cs",)
SECRETS = st.text(st.characters(exclude_categories=CATEGORIES), min_size=SHORTEST, max_size=40)
TEXTS = st.text(st.characters(exclude_categories=CATEGORIES), max_size=60)


def knowing(*values: str) -> Redactor:
    """A redactor that has learned these secrets."""
    redactor = Redactor()
    for value in values:
        redactor.learn(Secret(value))
    return redactor


def spellings(value: str) -> list[str]:
    """How a text looks where something escaped it; written apart from the code under test."""
    data = value.encode()
    packed = base64.b64encode(data).decode()
    return [
        value,
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        json.dumps(value)[1:-1].replace("/", "\\/"),
        quote(value),
        quote(value, safe=""),
        quote_plus(value),
        html.escape(value),
        packed.rstrip("="),
        base64.urlsafe_b64encode(data).decode().rstrip("="),
        data.hex(),
        data.hex().upper(),
    ]


@given(SECRETS, TEXTS, TEXTS)
def test_every_spelling_is_found(value: str, before: str, after: str) -> None:
    """Wherever a spelling stands, it is gone afterwards, and a mask stands there."""
    redactor = knowing(value)
    for spelling in spellings(value):
        hidden = redactor.hide(before + spelling + after)
        assert spelling not in hidden
        assert MASK in hidden


@given(SECRETS, st.binary(max_size=5), st.binary(max_size=5))
def test_it_is_found_inside_larger_base64(value: str, before: bytes, after: bytes) -> None:
    """Base64 of a text around the secret (user:password) shows no more than the letters at its two ends."""
    packed = base64.b64encode(before + value.encode() + after).decode()
    left = knowing(value).hide(packed).replace(MASK, "")
    assert len(left) <= len(base64.b64encode(before)) + len(base64.b64encode(after)) + 4


@given(SECRETS, TEXTS)
def test_other_text_is_the_very_same(value: str, text: str) -> None:
    """Text without the secret comes back as the same object, however it looks."""
    if not any(spelling in text for spelling in Secret(value).spellings()):
        assert knowing(value).hide(text) is text


def test_an_equal_text_is_the_very_same_too() -> None:
    """What was seen before does not take the place of an equal text, or whole values were rebuilt for nothing."""
    redactor, words = knowing("hunter2"), ["nothing", "here"]
    one, other = " ".join(words), " ".join(words)
    assert redactor.hide(one) is one
    assert redactor.hide(other) is other
    assert redactor.over(fields := Fields({"/description": other})) is fields


@pytest.mark.parametrize("value", ["a", "abc", "12345", ""])
def test_short_values_are_not_looked_for(value: str) -> None:
    """A secret that is shorter than six characters would mangle everything, so only its type hides it."""
    assert knowing(value).hide("abc 12345 a banana") == "abc 12345 a banana"
    assert Secret(value).hidden_in("abc 12345 a banana") == "abc 12345 a banana"


def test_lines_of_a_secret_are_found() -> None:
    """Of a secret of several lines, such as a key, each long line is hidden wherever it stands alone."""
    redactor = knowing("-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END KEY-----\n")
    assert redactor.hide("line 2 is MIIEvQIBADANBg!") == "line 2 is ***!"


def test_of_two_secrets_the_longer_wins() -> None:
    """A secret that begins like another leaves no rest of the other behind."""
    redactor = knowing("hunter2", "hunter2-hunter3")
    assert redactor.hide("hunter2-hunter3 hunter2-x") == "*** ***-x"


def test_what_is_learned_later_is_hidden_from_then_on() -> None:
    """Texts that were seen before are looked at again once there is a new secret."""
    redactor = knowing("something else")
    assert redactor.hide("hunter2") == "hunter2"
    redactor.learn(Secret("hunter2"))
    assert redactor.hide("hunter2") == MASK


def test_a_public_value_is_told_and_stays_readable() -> None:
    """A client's id is announced like a secret, once, but may stand in URLs and ids."""
    told: list[Secret] = []
    redactor = Redactor(told.append)
    for _ in range(2):
        redactor.learn(Secret("client-17"), public=True)
    assert told == [Secret("client-17")]
    assert redactor.hide("/apps/client-17/hooks") == "/apps/client-17/hooks"
    redactor.learn(Secret("client-17"))
    assert redactor.hide("/apps/client-17/hooks") == "/apps/***/hooks"
    assert len(told) == 1


class Thing(NamedTuple):
    """A value as plans and events are made of."""

    name: str
    summary: str
    fields: Fields = Fields()
    items: tuple[object, ...] = ()


def test_values_are_hidden_but_names_are_not() -> None:
    """In a plan or an event all foreign text is hidden, at any depth; names stay, and so does what holds nothing."""
    redactor = knowing("hunter2")
    leaves: dict[str, Leaf] = {"/description": "was hunter2", "/events": frozenset({"push", "hunter2"})}
    hidden_leaves: dict[str, Leaf] = {"/description": "was ***", "/events": frozenset({"push", "***"})}
    fields = Fields(leaves)
    inner = Thing("hunter2", "hunter2 again")
    thing = Thing("hunter2", "it is hunter2", fields, (1, None, True, inner, frozenset({"hunter2"})))
    hidden = redactor.over(thing)
    assert (hidden.name, hidden.summary) == ("hunter2", "it is ***")
    assert hidden.fields == Fields(hidden_leaves)
    assert hidden.items == (1, None, True, Thing("hunter2", "*** again"), frozenset({"***"}))
    untouched = Thing("a", "nothing here")
    assert redactor.over(untouched) is untouched


@given(st.dictionaries(st.sampled_from(["/url", "/description", "/options/x"]), TEXTS | SECRETS), SECRETS)
def test_what_differs_still_differs(leaves: dict[str, str], value: str) -> None:
    """Two sides are equal after hiding exactly where they were before."""
    redactor, leaves = knowing(value, value[::-1] + "x"), {**leaves, "/options/key": f"the key {value}!"}
    other = {pointer: text.replace(value, value[::-1] + "x") for pointer, text in leaves.items()}
    for observed in (leaves, other, dict.fromkeys(leaves, value)):
        want, have = redactor.pair(Fields(leaves), Fields(observed))
        for pointer, leaf in leaves.items():
            assert (want[pointer] == have[pointer]) == (leaf == observed[pointer])


def naive(text: str, secrets: list[str]) -> str:
    """What hiding means, looked for in every place and with every spelling; written apart from the code under test."""
    known = sorted((each for value in secrets for each in Secret(value).spellings()), key=len, reverse=True)
    hidden, at = "", 0
    while at < len(text):
        found = next((each for each in known if text.startswith(each, at)), None)
        hidden, at = (hidden + text[at], at + 1) if found is None else (hidden + MASK, at + len(found))
    return hidden


ALIKE = st.text("ab-", min_size=SHORTEST, max_size=9)


@given(st.lists(ALIKE | SECRETS, min_size=1, max_size=5), st.data())
def test_it_hides_what_a_naive_search_hides(secrets: list[str], data: st.DataObject) -> None:
    """However little of a text is looked at: secrets that begin alike, overlap or stand at either end, among others."""
    pieces = st.lists(st.sampled_from(secrets) | st.text("ab-", max_size=7) | TEXTS, max_size=6)
    text = "".join(data.draw(pieces))
    redactor, hidden = knowing(*secrets), naive(text, secrets)
    assert redactor.hide(text) == hidden
    assert (redactor.hide(text) is text) == (text == hidden)


@given(st.lists(ALIKE, max_size=3), st.data())
def test_a_value_is_the_very_same_exactly_where_it_holds_nothing(secrets: list[str], data: st.DataObject) -> None:
    """Values of any shape: hidden as their texts are, each in its place, and otherwise not even rebuilt."""
    words = st.sampled_from(secrets) | ALIKE if secrets else ALIKE
    leaves = words | st.none() | st.booleans() | st.integers()
    inner = st.recursive(
        leaves,
        lambda deeper: (
            st.lists(deeper, max_size=3).map(tuple)
            | st.dictionaries(st.sampled_from("abc"), deeper)
            | st.frozensets(words, max_size=3)
            | st.builds(Thing, words, words, st.just(Fields()), st.tuples(deeper))
        ),
    )
    value = data.draw(inner)
    redactor, expected = knowing(*secrets), everywhere(value, secrets)
    assert redactor.over(value) == expected
    assert (redactor.over(value) is value) == (value == expected)


def everywhere(value: object, secrets: list[str]) -> object:
    """The value with each of its texts hidden but names, rebuilt whole; written apart from the code under test."""
    if isinstance(value, str):
        return naive(value, secrets)
    if isinstance(value, Thing):
        return Thing(value.name, naive(value.summary, secrets), value.fields, tuple(_all(value.items, secrets)))
    if isinstance(value, tuple | frozenset):
        return type(value)(_all(value, secrets))
    if isinstance(value, dict):
        return {key: everywhere(inner, secrets) for key, inner in value.items()}
    return value


def _all(values: Iterable[object], secrets: list[str]) -> Iterator[object]:
    return (everywhere(each, secrets) for each in values)
