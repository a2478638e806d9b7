"""Rows of `for_each`: what a block makes of them, how each is called, which are left out, what is told of wrong."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.config.rows import rows_of, texts_named
from reconciler.model.secret import SecretRef, SecretSpec
from reconciler.model.webhook import Source
from tests.unit.config.fakes import HEAD, loaded, said

AT = Source("w.yaml", ("webhooks", "ci", "for_each"))
BLOCK = """\
webhooks:
  ci:
    for_each: %s
    url: https://h.example/${each.repo}
    scope: {owner: acme, repo: "${each.repo}"}
"""


def keys(lists: object) -> list[str]:
    """How the rows are called."""
    return [row.key for row in rows_of(lists, AT)]


def test_a_row_fills_in_all_that_stands_below_the_block(tmp_path: Path) -> None:
    """Texts, scopes, lists, options of any type and secrets' references are what the row says."""
    text = HEAD + (
        "webhooks:\n  ci:\n    for_each:\n"
        "    - {repo: api, id: 12, events: [push], secret: 'env:A', flag: true, own: {from: 'file:a'}}\n"
        "    - {repo: web, id: 0123, events: 'push, pull_request', secret: 'cmd:b', flag: false,"
        " own: {from: 'file:b'}}\n"
        "    url: https://h.example/${each.id}-${each.flag}\n    events: ${each.events}\n"
        "    scope: {owner: acme, repo: '${each.repo}'}\n"
        "    options: {a_int: '${each.id}', a_bool: '${each.flag}', a_text: 'n${each.id}'}\n"
        "    secret: {from: '${each.secret}'}\n"
    )
    api, web = loaded(tmp_path, text.replace("a_int: '${each.id}', ", "")).desired
    assert (api.name, web.name) == ("ci[api]", "ci[web]")
    assert (api.fields.url, web.fields.url) == ("https://h.example/12-true", "https://h.example/0123-false")
    assert [sorted(each.fields.events) for each in (api, web)] == [["push"], ["pull_request", "push"]]
    assert (api.fields["/options/a_bool"], api.fields["/options/a_text"]) == (True, "n12")
    assert (api.secret, web.secret) == (
        SecretSpec(source=SecretRef("env", "A")),
        SecretSpec(source=SecretRef("cmd", "b")),
    )
    (told,) = said(tmp_path, text)
    assert "ci[web]: " in told or "`a_int` must be a whole number" in told
    whole = text.replace("a_int: '${each.id}', ", "").replace("{from: '${each.secret}'}", "${each.own}")
    assert [str(each.secret.source) for each in loaded(tmp_path, whole).desired if each.secret] == ["file:a", "file:b"]


@settings(max_examples=30)
@given(st.permutations(range(4)), st.permutations(["id", "x", "y"]))
def test_names_are_stable(order: list[int], rest: list[str]) -> None:
    """Rows in another order, and the keys behind the first one in another order, give the same webhooks."""
    rows = [{"repo": f"r{n}", **{key: f"{key}{n}" for key in rest}} for n in order]
    assert sorted(keys(rows)) == ["r0", "r1", "r2", "r3"]
    assert {row.key: dict(row.values) for row in rows_of(rows, AT)} == {str(row["repo"]): row for row in rows}


def test_rows_may_be_called_by_other_keys_than_their_first() -> None:
    """`by` names one key, or several that only together are unique."""
    rows = [{"id": 1, "repo": "api", "env": "a"}, {"id": 2, "repo": "api", "env": "b"}]
    assert keys(rows) == ["1", "2"]
    assert keys({"rows": rows, "by": "env"}) == ["a", "b"]
    assert keys({"rows": rows, "by": ["repo", "env"]}) == ["api,a", "api,b"]
    assert keys({"repo": ["api"], "n": [1, 2], "by": ["n"]}) == ["1", "2"]


