"""From what is written to what is desired: texts, defaults, for_each, scopes, providers."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.config.layered import merged
from reconciler.model.secret import SecretRef, SecretSpec
from reconciler.model.webhook import Fields, Leaf, Source
from tests.unit.config.fakes import HEAD, HOOK, loaded, said

FULL = """\
version: 1
providers:
  git:
    auth: {token: env:T}
    scope: {owner: acme}
  solo: {base_url: "https://SOLO.example:443/api/"}
defaults:
  provider: git
  status: active
  options: {content_type: json}
  secret: {from: env:S}
webhooks:
  plain:
    url: https://h.example/plain
    scope: {repo: api}
    events: [push, push, pull_request]
    options: {insecure_ssl: false}
    lifecycle: {protect: true, was: [old]}
  account:
    provider: solo
    url: https://h.example/account
    secret: {to: "file:./s"}
"""


def test_everything_written_arrives(tmp_path: Path) -> None:
    """Fields, scope, secret, protection, earlier names and the place of a webhook are as the file says."""
    account, plain = loaded(tmp_path, FULL).desired
    expected: dict[str, Leaf] = {
        "/url": "https://h.example/plain",
        "/events": frozenset({"push", "pull_request"}),
        "/status": "active",
        "/options/content_type": "json",
        "/options/insecure_ssl": False,
    }
    assert plain.fields == Fields(expected)
    assert (plain.name, plain.provider, plain.type, plain.account) == ("plain", "git", "git", "https://api.git.example")
    assert plain.scope == (("owner", "acme"), ("repo", "api"))
    assert plain.secret == SecretSpec(source=SecretRef("env", "S"))
    assert (plain.protect, plain.was, plain.source.path) == (True, ("old",), ("webhooks", "plain"))
    assert account.account == "https://solo.example/api"
    assert account.secret == SecretSpec(sink=SecretRef("file", "./s"))


def test_defaults_that_a_vendor_does_not_have_are_skipped(tmp_path: Path) -> None:
    """A default status or option is no error at a vendor without it; it is simply not managed there."""
    assert loaded(tmp_path, FULL).desired[0].fields == Fields({"/url": "https://h.example/account"})


def test_a_default_secret_is_skipped_where_there_is_none(tmp_path: Path) -> None:
    """The secret of the defaults does not reach a vendor whose webhooks have no secret of their own."""
    text = (
        "version: 1\nproviders: {fan: {auth: {token: env:T}}}\ndefaults: {secret: {from: env:S}}\n"
        "webhooks: {a: {url: https://h.example, events: [paid]}}"
    )
    assert loaded(tmp_path, text).desired[0].secret is None


@pytest.mark.parametrize("lists", ["[]", "{repo: []}", "{repo: [], stage: [a]}"])
def test_a_for_each_over_nothing_makes_no_webhook(tmp_path: Path, lists: str) -> None:
    """A list that is empty for now leaves the block in the file."""
    assert (
        loaded(tmp_path, HEAD + f"webhooks:\n  ci:\n    for_each: {lists}\n    url: https://h.example\n").desired == ()
    )


@pytest.mark.parametrize(("written", "protected"), [("True", True), ("TRUE", True), ("False", False), ("FALSE", False)])
def test_booleans_may_have_capitals(tmp_path: Path, written: str, protected: bool) -> None:
    """YAML has them so; where a boolean belongs, they are one."""
    more = f", lifecycle: {{protect: {written}}}, options: {{insecure_ssl: {written}}}}}"
    (webhook,) = loaded(tmp_path, HEAD + "webhooks:\n  a: " + HOOK.removesuffix("}") + more).desired
    assert webhook.protect is protected
    assert webhook.fields["/options/insecure_ssl"] is protected


@pytest.mark.parametrize(
    "written", ["0123", "on", "yes", "1.10", "true", "12", "1.5", "2024-01-01", "'0123'", '"on"', "True", "FALSE"]
)
def test_text_fields_take_scalars_as_written(tmp_path: Path, written: str) -> None:
    """A description is the text that stands in the file, quoted or not; so are scopes and names."""
    text = (
        "version: 1\nproviders: {fan: {auth: {token: env:T}}, git: {auth: {token: env:T}}}\nwebhooks:\n"
        f"  1: {{provider: fan, url: https://h.example, events: [paid], description: {written}}}\n"
        f"  2: {{provider: git, url: https://h.example, scope: {{org: {written}}}}}\n"
    )
    first, second = loaded(tmp_path, text).desired
    assert first.fields["/description"] == written.strip("'\"")
    assert second.scope == (("org", written.strip("'\"")),)


def test_for_each_makes_one_webhook_for_each_value(tmp_path: Path) -> None:
    """`ci` with two repositories is `ci[api]` and `ci[web]`, each with its own value filled in."""
    text = HEAD + (
        "webhooks:\n  ci:\n    for_each: {repo: [api, web]}\n    url: https://h.example/${each.repo}\n"
        "    scope: {owner: acme, repo: '${each.repo}'}\n    lifecycle: {was: ['old-${each.repo}']}\n"
    )
    found = loaded(tmp_path, text).desired
    assert [each.name for each in found] == ["ci[api]", "ci[web]"]
    assert [each.fields.url for each in found] == ["https://h.example/api", "https://h.example/web"]
    assert [dict(each.scope)["repo"] for each in found] == ["api", "web"]
    assert [each.was for each in found] == [("old-api",), ("old-web",)]


def test_for_each_with_several_keys_makes_every_combination(tmp_path: Path) -> None:
    """Names list the values in the order of the keys."""
    text = HEAD + (
        "webhooks:\n  ci:\n    for_each: {repo: [api, web], stage: [1, 2]}\n    url: https://h.example/${each.stage}\n"
        "    scope: {owner: acme, repo: '${each.repo}'}\n"
    )
    assert [each.name for each in loaded(tmp_path, text).desired] == [
        "ci[api,1]",
        "ci[api,2]",
        "ci[web,1]",
        "ci[web,2]",
    ]


@pytest.mark.parametrize("lists", ["{}", "{repo: api}", "[a, a]", "['a]']", "['a,b']", "[[a]]", "x"])
def test_a_for_each_without_clear_names_is_refused(tmp_path: Path, lists: str) -> None:
    """Lists without a key, repeated values, and values that would make names unclear are problems at the for_each."""
    (told,) = said(tmp_path, HEAD + f"webhooks:\n  ci:\n    for_each: {lists}\n    url: https://h.example\n")
    assert told.startswith("main.yaml:7:")
    assert "`for_each`" in told


def test_the_only_provider_need_not_be_named(tmp_path: Path) -> None:
    """With one provider a webhook may leave it out; with two it must say which."""
    assert loaded(tmp_path, HEAD + f"webhooks: {{a: {HOOK}}}").desired[0].provider == "git"
    two = HEAD + f"  g2: {{type: git, auth: {{token: env:T2}}}}\nwebhooks: {{a: {HOOK}}}"
    assert "`a` names no provider; write one of g2, git" in said(tmp_path, two)[0]


def test_scope_parameters_of_the_provider_give_way(tmp_path: Path) -> None:
    """A webhook that names another kind of scope is not disturbed by its provider's parameters."""
    text = HEAD + "    scope: {owner: acme}\nwebhooks: {a: {url: https://h.example, scope: {org: o}}}"
    assert loaded(tmp_path, text).desired[0].scope == (("org", "o"),)


