"""One vendor, compiled: what configuration, validation, wire and people need beside the four verbs. [pure]

Made by `providers.engine.interpret` from a manifest, or by a hand-written provider; found through `providers.registry`;
used by `config`, `run.connections` and `wire.auth`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple, Protocol

from reconciler.model.capabilities import Capabilities
from reconciler.providers.protocol import Provider, Reply

Switch = str | bool | int

BRACED = re.compile(r"\{(\w+)\}")
"""A credential's name in a template. There are no other braces."""


class Setting(NamedTuple):
    """A switch that a manifest declares where the vendor's documents are silent.

    Its default, its values (empty: any of the default's type) and its meaning.
    """

    default: Switch
    choices: tuple[Switch, ...]
    about: str


class CallLimits(NamedTuple):
    """How hard one account may be pressed: calls in flight, and calls a second (0: no cap)."""

    reads: int = 4
    writes: int = 1
    per_second: float = 0


class StaticCredentials(NamedTuple):
    """Credentials in headers, query values, bodies or paths: templates hold their names in braces (`Bearer {token}`).

    `body` has, for each, the keys that lead to its place; `path` the names that paths of calls have in braces.
    """

    needs: tuple[str, ...]
    headers: tuple[tuple[str, str], ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    body: tuple[tuple[tuple[str, ...], str], ...] = ()
    path: tuple[str, ...] = ()


class Basic(NamedTuple):
    """HTTP Basic; `user` and `password` are templates over credential names and may be constants."""

    needs: tuple[str, ...]
    user: str
    password: str


class ClientCredentials(NamedTuple):
    """OAuth 2.0 client credentials: a form POST to `path` below the base URL, then `Authorization: Bearer`.

    `style` says where id and secret go; a token lives for the answer's `expires_in`
    and is fetched anew, once, when `expired`.
    """

    needs: tuple[str, ...]  # client id first, client secret second
    path: str
    scope: str
    style: Literal["basic", "body"]
    expired: Callable[[Reply], bool]


class Assertion(NamedTuple):
    """A JWT that proves a login call: signed by the credential `private_key` (RS256, ES256 or EdDSA by its kind).

    `issuer` is a template over credentials, `lifetime` is in seconds.
    """

    issuer: str
    private_key: str
    lifetime: int


class Login(NamedTuple):
    """A vendor's own login call.

    `path` and the templates of `body` are filled with credentials, `token` finds the token in the answer (None:
    absent), `header` carries it afterwards. Repeated once when `expired` says that an answer means a dead token.
    `assertion`: what proves the call itself, where that is no part of its body.
    """

    needs: tuple[str, ...]
    path: str
    body: tuple[tuple[str, str], ...]
    token: Callable[[Reply], str | None]
    header: tuple[str, str]
    expired: Callable[[Reply], bool]
    assertion: Assertion | None = None


class SignedJwt(NamedTuple):
    """A token signed for every attempt and bound to its method, host and path; ES256 or EdDSA by the kind of key.

    `uri_claim` is the claim's dialect: `uris` (a list) or `uri` (a text). `audience` may be empty.
    `lifetime` is in seconds.
    """

    needs: tuple[str, ...]  # key id first, private key second
    issuer: str
    audience: tuple[str, ...]
    uri_claim: Literal["uris", "uri"]
    lifetime: int


Scheme = StaticCredentials | Basic | ClientCredentials | Login | SignedJwt


class Vendor(Protocol):
    """A manifest compiled for one set of `settings`."""

    @property
    def capabilities(self) -> Capabilities:
        """What the API can do."""

    @property
    def title(self) -> str:
        """The vendor's name for people."""

    @property
    def base_url(self) -> str | None:
        """The default base URL, or None where there is no safe one."""

    @property
    def schemes(self) -> tuple[Scheme, ...]:
        """The ways to authenticate, in order of preference; the first whose `needs` are all given is used."""

    @property
    def variables(self) -> Mapping[str, str]:
        """The usual environment variable of each credential, used where `auth` is left out."""

    @property
    def settings(self) -> Mapping[str, Setting]:
        """The switches that a provider entry may set."""

    @property
    def limits(self) -> CallLimits:
        """The vendor's limits, unless the user sets others."""

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Headers that every call carries."""

    def provider(self, base_url: str) -> Provider:
        """The four verbs for one account."""


class Origin(NamedTuple):
    """What a vendor is made of.

    Args:
        content: bytes that are others when the vendor is: its manifest, or which package it is from.
        file: the path of the user's own manifest.
        authentication: another one where its calls prove themselves in another way, or go elsewhere by themselves;
            empty where that is nobody's file.
        base_url, variables: the vendor's, before any setting; a package may make others of the settings it is given.
    """

    content: bytes = b""
    file: str | None = None
    authentication: str = ""
    base_url: str | None = None
    variables: Mapping[str, str] = {}


class Vendors(Protocol):
    """What `config` asks of the registry."""

    def names(self) -> tuple[str, ...]:
        """All built-in and installed manifests, sorted."""

    def vendor(self, type: str, settings: Mapping[str, Switch], folder: str) -> Vendor:
        """The manifest named or placed at `type` (a path is relative to `folder`), compiled for `settings`.

        Raises:
            ConfigError: there is none (with suggestions), or it is wrong (with places).
        """

    def origin(self, type: str, settings: Mapping[str, Switch], folder: str) -> Origin:
        """What the same words make that vendor of; raises what `vendor` does."""
