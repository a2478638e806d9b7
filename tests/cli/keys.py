"""Two small vendors on loopback whose secrets have calls of their own; used by the tests of fetching and rotation.

They speak as `tests/manifests/shapes/keysafe.yaml` and `signet.yaml` describe them: Keysafe shows a secret by one call
and replaces it by another, Signet shows it in the answers to a create and to a rotation, and never again.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.cli.conftest import Result, Run
from tests.loopback import listening

SHAPES = Path(__file__).parents[1] / "manifests" / "shapes"
TOKEN = "token-of-the-account"
OLDEST = "2020-01-01T00:00:00Z"


class Fault(NamedTuple):
    """What goes wrong with one call: before or after the vendor did it, with a status or (0) without an answer."""

    status: int = 0
    done: bool = True


class Vendor:
    """What both have in common; `faults` go by the end of a call (`POST /rotate`) and are used up one by one."""

    kind = ""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.secrets: dict[str, str] = {}
        self.asked: list[str] = []
        self.faults: dict[str, list[Fault]] = {}
        self.meanwhile: Callable[[], None] | None = None
        self._issued = 0

    def issue(self) -> str:
        """Another secret."""
        self._issued += 1
        return f"issued-by-{self.kind}-{self._issued}-" + "x" * 16

    def add(self, secret: str | None = None, created: str = OLDEST, **fields: Any) -> dict[str, Any]:
        """One more webhook."""
        row = {"id": f"{self.kind[0]}{len(self.rows) + 1}", "createdAt": created, **fields}
        self.rows.append(row)
        self.secrets[row["id"]] = secret or self.issue()
        return row

    def row(self, row_id: str) -> dict[str, Any]:
        """The webhook of this id."""
        return next(row for row in self.rows if row["id"] == row_id)

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        """A status and a document."""
        raise NotImplementedError

    def writes(self) -> list[str]:
        """The calls that were no reads."""
        return [call for call in self.asked if not call.startswith("GET")]


class Keysafe(Vendor):
    """See `keysafe.yaml`."""

    kind = "keysafe"

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        """A status and a document."""
        match method, path:
            case "GET", ["endpoints"]:
                return 200, {"data": self.rows}
            case "POST", ["endpoints"]:
                secret = body.pop("secret", None)
                return 201, self.add(secret, **body)
            case "GET", ["endpoints", row_id, "secret"]:
                return 200, {"key": self.secrets[row_id]}
            case "POST", ["endpoints", row_id, "secret", "rotate"]:
                self.secrets[row_id] = (body or {}).get("key") or self.issue()
                return 204, None
            case "PATCH", ["endpoints", row_id]:
                self.row(row_id).update(body)
                return 200, self.row(row_id)
            case _:
                return 404, {"message": "no such call"}


class Signet(Vendor):
    """See `signet.yaml`."""

    kind = "signet"

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        """A status and a document."""
        match method, path[1:]:
            case "GET", ["subscriptions"]:
                return 200, {"subscriptions": self.rows}
            case "POST", ["subscriptions"]:
                row = self.add(enabled=True, **body["subscription"])
                return 200, {"subscription": {**row, "signature_key": self.secrets[row["id"]]}}
            case "POST", ["subscriptions", row_id, "signature-key"]:
                self.secrets[row_id] = self.issue()
                return 200, {"signature_key": self.secrets[row_id]}
            case "PUT", ["subscriptions", row_id]:
                self.row(row_id).update(body["subscription"])
                return 200, {"subscription": self.row(row_id)}
            case _:
                return 404, {"message": "no such call"}


@contextmanager
def served(vendor: Vendor) -> Iterator[str]:
    """The vendor on loopback; gives its base URL."""

    class Handler(BaseHTTPRequestHandler):
        def handle_call(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            call = f"{self.command} {self.path}"
            vendor.asked.append(call)
            waiting = next((faults for end, faults in vendor.faults.items() if _ends(call, end) and faults), [])
            fault = waiting.pop(0) if waiting else None
            path = self.path.strip("/").split("/")
            status, document = vendor.answer(self.command, path, body) if fault is None or fault.done else (0, None)
            if vendor.meanwhile is not None and self.command == "POST":
                vendor.meanwhile()
            if fault is not None:
                status, document = fault.status, {"message": "trouble"}
            self.close_connection = True
            if status:
                self.reply(status, b"" if document is None else json.dumps(document).encode())

        def reply(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_call

        def log_message(self, format: str, *words: Any) -> None:
            """Say nothing."""

    with listening(Handler) as port:
        yield f"http://127.0.0.1:{port}"


def _ends(call: str, end: str) -> bool:
    method, _, tail = end.partition(" ")
    return call.startswith(method) and call.endswith(tail)


class Shop:
    """A folder with one webhook at one of these vendors, by a manifest of the user's own."""

    def __init__(self, run: Run, folder: Path, vendor: Vendor, url: str) -> None:
        self.vendor, self.folder, self._run = vendor, folder, run
        self.sink = folder / "secrets" / "hook"
        self.environment = {"TOKEN": TOKEN, "WHSYNC_MAX_WAIT": "0"}
        (folder / "vendors").mkdir()
        (folder / "vendors" / "own.yaml").write_text((SHAPES / f"{vendor.kind}.yaml").read_text("utf-8"), "utf-8")
        self._provider = {"type": "./vendors/own.yaml", "base_url": url, "auth": {"token": "env:TOKEN"}}

    def write(self, **changes: Any) -> None:
        """Write webhooks.yaml; the webhook's secret goes to `sink` unless `changes` say otherwise."""
        hook = {"url": "https://hooks.acme.com/x", "events": ["a"], "secret": {"to": "file:./secrets/hook"}, **changes}
        whole = {"version": 1, "providers": {"own": self._provider}, "webhooks": {"hook": hook}}
        (self.folder / "webhooks.yaml").write_text(yaml.safe_dump(whole), "utf-8")

    def __call__(self, *argv: str, exit: int = 0) -> Result:
        """Start a command, which must end with `exit` and show no secret."""
        result = self._run(*argv, cwd=self.folder, env=self.environment)
        assert result.exit == exit, result
        for secret in (*self.vendor.secrets.values(), TOKEN):
            assert secret not in result.stdout + result.stderr
        return result

    def rotate(self, exit: int = 0) -> Result:
        """`whsync rotate hook --yes`, looking only at the calls from now on."""
        self.vendor.asked.clear()
        return self("rotate", "hook", "--yes", exit=exit)

    def change(self, exit: int = 0) -> dict[str, Any]:
        """What a plan says of the webhook."""
        (change,) = json.loads(self("plan", "--format", "json", exit=exit).stdout)["changes"]
        found: dict[str, Any] = change
        return found

    def record(self) -> dict[str, Any]:
        """What the lock says of the secret."""
        lock = json.loads((self.folder / "webhooks.lock.json").read_text("utf-8"))
        secret: dict[str, Any] = lock["webhooks"]["hook"]["secret"]
        return secret

    def agrees(self) -> bool:
        """Whether sink and vendor hold the same secret of the only webhook."""
        (row,) = self.vendor.rows
        return self.sink.read_text("utf-8") == self.vendor.secrets[row["id"]]


def opened(vendor: Vendor, run: Run, folder: Path, stack: ExitStack) -> Shop:
    """A folder and its vendor, with an issued secret declared."""
    shop = Shop(run, folder, vendor, stack.enter_context(served(vendor)))
    shop.write()
    return shop
