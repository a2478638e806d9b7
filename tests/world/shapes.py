"""Shapes of APIs that single real servers were seen to have, several in each of these vendors. Used by `userfile`.

The same shapes are played over sockets, one by one, in `tests/cli/test_shapes.py`.
"""

from collections.abc import Mapping
from typing import Any

from reconciler.providers.protocol import Reply
from tests.world.dialects import Plain
from tests.world.vendors import MISSING, Answer, Body, Row


class Shifty(Plain):
    """Pages by offset, the newest first; no rows are `{}`; another URL's spelling; an update without a key wipes it."""

    secrets, spells = ("from", "generate"), True

    def says_nothing(self, reply: Reply) -> bool:
        """See `Vendor`."""
        return reply.status == 200 and reply.body == b"{}"

    def shift(self, how: str) -> None:
        """See `Vendor`; the newest is in front."""
        if how == "drop" and self.rows and not self.rows[-1].ours:
            self.rows.pop()
        elif how == "insert":
            self.new({"url": f"https://theirs.example/{self.made}", "events": {"a"}}, ours=False)

    def page(self, query: Mapping[str, str]) -> Answer:
        """Two at a time, so that whatever is made or deleted meanwhile moves all others."""
        if not self.rows:
            return 200, {}
        start = int(query.get("skip", "0"))
        return 200, {"hooks": [self.shown(row) for row in self.rows[::-1][start : start + 2]]}

    def shown(self, row: Row) -> Body:
        """See `Plain`."""
        return {**super().shown(row), "has_key": row.secret is not None}

    def key(self, body: Body) -> str | None:
        """See `Plain`."""
        return body.get("key")

    def update(self, row: Row, method: str, body: Body) -> None:
        """See `Plain`."""
        self.change(row, self.read(body))
        row.sign_with(self.key(body))


class Lonely(Plain):
    """One webhook a URL; no rows are 204; a description stays, and so it takes a replacement that must go first."""

    secrets, tells_wiped = ("from", "generate"), False

    def says_nothing(self, reply: Reply) -> bool:
        """See `Vendor`."""
        return reply.status == 204

    def handle(self, method: str, path: list[str], query: Mapping[str, str], body: Body) -> Any:
        """See `Plain`."""
        if method == "GET" and path == ["hooks"] and not self.rows:
            return 204, None
        if method != "POST" or path != ["hooks"]:
            return super().handle(method, path, query, body)
        if any(row.fields["url"] == body["url"] for row in self.rows) and not self.upserts:
            return 409, {"message": "there is a webhook with this URL"}
        return super().handle(method, path, query, body)

    def update(self, row: Row, method: str, body: Body) -> None:
        """See `Plain`."""
        self.change(row, {name: value for name, value in self.read(body).items() if name != "description"})
        if (key := self.key(body)) is not None:
            row.sign_with(key)


class Graphic(Plain):
    """Everything is a POST to one path; what it refuses comes with 200 and `errors`."""

    secrets, tells_wiped = ("from", "generate"), False

    def handle(self, method: str, path: list[str], query: Mapping[str, str], body: Body) -> Any:
        """`{query, variables}`."""
        asked, given = body.get("query"), body.get("variables", {})
        if asked == "hooks":
            return 200, {"data": {"hooks": [self.shown(row) for row in self.rows]}}
        if asked == "make":
            status, document = super().handle("POST", ["hooks"], {}, given["input"])
        else:
            row = self.find(given.get("id", ""))
            verb = {"change": "PATCH", "remove": "DELETE"}.get(str(asked), "")
            status, document = MISSING if row is None else self.on(verb, row, given.get("input", {}))
        if status >= 400:
            return 200, {"data": None, "errors": [document]}
        return 200, {"data": {asked: document or {"done": True}}}
