"""The words for authentication, and what they become for the wire. Used by `manifest` and `interpret`.

Texts over credentials hold their names in braces (`Bearer {token}`); the names are those of a provider's `auth:` block.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Literal, assert_never

from pydantic import AfterValidator, Field, StringConstraints

from reconciler.providers.engine.extract import find, parsed
from reconciler.providers.language.words import Alternative, Expression, FromSetting, Path, Word
from reconciler.providers.protocol import Reply
from reconciler.providers.vendor import BRACED, Basic, ClientCredentials, Fixed, Login, Scheme, SignedJwt, Switch


def _names(*texts: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for text in texts for name in BRACED.findall(text)))


def _filled(text: str) -> str:
    if set("{}") & set(BRACED.sub("", text)):
        raise ValueError("braces are for the name of a credential: letters, digits and _")
    return text


Filled = Annotated[str, AfterValidator(_filled)]
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
    expired: Expired = Expired()


class LoginCall(Alternative):
    """A vendor's own login: a JSON POST; `token` finds the token in the answer; `header` carries it afterwards."""

    kind: Literal["login"]
    path: Path
    body: Mapping[str, Filled]
    token: Expression | FromSetting
    header: tuple[str, Filled]
    expired: Expired = Expired()


class Jwt(Alternative):
    """A JWT signed for each attempt and bound to its method, host and path."""

    kind: Literal["jwt"]
    key_id: CredentialName = "key_id"
    private_key: CredentialName = "private_key"
    issuer: str
    audience: tuple[str, ...] | FromSetting = ()
    uri_claim: Literal["uris", "uri"] | FromSetting = "uris"
    lifetime: int = 120


Auth = Annotated[Bearer | Header | QueryKey | BasicAuth | OAuth | LoginCall | Jwt, Field(discriminator="kind")]


def scheme_of(auth: Auth, settings: Mapping[str, Switch]) -> Scheme:
    """One `auth` entry as the wire wants it, with its settings filled in."""

    def text(value: str | FromSetting) -> str:
        return str(settings[value.setting]) if isinstance(value, FromSetting) else value

    match auth:
        case Bearer():
            return Fixed((auth.token,), headers=(("Authorization", f"Bearer {{{auth.token}}}"),))
        case Header():
            return Fixed(_names(*auth.headers.values()), headers=tuple(auth.headers.items()))
        case QueryKey():
            return Fixed(_names(*auth.params.values()), query=tuple(auth.params.items()))
        case BasicAuth():
            return Basic(_names(auth.user, auth.password), auth.user, auth.password)
        case OAuth():
            style: Literal["basic", "body"] = "body" if text(auth.style) == "body" else "basic"
            needs = (auth.client_id, auth.client_secret)
            return ClientCredentials(needs, text(auth.path), auth.scope, style, _expired(auth.expired))
        case LoginCall():
            body = tuple(auth.body.items())
            credentials = _names(*auth.body.values())
            return Login(credentials, auth.path, body, _token(text(auth.token)), auth.header, _expired(auth.expired))
        case Jwt():
            given = auth.audience
            audience = tuple(filter(None, text(given).split())) if isinstance(given, FromSetting) else given
            claim: Literal["uris", "uri"] = "uri" if text(auth.uri_claim) == "uri" else "uris"
            return SignedJwt((auth.key_id, auth.private_key), auth.issuer, audience, claim, auth.lifetime)
        case _:
            assert_never(auth)


def _expired(spec: Expired) -> Callable[[Reply], bool]:
    def says_so(reply: Reply) -> bool:
        return reply.status in spec.status or (spec.when is not None and bool(find(spec.when, parsed(reply))))

    return says_so


def _token(path: str) -> Callable[[Reply], str | None]:
    def token_in(reply: Reply) -> str | None:
        token = find(path, parsed(reply))
        return token if 200 <= reply.status < 300 and isinstance(token, str) and token else None

    return token_in
