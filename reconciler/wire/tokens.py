"""Tokens that are fetched with credentials, and kept for one account. Used by `wire.drive`.

`fetch` asks for one by yielding a credential call, as providers do; `TokenCache` keeps the answer until it ends.
"""

import threading
from collections.abc import Callable, Generator
from typing import Any, NamedTuple

from reconciler.codes import Code
from reconciler.errors import Rejected
from reconciler.model.secret import Secret
from reconciler.providers.protocol import Call, Reply, parsed
from reconciler.providers.vendor import BRACED, ClientCredentials, Login, Scheme
from reconciler.wire.auth import bearer, credential, filled, form_encoded
from reconciler.wire.renewal import DEAD, Credentials, Renewable
from reconciler.wire.signed import Moment, asserted

MARGIN = 60.0  # a token is given up this many seconds before its end, or a tenth of its life where that is less

TokenScheme = ClientCredentials | Login


class Token(NamedTuple):
    """A fetched token and the seconds it lives (None: until the vendor refuses it)."""

    value: Secret
    life: float | None


def fetch(scheme: TokenScheme, credentials: Credentials, moment: Moment) -> Generator[Call, Reply, Token]:
    """Ask the vendor for a token; yields the credential call, returns the token.

    Args:
        moment: when the call is signed, for logins that are.

    Raises:
        SecretError, ConfigError: as `signed.asserted`.
        Rejected: kind `auth` (the credentials are refused), `network` (no answer) or `vendor` (no token in the answer).
    """
    if isinstance(scheme, ClientCredentials):
        reply = yield _client_credentials_call(scheme, credentials)
        _check_answer(reply, scheme.path)
        return _access_token(reply, scheme.path)
    reply = yield _login_call(scheme, credentials, moment)
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
        moment: the time, and a text used once.
        learned: is told every token before it is used.
    """

    def __init__(
        self,
        scheme: TokenScheme,
        credentials: Renewable,
        run: Callable[[Generator[Call, Reply, Token]], Token],
        monotonic: Callable[[], float],
        moment: Callable[[], Moment],
        learned: Callable[[Secret], None],
    ) -> None:
        self._scheme, self._credentials, self._run, self._monotonic = scheme, credentials, run, monotonic
        self._learned, self._moment = learned, moment
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
            token = self._run(fetch(self._scheme, used, self._moment()))
        except Rejected as error:
            fresh = self._credentials.anew(used) if error.kind == "auth" else None
            if fresh is None:
                raise
            used = fresh
            try:
                token = self._run(fetch(self._scheme, used, self._moment()))
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


def _login_call(scheme: Login, credentials: Credentials, moment: Moment) -> Call:
    body: dict[str, Any] | None = {name: filled(template, credentials) for name, template in scheme.body} or None
    headers: tuple[tuple[str, Secret], ...] = ()
    if scheme.assertion is not None:
        key = credential(credentials, scheme.assertion.private_key)
        proof = asserted(scheme.assertion, filled(scheme.assertion.issuer, credentials), key, moment)
        headers = (bearer(proof),)
    return Call("POST", scheme.path, headers=headers, body=body, authenticate=False)


def _client_credentials_call(scheme: ClientCredentials, credentials: Credentials) -> Call:
    client, secret = (credential(credentials, name) for name in scheme.needs[:2])
    form: dict[str, Any] = {"grant_type": "client_credentials"}
    if scheme.scope:
        form["scope"] = scheme.scope
    if scheme.style == "body":
        form |= {"client_id": client, "client_secret": secret}
    pair = (form_encoded(client), form_encoded(secret)) if scheme.style == "basic" else None
    return Call("POST", scheme.path, body=form, encoding="form", authenticate=False, basic=pair)


def _check_answer(reply: Reply, path: str) -> None:
    if reply.status in (400, 401, 403):
        raise _refused(f"the vendor refused the credentials (POST {path}: {reply.status})")
    if reply.status == 0:
        raise Rejected(f"no token from POST {path}: {reply.failure}", kind="network", code=Code.NO_ANSWER)
    if not 200 <= reply.status < 300:
        hints = {3: "redirects are not followed: check the base URL and slashes", 4: _wrong_address(path)}
        hint = hints.get(reply.status // 100, "")
        raise Rejected(f"POST {path} answered {reply.status} instead of a token", hint, code=Code.NO_TOKEN)


def _wrong_address(path: str) -> str:
    """Where to look when nothing is at the address of a credential call."""
    return " and ".join(["check the base URL", *(f"the credential {name}" for name in BRACED.findall(path))])


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
