"""From values to what is sent: where a call goes, its query, its headers, its body. [pure]

Beside `auth`, the one place of the wire that reveals secrets. Used by `wire.client` (what to send), `wire.drive`
(where a call goes, which traces show) and `wire.auth` (which signatures are bound to).
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import SplitResult, quote, unquote, urlencode, urlsplit

from reconciler.codes import Code
from reconciler.errors import ConfigError, Rejected
from reconciler.model.secret import Secret, shown_url
from reconciler.providers.protocol import Call, Encoding, Form, Tree
from reconciler.wire.proof import Signature

DEFAULT_PORTS = {"https": 443, "http": 80}
PATH_SAFE = "/:@!$&'()*+,;=~%"
SEGMENT_SAFE = ":@!$&'()*+,;="
NAME_SAFE = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) not in '"%')
QUERY_SAFE = PATH_SAFE + "?[]{}|\\^`"


class BaseUrl(NamedTuple):
    """A base URL, taken apart: `host` holds the port unless it is the scheme's own; `prefix` ends without a slash."""

    scheme: str
    host: str
    prefix: str

    @classmethod
    def of(cls, base_url: str) -> "BaseUrl":
        """Read a base URL.

        Raises:
            ConfigError: it is not `http(s)://HOST[:PORT][/PREFIX]`.
        """
        parts = _split(base_url)
        if parts is None or parts.query or parts.fragment or (parts.username or parts.password) is not None:
            raise ConfigError(
                f"the base URL {shown_url(base_url)} cannot be used",
                "write https://HOST, with a path prefix at most",
                code=Code.WRONG_BASE_URL,
            )
        return cls(*_scheme_and_host(parts), _clean_path(parts.path).rstrip("/"))


class Destination(NamedTuple):
    """Where a call goes: `path` with the base's prefix, `query` without `?`, both percent-encoded.

    It is so sent, but for the names of credentials that stand in the path in braces until its `address` is made.
    """

    scheme: str
    host: str
    path: str
    query: str

    @property
    def url(self) -> str:
        """The URL as sent."""
        return f"{self.scheme}://{self.host}{self.path}" + (f"?{self.query}" if self.query else "")

    @property
    def shown(self) -> str:
        """The URL as a trace or an error may show it."""
        return shown_url(self.url)


def destination(base: BaseUrl, call: Call, held: tuple[str, ...] = ()) -> Destination:
    """Put a call's path below the base URL; a whole URL (a paging link) must have the base URL's origin.

    Args:
        base: the base URL.
        call: the call.
        held: the names of credentials that paths hold in braces; those stay in it, until its `address` is made.

    Raises:
        Rejected: the call would go to another host, its path climbs with `.` or `..`, or a part cannot be encoded.
    """
    path, _, query = call.path.partition("?")
    prefix = base.prefix
    if not path.startswith("/"):
        parts = _split(call.path)
        if parts is None or _scheme_and_host(parts) != (base.scheme, base.host) or parts.username is not None:
            there = f"{parts.scheme}://{_scheme_and_host(parts)[1]}" if parts else "no address"
            raise Rejected(
                f"the vendor's link points to another host than {base.host}: {there}",
                "credentials go to the base URL only; if both are one server, `pages: {…, rebase: true}` "
                "in its manifest keeps to the base URL",
                code=Code.ANSWER_UNUSABLE,
            )
        path, query, prefix, held = parts.path or "/", parts.query, "", ()
    try:
        pairs = [quote(query.partition("#")[0], safe=QUERY_SAFE), pairs_text(call.query)]
        return Destination(base.scheme, base.host, prefix + _clean_path(path, held), "&".join(filter(None, pairs)))
    except UnicodeEncodeError:
        raise Rejected(
            "a path or a query holds half a character, which cannot be sent", code=Code.NOT_SENDABLE
        ) from None


def address(destination: Destination, signature: Signature) -> str:
    """The URL as sent: with the credentials that its query carries, and those of its path, each within one segment."""
    path = destination.path
    for name, value in signature.path:
        path = path.replace(f"{{{name}}}", quote(value.reveal(), safe=SEGMENT_SAFE))
    query = "&".join(filter(None, [destination.query, pairs_text(signature.query)]))
    return destination._replace(path=path, query=query).url


def with_parts(tree: Tree, parts: Iterable[tuple[tuple[str, ...], Secret]]) -> Tree:
    """A body with what proves the call in its places; what it holds beside them stays as it is.

    Raises:
        Rejected: it is a list, which has no such places.
    """
    for keys, value in parts:
        if not isinstance(tree, dict | None):
            raise Rejected("the body has no place for the credentials", kind="config", code=Code.NOT_SENDABLE)
        inner = with_parts((tree or {}).get(keys[0]), [(keys[1:], value)]) if keys[1:] else value
        tree = {**(tree or {}), keys[0]: inner}
    return tree


def pairs_text(pairs: Iterable[tuple[str, str | Secret]]) -> str:
    """Pairs as `a=b&c=d`, percent-encoded as forms are; serves queries and bodies."""
    plain = [(name, value.reveal() if isinstance(value, Secret) else value) for name, value in pairs]
    return urlencode(plain, quote_via=quote, safe="")