NOWHERE = Source("", ())
BLOCKS = FULL.split("defaults:", maxsplit=1)[0].split("\n", maxsplit=1)
trees = st.recursive(
    st.integers(), lambda inner: st.dictionaries(st.sampled_from(["options", "scope", "a", "b"]), inner, max_size=3)
).filter(lambda tree: isinstance(tree, dict))


@given(trees, trees)
def test_merging_lets_the_webhook_win(own: dict[str, object], defaults: dict[str, object]) -> None:
    """Nothing written in a webhook is lost to a default, and merging again changes nothing."""
    once = merged(own, defaults)
    assert merged(once, defaults) == once
    assert once.keys() == own.keys() | defaults.keys()
    assert all(once[key] == value for key, value in own.items() if not isinstance(value, dict))
    assert merged(own, {}) == own


@settings(max_examples=30)
@given(st.permutations(BLOCKS), st.permutations(range(3)))
def test_order_means_nothing(tmp_path_factory: pytest.TempPathFactory, blocks: list[str], order: list[int]) -> None:
    """Sections, webhooks and files in any order describe the same webhooks."""
    folder = tmp_path_factory.mktemp("order")
    hooks = [f"  h{n}: {{url: 'https://h.example/{n}', provider: git, scope: {{repo: r}}}}\n" for n in range(3)]
    one = "\n".join(blocks) + "\nwebhooks:\n" + "".join(hooks[n] for n in order)
    split = "\n".join(blocks) + f"\nwebhooks:\n{hooks[order[0]]}"
    rest = "version: 1\nwebhooks:\n" + hooks[order[1]] + hooks[order[2]]
    plain = [each._replace(source=NOWHERE) for each in loaded(folder, one).desired]
    assert [each.name for each in plain] == ["h0", "h1", "h2"]
    assert [each._replace(source=NOWHERE) for each in loaded(folder, split, b=rest).desired] == plain
    reference = "\n".join(BLOCKS) + "\nwebhooks:\n" + "".join(hooks)
    assert [each._replace(source=NOWHERE) for each in loaded(folder, reference).desired] == plain


