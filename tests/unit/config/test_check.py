"""What is wrong with a webhook, said where it stands and with the way out."""

from pathlib import Path

import pytest

from tests.unit.config.fakes import HEAD, loaded, said

GIT = "version: 1\nproviders: {git: {auth: {token: env:T}}}\nwebhooks:\n  a:\n    url: https://h.example/x\n"
SCOPE = "    scope: {owner: acme, repo: api}\n"
SOLO = (
    "version: 1\nproviders: {solo: {base_url: https://solo.example, auth: {token: env:T}}}\n"
    "webhooks:\n  a:\n    url: https://h.example/x\n"
)
FAN = "version: 1\nproviders: {fan: {auth: {token: env:T}}}\nwebhooks:\n  a:\n    url: https://h.example/x\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            GIT + SCOPE + "    description: x\n",
            "main.yaml:7:5 Git has no `description`; its hooks have no text for people",
        ),
        (SOLO + "    status: active\n", "main.yaml:6:5 Solo has no `status`; it is always on"),
        (SOLO + "    options: {x: 1}\n", "main.yaml:6:15 Solo has no option `x`; it has no options: leave it out"),
        (
            GIT + SCOPE + "    options: {contnt_type: json}\n",
            "main.yaml:7:15 Git has no option `contnt_type`; did you mean `content_type`?",
        ),
        (
            GIT + SCOPE + "    events: [push, pull_requst]\n",
            "main.yaml:7:20 Git has no event `pull_requst`; did you mean `pull_request`?",
        ),
        (
            GIT + SCOPE + "    events: []\n",
            "main.yaml:7:5 `events` must not be empty; leave it out, or give it something",
        ),
        (
            GIT + SCOPE + "    events: push\n",
            "main.yaml:7:13 `events` must be a list; write [ONE, TWO], or each on a line of its own behind `- `",
        ),
        (GIT + SCOPE + "    status: on\n", "main.yaml:7:13 `status` cannot be 'on'; write active or inactive"),
        (GIT + SCOPE + "    evnts: [push]\n", "main.yaml:7:5 `evnts` is not known here; did you mean `events`?"),
        (
            GIT + SCOPE + "    lifecycle: {protekt: true}\n",
            "main.yaml:7:17 `protekt` is not known here; did you mean `protect`?",
        ),
        (
            GIT + SCOPE + "    lifecycle: {protect: yes}\n",
            "main.yaml:7:26 `lifecycle.protect` must be true or false; without quotes",
        ),
        (GIT, "main.yaml:4:3 the scope of `a` lacks org; Git takes {owner, repo} or {org}"),
        (
            GIT + "    scope: {owner: acme}\n",
            "main.yaml:6:5 the scope of `a` lacks repo; Git takes {owner, repo} or {org}",
        ),
        (
            GIT + "    scope: {owner: acme, rep: x}\n",
            "main.yaml:6:26 Git has no scope parameter `rep`; did you mean `repo`?",
        ),
        (
            GIT + "    scope: {org: o, repo: r}\n",
            "main.yaml:6:5 the scope of `a` cannot be {org, repo}; Git takes {owner, repo} or {org}",
        ),
        (
            GIT + "    scope: {org: ..}\n",
            "main.yaml:6:18 the scope's `org` cannot be '..'; it becomes part of an address",
        ),
        (
            SOLO + "    scope: {org: o}\n",
            "main.yaml:6:13 Solo has no scope parameter `org`; it has no scope: leave it out",
        ),
        (GIT + SCOPE + "    provider: gti\n", "main.yaml:7:15 there is no provider `gti`; did you mean `git`?"),
        (
            GIT + SCOPE + "    secret: {to: 'file:x'}\n",
            "main.yaml:7:5 Git issues no secrets, so there is none to store; "
            "write {from: REF}, or {generate: 32, to: SINK} to have one made",
        ),
        (
            GIT + SCOPE + "    secret: {generate: 64, to: 'file:x'}\n",
            "main.yaml:7:24 Git takes secrets of 64 characters at most; 64 bytes need 86; "
            "write {generate: 48, to: SINK}",
        ),
        (
            SOLO + "    secret: {from: env:S}\n",
            "main.yaml:6:5 Solo issues the secret itself and takes none; write {to: SINK}",
        ),
        (
            FAN + "    events: [paid]\n    secret: {from: env:S}\n",
            "main.yaml:7:5 Fan has one secret for the account; the account's key signs",
        ),
        (
            GIT + SCOPE + "    secret: hunter2hunter2\n",
            "main.yaml:7:13 `secret` must be a mapping, never the secret itself; "
            "write {from: REF}, {to: SINK} or {generate: BYTES, to: SINK}",
        ),
        (
            GIT.replace("https://h.example/x", "null") + SCOPE,
            "main.yaml:5:10 `url` has no value; give it one, or leave the line out: null is not allowed",
        ),
        (
            GIT.replace("  a:", '  "${A}":') + SCOPE,
            "main.yaml:4:3 '${A}' cannot be a name; "
            "use 1 to 128 characters without brackets, variables, control characters and spaces at the ends",
        ),
    ],
)
def test_what_a_vendor_cannot_do_is_refused_with_the_reason(tmp_path: Path, text: str, told: str) -> None:
    """Each mistake is one problem at its place, and says what would be right."""
    assert said(tmp_path, text) == [told]


