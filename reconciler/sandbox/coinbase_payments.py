"""Coinbase's payments.coinbase.com webhooks, version 1 ("Payment Acceptance"), simulated.

Sources, below https://docs.cdp.coinbase.com/api-reference/payment-acceptance/: webhooks/create-webhook, get-webhook and
update-webhook; webhook-events/list-webhook-events; webhook-deliveries/get-webhook-deliveries-by-event-id (paging).

Used by `sandbox.box`.
"""

import base64
import binascii
import secrets
from collections.abc import Mapping
from typing import Any, ClassVar

from .coinbase_jwt import Demands, KeyRing, Refused, Unverifiable
from .exchange import Answer, Request, is_web_url, json_answer, text_answer
from .vendor import SimulatedVendor

BASE = "/api/v1/webhooks"
HISTORY = "/api/v1/webhook-events"
EVENTS = tuple(
    [f"EVENT_TYPE_PAYMENT_{word}" for word in ("AUTHORIZED", "CAPTURED", "VOIDED", "REFUNDED", "CHARGED", "RECONCILED")]
    + [f"EVENT_TYPE_REWARD_{word}" for word in ("ALLOCATED", "DISTRIBUTED", "DEALLOCATED", "SENT")]
)
ON, OFF = "WEBHOOK_STATUS_ACTIVATED", "WEBHOOK_STATUS_DEACTIVATED"
CREATE = ("url", "events", "identifier", "description")
UPDATE = (*CREATE, "status")
MAX_PAGE = 25


class InvalidWebhook(Exception):
    """The request's fields are not acceptable; the message says why."""


