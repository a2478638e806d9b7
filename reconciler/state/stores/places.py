"""How the addresses of locks that are no files are written, and what of each somebody has to trust.

Used by `state.stores`, and by the modules of the kinds for the parts of an address. No address holds credentials: each
kind takes those from where its own tools take them.
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl, urlsplit

from reconciler.support.loopback import is_loopback

FORMS: Mapping[str, str] = {
    "s3": "s3://BUCKET/KEY",
    "gs": "gs://BUCKET/KEY",
    "az": "az://CONTAINER/KEY",
    "postgresql": "postgresql://HOST/DATABASE?name=KEY",
    "https": "https://HOST/PATH",
    "http": "https://HOST/PATH",
    "git+https": "git+https://HOST/REPOSITORY",
    "git+ssh": "git+ssh://git@HOST/REPOSITORY",
    "git+file": "git+file:///FOLDER/REPOSITORY",
    "git+http": "git+https://HOST/REPOSITORY",
}
"""How each kind is written, by the scheme of its addresses."""

_USUAL = "credentials come from where the tools of that place take them"
_GIT = {"branch": "whsync", "name": "webhooks.lock.json"}
_PATH = re.compile(r"[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*")
_BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*")


class GitPlace(NamedTuple):
    """A file on a branch of a repository."""

    url: str
    branch: str
    path: str


def fault(scheme: str, text: str) -> str:
    """What is wrong with an address of that scheme, in words that hold nothing of it; empty where nothing is."""
    if any(character.isspace() or not character.isprintable() for character in text):
        return "it holds a space or a character that cannot be seen"
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return "it is no address"
    if parts.password is not None:
        return f"it holds a password; {_USUAL}"
    if parts.fragment:
        return "it has a fragment"
    return _FAULTS[scheme](parts)


def origin(text: str) -> str:
    """What of an address has to be trusted: the server, the bucket or the folder; as a trust file says it."""
    parts = urlsplit(text)
    if parts.scheme == "git+file":
        return f"git+file://{parts.path}"
    return f"{parts.scheme}://{(parts.hostname or '') + (f':{parts.port}' if parts.port else '')}".lower()


def is_origin(text: str) -> bool:
    """Whether that is what `origin` gives of a lock that is neither a file nor had by plain HTTP."""
    scheme, separator, rest = text.partition("://")
    known = bool(separator) and scheme in FORMS and scheme not in ("https", "http")
    return (
        known
        and bool(rest)
        and not set(rest) & set("?#@ ")
        and origin(text) == (text if scheme == "git+file" else text.lower())
    )


def bucket(text: str) -> tuple[str, str]:
    """The bucket and the key of an address such as `s3://BUCKET/KEY`."""
    parts = urlsplit(text)
    return parts.netloc, parts.path.strip("/")


def database(text: str) -> tuple[str, str]:
    """The connection that an address means, as libpq takes it, and the lock's name in that database."""
    parts = urlsplit(text)
    query = dict(parse_qsl(parts.query))
    name = query.pop("name")
    rest = "&".join(pair for pair in parts.query.split("&") if not pair.startswith("name="))
    return parts._replace(query=rest).geturl(), name


def repository(text: str) -> GitPlace:
    """What an address such as `git+https://…` means; `?branch=` and `?name=` say which file of it."""
    parts = urlsplit(text)
    given = {**_GIT, **dict(parse_qsl(parts.query))}
    url = parts._replace(scheme=parts.scheme.removeprefix("git+"), query="").geturl()
    return GitPlace(url, given["branch"], given["name"])


def _in_bucket(parts: SplitResult) -> str:
    if parts.username is not None or parts.query:
        return "it holds more than a bucket and a key"
    key = parts.path.strip("/")
    if not parts.netloc or not key:
        return "it names no " + ("key in its bucket" if parts.netloc else "bucket")
    return (
        ""
        if _PATH.fullmatch(key) and ".." not in key.split("/")
        else "its key has other signs than A-Z a-z 0-9 . _ - /"
    )


def _in_database(parts: SplitResult) -> str:
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    names = [value for key, value in pairs if key == "name"]
    if any(key in ("password", "passfile", "service", "sslpassword", "options") for key, _ in pairs):
        return f"it holds a password, or what leads to one; {_USUAL}"
    if len(names) != 1 or not re.fullmatch(r"[A-Za-z0-9._/-]{1,200}", names[0]):
        return "it does not say which lock of the database is meant, with `?name=`"
    return "" if parts.path.strip("/") else "it names no database"


def _on_the_web(parts: SplitResult) -> str:
    if parts.username is not None:
        return f"it holds a user; {_USUAL}"
    if not parts.hostname or not parts.path.strip("/"):
        return "it names no " + ("path" if parts.hostname else "host")
    return _plain(parts)


def _in_git(parts: SplitResult) -> str:
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    branch = query.get("branch", "x")
    if query.keys() - _GIT.keys():
        return "it says more than `branch` and `name`"
    if not _BRANCH.fullmatch(branch) or ".." in parts.query or branch.endswith(".lock"):
        return "its branch or its name cannot be one"
    if not _PATH.fullmatch(query.get("name", "x")):
        return "its name is no path in a repository"
    return _at_git(parts)


def _at_git(parts: SplitResult) -> str:
    """What is wrong with where the repository is."""
    if parts.scheme == "git+file":
        return "" if not parts.netloc and len(parts.path) > 1 else "it names no folder"
    if parts.username is not None and parts.scheme != "git+ssh":
        return f"it holds a user; {_USUAL}"
    if not parts.hostname or parts.hostname.startswith("-") or (parts.username or "").startswith("-"):
        return "it names no host"
    return _plain(parts) if parts.path.strip("/") else "it names no repository"


def _plain(parts: SplitResult) -> str:
    plain = parts.scheme in ("http", "git+http") and not is_loopback(parts.hostname or "")
    return "it would be sent in clear; only this machine may be reached by http" if plain else ""


_FAULTS: Mapping[str, Callable[[SplitResult], str]] = {
    "s3": _in_bucket,
    "gs": _in_bucket,
    "az": _in_bucket,
    "postgresql": _in_database,
    "https": _on_the_web,
    "http": _on_the_web,
    **dict.fromkeys(("git+https", "git+ssh", "git+file", "git+http"), _in_git),
}
