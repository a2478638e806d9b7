"""What `providers check` refuses although it is well-formed: each kind of mistake, with its place and the way out.

Each row changes a manifest that is sound, so that only what was changed can be wrong with it.
"""

import re
from pathlib import Path

import pytest

from reconciler.document import load
from reconciler.errors import ConfigError, Problem
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.language.sound import ABOUT_EXAMPLES, ALWAYS, Rule
from reconciler.providers.registry import builtin_names, parse

SHAPES = Path(__file__).parent / "shapes"
BUILTIN = Path(__file__).parents[2] / "reconciler" / "providers" / "builtin"


def text_of(name: str) -> str:
    """A manifest that is sound."""
    return (BUILTIN if name in builtin_names() else SHAPES).joinpath(f"{name}.yaml").read_text("utf-8")


def changed(name: str, old: str, new: str) -> str:
    """That manifest with one text of it replaced, where it stands first."""
    text = text_of(name)
    assert old in text
    return text.replace(old, new, 1)


def problems_in(text: str) -> tuple[Problem, ...]:
    """What is wrong with a manifest."""
    with pytest.raises(ConfigError) as caught:
        parse(text.encode(), "own.yaml")
    return caught.value.problems


def place_in(text: str, at: str) -> str:
    """Where a text stands first, as messages name places."""
    before = text[: text.index(at)]
    return f"own.yaml:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