class CoinbasePayments(SimulatedVendor):
    """One operator's webhooks. Takes the static `credentials["token"]`, or a JWT signed with a key from `new_key()`.

    Switches (default first):
        list           whether GET on the collection exists (documents show none); False
        delete         whether DELETE exists (documents show none); False
        missing        what an absent method answers: 405 or 404
        put_omit       a field left out of PUT: `clear` (description, identifier, events emptied, status off; url is an
                       error) or `keep`
        clear_text     an empty identifier or description: `accept`, `refuse` or `ignore`
        secret         `always` in every answer, `once` at creation, or `masked` later
        status_word    how an active webhook reads: `ACTIVATED` or `ACTIVE` (outside the enum, as one example shows)
        uri_claim      the JWT's binding: `uris` (array), `uri` (string) or `either`
        audience       what `aud` must hold; None: not looked at
        leeway         seconds of clock difference that a JWT may have; 2
        last_next      the cursor of the last page: `empty` text, `absent` or `null`
        error_shape    `rpc` {code, message, details}, `cdp` {errorType, errorMessage, ...} or `text`
        strict_fields  whether unknown body fields are refused; True
    """

    NAME: ClassVar[str] = "coinbase-payments"
    SWITCHES: ClassVar[Mapping[str, Any]] = {
        "list": (False, True),
        "delete": (False, True),
        "missing": (405, 404),
        "put_omit": ("clear", "keep"),
        "clear_text": ("accept", "refuse", "ignore"),
        "secret": ("always", "once", "masked"),
        "status_word": ("ACTIVATED", "ACTIVE"),
        "uri_claim": ("uris", "uri", "either"),
        "audience": None,
        "leeway": 2,
        "last_next": ("empty", "absent", "null"),
        "error_shape": ("rpc", "cdp", "text"),
        "strict_fields": (True, False),
    }

    def __init__(self, settings: Mapping[str, Any] | None = None, *, latency: float = 0.0) -> None:
        super().__init__(settings, latency=latency)
        self.credentials = {"token": "cbp-sandbox-token-2f9a6b10"}
        self.keys = KeyRing()
        self._webhooks: dict[str, dict[str, Any]] = {}
        self._history: list[dict[str, Any]] = []
        self._made = 0

    def new_key(self, kind: str = "ES256", encoding: str = "pkcs8") -> dict[str, str]:
        """Register a key pair; returns `{key_id, private_key}`. See `coinbase_jwt.KeyRing.make`."""
        with self.lock:
            return self.keys.make(kind, encoding)

    def respond(self, request: Request) -> Answer:
        """Answer one request; see the class."""
        try:
            self._authorise(request)
        except Refused as refused:
            return self._refuse(401, str(refused))
        except Unverifiable:
            return self._refuse(501, "this sandbox checks JWTs only where PyJWT[crypto] is installed; use the token")
        try:
            return self._route(request)
        except InvalidWebhook as invalid:
            return self._refuse(400, str(invalid))

    def _authorise(self, request: Request) -> None:
        token, host = request.bearer(), request.header("host")
        if token == self.credentials["token"]:
            return
        if token.count(".") != 2:
            raise Refused("no bearer token that is known here")
        port = self.origin.rpartition(":")[2]
        if host not in (f"127.0.0.1:{port}", f"localhost:{port}"):
            raise Refused("the Host header names another server")
        demands = Demands(self.settings["uri_claim"], self.settings["audience"], self.settings["leeway"])
        self.keys.check(token, demands, uri=f"{request.method} {host}{request.path}", now=self.now())

    def _route(self, request: Request) -> Answer:
        if request.path == HISTORY:
            return self._page(request, "webhookEvents", self._history) if request.method == "GET" else self._absent()
        if request.path == BASE:
            return self._collection(request)
        base, _, key = request.path.rpartition("/")
        return self._member(request, key) if base == BASE and key else self._refuse(404, "no such path")

    def _collection(self, request: Request) -> Answer:
        if request.method == "POST":
            return self._create(request)
        if request.method == "GET" and self.settings["list"]:
            return self._page(request, "webhooks", [self._show(each) for each in self._webhooks.values()])
        return self._absent()

    def _member(self, request: Request, key: str) -> Answer:
        if request.method not in ("GET", "PUT") and not (request.method == "DELETE" and self.settings["delete"]):
            return self._absent()
        if key not in self._webhooks:
            return self._refuse(404, "webhook not found")
        if request.method == "GET":
            return json_answer(200, self._show(self._webhooks[key]))
        if request.method == "PUT":
            return self._put(self._webhooks[key], request)
        del self._webhooks[key]
        return Answer(204)

    def _absent(self) -> Answer:
        return self._refuse(self.settings["missing"], "method not allowed")

    def _create(self, request: Request) -> Answer:
        fields = self._fields(request, CREATE)
        if "url" not in fields or not fields.get("events"):
            raise InvalidWebhook("url and events are required")
        webhook = self._webhooks[self._keep(fields)]
        return json_answer(200, self._show(webhook, created=True))

    def _put(self, webhook: dict[str, Any], request: Request) -> Answer:
        fields = self._fields(request, UPDATE)
        if self.settings["put_omit"] == "clear":
            if "url" not in fields:
                raise InvalidWebhook("url is required")
            fields = {"events": [], "identifier": "", "description": "", "status": OFF, **fields}
        webhook.update(fields, updatedAt=self.timestamp())
        return json_answer(200, self._show(webhook))

    def _fields(self, request: Request, known: tuple[str, ...]) -> dict[str, Any]:
        """Return a body's fields, nulls left out as unset. Raises Invalid."""
        if request.media_type != "application/json":
            raise InvalidWebhook("Content-Type must be application/json")
        try:
            body = request.json()
        except ValueError:
            raise InvalidWebhook("the body is not JSON") from None
        if not isinstance(body, dict):
            raise InvalidWebhook("the body is not an object")
        unknown = body.keys() - set(known)
        if unknown and ("status" in unknown or self.settings["strict_fields"]):
            raise InvalidWebhook(f"unknown field: {', '.join(sorted(unknown))}")
        fields = {name: value for name, value in body.items() if value is not None and name in known}
        for name in ("identifier", "description"):
            if fields.get(name) == "" and self.settings["clear_text"] != "accept":
                if self.settings["clear_text"] == "refuse":
                    raise InvalidWebhook(f"{name} must not be empty")
                del fields[name]
        check_values(fields)
        return fields

    def _keep(self, fields: dict[str, Any]) -> str:
        self._made += 1
        key, now = f"wh_{1000 + self._made}", self.timestamp()
        self._webhooks[key] = {
            "entity": "webhook",
            "id": key,
            "operatorCoinbaseUserId": "op_sandbox",
            "identifier": "",
            "description": "",
            "url": "",
            "events": [],
            "secret": f"whsec_{secrets.token_hex(16)}",
            "status": ON,
            "createdAt": now,
            "updatedAt": now,
            **fields,
        }
        return key

    def _show(self, webhook: dict[str, Any], *, created: bool = False) -> dict[str, Any]:
        """Return a webhook as an answer shows it."""
        shown = dict(webhook)
        if shown["status"] == ON:
            shown["status"] = f"WEBHOOK_STATUS_{self.settings['status_word']}"
        if not created and self.settings["secret"] == "once":
            del shown["secret"]
        if not created and self.settings["secret"] == "masked":
            shown["secret"] = f"whsec_********{webhook['secret'][-4:]}"
        return shown

    def _page(self, request: Request, key: str, items: list[dict[str, Any]]) -> Answer:
        """Answer with one page: `limit` (1 to 25, default 10) items from the cursor `next`."""
        limit = request.query.get("limit", "10")
        if not limit.isdecimal() or not 1 <= int(limit) <= MAX_PAGE:
            raise InvalidWebhook(f"limit must be 1 to {MAX_PAGE}")
        start = read_cursor(request.query.get("next", ""))
        end = start + int(limit)
        ends: dict[str, dict[str, Any]] = {"empty": {"next": ""}, "absent": {}, "null": {"next": None}}
        last = ends[self.settings["last_next"]]
        pointer = {"next": write_cursor(end)} if end < len(items) else last
        return json_answer(200, {key: items[start:end], "pagination": {"limit": int(limit), **pointer}})

    def _refuse(self, status: int, message: str) -> Answer:
        shape = self.settings["error_shape"]
        if shape == "text":
            return text_answer(status, message)
        if shape == "cdp":
            return json_answer(status, {"errorType": "refused", "errorMessage": message, "correlationId": "1"})
        return json_answer(status, {"code": status, "message": message, "details": []})

    def error(self, status: int) -> Answer:
        """Word a bare refusal in the chosen shape."""
        return self._refuse(status, "refused by the sandbox")

    def fire(self, id: str, event: str) -> None:
        """Put a delivery into the read-only history; each entry embeds the webhook as it was. Raises KeyError."""
        with self.lock:
            shown = self._show(self._webhooks[id])
            key = f"evt_{len(self._history) + 1}"
            self._history.insert(0, {"entity": "webhook-event", "id": key, "eventType": event, "webhook": shown})

    def webhooks(self) -> list[dict[str, Any]]:
        """Return every webhook with its true secret."""
        with self.lock:
            return [dict(each) for each in self._webhooks.values()]

    def add(self, **fields: Any) -> str:
        """Make a webhook by hand (`url`, `events`, and any other field); returns its id."""
        with self.lock:
            return self._keep(fields)

    def edit(self, id: str, **changes: Any) -> None:
        """Change fields by hand. Raises KeyError for an unknown id."""
        with self.lock:
            self._webhooks[id].update(changes, updatedAt=self.timestamp())

    def remove(self, id: str) -> None:
        """Remove a webhook by hand. Raises KeyError for an unknown id."""
        with self.lock:
            del self._webhooks[id]


