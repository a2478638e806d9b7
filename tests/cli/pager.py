"""A vendor on loopback with headers of the receiver's, and a folder beside it. Used by the tests of hidden values.

It can show headers' values as `<redacted>`, the last part of URLs behind asterisks, and something behind URLs.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.cli.conftest import Result, Run
from tests.loopback import Answer, Asked, served

MANIFEST: dict[str, Any] = {
    "type": "pager",
    "title": "Pager",
    "sources": ["https://pager.example/docs"],
    "unknown": ["Nothing that matters here."],
    "auth": [{"kind": "bearer"}],
    "variables": {"token": "PAGER_TOKEN"},
    "read": [{"how": "list", "path": "/hooks"}],
    "identity": {"id": "id"},
    "fields": {
        "url": {"read": "url", "write": "/url", "schemes": ["arn"]},
        "events": {"absent": "it sends everything"},
        "status": {"absent": "it cannot be switched off"},
        "description": {"read": "name", "write": "/name"},
    },
    "options": {
        "auth_header": {"read": "auth_header", "write": "/auth_header"},
        "headers": {"read": "headers", "write": "/headers", "type": "objects", "mask": "<redacted>"},
        "extra": {"read": "extra", "write": "/extra", "type": "map"},
        "tags": {"read": "tags", "write": "/tags", "type": "list"},
        "sealed": {"write": "/sealed"},
        "retries": {"read": "retries", "write": "/retries", "type": "int"},
    },
    "secret": {"lifecycle": "supplied", "write": "/secret"},
    "create": [{"path": "/hooks", "ok": [201], "ok_when": "id"}],
    "update": [{"path": "/hooks/{id}", "ok": [200], "ok_when": "id", "safe_to_repeat": True}],
    "retire": [{"how": "delete", "path": "/hooks/{id}"}],
    "errors": {"message": ["message"]},
    "examples": [],
}


class Pager:
    """The vendor.

    Attributes:
        hooks: what it holds, by id.
        shows: `plain`, `masked`, or `appended`.
        refuses: it refuses writes, and repeats what it was given.
        drops: it carries the next write out, and its answer is lost.
        writes: the bodies that it was sent.
    """

    def __init__(self, run: Run, folder: Path) -> None:
        self.run, self.folder = run, folder
        self.hooks: dict[str, dict[str, Any]] = {}
        self.shows, self.refuses, self.drops = "plain", False, False
        self.writes: list[dict[str, Any]] = []
        self.environment = {"PAGER_TOKEN": "pager-token-0123456789"}
        self.manifest = json.loads(json.dumps(MANIFEST))
        self.url = ""

    def answer(self, asked: Asked) -> Answer:
        """One call."""
        key = asked.path.removeprefix("/hooks").strip("/")
        if asked.method == "GET":
            return Answer.of(200, [self._shown(hook) for hook in self.hooks.values()])
        if asked.method == "DELETE":
            return Answer.of(204 if self.hooks.pop(key, None) else 404, None)
        body = asked.document()
        self.writes.append(body)
        if self.refuses:
            return Answer.of(422, {"message": f"I do not like {json.dumps(body)}"})
        key = key or str(len(self.hooks) + 1)
        self.hooks[key] = {**self.hooks.get(key, {}), **body, "id": key}
        if self.drops:
            self.drops = False
            return Answer.of(502, None)
        return Answer.of(201 if asked.method == "POST" else 200, self._shown(self.hooks[key]))

    def _shown(self, hook: dict[str, Any]) -> dict[str, Any]:
        shown = {key: value for key, value in hook.items() if key not in ("secret", "sealed")}
        if self.shows == "masked":
            shown["url"] = re.sub(r"[^/]+$", "********", hook["url"])
            shown["headers"] = [{**header, "value": "<redacted>"} for header in hook.get("headers", [])]
        if self.shows == "appended":
            shown["url"] = f"{hook['url']}/{hook.get('secret', '')}"
        return shown

    def write(self, webhook: dict[str, Any] | None, **file: Any) -> None:
        """Write the manifest and the file."""
        (self.folder / "pager.yaml").write_text(yaml.safe_dump(self.manifest))
        provider = {"type": "./pager.yaml", "base_url": self.url}
        webhooks = {"chat": webhook} if webhook is not None else {}
        document = {"version": 1, "providers": {"pager": provider}, "webhooks": webhooks, **file}
        (self.folder / "webhooks.yaml").write_text(yaml.safe_dump(document))

    def __call__(self, *argv: str, **env: str) -> Result:
        return self.run(*argv, cwd=self.folder, env={**self.environment, **env})

    def applied(self, *argv: str) -> Result:
        """Apply; it must succeed, and nothing may be left to do."""
        result = self("apply", "--yes", *argv)
        assert result.exit == 0, result
        assert self("plan", "--detailed-exitcode").exit == 0, self("plan").stdout
        return result

    def change(self, *argv: str) -> Any:
        """The one change of a plan."""
        result = self("plan", "--format", "json", *argv)
        (change,) = json.loads(result.stdout)["changes"]
        return change

    @property
    def lock(self) -> Any:
        """The lock's only entry."""
        return json.loads((self.folder / "webhooks.lock.json").read_text())["webhooks"]["chat"]


@contextmanager
def pager_in(run: Run, folder: Path) -> Iterator[Pager]:
    """The vendor, and a folder beside it."""
    pager = Pager(run, folder)
    with served(pager.answer) as pager.url:
        yield pager
