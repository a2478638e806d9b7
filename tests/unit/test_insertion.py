"""`document.insertion`: entries come into a file, and every character that was there stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.document import read
from reconciler.document.insertion import Entry, inserted, reads_back
from reconciler.importing import yaml

NEW = Entry("new", ("new:", "  url: https://h.test/x", "  # secret: none"), 'new: {url: "https://h.test/x"}')
OLD = "version: 1\nwebhooks:\n  old: {url: a}\n"


def put(text: str, *entries: Entry, remarks: tuple[str, ...] = ()) -> str:
    """The text with the entries, which must be possible, and what it then says beside what it said."""
    after = inserted(text, "f.yaml", "webhooks", entries or (NEW,), remarks)
    assert after is not None
    before_tree, tree = read(text.encode(), "f")[0], read(after.encode(), "f")[0]
    assert before_tree is not None
    assert tree is not None
    assert tree["webhooks"].keys() == {*before_tree.get("webhooks", {}), *(each.name for each in entries or (NEW,))}
    return after


def is_kept(text: str, after: str) -> bool:
    """Whether every character of a text is in the other, in its order and in one piece on each side of what is new."""
    common = next((n for n, (one, other) in enumerate(zip(text, after, strict=False)) if one != other), len(text))
    return after.endswith(text[common:])


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\n",
        "version: 1",
        OLD,
        OLD.removesuffix("\n"),
        OLD + "\n# the end\n",
        OLD + "  # of old\n\n# the policy\npolicy: {https_only: true}\n",
        "version: 1\nwebhooks:\n    old:\n        url: a   # why\n        # more\n\n\npolicy: {}\n",
        "version: 1\nwebhooks:\n  old:\n    description: |+\n      words\n\n\npolicy: {}\n",
        "version: 1\nwebhooks:\n  old:\n    description: |\n      words\n      more\n\npolicy: {}\n",
        "webhooks: {old: {url: a}}\nversion: 1\n",
        'webhooks: {"old": {"url": "a"}, }\nversion: 1\n',
        '{"version": 1, "webhooks": {"old": {}}}',
        '{"version": 1}\n',
        '{\n  "version": 1,\n  "webhooks": {\n    "old": {"url": "a"}\n  }\n}\n',
        "x-all: &all\n  old: {url: a}\nversion: 1\nwebhooks:\n  <<: *all\n",
        "x: &x {url: a}\nwebhooks:\n  old: *x\nversion: 1\n",
        "\ufeffversion: 1\nwebhooks:\n  old: {}\n",
        "version: 1\r\nwebhooks:\r\n  old: {}\r\n# end\r\n",
        "webhooks:\n  old:\n    events:\n    - a\n    - b\n",
        "webhooks:\n  old:\n    events: [a,\n      b]  # two\nversion: 1\n",
    ],
)
def test_what_was_there_stays(text: str) -> None:
    """Block or brackets, comments, aliases, long texts, line ends of Windows: nothing moves but what is behind."""
    after = put(text)
    assert is_kept(text, after), after
    assert after.count("\r\n") == after.count("\n") or "\r" not in text


def test_where_it_comes() -> None:
    """Behind the last webhook and the comments that are indented like it, in the column of the others."""
    text = "webhooks:\n    old:\n        url: a\n        # of old\n    # of all\n\n# policy\npolicy: {}\n"
    assert put(text, remarks=("# left out",)) == (
        "webhooks:\n    old:\n        url: a\n        # of old\n    # of all\n"
        "    new:\n      url: https://h.test/x\n      # secret: none\n    # left out\n"
        "\n# policy\npolicy: {}\n"
    )


def test_empty_brackets_become_a_block() -> None:
    """`webhooks: {}` has no place for comments; what stands beside it stays."""
    text = "version: 1\nwebhooks: {}  # none yet\npolicy: {}\n"
    after = put(text)
    assert after.startswith("version: 1\nwebhooks:  # none yet\n  new:\n    url: https://h.test/x\n")
    assert after.endswith("policy: {}\n")


@pytest.mark.parametrize(
    "text",
    ["x: &x {a: {}}\nwebhooks: *x\n", "webhooks: [a]\n", "webhooks: text\n", "webhooks:\n  new: {}\n", "["],
)
def test_where_there_is_no_place(text: str) -> None:
    """An alias, a list, a name that is taken, no YAML: nothing is given back, least of all something that differs."""
    assert inserted(text, "f.yaml", "webhooks", (NEW,)) is None


def test_a_text_that_the_end_of_the_file_belongs_to() -> None:
    """A line break more would change it, so there is no way, or one that keeps it."""
    text = "webhooks:\n  old:\n    description: |\n      words"
    after = inserted(text, "f.yaml", "webhooks", (NEW,))
    assert after is None or read(after.encode(), "f")[0]["webhooks"]["old"] == {"description": "words"}  # type: ignore[index]


LEAVES = st.text() | st.booleans() | st.integers(-(10**14), 10**14)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_every_value_reads_back_or_is_refused(value: object) -> None:
    """Hostile or not, what is written on one line means exactly that value, wherever it stands."""
    try:
        line = yaml.flow(value)
    except ValueError:
        return
    assert reads_back(value, line) or "\\ud" in repr(value)  # half a character is no UTF-8
    assert "\n" not in line


@given(st.text(st.characters(codec="utf-8")))
def test_every_text_stays_a_text(text: str) -> None:
    """In brackets or out of them: no number, no comment, no key, no end of a line."""
    for within in (True, False):
        written = yaml.scalar(text, within)
        assert written.isprintable()
        assert reads_back(text, written)