def test_what_stands_for_several_takes_no_part_in_names() -> None:
    """A list of events, written as one or with commas, is a value and no name."""
    assert keys({"repo": ["api", "web"], "events": ["push,release"]}) == ["api", "web"]
    assert keys({"repo": ["api"], "events": [["push", "release"]]}) == ["api"]


@pytest.mark.parametrize(
    ("exclude", "left"),
    [
        (["a,x"], ["a,y", "b,x", "b,y"]),
        (["a,*"], ["b,x", "b,y"]),
        ([{"stage": "x"}], ["a,y", "b,y"]),
        ([{"repo": "?", "stage": "y"}], ["a,x", "b,x"]),
        (["a,x", {"repo": "b"}], ["a,y"]),
        (["*"], []),
        (["nobody"], ["a,x", "a,y", "b,x", "b,y"]),
    ],
)
def test_rows_can_be_left_out(exclude: list[object], left: list[str]) -> None:
    """By name, by glob, or by some of their values; of lists that stand in the file or come from elsewhere alike."""
    lists = {"repo": ["a", "b"], "stage": ["x", "y"]}
    assert keys({**lists, "exclude": exclude}) == left
    assert keys({"rows": lists, "exclude": exclude}) == left
    written = [{"repo": repo, "stage": stage} for repo in "ab" for stage in "xy"]
    assert keys({"rows": written, "by": ["repo", "stage"], "exclude": exclude}) == left


@pytest.mark.parametrize(
    ("lists", "told"),
    [
        ("[{repo: a}, {repo: a}]", "7:5 two rows of `for_each` are called `a`; begin each with a key"),
        (
            "[{repo: a, id: 1}, {id: 2, repo: b}]",
            "7:34 row 2 of `for_each` begins with `id`, and the first one with `repo`",
        ),
        ("[{repo: a}, b]", "7:27 row 2 of `for_each` is no row of keys and values"),
        ("[{repo: a}, {}]", "7:27 row 2 of `for_each` is no row of keys and values"),
        ("[{repo: [a]}]", "7:16 row 1 of `for_each` cannot be called after its `repo`"),
        ("[{repo: 'a]'}]", "7:16 row 1 of `for_each` cannot be called after its `repo`"),
        (
            "{rows: [{repo: a}], by: rpo}",
            "7:23 row 1 of `for_each` has no `rpo`, by which the rows are called; did you mean `repo`?",
        ),
        ("{rows: [{repo: a}], by: []}", "7:5 `for_each` has a wrong `by`"),
        ("{rows: [{repo: a}], exclud: [b]}", "7:35 `exclud` is not known here; did you mean `exclude`?"),
        ("{rows: [{repo: a}], exclude: b}", "7:5 `for_each` has a wrong `exclude`"),
        ("{rows: [{repo: a}], exclude: [{rpo: b}]}", "7:46 the rows have no `rpo`; did you mean `repo`?"),
        ("{rows: [{repo: a}], exclude: [{}]}", "7:45 an exclusion is neither a name nor values by their keys"),
        ("{repo: [a, b], events: ['x,y', push]}", "7:5 two rows of `for_each` are called `a`, `b`"),
        ("{repo: [a], by: rpo}", "7:5 `for_each` has no `rpo` for its `by`; did you mean `repo`?"),
        ("{rows: 5}", "7:5 `for_each` must be a list of values or of rows, or keys with lists"),
    ],
)
def test_wrong_rows_are_told_at_their_place(tmp_path: Path, lists: str, told: str) -> None:
    """Whatever would leave a webhook without a name of its own is a problem, with a way out."""
    first, *_ = said(tmp_path, HEAD + BLOCK % lists)
    assert first.startswith(f"main.yaml:{told}")


