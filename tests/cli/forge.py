"""A forge on loopback whose projects have several names each, and a folder beside it. Used by the tests of places.

A project answers to its number and its path; a path that was renamed redirects; a second host name leads to the same.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml

from tests.cli.conftest import Result, Run
from tests.loopback import listening

MANIFEST: dict[str, Any] = {
    "type": "forge",
    "title": "Forge",
    "sources": ["https://forge.example/docs"],
    "unknown": ["Nothing that matters here."],
    "auth": [{"kind": "bearer"}],
    "variables": {"token": "FORGE_TOKEN"},
    "scope": [{"path": "/projects/{project}"}],
    "probe": {"path": ""},
    "read": [{"how": "list", "path": "/hooks", "one": "/hooks/{id}"}],
    "identity": {"id": "id"},
    "fields": {
        "url": {"read": "url", "write": "/url"},
        "events": {"read": "events", "write": "/events"},
        "status": {"absent": "it cannot be switched off"},
        "description": {"absent": "it keeps none"},
    },
    "secret": {"lifecycle": "supplied", "write": "/token"},
    "create": [{"path": "/hooks", "ok": [201], "ok_when": "id"}],
    "update": [{"path": "/hooks/{id}", "ok": [200], "ok_when": "id", "safe_to_repeat": True}],
    "retire": [{"how": "delete", "path": "/hooks/{id}"}],
    "examples": [],
}
BY_ID = [{"how": "by_id", "path": "/hooks/{id}"}]
URL = "https://ci.acme.com/h"


class Forge:
    """The vendor.

    Attributes:
        names: the number of each project, by every name that it answers to, in lower case.
        renamed: the project's new name, by the old one that redirects there.
        hooks: what each project holds, by its number and the hook's id.
        asked: every call: `GET /projects/42/hooks`.
        counts: ids are counted by project, not over all of them.
        upserts: a create with the URL of another hook answers with that one.
    """

    def __init__(self) -> None:
        self.names = {"42": 42, "grp/api": 42, "43": 43, "grp/web": 43}
        self.renamed: dict[str, str] = {}
        self.hooks: dict[tuple[int, str], dict[str, Any]] = {}
        self.asked: list[str] = []
        self.counts = self.upserts = False
        self.port = 0

    @property
    def ids(self) -> list[tuple[int, str]]:
        """The hooks there are: project and id."""
        return sorted(self.hooks)

    @property
    def writes(self) -> list[str]:
        """The calls that were no reads."""
        return [call for call in self.asked if not call.startswith("GET")]

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """A status and a document, or the place to which it redirects."""
        _, kind, project, *rest = [unquote(part) for part in path.split("/")]
        if project.lower() in self.renamed:
            return 301, "/".join(["", kind, self.renamed[project.lower()], *rest])
        number = self.names.get(project.lower())
        if number is None:
            return 404, {"message": "no such project"}
        if not rest:
            return 200, {"id": number}
        return self._hooks(method, number, rest[1] if rest[1:] else None, body)

    def _hooks(self, method: str, number: int, key: str | None, body: Any) -> tuple[int, Any]:
        mine = {at: hook for (project, at), hook in self.hooks.items() if project == number}
        if key is None and method == "GET":
            return 200, list(mine.values())
        if key is None:
            return 201, self._made(number, body, mine)
        if key not in mine:
            return 404, {"message": "no such hook"}
        if method == "DELETE":
            del self.hooks[number, key]
            return 204, None
        mine[key].update({name: value for name, value in (body or {}).items() if name != "token"})
        return 200, mine[key]

    def _made(self, number: int, body: Any, mine: dict[str, dict[str, Any]]) -> dict[str, Any]:
        for hook in mine.values() if self.upserts else ():
            if hook["url"] == body["url"]:
                return hook
        key = str(1 + len(mine if self.counts else self.hooks))
        hook = {name: value for name, value in body.items() if name != "token"} | {"id": key}
        self.hooks[number, key] = hook
        return hook


@contextmanager
def serving() -> Iterator[Forge]:
    """The vendor, listening until the block ends."""
    forge = Forge()

    class Handler(BaseHTTPRequestHandler):
        def handle_call(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or b"null")
            forge.asked.append(f"{self.command} {self.path}")
            status, document = forge.answer(self.command, self.path, body)
            self.send_response(status)
            if status == 301:
                self.send_header("location", f"{document}?token=hunter2hunter2")
            data = b"" if document is None else json.dumps(document).encode()
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_call

        def log_message(self, format: str, *words: Any) -> None:
            """Say nothing."""

    with listening(Handler) as port:
        forge.port = port
        yield forge


class Yard:
    """A folder whose webhooks are at the forge.

    Args:
        words: what its manifest says beside the usual, or instead.
    """

    def __init__(self, run: Run, folder: Path, forge: Forge, **words: Any) -> None:
        self.forge, self.folder, self._run = forge, folder, run
        self.trust = ""
        self.describe(**words)

    def describe(self, **words: Any) -> None:
        """Write the manifest with other words."""
        (self.folder / "forge.yaml").write_text(yaml.safe_dump({**MANIFEST, **words}), "utf-8")

    def write(self, providers: dict[str, Any] | None = None, **webhooks: dict[str, Any]) -> None:
        """Write webhooks.yaml: each webhook with the same URL unless it says otherwise; `providers` adds some."""
        usual = {"url": URL, "events": ["push"], "provider": "forge"}
        at = {"type": "./forge.yaml", "base_url": f"http://127.0.0.1:{self.forge.port}"}
        known = {name: {**at, **block} for name, block in {"forge": {}, **(providers or {})}.items()}
        whole = {"version": 1, "providers": known, "webhooks": {n: {**usual, **block} for n, block in webhooks.items()}}
        (self.folder / "webhooks.yaml").write_text(yaml.safe_dump(whole), "utf-8")

    def __call__(self, *argv: str, exit: int = 0) -> Result:
        """Start a command, which must end with `exit`; look only at the calls from now on."""
        self.forge.asked.clear()
        environment = {
            "FORGE_TOKEN": "token-of-the-account",
            "CI_SECRET": "a secret of our own",
            "WHSYNC_MAX_WAIT": "0",
            "WHSYNC_TRUST": self.trust,
        }
        result = self._run(*argv, cwd=self.folder, env=environment)
        assert result.exit == exit, result
        return result

    def actions(self, *argv: str, exit: int = 0) -> dict[str, str]:
        """What a plan would do, by webhook name."""
        return {change["name"]: change["action"] for change in self.plan(*argv, exit=exit)["changes"]}

    def plan(self, *argv: str, exit: int = 0) -> dict[str, Any]:
        """The plan."""
        made: dict[str, Any] = json.loads(self("plan", "--format", "json", *argv, exit=exit).stdout)
        return made

    @property
    def lock(self) -> dict[str, Any]:
        """The lock's webhooks by name."""
        webhooks: dict[str, Any] = json.loads((self.folder / "webhooks.lock.json").read_text("utf-8"))["webhooks"]
        return webhooks
