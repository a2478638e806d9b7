"""The check of Coinbase's signed bearer tokens: one JWT for one method, host and path, two minutes long, used once.

Sources: https://docs.cdp.coinbase.com/get-started/authentication/jwt-authentication and the vendor's SDK,
https://github.com/coinbase/cdp-sdk (python/cdp/auth/utils/jwt.py, go/auth/jwt.go). PyJWT is imported only when a JWT
arrives or a key is made, so the sandbox runs without it. Used by `sandbox.coinbase_payments`.
"""

import base64
import secrets
from dataclasses import dataclass, field
from typing import Any, NamedTuple

MAX_LIFE = 120
ALGORITHMS = ("ES256", "EdDSA")


class Unverifiable(Exception):
    """PyJWT is not installed here, so no JWT can be checked."""


class Refused(Exception):
    """The JWT is not acceptable; the message says why."""


class Demands(NamedTuple):
    """What the vendor's switches demand of every JWT.

    `dialect` is the claim that binds it, `uris`, `uri` or `either`; `leeway` is in seconds; an `audience` of None is
    not looked at.
    """

    dialect: str
    audience: str | None
    leeway: float


@dataclass
class KeyRing:
    """The public keys that an account has registered, and the nonces it has used up."""

    public: dict[str, Any] = field(default_factory=dict, repr=False)
    nonces: set[str] = field(default_factory=set)

    def make(self, kind: str = "ES256", encoding: str = "pkcs8") -> dict[str, str]:
        """Register a new key; returns `{key_id, private_key}` as the vendor hands them out.

        `kind` is ES256 (PEM, `encoding` pkcs8 or sec1) or EdDSA (base64 of 64 bytes: seed and public key). Raises
        ValueError for other words, Unverifiable without the libraries.
        """
        try:
            from cryptography.hazmat.primitives.asymmetric import ec, ed25519
        except ImportError:
            raise Unverifiable from None
        key_id = f"organizations/sandbox/apiKeys/{secrets.token_hex(8)}"
        if kind == "ES256":
            curve = ec.generate_private_key(ec.SECP256R1())
            self.public[key_id] = curve.public_key()
            return {"key_id": key_id, "private_key": pem(curve, encoding)}
        if kind == "EdDSA":
            edwards = ed25519.Ed25519PrivateKey.generate()
            self.public[key_id] = edwards.public_key()
            both = edwards.private_bytes_raw() + edwards.public_key().public_bytes_raw()
            return {"key_id": key_id, "private_key": base64.b64encode(both).decode()}
        raise ValueError(f"a key is ES256 or EdDSA, not {kind!r}")

    def check(self, token: str, demands: Demands, *, uri: str, now: float) -> None:
        """Accept a JWT for one request, or raise Refused with the reason (Unverifiable without PyJWT).

        `uri` is `METHOD host[:port]/path` of the request; `now` is in seconds.
        """
        header, claims = self._open(token)
        if header.get("typ") != "JWT":
            raise Refused("header typ must be JWT")
        nonce = header.get("nonce")
        if not isinstance(nonce, str) or not nonce:
            raise Refused("header nonce is missing")
        if claims.get("sub") != header["kid"]:
            raise Refused("sub must be the key id")
        if claims.get("iss") != "cdp":
            raise Refused("iss must be cdp")
        if demands.audience is not None and demands.audience not in as_list(claims.get("aud")):
            raise Refused("aud does not name this service")
        check_times(claims, now, demands.leeway)
        if uri not in bound_uris(claims, demands.dialect):
            raise Refused("the token is bound to another request")
        if nonce in self.nonces:
            raise Refused("the nonce was used before")
        self.nonces.add(nonce)

    def _open(self, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Verify the signature; returns header and claims."""
        try:
            import jwt
        except ImportError:
            raise Unverifiable from None
        unchecked: Any = {f"verify_{claim}": False for claim in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")}
        try:
            header = jwt.get_unverified_header(token)
            key = self.public.get(header.get("kid", ""))
            if key is None:
                raise Refused("unknown key id")
            if header.get("alg") not in ALGORITHMS:
                raise Refused("alg must be ES256 or EdDSA")
            return header, jwt.decode(token, key, algorithms=[header["alg"]], options=unchecked)
        except (jwt.PyJWTError, TypeError, ValueError) as error:
            raise Refused(f"not a token signed by that key ({type(error).__name__})") from None


def check_times(claims: dict[str, Any], now: float, leeway: float) -> None:
    """Refuse a token that is not valid yet, over, or made to live longer than two minutes."""
    begins, ends = claims.get("nbf"), claims.get("exp")
    if not isinstance(begins, (int, float)) or not isinstance(ends, (int, float)):
        raise Refused("nbf and exp are required numbers")
    if begins > now + leeway:
        raise Refused("the token is not valid yet")
    if ends <= now - leeway:
        raise Refused("the token has expired")
    if ends > now + MAX_LIFE + leeway:
        raise Refused("the token lives longer than 120 seconds")


def bound_uris(claims: dict[str, Any], dialect: str) -> list[str]:
    """Return the requests that a token is bound to, read from the claim that the dialect names."""
    found: list[str] = []
    if dialect in ("uris", "either") and isinstance(claims.get("uris"), list):
        found += claims["uris"]
    if dialect in ("uri", "either") and isinstance(claims.get("uri"), str):
        found.append(claims["uri"])
    return found


def as_list(value: Any) -> list[Any]:
    """Return a claim that may be one value or several as a list."""
    return value if isinstance(value, list) else [value]


def pem(key: Any, encoding: str) -> str:
    """Write an elliptic curve key as PEM, `pkcs8` ("PRIVATE KEY") or `sec1` ("EC PRIVATE KEY")."""
    from cryptography.hazmat.primitives import serialization

    formats = {
        "pkcs8": serialization.PrivateFormat.PKCS8,
        "sec1": serialization.PrivateFormat.TraditionalOpenSSL,
    }
    if encoding not in formats:
        raise ValueError(f"a key's encoding is pkcs8 or sec1, not {encoding!r}")
    written: bytes = key.private_bytes(serialization.Encoding.PEM, formats[encoding], serialization.NoEncryption())
    return written.decode()
