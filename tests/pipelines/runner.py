"""Runs a workflow of the examples as GitHub's runner does: the very YAML, each `run:` in a shell of its own.

Used by the tests of this folder. Known are the keys that the examples use, and five actions of others, which are played
here; whsync's own action is read from action.yml. Anything else is an error.

One idea, so longer than most: a run, from its event to the last step of its last job.
"""

import io
import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.pipelines import stubs
from tests.pipelines.expressions import filled, holds
from tests.pipelines.forge import REPOSITORY, Forge
from tests.pipelines.repository import Repository, git

ROOT = Path(__file__).parents[2]
OURS = "YOUR-ORG/whsync@" + 40 * "0"
_SHELLS = {None: ["bash", "-e"], "bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail"]}


class Event(NamedTuple):
    """Why a workflow runs.

    Args:
        name: `pull_request`, `push`, …
        payload: what GitHub tells of it.
        sha: the commit that is checked out.
        ref: its name.
        head_sha: the commit that the run is listed under.
        head_repository: where that comes from.
    """

    name: str
    payload: dict[str, Any]
    sha: str
    ref: str
    head_sha: str
    head_repository: str = REPOSITORY


class Job(NamedTuple):
    """What became of a job: `success`, `failure` or `skipped`; its log; its outputs by step; its page."""

    conclusion: str
    log: str = ""
    outputs: Mapping[str, Mapping[str, str]] = {}
    page: str = ""


class Run(NamedTuple):
    """What became of a workflow."""

    id: int
    jobs: dict[str, Job]

    @property
    def conclusion(self) -> str:
        """Red where a job is."""
        return "failure" if any(job.conclusion == "failure" for job in self.jobs.values()) else "success"


class Runner:
    """The machines that jobs run on.

    Args:
        folder: theirs.
        forge: the API that they call.
        repository: what they check out.
        secrets: of each environment.
    """

    def __init__(
        self, folder: Path, forge: Forge, repository: Repository, secrets: Mapping[str, Mapping[str, str]]
    ) -> None:
        self.folder, self.forge, self.repository, self.secrets = folder, forge, repository, secrets
        self.scans: list[dict[str, Any]] = []
        stubs.install(folder / "stubs")

    def run(self, workflow: Path, event: Event) -> Run:
        """Run a workflow to its end."""
        said = yaml.safe_load(workflow.read_text(encoding="utf-8"))
        assert event.name in said[True], f"{workflow.name} does not run for {event.name}"  # YAML reads `on` as true
        number = self.forge.number()
        jobs: dict[str, Job] = {}
        for name, job in said["jobs"].items():
            jobs[name] = self._job(name, {"permissions": said["permissions"], **job}, event, number, jobs)
        run = Run(number, jobs)
        self.forge.runs.append(
            {
                "id": number,
                "run_number": number,
                "path": f".github/workflows/{workflow.name}",
                "head_sha": event.head_sha,
                "head_repository": {"full_name": event.head_repository},
                "event": event.name,
                "conclusion": run.conclusion,
            }
        )
        return run

    def _job(self, name: str, said: dict[str, Any], event: Event, run: int, before: Mapping[str, Job]) -> Job:
        known = {"name", "if", "needs", "runs-on", "timeout-minutes", "environment", "env", "permissions", "steps"}
        assert set(said) <= known, f"not known here: {set(said) - known}"
        needs = {need: {"result": before[need].conclusion} for need in said.get("needs", [])}
        contexts = {"github": _github(event), "needs": needs}
        good = all(each["result"] == "success" for each in needs.values())
        status = {"success": good, "failure": not good, "always": True, "cancelled": False}
        if not holds(said.get("if"), contexts, status):
            return Job("skipped")
        forked = event.name == "pull_request" and event.head_repository != REPOSITORY
        permissions = dict(said["permissions"])
        if forked:
            permissions = dict.fromkeys(permissions, "read")
        secrets = {} if forked else self.secrets.get(said.get("environment", ""), {})
        machine = Machine(self, self.folder / f"{run}-{name}", event, run)
        contexts["github"]["token"] = machine.token = self.forge.mint(permissions)
        contexts |= {"secrets": {**secrets, "GITHUB_TOKEN": machine.token}, "runner": {"temp": str(machine.temp)}}
        env = {key: filled(value, contexts) for key, value in said.get("env", {}).items()}
        ended = machine.steps(said["steps"], contexts, env)
        return Job(ended, machine.log, machine.outputs, machine.page)


