"""A vendor on loopback whose answers tell nothing but ids, and a folder beside it. Used by the tests of reading back.

It speaks as `tests/manifests/shapes/mute.yaml` describes it.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from tests.cli.conftest import Result, Run
from tests.cli.keys import Shop, Vendor

OURS = "a secret of our own"


def _nothing(call: str, moment: str) -> None:
    """Let it pass."""


class Mute(Vendor):
    """See `mute.yaml`.

    Attributes:
        frozen: fields (in its own words) that it keeps although it answers that it took them.
        hidden: ids that reads do not show yet, though they are there.
        undying: ids that stay although it answers that they are deleted.
        emptied: fields (in its own words) that every update empties which does not send them.
        unique: it has one webhook for each text, and refuses another; `alone`: what is unique instead.
        upserts: asked for another of the same text, it makes the one of the other, and answers that one's id.
        forgiving: it answers success to an update of what is not there.
        busy: the status of every read, once something was written; 0: they work.
        watch: is told each call before and after it is done: `GET /hooks` and `before`; False: it is not done.
    """

    kind = "mute"

    def __init__(self) -> None:
        super().__init__()
        self.frozen: set[str] = set()
        self.hidden: set[str] = set()
        self.undying: set[str] = set()
        self.emptied: set[str] = set()
        self.forgiving = self.unique = self.upserts = False
        self.alone = ""
        self.busy = 0
        self.watch: Callable[[str, str], bool | None] = _nothing
        self._written = False

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        """A status and a document."""
        call, self._written = f"{method} /{'/'.join(path)}", self._written or method != "GET"
        if self.watch(call, "before") is False:
            return 0, None
        answer = self.done(method, path, body)
        self.watch(call, "after")
        return answer

    def done(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        """What it does, and says."""
        match method, path:
            case "GET", _ if self._written and self.busy:
                return self.busy, {"message": "busy"}
            case "GET", ["account"]:
                return 200, {}
            case "GET", ["hooks"]:
                return 200, {"hooks": [row for row in self.rows if row["id"] not in self.hidden]}
            case "POST", ["hooks"] if self.upserts and (old := self.of_text(body.get("text"))):
                old.update({name: value for name, value in body.items() if name not in (*self.frozen, "secret")})
                return 201, {"id": old["id"]}
            case "POST", ["hooks"] if self.alone and any(row[self.alone] == body[self.alone] for row in self.rows):
                return 409, {"message": f"a webhook of this {self.alone} already exists"}
            case "POST", ["hooks"] if self.unique and self.of_text(body.get("text")):
                return 409, {"message": "a webhook of this text already exists"}
            case "POST", ["hooks"]:
                given = {name: value for name, value in body.items() if name not in (*self.frozen, "secret")}
                row = self.add(body.get("secret"), **{"text": "", "events": ["a"], "state": "up", **given})
                return 201, {"id": row["id"]}
            case "GET", ["hooks", row_id] if self.is_there(row_id) and row_id not in self.hidden:
                return 200, self.row(row_id)
            case "PATCH" | "PUT", ["hooks", row_id, *_] if self.is_there(row_id):
                self.secrets[row_id] = body.pop("secret", self.secrets[row_id])
                given = {**{name: [] for name in self.emptied}, **body}
                self.row(row_id).update({name: value for name, value in given.items() if name not in self.frozen})
                return 204, None
            case "PATCH" | "PUT", _ if self.forgiving:
                return 204, None
            case "DELETE", ["hooks", row_id] if row_id in self.undying and self.is_there(row_id):
                return 204, None
            case "DELETE", ["hooks", row_id] if self.is_there(row_id):
                self.rows.remove(self.row(row_id))
                return 204, None
            case _:
                return 404, {"message": "not there"}

    def of_text(self, text: str) -> dict[str, Any] | None:
        """The webhook of this text."""
        return next((row for row in self.rows if row.get("text") == text), None)

    def is_there(self, row_id: str) -> bool:
        """Whether it has a webhook of this id."""
        return any(row["id"] == row_id for row in self.rows)

    def start_anew(self) -> None:
        """Another run begins."""
        self.asked.clear()
        self._written = False

    def heal(self) -> None:
        """From now on all is well."""
        self.busy, self.watch = 0, _nothing
        self.frozen, self.hidden, self.undying, self.emptied = set(), set(), set(), set()

    def add(self, secret: str | None = None, created: str = "", **fields: Any) -> dict[str, Any]:
        """One more webhook; ids are never used again."""
        row = {"id": f"m{len(self.secrets) + 1}", **fields}
        self.rows.append(row)
        self.secrets[row["id"]] = secret or "none of ours, and never shown"
        return row


class Place(Shop):
    """A folder with some webhooks at this vendor."""

    vendor: Mute

    def __init__(self, run: Run, folder: Path, vendor: Mute, url: str, listed: bool = True) -> None:
        super().__init__(run, folder, vendor, url)
        self.environment["OURS"] = OURS
        self.listed = listed
        self._provider["settings"] = {"list": listed}

    def declare(self, *names: str, **changes: Any) -> None:
        """Write webhooks.yaml: one webhook for each name, with its own URL unless `changes` say otherwise."""
        usual = {"events": ["a", "b"], "description": "one"}
        hooks = {name: {"url": f"https://hooks.acme.com/{name}", **usual, **changes} for name in names}
        whole = {"version": 1, "providers": {"own": self._provider}, "webhooks": hooks}
        (self.folder / "webhooks.yaml").write_text(yaml.safe_dump(whole), "utf-8")

    def apply(self, *argv: str, exit: int = 0) -> Result:
        """`whsync apply --yes`, looking only at the calls from now on."""
        self.vendor.start_anew()
        return self("apply", "--yes", *argv, exit=exit)

    def reads(self) -> list[str]:
        """The calls that were reads."""
        return [call for call in self.vendor.asked if call.startswith("GET")]

    def lock(self) -> dict[str, Any]:
        """The lock's webhooks by name."""
        webhooks: dict[str, Any] = json.loads((self.folder / "webhooks.lock.json").read_text("utf-8"))["webhooks"]
        return webhooks

    def begin(self, *argv: str) -> "subprocess.Popen[str]":
        """A command as a process of its own, looking only at the calls from now on."""
        self.vendor.start_anew()
        root = Path(__file__).parents[2]
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(root), **self.environment}
        command = [sys.executable, "-m", "reconciler", *argv]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=self.folder, env=environment, stdout=pipe, stderr=pipe, text=True)

    def kill(self, call: str, moment: str) -> None:
        """Apply, and die before the vendor does what it is asked (`POST /hooks`), or after; then all is well again."""
        process = self.begin("apply", "--yes")

        def watch(now: str, when: str) -> bool:
            if not self.vendor.writes() or not now.startswith(call) or when != moment:
                return True
            process.kill()
            process.wait(60)
            return False

        self.vendor.watch = watch
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL
        self.vendor.heal()

    def urls(self) -> dict[str, str]:
        """What is at the vendor, by id."""
        return {row["id"]: row["url"] for row in self.vendor.rows}

    def actions(self, *argv: str) -> dict[str, str]:
        """What a plan would do, by name."""
        plan = json.loads(self("plan", "--format", "json", *argv).stdout)
        return {change["name"]: change["action"] for change in plan["changes"]}
