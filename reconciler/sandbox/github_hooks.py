"""The rules of GitHub's hooks apart from HTTP: what a body may say, what two hooks may share, what a PATCH takes away.

Used by `sandbox.github` only, with the vendor's lock held. Sources: see there.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .exchange import Answer, is_web_url, json_answer
from .github_events import ORGANISATION_ONLY, REPOSITORY

MASK = "********"
DOCS = "https://docs.github.com/rest/repos/webhooks"
MAX_PER_EVENT = 20
FIRST_ID = 12_345_678
CREATE = frozenset({"name", "config", "events", "active"})
UPDATE = frozenset({"config", "events", "active", "add_events", "remove_events"})
UPDATE_ORGANISATION = frozenset({"name", "config", "events", "active"})
CONFIG = frozenset({"url", "content_type", "secret", "insecure_ssl"})
LOGIN = frozenset({"username", "password"})


class InvalidHook(Exception):
    """The vendor refuses a body; `answer` is how."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("refused")
        self.answer = answer


def validation_failed(message: str, field_name: str = "", code: str = "custom") -> InvalidHook:
    """Return the 422 of a broken rule, with the one error that it lists."""
    error = {"resource": "Hook", "code": code, "message": message, **({"field": field_name} if field_name else {})}
    body = {"message": "Validation Failed", "errors": [error], "documentation_url": DOCS, "status": "422"}
    return InvalidHook(json_answer(422, body))


def malformed(message: str) -> InvalidHook:
    """Return the 422 of a body that does not fit the schema."""
    return InvalidHook(json_answer(422, {"message": f"Invalid request.\n\n{message}", "documentation_url": DOCS}))


@dataclass
class Hook:
    """One hook with its true secret. `target` is `owner/repo` or an organisation, in lower case."""

    target: str
    id: int
    active: bool
    events: list[str]
    config: dict[str, str] = field(repr=False)
    created_at: str
    updated_at: str

    def shown_config(self) -> dict[str, str]:
        """Return the config as the API shows it."""
        return {**self.config, **{name: MASK for name in ("secret", "password") if name in self.config}}

    def shown(self, url: str, kind: str, order: str) -> dict[str, Any]:
        """Return the hook as the API shows it; `url` is its own API address."""
        body = {
            "type": kind,
            "id": self.id,
            "name": "web",
            "active": self.active,
            "events": sorted(self.events) if order == "sorted" else list(self.events),
            "config": self.shown_config(),
            "updated_at": self.updated_at,
            "created_at": self.created_at,
            "url": url,
            "ping_url": f"{url}/pings",
            "deliveries_url": f"{url}/deliveries",
        }
        if kind == "Repository":
            body["test_url"] = f"{url}/test"
            body["last_response"] = {"code": None, "status": "unused", "message": None}
        return body


