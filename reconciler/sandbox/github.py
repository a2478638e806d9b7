"""GitHub's repository and organisation webhooks (REST), and its lists of these places, simulated.

Sources: https://docs.github.com/rest/repos/webhooks, /rest/orgs/webhooks, /rest/webhooks/repo-config,
/rest/users/users (the authenticated user), /rest/using-the-rest-api/ pagination, rate limits and troubleshooting
pages; the vendor's OpenAPI description (1.1.4). Not documented, and the harsher reading here: a PATCH whose config has
no url is refused.

Used by `sandbox.box`.

One idea, so longer than most: what one request gets.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar
from zlib import crc32

from .exchange import Answer, Request, json_answer, text_answer
from .github_app import Apps
from .github_hooks import Hook, Hooks, InvalidHook
from .github_repos import Nobody, Repositories
from .vendor import SimulatedVendor

DOCS = "https://docs.github.com/rest"
ACCEPTED = re.compile(r"\*/\*|application/(\*|json|vnd\.github\b[\w.+-]*)", re.ASCII)
ROUTE = re.compile(r"/(?:repos/(?P<repo>[^/]+/[^/]+)|orgs/(?P<org>[^/]+))(?P<rest>/.*)?")
NOT_FOR_APPS = "Resource not accessible by integration"
HOOK = re.compile(r"/hooks/(?P<id>\d+)(?P<sub>/config|/pings|/tests|/deliveries)?")


class GitHub(SimulatedVendor):
    """Any owner's repositories and organisations. Names are not case sensitive; a User-Agent is demanded.

    Switches (default first):
        prefix           path before everything, `/api/v3` as on an own server; ""
        known_repos      the repositories (`owner/name`) and organisations (`name`) that exist; None: all, and lists
                         show those that were made by `make_repo`, or that have had a hook
        users            owners that are users, beside the token's own; every other one is an organisation
        accept_required  whether a request without Accept is refused; False (documents only recommend it)
        open_events      whether unknown event names are taken; False
        events_order     how events read: `sent` or `sorted`
        same_config      what makes two configs one: `all` of url, content_type, insecure_ssl and secret, or `url` alone
        rate_limit       requests an hour; 5000
        token_of         whose the token is: a `user`, or an app's `installation`, which is nobody
        strict_fields    whether unknown body fields are refused; True (the description closes only the body of create,
                         the sandbox the others too)
    """

    NAME: ClassVar[str] = "github"
    SWITCHES: ClassVar[Mapping[str, Any]] = {
        "prefix": "",
        "known_repos": None,
        "users": None,
        "accept_required": (False, True),
        "open_events": (False, True),
        "events_order": ("sent", "sorted"),
        "same_config": ("all", "url"),
        "rate_limit": 5000,
        "token_of": ("user", "installation"),
        "strict_fields": (True, False),
    }

    def __init__(self, settings: Mapping[str, Any] | None = None, *, latency: float = 0.0) -> None:
        super().__init__(settings, latency=latency)
        self.credentials = {"token": "ghp_sandbox7Qd3mT0kV1xZ"}
        self.user = {"login": "octocat", "id": 1}
        self.apps = Apps()
        self.quota: int = self.settings["rate_limit"]
        self._resets = 0.0
        self._forbidden: dict[str, bool] = {}
        self._hooks = Hooks(self.settings)
        known, users = self.settings["known_repos"] or (), self.settings["users"] or ()
        self._repositories = Repositories(known, users, "octocat")

    @property
    def url(self) -> str:
        """The base URL to configure, prefix included."""
        return self.origin + str(self.settings["prefix"])

    def forbid(self, target: str, *, visible: bool = False) -> None:
        """Take the token's rights on `owner/repo` or an organisation: its hooks answer 404.

        So does the target itself unless `visible`, which is a token that may read the target but not administer it.
        """
        with self.lock:
            self._forbidden[target.lower()] = visible

    def permit(self, target: str) -> None:
        """Give the rights back."""
        with self.lock:
            self._forbidden.pop(target.lower(), None)

    def respond(self, request: Request) -> Answer:
        """Answer one request; see the class."""
        accept = request.header("accept")
        if not request.header("user-agent"):
            return text_answer(403, "Request forbidden by administrative rules: a User-Agent header is needed.")
        if (accept or self.settings["accept_required"]) and not ACCEPTED.search(accept):
            return self._refuse(415, "Unsupported 'Accept' header. Must accept 'application/json'.")
        exchanged = self.apps.answer(request, request.path.removeprefix(self.settings["prefix"]), self.now())
        if exchanged is not None:
            return exchanged
        scheme, _, token = request.header("authorization").partition(" ")
        if not token:
            return self._refuse(401, "Requires authentication")
        known = token == self.credentials["token"] or self.apps.tokens.use(token, self.now()) is not None
        if scheme.lower() not in ("bearer", "token") or not known:
            return self._refuse(401, "Bad credentials")
        if not self._spend():
            return self._refuse(403, "API rate limit exceeded for user ID 1.").plus(self._rates())
        return self._route(request).plus(self._rates())

    def _spend(self) -> bool:
        """Count a request against the hour's quota; False when it is used up."""
        if self.now() >= self._resets:
            renewed = self._resets > 0
            self._resets = self.now() + 3600
            self.quota = self.settings["rate_limit"] if renewed else self.quota
        if self.quota <= 0:
            return False
        self.quota -= 1
        return True

    def _rates(self) -> dict[str, str]:
        limit = self.settings["rate_limit"]
        return {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(self.quota),
            "X-RateLimit-Used": str(max(0, limit - self.quota)),
            "X-RateLimit-Reset": str(int(self._resets)),
            "X-RateLimit-Resource": "core",
        }

    def _route(self, request: Request) -> Answer:
        prefix = self.settings["prefix"]
        found = ROUTE.fullmatch(request.path.removeprefix(prefix)) if request.path.startswith(prefix) else None
        listed = self._places(request, request.path.removeprefix(prefix)) if request.method == "GET" else None
        if listed is not None:
            return listed
        if found is None:
            is_me = request.method == "GET" and request.path == f"{prefix}/user"
            return self._me(request) if is_me else self._missing()
        target, rest = (found["repo"] or found["org"]).lower(), found["rest"] or ""
        if not self._shows(target, rest):
            return self._missing()
        if not rest:
            return self._probe(target) if request.method == "GET" else self._missing()
        try:
            return self._collection(request, target) if rest == "/hooks" else self._member(request, target, rest)
        except InvalidHook as invalid:
            return invalid.answer

    def _shows(self, target: str, rest: str) -> bool:
        """Whether the target exists and the token may see it, or what hangs on it (`rest`)."""
        known = self.settings["known_repos"]
        if self._repositories.is_gone(target):
            return False
        if (
            known is not None
            and target not in [each.lower() for each in known]
            and not self._repositories.knows(target)
        ):
            return False
        return target not in self._forbidden or (not rest and self._forbidden[target])

    def _places(self, request: Request, path: str) -> Answer | None:
        """Answer with a list of repositories or organisations; None where the path is none of those."""
        items = self._repositories.listed(path)
        if items is None:
            return None
        if path.startswith("/user/") and self._is_app(request):
            return self._refuse(403, NOT_FOR_APPS)
        return self._missing() if isinstance(items, Nobody) else self._page(request, items)

    def _is_app(self, request: Request) -> bool:
        """Whether the token is that of an installation."""
        return bool(self.settings["token_of"] == "installation") or "ghs_" in request.header("authorization")

    def _me(self, request: Request) -> Answer:
        """The authenticated user; an installation is none."""
        if self._is_app(request):
            return self._refuse(403, NOT_FOR_APPS)
        return json_answer(200, {**self.user, "type": "User", "site_admin": False})

    def _probe(self, target: str) -> Answer:
        owner, _, name = target.partition("/")
        own_id = crc32(target.encode())
        if not name:
            return json_answer(200, {"id": own_id, "login": owner})
        admin = {"admin": target not in self._forbidden, "pull": True}
        return json_answer(200, {"id": own_id, "name": name, "full_name": target, "permissions": admin})

    def _collection(self, request: Request, target: str) -> Answer:
        if request.method == "GET":
            return self._list(request, target)
        if request.method != "POST":
            return self._missing()
        hook = self._made(target, self._body(request))
        shown = self._show(hook)
        return json_answer(201, shown, {"Location": shown["url"]})

    def _made(self, target: str, body: dict[str, Any]) -> Hook:
        """Make a hook. A repository that has one is there, so lists show it from then on."""
        hook = self._hooks.create(target, body, self.timestamp())
        if "/" in target and not self._repositories.knows(target):
            self._repositories.make(target, {})
        return hook

    def _member(self, request: Request, target: str, rest: str) -> Answer:
        found = HOOK.fullmatch(rest)
        hook = self._hooks.find(target, int(found["id"])) if found else None
        if found is None or hook is None:
            return self._missing()
        match request.method, found["sub"]:
            case "GET", None:
                return json_answer(200, self._show(hook))
            case "PATCH", None:
                return json_answer(200, self._show(self._hooks.update(hook, self._body(request), self.timestamp())))
            case "DELETE", None:
                self._hooks.remove(hook.id)
                return Answer(204)
            case "GET", "/config":
                return json_answer(200, hook.shown_config())
            case "PATCH", "/config":
                self._hooks.configure(hook, self._body(request), self.timestamp())
                return json_answer(200, hook.shown_config())
            case "POST", "/pings" | "/tests":
                return Answer(204)
            case "GET", "/deliveries":
                return json_answer(200, [])
        return self._missing()

    def _list(self, request: Request, target: str) -> Answer:
        return self._page(request, [self._show(hook) for hook in self._hooks.of(target)])

    def _page(self, request: Request, items: list[dict[str, Any]]) -> Answer:
        """Answer with one page (`per_page` up to 100, default 30) and the Link header to the others."""
        size = min(number(request.query.get("per_page"), 30), 100)
        page = number(request.query.get("page"), 1)
        last = max(1, -(-len(items) // size))
        pages = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
        wanted = [name for name in pages if (page > 1 if name in ("prev", "first") else page < last)]
        base = f"{self.origin}{request.path}?per_page={size}&page="
        link = ", ".join(f'<{base}{pages[name]}>; rel="{name}"' for name in wanted)
        return json_answer(200, items[(page - 1) * size : page * size], {"Link": link} if link else {})

    def _show(self, hook: Hook) -> dict[str, Any]:
        kind, at = ("repos", "Repository") if "/" in hook.target else ("orgs", "Organization")
        return hook.shown(f"{self.url}/{kind}/{hook.target}/hooks/{hook.id}", at, self.settings["events_order"])

    def _body(self, request: Request) -> dict[str, Any]:
        """Return the JSON object of a body; an empty body counts as an empty object. Raises InvalidHook."""
        try:
            body = request.json() if request.body else {}
        except ValueError:
            raise InvalidHook(self._refuse(400, "Problems parsing JSON")) from None
        if not isinstance(body, dict):
            raise InvalidHook(self._refuse(400, "Body should be a JSON object"))
        return body

    def _missing(self) -> Answer:
        return self._refuse(404, "Not Found")

    def _refuse(self, status: int, message: str) -> Answer:
        return json_answer(status, {"message": message, "documentation_url": DOCS, "status": str(status)})

    def error(self, status: int) -> Answer:
        """Word a bare refusal as this vendor does."""
        words = {401: "Bad credentials", 403: "Resource not accessible by personal access token", 404: "Not Found"}
        words[429] = "You have exceeded a secondary rate limit."
        return self._refuse(status, words.get(status, "Server Error"))

    def webhooks(self) -> list[dict[str, Any]]:
        """Return every hook as `{target, id, active, events, config}`, the config with its true secret."""
        with self.lock:
            return self._hooks.plain()

    def add(self, target: str, **fields: Any) -> int:
        """Make a hook by hand on `owner/repo` or an organisation (`config`, `events`, `active`); returns its id.

        Raises ValueError when the vendor's own rules refuse it.
        """
        with self.lock:
            try:
                return self._made(target.lower(), {"name": "web", **fields}).id
            except InvalidHook as invalid:
                raise ValueError(invalid.answer.json()) from None

    def make_repo(self, full_name: str, **facts: Any) -> None:
        """Make a repository (`owner/name`) by hand, or change what it shows (`archived`, `private`, …)."""
        with self.lock:
            self._repositories.make(full_name, facts)

    def delete_repo(self, full_name: str) -> None:
        """Delete a repository by hand; what hung on it answers 404."""
        with self.lock:
            self._repositories.delete(full_name)

    def edit(self, id: int, **changes: Any) -> None:
        """Change a hook by hand: `active`, `events`, and `config`, of which only the keys given change (a secret of
        None is taken away). Raises KeyError for an unknown id.
        """
        with self.lock:
            self._hooks.edit(id, changes, self.timestamp())

    def remove(self, id: int) -> None:
        """Delete a hook by hand. Raises KeyError for an unknown id."""
        with self.lock:
            self._hooks.remove(id)


def number(text: str | None, default: int) -> int:
    """Return a positive number of a query, or the default for anything else, as the vendor does."""
    return int(text) if text and text.isdecimal() and int(text) > 0 else default
