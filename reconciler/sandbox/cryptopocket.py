"""CryptoPocket's webhook subscriptions, simulated.

Sources: https://api-doc.cryptopocket.io/webhook-event-update-4200048e0 and webhook-event-subscribe-4200047e0 (paths,
form bodies, answers), cryptopocket-integration-guide-buy-flow-on-ramp-370702m0 (authenticate, header `auth`),
create-payment-intend-4200039e0 (errors inside HTTP 200).

Used by `sandbox.box`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from .exchange import FORM, Answer, Request, html_answer, is_web_url, json_answer
from .tokens import Tokens
from .vendor import SimulatedVendor

TYPES = ("COINS_SENT", "PAY_IN", "CRYPTO_RECEIVED", "RAMPOFF_FINISHED", "TRANSFER_RAMPOFF_FINISHED")


@dataclass
class Subscription:
    """One subscription. The id is the sandbox's own; the API shows none."""

    id: int
    type: str
    url: str


class Cryptopocket(SimulatedVendor):
    """One account. Nothing can be read or deleted; wrong methods, paths and slashes get an HTML 404.

    Switches (default first):
        token_shape      where authenticate puts the token: `data.token`, `token` or `data`
        token_life       seconds that a token lives; 3600
        live_tokens      `many`, or `one`: a new token ends the older ones
        update_missing   update before subscribe: `error` or `upsert`
        subscribe_twice  same type again: `error`, `duplicate` (a second subscription) or `ok` (the URL is replaced)
        ok_word          the status of success: `ok`, `success` or the misspelt `sucess`
        error_shape      `status` {"status":"error","error":CODE,"message"}, `bare` {"error":CODE,"message"} or
                         `data` {"status":"error","data":CODE}
        error_status     HTTP status of refused parameters: 200 or 422 (a refused token is always inside HTTP 200)
        open_types       whether unknown event types are taken; False
        strict_fields    whether unknown or repeated form fields are refused; True
    """

    NAME: ClassVar[str] = "cryptopocket"
    SWITCHES: ClassVar[Mapping[str, Any]] = {
        "token_shape": ("data.token", "token", "data"),
        "token_life": 3600,
        "live_tokens": ("many", "one"),
        "update_missing": ("error", "upsert"),
        "subscribe_twice": ("error", "duplicate", "ok"),
        "ok_word": ("ok", "success", "sucess"),
        "error_shape": ("status", "bare", "data"),
        "error_status": (200, 422),
        "open_types": (False, True),
        "strict_fields": (True, False),
    }

    def __init__(self, settings: Mapping[str, Any] | None = None, *, latency: float = 0.0) -> None:
        super().__init__(settings, latency=latency)
        self.credentials = {"api_key": "cpk-sandbox-7f3a91", "api_secret": "cps-sandbox-51d0c2e8b7"}
        self.token = "cpt-sandbox-static-19e4"
        self._tokens = Tokens("cpt-")
        self._tokens.keep(self.token)
        self._subscriptions: dict[int, Subscription] = {}
        self._last_id = 0

    def respond(self, request: Request) -> Answer:
        """Answer one request; see the class."""
        if request.method != "POST":
            return html_answer(404)
        if request.path == "/api/authenticate":
            return self._authenticate(request)
        if request.path == "/api/subscribeToWebhook":
            return self._write(request, self._subscribe)
        if request.path == "/api/updateWebhookSubscription":
            return self._write(request, self._update)
        return html_answer(404)

    def expire_token(self, after: int = 0) -> None:
        """End every token handed out so far, the static one too, after that many more uses."""
        with self.lock:
            self._tokens.expire(after)

    def _authenticate(self, request: Request) -> Answer:
        if request.media_type != "application/json":
            return self._refuse("parameters_incorrect", "a JSON body is expected")
        try:
            given = request.json()
        except ValueError:
            return self._refuse("parameters_incorrect", "the body is not JSON")
        if given != self.credentials:
            return self._refuse("authorization_incorrect", "unknown api_key or api_secret", status=200)
        if self.settings["live_tokens"] == "one":
            self._tokens.expire()
        token = self._tokens.issue(self.now() + self.settings["token_life"])
        shapes: dict[str, dict[str, Any]] = {
            "data.token": {"data": {"token": token}},
            "token": {"token": token},
            "data": {"data": token},
        }
        shape = self.settings["token_shape"]
        status = {} if shape == "token" else {"status": self.settings["ok_word"]}
        return json_answer(200, {**status, **shapes[shape]})

    def _write(self, request: Request, act: Any) -> Answer:
        if self._tokens.use(request.header("auth"), self.now()) is None:
            return self._refuse("authorization_incorrect", "invalid or expired token", status=200)
        if request.media_type != FORM:
            return self._refuse("parameters_incorrect", "a form body is expected")
        try:
            pairs = request.form()
        except ValueError:
            return self._refuse("parameters_incorrect", "the form cannot be read")
        fields = dict(pairs)
        if self.settings["strict_fields"] and (len(fields) < len(pairs) or not fields.keys() <= {"url", "type"}):
            return self._refuse("parameters_incorrect", "unknown or repeated parameter")
        if not is_web_url(fields.get("url")):
            return self._refuse("url_incorrect", "url is missing or not valid")
        if not fields.get("type") or (fields["type"] not in TYPES and not self.settings["open_types"]):
            return self._refuse("type_incorrect", "type is missing or not known")
        answer: Answer = act(fields["type"], fields["url"])
        return answer

    def _subscribe(self, type_: str, url: str) -> Answer:
        present = [each for each in self._subscriptions.values() if each.type == type_]
        if present and self.settings["subscribe_twice"] == "error":
            return self._refuse("subscription_exists", "this type is subscribed already")
        if present and self.settings["subscribe_twice"] == "ok":
            present[0].url = url
        else:
            self._keep(type_, url)
        return self._succeed("subscription_created")

    def _update(self, type_: str, url: str) -> Answer:
        present = [each for each in self._subscriptions.values() if each.type == type_]
        if not present and self.settings["update_missing"] == "error":
            return self._refuse("subscription_not_found", "this type is not subscribed")
        if not present:
            self._keep(type_, url)
        for each in present:
            each.url = url
        return self._succeed("subscription_updated")

    def _keep(self, type_: str, url: str) -> int:
        self._last_id += 1
        self._subscriptions[self._last_id] = Subscription(self._last_id, type_, url)
        return self._last_id

    def _succeed(self, word: str) -> Answer:
        return json_answer(200, {"status": self.settings["ok_word"], "data": word})

    def _refuse(self, code: str, message: str, status: int | None = None) -> Answer:
        shapes: dict[str, dict[str, str]] = {
            "status": {"status": "error", "error": code, "message": message},
            "bare": {"error": code, "message": message},
            "data": {"status": "error", "data": code},
        }
        return json_answer(status or self.settings["error_status"], shapes[self.settings["error_shape"]])

    def webhooks(self) -> list[dict[str, Any]]:
        """Return the subscriptions as `{id, type, url}`."""
        with self.lock:
            return [asdict(each) for each in self._subscriptions.values()]

    def add(self, *, type: str, url: str) -> int:
        """Subscribe a type by hand; returns the sandbox's id."""
        with self.lock:
            return self._keep(type, url)

    def edit(self, id: int, **changes: str) -> None:
        """Change `type` or `url` by hand. Raises KeyError for an unknown id."""
        with self.lock:
            self._subscriptions[id] = Subscription(**{**asdict(self._subscriptions[id]), **changes})

    def remove(self, id: int) -> None:
        """End a subscription by hand. Raises KeyError for an unknown id."""
        with self.lock:
            del self._subscriptions[id]
