"""A vendor whose webhooks have several secrets: one that signs, a password, and a token that it shows masked.

It is a real server on loopback, written by hand, and not from its manifest. Used by the tests of named secrets.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.cli.conftest import Result, Run
from tests.cli.world import validate
from tests.loopback import Answer, Asked, served

MANIFEST = """\
type: pair
title: Pair
sources: [https://pair.example/docs]
unknown: [Nothing that matters here.]
auth: [{kind: bearer}]
variables: {token: PAIR_TOKEN}
read:
  - {how: list, path: /hooks, items: hooks}
identity: {id: id}
natural_key: [/url]
fields:
  url: {read: url, write: /url}
  events: {read: events, write: /events}
  status: {absent: It cannot be switched off}
  description: {read: description, write: /description}
SECRET
secrets:
  basic: {lifecycle: supplied, write: /auth/password, has: has_password}
  bearer: {lifecycle: supplied, write: /auth/token, mask: token_shown}
create:
  - {path: /hooks, ok: [201]}
update:
  - {path: "/hooks/{id}", method: PATCH, ok: [200], safe_to_repeat: true}
retire:
  - {how: delete, path: "/hooks/{id}", ok: [204], safe_to_repeat: true}
errors: {message: [message]}
examples: []
"""
SIGNS = "secret: {lifecycle: supplied, write: /secret, value: secret_shown}"
ISSUES = "secret: {lifecycle: issued, issued: secret_shown}"
VALUES = {"SIGNING": "signing-secret-of-ours", "BASIC": "password-of-ours-1", "BEARER": "bearer-token-of-ours"}


class Pair:
    """The vendor.

    Attributes:
        hooks: what it holds, by id, secrets among it.
        writes: the writes that it was asked for: method, path and body.
        issues: it makes the secret that signs.
        refuses: the status with which it answers writes; 0: it does not.
        meanwhile: what happens once it has done what a write asks for, before its answer goes out.
    """

    def __init__(self, issues: bool = False) -> None:
        self.hooks: dict[str, dict[str, Any]] = {}
        self.writes: list[tuple[str, str, Any]] = []
        self.issues, self.refuses = issues, 0
        self.meanwhile: Callable[[], None] | None = None
        self.address = ""

    @property
    def only(self) -> dict[str, Any]:
        """The one webhook that it has."""
        (hook,) = self.hooks.values()
        return hook

    def answer(self, asked: Asked) -> Answer:
        """One call."""
        if asked.method == "GET":
            return Answer.of(200, {"hooks": [self._shown(hook) for hook in self.hooks.values()]})
        body = asked.document() or {}
        self.writes.append((asked.method, asked.path, body))
        if self.refuses:
            return Answer.of(self.refuses, {"message": "not now"})
        remote_id = asked.path.removeprefix("/hooks").strip("/") or str(len(self.hooks) + 1)
        if asked.method == "DELETE":
            return Answer.of(204 if self.hooks.pop(remote_id, None) else 404, None)
        made = asked.method == "POST"
        before = {"id": remote_id, **({"secret": f"issued-by-pair-{remote_id}"} if self.issues else {})}
        hook = self.hooks.setdefault(remote_id, before)
        hook |= {key: value for key, value in body.items() if key != "auth"}
        hook["auth"] = {**hook.get("auth", {}), **body.get("auth", {})}
        if self.meanwhile is not None:
            self.meanwhile()
        return Answer.of(201 if made else 200, self._shown(hook, made))

    def _shown(self, hook: dict[str, Any], made: bool = False) -> dict[str, Any]:
        plain = {key: value for key, value in hook.items() if key not in ("auth", "secret")}
        auth = hook.get("auth", {})
        plain["has_password"] = bool(auth.get("password"))
        if token := auth.get("token"):
            plain["token_shown"] = f"{token[:3]}***{token[-3:]}"
        if (made or not self.issues) and hook.get("secret"):
            plain["secret_shown"] = hook["secret"]
        return plain


class Desk:
    """A folder with one webhook at that vendor, and whatever was said there."""

    def __init__(self, run: Run, folder: Path, vendor: Pair) -> None:
        self.folder, self.vendor, self._run = folder, vendor, run
        self.environment = {"PAIR_TOKEN": "token-for-pair", "WHSYNC_MAX_WAIT": "0", "WHSYNC_RECORD": "runs.record"}
        self.environment |= VALUES
        self.said: list[str] = []
        (folder / "pair.yaml").write_text(MANIFEST.replace("SECRET", ISSUES if vendor.issues else SIGNS))
        self.write()

    def write(self, *, defaults: Any = None, others: Any = None, **changes: Any) -> None:
        """Write webhooks.yaml; None takes a key away."""
        block = {
            "url": "https://hooks.acme.com/in",
            "events": ["push"],
            "secret": {"to": "file:./secrets/signing"} if self.vendor.issues else {"from": "env:SIGNING"},
            "secrets": {"basic": {"from": "env:BASIC"}, "bearer": {"from": "env:BEARER"}},
            **changes,
        }
        whole = {
            "version": 1,
            "providers": {"pair": {"type": "./pair.yaml", "base_url": self.vendor.address}},
            "defaults": defaults or {},
            "webhooks": {"ci": {key: value for key, value in block.items() if value is not None}, **(others or {})},
        }
        (self.folder / "webhooks.yaml").write_text(yaml.safe_dump(whole, sort_keys=False))

    def __call__(self, *argv: str, exit: int = 0, **environment: str) -> Result:
        """Start a command, which must end with `exit`; remember what it said."""
        result = self._run(*argv, cwd=self.folder, env={**self.environment, **environment})
        self.said += [result.stdout, result.stderr]
        assert result.exit == exit, result
        return result

    def applied(self, *argv: str) -> Result:
        """Apply, which must succeed."""
        return self("apply", "--yes", *argv)

    def change(self, *argv: str, exit: int = 0) -> dict[str, Any]:
        """What a plan says of the webhook."""
        plan = yaml.safe_load(self("plan", "--format", "json", *argv, exit=exit).stdout)
        validate("plan", plan)
        change: dict[str, Any] = plan["changes"][0]
        return change

    def states(self, *argv: str, exit: int = 0) -> dict[str, str]:
        """What a plan says of each secret, by its name."""
        change = self.change(*argv, exit=exit)
        return {"secret": change["secret"], **{name: told["state"] for name, told in change["secrets"].items()}}

    @property
    def entry(self) -> dict[str, Any]:
        """What the lock has of the webhook."""
        lock = yaml.safe_load((self.folder / "webhooks.lock.json").read_text())
        validate("lock", lock)
        entry: dict[str, Any] = lock["webhooks"]["ci"]
        return entry

    def killed(self, *argv: str) -> None:
        """A command that dies once the vendor has done what a write asks for, and before its answer is there."""
        process = subprocess.Popen(
            [sys.executable, "-m", "reconciler", *argv, "--yes"],
            cwd=self.folder,
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.vendor.meanwhile = lambda: os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=60)
        self.vendor.meanwhile = None
        assert process.returncode == -signal.SIGKILL

    def everything(self) -> Iterator[str]:
        """All outputs, and all files but those where secrets belong."""
        yield from self.said
        for path in self.folder.rglob("*"):
            if path.is_file() and "secrets" not in path.parts:
                yield path.read_bytes().decode(errors="replace")


@contextmanager
def desk(run: Run, folder: Path, issues: bool = False) -> Iterator[Desk]:
    """The vendor, listening until the block ends, and a folder for it."""
    vendor = Pair(issues)
    with served(vendor.answer) as vendor.address:
        yield Desk(run, folder, vendor)
