"""What a manifest's words for authentication become for the wire. Used by `providers.engine.interpret`. [pure]"""

from collections.abc import Callable, Mapping
from typing import Literal, assert_never

from reconciler.providers.engine.extract import find, keys_of
from reconciler.providers.language.credentials import (
    Auth,
    BasicAuth,
    Bearer,
    BodyKeys,
    Expired,
    Header,
    Jwt,
    LoginCall,
    OAuth,
    PathKeys,
    QueryKey,
)
from reconciler.providers.language.words import FromSetting
from reconciler.providers.protocol import Reply, parsed
from reconciler.providers.vendor import (
    BRACED,
    Assertion,
    Basic,
    ClientCredentials,
    Login,
    Scheme,
    SignedJwt,
    StaticCredentials,
    Switch,
)
from reconciler.support.scalars import spelled


def scheme_of(auth: Auth, settings: Mapping[str, Switch]) -> Scheme:
    """One `auth` entry as the wire wants it, with its settings filled in."""

    def text(value: str | FromSetting) -> str:
        return spelled(settings[value.setting]) if isinstance(value, FromSetting) else value

    match auth:
        case Bearer() | Header() | QueryKey() | PathKeys() | BodyKeys():
            return _static(auth)
        case BasicAuth():
            return Basic(_names(auth.user, auth.password), auth.user, auth.password)
        case OAuth():
            style: Literal["basic", "body"] = "body" if text(auth.style) == "body" else "basic"
            needs = (auth.client_id, auth.client_secret)
            return ClientCredentials(needs, text(auth.path), auth.scope, style, _expired(auth.expired))
        case LoginCall():
            return _login(auth, _token(text(auth.token)))
        case Jwt():
            given = auth.audience
            audience = tuple(filter(None, text(given).split())) if isinstance(given, FromSetting) else given
            claim: Literal["uris", "uri"] = "uri" if text(auth.uri_claim) == "uri" else "uris"
            return SignedJwt((auth.key_id, auth.private_key), auth.issuer, audience, claim, auth.lifetime)
        case _:
            assert_never(auth)


def _static(auth: Bearer | Header | QueryKey | PathKeys | BodyKeys) -> StaticCredentials:
    """Credentials that go as they are."""
    match auth:
        case Bearer():
            return StaticCredentials((auth.token,), headers=(("Authorization", f"Bearer {{{auth.token}}}"),))
        case Header():
            return StaticCredentials(_names(*auth.headers.values()), headers=tuple(auth.headers.items()))
        case QueryKey():
            return StaticCredentials(_names(*auth.params.values()), query=tuple(auth.params.items()))
        case PathKeys(names=names, headers=headers, params=params):
            needs = tuple(dict.fromkeys((*names, *_names(*headers.values(), *params.values()))))
            return StaticCredentials(needs, tuple(headers.items()), tuple(params.items()), path=names)
        case BodyKeys(parts=parts, headers=headers):
            body = tuple((keys_of(pointer), template) for pointer, template in parts.items())
            return StaticCredentials(_names(*parts.values(), *headers.values()), tuple(headers.items()), body=body)
        case _:
            assert_never(auth)


def _login(auth: LoginCall, token: Callable[[Reply], str | None]) -> Login:
    """A login, whose credentials are those of its path and its body, and the key that signs it."""
    signed, body = auth.signed, tuple(auth.body.items())
    assertion = Assertion(signed.issuer, signed.private_key, signed.lifetime) if signed else None
    needs = _names(auth.path, *auth.body.values(), *([signed.issuer, f"{{{signed.private_key}}}"] if signed else ()))
    return Login(needs, auth.path, body, token, auth.header, _expired(auth.expired), assertion)


def _expired(spec: Expired) -> Callable[[Reply], bool]:
    def says_so(reply: Reply) -> bool:
        return reply.status in spec.status or (spec.when is not None and bool(find(spec.when, parsed(reply))))

    return says_so


def _token(path: str) -> Callable[[Reply], str | None]:
    def token_in(reply: Reply) -> str | None:
        token = find(path, parsed(reply))
        return token if 200 <= reply.status < 300 and isinstance(token, str) and token else None

    return token_in


def _names(*texts: str) -> tuple[str, ...]:
    """The names of the credentials in these texts, each once."""
    return tuple(dict.fromkeys(name for text in texts for name in BRACED.findall(text)))
