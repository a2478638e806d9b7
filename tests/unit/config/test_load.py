"""Files together: includes, joining, the lock's place, the digest, and problems from everywhere at once."""

import traceback
from pathlib import Path

import pytest

from reconciler.codes import Code
from reconciler.config.load import load
from reconciler.errors import ConfigError, Problem
from reconciler.model.action import Action, Finding
from reconciler.model.webhook import Certainty, Source
from reconciler.planning.policy import Policy, Threshold
from reconciler.planning.types import Change, Refusal
from reconciler.providers.registry import Registry
from reconciler.state.stores import address_of
from tests.unit.config.fakes import HEAD, HOOK, VENDORS, loaded, problems, said


def test_every_problem_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    """One run tells all: shapes, names, providers, vendors, variables and files, sorted by place."""
    main = (
        "version: 1\npolcy: {}\nproviders:\n  git: {auth: {token: env:T}, base_url: 'http://x.example'}\n  gti: {}\n"
        "webhooks:\n  a:\n    url: ftp://x\n    evnts: [push]\n    events: [psh]\n    provider: git\n"
        "  b: {provider: hub, url: '${NONE}'}\n  c:\n"
        "  d: {provider: git, url: https://h.example, status: maybe}\n  a: {}\n"
    )
    found = said(tmp_path, main, b="version: 1\nwebhooks: {d: {url: x}}\n")
    assert [line.split(";")[0] for line in found] == [
        "b.yaml:2:12 `d` is written twice under `webhooks`",
        "main.yaml:2:1 `polcy` is not known here",
        "main.yaml:4:41 `base_url` must be https, since credentials are sent there",
        "main.yaml:5:3 there is no manifest `gti`",
        "main.yaml:7:3 the scope of `a` lacks org",
        "main.yaml:8:10 `url` is not an absolute http(s) URL",
        "main.yaml:9:5 `evnts` is not known here",
        "main.yaml:10:14 Git has no event `psh`",
        "main.yaml:12:17 there is no provider `hub`",
        "main.yaml:12:27 the variable NONE is not set",
        "main.yaml:13:5 `c` has no value",
        "main.yaml:14:3 the scope of `d` lacks org",
        "main.yaml:14:54 `status` cannot be 'maybe'",
        "main.yaml:15:3 the key `a` is written twice",
    ]


def test_every_problem_has_its_code(tmp_path: Path) -> None:
    """What is wrong has a word that stays when sentences are reworded, whoever found it."""
    main = (
        "version: 1\npolcy: {}\nproviders:\n  git: {auth: {token: env:T}, base_url: 'http://x.example'}\n"
        "webhooks:\n  a: {url: ftp://x, events: [psh], provider: git, scope: {owner: o, repo: r}}\n"
        "  b: {provider: hub, url: '${NONE}'}\n  c:\n  a: {}\n"
        "  e: {provider: git, url: https://h.example, status: maybe, secret: literal, scope: {owner: o, repo: r}}\n"
    )
    assert [(each.code, each.at and each.at.line) for each in problems(tmp_path, main)] == [
        (Code.UNKNOWN_KEY, 2),
        (Code.WRONG_BASE_URL, 4),
        (Code.WRONG_URL, 6),
        (Code.UNKNOWN_EVENT, 6),
        (Code.NO_SUCH_PROVIDER, 7),
        (Code.VARIABLE_UNSET, 7),
        (Code.NO_VALUE, 8),
        (Code.DUPLICATE_KEY, 9),
        (Code.WRONG_VALUE, 10),
        (Code.WRONG_SECRET_FORM, 10),
    ]


def test_an_error_about_one_problem_has_its_code(tmp_path: Path) -> None:
    """Who sees only the error that ended the command sees the code of what is wrong."""
    with pytest.raises(ConfigError) as raised:
        load([tmp_path / "no.yaml"], {}, VENDORS)
    assert raised.value.code is Code.FILE_UNREADABLE


def test_whatever_a_plan_tells_gets_its_place(tmp_path: Path) -> None:
    """Problems, refusals, findings and changes are placed where the webhook stands, else where its provider does."""
    found = loaded(tmp_path, HEAD + f"webhooks:\n  a: {HOOK}\n")
    problem = Problem("vendor", "a could not be read", name="a")
    refusal, finding = Refusal("too many", provider="git"), Finding("duplicate", "like a", "git", (), name="a")
    places = found.places()
    lines = [item.at and item.at.line for item in found.located((problem,), places)]
    lines += [item.at and item.at.line for item in found.located((refusal,), places)]
    lines += [item.at and item.at.line for item in found.located((finding, finding._replace(name="old")), places)]
    assert lines == [6, 3, 6, 3]
    change = Change("a", "git", "git", (), None, Action.CREATE, Certainty.ABSENT, "", source=found.desired[0].source)
    (placed,) = found.located((change,))
    assert placed.at == found.located((problem,))[0].at


