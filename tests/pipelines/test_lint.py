"""Every file that a pipeline is copied from is sound, by the judgement of programs that others made for it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.pipelines.conftest import ROOT
from tests.pipelines.linters import actionlint, run
from tests.pipelines.runner import OURS

pytestmark = pytest.mark.skipif("sys.platform == 'win32'", reason="some of the programs are not there")
EXAMPLES = ROOT / "examples"
WORKFLOWS = sorted(EXAMPLES.glob("*/.github/workflows/*.yaml"))
GITLAB = EXAMPLES / "06-gitlab" / ".gitlab-ci.yml"
BITBUCKET = EXAMPLES / "07-bitbucket" / "bitbucket-pipelines.yml"
ACTION = ROOT / "action.yml"
SCRIPTS = sorted([*(ROOT / "pipelines").rglob("*.sh"), *EXAMPLES.rglob("*.sh")])
PINNED = re.compile(r"uses: ([\w./-]+)@([0-9a-f]{40}) # (.+)$", re.MULTILINE)


def relative(path: Path) -> str:
    """A name for a test."""
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("github-workflows", WORKFLOWS),
        ("github-actions", [ACTION]),
        ("gitlab-ci", [GITLAB]),
        ("bitbucket-pipelines", [BITBUCKET]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_file_has_the_shape_that_its_host_wants(schema: str, files: list[Path]) -> None:
    """By the schemas that check-jsonschema brings along."""
    code, said = run("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *files)
    assert code == 0, said


def test_zizmor_finds_nothing() -> None:
    """Not even what it calls pedantic; what is passed over says why, beside it."""
    code, said = run("zizmor", "--offline", "--no-progress", "--color=never", "--persona=pedantic", ACTION, *WORKFLOWS)
    assert code == 0, said
    passed_over = [line for path in WORKFLOWS for line in path.read_text().splitlines() if "zizmor: ignore" in line]
    assert [line.partition("] ")[2] for line in passed_over] == [
        "nothing of the run that triggers it is executed or believed"
    ]


def test_actionlint_finds_nothing(pytestconfig: pytest.Config) -> None:
    """In any workflow."""
    assert pytestconfig.cache is not None
    assert actionlint(WORKFLOWS, pytestconfig.cache.mkdir("actionlint")) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=relative)
def test_shellcheck_finds_nothing_in_a_script(path: Path) -> None:
    """Nor in what it sources."""
    code, said = run("shellcheck", "--external-sources", path)
    assert code == 0, said


def _steps(said: Any) -> Iterator[str]:
    """Each `run:` of a workflow or of an action."""
    for step in said.get("runs", {}).get("steps", []):
        yield step.get("run", "")
    for job in said.get("jobs", {}).values():
        for step in job["steps"]:
            yield step.get("run", "")


def _shells() -> Iterator[tuple[str, str]]:
    """Each text that a shell gets from a YAML file, and where it stands."""
    for path in [ACTION, *WORKFLOWS]:
        for number, text in enumerate(_steps(yaml.safe_load(path.read_text(encoding="utf-8")))):
            if text:
                yield f"{relative(path)}:{number}", text
    gitlab = yaml.safe_load(GITLAB.read_text(encoding="utf-8"))
    for name, job in gitlab.items():
        if "extends" in job:
            before = gitlab[job["extends"]]["before_script"]
            yield f"{relative(GITLAB)}:{name}", "\n".join([*before, *job["script"]])
            yield f"{relative(GITLAB)}:{name}:after", "\n".join(job.get("after_script", [""]))
    pipelines = yaml.safe_load(BITBUCKET.read_text(encoding="utf-8"))["pipelines"]
    groups = [*pipelines["pull-requests"].values(), *pipelines["branches"].values(), *pipelines["custom"].values()]
    for step in (step["step"] for group in groups for step in group):
        yield f"{relative(BITBUCKET)}:{step['name']}", "\n".join(step["script"])


@pytest.mark.parametrize("text", [pytest.param(text, id=where) for where, text in _shells()])
def test_shellcheck_finds_nothing_in_a_step(text: str) -> None:
    """No expression of the host stands in a script: what it comes to could be anybody's text."""
    assert "${{" not in text
    code, said = run("shellcheck", "--shell=bash", "-", text=text)
    assert code == 0, said


def test_actions_are_pinned_and_agree() -> None:
    """By the whole digest of a commit, with its version beside it; one action has one digest in all files."""
    found: dict[str, set[tuple[str, str]]] = {}
    for path in [ACTION, *WORKFLOWS]:
        text = path.read_text(encoding="utf-8")
        pinned = PINNED.findall(text)
        assert len(pinned) == len(re.findall(r"\buses: ", text)), path
        for name, commit, version in pinned:
            found.setdefault(name, set()).add((commit, version))
    ours = found.pop(OURS.partition("@")[0])
    assert ours == {(OURS.partition("@")[2], "the commit of your copy")}
    for name, versions in found.items():
        ((commit, version),) = versions
        assert re.fullmatch(r"v\d+\.\d+\.\d+", version), name
        assert commit != 40 * "0"


def test_nobody_gets_more_than_is_needed() -> None:
    """Nothing is permitted to a whole workflow, each permission has its reason beside it, and none is for all."""
    for path in WORKFLOWS:
        text = path.read_text(encoding="utf-8")
        said = yaml.safe_load(text)
        assert "pull_request_target" not in said[True]
        if said["permissions"] == {"contents": "read"}:
            continue  # one job that only reads
        assert said["permissions"] == {}
        for line in re.findall(r"^      [a-z-]+: (?:read|write).*$", text, re.MULTILINE):
            assert "  # " in line, line
