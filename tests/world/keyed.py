"""Vendors whose secrets have calls of their own: to see one, to replace one, with a grace or without; see `story`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tests.world.dialects import Plain
from tests.world.vendors import MISSING, Answer, Body, Row


class Keyed(Plain):
    """What they share: `/hooks/ID/key` is not a field, and updates leave it alone."""

    statuses, rotates = False, True

    def handle(self, method: str, path: list[str], query: Mapping[str, str], body: Body) -> Any:
        """`/hooks/ID/key` beside the usual."""
        match path[path.index("hooks") :]:
            case ["hooks", row_id, "key"]:
                row = self.find(row_id)
                return MISSING if row is None else self.on_key(method, row, body)
        return super().handle(method, path, query, body)

    def on_key(self, method: str, row: Row, body: Body) -> Answer:
        """A call about one key."""
        raise NotImplementedError

    def shown(self, row: Row) -> Body:
        """See `Plain`; these tell when a row was made."""
        created = datetime.fromtimestamp(row.created, UTC).isoformat()
        return {key: value for key, value in super().shown(row).items() if key != "active"} | {"created": created}

    def update(self, row: Row, method: str, body: Body) -> None:
        """The key stays."""
        self.change(row, self.read(body))

    def another(self, row: Row) -> str:
        """A key of the vendor's making in the place of the old one."""
        self.reissued[row.id] += 1
        return self.issue()


class Keysafe(Keyed):
    """The key is ours or issued, a `GET` shows it, a `POST` replaces it, and the old one stays good for a day."""

    secrets, tells_wiped = ("to", "from", "generate"), False

    def on_key(self, method: str, row: Row, body: Body) -> Answer:
        """See `Keyed`."""
        if method == "GET":
            return 200, {"key": self.visible(row.secret)}
        row.sign_with(body.get("key") or self.another(row), row.accepted)
        return 204, None

    def first_secret(self, body: Body) -> str | None:
        """See `Plain`."""
        return self.key(body) or self.issue()


class Signet(Keyed):
    """The key is issued and shown with a create and with a rotation, never again; the old one ends at once."""

    secrets, tells_wiped = ("to",), False

    def on_key(self, method: str, row: Row, body: Body) -> Answer:
        """See `Keyed`."""
        if method == "GET":
            return MISSING
        row.sign_with(self.another(row))
        return 200, {"signing_key": row.secret}

    def first_secret(self, body: Body) -> str | None:
        """See `Plain`."""
        return self.issue()

    def once(self, row: Row) -> Body:
        """See `Plain`."""
        return {"signing_key": row.secret}


class Turnkey(Keyed):
    """The key is ours and goes by a call of its own, which answers nothing; a flag says whether there is one.

    A call tells whose credentials are used.
    """

    secrets, tells_account = ("from", "generate"), True

    def handle(self, method: str, path: list[str], query: Mapping[str, str], body: Body) -> Any:
        """`/account` beside the usual."""
        if path == ["account"]:
            return 200, {"id": "acct-theirs" if self.strange else "acct-ours"}
        return super().handle(method, path, query, body)

    def on_key(self, method: str, row: Row, body: Body) -> Answer:
        """See `Keyed`."""
        if method == "GET":
            return MISSING
        row.sign_with(body["key"])
        return 200, {}

    def shown(self, row: Row) -> Body:
        """See `Plain`."""
        return super().shown(row) | {"has_key": row.secret is not None}
