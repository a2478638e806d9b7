"""The vendors of the built-in manifests, in memory. Used by `story`; the strict ones are in the sandbox."""

from collections.abc import Mapping
from typing import Any

from tests.world.vendors import MISSING, Answer, Body, Row, Vendor

ROOT = "repos/acme/api"


class GitHub(Vendor):
    """Pages by `Link`, a masked secret, and a `config` that a PATCH replaces as a whole."""

    descriptions = False
    options, secrets = ("content_type",), ("from", "generate")
    events = ("push", "star", "fork")

    def handle(self, method: str, path: list[str], query: Mapping[str, str], body: Body) -> Any:
        """Below `/repos/acme/api`."""
        match method, path[3:]:
            case "GET", []:
                return 200, {"name": "api"}
            case "GET", ["hooks"]:
                return self.page(int(query.get("page", "1")))
            case "POST", ["hooks"]:
                return 201, self.shown(self.taken(self.new(self.read(body)), body))
            case method, ["hooks", row_id, *rest]:
                row = self.find(row_id)
                return MISSING if row is None else self.on(method, row, rest, body)
        return MISSING

    def on(self, method: str, row: Row, rest: list[str], body: Body) -> Answer:
        """A call about one hook."""
        match method, rest:
            case "GET", []:
                return 200, self.shown(row)
            case "DELETE", []:
                self.remove(row)
                return 204, None
            case "PATCH", ["config"]:
                self.change(row, self.read({"config": body}))
                if "secret" in body:
                    row.sign_with(body["secret"])
                return 200, self.shown(row)["config"]
            case "PATCH", []:
                self.change(row, {**({"content_type": "form"} if "config" in body else {}), **self.read(body)})
                return 200, self.shown(self.taken(row, body))
        return MISSING

    def taken(self, row: Row, body: Body) -> Row:
        """A `config` without a secret loses the one that was there."""
        if "config" in body:
            row.sign_with(body["config"].get("secret"))
        return row

    def read(self, body: Body) -> dict[str, Any]:
        """A body in the file's words."""
        config = body.get("config", {})
        fields = {name: config[name] for name in ("url", "content_type") if name in config}
        if "events" in body:
            fields["events"] = set(body["events"])
        if "active" in body:
            fields["status"] = "active" if body["active"] else "inactive"
        return fields

    def shown(self, row: Row) -> Body:
        """A hook as reads show it."""
        config = {"url": row.fields["url"], "content_type": row.fields.get("content_type", "form")}
        config |= {"secret": "********"} if row.secret else {}
        active = row.fields["status"] == "active"
        return {"id": int(row.id), "active": active, "events": sorted(row.fields["events"]), "config": config}

    def page(self, number: int) -> Any:
        """Two at a time, whatever was asked for."""
        start = 2 * (number - 1)
        more = f'<https://api.github.com/{ROOT}/hooks?page={number + 1}>; rel="next"'
        headers = {"link": more} if len(self.rows) > start + 2 else {}
        return 200, [self.shown(row) for row in self.rows[start : start + 2]], headers

    def new(self, fields: Mapping[str, Any], secret: str | None = None, ours: bool = True) -> Row:
        """See `Vendor`; who names no content type gets forms."""
        return super().new({"content_type": "form", **fields}, secret, ours)

    def id_of(self, number: int) -> str:
        """Numbers."""
        return str(number)


class Coinbase(Vendor):
    """Read by id, replaced by PUT, the secret on every read, an identifier, no delete."""

    secrets, shows_secret, deletes = ("to",), True, False
    events = ("EVENT_TYPE_PAYMENT_CAPTURED", "EVENT_TYPE_PAYMENT_VOIDED", "EVENT_TYPE_PAYMENT_REFUNDED")

    def handle(self, method: str, path: list[str], query: Mapping[str, str], body: Body) -> Any:
        """Below `/api/v1`."""
        match method, path[2:]:
            case "GET", ["webhook-events"]:
                return 200, {"events": []}
            case "POST", ["webhooks"]:
                row = self.new({**self.read(body), "status": "active"}, self.issue())
                row.mark = body.get("identifier")
                return 201, {**self.shown(row), "secret": row.secret}
            case method, ["webhooks", row_id]:
                found = self.find(row_id)
                return MISSING if found is None else self.on(method, found, body)
        return MISSING

    def on(self, method: str, row: Row, body: Body) -> Answer:
        """A call about one webhook."""
        if method == "PUT":
            self.change(row, {"description": "", **self.read(body)})
            row.mark = body.get("identifier")
            row.retired = row.fields["status"] == "inactive" and self.is_retiring(row.owner)
        return 200, self.shown(row)

    def read(self, body: Body) -> dict[str, Any]:
        """A body in the file's words."""
        fields: dict[str, Any] = {name: body[name] for name in ("url", "description") if name in body}
        if "events" in body:
            fields["events"] = set(body["events"])
        if "status" in body:
            fields["status"] = "active" if body["status"] == "WEBHOOK_STATUS_ACTIVATED" else "inactive"
        return fields

    def shown(self, row: Row) -> Body:
        """A webhook as reads show it."""
        status = "WEBHOOK_STATUS_ACTIVE" if row.fields["status"] == "active" else "WEBHOOK_STATUS_DEACTIVATED"
        document = {"id": row.id, "url": row.fields["url"], "events": sorted(row.fields["events"]), "status": status}
        description = row.fields.get("description", "")
        return document | {"secret": self.visible(row.secret), "identifier": row.mark, "description": description}


class Cryptofuse(Vendor):
    """One webhook an account; the secret once, then masks that differ by place."""

    statuses = descriptions = deletes = False
    secrets, events, most = ("to",), (), 1

    def handle(self, method: str, path: list[str], query: Mapping[str, str], body: Body) -> Any:
        """`/user/me/` and `/user/webhooks/`."""
        row = self.rows[0] if self.rows else None
        match method, path:
            case "GET", ["user", "me"]:
                mask = f"wh_{row.secret[-3:]}..." if row and row.secret else None
                return 200, {"webhook_callback_url": row.fields["url"] if row else None, "webhook_secret_masked": mask}
            case "POST", ["user", "webhooks"] if row is None:
                row = self.new({"url": body["callback_url"], "events": set()}, self.issue())
                return 201, {"callback_url": row.fields["url"], "secret": row.secret}
            case "POST", ["user", "webhooks"] if row is not None:
                self.change(row, {"url": body["callback_url"]})
                return 200, {"callback_url": row.fields["url"], "masked_secret": "whsk_6E****hT"}
        return MISSING


class Cryptopocket(Vendor):
    """Forms, one subscription an event, errors in HTTP 200, nothing to read, nothing to delete."""

    statuses = descriptions = readable = deletes = False
    events, most = ("PAY_IN", "COINS_SENT", "CRYPTO_RECEIVED"), 1

    def handle(self, method: str, path: list[str], query: Mapping[str, str], body: Body) -> Any:
        """`/api/subscribeToWebhook` and `/api/updateWebhookSubscription`."""
        if path[-1] == "subscribeToWebhook":
            self.new({"url": body["url"], "events": {body["type"]}})
            return 200, {"status": "ok", "data": "subscription_created"}
        rows = [row for row in self.rows if row.fields["events"] == {body["type"]}]
        for row in rows:
            self.change(row, {"url": body["url"]})
        if not rows:
            return 200, {"error": "not_subscribed"}
        return 200, {"status": "ok", "data": "subscription_updated"}
