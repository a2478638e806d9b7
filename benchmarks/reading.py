"""What reading a vendor costs in this process, against what it cannot do without: `python -m benchmarks.reading`.

Prints ratios of CPU time as JSON. Run by `__main__` in a child.
"""

import gc
import http.client
import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import jmespath

from reconciler.model.secret import Secret
from reconciler.model.webhook import Fields, Leaf
from reconciler.providers.engine.codec import Codec
from reconciler.providers.engine.evaluate import evaluate
from reconciler.providers.protocol import Call
from reconciler.providers.registry import Registry, builtin
from reconciler.secrets.redact import Redactor
from reconciler.wire.client import Bounds, Client
from reconciler.wire.encode import BaseUrl, destination
from reconciler.wire.proof import Signature

MANY, ROUNDS, REQUESTS, A_PAGE = 5_000, 5, 400, 10
_HOOK = {
    **{"type": "Repository", "id": 1, "name": "web", "active": True, "events": ["push", "pull_request"]},
    "config": {"content_type": "json", "insecure_ssl": "0", "url": "https://ci.acme.com/hooks/1", "secret": "********"},
    **{"updated_at": "2026-01-01T00:00:00Z", "created_at": "2026-01-01T00:00:00Z", "url": "https://api.acme.com/1"},
    "last_response": {"code": None, "status": "unused", "message": None},
}
_SERVER = """
import http.server, sys
page = sys.stdin.buffer.read()
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version, wbufsize = "HTTP/1.1", -1
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)
    def log_message(self, *args): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
"""


def main() -> None:
    """Measure each, the two sides of a ratio in turn; a search for garbage would be charged to whichever it meets."""
    gc.disable()
    print(json.dumps({"path": _path(), "webhooks": _webhooks(), "secrets": _secrets(), "request": _request()}))


def _ratio(one: Callable[[], object], other: Callable[[], object]) -> float:
    """The least CPU of the one against the least of the other."""
    costs: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for cost, work in zip(costs, (one, other), strict=True):
            begun = time.process_time()
            work()
            cost.append(time.process_time() - begun)
    return min(costs[0]) / min(costs[1])


def _path() -> float:
    """A plain path of a manifest, against the library's search."""
    expression, compiled = "config.url", jmespath.compile("config.url")
    return _ratio(
        lambda: [evaluate(expression, _HOOK) for _ in range(MANY)],
        lambda: [compiled.search(_HOOK) for _ in range(MANY)],
    )


def _webhooks() -> float:
    """Making webhooks of what a vendor answered, against parsing its JSON."""
    codec = Codec(builtin("github"), Registry().vendor("github", {}, ".").capabilities.events)
    page = json.dumps([_HOOK] * A_PAGE)
    shown: list[Any] = json.loads(page)
    return _ratio(
        lambda: [codec.remote(each) for _ in range(MANY // A_PAGE) for each in shown],
        lambda: [json.loads(page) for _ in range(MANY // A_PAGE)],
    )


def _secrets() -> float:
    """Hiding secrets in fields where a thousand are known, against where one is."""
    several = [_hiding(1_000), _hiding(1)]
    return _ratio(*several)


def _hiding(count: int) -> Callable[[], object]:
    def work() -> None:
        for number in range(MANY):
            url = f"https://ci.acme.com/hooks/{number}"
            leaves: dict[str, Leaf] = {"/url": url, "/events": frozenset({"push"}), "/options/content_type": "json"}
            redactor.pair(Fields(leaves), Fields(leaves))

    redactor = Redactor()
    for number in range(count):
        redactor.learn(Secret(f"{number * 7919:08x} is a secret of its own"))
    return work


def _request() -> float:
    """A request of ours, in clear on loopback, against one of the standard library's with nothing around it."""
    page = json.dumps([_HOOK] * A_PAGE).encode()
    with subprocess.Popen([sys.executable, "-c", _SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(page)
        server.stdin.close()
        port = int(server.stdout.readline())
        client = Client((("user-agent", "whsync"),), Bounds(1, 10), monotonic=time.monotonic)
        call = Call("GET", "/hooks", query=(("per_page", "100"),))
        where = destination(BaseUrl.of(f"http://127.0.0.1:{port}"), call)
        assert client.send(call, where, Signature()).reply.body == page
        plain = http.client.HTTPConnection("127.0.0.1", port)
        ratio = _ratio(
            lambda: [client.send(call, where, Signature()) for _ in range(REQUESTS)],
            lambda: [_plain(plain) for _ in range(REQUESTS)],
        )
        client.close()
        plain.close()
        server.kill()
    return ratio


def _plain(connection: http.client.HTTPConnection) -> bytes:
    connection.request("GET", "/hooks?per_page=100", headers={"accept": "application/json", "user-agent": "whsync"})
    return connection.getresponse().read()


if __name__ == "__main__":
    main()
