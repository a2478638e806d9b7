"""The law of `${each.KEY}`: a block with rows means what its webhooks would mean, written out one by one."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.model.webhook import Desired, Source
from tests.unit.config.fakes import loaded

PARTS = st.text(st.characters(categories=["L", "N"], max_codepoint=0x2FF), min_size=1, max_size=4)
TEXTS = st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" $"), min_size=1, max_size=8).filter(
    lambda text: text == text.strip()
)
EVENTS = st.lists(st.sampled_from(["push", "pull_request"]), min_size=1, max_size=2, unique=True)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "repo": PARTS,
            "id": st.integers(0, 9999),
            "any": TEXTS,
            "flag": st.booleans(),
            "events": EVENTS,
            "status": st.sampled_from(["active", "inactive"]),
            "items": st.lists(TEXTS, max_size=3),
        }
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda row: row["repo"],
)
BLOCK: dict[str, Any] = {
    "url": "https://h.example/${each.id}/in",
    "events": "${each.events}",
    "status": "${each.status}",
    "scope": {"owner": "of-${each.id}", "repo": "${each.repo}"},
    "options": {
        "a_text": "${each.any} and ${each.any}",
        "a_bool": "${each.flag}",
        "a_int": "${each.id}",
        "a_number": "${each.id}",
        "a_list": "${each.items}",
        "content_type": "${each.any}",
    },
    "secret": {"generate": 32, "to": "file:./secrets/${each.id}-${each.repo}"},
    "lifecycle": {"was": ["old-${each.id}-${each.repo}"], "protect": True},
}


def written_out(value: Any, row: dict[str, Any]) -> Any:
    """The tree as somebody would write it for one row: values as they are, parts as texts, dollar signs doubled."""
    if isinstance(value, dict):
        return {key: written_out(inner, row) for key, inner in value.items()}
    if isinstance(value, list):
        return [written_out(inner, row) for inner in value]
    if not isinstance(value, str):
        return value
    for key, given_ in row.items():
        if value == f"${{each.{key}}}":
            return _plain(given_)
        value = value.replace(f"${{each.{key}}}", _plain(str(given_)))
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.replace("$", "$$") if isinstance(value, str) else value


@contextmanager
def folder() -> Iterator[Path]:
    """A folder of its own for each example."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def told(**whole: Any) -> list[Desired]:
    """The webhooks of a file, by where they are; how they are called and where they stand is no matter."""
    document = {"version": 1, "providers": {"git": {"auth": {"token": "env:T"}}}, **whole}
    with folder() as place:
        found = loaded(place, json.dumps(document, ensure_ascii=False)).desired
    return sorted((each._replace(name="", source=Source("", ())) for each in found), key=lambda each: each.scope)


def rows_in(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as they stand in a file, each called after its repository."""
    return [{key: _plain(row[key]) for key in sorted(row, key=lambda key: key != "repo")} for row in rows]


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, where=st.sampled_from(["block", "defaults", "override"]))
def test_a_block_is_its_webhooks_written_out(rows: list[dict[str, Any]], where: str) -> None:
    """In URL, events, status, scope, options of every type, sinks and former names; in defaults and overrides, too."""
    block: dict[str, Any] = {"for_each": rows_in(rows)}
    if where == "block":
        whole: dict[str, Any] = {"webhooks": {"ci": {**block, **BLOCK}}}
    elif where == "defaults":
        needed = {"url": BLOCK["url"], "scope": BLOCK["scope"], "lifecycle": BLOCK["lifecycle"]}
        rest = {key: value for key, value in BLOCK.items() if key not in needed}
        whole = {"defaults": rest, "webhooks": {"ci": {**block, **needed}}}
    else:
        own = {"url": "https://elsewhere.example/x", "override": {"*": BLOCK}}
        whole = {"webhooks": {"ci": {**block, **own}}}
    plain = {f"plain-{at}": written_out(BLOCK, row) for at, row in enumerate(rows)}
    assert told(**whole) == told(webhooks=plain)


@settings(max_examples=30, deadline=None)
@given(rows=ROWS)
def test_references_to_secrets_take_rows(rows: list[dict[str, Any]]) -> None:
    """What is no name's sign becomes `_` in a variable's name; a path has it as it is."""
    for reference, expected in (("env:HOOK_${each.repo}", "env:HOOK_{}"), ("file:./of/${each.repo}", "file:./of/{}")):
        block = {
            "for_each": rows_in(rows),
            "url": "https://h.example/${each.repo}",
            "scope": {"owner": "acme", "repo": "${each.repo}"},
            "secret": {"from": reference},
        }
        found = told(webhooks={"ci": block})
        sources = {str(each.secret.source) for each in found if each.secret is not None}
        is_name = reference.startswith("env:")
        signs = {
            "".join(sign if not is_name or (sign.isascii() and sign.isalnum()) else "_" for sign in row["repo"])
            for row in rows
        }
        assert sources == {expected.format(each) for each in signs}