def test_a_name_in_two_files_shows_both_places(tmp_path: Path) -> None:
    """The same webhook or provider in two files is an error that names both."""
    told = said(tmp_path, HEAD + f"webhooks: {{a: {HOOK}}}", b=HEAD + f"webhooks:\n  a: {HOOK}\n")
    assert [line.split(";")[:2] for line in told] == [
        ["b.yaml:3:3 `git` is written twice under `providers`", " first at main.yaml:3:3"],
        ["b.yaml:6:3 `a` is written twice under `webhooks`", " first at main.yaml:5:12"],
    ]


def test_includes_are_read_once_and_relative_to_their_file(tmp_path: Path) -> None:
    """Globs start at the including file, may be circular, and included files may leave out the version."""
    team = tmp_path / "teams" / "red"
    team.mkdir(parents=True)
    (tmp_path / "teams" / "all.yaml").write_text("include: ['*/*.yaml', ../main.yaml, all.yaml]\n")
    (team / "hooks.yaml").write_text("webhooks: {a: {url: https://h.example, scope: {org: o}}}\n")
    found = loaded(tmp_path, HEAD + "include: [teams/*.yaml]\n")
    (hook,) = found.desired
    assert hook.source == Source(f"{tmp_path}/teams/red/hooks.yaml", ("webhooks", "a"))
    assert len(found.files) == 3
    (problem,) = found.located((Problem("vendor", "a could not be read", name="a"),))
    assert problem.at is not None
    assert (problem.at.line, problem.at.column) == (1, 12)


def test_a_folder_may_have_brackets(tmp_path: Path) -> None:
    """Only what is written is a pattern, not the name of the folder that the file happens to be in."""
    folder = tmp_path / "a[1]*"
    (folder / "teams").mkdir(parents=True)
    (folder / "teams" / "red.yaml").write_text("webhooks: {a: {url: https://h.example, scope: {org: o}}}\n")
    found = loaded(folder, HEAD + "include: [teams/*.yaml]\n")
    assert [*found.files] == [f"{folder}/main.yaml", f"{folder}/teams/red.yaml"]


def test_an_include_that_matches_nothing_is_a_problem(tmp_path: Path) -> None:
    """A misspelt glob does not silently drop webhooks."""
    assert said(tmp_path, HEAD + "include: [team/*.yaml]\n") == [
        "main.yaml:5:11 no file matches `team/*.yaml`; paths start at the file that includes them"
    ]


def test_missing_files_are_named_with_the_way_out(tmp_path: Path) -> None:
    """All files that cannot be read are told, by the names that the user gave."""
    with pytest.raises(ConfigError) as raised:
        load([tmp_path / "no.yaml", tmp_path, tmp_path / "neither.yaml"], {}, VENDORS)
    assert [(each.summary.replace(str(tmp_path), "T"), each.at) for each in raised.value.problems] == [
        ("T is a folder", None),
        ("T/neither.yaml does not exist", None),
        ("T/no.yaml does not exist", None),
    ]
    assert "-c FILE" in raised.value.problems[1].hint


def test_a_broken_file_does_not_accuse_the_others(tmp_path: Path) -> None:
    """Where a file cannot be parsed, nothing is said that only follows from its absence."""
    told = said(
        tmp_path,
        "version: 1\nwebhooks: {a: {provider: git, url: https://h.example, scope: {org: o}}}",
        b="providers: [",
    )
    assert [line.split(" ")[0] for line in told] == ["b.yaml:1:13"]


@pytest.mark.parametrize(
    ("version", "told"),
    [
        (
            "version: 2\n",
            "main.yaml:1:10 version 2 of the file's language is not the 1 that this whsync reads; use a newer whsync",
        ),
        (
            "version: 0\n",
            "main.yaml:1:10 version 0 of the file's language is not the 1 that this whsync reads; write `version: 1`",
        ),
        ("version: one\n", "main.yaml:1:10 `version` must be a whole number; write `version: 1`"),
        ("version: true\n", "main.yaml:1:10 `version` must be a whole number; write `version: 1`"),
        ("", "main.yaml:1:1 `version` is missing; begin the file with `version: 1`"),
    ],
)
def test_the_version_is_required_and_known(tmp_path: Path, version: str, told: str) -> None:
    """A file says its language; a newer one is refused clearly, before anything else is said."""
    more = "future: x\n" if "2" in version else ""
    assert said(tmp_path, f"{version}providers: {{}}\n{more}") == [told]


