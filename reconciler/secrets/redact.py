"""The second net: finds the secrets of this run in text that others wrote, however they are escaped there.

The first is the type `Secret`, which shows nothing. But a vendor may echo a secret in a description, an error, a URL
or an id. Made by `run.runtime`, which tells it every secret that comes by; what is planned, recorded and told goes
through. It finds whole values, never shorter than `secret.SHORTEST`, and leaves all other text as it is.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar, cast
from urllib.parse import unquote_plus

from reconciler.errors import WhsyncError
from reconciler.model.diff import record
from reconciler.model.secret import MASK, SHORTEST, Secret
from reconciler.model.webhook import Fields, Leaf

T = TypeVar("T")

_STEP = 3
_GRAM = SHORTEST - _STEP + 1
"""A text is looked at only in every third place, four characters each: wherever a secret's first six stand, four of
them are met. So nearly every text is known to hold none, at a cost that does not grow with the number of secrets."""
ANOTHER = " (another value)"
NOTHING: Mapping[int, set[str]] = {}
_HOLDS_NOTHING = frozenset({bool, int, float, type(None)})
_OURS = frozenset(
    "account action at basis code created_at file fingerprint key kind name observed options path provider "
    "renamed_from rescued scope secret_fingerprint sends stored type unseen was whsync".split()
)
"""Names of what holds our own words or the user's names for things: never hidden, for programs find things by them."""


def _nobody(secret: Secret) -> None:
    """Tell nobody."""


class Redactor:
    """Hides the secrets it has learned. Threads may share it.

    Args:
        told: is given each secret once, before anything else can show it.
    """

    def __init__(self, told: Callable[[Secret], None] = _nobody) -> None:
        self._told = told
        self._learning = threading.Lock()
        self._announced: set[Secret] = set()
        self._hidden: set[Secret] = set()
        self._by_start: dict[str, dict[int, set[str]]] = {}  # many secrets begin alike: by length, then looked up
        self._grams: set[str] = set()
        self._cache: dict[str, str] = {}

    def learn(self, secret: Secret, public: bool = False) -> None:
        """Hide `secret` from now on; one that is `public` (a client's id) is told, but stays readable in our output."""
        if secret in self._hidden:
            return
        with self._learning:
            if secret not in self._announced:
                self._told(secret)
                self._announced.add(secret)
            if public or secret in self._hidden:
                return
            for spelling in secret.spellings():
                lengths = dict(self._by_start.get(spelling[:SHORTEST], NOTHING))
                lengths.setdefault(len(spelling), set()).add(spelling)
                self._by_start[spelling[:SHORTEST]] = dict(sorted(lengths.items(), reverse=True))
                self._grams.update(spelling[at : at + _GRAM] for at in range(_STEP))
            self._hidden.add(secret)
            self._cache = {}  # after the table, so that no older result can get into the new cache

    def hide(self, text: str) -> str:
        """`text` with every secret masked; the very same text where there is none."""
        if not self._by_start or len(text) < SHORTEST:
            return text
        cache = self._cache
        if text not in cache:
            cache[text] = self._hide(text)
        hidden = cache[text]
        return text if hidden == text else hidden  # an equal text that came first is not the very same

    def over(self, value: T) -> T:
        """A plan, a report or an event with every foreign text hidden; the very same value where nothing is."""
        return cast(T, self._over(value)) if self._by_start and not self._is_clean(value) else value

    def fields(self, fields: Fields) -> Fields:
        """Fields as they may be compared and shown: those that hold a secret in their recorded form, without it."""
        if not self._by_start or self._is_clean(fields):
            return fields
        recorded = record(fields)
        hidden = {pointer: self._over(leaf) for pointer, leaf in recorded.items()}
        return Fields({p: fields[p] if hidden[p] == leaf else hidden[p] for p, leaf in recorded.items()})

    def pair(self, desired: Fields, observed: Fields) -> tuple[Fields, Fields]:
        """Both sides of a comparison, such that what differs still does."""
        want, have = self.fields(desired), self.fields(observed)
        if want is desired and have is observed:
            return want, have
        apart: dict[str, Leaf] = {
            pointer: f"{leaf}{ANOTHER}"
            for pointer, leaf in have.items()
            if leaf == want.get(pointer) and observed[pointer] != desired[pointer]
        }
        return want, Fields(apart).over(have)

    def error(self, error: WhsyncError) -> None:
        """Hide in what an error says."""
        error.summary, error.hint = self.hide(error.summary), self.hide(error.hint)
        error.problems = self.over(error.problems)
        error.args = (error.summary,)

    def _is_clean(self, value: Any) -> bool:
        """Whether `_over` would change nothing: asked first, since it is so nearly always and builds nothing."""
        kind = type(value)
        if kind is str:
            return self.hide(value) is value
        if kind in _HOLDS_NOTHING:
            return True
        if isinstance(value, frozenset):
            return all(map(self._is_clean, value))
        if isinstance(value, tuple):
            places = _foreign(type(value))
            return all(map(self._is_clean, value if places is None else [value[place] for place in places]))
        return not isinstance(value, Mapping) or all(map(self._is_clean, value.values()))

    def _hide(self, text: str) -> str:
        if self._grams.isdisjoint([text[at : at + _GRAM] for at in range(0, len(text), _STEP)]):
            return text
        pieces, at, position = [], 0, 0
        while position <= len(text) - SHORTEST:
            for length, alike in self._by_start.get(text[position : position + SHORTEST], NOTHING).items():
                if text[position : position + length] in alike:
                    pieces += [text[at:position], MASK]
                    position += length
                    at = position
                    break
            else:
                position += 1
        return "".join([*pieces, text[at:]]) if pieces else text

    def _over(self, value: Any) -> Any:
        if type(value) is str:
            return self.hide(value)
        if isinstance(value, tuple):
            names = getattr(value, "_fields", None)
            if names is None:
                made: tuple[Any, ...] = tuple(map(self._over, value))
            else:
                made = tuple(
                    item if name in _OURS else self._over(item) for name, item in zip(names, value, strict=True)
                )
            if all(map(_same, made, value)):
                return value
            return made if names is None else type(value)(*made)
        if isinstance(value, Mapping):
            leaves = {key: self._over(item) for key, item in value.items()}
            if all(map(_same, leaves.values(), value.values())):
                return value
            return Fields(leaves) if isinstance(value, Fields) else leaves
        if isinstance(value, frozenset):
            items = frozenset(map(self._over, value))
            return value if items == value else items
        return value


