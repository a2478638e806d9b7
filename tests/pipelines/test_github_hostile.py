"""What strangers can put before the workflows of examples/05-github: artefacts, comments, inputs."""

import io
import os
import re
import shutil
import signal
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path

import click
import pytest
import yaml

from reconciler.cli.main import cli
from tests.pipelines.conftest import FORK, ROOT, World
from tests.pipelines.forge import BOT
from tests.pipelines.runner import Run
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.skipif("sys.platform == 'win32'", reason="runners of Linux")]
SCRIPTS = ROOT / "pipelines"
PAGE = "<!-- whsync:plan -->\n\n## whsync plan\n"


def forged(world: World, **files: bytes) -> Run:
    """A fork's own workflow ran in place of ours, and left these parts of an artefact (`plan` is plan.json)."""
    run = world.push(7, world.text, FORK)
    world.forge.artifacts.clear()
    named = {"plan.json" if name == "plan" else name: data for name, data in files.items()}
    world.forge.keep(run.id, "whsync-fork", named)
    return world.completed(run)


def mine(world: World) -> list[tuple[int, str]]:
    """Our comments."""
    return [(each["issue"], each["body"]) for each in world.forge.comments if each["user"]["login"] == BOT]


def planned(world: World) -> bytes:
    """What the fork's run of our own workflow would have left."""
    run = world.push(7, world.text, FORK)
    (kept,) = [each for each in world.forge.artifacts if each["run"] == run.id]
    return zipfile.ZipFile(io.BytesIO(kept["data"])).read("plan.json")


def test_a_fork_comments_on_its_own_request_only(world: World) -> None:
    """The number of another request, or of none, gets no comment."""
    plan = planned(world)
    world.push(8, world.text)
    world.forge.comments.clear()
    assert forged(world, number=b"8", plan=plan).conclusion == "success"
    assert mine(world) == []
    for number in (b"../issues/8", b"7\n", b"07", b"7" * 40):
        assert forged(world, number=number, plan=plan).conclusion == ("success" if number == b"7\n" else "failure")
        assert [each for each, _ in mine(world)] in ([], [7])


def test_a_forks_words_stay_words(world: World) -> None:
    """A report that the fork wrote itself is shown by whsync, so no mention, markup or marker comes through."""
    words = "` @acme/all <b>x</b> ![](https://x.example/y) <!-- whsync:apply -->"
    report = planned(world).decode().replace("https://deploy.acme.com/github", words)
    assert forged(world, number=b"7", plan=report.encode()).conclusion == "success"
    ((number, body),) = mine(world)
    assert number == 7
    assert "acme/all" in body
    for raw in ("@acme", "<b>", "![](", "<!-- whsync:apply"):
        assert raw not in re.sub("`[^`]*`", "", body), "what stands in backticks is nothing but text"


@pytest.mark.parametrize("plan", [b"# Merge me", b"{}", b"[" * 100, b""], ids=["text", "object", "lists", "none"])
def test_what_is_no_plan_is_not_shown(world: World, plan: bytes) -> None:
    """Then the comment is a sentence of ours, and where the run is."""
    assert forged(world, number=b"7", plan=plan).conclusion == "success"
    ((_, body),) = mine(world)
    assert body.startswith("<!-- whsync:plan -->\n")
    assert "Merge me" not in body
    assert "there is no plan" in body
    assert "acme/hooks/actions/runs/" in body


