"""GitLab CI and Bitbucket Pipelines: the scripts of their YAML, each in a shell as there, and the calls that they make.

Used by the tests of this folder. Keys that are not known here are an error.
"""

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import yaml

from tests.loopback import Answer, Asked, Server
from tests.pipelines import stubs
from tests.pipelines.repository import Repository, git

ROOT = Path(__file__).parents[2]
ISSUE_TOKEN = "glpat-issues-0123"
_CLONE = """\
#!/bin/sh
# whsync's own repository is this checkout; every other word is git's.
case "$1 $2 $3" in
  "clone --quiet https://YOUR-HOST/YOUR-COPY.git") ln -s {root} "$4" ;;
  "-C $HOME/whsync checkout") test "$*" = "-C $HOME/whsync checkout --quiet --detach {commit}" ;;
  *) exec {git} "$@" ;;
esac
"""


class Ended(NamedTuple):
    """What became of a job: its exit code, its log, and the files that it left for others."""

    code: int
    log: str
    files: dict[str, bytes]


class Machine:
    """Where scripts run.

    Args:
        folder: of all its jobs.
        repository: what they check out.
    """

    def __init__(self, folder: Path, repository: Repository) -> None:
        self.folder, self.repository = folder, repository
        self._jobs = 0
        stubs.install(folder / "stubs")
        program = git(folder, "--exec-path")
        text = _CLONE.format(root=ROOT, commit=40 * "0", git=Path(program) / "git")
        (folder / "stubs" / "git").write_text(text, encoding="utf-8")
        (folder / "stubs" / "git").chmod(0o755)

    def run(
        self,
        lines: Iterable[str],
        ref: str,
        env: Mapping[str, str],
        before: Mapping[str, bytes],
        keep: Iterable[str],
        after: Iterable[str] = (),
    ) -> Ended:
        """One job, in a fresh checkout.

        Args:
            lines: of its scripts, all in one shell.
            ref: what is checked out.
            env: its variables.
            before: files of former jobs.
            keep: patterns of the files that it leaves.
            after: lines for another shell, however the first one ended.
        """
        self._jobs += 1
        home = self.folder / f"job-{self._jobs}"
        work = home / "work"
        work.mkdir(parents=True)
        git(work, "init", "--quiet")
        git(work, "remote", "add", "origin", f"file://{self.repository.server}")
        git(work, "fetch", "--quiet", "--depth=1", "origin", ref)
        git(work, "checkout", "--quiet", "--detach", "FETCH_HEAD")
        for name, data in before.items():
            (work / name).write_bytes(data)
        whole = {
            "PATH": f"{self.folder / 'stubs'}:{os.environ['PATH']}",
            "STUBS": str(self.folder / "stubs"),
            "HOME": str(home),
            "CI": "true",
            **env,
        }
        code, said = _shell(lines, work, whole)
        log = said + _shell(after, work, whole)[1]
        left = {path.name: path.read_bytes() for pattern in keep for path in work.glob(pattern)}
        return Ended(code, log, left)


def _shell(lines: Iterable[str], work: Path, env: Mapping[str, str]) -> tuple[int, str]:
    done = subprocess.run(
        ["bash", "-c", "\n".join(["set -eo pipefail", *lines])],
        cwd=work,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
        timeout=100,
    )
    return done.returncode, done.stdout