@pytest.mark.parametrize(
    ("kind", "written", "leaf"),
    [
        ("text", "12", "12"),
        ("text", "True", "True"),
        ("bool", "True", True),
        ("bool", "'${B}'", True),
        ("int", "5", 5),
        ("int", "'${N}'", 7),
        ("number", "5.5", 5.5),
        ("number", "1e3", 1000.0),
        ("list", "[a, 1]", ("a", 1)),
    ],
)
def test_options_are_what_the_manifest_says(tmp_path: Path, kind: str, written: str, leaf: Leaf) -> None:
    """Also where a variable, which is always text, gave the value."""
    text = HEAD + "webhooks:\n  a: " + HOOK.removesuffix("}") + f", options: {{a_{kind}: {written}}}}}"
    (webhook,) = loaded(tmp_path, text, {"N": "7", "B": "true"}).desired
    found = webhook.fields[f"/options/a_{kind}"]
    assert (found, type(found)) == (leaf, type(leaf))


@pytest.mark.parametrize(
    ("kind", "written", "told"),
    [
        ("text", "[a]", "must be a text"),
        ("bool", "yes", "must be true or false"),
        ("int", "abc", "must be a whole number"),
        ("int", "5.5", "must be a whole number"),
        ("int", "true", "must be a whole number"),
        ("number", "fast", "must be a number"),
        ("list", "a", "must be a list of single values"),
    ],
)
def test_options_of_another_kind_are_refused(tmp_path: Path, kind: str, written: str, told: str) -> None:
    """What the vendor could not take is told when the file is read."""
    text = HEAD + "webhooks:\n  a: " + HOOK.removesuffix("}") + f", options: {{a_{kind}: {written}}}}}"
    (problem,) = said(tmp_path, text)
    assert f"`a_{kind}` {told}; Git takes nothing else there" in problem


def test_the_one_webhook_of_a_for_each_may_have_been_a_plain_one(tmp_path: Path) -> None:
    """A former name means the instance of a block, or, where there is only one, what stood alone before."""
    block = (
        "webhooks:\n  ci: {for_each: %s, url: 'https://h.example/${each.value}', scope: {org: o}, "
        "lifecycle: {was: [old]}}"
    )
    (alone,) = loaded(tmp_path, HEAD + block % "[a]").desired
    assert alone.was == ("old[a]", "old")
    assert [each.was for each in loaded(tmp_path, HEAD + block % "[a, b]").desired] == [("old[a]",), ("old[b]",)]


def test_a_default_secret_reaches_the_vendors_that_have_such_ones(tmp_path: Path) -> None:
    """A secret of ours is no default where the vendor issues its own; written in the webhook it is a mistake."""
    text = (
        "version: 1\nproviders:\n  git: {auth: {token: env:T}}\n"
        "  solo: {base_url: https://solo.example, auth: {token: env:T}}\n"
        "defaults: {secret: {from: env:S}}\nwebhooks:\n"
        "  a: {provider: git, url: https://h.example, scope: {org: o}}\n  b: {provider: solo, url: https://h.example%s}\n"
    )
    first, second = loaded(tmp_path, text % "").desired
    assert first.secret is not None
    assert second.secret is None
    assert "takes none" in said(tmp_path, text % ", secret: {from: env:S}")[0]
