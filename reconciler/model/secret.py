"""What a secret may be held as: a value that cannot be shown, a reference, the result of a comparison. [pure]

Used everywhere. Only `wire` (to send) and `secrets` (to compare, store, announce) may call `Secret.reveal`.
Also the rule for URLs: user-info and query values are shown as `***` with a short fingerprint, never as they are.
"""

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Literal, NamedTuple, NoReturn, Self
from urllib.parse import quote, quote_plus

from reconciler.errors import Problem
from reconciler.model.hidden import MARK, Hidden, short
from reconciler.model.secret_rule import SecretRule
from reconciler.model.urls import canonical_url, parts_of

MASK = "***"
RESCUE = "rescue:"
"""How the lock names a rescue file as the place of a secret, in front of the file's name."""
SHORTEST = 6
"""Texts shorter than this are not looked for in others' words: they would be found everywhere."""
_STARS = re.compile(r"[*•●▪■∙·]{2,}|\.{3,}|…+")


class Secret:
    """A text that masks itself: it cannot be printed, formatted, pickled, copied to JSON or iterated by accident."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself; an architecture test lists who may call this."""
        return self._value

    def begins(self, other: "Secret") -> bool:
        """Whether `other` is more of the same: this one is what a vendor shows of it, cut short."""
        return len(self._value) < len(other._value) and other._value.startswith(self._value)

    def fits(self, mask: str) -> bool:
        """Whether what stands around the stars or dots of a vendor's mask, three characters at least, is this one's."""
        shown = _STARS.split(mask)
        pattern = ".*".join(map(re.escape, shown))
        return (
            len(shown) > 1 and sum(map(len, shown)) >= 3 and re.fullmatch(pattern, self._value, re.DOTALL) is not None
        )

    def hidden_in(self, text: str) -> str:
        """`text` with every occurrence of this secret masked, in every spelling."""
        for spelling in sorted(self.spellings(), key=len, reverse=True):
            text = text.replace(spelling, MASK)
        return text

    def spellings(self) -> frozenset[str]:
        """How this secret and each of its lines look where JSON, a URL, HTML, base64 or hex escaped them.

        Nothing shorter than `SHORTEST` is looked for. To be compared only, never shown.
        """
        values = {self._value, *self._value.splitlines()}
        return frozenset(spelling for value in values if len(value) >= SHORTEST for spelling in _spellings(value))

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(("Secret", self._value))

    def __bool__(self) -> bool:
        return bool(self._value)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is never pickled or copied")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self


def _spellings(value: str) -> Iterator[str]:
    data = value.encode(errors="surrogatepass")
    for text in (value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], repr(value)[1:-1]):
        yield from (text, text.replace("/", "\\/"), html.escape(text))
    for text in (quote(data, safe=""), quote(data), quote(data, safe=":@!$&'()*+,;="), quote_plus(data)):
        yield from (text, re.sub(r"%[0-9A-F]{2}", lambda escape: escape[0].lower(), text))
    yield from (data.hex(), data.hex().upper())
    for shift in range(3):  # base64 packs three bytes: what stands in front decides how a text comes out
        packed = base64.b64encode(bytes(shift) + data).decode()
        core = packed[(0, 2, 3)[shift] : (shift + len(data)) * 8 // 6]
        yield from (core, core.replace("+", "-").replace("/", "_"))


class SecretRef(NamedTuple):
    """Where a secret is found or put: `env:NAME`, `file:PATH`, `cmd:COMMAND`, `env-file:PATH#NAME`."""

    scheme: str
    target: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.target}"


class SecretSpec(NamedTuple):
    """One webhook's `secret:` block: `source` (ours), `sink` (issued), or `generate` and `sink` (whsync makes it)."""

    source: SecretRef | None = None
    sink: SecretRef | None = None
    generate: int | None = None

    @property
    def issued(self) -> bool:
        """Whether the vendor issues it."""
        return self.source is None and self.generate is None


NOT_THE_FILES = "not known to be the file's"
"""How plans call a secret that the file declares, where nobody knows whether the vendor has that one."""


class SecretState(StrEnum):
    """What a plan may know about a secret without knowing the secret."""

    SAME = "same"
    CHANGED = "changed"
    NEW = "new"
    UNVERIFIABLE = "unverifiable"
    UNMANAGED = "unmanaged"


AS_APPLIED = "as applied"