def check_values(fields: dict[str, Any]) -> None:
    """Raise Invalid for values outside the documented types."""
    if "url" in fields and not is_web_url(fields["url"]):
        raise InvalidWebhook("url is not a valid URL")
    events = fields.get("events", [])
    if not isinstance(events, list) or any(event not in EVENTS for event in events):
        raise InvalidWebhook("events must be a list of documented event types")
    if fields.get("status", ON) not in (ON, OFF):
        raise InvalidWebhook("status must be WEBHOOK_STATUS_ACTIVATED or WEBHOOK_STATUS_DEACTIVATED")
    if not all(isinstance(fields.get(name, ""), str) for name in ("identifier", "description")):
        raise InvalidWebhook("identifier and description must be text")


def write_cursor(offset: int) -> str:
    """Return an opaque cursor for an offset."""
    return base64.urlsafe_b64encode(f"after:{offset}".encode()).decode()


def read_cursor(cursor: str) -> int:
    """Return a cursor's offset, 0 for none. Raises Invalid for one that this server never gave."""
    if not cursor:
        return 0
    try:
        word, _, offset = base64.urlsafe_b64decode(cursor).decode().partition(":")
        if word == "after":
            return int(offset)
    except (binascii.Error, UnicodeDecodeError, ValueError):
        pass
    raise InvalidWebhook("next is no cursor of this list")
