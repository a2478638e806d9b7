"""Tokens that private keys sign: for one attempt, or for a login. Used by `wire.auth`, `wire.tokens`, `wire.drive`."""

import base64
import binascii
from typing import Any, NamedTuple

from reconciler.codes import Code
from reconciler.errors import ConfigError, SecretError
from reconciler.model.secret import Secret
from reconciler.providers.vendor import Assertion, SignedJwt


class SigningKey(NamedTuple):
    """A private key, and the id by which the vendor knows it."""

    id: Secret
    private: Secret


class Moment(NamedTuple):
    """When an attempt is signed (seconds since 1970), and a text used once."""

    now: float
    nonce: str


SLOW = 60  # seconds that a vendor's clock may be behind ours


class Key(NamedTuple):
    """A private key that is ready, and the algorithm that it signs with."""

    private: Any
    algorithm: str


def asserted(assertion: Assertion, issuer: Secret, private_key: Secret, moment: Moment) -> Secret:
    """A token that proves one login call; it begins a little earlier, for vendors whose clock is behind.

    Raises: as `signed`.
    """
    begins = int(moment.now) - SLOW
    claims = {"iss": issuer.reveal(), "iat": begins, "exp": int(moment.now) + assertion.lifetime}
    return _encoded(claims, assertion.private_key, private_key)


def signed(scheme: SignedJwt, key: SigningKey, uri: str, moment: Moment) -> Secret:
    """A token for one attempt at `METHOD host/path`.

    Raises:
        SecretError: the private key cannot sign.
        ConfigError: a package that is needed for it is not installed.
    """
    begins = int(moment.now)
    claims: dict[str, Any] = {
        "sub": key.id.reveal(),
        "iss": scheme.issuer,
        "iat": begins,
        "nbf": begins,
        "exp": begins + scheme.lifetime,
        scheme.uri_claim: [uri] if scheme.uri_claim == "uris" else uri,
    }
    if scheme.audience:
        claims["aud"] = list(scheme.audience)
    return _encoded(claims, scheme.needs[1], key.private, {"kid": key.id.reveal(), "nonce": moment.nonce})


def _encoded(claims: dict[str, Any], name: str, private_key: Secret, headers: dict[str, str] | None = None) -> Secret:
    """The claims, signed; `name` is the credential that the key is."""
    try:
        import jwt

        key = _private_key(name, private_key)
    except ImportError:
        raise ConfigError(
            "a private key signs with a package that is missing",
            "pip install 'PyJWT[crypto]'",
            code=Code.PACKAGE_MISSING,
        ) from None
    return Secret(jwt.encode(claims, key.private, algorithm=key.algorithm, headers=headers))


def _private_key(name: str, secret: Secret) -> Key:
    """From PEM (PKCS8, PKCS1 or SEC1, `\\n` may be spelt out) or base64 of an Ed25519 seed."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    text = secret.reveal().replace("\\n", "\n").strip()
    try:
        key = load_pem_private_key(text.encode(), None) if "-----BEGIN" in text else _from_seed(text, Ed25519PrivateKey)
    except (ValueError, TypeError, UnsupportedAlgorithm, binascii.Error):
        key = None  # the exception may quote the key
    if isinstance(key, Ed25519PrivateKey):
        return Key(key, "EdDSA")
    if isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1):
        return Key(key, "ES256")
    if isinstance(key, RSAPrivateKey) and key.key_size >= 2048:
        return Key(key, "RS256")
    raise SecretError(
        f"the credential {name} is no private key that can sign",
        "give an RSA (2048 bits or more), P-256 or Ed25519 key as PEM without a password, or an Ed25519 key as base64",
        code=Code.SECRET_UNFIT,
    )


def _from_seed(text: str, kind: Any) -> Any:
    """An Ed25519 key from base64 of 32 bytes (the seed) or 64 (seed and public key, which must belong together)."""
    raw = base64.b64decode("".join(text.split()), altchars=b"-_" if set("-_") & set(text) else None, validate=True)
    key = kind.from_private_bytes(raw[:32])
    if len(raw) not in (32, 64) or (raw[32:] and key.public_key().public_bytes_raw() != raw[32:]):
        raise ValueError("not a seed, or the public half is another key's")
    return key