class SecretStatus(NamedTuple):
    """The result of comparing one webhook's secret before planning.

    Args:
        state: the state that the plan shows.
        fingerprint: of the value that an apply would send, where ours is new or changed, or that the lock has to note
            where nobody knows whether the vendor has it; a saved plan demands it.
        note: why, in a few words ("the reference resolves to another value", "changed outside").
        drifted: true when the vendor's side moved, not ours.
        reissue: the vendor is to be asked for another.
        stored, mask: what the lock has to learn of a secret that is the same: its sink, the vendor's mask.
        way_out: what the user is to do, where only the user can put right what has changed.
        taken: why no other secret may go into the sink: it holds what this lock did not put there.
        fitting: the vendor's mask of a secret of ours that it fits: noted where the lock changes anyway.
        as_applied: nothing has moved on our side, and the vendor shows nothing that would tell another secret from it.
    """

    state: SecretState
    fingerprint: str | None = None
    note: str = ""
    drifted: bool = False
    reissue: bool = False
    stored: str | None = None
    mask: str | None = None
    way_out: str = ""
    taken: Problem | None = None
    fitting: str | None = None
    as_applied: bool = False

    @property
    def shown(self) -> SecretState:
        """What a plan says: nobody calls a secret the same that nobody can compare."""
        return SecretState.UNVERIFIABLE if self.as_applied else self.state


class SecretRecord(NamedTuple):
    """What the lock knows of a secret: fingerprint, the vendor's mask, where it was stored, when (UTC, ISO 8601).

    `sent` False: the fingerprint is of what the file says, and nobody knows whether the vendor has that one.
    """

    fingerprint: str | None = None
    mask: str | None = None
    stored: str | None = None
    at: str | None = None
    sent: bool = True

    @property
    def in_force(self) -> str | None:
        """The fingerprint of the secret that the vendor was known to have; None where nobody knows which it has."""
        return self.fingerprint if self.sent else None


class SecretEcho(NamedTuple):
    """What an answer tells of a secret: a mask, the value, whether there is one. Each is None where it says nothing."""

    mask: str | None = None
    value: Secret | None = None
    has: bool | None = None


SecretLifecycle = Literal["supplied", "issued", "either", "account", "none"]


class SecretSemantics(NamedTuple):
    """How a vendor treats a webhook's secret.

    Args:
        lifecycle: supplied by us, issued by the vendor, either, one for the account, or none.
        readable: the vendor shows the value on every read.
        masked: the vendor shows a mask.
        flagged: the vendor tells whether one is set.
        wiped_if_omitted: an update that touches its neighbours loses it unless it is sent again.
        settable_later: it can be set after the creation.
        reason: why a `secret:` block makes no sense here; shown at validation.
        fetchable: a call of its own shows the value; such a provider is one that `Shows`.
        reissues, takes: a call of its own replaces it by another of the vendor's, by one of ours; see `Rotates`.
        grace: how long the old one stays valid after such a call, in words; empty where nobody says.
        rule: what a secret of ours must look like.
        replaceable: a webhook can be deleted and made again, which gives it another secret.
    """

    lifecycle: SecretLifecycle = "none"
    readable: bool = False
    masked: bool = False
    flagged: bool = False
    wiped_if_omitted: bool = False
    settable_later: bool = True
    reason: str = ""
    fetchable: bool = False
    reissues: bool = False
    takes: bool = False
    grace: str = ""
    rule: SecretRule = SecretRule()
    replaceable: bool = False

    def rotates(self, ours: bool) -> bool:
        """Whether a secret (`ours`, or one that the vendor issues) is replaced by a call of its own."""
        return self.takes if ours else self.reissues


def short_fingerprint(value: str, context: str) -> str:
    """Eight hex digits that change when the value does; `context` keeps equal values in two places apart."""
    key = context.encode(errors="surrogatepass")[:64]
    return hashlib.blake2b(value.encode(errors="surrogatepass"), key=key, digest_size=4).hexdigest()


def shown_url(url: str) -> str:
    """The URL as any output may show it: user-info and query values replaced by `***` and a short fingerprint.

    `https://u:p@h/p?token=x` becomes `https://***~1a2b3c4d@h/p?token=***~5e6f7a8b`. Shown URLs are fixed points, and
    those of equal URLs are equal. Never raises, whoever wrote the text. What `model.hidden` hides stays hidden.
    """
    if isinstance(url, Hidden):
        return short(url.kept)
    if "@" not in url and "?" not in url:
        return url
    parts, spelled = parts_of(url), canonical_url(url)
    canonical = parts if spelled == url else parts_of(spelled)
    where = canonical.host + canonical.path
    user = _hidden(canonical.user[:-1], where) + "@" if parts.user else ""
    pairs = zip(parts.query[1:].split("&"), canonical.query[1:].split("&"), strict=True)
    query = parts.query[:1] + "&".join(_hidden_pair(*pair, where) for pair in pairs)
    return f"{parts.scheme}{user}{parts.host}{parts.path}{query}{parts.fragment}"


def _hidden_pair(pair: str, canonical: str, where: str) -> str:
    key, equals, value = canonical.partition("=")
    if not equals:
        return _hidden(key, where) if key else ""
    return f"{pair.partition('=')[0]}={_hidden(value, where + '?' + key)}" if value else pair


def _hidden(value: str, context: str) -> str:
    if value.startswith(MASK + "~") and (len(value) == len(MASK) + 9 or MARK.fullmatch(value)):
        return value
    return f"{MASK}~{short_fingerprint(value, context)}"