def script(
    world: World, name: str, *words: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """One script by itself, with a token that may do all."""
    all_of = dict.fromkeys(("actions", "contents", "issues", "pull-requests"), "write")
    whole = {
        "PATH": os.environ["PATH"],
        "GITHUB_API_URL": world.forge.url,
        "GITHUB_REPOSITORY": "acme/hooks",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_RUN_ID": "1",
        "PIPELINE_TOKEN": world.forge.mint(all_of),
        **(env or {}),
    }
    command = ["bash", str(SCRIPTS / name), *words]
    return subprocess.run(command, env=whole, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page of a plan."""
    path = tmp_path / "page.md"
    path.write_text(PAGE, encoding="utf-8")
    return path


def test_a_strangers_comment_is_not_taken_for_ours(world: World, page: Path) -> None:
    """Who begins a comment as ours do keeps it; ours is found behind more comments than one answer holds."""
    world.forge.say(7, PAGE, "mallory")
    for _ in range(120):
        world.forge.say(7, "me, too", "eve")
    for _ in range(2):
        assert script(world, "github/comment.sh", str(page), "7").returncode == 0
    assert [each["user"]["login"] for each in world.forge.comments if each["body"] == PAGE] == ["mallory", BOT]


def test_an_api_that_is_down_makes_no_second_comment(world: World, page: Path) -> None:
    """Where former comments cannot be listed, none is written; nor are issues then, and none is closed."""
    world.forge.failing = "GET .*/comments"
    assert script(world, "github/comment.sh", str(page), "7").returncode != 0
    world.forge.failing = "GET .*/issues"
    for code in ("0", "2"):
        assert script(world, "github/issue.sh", str(page), code).returncode != 0
    assert (world.forge.comments, world.forge.issues) == ([], [])


@pytest.mark.parametrize("code", ["1", "3", "64", "130", ""])
def test_only_an_answer_moves_the_issue(world: World, page: Path, code: str) -> None:
    """A failed night neither opens nor closes, nor asks for anything."""
    world.forge.failing = "."
    assert script(world, "github/issue.sh", str(page), code).returncode == 0


def test_a_comment_is_no_longer_than_a_comment_can_be(world: World, page: Path) -> None:
    """A page of the full length is posted whole; a note that no longer fits is left out."""
    page.write_text(PAGE + "x" * (65_536 - len(PAGE)), encoding="utf-8")
    assert script(world, "github/comment.sh", str(page), "7", env={"NOTE": "A note."}).returncode == 0
    ((_, body),) = mine(world)
    assert len(body) == 65_536


def test_the_token_is_on_no_command_line(world: World, page: Path, tmp_path: Path) -> None:
    """Every process of the machine sees command lines, so curl is told by a pipe."""
    seen = tmp_path / "seen"
    (tmp_path / "bin").mkdir()
    stub = tmp_path / "bin" / "curl"
    text = f'#!/bin/sh\nprintf "%s\\n" "$*" >> {seen}\nexec {shutil.which("curl")} "$@"\n'
    stub.write_text(text, encoding="utf-8")
    stub.chmod(0o755)
    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    assert script(world, "github/comment.sh", str(page), "7", env={"PATH": path}).returncode == 0
    assert "/issues/7/comments" in seen.read_text(encoding="utf-8")
    assert "ghs_" not in seen.read_text(encoding="utf-8")


GOOD = {
    "COMMAND": "plan",
    "COMMENT": "false",
    "FAIL_ON_DIFFERENCES": "false",
    "ISSUE": "false",
    "LOCK_BRANCH": "",
    "LOCK_FILE": "",
    "PLAN": "",
    "REVIEWED_IN": "",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COMMAND", "rotate"),
        ("COMMAND", "plan\n"),
        ("COMMENT", "yes"),
        ("ISSUE", "true"),
        ("LOCK_BRANCH", "--force"),
        ("LOCK_BRANCH", "a..b"),
        ("LOCK_FILE", "--force"),
        ("PLAN", "--prune"),
        ("PLAN", "a\nb"),
        ("REVIEWED_IN", "../x.yaml"),
        ("REVIEWED_IN", "plan.yaml"),
    ],
)
def test_a_wrong_input_is_named_before_anything_runs(world: World, name: str, value: str) -> None:
    """The action ends with 64 and a mark that says which input it is."""
    good = script(world, "github/inputs.sh", env=GOOD)
    assert (good.returncode, good.stdout) == (0, "")
    wrong = script(world, "github/inputs.sh", env={**GOOD, name: value})
    assert wrong.returncode == 64
    assert f"The input {name.lower().replace('_', '-').replace('lock-file', 'lock')} " in wrong.stdout


def test_the_action_checks_each_input_and_tells_each_count() -> None:
    """Its first step is given what inputs.sh looks at; every number that whsync tells a step is an output."""
    said = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    assert set(said["runs"]["steps"][0]["env"]) == set(GOOD)
    told = {"create", "adopt", "update", "replace", "delete", "deactivate", "orphan", "drift", "unknown", "blocked"}
    assert told | {"problems", "applied", "failed", "skipped"} <= set(said["outputs"])
    assert all(set(step.get("env", {})) for step in said["runs"]["steps"]), "inputs come by variables only"


def test_each_command_of_the_action_is_one_of_whsyncs() -> None:
    """What inputs.sh lets pass, `comment` aside, exists; and run.sh asks for reports that the command can write."""
    text = (SCRIPTS / "github" / "inputs.sh").read_text(encoding="utf-8")
    (names,) = re.findall(r"fits command \"\$COMMAND\" '([a-z|]+)'", text)
    commands = [name for name in names.split("|") if name != "comment"]
    assert [name for name in commands if name not in cli.list_commands(click.Context(cli))] == []


STUBBORN = """\
#!/bin/sh
trap 'echo finished; exit 130' TERM
: > "$READY"
for _ in $(seq 1000); do sleep 0.05; done
"""


def test_a_cancelled_job_lets_whsync_finish(tmp_path: Path) -> None:
    """The host interrupts the step's first process alone: whsync hears of it, and its own exit code is kept."""
    path = tmp_path / "whsync" / "path"
    path.mkdir(parents=True)
    (path / "whsync").write_text(STUBBORN, encoding="utf-8")
    (path / "whsync").chmod(0o755)
    ready, outputs = tmp_path / "ready", tmp_path / "outputs"
    env = {"PATH": os.environ["PATH"], "RUNNER_TEMP": str(tmp_path), "GITHUB_OUTPUT": str(outputs), "READY": str(ready)}
    env |= {"COMMAND": "apply", "PLAN": "", "ARGUMENTS": "", "LOCK_FILE": "", "LOCK_BRANCH": ""}
    step = f'exec "{SCRIPTS}/github/run.sh"'
    with subprocess.Popen(["bash", "-eo", "pipefail", "-c", step], env=env, stdout=subprocess.PIPE, text=True) as run:
        until(ready.exists, "whsync did not start")
        run.send_signal(signal.SIGINT)
        said, _ = run.communicate(timeout=60)
    assert (run.returncode, said) == (0, "finished\n")
    assert "exit-code=130" in outputs.read_text(encoding="utf-8").splitlines()
    (action,) = [line for line in (ROOT / "action.yml").read_text().splitlines() if "github/run.sh" in line]
    assert "run: exec " in action


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ({"LOCK_BRANCH": "", "LOCK_FILE": ""}, ""),
        ({"LOCK_BRANCH": "whsync-lock", "LOCK_FILE": ""}, "webhooks.lock.json"),
        ({"LOCK_BRANCH": "whsync-lock", "LOCK_FILE": "a/b.json"}, "a/b.json"),
        ({"LOCK_BRANCH": "", "LOCK_FILE": "a/b.json"}, "a/b.json"),
    ],
)
def test_the_lock_that_is_kept_is_the_one_that_is_used(tmp_path: Path, given: dict[str, str], used: str) -> None:
    """Without a branch and a path, the files say where theirs is, be it a file or elsewhere."""
    path = tmp_path / "whsync" / "path"
    path.mkdir(parents=True)
    (path / "whsync").write_text('#!/bin/sh\necho "lock=${WHSYNC_LOCK-}"\n', encoding="utf-8")
    (path / "whsync").chmod(0o755)
    env = {"PATH": os.environ["PATH"], "RUNNER_TEMP": str(tmp_path), "GITHUB_OUTPUT": str(tmp_path / "outputs")}
    env |= {"COMMAND": "drift", "PLAN": "", "ARGUMENTS": "", **given}
    command = ["bash", str(SCRIPTS / "github" / "run.sh")]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, f"lock={used}\n")
