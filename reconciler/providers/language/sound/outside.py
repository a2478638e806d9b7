"""Names that nobody asks for: credentials, base URL, headers. [pure] Used by `providers.language.sound`."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from reconciler.codes import Code
from reconciler.providers.language.credentials import Bearer, Jwt, LoginCall, OAuth, Signed
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.language.sound.fault import Fault, nearest
from reconciler.providers.vendor import BRACED

_AUTH = Code.MANIFEST_AUTH


def variables_of_credentials(manifest: Manifest) -> Iterator[Fault]:
    """`variables` are those of credentials that some way to authenticate asks for."""
    known = {name for auth in manifest.auth for name in credentials_of(auth)}
    for name in manifest.variables:
        if name not in known:
            what = f"no way to authenticate asks for `{name}`"
            yield Fault(("variables", name), what, nearest(name, known), _AUTH, key=True)


def credentials_of(auth: Any) -> tuple[str, ...]:
    """The credentials that one way to authenticate needs, by name."""
    match auth:
        case Bearer():
            return (auth.token,)
        case OAuth():
            return (auth.client_id, auth.client_secret)
        case Jwt():
            return (auth.key_id, auth.private_key)
        case LoginCall(signed=Signed(private_key=name)):
            return (name, *_names(auth, "token", "header"))
        case _:
            return getattr(auth, "names", ()) + _names(auth, "token", "header")


def _names(auth: Any, *besides: str) -> tuple[str, ...]:
    """The credentials in the texts of a way to authenticate, without those words of it."""
    texts = _texts(auth.model_dump(exclude=set(besides)))
    return tuple(name for text in texts for name in BRACED.findall(text))


def _texts(tree: Any) -> Iterator[str]:
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict):
        yield from (text for inner in tree.values() for text in _texts(inner))
    elif isinstance(tree, list | tuple):
        yield from (text for inner in tree for text in _texts(inner))


def base_url(manifest: Manifest) -> Iterator[Fault]:
    """An address to which paths can be added."""
    if manifest.base_url is None:
        return
    parts = urlsplit(manifest.base_url)
    if (
        parts.scheme not in ("https", "http")
        or not parts.hostname
        or parts.query
        or parts.fragment
        or "@" in parts.netloc
    ):
        what = f"`{manifest.base_url}` is no address that paths can be added to"
        yield Fault(("base_url",), what, "write it as `https://api.vendor.example`", _AUTH)


def headers(manifest: Manifest) -> Iterator[Fault]:
    """Credentials are never part of a manifest."""
    for name in manifest.headers:
        if name.lower() in ("authorization", "proxy-authorization", "cookie"):
            what = f"`{name}` proves who we are, and a manifest holds no credentials"
            yield Fault(("headers", name), what, "write it below `auth`: `{kind: header, headers: …}`", _AUTH, key=True)


RULES = (variables_of_credentials, base_url, headers)