@pytest.mark.parametrize(
    "url",
    [
        "hooks.example/x",
        "ftp://h.example",
        "https://",
        "https:///x",
        "https://h.example/a b",
        "https://h.example/\u202ex",
        '"https://h.example/\\n"',
        "https://h.example:99999/",
        "https://h.example:0/",
        "https://h..example/",
        "https://*.example/",
        "https://evil.com<.h.example/",
        "https://h.example\\x",
        "https://[::1",
        "'https://h.example/#part'",
        "''",
    ],
)
def test_urls_that_lead_nowhere_are_refused(tmp_path: Path, url: str) -> None:
    """A webhook's URL must be absolute, http or https, and hold nothing that cannot be seen."""
    (told,) = said(tmp_path, GIT.replace("https://h.example/x", url) + SCOPE)
    assert told.startswith("main.yaml:5:10 `url` ")


@pytest.mark.parametrize(
    "url",
    [
        "https://h.example",
        "http://127.0.0.1:8080/x?y=%20z&t",
        "HTTPS://U:P@H.example/é",
        "https://[::1]:1/",
        "https://münchen.example",
    ],
)
def test_ordinary_urls_are_taken_as_written(tmp_path: Path, url: str) -> None:
    """What a vendor could call is not second-guessed."""
    assert loaded(tmp_path, GIT.replace("https://h.example/x", url) + SCOPE).desired[0].fields.url == url


def hooks(*lines: str, head: str = HEAD) -> str:
    """A file with these webhooks."""
    return head + "webhooks:\n" + "".join(f"  {line}\n" for line in lines)


def test_two_entries_for_one_remote_webhook_show_both_places(tmp_path: Path) -> None:
    """The same URL in the same scope of the same account is one remote webhook."""
    same = "{url: 'https://h.example/?k=hidden', scope: {org: o}}"
    (told,) = said(tmp_path, hooks(f"a: {same}", f"b: {same}"))
    assert told.startswith("main.yaml:7:3 `b` and `a` mean the same remote webhook (the same url in the same scope")
    assert "the other at main.yaml:6:3" in told
    assert "hidden" not in told


def test_a_scope_is_the_same_whoever_asks(tmp_path: Path) -> None:
    """One URL may be used in two scopes; in one scope it is one webhook, also with other credentials."""
    head = (
        HEAD
        + "  two: {type: git, auth: {token: env:OTHER}}\n"
        + "  three: {type: git, base_url: 'https://API.git.example/', auth: {token: env:T}}\n"
    )
    hook = "url: https://h.example, scope: {org: o}"
    fine = hooks(
        f"a: {{provider: git, {hook}}}",
        f"c: {{provider: git, {hook.replace(': o', ': p')}}}",
        head=head,
    )
    assert said(tmp_path, fine) == []
    for other in ("two", "three"):
        (told,) = said(tmp_path, hooks(f"a: {{provider: git, {hook}}}", f"b: {{provider: {other}, {hook}}}", head=head))
        assert "mean the same remote webhook" in told


