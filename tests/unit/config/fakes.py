"""Vendors for tests of configuration: plain values instead of compiled manifests."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.config.load import load
from reconciler.config.loaded import Loaded
from reconciler.errors import ConfigError, Problem
from reconciler.model.capabilities import Capabilities
from reconciler.model.events import EventCatalogue
from reconciler.model.secret import SecretSemantics
from reconciler.model.secret_rule import SecretRule
from reconciler.providers.protocol import Provider
from reconciler.providers.vendor import CallLimits, Origin, Scheme, Setting, StaticCredentials, Switch, Vendors


@dataclass(frozen=True)
class FakeVendor:
    """A vendor that can say what it is and do nothing."""

    capabilities: Capabilities
    title: str
    base_url: str | None
    schemes: tuple[Scheme, ...] = (StaticCredentials(("token",)),)
    variables: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Setting] = field(default_factory=dict)
    limits: CallLimits = field(default_factory=CallLimits)
    headers: tuple[tuple[str, str], ...] = ()

    def provider(self, base_url: str) -> Provider:
        """Never asked for by configuration."""
        raise NotImplementedError


KINDS = frozenset(f"/options/a_{kind}" for kind in ("text", "bool", "int", "number", "list"))
GIT = FakeVendor(
    Capabilities(
        type="git",
        writable=frozenset({"/url", "/events", "/status", "/options/content_type", "/options/insecure_ssl", *KINDS}),
        types=tuple((pointer, pointer.removeprefix("/options/a_")) for pointer in sorted(KINDS)),
        missing=(("/description", "its hooks have no text for people"),),
        scope=(("owner", "repo"), ("org",)),
        neighbours=(("owner", "repo"),),
        secret=SecretSemantics("supplied", masked=True, rule=SecretRule(longest=64)),
        events=EventCatalogue(frozenset({"push", "pull_request", "*"}), closed=True, wildcard="*"),
    ),
    title="Git",
    base_url="https://api.git.example",
    variables={"token": "GIT_TOKEN"},
    settings={"mode": Setting("new", ("new", "old"), "the dialect"), "list": Setting(False, (False, True), "can list")},
)
SOLO = FakeVendor(
    Capabilities(
        type="solo",
        writable=frozenset({"/url"}),
        missing=(("/status", "it is always on"), ("/events", "it sends everything")),
        read="singleton",
        secret=SecretSemantics("issued"),
    ),
    title="Solo",
    base_url=None,
    schemes=(StaticCredentials(("token",)), StaticCredentials(("client_id", "client_secret"))),
    variables={"token": "SOLO_TOKEN", "client_id": "SOLO_ID", "client_secret": "SOLO_SECRET"},
)
FAN = FakeVendor(
    Capabilities(
        type="fan",
        writable=frozenset({"/url", "/events", "/description"}),
        fan_out=True,
        natural_key=("/url", "/events"),
        secret=SecretSemantics("account", reason="the account's key signs"),
    ),
    title="Fan",
    base_url="https://fan.example",
)
NAMED = FakeVendor(
    Capabilities(
        type="named",
        writable=frozenset({"/url", "/description", "/options/name"}),
        natural_key=("/url", "/options/name", "/description"),
    ),
    title="Named",
    base_url="https://named.example",
)


class FakeVendors:
    """The vendors by name."""

    def names(self) -> tuple[str, ...]:
        """All, sorted."""
        return ("fan", "git", "named", "solo")

    def vendor(self, type: str, settings: Mapping[str, Switch], folder: str) -> FakeVendor:
        """The vendor, or what the registry would raise."""
        vendors = {"fan": FAN, "git": GIT, "named": NAMED, "solo": SOLO}
        if type not in vendors:
            raise ConfigError(f"there is no manifest `{type}`", "did you mean `git`?")
        return vendors[type]

    def origin(self, type: str, settings: Mapping[str, Switch], folder: str) -> Origin:
        """A name's own."""
        return Origin(type.encode())


VENDORS: Vendors = FakeVendors()
HEAD = "version: 1\nproviders:\n  git:\n    auth: {token: env:T}\n"
HOOK = "{url: https://h.example/x, scope: {owner: acme, repo: api}}"


def loaded(folder: Path, text: str, environment: Mapping[str, str] | None = None, **more: str) -> Loaded:
    """What `main.yaml` says; `more` are further files that the user names (`b="…"` is `b.yaml`)."""
    names = {"main": text, **more}
    for name, content in names.items():
        (folder / f"{name}.yaml").write_text(content, encoding="utf-8")
    return load([folder / f"{name}.yaml" for name in names], environment or {}, VENDORS)


def problems(folder: Path, text: str, environment: Mapping[str, str] | None = None, **more: str) -> tuple[Problem, ...]:
    """The problems of the text, in order; none where it loads."""
    try:
        loaded(folder, text, environment, **more)
    except ConfigError as error:
        return error.problems
    return ()


def said(folder: Path, text: str, environment: Mapping[str, str] | None = None, **more: str) -> list[str]:
    """Each problem as `main.yaml:LINE:COL what; way out`, without the folder."""
    found = problems(folder, text, environment, **more)
    return [f"{each.at} {each.summary}; {each.hint}".replace(f"{folder}/", "") for each in found]