class Machine:
    """One job at work.

    Args:
        runner: whose machine it is.
        folder: the machine's own.
        event: why the job runs.
        run: the number of the run.
    """

    def __init__(self, runner: Runner, folder: Path, event: Event, run: int) -> None:
        self.runner, self.event, self.run = runner, event, run
        self.work, self.temp, self.home = folder / "work", folder / "temp", folder / "home"
        for each in (self.work, self.temp, self.home):
            each.mkdir(parents=True)
        (self.temp / "event.json").write_text(json.dumps(event.payload), encoding="utf-8")
        self._env = self.temp / "env"
        self._env.touch()
        self.token, self.log, self.page = "", "", ""
        self.outputs: dict[str, dict[str, str]] = {}
        self._number = 0

    def steps(self, said: list[dict[str, Any]], contexts: dict[str, Any], env: Mapping[str, str]) -> str:
        """All steps, of a job or of an action; how they ended."""
        here: dict[str, Any] = {}
        contexts = {**contexts, "steps": here}
        good = True
        for step in said:
            name = step.get("id", f"step-{self._next()}")
            status = {"success": good, "failure": not good, "always": True, "cancelled": False}
            if not holds(step.get("if"), {**contexts, "env": env}, status):
                here[name] = {"outcome": "skipped", "outputs": {}}
                continue
            whole = {**env, **{key: filled(value, contexts) for key, value in step.get("env", {}).items()}}
            given = {key: filled(value, contexts) for key, value in step.get("with", {}).items()}
            if "run" in step:
                code, outputs = self._shell(step, filled(step.get("working-directory", "."), contexts), whole)
            else:
                code, outputs = self._use(step["uses"], given, contexts, whole)
            here[name] = {"outcome": "failure" if code else "success", "outputs": outputs}
            self.outputs[name] = outputs
            good = good and not code
        return "success" if good else "failure"

    def _shell(self, step: dict[str, Any], where: str, env: Mapping[str, str]) -> tuple[int, dict[str, str]]:
        """One `run:`; no expression may stand in it, for what it comes to would be a part of the script."""
        assert "${{" not in step["run"], step
        number = self._next()
        script, outputs, page = (self.temp / f"{number}{suffix}" for suffix in (".sh", ".out", ".md"))
        script.write_text(step["run"], encoding="utf-8")
        outputs.touch()
        done = subprocess.run(
            [*_SHELLS[step.get("shell")], str(script)],
            cwd=self.work / where,
            env={**self._environment(), "GITHUB_OUTPUT": str(outputs), "GITHUB_STEP_SUMMARY": str(page), **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
            timeout=100,
        )
        self.log += done.stdout
        self.page += page.read_text(encoding="utf-8") if page.exists() else ""
        return done.returncode, _lines(outputs)

    def _use(
        self, action: str, given: dict[str, str], contexts: dict[str, Any], env: Mapping[str, str]
    ) -> tuple[int, dict[str, str]]:
        if action == OURS:
            return self._whsync(given, contexts, env)
        name, _, commit = action.partition("@")
        assert len(commit) == 40, f"{action} is not pinned"
        plays = {
            "actions/checkout": self._check_out,
            "actions/upload-artifact": self._upload,
            "actions/download-artifact": self._download,
            "actions/setup-python": lambda _: 0,
            "github/codeql-action/upload-sarif": self._scan,
        }
        return plays[name](given), {}

    def _whsync(
        self, given: dict[str, str], contexts: dict[str, Any], env: Mapping[str, str]
    ) -> tuple[int, dict[str, str]]:
        """whsync's own action: its inputs, its steps, its outputs."""
        said = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
        assert set(given) <= set(said["inputs"]), given
        inputs = {}
        for name, described in said["inputs"].items():
            assert name in given or not described.get("required"), f"{name} is missing"
            inputs[name] = given.get(name, filled(described.get("default", ""), contexts))
        inner: dict[str, Any] = {key: value for key, value in contexts.items() if key not in ("secrets", "steps")}
        before = self.outputs
        self.outputs = {}
        ended = self.steps(said["runs"]["steps"], {**inner, "inputs": inputs}, env)
        steps = {name: {"outputs": outputs} for name, outputs in self.outputs.items()}
        self.outputs = before
        told = {name: filled(each["value"], {"steps": {"keep": {}, **steps}}) for name, each in said["outputs"].items()}
        return int(ended == "failure"), told

    def _check_out(self, given: dict[str, str]) -> int:
        assert given.get("persist-credentials") == "false", "the token would stay in the checkout"
        shutil.rmtree(self.work)
        server = f"file://{self.runner.repository.server}"
        depth = [] if given.get("fetch-depth") == "0" else ["--depth=1"]
        git(self.work.parent, "clone", "--quiet", *depth, server, str(self.work))
        git(self.work, "fetch", "--quiet", *depth, "origin", self.event.sha)
        git(self.work, "checkout", "--quiet", "--detach", self.event.sha)
        return 0

    def _upload(self, given: dict[str, str]) -> int:
        assert set(given) <= {"name", "path", "if-no-files-found", "retention-days"}
        paths = [self.work / path for path in given["path"].splitlines()]  # an absolute path stays what it is
        files = [each for path in paths for each in (sorted(path.iterdir()) if path.is_dir() else [path])]
        files = [each for each in files if each.exists()]
        self.runner.forge.keep(self.run, given["name"], {each.name: each.read_bytes() for each in files})
        return int(not files and given.get("if-no-files-found") == "error")

    def _download(self, given: dict[str, str]) -> int:
        found = [
            each for each in self.runner.forge.artifacts if (each["run"], each["name"]) == (self.run, given["name"])
        ]
        zipfile.ZipFile(io.BytesIO(found[-1]["data"])).extractall(self.work)
        return 0

    def _scan(self, given: dict[str, str]) -> int:
        self.runner.scans.append(json.loads(Path(given["sarif_file"]).read_text(encoding="utf-8")))
        return 0

    def _environment(self) -> dict[str, str]:
        """What every step finds: nothing of this test run's own variables but the way to programs."""
        return {
            "PATH": f"{self.runner.folder / 'stubs'}:{os.environ['PATH']}",
            "STUBS": str(self.runner.folder / "stubs"),
            "HOME": str(self.home),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_API_URL": self.runner.forge.url,
            "GITHUB_BASE_REF": "main" if self.event.name == "pull_request" else "",
            "GITHUB_EVENT_NAME": self.event.name,
            "GITHUB_ENV": str(self._env),
            "GITHUB_EVENT_PATH": str(self.temp / "event.json"),
            "GITHUB_REF": self.event.ref,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_ID": str(self.run),
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_SHA": self.event.sha,
            "RUNNER_TEMP": str(self.temp),
            **_lines(self._env),
        }

    def _next(self) -> int:
        self._number += 1
        return self._number


def _lines(path: Path) -> dict[str, str]:
    """What a step left in a file for the others, a `NAME=VALUE` a line."""
    pairs = (line.partition("=") for line in path.read_text(encoding="utf-8").splitlines())
    return {name: value for name, _, value in pairs}


def _github(event: Event) -> dict[str, Any]:
    return {
        "event_name": event.name,
        "event": event.payload,
        "repository": REPOSITORY,
        "ref": event.ref,
        "sha": event.sha,
        "base_ref": "main" if event.name == "pull_request" else "",
    }
