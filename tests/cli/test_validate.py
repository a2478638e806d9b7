"""`whsync validate`: files are checked without network or credentials."""

import json
import re
from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import Run

GOOD = """\
version: 1
providers:
  github:
    auth: {token: env:GITHUB_TOKEN}
webhooks:
  ci:
    provider: github
    scope: {owner: acme, repo: api}
    url: https://ci.acme.com/hooks
    events: [push]
"""
BAD = GOOD.replace("    url:", "    ulr:").replace("provider: github", "provider: githb")


def test_sound_files_are_said_to_be_valid(run: Run, tmp_path: Path) -> None:
    """One line on stdout, and 0, without a credential at hand."""
    (tmp_path / "webhooks.yaml").write_text(GOOD)
    result = run("validate")
    assert (result.exit, result.stdout, result.stderr) == (0, "webhooks.yaml: 1 webhook, 1 provider: valid\n", "")


def test_sound_files_have_no_diagnostics(run: Run, tmp_path: Path) -> None:
    """As JSON, valid files are an empty list."""
    (tmp_path / "webhooks.yaml").write_text(GOOD)
    assert run("validate", "--format", "json").stdout == "[]\n"


def test_every_problem_is_told_with_its_place(run: Run, tmp_path: Path) -> None:
    """A misspelt key and a misspelt provider are both reported, at line and column, with what would be right."""
    (tmp_path / "webhooks.yaml").write_text(BAD)
    result = run("validate")
    assert (result.exit, result.stdout) == (1, "")
    assert "webhooks.yaml:9:5: " in result.stderr
    assert "webhooks.yaml:7:" in result.stderr
    assert "did you mean" in result.stderr


def test_diagnostics_are_located(run: Run, tmp_path: Path) -> None:
    """Editors get the same problems as JSON."""
    (tmp_path / "webhooks.yaml").write_text(BAD)
    result = run("validate", "--format", "json")
    assert (result.exit, result.stderr) == (1, "")
    told = json.loads(result.stdout)
    assert {problem["line"] for problem in told} >= {7, 9}
    assert {problem["file"] for problem in told} == {"webhooks.yaml"}


def test_another_file_can_be_named(run: Run, tmp_path: Path) -> None:
    """`-c FILE` and WHSYNC_CONFIG name the file; a missing one is an error that names it."""
    (tmp_path / "other.yaml").write_text(GOOD)
    assert run("validate", "-c", "other.yaml").exit == 0
    assert run("validate", env={"WHSYNC_CONFIG": "other.yaml"}).exit == 0
    missing = run("validate")
    assert missing.exit == 1
    assert "webhooks.yaml" in missing.stderr


def test_foreign_text_in_a_mistake_stays_text(run: Run, tmp_path: Path) -> None:
    """A value with control characters that is quoted in a complaint cannot steer the terminal."""
    (tmp_path / "webhooks.yaml").write_text(GOOD + '    status: "\\e[31m\\u202e"\n')
    result = run("validate")
    assert result.exit == 1
    assert all(char.isprintable() or char == "\n" for char in result.stderr)


