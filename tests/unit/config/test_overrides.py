"""`override`: exceptions from a block, each one line; and defaults that each webhook fills in for itself."""

from pathlib import Path

import pytest

from reconciler.model.secret import SecretRef
from tests.unit.config.fakes import HEAD, loaded, said

BLOCK = """\
webhooks:
  ci:
    for_each: [{repo: api, id: 1}, {repo: web, id: 2}, {repo: lib-a, id: 3}]
    url: https://h.example/${each.repo}
    events: [push]
    status: active
    scope: {owner: acme, repo: "${each.repo}"}
    options: {content_type: json, insecure_ssl: false}
    secret: {from: "env:S"}
    lifecycle: {protect: true, was: [old]}
    override: %s
"""


def test_one_exception_is_one_line(tmp_path: Path) -> None:
    """Scopes, options and lifecycles are merged key by key; all else is replaced, for the named webhook alone."""
    line = "{web: {status: inactive, events: [pull_request], options: {a_int: 5}, lifecycle: {was: [legacy]}}}"
    api, lib, web = loaded(tmp_path, HEAD + BLOCK % line).desired
    assert (web.fields["/status"], web.fields.events) == (
        "inactive",
        frozenset({"pull_request"}),
    )
    assert (web.fields["/options/a_int"], web.fields["/options/content_type"]) == (5, "json")
    assert (web.was, web.protect, web.secret) == (("legacy",), True, api.secret)
    assert (api.fields["/status"], api.fields.events, api.was) == (
        "active",
        frozenset({"push"}),
        ("old[api]",),
    )
    assert api.fields.keys() == lib.fields.keys() == web.fields.keys() - {"/options/a_int"}


@pytest.mark.parametrize("name", ["lib-a", "lib-*", "ci[lib-a]", "ci[l*]", "l?b-a"])
def test_it_is_named_by_its_key_its_name_or_a_glob(tmp_path: Path, name: str) -> None:
    """Brackets are what they are in names, as in --target."""
    found = loaded(tmp_path, HEAD + BLOCK % f'{{"{name}": {{url: "https://h.example/x/${{each.id}}"}}}}').desired
    assert [each.fields.url for each in found] == [
        "https://h.example/api",
        "https://h.example/x/3",
        "https://h.example/web",
    ]


def test_the_last_one_that_fits_wins(tmp_path: Path) -> None:
    """Several are merged in the order written, each over those before it."""
    line = '{"*": {status: inactive, options: {a_int: 1, a_text: all}}, api: {status: active, options: {a_int: 2}}}'
    api, _, web = loaded(tmp_path, HEAD + BLOCK % line).desired
    assert [api.fields["/status"], api.fields["/options/a_int"], api.fields["/options/a_text"]] == ["active", 2, "all"]
    assert [web.fields["/status"], web.fields["/options/a_int"]] == ["inactive", 1]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{wbe: {status: inactive}}", "15:16 `ci` makes no webhook that this override is for; did you mean `web`?"),
        (
            "{'x*': {status: inactive}}",
            "15:16 `ci` makes no webhook that this override is for; there are api, web, lib-a",
        ),
        ("{web: {evnts: [push]}}", "15:22 `evnts` is not known here; did you mean `events`?"),
        ("{web: {events: [psh]}}", "15:31 Git has no event `psh`; did you mean `push`?"),
        ("{web: {options: {content_typ: x}}}", "15:32 Git has no option `content_typ`"),
        ("{web: {lifecycle: {ignore: [statuss]}}}", "15:43 Git has no field `statuss` that could be ignored"),
        ("{web: {secrets: {x: {from: 'env:X'}}}}", "15:32 Git has no secret called `x`"),
        ("{web: {description: x}}", "15:22 Git has no `description`"),
        ("{web: {scope: {rep: x}}}", "15:30 Git has no scope parameter `rep`"),
        ("{web: {status: off}}", "15:30 `status` cannot be 'off'; write active or inactive"),
        ("{web: {url: 'https://h.example/${each.idd}'}}", "15:27 `${each.idd}` has no value here; did you mean `id`?"),
        ("{web: {url: 'https://h.example/${NONE}'}}", "15:27 the variable NONE is not set"),
        ("{web: 5}", "15:21 the override `web` must be a mapping"),
        ("5", "15:15 `override` must be a mapping"),
        ("{web: {for_each: [a]}}", "15:22 `for_each` cannot stand in an override"),
        ("{web: {provider: nobody}}", "15:32 there is no provider `nobody`"),
    ],
)
def test_what_is_wrong_is_told_where_it_is_written(tmp_path: Path, line: str, told: str) -> None:
    """A mistake in an override is one at that line, and nothing else is said of its webhook."""
    (found,) = said(tmp_path, HEAD + BLOCK % line)
    assert found.startswith(f"main.yaml:{told}")