class Quotes:
    """Hides in a vendor's complaints the secrets of this run, and the user-info and query values of the URLs it saw.

    Those values are hidden nowhere else but in URLs: most of them are harmless words, which may stand in any text.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor, self._parts = redactor, Redactor()
        self._lock = threading.Lock()
        self._new: set[str] = set()
        self._known: set[str] = set()

    def saw(self, url: str) -> None:
        """A webhook's URL, ours or a vendor's."""
        if "@" in url or "?" in url:
            with self._lock:
                self._new.add(url)

    def hide(self, text: str) -> str:
        """`text` without any of it."""
        with self._lock:
            for url in self._new - self._known:  # only now, since few runs have anything to complain of
                for part in _hidden_parts(url):
                    self._parts.learn(part)
            self._known |= self._new
            self._new.clear()
        return self._parts.hide(self._redactor.hide(text))


def _hidden_parts(url: str) -> Iterator[Secret]:
    """What `secret.shown_url` hides, as it stands there and decoded."""
    where, _, query = url.partition("#")[0].partition("?")
    userinfo = where.partition("//")[2].partition("/")[0].rpartition("@")[0]
    pairs = (pair.partition("=") for pair in query.split("&"))
    for part in (userinfo, *userinfo.split(":", 1), *(value if equals else key for key, equals, value in pairs)):
        yield from (Secret(part), Secret(unquote_plus(part)))


@cache
def _foreign(kind: type[tuple[Any, ...]]) -> tuple[int, ...] | None:
    """Where a named tuple holds what others may have written; None for a plain tuple, which may hold it anywhere."""
    names: tuple[str, ...] | None = getattr(kind, "_fields", None)
    return None if names is None else tuple(place for place, name in enumerate(names) if name not in _OURS)


def _same(one: object, other: object) -> bool:
    return one is other