def test_several_configurations_are_checked_apart(run: Run, tmp_path: Path) -> None:
    """As pre-commit does: each file is one of its own, in whatever folder, and all problems are told."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "webhooks.yaml").write_text(GOOD)
    (tmp_path / "webhooks.yml").write_text(GOOD)
    (tmp_path / "broken.yaml").write_text(BAD)
    both = run("validate", "a/webhooks.yaml", "webhooks.yml", env={"WHSYNC_CONFIG": "elsewhere.yaml"})
    assert (both.exit, both.stderr) == (0, "")
    assert [line.split(":")[0] for line in both.stdout.splitlines()] == ["a/webhooks.yaml", "webhooks.yml"]
    mixed = run("validate", "broken.yaml", "webhooks.yml")
    assert (mixed.exit, mixed.stdout) == (1, "webhooks.yml: 1 webhook, 1 provider: valid\n")
    assert "broken.yaml:9:5: " in mixed.stderr
    told = json.loads(run("validate", "broken.yaml", "none.yaml", "webhooks.yml", "--format", "json").stdout)
    assert {problem.get("file") for problem in told} == {"broken.yaml", None}


def test_the_hook_for_pre_commit_checks_the_files_that_it_is_given(run: Run, tmp_path: Path) -> None:
    """What `.pre-commit-hooks.yaml` runs, with the file names that its pattern finds."""
    (hook,) = yaml.safe_load((Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text())
    named = ["webhooks.yaml", "teams/webhooks.yml", "other.yaml", "my-webhooks.yaml"]
    given = [name for name in named if re.search(hook["files"], name)]
    assert given == ["webhooks.yaml", "teams/webhooks.yml"]
    (tmp_path / "teams").mkdir()
    (tmp_path / "webhooks.yaml").write_text(GOOD)
    (tmp_path / "teams" / "webhooks.yml").write_text(BAD)
    for name, code in zip(given, (0, 1), strict=True):
        words = [*hook["entry"].split()[1:], *hook.get("args", [])]
        result = run(*words, *([name] if hook.get("pass_filenames", True) else []))
        assert (result.exit, name in result.stdout + result.stderr) == (code, True)


POLICED = GOOD.replace("webhooks:\n", "policy: {allowed_hosts: ['*.acme.com']}\nwebhooks:\n")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://ci.other.com/h", "ci.other.com, which policy.allowed_hosts does not list"),
        ("http://ci.acme.com/h", "which is not https"),
    ],
)
def test_the_files_are_held_against_their_own_policy(run: Run, tmp_path: Path, url: str, words: str) -> None:
    """What `plan` would refuse of the files alone is a problem of `validate` already, located at the URL."""
    (tmp_path / "webhooks.yaml").write_text(POLICED.replace("https://ci.acme.com/hooks", url))
    result = run("validate")
    assert (result.exit, result.stdout) == (1, "")
    assert "webhooks.yaml:10:10: unsafe: ci points to" in result.stderr
    assert words in result.stderr
    (told,) = json.loads(run("validate", "--format", "json").stdout)
    assert (told["kind"], told["line"], told["name"]) == ("unsafe", 10, "ci")


def test_policy_and_mistakes_are_told_in_one_run(run: Run, tmp_path: Path) -> None:
    """A mistake elsewhere does not hide what the policy refuses; a URL that is wrong in itself is told once."""
    other = "  cd: {url: 'ftp://x', scope: {owner: acme, repo: web}}\n"
    bad = POLICED.replace("https://ci.acme.com/hooks", "https://ci.other.com/h").replace("[push]", "[pusch]") + other
    (tmp_path / "webhooks.yaml").write_text(bad)
    told = run("validate").stderr
    assert "allowed_hosts" in told
    assert "did you mean `push`?" in told
    assert told.count("ftp") == 0
    assert "webhooks.yaml: 3 problems" in told


def test_what_the_policy_says_of_a_block_is_said_once(run: Run, tmp_path: Path) -> None:
    """One address of one block is one message with the names of its webhooks, in natural order."""
    block = "  many: {for_each: {repo: [r10, r2]}, scope: {owner: acme, repo: '${each.repo}'}, url: http://h.test/x}\n"
    (tmp_path / "webhooks.yaml").write_text(GOOD + block)
    result = run("validate")
    assert result.stderr.count("is not https") == 1
    assert "many[r2] points to http://h.test/x, which is not https, and 1 more alike: many[r10]" in result.stderr
    assert "webhooks.yaml: 1 problem\n" in result.stderr
    each = json.loads(run("validate", "--format", "json").stdout)
    assert [problem["name"] for problem in each] == ["many[r2]", "many[r10]"]


def test_many_names_are_told_in_short(run: Run, tmp_path: Path) -> None:
    """Thousands of included files, providers or hosts make no line of thousands of names."""
    (tmp_path / "parts").mkdir()
    for number in range(300):
        (tmp_path / "parts" / f"part-{number:03}.yaml").write_text("webhooks: {}\n")
    (tmp_path / "webhooks.yaml").write_text("version: 1\ninclude: [parts/*.yaml]\nproviders: {github: {}}\n")
    told = run("validate").stdout
    assert told.startswith("webhooks.yaml, parts/part-000.yaml, parts/part-001.yaml and 298 more: 0 webhooks")
    providers = "".join(f"  p{number:03}: {{type: github}}\n" for number in range(300))
    hosts = ", ".join(f"h{number}.acme.com" for number in range(300))
    hook = "{url: https://x.example/, scope: {owner: o, repo: r}, events: [push]"
    (tmp_path / "webhooks.yaml").write_text(
        f"version: 1\nproviders:\n{providers}policy: {{allowed_hosts: [{hosts}]}}\n"
        f"webhooks:\n  a: {hook}}}\n  b: {hook}, provider: p000}}\n"
    )
    problems = run("validate").stderr
    assert "p008, p009 and 290 more" in problems
    assert "h9.acme.com and 290 more" in problems
    assert max(map(len, problems.splitlines())) < 300


OPEN = GOOD.replace("https://ci.acme.com/hooks", "https://${CI_HOST}/hooks").replace(
    "webhooks:", "policy: {allowed_hosts: ['*.acme.com']}\nwebhooks:"
)


def test_variables_may_be_unset_where_that_is_said(run: Run, tmp_path: Path) -> None:
    """Before a commit and in a fork nothing is set; what only follows from that is not held against the file."""
    (tmp_path / "webhooks.yaml").write_text(OPEN)
    assert "the variable CI_HOST is not set" in run("validate").stderr
    result = run("validate", "--allow-unset")
    assert (result.exit, result.stderr) == (0, "")
    assert result.stdout == "webhooks.yaml: valid, as far as that can be said while variables are not set\n"
    assert run("validate", "--allow-unset", "--format", "json").stdout == "[]\n"


def test_all_else_is_told_then(run: Run, tmp_path: Path) -> None:
    """A mistake elsewhere, and the policy's word on an address that is known."""
    (tmp_path / "webhooks.yaml").write_text(OPEN.replace("events:", "evnts:"))
    result = run("validate", "--allow-unset")
    assert (result.exit, "evnts" in result.stderr, "CI_HOST" in result.stderr) == (1, True, False)
    (tmp_path / "webhooks.yaml").write_text(OPEN)
    result = run("validate", "--allow-unset", env={"CI_HOST": "evil.example"})
    assert (result.exit, "evil.example" in result.stderr) == (1, True)
