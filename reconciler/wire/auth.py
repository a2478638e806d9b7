"""How a call proves who sends it: one small function or generator for each `Scheme`. Used by `wire.drive`.

`sign` makes what one attempt carries. `fetch` asks for a token by yielding credential calls, as providers do;
`TokenCache` keeps the answer for one account. What proves us stays `Secret` until the client sends it.
"""

import base64
import re
import threading
from collections.abc import Callable, Generator, Iterator
from typing import Any, NamedTuple
from urllib.parse import quote_plus

from reconciler.codes import Code
from reconciler.errors import Rejected, SecretError
from reconciler.model.secret import SHORTEST, Secret
from reconciler.providers.protocol import Call, Reply, parsed
from reconciler.providers.vendor import BRACED, Basic, ClientCredentials, Login, Scheme, SignedJwt, StaticCredentials
from reconciler.wire.encode import Destination
from reconciler.wire.proof import Signature
from reconciler.wire.renewal import DEAD, Credentials, Renewable
from reconciler.wire.retry import http_date
from reconciler.wire.signed import Moment, SigningKey, signed

MARGIN = 60.0  # a token is given up this many seconds before its end, or a tenth of its life where that is less
SKEW = 60.0
HEADER_SAFE = re.compile(r"[!-~]([ -~]*[!-~])?")

TokenScheme = ClientCredentials | Login


class Attempt(NamedTuple):
    """One attempt as its proof must know it.

    Args:
        destination: exactly where the attempt goes; signed tokens are bound to it and to `method`.
        moment: when it is signed, and a text used once.
        token: the fetched one, for schemes that fetch (`TokenCache.current`).
    """

    method: str
    destination: Destination
    moment: Moment
    token: Secret | None = None


class Token(NamedTuple):
    """A fetched token and the seconds it lives (None: until the vendor refuses it)."""

    value: Secret
    life: float | None


def sign(scheme: Scheme, credentials: Credentials, attempt: Attempt) -> Signature:
    """What one attempt of a call carries.

    Raises:
        SecretError: a credential is missing or cannot be used; names it, never its text.
        ConfigError: the scheme needs a package that is not installed.
    """
    match scheme:
        case StaticCredentials():
            checked = {name: _header_safe(name, _credential(credentials, name)) for name in scheme.needs}
            return Signature(
                tuple((name, _filled(template, checked)) for name, template in scheme.headers),
                tuple((name, _filled(template, checked)) for name, template in scheme.query),
                tuple((keys, _filled(template, checked)) for keys, template in scheme.body),
                tuple((name, _segment_safe(name, checked[name])) for name in scheme.path),
            )
        case Basic():
            return Signature((basic(_filled(scheme.user, credentials), _filled(scheme.password, credentials)),))
        case ClientCredentials():
            return Signature((_bearer(_fetched(attempt)),))
        case Login():
            name, template = scheme.header
            return Signature(((name, _filled(template, {"token": _fetched(attempt)})),))
        case SignedJwt(needs=names):
            key = SigningKey(*(_credential(credentials, name) for name in names[:2]))
            uri = f"{attempt.method} {attempt.destination.host}{attempt.destination.path}"
            return Signature((_bearer(signed(scheme, key, uri, attempt.moment)),))


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


def fetch(scheme: TokenScheme, credentials: Credentials) -> Generator[Call, Reply, Token]:
    """Ask the vendor for a token; yields the credential call, returns the token.

    Raises:
        Rejected: kind `auth` (the credentials are refused), `network` (no answer) or `vendor` (no token in the answer).
    """
    if isinstance(scheme, ClientCredentials):
        reply = yield _client_credentials_call(scheme, credentials)
        _check_answer(reply, scheme.path)
        return _access_token(reply, scheme.path)
    filled: dict[str, Any] = {name: _filled(template, credentials) for name, template in scheme.body}
    reply = yield Call("POST", scheme.path, body=filled, authenticate=False)
    _check_answer(reply, scheme.path)
    found = scheme.token(reply)
    if found:
        return Token(Secret(found), None)
    if scheme.expired(reply):
        raise _refused(f"the login at {scheme.path} was refused")
    raise Rejected(
        f"the answer to POST {scheme.path} holds no token where the manifest looks for one",
        "the vendor's answer has another shape: correct the token's place in the provider's settings or the manifest",
        code=Code.NO_TOKEN,
    )


