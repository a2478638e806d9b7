"""Addresses that may stand in the files: where events are sent, where an API is, what becomes a part of one. [pure]

Called by `config.provider` and `config.check`. Each says in words what is wrong; the words follow the field's name.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import unquote, urlsplit

from reconciler.support.loopback import is_loopback

_PORTS = {"http": 80, "https": 443}
_PLAIN_URL = re.compile(
    r"https?://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::[1-9][0-9]{0,3})?(?:/[A-Za-z0-9/._~%-]*)?(?:\?[A-Za-z0-9/._~%=&-]*)?",
    re.IGNORECASE,
)
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)*\.?|[0-9a-f:.%]+")


def url_fault(url: str, schemes: Iterable[str] = ()) -> str | None:
    """What is wrong with a webhook's URL, or None.

    Args:
        schemes: how it may begin beside `https` and `http`: `arn`, say.
    """
    if _PLAIN_URL.fullmatch(url):
        return None
    if any(character.isspace() or not character.isprintable() or character == "\\" for character in url):
        return "holds a space, a backslash or a character that cannot be seen"
    scheme, colon, rest = url.partition(":")
    if colon and rest and scheme in schemes:
        return None
    if what := _absolute_fault(url):
        return what
    parts = urlsplit(url)
    if not _HOST.fullmatch(parts.hostname or "") or parts.port == 0:
        return "names no host that could be reached"
    return "must not have a fragment: it is never sent" if "#" in url else None


def url_hint(schemes: Iterable[str] = ()) -> str:
    """How to write one; `schemes` as in `url_fault`."""
    others = f", or one that begins with {' or '.join(f'{each}:' for each in schemes)}" if schemes else ""
    return f"write an absolute URL such as https://hooks.acme.com/path{others}"


def base_url_fault(url: str) -> str | None:
    """What is wrong with a base URL, or None."""
    if what := _absolute_fault(url):
        return what
    parts = urlsplit(url)
    if any(character.isspace() or ord(character) < 32 for character in url):
        return "is not an absolute http(s) URL"
    if "@" in parts.netloc:
        return "must not hold credentials"
    if "?" in url or "#" in url:
        return "must not hold a query or a fragment"
    if any(unquote(segment) in (".", "..") for segment in parts.path.split("/")):
        return "must not hold `.` or `..` in its path"
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        return "must be https, since credentials are sent there"
    return None


def _absolute_fault(url: str) -> str | None:
    """What keeps a text from being an absolute URL of http or https whose host and port can be told, or None."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is not a URL"
    return None if parts.scheme in _PORTS and host else "is not an absolute http(s) URL"


def account_of(base_url: str) -> str:
    """One spelling for one account: lower-case host, no default port, no slash at the end; the path stays."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port and parts.port != _PORTS[parts.scheme] else ""
    return f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}"


def scope_faults(scope: Mapping[str, str], neighbours: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Each value that a scope parameter cannot have: the parameter, what is wrong, and what would be right.

    Both are texts of a `FileFault` whose `value` is the parameter's.

    Args:
        neighbours: parameters that follow each other in an address; nobody writes both into one.
    """
    for key, value in scope.items():
        if value in ("", ".", ".."):
            yield key, f"the scope's `{key}` cannot be '{{value}}'", "it becomes part of an address"
        elif "*" in value:
            hint = "a pattern names none: write each name, as in for_each: {repo: [api, web]}".replace("repo", key)
            yield key, f"the scope's `{key}` cannot be the pattern '{{value}}'", hint
        elif "/" in value and (pair := next((pair for pair in neighbours if key in pair), None)):
            first, second = pair
            both = f"{{{first}: {{1}}, {second}: {{2}}}}"
            other = first if key == second else second
            yield key, f"the scope's `{key}` cannot be '{{value}}', since `{other}` stands by itself", f"write {both}"
