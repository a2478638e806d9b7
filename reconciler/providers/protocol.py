"""How vendors are described: generators that yield a Call and receive a Reply. [pure]

Spoken by `providers.engine` (every manifest) and by hand-written providers; driven by `wire.drive`; used by `run` and
`apply`. A provider opens no socket, retries nothing, logs nothing and knows no client.

One idea, so longer than most: the words that providers and drivers have for each other.
"""

import hashlib
import json
from collections.abc import Callable, Generator, Mapping
from typing import Any, Final, Literal, NamedTuple, Protocol, TypeAlias, TypeVar, runtime_checkable

from reconciler.model.action import Action, PlannedCall
from reconciler.model.capabilities import Capabilities
from reconciler.model.further import which_of
from reconciler.model.secret import Secret, SecretEcho
from reconciler.model.webhook import Fields, Observation, Part, Remote, Scope

T = TypeVar("T")
Tree: TypeAlias = str | int | float | bool | Secret | list["Tree"] | dict[str, "Tree"] | None


class Form(NamedTuple):
    """How a form is written: `json` are parts that are JSON texts, by their keys; `*` is each item of a list."""

    kind: Literal["urlencoded", "multipart", "written"] = "urlencoded"  # `written`: the body is the text that is sent
    lists: Literal["brackets", "repeat", "index"] = "brackets"
    json: tuple[tuple[str, ...], ...] = ()


Encoding: TypeAlias = Literal["json", "form"] | Form


class Call(NamedTuple):
    """One request, before authentication.

    Args:
        path: expanded and percent-encoded, beginning with `/`, below the provider's base URL (whose path prefix is
            kept); or an absolute URL from the vendor's paging link, which the driver refuses for any other origin.
        query: decoded pairs, in order.
        body: a tree of plain values that may hold `Secret`; None sends no body.
        writes: whether it may change something at the vendor.
        safe_to_repeat: whether sending it twice has the effect of sending it once.
        authenticate: false for calls that fetch credentials themselves.
        basic: user and password for HTTP Basic on this call only (credential calls).
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str | Secret], ...] = ()
    body: Tree = None
    encoding: Encoding = "json"
    writes: bool = False
    safe_to_repeat: bool = False
    authenticate: bool = True
    basic: tuple[Secret, Secret] | None = None


class Reply(NamedTuple):
    """One answer, or the lack of one.

    Args:
        status: the HTTP status; 0 where no (whole) answer came.
        headers: names in lower case.
        body: the bytes, up to the size cap.
        failure: what went wrong on the wire, in words without secrets; empty where an answer came.
        sent: whether the request may have reached the vendor (false: it certainly did not).
        hide: masks every secret of this run in a text; to be asked before the vendor's words are cut or tidied.
        results: what each of the steps of a `Beside` returned, in their order.
    """

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""
    failure: str = ""
    sent: bool = True
    hide: Callable[[str], str] = str
    results: tuple[Any, ...] = ()


class AccountSeen(NamedTuple):
    """Whose credentials are used, as the vendor tells: an id, or where that is private a fingerprint; and a name."""

    id: str
    name: str = ""

    def is_of(self, written: str) -> bool:
        """Whether it is the account of an id as users write it."""
        return self.id in (written, account_fingerprint(written))

    def __str__(self) -> str:
        return f"{self.id} ({self.name})" if self.name and self.name != self.id else self.id


def account_fingerprint(account_id: str) -> str:
    """What stands for an id that is private: too short to be anybody else's, and no secret is behind it."""
    return "sha256:" + hashlib.sha256(account_id.encode(errors="surrogatepass")).hexdigest()[:32]


class _Unparsable:
    """What stands for an answer that is not JSON; no expression finds anything in it."""

    def __repr__(self) -> str:
        return "UNPARSABLE"


UNPARSABLE: Final = _Unparsable()


def parsed(reply: Reply) -> Any:
    """The answer's JSON; None for an empty body, `UNPARSABLE` for one that is not JSON."""
    if not reply.body.strip():
        return None
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        return UNPARSABLE


class Progress(NamedTuple):
    """What is now true of a webhook at the vendor; yielded between the calls of one change, returned at its end.

    Args:
        remote_id: the vendor's id, or the manifest's stand-in where there is none.
        fields: every field known to be in force (as answered where the answer shows it, else as sent).
        parts: all parts now in force, where the webhook fans out; `orphan_parts`: those that could not be removed.
        issued: a secret that the vendor issued in the last answer; to be stored before anything else.
        masked: an answer has what looks like a mask where the issued secret should be.
        secret_sent: the secret we supplied was accepted; `secret_echo`: what answers have told of it since.
        ignored: managed pointers that the vendor answered with another value than is wanted, sent or not.
        unseen: pointers that were sent and that no answer has shown, although reads of this API show them; all that are
            managed, where an answer shows nothing.
        secrets: the further secrets of ours that were accepted, by their names, with what answers have told of them.
    """

    remote_id: str
    fields: Fields
    parts: tuple[Part, ...] = ()
    orphan_parts: tuple[Part, ...] = ()
    issued: Secret | None = None
    secret_sent: bool = False
    ignored: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    secret_echo: SecretEcho = SecretEcho()
    masked: bool = False
    secrets: tuple[tuple[str, SecretEcho], ...] = ()

    def of(self, which: str) -> "Progress":
        """The same, as if this were the webhook's only secret."""
        if not which:
            return self
        echo = dict(self.secrets).get(which)
        told = self._replace(issued=None, masked=False, secret_sent=echo is not None)
        return told._replace(secret_echo=echo or SecretEcho())