def test_without_for_each_there_is_nothing_to_override(tmp_path: Path) -> None:
    """What belongs into the webhook itself is told so."""
    text = HEAD + "webhooks:\n  a: {url: https://h.example, scope: {org: o}, override: {a: {status: inactive}}}\n"
    (told,) = said(tmp_path, text)
    assert "and there is no `for_each`; write it into the webhook itself" in told


def test_what_is_overridden_need_not_be_filled_in(tmp_path: Path) -> None:
    """A row without a value that only the others need is no mistake where the override says something else."""
    text = (
        HEAD + BLOCK.replace("h.example/${each.repo}", "h.example/${each.path}") % "{web: {url: https://h.example/w}}"
    )
    text = text.replace("id: 1", "path: a").replace("id: 3", "path: c")
    assert [each.fields.url for each in loaded(tmp_path, text).desired] == [
        "https://h.example/a",
        "https://h.example/c",
        "https://h.example/w",
    ]


def test_the_secret_of_an_override_is_a_secret(tmp_path: Path) -> None:
    """It is filled in by the row, and its variable goes nowhere else."""
    line = '{web: {secret: {from: "env:S_${each.repo}"}}}'
    text = HEAD + BLOCK % line
    assert [each.secret.source for each in loaded(tmp_path, text).desired if each.secret] == [
        SecretRef("env", "S"),
        SecretRef("env", "S"),
        SecretRef("env", "S_web"),
    ]
    leak = text.replace("h.example/${each.repo}", "h.example/${S_web}/${each.repo}")
    assert "the variable S_web is the secret of `ci`" in said(tmp_path, leak, {"S_web": "s3cret-s3cret"})[0]


DEFAULTS = """\
defaults:
  status: "${each.status:-active}"
  options: {content_type: json, a_text: "of ${each.repo}"}
  secret: {from: "env:HOOK_${each.repo}"}
"""


def test_defaults_are_filled_in_for_each_webhook(tmp_path: Path) -> None:
    """`${each.KEY}` in the defaults is the row's value, wherever the webhook says nothing else."""
    block = "webhooks:\n  ci:\n    for_each: [{repo: api}, {repo: web, status: inactive}]\n"
    block += "    url: https://h.example\n    scope: {owner: acme, repo: '${each.repo}'}\n"
    block += "    override: {web: {secret: {from: 'env:W'}}}\n"
    api, web = loaded(tmp_path, HEAD + DEFAULTS + block).desired
    assert (api.fields["/status"], web.fields["/status"]) == ("active", "inactive")
    assert (api.fields["/options/a_text"], web.fields["/options/a_text"]) == ("of api", "of web")
    assert (api.fields["/options/content_type"], api.secret and api.secret.source) == (
        "json",
        SecretRef("env", "HOOK_api"),
    )
    assert web.secret is not None
    assert web.secret.source == SecretRef("env", "W")


def test_a_webhook_without_rows_says_for_itself_what_the_defaults_take_from_rows(tmp_path: Path) -> None:
    """Else it is told at the defaults; a default without a row, too, where the webhook has none."""
    plain = "webhooks:\n  a: {url: https://h.example, scope: {org: o}%s}\n"
    found = said(tmp_path, HEAD + DEFAULTS + plain % "")
    assert found == [
        "main.yaml:7:41 `${each.repo}` has no value here; write it in the webhook itself, or ${each.KEY:-default} here",
        "main.yaml:8:18 `${each.repo}` has no value here; write it in the webhook itself, or ${each.KEY:-default} here",
    ]
    own = ", options: {a_text: mine}, secret: {from: 'env:S'}"
    (webhook,) = loaded(tmp_path, HEAD + DEFAULTS + plain % own).desired
    assert webhook.fields["/options/a_text"] == "mine"


def test_a_mistake_in_such_a_default_is_told_there(tmp_path: Path) -> None:
    """Once, however many webhooks it spoils."""
    text = HEAD + DEFAULTS.replace(":-active", ":-off") + BLOCK % "{}"
    text = text.replace("    status: active\n", "")
    (told,) = said(tmp_path, text)
    assert told.startswith("main.yaml:6:11 `status` cannot be")
