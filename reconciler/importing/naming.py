"""Names for blocks of webhooks: short, of what people know them by, each once, the same every time. [pure]

Used by `importing.blocks`. A name is taken from the description where that is a name, else from the host; where several
would have one, from what tells them apart: place, path, events, provider, its key, and in the end a number.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from reconciler.importing.looks import is_random
from reconciler.model.urls import parts_of

_LONGEST = 40
_MOST_WORDS = 4
_USUAL = frozenset(
    "www api app apps hook hooks webhook webhooks web callback callbacks service services integration integrations "
    "event events in v1 v2 v3 http https rest".split()
)
"""Words of hosts and paths that tell nothing."""


class Traits(NamedTuple):
    """What a block can be named after.

    Args:
        places: the values of its scope that it does not vary over.
        kind: what such webhooks are called where nothing else tells.
        further: what else it says that it is told apart by.
    """

    provider: str
    places: tuple[str, ...]
    url: str
    description: str
    events: tuple[str, ...]
    kind: str = "webhook"
    further: tuple[str, ...] = ()


def names(blocks: Sequence[Traits], taken: Iterable[str]) -> tuple[str, ...]:
    """A name for each block, in their order.

    Args:
        taken: names that the files and the lock have.
    """
    known = _Names(taken)
    first = [base(each) for each in blocks]
    alike: Mapping[str, list[int]] = defaultdict(list)
    for number, name in enumerate(first):
        alike[name].append(number)
    chosen = dict(enumerate(first))
    for numbers in alike.values():
        if len(numbers) > 1:
            chosen |= dict(zip(numbers, _apart([blocks[number] for number in numbers]), strict=True))
    return tuple(known.free(chosen[number]) for number in range(len(blocks)))


def base(traits: Traits) -> str:
    """The name that a block would have if it were alone."""
    spoken = slug(traits.description)
    if spoken and len(traits.description) <= _LONGEST and spoken.count("-") < _MOST_WORDS and not is_random(spoken):
        return spoken
    return _host(traits.url) or slug(traits.kind) or "webhook"


def slug(text: str) -> str:
    """A text as letters and digits of ASCII with dashes between them."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST].strip("-")


def _host(url: str) -> str:
    """The word of a host that tells most: its first one that is no usual word, and not where names are registered."""
    host = parts_of(url).host.lower().rpartition("@")[2]
    if host.startswith("["):
        return slug(host)
    labels = [label for label in host.partition(":")[0].split(".") if label]
    if all(label.isdigit() for label in labels):
        return slug(host.partition(":")[0])
    telling = [label for label in labels[:-1] or labels if label not in _USUAL and not is_random(label)]
    return slug(telling[0]) if telling else slug(labels[0] if labels else "")


def _apart(alike: Sequence[Traits]) -> list[str]:
    """Names for blocks that would have one: by the first trait, or traits together, in which all of them differ."""
    ways: tuple[Callable[[Traits], str], ...] = (_of_place, _of_path, _of_events, _of_provider, _of_key)
    tried = [*((way,) for way in ways), (_of_place, _of_path), (_of_provider, _of_place), ways]
    for some in tried:
        found = [_joined([base(each), *(way(each) for way in some)]) for each in alike]
        if len(set(found)) == len(found):
            return found
    return [_joined([base(each), _of_place(each)]) for each in alike]


def _joined(parts: Iterable[str]) -> str:
    return "-".join(part for part in parts if part)[: _LONGEST * 2].strip("-")


def _of_place(traits: Traits) -> str:
    return slug(traits.places[-1]) if traits.places else ""


def _of_path(traits: Traits) -> str:
    words = [slug(word) for word in re.split(r"[/?&=]", parts_of(traits.url).path) if word]
    return _joined([word for word in words if word and word not in _USUAL and not is_random(word)][-2:])


def _of_events(traits: Traits) -> str:
    return slug("-".join(traits.events)) if len(traits.events) <= 2 else ""


def _of_provider(traits: Traits) -> str:
    return slug(traits.provider)


def _of_key(traits: Traits) -> str:
    return slug("-".join(traits.further))


class _Names:
    """Names that are taken, and how far each was counted, so that as many as there are take no longer each."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {name.casefold() for name in taken}
        self._next: dict[str, int] = {}

    def free(self, name: str) -> str:
        """The name, or with a number if it is taken; it is taken from then on."""
        found, number = name, self._next.get(name, 2)
        while found.casefold() in self._taken:
            found, number = f"{name}-{number}", number + 1
        self._next[name] = number
        self._taken.add(found.casefold())
        return found
