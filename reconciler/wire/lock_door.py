"""The calls of a lock that is kept at an address of the web: one attempt each, by the same client as all other calls.

Made by `run.lock_store` for the store of such a lock. The credentials come from variables and from nowhere
else: WHSYNC_LOCK_TOKEN is sent as a bearer token, else the user and password that Terraform's HTTP back end takes.
"""

import base64
import os
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from reconciler.errors import VendorError
from reconciler.model.secret import Secret
from reconciler.providers.protocol import Call, Form
from reconciler.state.stores.https import Answer
from reconciler.support.bounds import MEBIBYTE
from reconciler.wire.client import Bounds, Client
from reconciler.wire.encode import Destination
from reconciler.wire.proof import Signature

BOUNDS = Bounds(connections=2, timeout=30.0, largest=1024 * MEBIBYTE)


class LockDoor:
    """See `Send` in `state.stores.https`."""

    def __init__(self) -> None:
        # Packed answers may have another ETag than what is stored, so none is asked for.
        self._client = Client((("accept-encoding", "identity"),), BOUNDS, monotonic=time.monotonic)

    def __call__(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """See `Send`."""
        parts = urlsplit(url)
        to = Destination(parts.scheme, parts.netloc, parts.path, parts.query)
        call = Call(method, parts.path, headers=tuple(headers.items()), writes=method != "GET")
        if body is not None:
            call = call._replace(body=body.decode(errors="surrogatepass"), encoding=Form("written"))
        try:
            reply = self._client.send(call, to, Signature(headers=_credentials(os.environ))).reply
        except VendorError as error:
            return Answer(0, failure=error.summary)
        return Answer(reply.status, reply.headers, reply.body, reply.failure)

    def close(self) -> None:
        """See `Send`."""
        self._client.close()


def _credentials(environment: Mapping[str, str]) -> tuple[tuple[str, Secret], ...]:
    if token := environment.get("WHSYNC_LOCK_TOKEN"):
        return (("authorization", Secret(f"Bearer {token}")),)
    user, password = environment.get("TF_HTTP_USERNAME"), environment.get("TF_HTTP_PASSWORD")
    if user and password:
        pair = base64.b64encode(f"{user}:{password}".encode()).decode()
        return (("authorization", Secret(f"Basic {pair}")),)
    return ()
