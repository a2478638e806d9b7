"""Parcelhub, an invented vendor, on this machine: `python vendor.py [PORT]`. Serves until Ctrl-C and then forgets all.

It does what openapi.yaml beside it says, and two things which only its pages say: what a PATCH does not name stays as
it was, and topics are shown in the order of the alphabet.
"""

import json
import re
import sys
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "parcelhub-practice-4f1c"
TOPICS = {"parcel.created", "parcel.scanned", "parcel.delivered", "parcel.lost"}
_PATH = re.compile(r"/v2/shops/(\w+)/webhooks(?:/(\w+))?")


class Shops:
    """The webhooks of all shops, by shop and id."""

    def __init__(self) -> None:
        self._hooks: dict[tuple[str, str], dict[str, Any]] = {}
        self._ids, self._lock = count(1), Lock()

    def answer(self, method: str, target: str, body: Any) -> tuple[int, Any]:
        """The status and the document that a call gets; None is no document."""
        url = urlsplit(target)
        found = _PATH.fullmatch(url.path)
        if not found:
            return 404, _refused("there is nothing at this address")
        with self._lock:
            if found[2] is None:
                return self._made(found[1], body) if method == "POST" else self._page(found[1], parse_qs(url.query))
            return self._one(method, (found[1], found[2]), body)

    def _page(self, shop: str, query: dict[str, list[str]]) -> tuple[int, Any]:
        page, size = int(query.get("page", ["1"])[0]), min(int(query.get("per_page", ["20"])[0]), 50)
        hooks = [_shown(hook) for (owner, _), hook in self._hooks.items() if owner == shop]
        return 200, {"webhooks": hooks[(page - 1) * size : page * size], "total": len(hooks)}

    def _made(self, shop: str, body: Any) -> tuple[int, Any]:
        if not isinstance(body, dict) or not {"target", "topics"} <= body.keys():
            return 422, _refused("target and topics are needed")
        if unknown := set(body["topics"]) - TOPICS:
            return 422, _refused(f"unknown topics: {', '.join(sorted(unknown))}")
        hook = {"id": f"wh{next(self._ids)}", "enabled": True, "note": "", "api_version": "2026-07", **body}
        self._hooks[shop, hook["id"]] = hook
        return 201, _shown(hook)

    def _one(self, method: str, key: tuple[str, str], body: Any) -> tuple[int, Any]:
        if key not in self._hooks:
            return 404, _refused("no such webhook")
        if method == "DELETE":
            del self._hooks[key]
            return 204, None
        if method == "PATCH":
            self._hooks[key] |= body
        return 200, _shown(self._hooks[key])


def _shown(hook: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in hook.items() if key != "signing_secret"} | {"topics": sorted(hook["topics"])}


def _refused(message: str) -> dict[str, Any]:
    return {"error": {"message": message}}


def server(port: int = 0) -> ThreadingHTTPServer:
    """The vendor on a port of this machine, 0 for any free one; its `serve_forever` serves."""
    shops = Shops()

    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.headers.get("Authorization") == f"Bearer {TOKEN}":
                status, document = shops.answer(self.command, self.path, json.loads(body) if body else None)
            else:
                status, document = 401, _refused("this token is not known here")
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            if document is not None:
                self.wfile.write(json.dumps(document).encode())

        do_GET = do_POST = do_PATCH = do_DELETE = _handle

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the reader looks at the other terminal."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


if __name__ == "__main__":
    with server(int(sys.argv[1]) if sys.argv[1:] else 8765) as parcelhub:
        sys.stdout.write(f"Parcelhub serves on http://127.0.0.1:{parcelhub.server_port}/v2; Ctrl-C ends it.\n")
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            parcelhub.serve_forever()