TARGETS = [
    (
        "guild",
        'topics: {path: "/hooks/{id}/topics"',
        "topics: {path: /topics",
        "/topics, items",
        "shows a list of",
        "`{id}`",
    ),
    (
        "flags",
        "identity: {id: id}",
        "identity: {fixed: one}",
        "list\n    path: /hooks",
        "is the same for all",
        "`how: singleton`",
    ),
    # a delete without an id would take everybody's webhooks away
    (
        "flags",
        '{how: delete, path: "/hooks/{id}"',
        "{how: delete, path: /hooks",
        "/hooks, gone",
        "names no webhook",
        "{id}",
    ),
    (
        "flags",
        "path: /hooks/{id}\n    always",
        "path: /hooks\n    always",
        "/hooks\n    always",
        "names no webhook",
        "{id}",
    ),
    (
        "flags",
        '{how: delete, path: "/hooks/{id}"',
        "{how: delete, path: /hooks, whole_place: true",
        "true, gone",
        "only one",
        "",
    ),
    ("flags", "always: [/url]", "always: [/url]\n    whole_place: true", "whole_place", "need no `{id}`", "leave"),
    (
        "keysafe",
        "path: /endpoints/{id}/secret/rotate",
        "path: /endpoints/rotate",
        "/endpoints/rotate",
        "names no webhook",
        "{id}",
    ),
    (
        "keysafe",
        'path: "/endpoints/{id}/secret", value',
        'path: "/endpoints/secret", value',
        '"/endpoints/secret"',
        "no webhook",
        "{id}",
    ),
    (
        "mute",
        '{how: by_id, path: "/hooks/{id}"}',
        "{how: by_id, path: /hooks}",
        "/hooks}\nidentity",
        "does not say which",
        "{id}",
    ),
    ("github", "one: /hooks/{id}", "one: /hooks", "/hooks\n\nidentity", "does not say which", "{id}"),
    (
        "cryptofuse",
        "    whole_place: true  # an account has one webhook\n",
        "",
        "/user/webhooks/\n    covers",
        "no webhook",
        "whole_place",
    ),
    (
        "cryptofuse",
        "    ok: [200, 201]\n",
        "    ok: [200, 201]\n    whole_place: true\n",
        "whole_place",
        "need no",
        "leave",
    ),
]
LIST = (
    "discover:\n  places: {about: places, fills: project, needs: [team], path: '/teams/{team}/projects', value: id}\n"
)
PATHS = [
    (
        "flags",
        "read:\n",
        LIST.replace("fills: project", "fills: projects") + "read:\n",
        "projects, needs",
        "`projects` is no parameter of a scope",
        "did you mean `project`?",
    ),
    (
        "flags",
        "read:\n",
        LIST.replace("needs: [team]", "needs: [team, project]") + "read:\n",
        "needs: [team, project]",
        "`project` is what this list is asked for",
        "a name of its own",
    ),
    (
        "flags",
        "read:\n",
        LIST.replace("{team}", "{tem}") + "read:\n",
        "'/teams/{tem}",
        "`{tem}` is no variable here",
        "did you mean `team`?",
    ),
    (
        "flags",
        "read:\n",
        LIST.replace("/{team}/", "/") + "read:\n",
        "team], path",
        "`team` is needed, and no path",
        "write `{team}`",
    ),
    (
        "flags",
        "read:\n",
        LIST.replace("/projects'", "/../projects'") + "read:\n",
        "'/teams/{team}/../projects'",
        "is `.` or `..`",
        "the path that is meant",
    ),
    (
        "flags",
        "- path: /projects/{project}",
        "- path: /projects/{project}\n    names: [team]",
        "team]",
        "no call names `team`",
        "`{team}`",
    ),
    (
        "discord-events",
        "\nread:",
        "\nscope: [{lists: {of: '{team}'}}]\nread:",
        "lists: {of",
        "no read of this manifest lists",
        "`query`",
    ),
    (
        "flags",
        "- path: /projects/{project}",
        "- path: /projects/{id}",
        "path: /projects/{id}",
        "called `id`",
        "another name",
    ),
    (
        "mute",
        "base_url",
        "scope: [{path: '/a/{list}'}]\nbase_url",
        "{path: '/a",
        "called `list`, as a setting",
        "another name",
    ),
    (
        "mute",
        "  list: {default: true",
        "  id: {default: x, about: x}\n  list: {default: true",
        "id: {default",
        "own id",
        "another name",
    ),
    (
        "flags",
        "path: /hooks/{id}\n",
        "path: /hooks/{id}/{idd}\n",
        "/hooks/{id}/{idd}",
        "`{idd}` is no variable",
        "did you mean `id`?",
    ),
    (
        "flags",
        "path: /hooks\n    query: {order: id}",
        "path: /hooks/{team}\n    query: {order: id}",
        "/hooks/{team}",
        "`{team}`",
        "project",
    ),
    ("flags", "query: {order: id}", 'query: {order: "{ordr}"}', '"{ordr}"', "`{ordr}` is no variable", "project"),
    (
        "flags",
        "path: /hooks\nupdate",
        "path: /hooks/{id}\nupdate",
        "/hooks/{id}\nupdate",
        "not known to `create`",
        "take `{id}` out",
    ),
    (
        "flags",
        "path: /hooks\n    query",
        "path: /hooks/{id}\n    query",
        "/hooks/{id}\n    query",
        "not known to a list",
        "take `{id}` out",
    ),
    (
        "github",
        "path: /hooks/{id}/config",
        "path: /hooks/{id}/{org}",
        "/hooks/{id}/{org}",
        "no parameter of `scope[0]`",
        "its own `path`",
    ),
    ("github", "account: {path: /user", 'account: {path: "/user/{org}"', '"/user/{org}"', "`{org}` is no variable", ""),
    ("github", "path: /orgs/{org}", "path: /orgs/%2e%2E/{org}", "/orgs/%2e", "`.` or `..`", "that is meant"),
    ("flags", "path: /hooks/{id}\n", "path: /hooks/../{id}\n", "/hooks/../", "`.` or `..`", "that is meant"),
    (
        "github",
        "  - path: /orgs/{org}",
        "  - path: /elsewhere/{repo}/{owner}\n  - path: /orgs/{org}",
        "path: /elsewhere",
        "same parameters",
        "",
    ),
    (
        "wrapped",
        "path: /v1/hooks\n",
        'path: /v1/hooks\n    query: {workspace: "1"}\n',
        '"1"',
        "the scope's `query`",
        "one of the two",
    ),
]
FIELDS = [
    ("mute", "write: /text}", "write: /state}", "/state}\noptions", "the same place", "place of its own"),
    ("mute", "write: /note}", "write: /text/note}", "/text/note", "inside description's `/text`", "place of its own"),
    (
        "mute",
        "write: /text}",
        "write: /note/text}",
        "/note}\nsecret",
        "above description's `/note/text`",
        "place of its own",
    ),
    ("mute", "write: /secret\n", "write: /note\n", "/note\n", "the secret is written to `/note`", "place of its own"),
    (
        "coinbase-payments",
        "write: /identifier}",
        "write: /url}",
        "/url}\n",
        "the mark is written to `/url`",
        "place of its own",
    ),
    ("wrapped", "/team:", "/target:", '"{workspace}"}\nread', "a part of the scope", "place of its own"),
    (
        "flags",
        "write: /enable_ssl_verification",
        "write: /push_events",
        "/push_events",
        "the same place",
        "place of its own",
    ),
    ("mute", "write: /text}", 'write: ""}', '""}', "empty pointer", "`/key`"),
    (
        "letterhead",
        "{path: /hooks, fixed: {/headers:",
        '{path: /hooks, fixed: {"": 1, /headers:',
        "1, /headers",
        "empty pointer",
        "an object",
    ),
    (
        "signet",
        "{read: name, write: /name}",
        "{read: signature_key, write: /name}",
        "signature_key, write",
        "where the secret stands",
        "",
    ),
    (
        "mute",
        "values: {active: up, inactive: down}",
        "values: {active: up, paused: down}",
        "paused",
        "not `paused`",
        "our word first",
    ),
    (
        "mute",
        "initially: active",
        "initially: on",
        "on}\n  description",
        "`on` is none of `active`, `inactive`",
        "one of them",
    ),
    ("github", "default: form", "default: frm", "frm", "`frm` is none of `json`, `form`", "one of them"),
    ("flags", "type: bool, default: true", 'type: bool, default: "yes"', '"yes"', "`yes` is no true or false", ""),
    ("github", 'also: {"0": [0', 'also: {"2": [0', '"2": [0', "`2`, which is none of `0`, `1`", ""),
    (
        "github",
        "inactive: false}",
        "inactive: true}",
        "inactive: true",
        "means both `active` and `inactive`",
        "one of them",
    ),
    ("flags", "status: {read: alert_status,", "status: {sets: create,", "sets: create", "`absent`", "leave one"),
]
CALLS = [
    (
        "guild",
        "type: list, unordered: true",
        "type: list",
        "/options/addresses], delta",
        "kept in its order",
        "`unordered: true`",
    ),
    (
        "guild",
        "covers: [/options/addresses], delta",
        "covers: [/url], delta",
        "/url], delta",
        "url is no list",
        "a list",
    ),
    (
        "guild",
        "addresses: {read: addresses, write",
        "addresses: {write",
        "/options/addresses], delta",
        "no read",
        "`read`",
    ),
    ("guild", "each: left", "each: joined", "joined, with", "none for what has left", "`each: left`"),
    (
        "guild",
        "/topics/{item}",
        "/topics/all",
        "left, ok",
        "does not say which one",
        "`{item}`",
    ),
    (
        "mute",
        "/secret], ok: [204]}",
        "/secret], ok: [204], ok_when: id}",
        "id}\n  - {method: PUT",
        "a 204 has no body",
        "correct `ok`",
    ),
    (
        "mute",
        "covers: [/events,",
        "covers: [/url, /events,",
        "/url, /events",
        "`sets: create`, so no update",
        "leave it out",
    ),
    ("flags", "always: [/url]", "always: [/url, /status]", "/status]", "status is absent", "leave it out"),
    ("flags", "resend: {/url: [/secret]}", "resend: {/url: [/status]}", "/status]", "status is absent", "leave it out"),
    (
        "mute",
        "{path: /hooks, ok: [201]",
        "{path: /hooks, needs: [/status], ok: [201]",
        "/status]",
        "`sets: update`, so no create",
        "",
    ),
    (
        "signet",
        "{path: /v2/subscriptions, wrap",
        "{path: /v2/subscriptions, needs: [/secret], wrap",
        "/secret]",
        "no body has a place",
        "write",
    ),
    (
        "mute",
        "/description, /options/note, /secret]",
        "/description, /secret]",
        "/note}",
        "no update covers options.note",
        "`sets: create`",
    ),
    (
        "mute",
        '{method: PUT, path: "/hooks/{id}/state", covers: [/status], ok: [204]}',
        '{method: PUT, path: "/hooks/{id}/state", covers: [/events], ok: [204]}',
        "/state, values",
        "set by updates only",
        "cover",
    ),
    (
        "cryptopocket",
        "natural_key: [/events]",
        "natural_key: [/status]",
        "/status]",
        "tells no webhooks apart",
        "reads show",
    ),
    (
        "flags",
        "path: /hooks\nupdate",
        "path: /hooks\n    ok: []\nupdate",
        "ok: []",
        "no status means success",
        "200 to 299",
    ),
    (
        "flags",
        "path: /hooks\nupdate",
        "path: /hooks\n    ok: [201, 404]\nupdate",
        "ok: [201, 404]",
        "404 is no status",
        "200 to 299",
    ),
]
SETTINGS = [
    (
        "mute",
        "  list: {default",
        "  other: {default: 1, about: x}\n  list: {default",
        "other",
        "nothing asks for",
        "`when: {other",
    ),
    (
        "mute",
        "when: {list: true}",
        "when: {list: yes}",
        "yes}",
        "`list` is never `yes`; it is `true`, `false`",
        "one of these",
    ),
    (
        "cryptofuse",
        "  - kind: bearer\n",
        "  - kind: bearer\n    when: {token_path: 3}\n",
        "3}",
        "never `3`",
        "one of these",
    ),
    (
        "coinbase-payments",
        "- kind: bearer",
        "- kind: bearer\n    when: {audience: true}",
        "true}\n  - kind: jwt",
        "never `true`",
        "of that kind",
    ),
    (
        "mute",
        "list: {default: true, choices: [true, false]",
        "list: {default: true, choices: [false]",
        "true, choices",
        "none of its choices",
        "",
    ),
    (
        "mute",
        '{how: by_id, path: "/hooks/{id}"}',
        '{how: by_id, when: {list: true}, path: "/hooks/{id}"}',
        "{how: by_id",
        "comes first",
        "`when`",
    ),
    (
        "mute",
        '  - {how: by_id, path: "/hooks/{id}"}\n',
        "",
        "read:\n",
        "with `list: false` none of these holds",
        "as the last",
    ),
    (
        "cryptofuse",
        "choices: [basic, body]",
        "choices: [basic, form]",
        "style",
        "something else than `basic`, `body`",
        "choices",
    ),
]
SECRETS = [
    (
        "flags",
        "secret: {lifecycle: supplied, write: /token}",
        "secret: {lifecycle: supplied}",
        "supplied}",
        "takes secrets of ours",
        "write",
    ),
    ("cryptofuse", "  issued: secret\n", "", "issued\n  issued_by", "no answer shows one", "issued: secret"),
    (
        "signet",
        "  issued: signature_key\n",
        "  issued: signature_key\n  write: /key\n",
        "write: /key",
        "`write` is for secrets of ours",
        "lifecycle",
    ),
    (
        "flags",
        "{lifecycle: supplied, write: /token}",
        "{lifecycle: supplied, write: /token, issued: key}",
        "issued: key",
        "of the vendor's",
        "",
    ),
    (
        "mute",
        ", /options/note, /secret]",
        ", /options/note]",
        "/secret\ncreate",
        "settable later",
        "settable_later: false",
    ),
    (
        "flags",
        "secret: {lifecycle: supplied, write: /token}",
        "secret: {lifecycle: supplied, write: /token}\nsecrets: {other: {lifecycle: issued, issued: key}}",
        "issued, issued",
        "a further secret is one of ours",
        "lifecycle: supplied",
    ),
    (
        "flags",
        "secret: {lifecycle: supplied, write: /token}",
        "secret: {lifecycle: supplied, write: /token}\nsecrets: {secret: {lifecycle: supplied, write: /other}}",
        "secret: {lifecycle: supplied, write: /other",
        "`secret` means the first one",
        "another name",
    ),
    (
        "flags",
        "secret: {lifecycle: supplied, write: /token}",
        "secret: {lifecycle: supplied, write: /token}\nsecrets: {other: {lifecycle: supplied}}",
        "supplied}}",
        "takes secrets of ours",
        "write",
    ),
    (
        "github",
        "    whole: [/config]\n",
        "    keeps: [/config/secret]\n",
        "wiped_if_omitted",
        "none wipes it",
        "leave one",
    ),
]
EVENTS = [
    (
        "flags",
        "    catalogue: {names: [push, tag_push, issues], closed: true}\n",
        "",
        "codec",
        "catalogue, which is empty",
        "names",
    ),
    ("github", "      closed: true\n", "", "open_when", "opens a closed catalogue", "closed: true"),
    ("github", '        - "*"\n', "", '"*"\n      names', "`*` is not in the closed catalogue", "add it"),
    (
        "flags",
        "names: [push, tag_push, issues]",
        "names: [push, tag_push, push]",
        "push], closed",
        "`push` stands here twice",
        "one away",
    ),
    (
        "flags",
        "closed: true}",
        "closed: true, read: [{path: /events, scope: tem}]}",
        "tem}",
        "`tem` is no parameter of a scope",
        "there are: project",
    ),
    (
        "github",
        "      closed: true\n",
        '      closed: true\n      read: [{path: "/repos/{repo}/events"}]\n',
        '"/repos/{repo}/events',
        "`{repo}` is no parameter of every scope",
        "for which",
    ),
    (
        "flags",
        "closed: true}",
        "closed: true, read: [{path: /events}, {path: /others}]}",
        "{path: /events",
        "never asked",
        "put it last",
    ),
]
PAGES = [
    (
        "flags",
        "read:\n",
        LIST.replace("value: id", "value: id, query: {page: '1'}, pages: {kind: page}") + "read:\n",
        "pages: {kind: page}",
        "`page` stands in the `query`, too",
        "out",
    ),
    (
        "flags",
        "query: {order: id}",
        'query: {order: id, per_page: "100"}',
        "per_page, size",
        "`per_page` stands in the `query`, too",
        "out",
    ),
    (
        "flags",
        "query: {order: id}",
        'query: {order: id, page: "1"}',
        "pages:",
        "`page` stands in the `query`, too",
        "out",
    ),
    (
        "flags",
        "closed: true}",
        "closed: true, read: [{path: /events, query: {page: '1'}, pages: {kind: page}}]}",
        "pages: {kind: page}",
        "`page` stands in the `query`, too",
        "out",
    ),
    ("flags", "size: 100", "size: 0", "0}\nidentity", "pages of 0 items", "at least 1"),
]
AUTH = [
    (
        "github",
        "  token: GITHUB_TOKEN",
        "  tokn: GITHUB_TOKEN",
        "tokn",
        "no way to authenticate asks for `tokn`",
        "did you mean `token`?",
    ),
    (
        "github",
        "base_url: https://api.github.com",
        "base_url: api.github.com",
        "api.github.com\n",
        "no address",
        "https://",
    ),
    ("github", "  Accept: ", "  Authorization: Basic x\n  Accept: ", "Authorization", "no credentials", "`auth`"),
]
ROWS = {
    "manifest-target": TARGETS,
    "manifest-path": PATHS,
    "manifest-fields": FIELDS,
    "manifest-calls": CALLS,
    "manifest-settings": SETTINGS,
    "manifest-secret": SECRETS,
    "manifest-events": EVENTS,
    "manifest-pages": PAGES,
    "manifest-auth": AUTH,
}
EVERY = [(code, *row) for code, rows in ROWS.items() for row in rows]


