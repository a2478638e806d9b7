"""Simulated vendors in memory: a Call in, its Reply out, no sockets. The kinds are in `dialects` and `known_vendors`.

Each is written from its dialect, not from its manifest. What a vendor holds is a `Row` in the words of the user's file,
so that a test compares file and vendor without asking the code under test.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from reconciler.model.secret import Secret
from reconciler.providers.protocol import Call, Reply

Body = dict[str, Any]
Answer = tuple[int, Any]
MISSING: Answer = (404, {"message": "Not Found"})
LEAK = "S3CR3T"
"""Every secret of every vendor and user begins like this, so that one search finds any of them anywhere."""


@dataclass
class Row:
    """One webhook, or one part of it, as a vendor holds it.

    Args:
        fields: in the words of the file: url, events (a set), status, description, options by their names.
        ours: whether whsync made it; `owner` is then the webhook's lasting identity in the world.
        retired: whsync has retired it (and some vendors keep it all the same).
        released: the user let go of it, or it came to be another's.
        foreign_secret: somebody set its secret in a way that no read shows.
        tampered: somebody set or wiped its secret in any way, and whsync has not set it since.
        graced: secrets that are still good although another has replaced them.
        created: when it was made, by the vendor's clock.
    """

    id: str
    fields: dict[str, Any]
    secret: str | None = None
    mark: str | None = None
    ours: bool = False
    owner: str | None = None
    retired: bool = False
    released: bool = False
    foreign_secret: bool = False
    tampered: bool = False
    graced: frozenset[str] = frozenset()
    created: float = 0.0

    def sign_with(self, secret: str | None, graced: Iterable[str] = ()) -> None:
        """Whsync gives it this secret, or none; what was good before may be so still."""
        self.secret, self.graced = secret, frozenset(graced)
        self.foreign_secret = self.tampered = False

    def tamper(self, secret: str | None, unseen: bool) -> None:
        """Somebody else gives it this secret, or none; perhaps no read shows that."""
        self.secret, self.graced = secret, frozenset()
        self.foreign_secret, self.tampered = unseen, True

    @property
    def accepted(self) -> set[str]:
        """The secrets that are good now."""
        return {*self.graced, *((self.secret,) if self.secret else ())}


@dataclass
class Vendor:
    """What all have in common.

    Args:
        quota: how many rows there may be.
        masks: where it shows secrets, it shows masks for a while.
        frozen: fields that the vendor keeps although it answers that it took them.
        moves: what else a change of a field moves, where the same call does not say it.
        upserts: a create with a URL that is there changes that one, and answers with its id.
        clings: a delete is answered with success, and not carried out.
        spells: values are shown as the vendor spells them: URLs otherwise, and texts without space around them.
        owner_of: which webhook of the file a URL belongs to now; `is_retiring`: whether that webhook is to go.
        touched: rows as they were before whsync changed or removed them.
        reissued: how often it was asked for another secret of its own making, by row.
        clock: seconds since 1970; the vendor's is right.
        elsewhere: what another account has, whose ids are counted from one, too.
        strange: that account's key is used.
    """

    kind: str
    rows: list[Row] = field(default_factory=list)
    quota: int = 99
    frozen: set[str] = field(default_factory=set)
    moves: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    upserts: bool = False
    clings: bool = False
    spells: bool = False
    masks: bool = False
    owner_of: Callable[[str], str | None] = lambda url: None
    is_retiring: Callable[[str | None], bool] = lambda owner: False
    touched: list[Row] = field(default_factory=list)
    reissued: Counter[str] = field(default_factory=Counter)
    clock: Callable[[], float] = float
    made: int = 0
    elsewhere: list[Row] = field(default_factory=list)
    strange: bool = False

    # What the kind allows; the world writes its files by it.
    statuses = True
    descriptions = True
    options: ClassVar[tuple[str, ...]] = ()
    secrets: ClassVar[tuple[str, ...]] = ()
    events: ClassVar[tuple[str, ...]] = ("a", "b", "c")
    most = 3
    readable = True
    deletes = True
    shows_secret = False
    tells_wiped = True
    rotates = False
    keeps_deleted = False
    tells_account = False
    further = False  # it has a second secret

    def __call__(self, call: Call) -> Reply:
        """Answer one call."""
        address = urlsplit(call.path)
        query = {**dict(parse_qsl(address.query)), **dict(call.query)}
        got = self.handle(call.method, address.path.strip("/").split("/"), query, revealed(call.body) or {})
        status, document, *more = got
        document = spelled(document) if self.spells else document
        headers = {"content-type": "application/json", **(more[0] if more else {})}
        return Reply(status, headers, b"" if document is None else json.dumps(document).encode())

    def handle(self, method: str, path: list[str], query: Mapping[str, str], body: Body) -> Any:
        """The vendor's own rules: a status, a document, and perhaps headers."""
        raise NotImplementedError

    def says_nothing(self, reply: Reply) -> bool:
        """Whether this is the vendor's own word for an empty list, which is therefore never a fault."""
        return False

    def use_key(self, strange: bool) -> None:
        """From now on the key is another account's, or ours again."""
        if strange != self.strange:
            self.rows, self.elsewhere = self.elsewhere or (self.theirs() if strange else []), self.rows
        self.strange = strange

    def theirs(self) -> list[Row]:
        """What the other account has, if nobody touches it."""
        fields = {"url": "https://theirs.example/", "events": set(self.events[:1])}
        return [Row(self.id_of(number), dict(fields), f"{LEAK}-elsewhere") for number in range(1, 6)]

    def find(self, row_id: str) -> Row | None:
        """The row of this id, where there is one."""
        return next((row for row in self.rows if row.id == row_id), None)

    def living(self, owner: str | None = None) -> list[Row]:
        """The rows that whsync made and has not retired, of one webhook or of all."""
        mine = (row for row in self.rows if row.ours and not row.retired and not row.released)
        return [row for row in mine if owner is None or row.owner == owner]

    def new(self, fields: Mapping[str, Any], secret: str | None = None, ours: bool = True) -> Row:
        """One more row, or, at a vendor that upserts, the one that was there with its URL."""
        owner = self.owner_of(fields["url"]) if ours else None
        key = ("url",) if self.readable else ("url", "events")
        there = next((row for row in self.rows if all(row.fields[each] == fields[each] for each in key)), None)
        if ours and self.upserts and there is not None:
            self.change(there, fields)
            there.ours, there.owner, there.released = True, owner, False
            if secret is not None:
                there.sign_with(secret)
            return there
        self.made += 1
        usual = {"status": "active"} if self.statuses else {}
        row = Row(self.id_of(self.made), {**usual, **fields}, secret, ours=ours, owner=owner, created=self.clock())
        self.rows.append(row)
        return row

    def id_of(self, number: int) -> str:
        """How this vendor writes its ids."""
        return f"{self.kind[0]}{number}"

    def issue(self) -> str:
        """A secret of the vendor's own making."""
        self.made += 1
        return f"{LEAK}-issued-{self.kind}-{self.made}"

    def visible(self, secret: str | None) -> str | None:
        """A secret as reads show it."""
        return f"******{secret[-2:]}" if secret and self.masks else secret

    def change(self, row: Row, fields: Mapping[str, Any]) -> None:
        """Take new values from whsync, except for what this vendor silently keeps."""
        self.touched.append(replace(row, fields=dict(row.fields)))
        row.retired = False
        taken = {name: value for name, value in fields.items() if name not in self.frozen}
        moving = [more for name, more in self.moves.items() if name in taken and row.fields.get(name) != taken[name]]
        for more in moving:
            row.fields.update({name: value for name, value in more.items() if name not in fields})
        row.fields.update(taken)

    def remove(self, row: Row, ours: bool = True) -> None:
        """Delete a row, as this vendor understands it."""
        if ours:
            self.touched.append(replace(row, fields=dict(row.fields)))
            if self.clings:
                return
        row.retired = row.retired or ours
        if self.keeps_deleted:
            row.fields["status"] = "inactive"
        else:
            self.rows.remove(row)

    def shift(self, how: str) -> None:
        """Somebody moves the pages under a reader: a row of theirs goes from the front, or comes there."""
        first = self.rows[0] if self.rows else None
        if how == "drop" and first is not None and not first.ours:
            self.rows.remove(first)
        elif how == "insert":
            row = self.new({"url": f"https://theirs.example/{self.made}", "events": {"a"}}, ours=False)
            self.rows.insert(0, self.rows.pop(self.rows.index(row)))


def spelled(tree: Any) -> Any:
    """A document in the vendor's spelling, which means the same."""
    if isinstance(tree, str):
        return tree.strip().replace("https://hooks.acme.com/", "HTTPS://Hooks.Acme.com:443/")
    if isinstance(tree, dict):
        return {key: spelled(value) for key, value in tree.items()}
    return [spelled(item) for item in tree] if isinstance(tree, list) else tree


def revealed(tree: Any) -> Any:
    """A body as a vendor sees it: secrets as they are."""
    if isinstance(tree, Secret):
        return tree.reveal()
    if isinstance(tree, dict):
        return {key: revealed(value) for key, value in tree.items()}
    return [revealed(item) for item in tree] if isinstance(tree, list) else tree
