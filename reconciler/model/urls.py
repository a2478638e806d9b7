"""URLs that anybody may have written: taken apart without ever raising, and compared as RFC 3986 does. [pure]

Used by `model.secret` (what a URL may show), `model.equality` and `matching` (whether two of them are one).
"""

import re
from typing import NamedTuple
from urllib.parse import quote

_URL = re.compile(r"\s*[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_CANONICAL = re.compile(
    r"https?://[a-z0-9.-]+(?![^?]*/\.\.?(?:[/?]|\Z))/[A-Za-z0-9/._~-]*(?:\?[A-Za-z0-9/._~*&=+-]*)?\Z"
)
"""URLs of one spelling, which need no closer look."""
_PARTS = re.compile(
    r"((?:[a-z][a-z0-9+.-]*:)?(?://)?)((?<=//)[^/?#]*@)?((?<=[/@])[^/?#]*)?([^?#]*)(\?[^#]*)?(#.*)?", re.I | re.S
)
_PASSED_OVER = re.compile(r"\A[\x00- ]+|[\t\r\n]")
_HOST = re.compile(r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]*)?")
_USUAL_PORTS = {"http://": (":80", ":"), "https://": (":443", ":")}
_SPELLED = re.compile(r"%[0-9A-Fa-f]{2}|[^\x00-\x7f]+")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")


class Parts(NamedTuple):
    """A URL taken apart; one after the other they are the URL again.

    Args:
        scheme: `https://`, or as much of it as there is.
        user: the user-info with its `@`, or nothing.
        host: with its port.
        query, fragment: with their signs.
    """

    scheme: str
    user: str
    host: str
    path: str
    query: str
    fragment: str


def is_url(text: str) -> bool:
    """Whether a text begins like an absolute URL, in any case."""
    return _URL.match(text) is not None


def parts_of(text: str) -> Parts:
    """The parts that any text has as a URL, less the characters that all readers pass over."""
    found = _PARTS.fullmatch(text if text.isprintable() and text[:1] != " " else _PASSED_OVER.sub("", text))
    assert found is not None, "each part may be missing"
    return Parts(*(part or "" for part in found.groups()))


def canonical_url(url: str) -> str:
    """One spelling for web addresses that are equal by RFC 3986, section 6.2; any other text as it is.

    Scheme and host have no case, the scheme's own port and an empty path may be left out, `.` and `..` in a path lead
    nowhere else, and a character may be percent-encoded or not, unless it is reserved. A slash at the end of a longer
    path tells two addresses apart.
    """
    if _CANONICAL.match(url):
        return url
    parts = parts_of(url)
    scheme, host = parts.scheme.lower(), _spelled(parts.host).lower()
    found = _HOST.fullmatch(host)
    if found is None or scheme not in _USUAL_PORTS:
        return url
    if found[2] in _USUAL_PORTS[scheme]:
        host = found[1]
    path = _without_dots(_spelled(parts.path)) or "/"
    return scheme + _spelled(parts.user) + host + path + _spelled(parts.query) + _spelled(parts.fragment)


def _without_dots(path: str) -> str:
    """An absolute path without `.` and `..`, as RFC 3986, section 5.2.4, takes them out."""
    if "/." not in path:
        return path
    kept: list[str] = []
    *segments, last = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if last == "..":
        del kept[-1:]
    return "/".join(["", *kept, "" if last in (".", "..") else last])


def _spelled(text: str) -> str:
    """With no character encoded that need not be, all others encoded, and capital digits."""
    return _SPELLED.sub(_spelled_one, text) if "%" in text or not text.isascii() else text


def _spelled_one(found: re.Match[str]) -> str:
    if not found[0].startswith("%"):
        return quote(found[0], errors="surrogatepass")
    character = chr(int(found[0][1:], 16))
    return character if _UNRESERVED.match(character) else found[0].upper()
