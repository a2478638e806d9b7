"""One small vendor whose manners are switches: what single APIs were seen doing, each by itself or together.

It holds webhooks in memory and answers at a socket (`tests.loopback`). It knows nothing of whsync; which manners it has
is said by their names, and `tests.shapes.manifest` says what a manifest of such a vendor must say.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.loopback import Answer, Asked, served

MANNERS = frozenset(
    {
        # lists
        "pages",  # two at a time by offset, the newest first, so that pages shift
        "empty object",  # the empty list is {}
        "empty 204",  # the empty list is 204
        "hidden",  # what was made lately is not in the list
        # creates
        "location",  # answers 201 without a body; the id stands in `Location`
        "200",  # answers 200, where the manifest may say 201
        "unique",  # a URL may be there once
        "upserts",  # a create with a URL that is there changes that one
        "starts active",  # a create ignores the status
        "own secret",  # makes a secret of its own, and ignores ours
        # what it makes of values
        "sorts",  # lists are sets in its own order
        "trims",  # white space around texts is taken off
        "lower urls",  # URLs are kept in small letters
        "other urls",  # hosts are spelled otherwise, which means the same
        "drops events",  # names it does not know are taken and dropped
        "shouts",  # the flavour is kept in capitals
        "forgets",  # the flavour is taken and not kept
        # updates
        "frozen",  # an update takes the description, answers 200, and keeps the old one
        "refuses",  # an update of the description is refused
        "clears events",  # an update without events has none
        "replaces",  # an update without a field takes it away
        "wipes",  # an update without the secret takes it away
        "moves",  # another URL switches it off
        "renumbers",  # an update gives it another id
        "mute",  # answers 204 to updates
        # reads
        "masks",  # shows a mask of the secret
        "tells",  # shows the secret
        "flags",  # shows that there is one
        "more",  # shows a field of which nobody speaks
        "loses more",  # shows such a field until an update
        "restless",  # counts its reads in the description
        # deletes
        "disables",  # a delete answers 204 and switches it off
        "clings",  # a delete answers 204 and does nothing
        "only off",  # refuses to delete what is active
        # errors
        "html",  # errors are pages
        "crashes",  # an update of the description is a 500
        "odd errors",  # errors have their words elsewhere
        "graphql",  # all is a POST to one path, errors come in 200
    }
)
EVENTS = ("a", "b", "c")
TOKEN = "token-of-the-shapes"


class Shaped:
    """The vendor.

    Attributes:
        manners: which of `MANNERS` it has.
        hooks: what it holds, by id, the oldest first; secrets are beside, by id.
        calls: the method and path of each call.
    """

    def __init__(self, *manners: str) -> None:
        self.manners = frozenset(manners)
        assert self.manners <= MANNERS, self.manners - MANNERS
        self.hooks: dict[str, dict[str, Any]] = {}
        self.secrets: dict[str, str | None] = {}
        self.calls: list[str] = []
        self.reads = self.made = 0
        self.updated: set[str] = set()
        self.before: Any = None  # called before each answer, with the method and the path

    def has(self, *names: str) -> bool:
        """Whether it has one of these manners."""
        return not self.manners.isdisjoint(names)

    def answer(self, asked: Asked) -> Answer:
        """One call at the socket."""
        where = urlsplit(asked.path)
        self.calls.append(f"{asked.method} {where.path}")
        if self.before is not None:
            self.before(asked.method, where.path)
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return self.error(401, "bad token")
        if self.has("graphql"):
            return self._graphql(asked.document())
        path = where.path.strip("/").split("/")
        if path[0] != "hooks" or len(path) > 2:
            return self.error(404, "no such place")
        if len(path) == 1:
            return self._list(parse_qs(where.query)) if asked.method == "GET" else self._create(asked.document())
        if path[1] not in self.hooks:
            return self.error(404, "no such hook")
        return self._one(asked.method, path[1], asked.document())

    def error(self, status: int, words: str) -> Answer:
        """A refusal, as this vendor has them."""
        if self.has("html"):
            return Answer(status, f"<html><h1>{words}</h1></html>".encode(), {"Content-Type": "text/html"})
        return Answer.of(status, {"problem": {"text": words}} if self.has("odd errors") else {"message": words})

    # The places

    def _list(self, query: dict[str, list[str]]) -> Answer:
        hooks = [self.shown(each) for each in self.hooks if not self.has("hidden")]
        if not hooks and self.has("empty object", "empty 204"):
            return Answer.of(200, {}) if self.has("empty object") else Answer.of(204, None)
        if self.has("pages"):
            skip = int(query.get("skip", ["0"])[0])
            hooks = hooks[::-1][skip : skip + 2]
        return Answer.of(200, {"hooks": hooks})

    def _create(self, body: dict[str, Any]) -> Answer:
        url = self._url(body["url"])
        same = next((each for each, hook in self.hooks.items() if hook["url"] == url), None)
        if same is not None and self.has("unique"):
            return self.error(409, "there is one with this URL")
        if not isinstance(body.get("events"), list):
            return self.error(400, "events are missing")
        if same is not None and self.has("upserts"):
            return self._update(same, body)._replace(status=201)
        self.made += 1
        made = str(self.made)
        self.hooks[made] = {"active": True, "description": "", "events": []}
        self.secrets[made] = f"made-here-{made}-0123456789" if self.has("own secret") else body.get("secret")
        self._take(made, {k: v for k, v in body.items() if k != "active" or not self.has("starts active")})
        if self.has("location"):
            return Answer(201, b"", {"Location": f"/hooks/{made}"})
        return Answer.of(200 if self.has("200") else 201, self.shown(made))

    def _one(self, method: str, hook: str, body: Any) -> Answer:
        match method:
            case "GET":
                return Answer.of(200, self.shown(hook))
            case "DELETE":
                return self._delete(hook)
            case "PATCH" | "PUT" if "description" in body and self.has("crashes"):
                return self.error(500, "out of order")
            case "PATCH" | "PUT" if "description" in body and self.has("refuses"):
                return self.error(422, "the description stays")
            case "PATCH" | "PUT":
                return self._update(hook, body)
        return self.error(405, "not here")

    def _update(self, hook: str, body: dict[str, Any]) -> Answer:
        if body.get("url", self.hooks[hook]["url"]) != self.hooks[hook]["url"] and self.has("moves"):
            body = {"active": False, **body}
        if self.has("clears events"):
            body = {"events": [], **body}
        if self.has("replaces"):
            body = {"events": [], "description": "", "active": True, **body}
        self.updated.add(hook)
        if self.has("wipes") or "secret" in body:
            self.secrets[hook] = body.get("secret")
        self._take(hook, {k: v for k, v in body.items() if k != "description" or not self.has("frozen")})
        if self.has("renumbers"):
            self.made += 1
            now = str(self.made)
            self.hooks[now], self.secrets[now] = self.hooks.pop(hook), self.secrets.pop(hook)
            hook = now
        return Answer.of(204, None) if self.has("mute") else Answer.of(200, self.shown(hook))

    def _delete(self, hook: str) -> Answer:
        if self.has("only off") and self.hooks[hook]["active"]:
            return self.error(409, "switch it off first")
        if self.has("disables"):
            self.hooks[hook]["active"] = False
        elif not self.has("clings"):
            del self.hooks[hook]
        return Answer.of(204, None)

    def _graphql(self, asked: dict[str, Any]) -> Answer:
        """`{op, id, input, after}`; a refusal is a 200 with `errors`."""
        variables = asked.get("variables", {})
        hook, verb = variables.get("id"), asked["query"]
        if verb == "list":
            return Answer.of(200, {"data": {"hooks": [self.shown(each) for each in self.hooks]}})
        method = {"create": "POST", "update": "PATCH", "delete": "DELETE"}[verb]
        if method != "POST" and hook not in self.hooks:
            return Answer.of(200, {"data": None, "errors": [{"message": "no such hook"}]})
        done = self._create(variables["input"]) if method == "POST" else self._one(method, hook, variables.get("input"))
        document = json.loads(done.body or b"null")
        if done.status >= 400:
            return Answer.of(200, {"data": None, "errors": [{"message": document["message"]}]})
        return Answer.of(200, {"data": {verb: document if verb != "delete" else {"id": hook}}})

    # What it makes of values, and shows

    def _take(self, hook: str, body: dict[str, Any]) -> None:
        kept = self.hooks[hook]
        for name in ("url", "active", "description", "events", "tags", "flavour"):
            if name in body and not (name == "flavour" and self.has("forgets")):
                kept[name] = self._kept(name, body[name])

    def _kept(self, name: str, value: Any) -> Any:
        if name == "url":
            return self._url(value)
        if name in ("events", "tags"):
            known = (
                [each for each in value if each in EVENTS] if name == "events" and self.has("drops events") else value
            )
            return sorted(set(known)) if self.has("sorts") else known
        if name == "flavour" and self.has("shouts"):
            return value.upper()
        return value.strip() if self.has("trims") and isinstance(value, str) else value

    def _url(self, url: str) -> str:
        if self.has("lower urls"):
            return url.lower()
        return url.replace("https://whsync-check.", "HTTPS://WHSYNC-Check.") if self.has("other urls") else url

    def shown(self, hook: str) -> dict[str, Any]:
        """A webhook as reads and answers show it."""
        self.reads += 1
        secret = self.secrets.get(hook)
        more: dict[str, Any] = {}
        if self.has("masks"):
            more["key"] = f"{secret[:2]}****{secret[-2:]}" if secret else None
        if self.has("tells"):
            more["key"] = secret
        if self.has("flags"):
            more["has_secret"] = secret is not None
        if self.has("more") or (self.has("loses more") and hook not in self.updated):
            more["colour"] = "blue"
        if self.has("restless"):
            more["description"] = f"{self.hooks[hook]['description']} {self.reads}"
        return {"id": int(hook), **self.hooks[hook], **more}


@contextmanager
def shaped(*manners: str) -> Iterator[tuple[Shaped, str]]:
    """Such a vendor at a socket until the block ends, and its address."""
    vendor = Shaped(*manners)
    with served(vendor.answer) as url:
        yield vendor, url