@pytest.mark.parametrize(("code", "name", "old", "new", "at", "what", "right"), EVERY)
def test_each_kind_of_mistake_is_refused(
    code: str, name: str, old: str, new: str, at: str, what: str, right: str
) -> None:
    """It has a code of its own, stands at its line and column, and says what is wrong and what would be right."""
    text = changed(name, old, new)
    problems = problems_in(text)
    found = next((each for each in problems if what in each.summary), None)
    assert found is not None, problems
    assert str(found.at) == place_in(text, at)
    assert found.code == code
    assert right in found.hint
    assert found.hint


def test_a_constant_of_a_body_may_be_null() -> None:
    """As the language's schema says; elsewhere a null says nothing, and is refused."""
    manifest = parse(
        changed("flags", "  - path: /hooks\nupdate", "  - path: /hooks\n    fixed: {/filter: null}\nupdate").encode(),
        "x",
    )
    assert manifest.create[0].fixed == {"/filter": None}


@pytest.mark.parametrize(
    "name", ["letterhead", "wrapped", "keysafe", "signet", "mute", "flags", "ticketed", "guild", *builtin_names()]
)
def test_what_is_changed_here_is_sound_before(name: str) -> None:
    """Else a row could find what was wrong all the time."""
    parse(text_of(name).encode(), "own.yaml")


@pytest.mark.parametrize("rule", ALWAYS, ids=lambda rule: rule.__name__)
def test_every_rule_finds_something(rule: Rule) -> None:
    """A rule that no row breaks would be one that nobody has seen at work."""
    texts = (changed(name, old, new) for rows in ROWS.values() for name, old, new, *_ in rows)
    assert any([*rule(Manifest.model_validate(load(text.encode(), "own.yaml")))] for text in texts)


def test_every_rule_is_in_the_documentation() -> None:
    """By its name, with its code; and no rule stands there that is none."""
    page = (Path(__file__).parents[2] / "docs" / "manifests.md").read_text("utf-8")
    told = re.findall(r"^\| `(\w+)` \| `(manifest-\w+)` \| ", page, re.MULTILINE)
    assert [name for name, _ in told] == [rule.__name__ for rule in (*ALWAYS, *ABOUT_EXAMPLES)]
    assert {code for _, code in told} == {*ROWS, "manifest-examples"}