@pytest.mark.parametrize(
    "wrong",
    [
        "scope: {owner: o}",
        "scope: {orgg: o}",
        "scope: {org: '${UNSET}'}",
        "scope: {org: ''}",
        "scope: {org: o, repo: r}",
        "scope: {owner: o, repo: o/r}",
        "scope: {org: o}, url: '${UNSET}/x'",
    ],
)
def test_a_webhook_whose_place_is_wrong_is_not_also_another(tmp_path: Path, wrong: str) -> None:
    """Where the scope or the URL is a mistake, nobody knows which remote webhook is meant, and nothing is claimed."""
    block = "{url: 'https://h.example', %s}" if "url:" not in wrong else "{%s}"
    text = hooks("a: " + block % wrong, "b: " + block % wrong.replace("o'", "p'"))
    told = said(tmp_path, text)
    assert told
    assert not [words for words in told if "same remote webhook" in words]


def test_a_provider_without_an_address_makes_nobody_the_same(tmp_path: Path) -> None:
    """Two accounts whose base URLs are wrong are not one account."""
    head = HEAD + "  s1: {type: solo, auth: {token: env:T}}\n  s2: {type: solo, auth: {token: env:T}}\n"
    told = said(
        tmp_path,
        hooks(*(f"{name}: {{provider: {name}, url: 'https://h.example'}}" for name in ("s1", "s2")), head=head),
    )
    assert [words for words in told if "`base_url` is missing" in words] == told


@pytest.mark.parametrize("scope", ["{repo: acme/api}", "{owner: acme, repo: acme/api}", "{owner: acme/api}"])
def test_an_owner_and_what_it_owns_are_two_words(tmp_path: Path, scope: str) -> None:
    """`repo: acme/api` is refused with what to write, in the webhook and in the provider, and nothing else is said."""
    (told,) = said(tmp_path, GIT + f"    scope: {scope}\n")
    assert "cannot be 'acme/api'" in told
    assert told.endswith("write {owner: acme, repo: api}")
    (again,) = said(tmp_path, GIT.replace("auth:", f"scope: {scope}, auth:") + "    scope: {org: o}\n")
    assert again.endswith("write {owner: acme, repo: api}")


def test_an_account_with_one_webhook_takes_one_entry(tmp_path: Path) -> None:
    """Two entries for a singleton vendor's account are refused, whatever their URLs."""
    (told,) = said(tmp_path, SOLO + "  b:\n    url: https://h.example/y\n")
    assert "Solo has one webhook for an account" in told


def test_shared_events_of_one_url_clash_where_each_event_is_an_object(tmp_path: Path) -> None:
    """At a vendor with one object for each event, two entries may share a URL but no event."""
    text = FAN + "    events: [x, y]\n  b: {url: https://h.example/x, events: [%s]}\n"
    assert said(tmp_path, text % "z") == []
    assert len(said(tmp_path, text % "x, y")) == 1


def test_earlier_names_must_be_free_and_claimed_once(tmp_path: Path) -> None:
    """A `was:` that is still a webhook, or that two webhooks claim, is refused with both places."""
    url = "url: 'https://h.example/%s', scope: {org: o}, lifecycle: {was: [%s]}"
    told = said(tmp_path, hooks(f"a: {{{url % (1, 'b')}}}", f"b: {{{url % (2, 'old')}}}", f"c: {{{url % (3, 'old')}}}"))
    assert [line.split(";")[0] for line in told] == [
        "main.yaml:6:70 `a` cannot have been `b`, which is still a webhook at main.yaml:7:3",
        "main.yaml:8:70 `c` and `b` both claim to have been `old`",
    ]


