"""The vendors of the test manifests: one for each kind of API that the built-in ones are not. Used by `story`."""

from collections.abc import Mapping
from typing import Any

from tests.world.vendors import MISSING, Answer, Body, Row, Vendor


class Plain(Vendor):
    """The dialect that the test manifests share; kinds below differ in what it says."""

    label, has, url_kept, shown_status = "label", "", False, "active"

    def handle(self, method: str, path: list[str], query: Mapping[str, str], body: Body) -> Any:
        """`/hooks` and `/hooks/ID`."""
        match method, path[path.index("hooks") :]:
            case "GET", ["hooks"]:
                return self.page(query)
            case "POST", ["hooks"] if len(self.rows) >= self.quota:
                return 422, {"message": f"quota exceeded by {body}"}
            case "POST", ["hooks"]:
                row = self.new(self.read(body), self.first_secret(body))
                row.mark = (body.get("meta") or {}).get("owner")
                return 201, self.wrapped({**self.shown(row), **self.once(row)})
            case method, ["hooks", row_id]:
                found = self.find(row_id)
                return MISSING if found is None else self.on(method, found, body)
        return MISSING

    def on(self, method: str, row: Row, body: Body) -> Answer:
        """A call about one row."""
        match method:
            case "GET":
                return 200, self.wrapped(self.shown(row))
            case "DELETE":
                self.remove(row)
                return 204, None
            case "PUT" | "PATCH":
                self.update(row, method, body)
                return 200, self.wrapped(self.shown(row))
        return 405, {"message": "Method Not Allowed"}

    def update(self, row: Row, method: str, body: Body) -> None:
        """A PUT replaces all, the secret included; a PATCH changes what it names."""
        fields = self.read(body)
        self.change(row, {"description": "", **fields} if method == "PUT" else fields)
        key = self.key(body)
        if method == "PUT" or key is not None:
            row.sign_with(key)
        if "meta" in body:
            row.mark = body["meta"].get("owner")

    def read(self, body: Body) -> dict[str, Any]:
        """A body in the file's words."""
        fields: dict[str, Any] = {name: body[name] for name in ("url", "note") if name in body}
        events = body.get("topics") or body.get("events")
        if events is not None:
            fields["events"] = {event if isinstance(event, str) else event["name"] for event in events}
        if "active" in body:
            fields["status"] = "active" if body["active"] else "inactive"
        if self.label in body:
            fields["description"] = body[self.label]
        return fields

    def shown(self, row: Row) -> Body:
        """A row as reads show it."""
        events = sorted(row.fields["events"])
        document = {"id": row.id, "url": row.fields["url"], "events": events, "label": row.fields.get("description")}
        return document | {"active": row.fields.get("status") == "active"}

    def page(self, query: Mapping[str, str]) -> Answer:
        """The list, whole."""
        return 200, {"hooks": [self.shown(row) for row in self.rows]}

    def wrapped(self, document: Body) -> Body:
        """An answer about one row."""
        return document

    def key(self, body: Body) -> str | None:
        """The secret in a body."""
        return body.get("secret")

    def first_secret(self, body: Body) -> str | None:
        """The secret of a new row."""
        return self.key(body)

    def once(self, row: Row) -> Body:
        """What only the answer to a create shows."""
        return {}


class Paged(Plain):
    """Numbered pages of two, wrapped answers, a secret and a note that are never shown."""

    options, secrets, tells_wiped = ("note",), ("from", "generate"), False

    def shown(self, row: Row) -> Body:
        """See `Plain`."""
        topics = [{"name": event} for event in sorted(row.fields["events"])]
        return {**{k: v for k, v in super().shown(row).items() if k != "events"}, "topics": topics}

    def page(self, query: Mapping[str, str]) -> Answer:
        """Two at a time."""
        start = 2 * (int(query.get("page", "1")) - 1)
        return 200, {"hooks": [self.shown(row) for row in self.rows[start : start + 2]]}

    def wrapped(self, document: Body) -> Body:
        """See `Plain`."""
        return {"hook": document}

    def key(self, body: Body) -> str | None:
        """See `Plain`."""
        return body.get("key")


class Marked(Plain):
    """A cursor, an owner mark, a URL that stays, a secret that is issued once."""

    secrets = ("to",)

    def page(self, query: Mapping[str, str]) -> Answer:
        """Two at a time, after the id that the cursor names."""
        after = int(query.get("after", "0"))
        rest = [row for row in sorted(self.rows, key=lambda row: int(row.id[1:])) if int(row.id[1:]) > after]
        more = {"next": rest[1].id[1:]} if len(rest) > 2 else {}
        return 200, {"hooks": [self.shown(row) for row in rest[:2]], **more}

    def shown(self, row: Row) -> Body:
        """See `Plain`."""
        return {**super().shown(row), "has_key": row.secret is not None, "meta": {"owner": row.mark}}

    def first_secret(self, body: Body) -> str | None:
        """See `Plain`."""
        return self.issue()

    def once(self, row: Row) -> Body:
        """See `Plain`."""
        return {"signing_key": row.secret}

    def update(self, row: Row, method: str, body: Body) -> None:
        """The key stays."""
        self.change(row, {name: value for name, value in self.read(body).items() if name != "url"})


class Blind(Plain):
    """By id only; no status, no secret."""

    statuses = False

    def page(self, query: Mapping[str, str]) -> Answer:
        """There is no list."""
        return MISSING


class Disabler(Plain):
    """Shows every secret, and a delete only switches off."""

    secrets, shows_secret, keeps_deleted = ("from", "to", "generate"), True, True

    def shown(self, row: Row) -> Body:
        """See `Plain`."""
        return {**super().shown(row), "secret": self.visible(row.secret)}

    def first_secret(self, body: Body) -> str | None:
        """See `Plain`."""
        return self.key(body) or self.issue()


class Keeper(Plain):
    """Updates replace everything, and nothing goes away."""

    statuses, secrets, deletes = False, ("from", "generate"), False

    def shown(self, row: Row) -> Body:
        """See `Plain`."""
        return {**super().shown(row), "has_secret": row.secret is not None}


class Paired(Plain):
    """Two secrets; reads tell whether there are any."""

    statuses, secrets, further = False, ("from", "generate"), True

    def read(self, body: Body) -> dict[str, Any]:
        """See `Plain`."""
        return super().read(body) | {name: body[name] for name in ("basic",) if name in body}

    def shown(self, row: Row) -> Body:
        """See `Plain`."""
        return {**super().shown(row), "has_secret": row.secret is not None, "has_basic": "basic" in row.fields}


class Mute(Plain):
    """Answers tell nothing but the id of what was made."""

    secrets, tells_wiped = ("from", "generate"), False

    def on(self, method: str, row: Row, body: Body) -> Answer:
        """See `Plain`."""
        status, document = super().on(method, row, body)
        return (status, document) if method == "GET" else (204, None)

    def wrapped(self, document: Body) -> Body:
        """See `Plain`."""
        return {"id": document["id"]}


class Fan(Vendor):
    """One subscription an event, never shown."""

    statuses = descriptions = readable = False

    def handle(self, method: str, path: list[str], query: Mapping[str, str], body: Body) -> Any:
        """`/subscriptions` and `/subscriptions/ID`."""
        match method, path:
            case "POST", ["subscriptions"]:
                return 201, {"id": self.new({"url": body["url"], "events": {body["event"]}}).id}
            case method, ["subscriptions", row_id] if (row := self.find(row_id)) is not None:
                if method == "DELETE":
                    self.remove(row)
                    return 204, None
                self.change(row, {"url": body["url"]})
                return 200, {"id": row.id}
        return MISSING