class GitLab:
    """Jobs of .gitlab-ci.yml, and the calls about issues that they make.

    Args:
        file: the YAML.
        machine: where jobs run.
        variables: of the project.
    """

    def __init__(self, file: Path, machine: Machine, variables: Mapping[str, str]) -> None:
        self.said = yaml.safe_load(file.read_text(encoding="utf-8"))
        self.machine, self.variables = machine, variables
        self.server = Server(self._answer)
        self.issues: list[dict[str, Any]] = []
        self.notes: list[str] = []
        self.wrong: list[str] = []

    def jobs(self, **env: str) -> list[str]:
        """The jobs of a pipeline that has these variables, in the order of their stages."""
        found = [name for name, job in self.said.items() if "stage" in job and self._rule(job, env) is not None]
        return sorted(found, key=lambda name: self.said["stages"].index(self.said[name]["stage"]))

    def run(
        self, name: str, ref: str, before: Mapping[str, bytes], env: Mapping[str, str], forked: bool = False
    ) -> Ended:
        """One job. A fork's has none of the project's variables."""
        job = {**self.said[self.said[name]["extends"]], **self.said[name]}
        known = {"extends", "image", "stage", "rules", "script", "before_script", "artifacts", "environment"}
        assert set(job) <= known | {"needs", "interruptible", "resource_group", "after_script"}
        server = f"file://{self.machine.repository.server}"
        whole = {
            **{key: str(value) for key, value in self.said["variables"].items()},
            "GITLAB_CI": "true",
            "CI_API_V4_URL": f"{self.server.url}/api/v4",
            "CI_PROJECT_ID": "42",
            "CI_MERGE_REQUEST_PROJECT_ID": "42",
            "CI_MERGE_REQUEST_PROJECT_URL": server.removesuffix(".git"),
            "CI_PROJECT_URL": server.removesuffix(".git"),
            "CI_PIPELINE_URL": "https://gitlab.example/acme/hooks/-/pipelines/1",
            **({"CI_PROJECT_ID": "43"} if forked else self.variables),
            **env,
        }
        kept = job["artifacts"]["paths"] + list(job["artifacts"].get("reports", {}).values())
        lines = [*job["before_script"], *job["script"]]
        return self.machine.run(lines, ref, whole, before, kept, job.get("after_script", []))

    def _rule(self, job: Mapping[str, Any], env: Mapping[str, str]) -> str | None:
        """How a job starts, `on_success` or `manual`; None where it is not in the pipeline."""
        for rule in job["rules"]:
            left, right = re.fullmatch(r"\$(\w+) == (\S+)", rule["if"]).groups()  # type: ignore[union-attr] # or fail
            wanted = right.strip('"') if right.startswith('"') else env.get(right.removeprefix("$"))
            if env.get(left) == wanted:
                when = rule.get("when", "on_success")
                return None if when == "never" else when
        return None

    def _answer(self, asked: Asked) -> Answer:
        path, _, query = asked.path.partition("?")
        body = json.loads(asked.body) if asked.body else {}
        if asked.headers.get("PRIVATE-TOKEN") != ISSUE_TOKEN:
            return self._refuse(401, asked)
        match asked.method, path.removeprefix("/api/v4/").split("/"):
            case "GET", ["user"]:
                return _json({"id": 9})
            case "GET", ["projects", "42", "issues"] if dict(parse_qsl(query))["author_id"] == "9":
                return _json([each for each in self.issues if each["state"] == dict(parse_qsl(query))["state"]])
            case "POST", ["projects", "42", "issues"] if set(body) == {"title", "description"}:
                self.issues.append({"iid": len(self.issues) + 1, "state": "opened", **body})
                return _json(self.issues[-1], 201)
            case "PUT", ["projects", "42", "issues", iid] if set(body) <= {"title", "description", "state_event"}:
                issue = self.issues[int(iid) - 1]
                issue |= {"state": "closed"} if body.pop("state_event", "") == "close" else {}
                issue |= body
                return _json(issue)
            case "POST", ["projects", "42", "issues", _, "notes"] if set(body) == {"body"}:
                self.notes.append(body["body"])
                return _json({"id": 1}, 201)
        return self._refuse(404, asked)

    def _refuse(self, status: int, asked: Asked) -> Answer:
        self.wrong.append(f"{asked.method} {asked.path}")
        return Answer(status, b"{}")


class Bitbucket:
    """Steps of bitbucket-pipelines.yml, and the proxy beside them that takes reports.

    Args:
        file: the YAML.
        machine: where steps run.
        variables: of the repository.
    """

    def __init__(self, file: Path, machine: Machine, variables: Mapping[str, str]) -> None:
        self.pipelines = yaml.safe_load(file.read_text(encoding="utf-8"))["pipelines"]
        self.machine, self.variables = machine, variables
        self.proxy = Server(self._answer)
        self.reports: list[dict[str, Any]] = []

    def run(self, step: Mapping[str, Any], ref: str, before: Mapping[str, bytes], **env: str) -> Ended:
        """One step."""
        assert set(step["step"]) <= {"name", "script", "artifacts", "trigger", "deployment"}
        whole = {
            "BITBUCKET_REPO_FULL_NAME": "acme/hooks",
            "BITBUCKET_COMMIT": self.machine.repository.at(ref),
            "BITBUCKET_BUILD_NUMBER": "12",
            "INSIGHTS_PROXY": self.proxy.url,
            **self.variables,
            **env,
        }
        return self.machine.run(step["step"]["script"], ref, whole, before, step["step"].get("artifacts", []))

    def _answer(self, asked: Asked) -> Answer:
        wanted = r"http://api\.bitbucket\.org/2\.0/repositories/acme/hooks/commit/[0-9a-f]{40}/reports/whsync"
        body = json.loads(asked.body)
        fits: Callable[[Any], bool] = lambda value: set(value) == {"title", "type", "value"}  # noqa: E731
        keys = {"title", "report_type", "reporter", "link", "result", "details", "data"}
        if asked.method != "PUT" or not re.fullmatch(wanted, asked.path) or set(body) != keys:
            return Answer(404, b"{}")
        if len(body["data"]) > 10 or not all(map(fits, body["data"])) or body["result"] not in ("PASSED", "FAILED"):
            return Answer(400, b"{}")
        self.reports.append(body)
        return _json(body)


def _json(value: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value).encode())