def test_two_secrets_cannot_be_stored_in_one_place(tmp_path: Path) -> None:
    """Webhooks that would overwrite each other's secret are refused; a for_each can tell them apart."""
    text = (
        HEAD + "webhooks:\n  a:\n    for_each: [x, y]\n    url: https://h.example\n"
        "    scope: {org: '${each.value}'}\n    secret: {generate: 32, to: 'file:s/%s'}\n"
    )
    assert "store their secrets in the same place" in said(tmp_path, text % "all")[0]
    assert said(tmp_path, text % "${each.value}") == []


def test_a_mistake_in_a_for_each_is_told_once(tmp_path: Path) -> None:
    """However many webhooks it spoils."""
    text = (
        HEAD + "webhooks:\n  a:\n    for_each: [x, y]\n    url: https://h.example\n"
        "    scope: {org: '${each.value}'}\n    events: [psh]\n"
    )
    assert said(tmp_path, text) == ["main.yaml:10:14 Git has no event `psh`; did you mean `push`?"]


@pytest.mark.parametrize("name", ["'a[b]'", '"a\\tb"', '"a\\nb"', "''", "' a'", "'a '", "x" * 129])
def test_names_that_would_confuse_are_refused(tmp_path: Path, name: str) -> None:
    """Brackets belong to for_each; control characters, edges of space and endless names to nobody."""
    (told,) = said(tmp_path, hooks(f"{name}: {{url: https://h.example, scope: {{org: o}}}}"))
    assert told.startswith("main.yaml:6:3 ")
    assert "cannot be a name" in told


def test_one_mistake_hides_no_other(tmp_path: Path) -> None:
    """A secret in the wrong place, a `for_each` that cannot be read: the rest of the webhook is still told."""
    text = (
        HEAD
        + "webhooks:\n  a:\n    url: ftp://x\n    scope: {org: o}\n    secret: {from: hunter2}\n    events: [psh]\n"
        "  b:\n    for_each: 5\n    url: https://h.example/${each.value}\n    colour: red\n"
    )
    assert [line.split(";")[0] for line in said(tmp_path, text)] == [
        "main.yaml:7:10 `url` is not an absolute http(s) URL",
        "main.yaml:9:20 `secret.from` is not a secret reference",
        "main.yaml:10:14 Git has no event `psh`",
        "main.yaml:12:15 `for_each` must be a list of values or of rows, or keys with lists",
        "main.yaml:14:5 `colour` is not known here",
    ]


def test_a_default_must_be_right_where_the_vendor_has_the_option(tmp_path: Path) -> None:
    """An option that the vendor does not have is skipped; one that it has, with a value it does not take, is told."""
    text = (
        HEAD + "defaults: {options: {a_bool: maybe, colour: red}}\n"
        "webhooks:\n  a: {url: https://h.example, scope: {org: o}}\n"
    )
    assert said(tmp_path, text) == ["main.yaml:5:30 `a_bool` must be true or false; Git takes nothing else there"]


NAMED = "version: 1\nproviders: {named: {auth: {token: env:T}}}\nwebhooks:\n  a:\n    url: https://h.example/x\n"


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        (NAMED, "`options.name`, no `description`"),
        (NAMED + "    description: x\n", "`options.name`"),
        (NAMED + "    description: x\n    options: {name: ''}\n", "`options.name`"),
        (NAMED + "    description: ''\n    options: {name: x}\n", ""),
    ],
)
def test_a_webhook_has_what_tells_it_apart(text: str, lacking: str, tmp_path: Path) -> None:
    """A file whose webhook lacks a part of the key would, after a lost answer or lock, make it a second time."""
    hint = "give it one: by url and options.name and description it is found again if its lock or an answer is lost"
    told = [f"main.yaml:4:3 `a` has no {lacking}; Named needs it to tell webhooks apart; {hint}"] if lacking else []
    assert said(tmp_path, text) == told