class TokenCache:
    """The token of one account, fetched when first needed, once for all threads, and again when it ends.

    Args:
        scheme: how the token is asked for.
        credentials: by name; asked for again where they have died, too.
        run: carries out the steps of `fetch`.
        monotonic: seconds that never jump.
        learned: is told every token before it is used.
    """

    def __init__(
        self,
        scheme: TokenScheme,
        credentials: Renewable,
        run: Callable[[Generator[Call, Reply, Token]], Token],
        monotonic: Callable[[], float],
        learned: Callable[[Secret], None],
    ) -> None:
        self._scheme, self._credentials, self._run, self._monotonic = scheme, credentials, run, monotonic
        self._learned = learned
        self._lock = threading.Lock()
        self._value: Secret | None = None
        self._ends = float("inf")
        self._refused: tuple[str, str] | None = None

    def current(self, dead: Secret | None = None) -> Secret:
        """A live token, which is not the one that was found `dead`. Raises as `fetch` does; a refusal is remembered."""
        with self._lock:
            if self._value is None or self._value is dead or self._monotonic() >= self._ends:
                self._value = self._fetch()
            return self._value

    def _asked(self) -> Token:
        """A token for the credentials, or, where these have died, for others that are asked for once."""
        used = self._credentials.current
        try:
            token = self._run(fetch(self._scheme, used))
        except Rejected as error:
            fresh = self._credentials.anew(used) if error.kind == "auth" else None
            if fresh is None:
                raise
            used = fresh
            try:
                token = self._run(fetch(self._scheme, used))
            except Rejected:
                self._credentials.tried(used, DEAD)
                raise
        self._credentials.worked(used)
        return token

    def _fetch(self) -> Secret:
        if self._refused is not None:
            raise Rejected(*self._refused, kind="auth", code=Code.CREDENTIALS_REFUSED)
        asked = self._monotonic()
        try:
            token = self._asked()
        except Rejected as error:
            if error.kind == "auth":
                self._refused = (error.summary, error.hint)
            raise
        self._learned(token.value)
        self._ends = float("inf") if token.life is None else asked + token.life - min(MARGIN, token.life / 10)
        return token.value


def dead_token(scheme: Scheme | None, reply: Reply) -> bool:
    """Whether the answer says that the fetched token is no longer good, so that nothing was done."""
    return isinstance(scheme, TokenScheme) and reply.status != 0 and scheme.expired(reply)


def skew_hint(scheme: Scheme | None, reply: Reply, now: float) -> str:
    """What to say of our clock where a signed token was refused and the vendor's date is far off; else nothing."""
    theirs = http_date(reply.headers.get("date", ""))
    if not isinstance(scheme, SignedJwt) or reply.status != 401 or theirs is None or abs(now - theirs) <= SKEW:
        return ""
    apart = f"{abs(now - theirs):.0f} s {'ahead of' if now > theirs else 'behind'}"
    return f"this machine's clock is {apart} the vendor's, which makes signed tokens invalid: set it right"


def _client_credentials_call(scheme: ClientCredentials, credentials: Credentials) -> Call:
    client, secret = (_credential(credentials, name) for name in scheme.needs[:2])
    form: dict[str, Any] = {"grant_type": "client_credentials"}
    if scheme.scope:
        form["scope"] = scheme.scope
    if scheme.style == "body":
        form |= {"client_id": client, "client_secret": secret}
    pair = (_form_encoded(client), _form_encoded(secret)) if scheme.style == "basic" else None
    return Call("POST", scheme.path, body=form, encoding="form", authenticate=False, basic=pair)


def _form_encoded(secret: Secret) -> Secret:
    """As RFC 6749 wants client credentials within HTTP Basic (section 2.3.1)."""
    return Secret(quote_plus(secret.reveal()))


def _check_answer(reply: Reply, path: str) -> None:
    if reply.status in (400, 401, 403):
        raise _refused(f"the vendor refused the credentials (POST {path}: {reply.status})")
    if reply.status == 0:
        raise Rejected(f"no token from POST {path}: {reply.failure}", kind="network", code=Code.NO_ANSWER)
    if not 200 <= reply.status < 300:
        hint = "redirects are not followed: check the base URL and slashes" if 300 <= reply.status < 400 else ""
        raise Rejected(f"POST {path} answered {reply.status} instead of a token", hint, code=Code.NO_TOKEN)


def _refused(summary: str) -> Rejected:
    return Rejected(
        summary,
        "check the credentials, and whether the vendor allows this address",
        kind="auth",
        code=Code.CREDENTIALS_REFUSED,
    )


def _access_token(reply: Reply, path: str) -> Token:
    answer = parsed(reply)
    value = answer.get("access_token") if isinstance(answer, dict) else None
    if not isinstance(value, str) or not value:
        raise Rejected(
            f"the answer to POST {path} holds no `access_token`",
            "check the base URL and the token path",
            code=Code.NO_TOKEN,
        )
    life = answer.get("expires_in")
    try:
        seconds = float(life) if isinstance(life, str | int | float) and not isinstance(life, bool) else 0.0
    except (ValueError, OverflowError):
        seconds = 0.0
    return Token(Secret(value), seconds if seconds > 0 else None)


def _credential(credentials: Credentials, name: str) -> Secret:
    found = credentials.get(name)
    if found is None:
        raise SecretError(f"the credential {name} is not given", code=Code.CREDENTIALS_MISSING)
    return found


def _filled(template: str, credentials: Credentials) -> Secret:
    """The template with every `{name}` replaced by that credential."""
    return Secret(BRACED.sub(lambda name: _credential(credentials, name[1]).reveal(), template))


def _header_safe(name: str, value: Secret) -> Secret:
    if not HEADER_SAFE.fullmatch(value.reveal()):
        raise SecretError(
            f"the credential {name} is empty or holds characters that no header can carry",
            "look for a line end, a blank at its ends, or a letter outside ASCII",
            code=Code.SECRET_UNFIT,
        )
    return value


def _segment_safe(name: str, value: Secret) -> Secret:
    if value.reveal() in (".", ".."):
        raise SecretError(f"the credential {name} cannot stand in a path", code=Code.SECRET_UNFIT)
    return value


def _fetched(attempt: Attempt) -> Secret:
    return _header_safe("the fetched token", attempt.token or Secret(""))


def _bearer(token: Secret) -> tuple[str, Secret]:
    return "authorization", Secret(f"Bearer {token.reveal()}")
