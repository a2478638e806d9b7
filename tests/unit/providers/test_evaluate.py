"""Expressions over answers of a shape that no manifest foresaw: nothing found, or said, and never an error of ours."""

import json
from typing import Any

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from reconciler.errors import Indeterminate, Rejected, VendorError
from reconciler.providers.engine.evaluate import Unfit, evaluate
from reconciler.providers.protocol import ChangeRequest, Reply
from reconciler.providers.rehearse import drive
from tests.unit.providers.rig import answer, fields, script, small

ORDER = ChangeRequest("n", (), fields(events=["a"]))
ODD = (
    "hooks[?n > `5`]",
    "floor(hooks)",
    "length(hooks)",
    "contains(hooks, `5`)",
    "sort_by(hooks, &n)",
    "merge(hooks, n)",
    "hooks[::-1]",
    "to_number(hooks)",
    "&hooks",
    "hooks < n",
    "sum(hooks)",
    "max_by(hooks, &n)",
    "keys(@)",
    "join(', ', hooks)",
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
INNER = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner))
DOCUMENTS = st.fixed_dictionaries({"hooks": INNER, "n": INNER, "id": INNER}) | INNER


def listed(*answers: Any, **words: Any) -> Any:
    """What observing a list gives."""
    read = [{"how": "list", "path": "/hooks", **words}]
    return drive(small(read=read).observe((), frozenset()), script(*map(answer, answers)))


@given(st.sampled_from(ODD), DOCUMENTS)
def test_any_expression_over_any_answer(expression: str, document: Any) -> None:
    """Whatever a vendor answers, an expression finds a value of JSON, nothing, or says in our words why it cannot."""
    found = evaluate(expression, document)
    if isinstance(found, Unfit):
        assert found.expression == expression
        assert found.met
    else:
        json.dumps(found)


@given(st.sampled_from(ODD), DOCUMENTS)
def test_any_answer_to_any_verb(expression: str, document: Any) -> None:
    """A read or a write over such an answer ends well, or with a problem that was foreseen."""
    body = Reply(200, {}, json.dumps(document).encode())
    words = {
        "read": [
            {"how": "list", "path": "/hooks", "items": expression, "pages": {"kind": "page", "more": expression}},
        ],
        "create": [{"path": "/hooks", "ok_when": expression, "rejected_when": expression, "answer": expression}],
        "errors": {"rules": [{"when": expression, "kind": "vendor"}]},
        "secret": {"lifecycle": "supplied", "write": "/s", "mask": expression, "has": expression},
    }
    provider = small(**words)
    for outcome in (
        drive(provider.observe((), frozenset({"1"})), lambda call: body),
        drive(provider.create(ORDER), lambda call: body),
    ):
        assert outcome.error is None or isinstance(outcome.error, VendorError)


def test_a_read_says_what_it_could_not_evaluate() -> None:
    """The problem names the expression, the manifest and what was met there, and no value of the answer."""
    error = listed({"hooks": [{"n": "sesame"}]}, items="hooks[?n > `5`]").error
    assert isinstance(error, VendorError)
    assert error.summary == (
        "Smallville sends something unforeseen: `hooks[?n > `5`]` of the manifest small cannot be evaluated over this "
        "answer: it meets a text and a number"
    )
    assert error.hint


@pytest.mark.parametrize("pages", [{"kind": "page", "more": "left > `0`"}, {"kind": "next_url", "path": "abs(left)"}])
def test_half_a_list_never_looks_whole(pages: dict[str, Any]) -> None:
    """Where it cannot be told whether another page follows, the read fails."""
    outcome = listed({"hooks": [{"id": 1}], "left": "some"}, items="hooks", pages=pages)
    assert isinstance(outcome.error, VendorError)
    assert "cannot be evaluated" in outcome.error.summary


@pytest.mark.parametrize(
    ("words", "document"),
    [
        ({"ok_when": "id > `0`"}, {"id": "a7"}),
        ({"ok_when": "id", "rejected_when": "code > `0`"}, {"id": 7, "code": "E5"}),
        ({"ok_when": "floor(id) > `0`"}, {"id": float("inf")}),
    ],
)
def test_a_success_that_cannot_be_told_is_neither_yes_nor_no(words: dict[str, Any], document: Any) -> None:
    """What says whether a write worked cannot be evaluated: that is said, and nothing is taken for a refusal."""
    body = Reply(200, {}, json.dumps(document).encode())
    error = drive(small(create=[{"path": "/hooks", **words}]).create(ORDER), script(body)).error
    assert isinstance(error, Indeterminate)
    assert "of the manifest small cannot be evaluated over this answer" in error.summary


def test_a_rule_that_cannot_be_evaluated_is_no_success() -> None:
    """A rule for errors inside HTTP 200 that meets another type leaves the write in doubt; a 4xx stays a refusal."""
    rules = {"rules": [{"when": "code > `0`", "kind": "vendor"}]}
    provider = small(errors=rules)
    assert isinstance(drive(provider.create(ORDER), script(answer({"id": 1, "code": "E5"}))).error, Indeterminate)
    assert isinstance(drive(provider.create(ORDER), script(answer({"id": 1, "code": "E5"}, 422))).error, Rejected)


def test_nothing_where_an_expression_looks_is_an_answer() -> None:
    """An error list that a success leaves out is no reason to doubt it."""
    create = [{"path": "/hooks", "ok_when": "id", "rejected_when": "length(errors) > `0`"}]
    assert drive(small(create=create).create(ORDER), script(answer({"id": 1}))).error is None


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("lenght(hooks)", "there is no function lenght()"),
        ("hooks[].length(a, b)", "length() takes 1 argument, not 2"),
        ("hooks[::0]", "a slice's step is zero"),
    ],
)
def test_what_no_answer_can_satisfy_is_refused_in_the_manifest(expression: str, said: str) -> None:
    """An expression that could never be evaluated is a fault of the manifest, told before anything is asked."""
    with pytest.raises(ValidationError, match="not a JMESPath expression") as refused:
        listed(items=expression)
    assert said in str(refused.value)


KEYS = st.sampled_from(["hooks", "n", "id", "_id", "X9", "true", "null", "and", "length"])
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner) | st.dictionaries(st.text(max_size=2), inner)
    ),
)


@given(st.lists(KEYS, min_size=1, max_size=4), TREES)
def test_a_plain_path_finds_what_jmespath_finds(keys: list[str], document: Any) -> None:
    """A path of names is walked, and comes to the same as the library's own search, in any document."""
    path = ".".join(keys)
    found, usual = evaluate(path, document), jmespath.search(path, document)
    assert found is usual or (found, type(found)) == (usual, type(usual))


@pytest.mark.parametrize("expression", ["a.", ".a", "a..b", "9a", "a b", "a.é", "", "a-b"])
def test_what_is_no_plain_path_is_left_to_jmespath(expression: str) -> None:
    """What JMESPath refuses is not walked, whatever it looks like."""
    assert isinstance(evaluate(expression, {"a": {"": 1, "b": 2}, "a b": 3, "9a": 4, "a-b": 5}), Unfit)