@pytest.mark.parametrize("key", ["policy: {}", "defaults: {}", "lock: x.json"])
def test_blocks_for_everything_stand_in_one_file(tmp_path: Path, key: str) -> None:
    """Two policies, defaults or locks would contradict each other."""
    name = key.partition(":")[0]
    (told,) = said(tmp_path, f"version: 1\n{key}\n", b=f"version: 1\n{key}\n")
    assert told.startswith(f"b.yaml:2:1 `{name}` is written in two files; first at main.yaml:2:1")


def test_the_lock_stands_beside_the_main_file(tmp_path: Path) -> None:
    """By default, or where `lock:` says, relative to the file that was named first."""
    assert loaded(tmp_path, HEAD).lock == address_of("webhooks.lock.json", tmp_path)
    elsewhere = loaded(tmp_path, HEAD + "lock: state/${ENV}.json\n", {"ENV": "prod"})
    assert elsewhere.lock == address_of("state/prod.json", tmp_path)
    assert "`lock` names no lock" in said(tmp_path, HEAD + "lock: s4://bucket/key\n")[0]


def test_the_policy_is_read(tmp_path: Path) -> None:
    """Counts, percentages, hosts and flags arrive; without a block nothing is limited but http."""
    block = "policy: {allowed_hosts: ['*.acme.com'], https_only: false, max_changed: %s, unmanaged: deny}\n"
    assert loaded(tmp_path, HEAD).policy == Policy()
    for written, threshold in (
        ("30%", Threshold(30, True)),
        ("5", Threshold(5, False)),
        ("12.5%", Threshold(12.5, True)),
    ):
        expected = Policy(("*.acme.com",), False, threshold, "deny")
        assert loaded(tmp_path, HEAD + block % written).policy == expected


@pytest.mark.parametrize("written", ["most", "101%", "-1", "1.5", "%", "٣"])
def test_a_threshold_is_a_count_or_a_percentage(tmp_path: Path, written: str) -> None:
    """Anything else is refused rather than guessed."""
    (told,) = said(tmp_path, HEAD + f"policy: {{max_changed: '{written}'}}\n")
    assert told == "main.yaml:5:23 `policy.max_changed` is neither a count nor a percentage; write 5 or 30%"


@pytest.mark.parametrize("written", ["https://*.acme.com", "acme.com:8443", "acme.com/x", "[acme]", "a b", ".acme.com"])
def test_a_host_pattern_is_a_host(tmp_path: Path, written: str) -> None:
    """A pattern that could never match, or not as it looks, is refused."""
    assert "is not a host" in said(tmp_path, HEAD + f"policy: {{allowed_hosts: ['{written}']}}\n")[0]


def test_addresses_may_be_allowed(tmp_path: Path) -> None:
    """With the brackets that an IPv6 address has in URLs, or without."""
    found = loaded(tmp_path, HEAD + "policy: {allowed_hosts: ['[2001:DB8::1]', '::1', 10.0.0.7, 'bücher.example']}\n")
    assert found.policy.allowed_hosts == ("2001:db8::1", "::1", "10.0.0.7", "bücher.example")


def test_no_allowed_host_is_not_any_host(tmp_path: Path) -> None:
    """An empty list does not open what it was to close."""
    assert said(tmp_path, HEAD + "policy: {allowed_hosts: []}\n") == [
        "main.yaml:5:10 `policy.allowed_hosts` must not be empty; name a host, or leave it out to allow any"
    ]


def test_an_unknown_manifest_hides_no_other_mistake(tmp_path: Path) -> None:
    """What is wrong with a provider apart from its manifest is told in the same run."""
    text = "version: 1\nproviders:\n  p: {type: gti, bse_url: x, limits: {read: 3}}\n"
    assert [line.split(";")[0] for line in said(tmp_path, text)] == [
        "main.yaml:3:13 there is no manifest `gti`",
        "main.yaml:3:18 `bse_url` is not known here",
        "main.yaml:3:39 `read` is not known here",
    ]


def test_the_digest_notices_files_and_variables(tmp_path: Path) -> None:
    """A saved plan is out of date when a file or a variable that was filled in changed, and only then."""
    text = HEAD + "webhooks: {a: {url: 'https://h.example/${A}${B:-}', scope: {org: o}}}\n"
    first = loaded(tmp_path, text, {"A": "1", "OTHER": "1"}).digest
    assert first.startswith("sha256:")
    assert loaded(tmp_path, text, {"A": "1", "OTHER": "2"}).digest == first
    changed = {loaded(tmp_path, text, env).digest for env in ({"A": "2"}, {"A": "1", "B": "2"})}
    changed.add(loaded(tmp_path, text + "# more\n", {"A": "1"}).digest)
    assert len(changed | {first}) == 4