def headers(pairs: Iterable[tuple[str, str | Secret]]) -> dict[str, str]:
    """Headers as sent, by lower-case name; the last of one name wins.

    Raises:
        Rejected: a value holds what no header can carry; the message names the header only.
    """
    plain = {name.lower(): value.reveal() if isinstance(value, Secret) else value for name, value in pairs}
    for name, value in plain.items():
        if not re.fullmatch(r"[ -~]*", value):
            raise Rejected(
                f"the header {name} would hold a line end or a letter outside ASCII",
                kind="config",
                code=Code.NOT_SENDABLE,
            )
    return plain


def body(tree: Tree, encoding: Encoding) -> tuple[str, bytes]:
    """A call's body as sent.

    Forms write maps as `key[inner]=…`, and lists as the encoding says (an empty one says nothing).

    Returns:
        The content type and the bytes.

    Raises:
        Rejected: the tree cannot be written so; the message holds none of it.
    """
    try:
        if encoding == "json":
            return "application/json", _json_text(tree).encode()
        form = encoding if isinstance(encoding, Form) else Form()
        if isinstance(tree, str) and form.kind == "written":
            return "application/json", tree.encode(errors="surrogatepass")
        if isinstance(tree, dict):
            pairs = [pair for key, value in tree.items() for pair in _form_pairs(key, value, (key,), form)]
            if form.kind == "multipart":
                return _multipart(pairs)
            return "application/x-www-form-urlencoded", pairs_text(pairs).encode()
    except (TypeError, ValueError):
        pass  # re-raised below without its context: the exception holds the text
    name = "json" if encoding == "json" else "form"
    raise Rejected(f"a value cannot be written as {name}", kind="internal", code=Code.NOT_SENDABLE)


def _json_text(tree: Tree) -> str:
    return json.dumps(_plain(tree), separators=(",", ":"), allow_nan=False)


def _form_pairs(key: str, value: Tree, place: tuple[str, ...], form: Form) -> Iterator[tuple[str, str | Secret]]:
    """What a form has of one value.

    Args:
        place: its keys, where every item of a list is `*`.
    """
    if place in form.json:
        yield key, _json_text(value)
    elif isinstance(value, dict):
        for inner, leaf in value.items():
            yield from _form_pairs(f"{key}[{inner}]", leaf, (*place, inner), form)
    elif isinstance(value, list):
        for number, leaf in enumerate(value):
            brackets = {"brackets": "[]", "repeat": "", "index": f"[{number}]"}[form.lists]
            yield from _form_pairs(key + brackets, leaf, (*place, "*"), form)
    elif isinstance(value, bool):
        yield key, "true" if value else "false"
    elif value is None:
        yield key, ""
    else:
        yield key, value if isinstance(value, Secret) else str(value)


def _multipart(pairs: Iterable[tuple[str, str | Secret]]) -> tuple[str, bytes]:
    """A form of RFC 7578. Its boundary hangs on what it holds, so that nobody can have written it there."""
    parts = [
        f'Content-Disposition: form-data; name="{quote(name, safe=NAME_SAFE)}"\r\n\r\n'.encode()
        + (value.reveal() if isinstance(value, Secret) else value).encode()
        for name, value in pairs
    ]
    boundary = hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]
    framed = b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return f"multipart/form-data; boundary={boundary}", framed + f"--{boundary}--\r\n".encode()


def _plain(tree: Tree) -> Any:
    if isinstance(tree, Secret):
        return tree.reveal()
    if isinstance(tree, dict):
        return {key: _plain(value) for key, value in tree.items()}
    return [_plain(value) for value in tree] if isinstance(tree, list) else tree


def _split(url: str) -> SplitResult | None:
    """The URL's parts where it is an absolute http(s) URL with an ASCII host; otherwise None."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in DEFAULT_PORTS and parts.port != 0 and bool(parts.hostname)
    except ValueError:
        return None
    return parts if usable and re.fullmatch(r"[0-9a-z._:-]+", parts.hostname or "") else None


def _scheme_and_host(parts: SplitResult) -> tuple[str, str]:
    """Scheme and host as sent in the Host header: lower case, no port where it is the scheme's own."""
    name = parts.hostname or ""
    host = f"[{name}]" if ":" in name else name
    default = parts.port in (None, DEFAULT_PORTS[parts.scheme])
    return parts.scheme, host if default else f"{host}:{parts.port}"


def _clean_path(path: str, held: tuple[str, ...] = ()) -> str:
    """The path as sent: a clean one is untouched, stray characters are percent-encoded, climbing is refused."""
    if any(unquote(segment) in (".", "..") for segment in path.split("/")):
        raise Rejected("a path holds the segment `.` or `..`", "check the webhook's scope", code=Code.NOT_SENDABLE)
    names = [f"{{{name}}}" for name in held]
    pieces = re.split("(" + "|".join(map(re.escape, names)) + ")", path) if names else [path]
    return "".join(piece if piece in names else _quoted(piece) for piece in pieces)


def _quoted(path: str) -> str:
    return quote(re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", path), safe=PATH_SAFE)