def test_what_a_row_lacks_is_told_of_its_webhook(tmp_path: Path) -> None:
    """A misspelt key is answered with the nearest one, and a default stands for one that may lack."""
    text = HEAD + BLOCK.replace("h.example/", "h.example/${each.rep}/") % "[{repo: a}]"
    assert said(tmp_path, text) == ["main.yaml:8:10 `${each.rep}` has no value here; did you mean `repo`?"]
    text = HEAD + BLOCK.replace("h.example/", "h.example/${each.id:-none}/") % "[{repo: a}, {repo: b, id: 7}]"
    assert [each.fields.url for each in loaded(tmp_path, text).desired] == [
        "https://h.example/none/a",
        "https://h.example/7/b",
    ]


def test_a_list_is_no_part_of_a_text(tmp_path: Path) -> None:
    """A list or a map can be a whole value only: nobody knows how it would be written in a text."""
    text = HEAD + BLOCK.replace("h.example/", "h.example/${each.more}/") % "[{repo: a, more: [b]}]"
    assert said(tmp_path, text)[0].startswith("main.yaml:8:10 `${each.more}` is a list, which is no part of a text")


def test_a_name_with_a_dash_makes_a_variables_name(tmp_path: Path) -> None:
    """`env:HOOK_${each.repo}` of `api-gateway` is the variable that a shell can set: `HOOK_api_gateway`."""
    block = BLOCK + '    secret: {from: "env:HOOK_${each.repo}"}\n'
    (webhook,) = loaded(tmp_path, HEAD + block % "[{repo: api-gateway.v2}]").desired
    assert webhook.secret == SecretSpec(source=SecretRef("env", "HOOK_api_gateway_v2"))
    leak = HEAD + block.replace("h.example/", "h.example/${HOOK_api_gateway}/") % "{repo: [api-gateway, web]}"
    (told,) = said(tmp_path, leak, {"HOOK_api_gateway": "s3cret-s3cret"})
    assert "the variable HOOK_api_gateway is the secret of `ci`" in told or "web" in told


@pytest.mark.parametrize("value", ["x; rm -rf y", "$(id)", "a b", "`id`", "a'b", "a|b", "a&b", "a>b"])
def test_no_row_says_what_a_shell_runs(tmp_path: Path, value: str) -> None:
    """A name that is more than a name is put into no command, whoever listed it."""
    block = BLOCK + '    secret: {from: "cmd:get ${each.name}"}\n'
    (told,) = said(tmp_path, HEAD + block % f'[{{repo: a, name: "{value}"}}]')
    assert "`${each.name}` holds characters that the shell of a command would read" in told


@pytest.mark.parametrize("lists", ["[{repo: a, s: 'env:MINE'}]", "{repo: [a], s: ['env:MINE', 'env:YOURS']}"])
def test_a_variable_that_a_row_names_as_a_secret_is_one(tmp_path: Path, lists: str) -> None:
    """References that stand in rows count as those that stand in the block: nothing else is filled in with them."""
    text = HEAD + "    scope: {owner: '${MINE}'}\n" + BLOCK + '    secret: {from: "${each.s}"}\n'
    first, *_ = said(
        tmp_path, text % (lists.replace("{repo: [a], s", "{repo: [a], by: s, s")), {"MINE": "s3cret-s3cret"}
    )
    assert "the variable MINE is the secret of `ci`, so nothing else is filled in with it" in first


def test_a_scope_is_no_pattern(tmp_path: Path) -> None:
    """`lib-*` is nobody's name, and a vendor would be asked for a repository that is called so."""
    (told,) = said(tmp_path, HEAD + BLOCK % "{repo: ['lib-*']}")
    assert "the scope's `repo` cannot be the pattern" in told


@given(st.lists(st.text("ab*?,", min_size=1, max_size=3), unique=True, max_size=3))
def test_what_rows_may_name_needs_no_rows(values: list[str]) -> None:
    """The values of each key are known without a single combination, and wrong lists have none."""
    assert [*texts_named({"k": values})] == [{"k": values}]
    one_by_one: list[dict[str, object]] = [{"k": (value,)} for value in values]
    assert [*texts_named([{"k": value} for value in values])] == (one_by_one or [{"value": []}])
    assert [*texts_named(5)] == []
