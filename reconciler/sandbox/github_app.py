"""The part of GitHub that gives a GitHub App's installation its tokens: a JWT signed by the app's key is exchanged.

Sources: https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app, pages on generating a
JSON Web Token and an installation access token. PyJWT is imported only when a JWT arrives or a key is made. Used by
`sandbox.github`.
"""

import re
import secrets
from datetime import UTC, datetime
from typing import Any

from .exchange import Answer, Request, json_answer
from .tokens import Tokens

TOKENS = re.compile(r"/app/installations/(\d+)/access_tokens")
LONGEST = 600  # seconds that a JWT may be valid from now on
LIFE = 3600  # seconds that a token of an installation lives


class Apps:
    """The apps that have registered a key, and the tokens of their installations."""

    def __init__(self) -> None:
        self.tokens = Tokens("ghs_")
        self._public: dict[str, Any] = {}
        self._installed: dict[str, str] = {}

    def make(self) -> dict[str, str]:
        """Register an app with one installation; returns `{app_id, installation_id, private_key}`, the key as PKCS1."""
        from cryptography.hazmat.primitives import serialization as form
        from cryptography.hazmat.primitives.asymmetric import rsa

        key = rsa.generate_private_key(65537, 2048)
        app, installation = (str(secrets.randbelow(900_000) + 100_000) for _ in range(2))
        self._public[app], self._installed[installation] = key.public_key(), app
        text = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.TraditionalOpenSSL, form.NoEncryption()).decode()
        return {"app_id": app, "installation_id": installation, "private_key": text}

    def answer(self, request: Request, path: str, now: float) -> Answer | None:
        """What the call for a token gets; None where the path is not that call's."""
        found = TOKENS.fullmatch(path)
        if found is None or request.method != "POST":
            return None
        scheme, _, proof = request.header("authorization").partition(" ")
        app = self._proved(proof, now) if scheme.lower() == "bearer" else None
        if app is None:
            return json_answer(401, {"message": "A JSON web token could not be decoded"})
        if self._installed.get(found[1]) != app:
            return json_answer(404, {"message": "Integration not found"})
        ends = datetime.fromtimestamp(now + LIFE, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return json_answer(201, {"token": self.tokens.issue(now + LIFE), "expires_at": ends})

    def _proved(self, token: str, now: float) -> str | None:
        """Whose JWT it is, where it is one that GitHub takes."""
        import jwt

        unchecked: Any = {f"verify_{claim}": False for claim in ("exp", "iat", "aud", "iss")}
        for app, key in self._public.items():
            try:
                claims = jwt.decode(token, key, algorithms=["RS256"], options=unchecked)
            except jwt.PyJWTError:
                continue
            begins, ends = claims.get("iat"), claims.get("exp")
            timely = isinstance(begins, int) and isinstance(ends, int) and begins <= now < ends <= now + LONGEST
            return app if timely and claims.get("iss") == app else None
        return None
