"""A list by name, whose texts are the webhooks."""

from typing import Any

import pytest

from reconciler.providers.engine.extract import find
from reconciler.providers.engine.turned import turned
from reconciler.providers.language.reads import Turn

WORDS = Turn(of="urls || ([url] | [?@])", text="url", names="events")


def test_what_stands_under_several_names_has_them_all() -> None:
    """In the order in which they come; a name without anything has nothing, and twice is once."""
    found = {
        "a": {"urls": ["one", "two"]},
        "b": {"url": "two"},
        "c": None,
        "d": {"urls": []},
        "e": {"urls": ["one", "one"]},
    }
    assert turned(WORDS, found, find) == [{"url": "one", "events": ["a", "e"]}, {"url": "two", "events": ["a", "b"]}]
    assert turned(WORDS, {}, find) == []


@pytest.mark.parametrize(
    "strange", [None, [], "x", {"a": {"urls": "one"}}, {"a": {"urls": [1]}}, {"a": {"urls": {}}, "b": 1}]
)
def test_half_of_a_list_is_none(strange: Any) -> None:
    """Whatever has another shape somewhere is no list at all."""
    assert turned(Turn(of="urls", text="url", names="events"), strange, find) is None
