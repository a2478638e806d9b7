"""Cryptofuse's account webhook, simulated: the generation of `POST /user/webhooks/` with `callback_url`.

Sources: https://docs.cryptofuse.io/api-reference/user/webhooks and /api-reference/user/me,
https://cryptofuse-docs.pages.dev/authentication and /api-reference/authentication/oauth-token.

Used by `sandbox.box`.
"""

import base64
import binascii
import secrets
from collections.abc import Mapping
from typing import Any, ClassVar

from .exchange import FORM, Answer, Request, html_answer, is_web_url, json_answer
from .tokens import Tokens
from .vendor import SimulatedVendor

ROUTES = {"/o/token/": "POST", "/user/webhooks/": "POST", "/user/me/": "GET"}
ID = "account"


class Cryptofuse(SimulatedVendor):
    """One account with one webhook, whose secret is shown once. Paths without the last slash get a 301.

    Switches (default first):
        expires_in        seconds that a token lives; 3600 (another page says 36000)
        body_credentials  whether the token endpoint takes id and secret in the form; False: HTTP Basic only
        granted           the most that a token may be given; "read write"
        default_scope     what a token request without `scope` is given; "read write"
        me_generation     `newer`: both scopes, `webhook_secret_masked`; `older`: scope read, `webhook_secret`, an id
        unset             an empty or null callback_url: `refuse` or `allow` (the webhook is gone, its secret too)
        missing           GET and DELETE on the webhook path: 405 or 404
        https_only        whether http callback URLs are refused; False
        strict_fields     whether unknown body fields are refused; False (the framework behind it ignores them)
        error_shape       `object` {"error": {code, message, details}} or `text` {"error": "..."} (version 0.9)
    """

    NAME: ClassVar[str] = "cryptofuse"
    SWITCHES: ClassVar[Mapping[str, Any]] = {
        "expires_in": 3600,
        "body_credentials": (False, True),
        "granted": "read write",
        "default_scope": "read write",
        "me_generation": ("newer", "older"),
        "unset": ("refuse", "allow"),
        "missing": (405, 404),
        "https_only": (False, True),
        "strict_fields": (False, True),
        "error_shape": ("object", "text"),
    }

    def __init__(self, settings: Mapping[str, Any] | None = None, *, latency: float = 0.0) -> None:
        super().__init__(settings, latency=latency)
        self.credentials = {"client_id": "cf-sandbox-client-4b1e", "client_secret": "cf-sandbox-secret-90ad77c3"}
        self.token = "cft-sandbox-static-6c02"
        self._tokens = Tokens("cft-")
        self._tokens.keep(self.token, frozenset({"read", "write"}))
        self.merchant = {"id": "550e8400-e29b-41d4-a716-446655440000", "name": "Sandbox Merchant"}
        self._callback_url: str | None = None
        self._secret: str | None = None

    def respond(self, request: Request) -> Answer:
        """Answer one request; see the class."""
        if request.path + "/" in ROUTES:
            return Answer(301, headers=(("Location", request.path + "/"),))
        if request.path not in ROUTES:
            return html_answer(404)
        if request.method != ROUTES[request.path]:
            status = self.settings["missing"] if request.path == "/user/webhooks/" else 405
            refusal = self._refuse(405, "method_not_allowed", "Not here").plus({"Allow": ROUTES[request.path]})
            return html_answer(404) if status == 404 else refusal
        if request.path == "/o/token/":
            return self._token(request)
        newer = self.settings["me_generation"] == "newer"
        needs = ["write"] if request.method == "POST" else ["read", "write"] if newer else ["read"]
        scopes = self._tokens.use(request.bearer(), self.now())
        if scopes is None:
            return self._refuse(401, "authentication_failed", "No valid token was sent")
        if not scopes.issuperset(needs):
            details = {"required_scopes": needs, "token_scopes": sorted(scopes)}
            return self._refuse(403, "permission_denied", "The token lacks a scope", details)
        return self._set(request) if request.method == "POST" else self._me(newer)

    def _token(self, request: Request) -> Answer:
        if request.media_type != FORM:
            return json_answer(400, {"error": "invalid_request"})
        try:
            form = dict(request.form())
        except ValueError:
            return json_answer(400, {"error": "invalid_request"})
        if self._client(request, form) != (self.credentials["client_id"], self.credentials["client_secret"]):
            return json_answer(401, {"error": "invalid_client"})
        if form.get("grant_type") != "client_credentials":
            return json_answer(400, {"error": "unsupported_grant_type"})
        scopes = frozenset(form.get("scope", self.settings["default_scope"]).split())
        if not scopes <= {"read", "write"}:
            return json_answer(400, {"error": "invalid_scope"})
        scopes &= frozenset(self.settings["granted"].split())
        life = self.settings["expires_in"]
        token = self._tokens.issue(self.now() + life, scopes)
        granted = " ".join(sorted(scopes))
        body = {"access_token": token, "expires_in": life, "token_type": "Bearer", "scope": granted}
        return json_answer(200, body, {"Cache-Control": "no-store"})

    def _client(self, request: Request, form: dict[str, str]) -> tuple[str, str]:
        """Return the client id and secret that a token request shows, empty where it shows none."""
        scheme, _, encoded = request.header("authorization").partition(" ")
        if scheme.lower() == "basic":
            try:
                name, _, word = base64.b64decode(encoded, validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                return "", ""
            return name, word
        if self.settings["body_credentials"]:
            return form.get("client_id", ""), form.get("client_secret", "")
        return "", ""

    def _set(self, request: Request) -> Answer:
        if request.media_type != "application/json":
            return self._refuse(415, "unsupported_media_type", "A JSON body is expected")
        try:
            body = request.json()
        except ValueError:
            return self._refuse(400, "parse_error", "The body is not JSON")
        if not isinstance(body, dict):
            return self._refuse(400, "parse_error", "The body is not an object")
        if self.settings["strict_fields"] and body.keys() - {"callback_url"}:
            return self._refuse(400, "invalid_request", "Unknown field")
        url = body.get("callback_url")
        if not url and "callback_url" in body and self.settings["unset"] == "allow":
            self._callback_url = self._secret = None
            return json_answer(200, {"callback_url": None, "message": "Webhook removed."})
        if not is_web_url(url) or (self.settings["https_only"] and not str(url).startswith("https:")):
            return self._refuse(400, "invalid_url", "callback_url is not a valid URL")
        self._callback_url = url
        if self._secret is None:
            message = "Webhook set up. Keep the secret now, this is the only time it is shown."
            return json_answer(200, {"callback_url": url, "secret": self.rotate_secret(), "message": message})
        masked = f"{self._secret[:7]}{'*' * 28}{self._secret[-2:]}"
        message = "Webhook URL changed."
        return json_answer(200, {"callback_url": url, "masked_secret": masked, "message": message})

    def _me(self, newer: bool) -> Answer:
        masked = self._secret and self._secret[:12] + "..."
        field = "webhook_secret_masked" if newer else "webhook_secret"
        who = {"name": self.merchant["name"]} if newer else self.merchant
        return json_answer(200, {**who, "webhook_callback_url": self._callback_url, field: masked})

    def _refuse(self, status: int, code: str, message: str, details: dict[str, Any] | None = None) -> Answer:
        if self.settings["error_shape"] == "text":
            return json_answer(status, {"error": message})
        return json_answer(status, {"error": {"code": code, "message": message, "details": details or {}}})

    def error(self, status: int) -> Answer:
        """Word a bare refusal in the documented shape."""
        codes = {401: "authentication_failed", 403: "permission_denied", 404: "not_found", 429: "rate_limit_exceeded"}
        return self._refuse(status, codes.get(status, "internal_error"), "Refused by the sandbox")

    def rotate_secret(self) -> str:
        """Issue a new secret, as somebody in the dashboard or support would; returns it."""
        with self.lock:
            self._secret = "whsk_" + secrets.token_hex(13).upper()
            return self._secret

    def expire_token(self, after: int = 0) -> None:
        """End every token handed out so far, the static one too, after that many more uses."""
        with self.lock:
            self._tokens.expire(after)

    def webhooks(self) -> list[dict[str, Any]]:
        """Return the account's webhook as `{id, callback_url, secret}`, or nothing."""
        with self.lock:
            if self._callback_url is None:
                return []
            return [{"id": ID, "callback_url": self._callback_url, "secret": self._secret}]

    def add(self, *, callback_url: str) -> str:
        """Set the webhook by hand; returns its id, always `account`. The first time a secret is issued, unseen."""
        with self.lock:
            self._callback_url = callback_url
            if self._secret is None:
                self.rotate_secret()
            return ID

    def edit(self, id: str, *, callback_url: str) -> None:
        """Change the URL by hand. Raises KeyError when there is no webhook."""
        if not self.webhooks() or id != ID:
            raise KeyError(id)
        self.add(callback_url=callback_url)

    def remove(self, id: str) -> None:
        """Take the webhook and its secret away by hand. Raises KeyError when there is none."""
        if not self.webhooks() or id != ID:
            raise KeyError(id)
        with self.lock:
            self._callback_url = self._secret = None
