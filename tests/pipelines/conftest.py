"""GitHub as a pipeline meets it: API, repository, runners, and the simulated vendor behind the same address."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler.sandbox import Sandbox
from tests.pipelines.forge import HOOKS_READ, HOOKS_WRITE, REPOSITORY, Forge
from tests.pipelines.repository import Repository
from tests.pipelines.runner import Event, Run, Runner

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "05-github"
FORK = "mallory/hooks"
NEEDED = ("bash", "git", "jq", "curl", "unzip")


def example_files(folder: Path, vendor: str) -> dict[str, str]:
    """The files of an example that a user copies; in them, `vendor` stands where GitHub's API does."""
    files = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.is_file()}
    return {name: text.replace("https://api.github.com", vendor) for name, text in files.items()}


def need_programs() -> None:
    """Skip the test where the scripts cannot run."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        pytest.skip(f"the scripts of a pipeline need {', '.join(missing)}")


class World:
    """A copy of the example in a repository, and everything around it."""

    def __init__(self, folder: Path, box: Sandbox, example: Path = EXAMPLE) -> None:
        self.example, self.vendor = example, box["github"]
        self.forge = Forge(self.vendor.url, self.vendor.credentials["token"])
        files = example_files(example, self.forge.url)
        self.text = files["webhooks.yaml"]
        self.repository = Repository(folder / "repository", files)
        secrets = {
            "": {"HOOKS_TOKEN": HOOKS_READ},
            "webhooks-read": {"HOOKS_READ_TOKEN": HOOKS_READ},
            "webhooks-write": {"HOOKS_WRITE_TOKEN": HOOKS_WRITE},
        }
        self.runner = Runner(folder / "runner", self.forge, self.repository, secrets)

    def push(self, number: int, text: str, head: str = REPOSITORY, workflow: str = "plan") -> Run:
        """A commit of a pull request changes webhooks.yaml; its plan is made."""
        sha = self.repository.propose(number, {"webhooks.yaml": text})
        known = [each for each in self.forge.pulls if each["number"] == number]
        pull: dict[str, Any] = known[0] if known else {"number": number, "state": "open", "merge_commit_sha": None}
        pull["head"] = {"sha": sha, "ref": "change", "repo": {"full_name": head}}
        if not known:
            self.forge.pulls.append(pull)
        ref = f"refs/pull/{number}/merge"
        merged = self.repository.at(ref)
        event = Event("pull_request", {"pull_request": pull}, merged, ref, sha, head)
        return self.runner.run(self._workflow(workflow), event)

    def completed(self, run: Run) -> Run:
        """GitHub tells that a run has ended, and the comment on a fork's request is made."""
        (told,) = [each for each in self.forge.runs if each["id"] == run.id]
        payload = {"workflow_run": {**told, "head_branch": "change"}}
        return self.runner.run(self._workflow("comment"), self._on_main("workflow_run", payload))

    def merge(self, number: int) -> Run:
        """A pull request is merged, and what follows a push to main runs."""
        (pull,) = [each for each in self.forge.pulls if each["number"] == number]
        pull |= {"merge_commit_sha": self.repository.merge(number), "state": "closed"}
        return self.runner.run(self._workflow("apply"), self._on_main("push", {}))

    def by_hand(self) -> Run:
        """Somebody starts the apply, and approves it."""
        return self.runner.run(self._workflow("apply"), self._on_main("workflow_dispatch", {}))

    def apply_by_hand(self) -> None:
        """Somebody applies main on a machine of theirs, and commits the lock."""
        program = self.runner.folder / "stubs" / "whsync"
        env = {"PATH": os.environ["PATH"], "GITHUB_API_URL": self.forge.url, "GITHUB_TOKEN": HOOKS_WRITE}
        subprocess.run([program, "apply", "--yes"], cwd=self.repository.clone, env=env, check=True, timeout=60)
        self.repository.publish({})

    def queue(self) -> Run:
        """A merge queue asks whether what it would merge is good."""
        payload = {"merge_group": {"base_ref": "refs/heads/main"}}
        return self.runner.run(self._workflow("plan"), self._on_main("merge_group", payload))

    def night(self, workflow: str = "drift") -> Run:
        """The nightly look for drift."""
        return self.runner.run(self._workflow(workflow), self._on_main("schedule", {}))

    def scan(self) -> Run:
        """The optional scan."""
        return self.runner.run(self._workflow("scanning"), self._on_main("push", {}))

    def _on_main(self, name: str, payload: dict[str, Any]) -> Event:
        main = self.repository.main()
        return Event(name, payload, main, "refs/heads/main", main)

    def _workflow(self, name: str) -> Path:
        return self.example / ".github" / "workflows" / f"webhooks{name and '-'}{name}.yaml"


@pytest.fixture
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    """See `World`; of the example that a test asks for. At the end, GitHub may have refused no call."""
    need_programs()
    with Sandbox(("github",)) as box:
        made = World(tmp_path, box, getattr(request, "param", EXAMPLE))
        yield made
        made.forge.server.close()
    assert made.forge.wrong == []
