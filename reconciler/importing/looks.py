"""Whether an address or an option looks as if it held a secret: by names and looks, for nobody can know. [pure]

Used by `importing.draft`, which says so, by `importing.text`, which hides it from a terminal, and by `run.drafts`,
which hides it in all that is told.
"""

import re
from collections.abc import Iterator

from reconciler.model.secret import MASK, shown_url
from reconciler.model.urls import is_url, parts_of

_NAMED = re.compile(
    r"token|secret|passw|pwd|signature|apikey|api[_-]key|credential|(?:^|[_-])(?:key|auth|sig|code)(?:$|[_-])", re.I
)
_RANDOM = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9_-]{16,}|[0-9a-fA-F]{20,}", re.ASCII)
_OPTION = re.compile(
    r"(?:^|[_.-])(?:token|secret|passw(?:or)?d|passphrase|credentials?|authorization|auth[_-]header|api[_-]?key)$", re.I
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_FINGERPRINT = re.compile(re.escape(MASK) + "~[0-9a-f]{8}")
_NO_WORD = 20
"""So long a text is none."""
_CASES = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9_-]{10,}", re.ASCII)


def doubts(url: str) -> Iterator[str]:
    """What of an address looks like a secret, in words that do not show it."""
    parts = parts_of(url)
    if parts.user:
        yield "the user in its url"
    for pair in parts.query[1:].split("&"):
        name, _, value = pair.partition("=")
        if value and (_NAMED.search(name) or is_random(value)):
            yield f"`{name}` in its url"
    if any(map(is_random, parts.path.split("/"))):
        yield "a part of its url's path"


def is_secret(name: str, value: str) -> bool:
    """Whether an option looks as if it were a secret, or an address that holds one."""
    if is_url(value):
        return any(doubts(value))
    return _OPTION.search(_HUMP.sub("_", name)) is not None


def secrets_in(url: str) -> Iterator[str]:
    """The address, what is behind its host, and each part of it that looks like a secret, if others can only repeat it.

    A word that others' texts may have by chance (`?key=acme`) is none of these: it would be hidden in all of them.
    """
    parts = parts_of(url)
    yield url
    pairs = [pair.partition("=") for pair in parts.query[1:].split("&")]
    yield from filter(is_random, [parts.user[:-1], *parts.path.split("/"), *(value for _, _, value in pairs)])
    behind = (parts.path + parts.query).removeprefix("/")
    named = (value for name, _, value in pairs if _NAMED.search(name))
    yield from (text for text in (behind, *named) if len(text) >= _NO_WORD)


def is_random(text: str) -> bool:
    """Whether a text looks drawn by lot: long, and of letters and digits in no order that words have."""
    return _RANDOM.fullmatch(text) is not None or _CASES.fullmatch(text) is not None


def outline(url: str) -> str:
    """The same without fingerprints, as a comment has it: enough to know the address by."""
    return _FINGERPRINT.sub(MASK, hidden(url))


def hidden(url: str) -> str:
    """The address as a terminal may show it: without what outputs hide, and without what looks like a secret."""
    parts = parts_of(shown_url(url))
    path = "/".join(MASK if is_random(step) else step for step in parts.path.split("/"))
    return "".join(parts._replace(path=path))
