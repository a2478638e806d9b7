"""Where the real wire meets the vendors of a world: tokens that die, and keys of other accounts. Used by `world`.

With it a run has the real driver of calls, so that credentials are asked for again as they are over a network.
"""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from reconciler.providers.protocol import Call, Reply
from reconciler.wire.client import AttemptResult, Bounds
from reconciler.wire.encode import Destination
from reconciler.wire.proof import Signature
from tests.world.vendors import LEAK

if TYPE_CHECKING:
    from tests.world.world import Process

REFUSED = Reply(401, {"content-type": "application/json"}, b'{"message": "Bad credentials"}')
COMMAND = "cmd:cat token"
FIRST = f"{LEAK}-token-1"


class Door:
    """Stands where `wire.client.Client` stands: whose token is dead is refused, all others get to the vendor."""

    def __init__(self, process: "Process", *args: Any, **how: Any) -> None:
        self._process, self.bounds = process, Bounds(8, 30.0)

    def send(self, call: Call, destination: Destination, signature: Signature) -> AttemptResult:
        """See `wire.client.Client`."""
        shown = " ".join(secret.reveal() for _, secret in (*signature.headers, *signature.query))
        self._process.token = shown.split()[-1]
        if self._process.refuses():
            return AttemptResult(REFUSED)
        kind = next(kind for kind in self._process.sold if kind in urlsplit(destination.url).netloc)
        return AttemptResult(self._process.call(kind, call))

    def close(self) -> None:
        """Nothing is open."""
