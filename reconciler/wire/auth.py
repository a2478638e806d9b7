"""How a call proves who sends it: what one attempt carries, for each `Scheme`. Used by `wire.drive` and `wire.tokens`.

What proves us stays `Secret` until the client sends it.
"""

import base64
import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote_plus

from reconciler.codes import Code
from reconciler.errors import SecretError
from reconciler.model.secret import SHORTEST, Secret
from reconciler.providers.protocol import Reply
from reconciler.providers.vendor import BRACED, Basic, ClientCredentials, Login, Scheme, SignedJwt, StaticCredentials
from reconciler.wire.encode import Destination
from reconciler.wire.proof import Signature
from reconciler.wire.renewal import Credentials
from reconciler.wire.retry import http_date
from reconciler.wire.signed import Moment, SigningKey, signed

SKEW = 60.0
HEADER_SAFE = re.compile(r"[!-~]([ -~]*[!-~])?")


class Attempt(NamedTuple):
    """One attempt as its proof must know it.

    Args:
        destination: exactly where the attempt goes; signed tokens are bound to it and to `method`.
        moment: when it is signed, and a text used once.
        token: the fetched one, for schemes that fetch (`wire.tokens`).
    """

    method: str
    destination: Destination
    moment: Moment
    token: Secret | None = None


def sign(scheme: Scheme, credentials: Credentials, attempt: Attempt) -> Signature:
    """What one attempt of a call carries.

    Raises:
        SecretError: a credential is missing or cannot be used; names it, never its text.
        ConfigError: the scheme needs a package that is not installed.
    """
    match scheme:
        case StaticCredentials():
            checked = {name: _header_safe(name, credential(credentials, name)) for name in scheme.needs}
            return Signature(
                tuple((name, filled(template, checked)) for name, template in scheme.headers),
                tuple((name, filled(template, checked)) for name, template in scheme.query),
                tuple((keys, filled(template, checked)) for keys, template in scheme.body),
                tuple((name, _segment_safe(name, checked[name])) for name in scheme.path),
            )
        case Basic():
            return Signature((basic(filled(scheme.user, credentials), filled(scheme.password, credentials)),))
        case ClientCredentials():
            return Signature((bearer(_fetched(attempt)),))
        case Login():
            name, template = scheme.header
            return Signature(((name, filled(template, {"token": _fetched(attempt)})),))
        case SignedJwt(needs=names):
            key = SigningKey(*(credential(credentials, name) for name in names[:2]))
            uri = f"{attempt.method} {attempt.destination.host}{attempt.destination.path}"
            return Signature((bearer(signed(scheme, key, uri, attempt.moment)),))


def names_in_paths(scheme: Scheme | None) -> tuple[str, ...]:
    """The credentials that paths hold in braces: of every call, or of the login."""
    if isinstance(scheme, StaticCredentials):
        return scheme.path
    return tuple(BRACED.findall(scheme.path)) if isinstance(scheme, Login) else ()


def in_path(scheme: Scheme | None, credentials: Credentials) -> Signature:
    """What the path of a credential call holds in braces.

    Raises:
        SecretError: a credential is missing, or cannot stand in a path.
    """
    names = names_in_paths(scheme) if isinstance(scheme, Login) else ()
    return Signature(path=tuple((name, _segment_safe(name, credential(credentials, name))) for name in names))


def basic(user: Secret, password: Secret) -> tuple[str, Secret]:
    """The header of HTTP Basic.

    Raises:
        SecretError: the user holds a colon, where servers take the password to begin.
    """
    if ":" in user.reveal():
        raise SecretError(
            "the user name for HTTP Basic holds a colon, which it cannot",
            "look whether user and password were given as one text, or in each other's place",
            code=Code.SECRET_UNFIT,
        )
    pair = f"{user.reveal()}:{password.reveal()}".encode()
    return "authorization", Secret("Basic " + base64.b64encode(pair).decode())


def echoed(signature: Signature, reply: Reply) -> Iterator[Secret]:
    """What of an attempt's proof its answer repeats: the whole of a value, or the part behind its last dot."""
    told = reply.body.decode("utf-8", "replace")
    for value in signature.values:
        proof = value.reveal().rpartition(" ")[2]
        yield from (
            Secret(part) for part in {proof, proof.rpartition(".")[2]} if len(part) >= SHORTEST and part in told
        )


def skew_hint(scheme: Scheme | None, reply: Reply, now: float) -> str:
    """What to say of our clock where a signed token was refused and the vendor's date is far off; else nothing."""
    theirs = http_date(reply.headers.get("date", ""))
    signs = isinstance(scheme, SignedJwt) or (isinstance(scheme, Login) and scheme.assertion is not None)
    if not signs or reply.status != 401 or theirs is None or abs(now - theirs) <= SKEW:
        return ""
    apart = f"{abs(now - theirs):.0f} s {'ahead of' if now > theirs else 'behind'}"
    return f"this machine's clock is {apart} the vendor's, which makes signed tokens invalid: set it right"


def form_encoded(secret: Secret) -> Secret:
    """As RFC 6749 wants client credentials within HTTP Basic (section 2.3.1)."""
    return Secret(quote_plus(secret.reveal()))


def credential(credentials: Credentials, name: str) -> Secret:
    """The credential of a name.

    Raises:
        SecretError: it is not given.
    """
    found = credentials.get(name)
    if found is None:
        raise SecretError(f"the credential {name} is not given", code=Code.CREDENTIALS_MISSING)
    return found


def filled(template: str, credentials: Credentials) -> Secret:
    """The template with every `{name}` replaced by that credential."""
    return Secret(BRACED.sub(lambda name: credential(credentials, name[1]).reveal(), template))


def _header_safe(name: str, value: Secret) -> Secret:
    if not HEADER_SAFE.fullmatch(value.reveal()):
        raise SecretError(
            f"the credential {name} is empty or holds characters that no header can carry",
            "look for a line end, a blank at its ends, or a letter outside ASCII",
            code=Code.SECRET_UNFIT,
        )
    return value


def _segment_safe(name: str, value: Secret) -> Secret:
    if value.reveal() in ("", ".", ".."):
        raise SecretError(f"the credential {name} cannot stand in a path", code=Code.SECRET_UNFIT)
    return value


def _fetched(attempt: Attempt) -> Secret:
    return _header_safe("the fetched token", attempt.token or Secret(""))


def bearer(token: Secret) -> tuple[str, Secret]:
    """The header that carries a token."""
    return "authorization", Secret(f"Bearer {token.reveal()}")
