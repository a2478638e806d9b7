"""What stands in the place of values that look like secrets, and which values do."""

from typing import Any

import pytest

from reconciler.importing.looks import is_secret, outline, secrets_in
from reconciler.importing.trees import leaves_in, with_value
from reconciler.importing.types import Draft, Found, Veiled
from reconciler.importing.variables import in_name, revealed, variable_for, with_variables
from reconciler.model.webhook import Fields, Remote

FOUND = Found("git", (), Remote("1", Fields()))


@pytest.mark.parametrize(
    ("name", "what", "variable"),
    [
        ("chat", "url", "CHAT_HOOK_URL"),
        ("10-0-0-7", "url", "HOOK_10_0_0_7_HOOK_URL"),
        ("chat-api", "X-Api-Key", "CHAT_API_HOOK_X_API_KEY"),
    ],
)
def test_names_that_shells_take(name: str, what: str, variable: str) -> None:
    """Letters, digits and underscores, and no digit at the beginning."""
    assert variable_for(name, what) == variable
    assert in_name("lib.a-b") == "lib_a_b"


def test_each_place_has_a_variable_of_its_own() -> None:
    """Also where two are called alike; what is put back is what was there."""
    tree = {
        "url": Veiled("https://x/$$", "https://x/***"),
        "options": {
            "a": {"token": Veiled("one-of-two", "…", "token")},
            "b": [{"token": Veiled("two-of-two", "…", "token")}],
        },
    }
    named, variables = with_variables(tree, "ci", {"": Draft(FOUND, tree)})
    assert named == {
        "url": {"from": "env:CI_HOOK_URL"},
        "options": {"a": {"token": {"from": "env:CI_HOOK_TOKEN"}}, "b": [{"token": {"from": "env:CI_HOOK_TOKEN_2"}}]},
    }
    assert [dict(each.values)[""] for each in variables] == [
        ("CI_HOOK_URL", "https://x/$$"),
        ("CI_HOOK_TOKEN", "one-of-two"),
        ("CI_HOOK_TOKEN_2", "two-of-two"),
    ]
    plain = revealed(tree)
    assert plain["url"] == "https://x/$$$$"
    assert plain["options"] == {"a": {"token": "one-of-two"}, "b": [{"token": "two-of-two"}]}


@pytest.mark.parametrize(
    ("name", "value", "is_one"),
    [
        ("authToken", "x", True),
        ("X-Api-Key", "x", True),
        ("Authorization", "x", True),
        ("content_type", "json", False),
        ("tokenizer", "x", False),
        ("callback", "https://x.example/?token=a", True),
        ("token_url", "https://x.example/oauth", False),
    ],
)
def test_options_that_look_like_secrets(name: str, value: str, is_one: bool) -> None:
    """By what they are called, or as addresses by what is in them."""
    assert is_secret(name, value) == is_one


def test_a_word_is_not_hidden_everywhere() -> None:
    """Only what nobody writes by chance is looked for in other texts."""
    assert [*secrets_in("https://ci.acme.com/?key=acme")] == ["https://ci.acme.com/?key=acme"]
    url = "https://chat.acme.com/services/Zq9xT0pS3cret"
    assert [*secrets_in(url)] == [url, "Zq9xT0pS3cret", "services/Zq9xT0pS3cret"]
    assert outline(f"{url}?x=1") == "https://chat.acme.com/services/***?x=***"


def test_texts_in_trees() -> None:
    """With what each is called; a tree is not changed, but made anew."""
    tree: dict[str, Any] = {"a": [{"name": "X-Key", "value": "v"}, "w"], "b": {"c": "x", "n": 1}}
    assert [(leaf.path, leaf.name, leaf.text) for leaf in leaves_in(tree)] == [
        (("a", 0, "name"), "name", "X-Key"),
        (("a", 0, "value"), "X-Key", "v"),
        (("a", 1), "1", "w"),
        (("b", "c"), "c", "x"),
    ]
    assert with_value(tree, ("a", 0, "value"), "y")["a"][0]["value"] == "y"
    assert tree["a"][0] == {"name": "X-Key", "value": "v"}
