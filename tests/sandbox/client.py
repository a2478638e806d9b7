"""The plainest client the sandbox's tests can have: one connection a request, no redirects, no retries."""

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> Any:
        """The body read as JSON."""
        return json.loads(self.body)


def send(
    url: str,
    method: str,
    path: str,
    *,
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
    json_body: Any = None,
    form: dict[str, str] | list[tuple[str, str]] | None = None,
) -> Reply:
    """Send one request to a vendor's URL and read the whole answer."""
    sent = dict(headers or {})
    if json_body is not None:
        body, sent = json.dumps(json_body).encode(), {"Content-Type": "application/json", **sent}
    if form is not None:
        body, sent = urlencode(form).encode(), {"Content-Type": "application/x-www-form-urlencoded", **sent}
    at = urlsplit(url)
    connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=20)
    try:
        connection.request(method, at.path + path, body=body, headers=sent)
        response = connection.getresponse()
        return Reply(response.status, response.headers, response.read())
    finally:
        connection.close()