def test_the_digest_notices_manifests(tmp_path: Path) -> None:
    """What is sent is what the manifests say, so they belong to what was reviewed; each counts for its provider."""
    shapes = Path(__file__).parents[2] / "manifests" / "shapes"
    (tmp_path / "vendors").mkdir()
    (tmp_path / "main.yaml").write_text(
        "version: 1\nproviders:\n"
        "  a: {type: vendors/a.yaml, base_url: 'https://a.example', auth: {token: env:T}}\n"
        "  b: {type: vendors/b.yaml, base_url: 'https://b.example', auth: {token: env:T}}\n"
    )

    def digest(a: str, b: str, more: bytes = b"") -> str:
        (tmp_path / "vendors/a.yaml").write_bytes((shapes / f"{a}.yaml").read_bytes() + more)
        (tmp_path / "vendors/b.yaml").write_bytes((shapes / f"{b}.yaml").read_bytes())
        return load([tmp_path / "main.yaml"], {}, Registry()).digest

    first = digest("mute", "keysafe")
    assert digest("mute", "keysafe") == first
    assert len({first, digest("mute", "keysafe", b"# more\n"), digest("keysafe", "mute")}) == 3


def test_anchors_may_stand_under_x_keys(tmp_path: Path) -> None:
    """Keys that begin with `x-` are the user's own, for anchors to share."""
    text = "x-hook: &hook {scope: {org: o}}\n" + HEAD + "webhooks: {a: {<<: *hook, url: https://h.example}}\n"
    assert loaded(tmp_path, text).desired[0].scope == (("org", "o"),)


LITERAL = "sk-live-4f9aQ"


@pytest.mark.parametrize(
    "text",
    [
        HEAD.replace("env:T", LITERAL),
        HEAD.replace("env:T", f"vault2:{LITERAL}"),
        HEAD.replace("env:T", f"env:{LITERAL}"),
        HEAD.replace("env:T", f"[{LITERAL}]"),
        HEAD.replace("{token: env:T}", LITERAL),
        HEAD.replace("env:T", f'"{LITERAL}\\n"'),
        HEAD + f"webhooks: {{a: {{url: https://h.example, scope: {{org: o}}, secret: {LITERAL}}}}}",
        HEAD + f"webhooks: {{a: {{url: https://h.example, scope: {{org: o}}, secret: {{from: '{LITERAL}'}}}}}}",
        HEAD + f"webhooks: {{a: {{url: https://h.example, secret: {{generate: {LITERAL}, to: 'file:x'}}}}}}",
        HEAD + f"webhooks: {{a: {{url: https://h.example, scope: {{org: o}}, secret: {{to: '{LITERAL}'}}}}}}",
        HEAD + f"defaults: {{secret: {{from: '{LITERAL}'}}}}",
        HEAD.replace("env:T", f"*{LITERAL}"),
        HEAD.replace("env:T", f"!{LITERAL} x"),
        HEAD.replace("env:T", f"@{LITERAL}"),
    ],
)
def test_a_literal_secret_is_refused_and_never_repeated(tmp_path: Path, text: str) -> None:
    """Whoever writes a secret into the file is told what to write instead, without seeing it printed."""
    found = problems(tmp_path, text)
    assert found
    assert LITERAL not in repr(found)
    with pytest.raises(ConfigError) as raised:
        loaded(tmp_path, text)
    assert LITERAL not in "".join(traceback.format_exception(raised.value))


def test_the_hint_for_a_literal_says_what_to_write(tmp_path: Path) -> None:
    """A `${VAR}` in a reference is a common slip, and the hint covers it."""
    (told,) = said(tmp_path, HEAD.replace("env:T", "'${T}'"))
    assert told.startswith(
        "main.yaml:4:19 `auth.token` is not a secret reference; write env:NAME, file:PATH or cmd:COMMAND"
    )
    assert "a variable is env:NAME" in told


@pytest.mark.parametrize(
    "block", ["{}", "{generate: 32}", "{from: env:A, to: 'file:b'}", "{generate: 32, from: env:A}"]
)
def test_a_secret_has_one_of_three_forms(tmp_path: Path, block: str) -> None:
    """Ours, issued or made: anything between is refused with the three forms."""
    (told,) = said(tmp_path, HEAD + f"webhooks: {{a: {{url: https://h.example, scope: {{org: o}}, secret: {block}}}}}")
    assert "write {from: REF}, {to: SINK} or {generate: BYTES, to: SINK}" in told


def test_a_broken_file_hides_no_mistake_of_another(tmp_path: Path) -> None:
    """What can be said without it is said; nothing is said to be missing that it may hold."""
    main = (
        HEAD
        + "webhooks:\n  a: {url: https://h.example, events: [psh], foo: 1}\n  b: {provider: hub, scope: {ogr: o}}\n"
    )
    found = [line.split(";")[0] for line in said(tmp_path, main, b="webhooks: {x: [\n")]
    assert found[0].startswith("b.yaml:")
    assert found[1:] == ["main.yaml:6:40 Git has no event `psh`", "main.yaml:6:46 `foo` is not known here"]