class Beside(NamedTuple):
    """Reads that need nothing of each other, so that their calls may be in flight together, as far as limits allow."""

    steps: tuple["Steps[Any]", ...]


# A Call is answered with its Reply; a Beside with one that has the `results` of its steps, or with what the first of
# them raised; a Progress, once it is durable, with an empty Reply that means nothing.
Steps: TypeAlias = Generator[Call | Progress | Beside, Reply, T]


class OurSecret(NamedTuple):
    """One secret of ours, as a change knows it; see the attributes of `ChangeRequest`."""

    value: Secret | None = None
    unset: bool = False
    declared: bool = False
    made_bare: bool = False


class ChangeRequest(NamedTuple):
    """One change, as a provider needs it.

    Args:
        name: the webhook's name, for owner marks.
        fields: the managed fields, as wanted.
        changes: pointers that differ (`/secret` among them where the secret must be sent).
        remote: the webhook as observed, or None where it cannot be read.
        remote_id: the id to write to; None for a create.
        parts: the parts in force according to lock and observation; `orphan_parts` those left over.
        secret: our secret, resolved, where it can be; sent where `changes` or the vendor's rules demand it.
        secret_unset: it is known that the vendor holds no secret for this webhook.
        declares_secret: the file has one of ours, whether or not it is the vendor's.
        made_bare: it was made here without a secret, and nothing has been seen of one since.
        intent: what is the same for as long as it is this change of this run; empty where nothing is to be sent.
        wants_issued: a secret that the vendor issues has a place to go, and is worth a call of its own.
        delete_first: in a replacement the old webhook goes before the new one is made.
        secrets: further ones, by their names.
    """

    name: str
    scope: Scope
    fields: Fields
    changes: frozenset[str] = frozenset()
    remote: Remote | None = None
    remote_id: str | None = None
    parts: tuple[Part, ...] = ()
    orphan_parts: tuple[Part, ...] = ()
    secret: Secret | None = None
    secret_unset: bool = False
    wants_issued: bool = False
    delete_first: bool = False
    declares_secret: bool = False
    made_bare: bool = False
    intent: str = ""
    secrets: tuple[tuple[str, OurSecret], ...] = ()

    def ours(self, pointer: str) -> OurSecret:
        """What is known of the secret that has this pointer."""
        which = which_of(pointer)
        if which:
            seen = dict(self.remote.secrets).get(which) if self.remote is not None else None
            return dict(self.secrets).get(which, OurSecret())._replace(unset=seen is not None and seen.has is False)
        return OurSecret(self.secret, self.secret_unset, self.declares_secret, self.made_bare)


class Provider(Protocol):
    """One account at one vendor, as four verbs that raise `Rejected` or `Indeterminate` and return what is now true."""

    @property
    def capabilities(self) -> Capabilities:
        """What this API can do."""

    def observe(self, scope: Scope, known_ids: frozenset[str]) -> Steps[Observation]:
        """Read one scope: list, else by id, else by another resource. Raises VendorError where the read fails."""

    def create(self, request: ChangeRequest) -> Steps[Progress]:
        """Make the webhook, with every call that it needs."""

    def update(self, request: ChangeRequest) -> Steps[Progress]:
        """Change `request.changes`, with the smallest calls the API allows."""

    def retire(self, request: ChangeRequest) -> Steps[None]:
        """Delete it, or switch it off where the API cannot delete."""

    def calls(self, action: Action, request: ChangeRequest) -> tuple[PlannedCall, ...]:
        """The writes that `action` would make, a rotation among them; without IO, for the plan."""


@runtime_checkable
class Shows(Protocol):
    """What a provider can do besides where `about.secret.fetchable`."""

    def secret(self, scope: Scope, remote_id: str) -> Steps[Secret | None]:
        """The webhook's secret by a call of its own; None where it has none. Raises VendorError where that fails."""


@runtime_checkable
class Identifies(Protocol):
    """What a provider can do besides where `about.identifies`."""

    def place(self, scope: Scope) -> Steps[str | None]:
        """What is equal for two scopes if, and only if, they mean one place of the account; None where nothing tells.

        Raises VendorError where the read fails.
        """


@runtime_checkable
class TellsAccount(Protocol):
    """What a provider can do besides where `capabilities.account` is not `untold`."""

    def account(self) -> Steps[AccountSeen | None]:
        """Whose credentials are used; None where these are nobody's. Raises VendorError where that fails."""


class PlaceFound(NamedTuple):
    """One place of a list: the value that fills its scope parameter, and what its filters found, as the vendor has it.

    Whatever stands here is the vendor's text.
    """

    value: str
    facts: Mapping[str, Any] = {}


class Listed(NamedTuple):
    """All places of one list, each once; `partial` says why it may hide some."""

    places: tuple[PlaceFound, ...]
    partial: str = ""


@runtime_checkable
class Discovers(Protocol):
    """What a provider can do besides where `about.discovers` has something."""

    def discover(self, what: str, given: Mapping[str, str]) -> Steps[Listed]:
        """Every place of the list `what`; `given` has a value for each of its needs.

        Raises VendorError where the list cannot be had whole.
        """


@runtime_checkable
class Rotates(Protocol):
    """What a provider can do besides where `about.secret.reissues` or `takes`."""

    def rotate(self, request: ChangeRequest) -> Steps[Progress]:
        """Replace the secret, by `request.secret` or by another of the vendor's, and change nothing else.

        Whatever is raised before the first Progress says whether the secret was replaced; after it, it was.
        """
