"""The words for authentication. Used by `providers.language.manifest`; `providers.engine.schemes` compiles them.

Texts over credentials hold their names in braces (`Bearer {token}`); the names are those of a provider's `auth:` block.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from reconciler.providers.language.words import Alternative, Expression, FromSetting, Path, Pointer, Word
from reconciler.providers.vendor import BRACED


def _filled(text: str) -> str:
    if set("{}") & set(BRACED.sub("", text)):
        raise ValueError("braces are for the name of a credential: letters, digits and _")
    return text


Filled = Annotated[str, AfterValidator(_filled)]
FilledPath = Annotated[str, AfterValidator(_filled), StringConstraints(pattern=r"^/[^?#\s]*$")]
CredentialName = Annotated[str, StringConstraints(pattern=r"^\w+$")]


class Expired(Word):
    """How an answer says that the token is dead and a new one should be asked for, once: a status, or an expression."""

    status: tuple[int, ...] = (401,)
    when: Expression | None = None


class Bearer(Alternative):
    """`Authorization: Bearer …`."""

    kind: Literal["bearer"]
    token: CredentialName = "token"


class Header(Alternative):
    """One or several headers of the vendor's own."""

    kind: Literal["header"]
    headers: Mapping[str, Filled]


class QueryKey(Alternative):
    """Credentials among the query parameters."""

    kind: Literal["query"]
    params: Mapping[str, Filled]


class PathKeys(Alternative):
    """Credentials that paths of calls hold, in braces by these names; `headers` and `params` may hold some as well."""

    kind: Literal["path"]
    names: Annotated[tuple[CredentialName, ...], Field(min_length=1)]
    headers: Mapping[str, Filled] = Field(default_factory=dict)
    params: Mapping[str, Filled] = Field(default_factory=dict)


class BodyKeys(Alternative):
    """Credentials in the body of every call, by JSON pointer; `headers` may hold some as well."""

    kind: Literal["body"]
    parts: Annotated[Mapping[Pointer, Filled], Field(min_length=1)]
    headers: Mapping[str, Filled] = Field(default_factory=dict)


class BasicAuth(Alternative):
    """HTTP Basic; either half may be a constant."""

    kind: Literal["basic"]
    user: Filled
    password: Filled = ""


class OAuth(Alternative):
    """OAuth 2.0 client credentials; `style` says whether id and secret go by HTTP Basic or in the form."""

    kind: Literal["oauth2_client_credentials"]
    client_id: CredentialName = "client_id"
    client_secret: CredentialName = "client_secret"
    path: Path | FromSetting
    scope: str = ""
    style: Literal["basic", "body"] | FromSetting = "basic"
    expired: Expired = Expired.silent()


class Signed(Word):
    """A JWT that a login carries as its bearer, signed by a private key; `lifetime` is in seconds."""

    issuer: Filled
    private_key: CredentialName = "private_key"
    lifetime: Annotated[int, Field(ge=30, le=3600)] = 540


class LoginCall(Alternative):
    """A vendor's own login: a POST; `token` finds the token in the answer; `header` carries it afterwards.

    The credentials are in its JSON body, in its path by their names in braces, or prove it by a JWT that they sign.
    """

    kind: Literal["login"]
    path: FilledPath
    body: Mapping[str, Filled] = Field(default_factory=dict)
    signed: Signed | None = None
    token: Expression | FromSetting
    header: tuple[str, Filled]
    expired: Expired = Expired.silent()


class Jwt(Alternative):
    """A JWT signed for each attempt and bound to its method, host and path."""

    kind: Literal["jwt"]
    key_id: CredentialName = "key_id"
    private_key: CredentialName = "private_key"
    issuer: str
    audience: tuple[str, ...] | FromSetting = ()
    uri_claim: Literal["uris", "uri"] | FromSetting = "uris"
    lifetime: int = 120


Auth = Annotated[
    Bearer | Header | QueryKey | PathKeys | BodyKeys | BasicAuth | OAuth | LoginCall | Jwt, Field(discriminator="kind")
]