class Hooks:
    """Every hook of the vendor, by id, and the rules that bind them."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self._hooks: dict[int, Hook] = {}
        self._of: defaultdict[str, dict[int, Hook]] = defaultdict(dict)  # by target, as there may be thousands
        self._next = FIRST_ID

    def of(self, target: str) -> list[Hook]:
        """Return a target's hooks, oldest first."""
        return list(self._of[target].values()) if target in self._of else []

    def find(self, target: str, key: int) -> Hook | None:
        """Return one hook of a target."""
        return self._of[target].get(key) if target in self._of else None

    def remove(self, key: int) -> None:
        """Delete a hook. Raises KeyError."""
        hook = self._hooks.pop(key)
        del self._of[hook.target][key]

    def _keep(self, hook: Hook) -> None:
        self._hooks[hook.id] = self._of[hook.target][hook.id] = hook

    def create(self, target: str, body: dict[str, Any], now: str) -> Hook:
        """Make a hook from a POST's body. Raises Invalid."""
        organisation = "/" not in target
        self._check_keys(body, CREATE)
        if organisation and "name" not in body:
            raise malformed('"name" wasn\'t supplied.')
        if body.get("name", "web") != "web":
            raise validation_failed("name must be web", "name", "invalid")
        if "config" not in body:
            raise validation_failed("config is missing", "config", "missing_field")
        events = self._events(body.get("events", ["push"]), organisation)
        config = self._config(body["config"], organisation)
        hook = Hook(target, self._next, flag(body.get("active", True)), events, config, now, now)
        self._check_neighbours(hook)
        self._next += 1
        self._keep(hook)
        return hook

    def update(self, hook: Hook, body: dict[str, Any], now: str) -> Hook:
        """Change a hook by a PATCH's body: a config replaces the whole config, secret included. Raises Invalid."""
        organisation = "/" not in hook.target
        self._check_keys(body, UPDATE_ORGANISATION if organisation else UPDATE)
        events = self._events(body["events"], organisation) if "events" in body else list(hook.events)
        gained, lost = (texts(body.get(name, []), name) for name in ("add_events", "remove_events"))
        if gained or lost:
            events = self._events([event for event in [*events, *gained] if event not in lost], organisation)
        config = self._config(body["config"], organisation) if "config" in body else hook.config
        active = flag(body.get("active", hook.active))
        changed = Hook(hook.target, hook.id, active, events, config, hook.created_at, now)
        self._check_neighbours(changed)
        self._keep(changed)
        return changed

    def configure(self, hook: Hook, body: dict[str, Any], now: str) -> None:
        """Change parts of a hook's config and keep the rest, the secret too. Raises Invalid."""
        self._check_keys(body, CONFIG)
        hook.config = self._config({**hook.config, **body}, "/" not in hook.target)
        hook.updated_at = now

    def edit(self, key: int, changes: Mapping[str, Any], now: str) -> None:
        """Change a hook by hand, unchecked. Raises KeyError."""
        hook = self._hooks[key]
        config = {**hook.config, **changes.get("config", {})}
        hook.config = {name: value for name, value in config.items() if value is not None}
        hook.events = list(changes.get("events", hook.events))
        hook.active = changes.get("active", hook.active)
        hook.updated_at = now

    def plain(self) -> list[dict[str, Any]]:
        """Return every hook as a plain dict with its true secret."""
        return [
            {
                "target": hook.target,
                "id": hook.id,
                "active": hook.active,
                "events": list(hook.events),
                "config": dict(hook.config),
            }
            for hook in self._hooks.values()
        ]

    def _check_keys(self, body: Mapping[str, Any], known: frozenset[str]) -> None:
        unknown = sorted(body.keys() - known)
        if unknown and self._settings["strict_fields"]:
            raise malformed(f'"{unknown[0]}" is not a permitted key.')

    def _events(self, value: Any, organisation: bool) -> list[str]:
        events = list(dict.fromkeys(texts(value, "events")))
        if not events:
            raise validation_failed("a hook needs at least one event", "events", "missing_field")
        known = REPOSITORY | ORGANISATION_ONLY if organisation else REPOSITORY
        wrong = [event for event in events if event != "*" and event not in known]
        if wrong and not self._settings["open_events"]:
            raise validation_failed(f"The following event types are not valid: {', '.join(wrong)}", "events", "invalid")
        return events

    def _config(self, value: Any, organisation: bool) -> dict[str, str]:
        """Return a whole config from a body's, what it leaves out at its default."""
        if not isinstance(value, dict):
            raise malformed("For 'properties/config', the value is not an object.")
        self._check_keys(value, CONFIG | LOGIN if organisation else CONFIG)
        if not is_web_url(value.get("url")):
            raise validation_failed("The URL you've entered is not valid", "url")
        config = {"url": value["url"], "content_type": value.get("content_type", "form")}
        if config["content_type"] not in ("json", "form"):
            raise validation_failed("content_type must be json or form", "content_type", "invalid")
        lax = value.get("insecure_ssl", "0")
        if isinstance(lax, bool) or str(lax) not in ("0", "1"):
            raise malformed('For \'properties/insecure_ssl\', the value is neither "0" nor "1".')
        config["insecure_ssl"] = str(lax)
        for name in ("secret", "username", "password"):
            if not isinstance(value.get(name, ""), str):
                raise malformed(f"For 'properties/{name}', the value is not a string.")
            if value.get(name):
                config[name] = value[name]
        return config

    def _check_neighbours(self, hook: Hook) -> None:
        """Refuse a config that another hook of the target has for the same event, and too many for one event."""
        others = [other for other in self.of(hook.target) if other.id != hook.id]
        for other in others:
            if self._identity(other) == self._identity(hook) and overlap(other.events, hook.events):
                place = "repository" if "/" in hook.target else "organization"
                raise validation_failed(f"Hook already exists on this {place}")
        for event in hook.events:
            if sum(event in other.events for other in others) >= MAX_PER_EVENT:
                raise validation_failed(f'The "{event}" event cannot have more than {MAX_PER_EVENT} hooks')

    def _identity(self, hook: Hook) -> Any:
        return hook.config["url"] if self._settings["same_config"] == "url" else hook.config


def overlap(one: list[str], two: list[str]) -> bool:
    """Tell whether two hooks would both be told of some event."""
    return "*" in (*one, *two) or bool(set(one) & set(two))


def texts(value: Any, name: str) -> list[str]:
    """Return a list of texts. Raises Invalid."""
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise malformed(f"For 'properties/{name}', the value is not an array of strings.")
    return value


def flag(value: Any) -> bool:
    """Return a boolean. Raises Invalid for anything that only looks like one."""
    if not isinstance(value, bool):
        raise malformed("For 'properties/active', the value is not a boolean.")
    return value
