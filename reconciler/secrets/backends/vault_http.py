"""One HTTP call to a Vault server, with the standard library alone. Used by `secrets.backends.vault`.

No redirect is followed, so the token goes nowhere else; proxies come from the usual variables, but none for loopback.
"""

import http.client
import json
import re
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from reconciler.codes import Code
from reconciler.errors import SecretError
from reconciler.model.secret import Secret
from reconciler.support.loopback import is_loopback

TIMEOUT = 15.0
MOST_BYTES = 1 << 20
PAUSES = (0.25, 1.0)  # seconds before each further attempt
_AGAIN = frozenset({0, 412, 429, 500, 502, 503, 504})


class Endpoint(NamedTuple):
    """Where the server is: its address, which may have a path, the namespace, and whom to trust (None: the usual)."""

    address: str
    namespace: str
    ca_file: str | None
    ca_folder: str | None

    @property
    def shown(self) -> str:
        """The host, for messages."""
        return urlsplit(self.address).netloc

    def call(self, method: str, path: str, body: Mapping[str, Any] | None, token: Secret | None) -> "VaultAnswer":
        """Make one call below `/v1/`; one that found nobody, or a busy server, is tried again.

        Repeating is safe for all that `vault` sends: reads, logins, and writes that name the version they replace.

        Raises:
            SecretError: the token cannot be sent, or the certificates to trust cannot be read.
        """
        answer = _attempt(self, method, path, body, token)
        for pause in PAUSES:
            if answer.status not in _AGAIN:
                break
            time.sleep(pause)
            answer = _attempt(self, method, path, body, token)
        return answer


class VaultAnswer(NamedTuple):
    """What came back: the status (0 where nothing did, and `failure` says why), and the JSON document."""

    status: int
    document: Mapping[str, Any] = {}
    failure: str = ""


def endpoint(address: str, namespace: str, ca_file: str | None, ca_folder: str | None) -> Endpoint:
    """The checked endpoint.

    Raises:
        SecretError: the address is missing, or is not `http(s)://HOST[:PORT][/PREFIX]`.
    """
    if not address:
        raise SecretError(
            "VAULT_ADDR is not set",
            "set it to the server's address, such as https://vault.acme.com:8200",
            code=Code.MANAGER_UNUSABLE,
        )
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("https", "http") and parts.hostname and "@" not in parts.netloc and not parts.query
    except ValueError:
        usable = False
    if not usable:
        raise SecretError(
            "VAULT_ADDR is not an address that can be used", "write https://HOST:PORT", code=Code.MANAGER_UNUSABLE
        )
    return Endpoint(address.rstrip("/"), namespace, ca_file, ca_folder)


def _attempt(to: Endpoint, method: str, path: str, body: Mapping[str, Any] | None, token: Secret | None) -> VaultAnswer:
    headers = {"X-Vault-Request": "true", "Content-Type": "application/json"}
    if to.namespace:
        headers["X-Vault-Namespace"] = to.namespace
    if token is not None:
        headers["X-Vault-Token"] = token.reveal()
    if not all(re.fullmatch(r"[!-~]+", value) for value in headers.values()):
        raise SecretError(
            "VAULT_TOKEN or VAULT_NAMESPACE holds what no header can carry",
            "look for blanks in it",
            code=Code.MANAGER_UNUSABLE,
        )
    data = None if body is None else json.dumps(body).encode()
    url = f"{to.address}/v1/{path}"
    request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310 - `endpoint` checked the scheme
    try:
        with _opener(to).open(request, timeout=TIMEOUT) as reply:
            return _answer(reply.status, reply.read(MOST_BYTES + 1))
    except urllib.error.HTTPError as error:
        with error:
            return _answer(error.code, error.read(MOST_BYTES + 1))
    except (OSError, http.client.HTTPException) as error:
        return VaultAnswer(0, failure=_reason(error, to))


def _answer(status: int, body: bytes) -> VaultAnswer:
    if len(body) > MOST_BYTES:
        return VaultAnswer(status, failure="its answer is too large")
    try:
        document = json.loads(body) if body.strip() else {}
    except (ValueError, RecursionError):
        document = {}
    failure = f"it redirects ({status}), and redirects are not followed" if 300 <= status < 400 else ""
    return VaultAnswer(status, document if isinstance(document, dict) else {}, failure)


def _reason(error: Exception, to: Endpoint) -> str:
    """Our own words: the library's may quote what was sent."""
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return (
            f"the certificate of {to.shown} is not trusted ({cause.verify_message}); VAULT_CACERT names whom to trust"
        )
    if isinstance(cause, TimeoutError):
        return f"{to.shown} did not answer within {TIMEOUT:g} s"
    if isinstance(cause, ConnectionRefusedError):
        return f"{to.shown} refused the connection"
    return f"{to.shown} cannot be reached ({type(cause).__name__})"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Make a redirect an answer like any other."""
        return


@lru_cache(maxsize=8)
def _opener(to: Endpoint) -> urllib.request.OpenerDirector:
    handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
    if is_loopback(urlsplit(to.address).hostname or ""):
        handlers.append(urllib.request.ProxyHandler({}))
    if urlsplit(to.address).scheme == "https":
        try:
            context = ssl.create_default_context(cafile=to.ca_file, capath=to.ca_folder)
        except OSError as error:
            why = error.strerror or "it holds no certificates"
            raise SecretError(
                f"VAULT_CACERT or VAULT_CAPATH cannot be used: {why}", code=Code.MANAGER_UNUSABLE
            ) from None
        handlers.append(urllib.request.HTTPSHandler(context=context))
    return urllib.request.build_opener(*handlers)
