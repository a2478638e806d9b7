"""The fields of a webhook: flat, each a JSON pointer and its leaf (`/url`, `/events`, `/options/content_type`). [pure]

Used by `model.webhook`, which offers them to all others. A pointer that is not there is not managed; there is no second
way to say nothing.
"""

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from typing import Any

URL, EVENTS, STATUS, DESCRIPTION, OPTIONS = (
    "/url",
    "/events",
    "/status",
    "/description",
    "/options/",
)
SECRET = "/secret"

Leaf = str | bool | int | float | frozenset[str] | tuple[object, ...]


class Fields(Mapping[str, Leaf]):
    """A frozen map from JSON pointer to leaf; equal maps are equal and hash alike."""

    __slots__ = ("_leaves",)

    def __init__(self, leaves: Mapping[str, Leaf] | Iterable[tuple[str, Leaf]] = ()) -> None:
        self._leaves: dict[str, Leaf] = dict(leaves)

    def __getitem__(self, pointer: str) -> Leaf:
        return self._leaves[pointer]

    def __iter__(self) -> Iterator[str]:
        return iter(self._leaves)

    def __len__(self) -> int:
        return len(self._leaves)

    def __contains__(self, pointer: object) -> bool:
        return pointer in self._leaves

    def items(self) -> ItemsView[str, Leaf]:
        """Pointers and leaves; the dict's own, since what Mapping would make of `__getitem__` is ten times as slow."""
        return self._leaves.items()

    def values(self) -> ValuesView[Leaf]:
        """The leaves; the dict's own, for the same reason."""
        return self._leaves.values()

    def keys(self) -> KeysView[str]:
        """The pointers; the dict's own, for the same reason."""
        return self._leaves.keys()

    def get(self, pointer: str, default: Any = None) -> Any:
        """See Mapping.get; the dict's own, for the same reason."""
        return self._leaves.get(pointer, default)

    def __hash__(self) -> int:
        return hash(frozenset(self._leaves.items()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fields) and self._leaves == other._leaves

    def __repr__(self) -> str:
        return f"Fields({self._leaves!r})"

    def over(self, below: "Fields") -> "Fields":
        """These fields, and those of `below` where these say nothing."""
        return Fields({**below._leaves, **self._leaves})

    def only(self, pointers: Iterable[str]) -> "Fields":
        """The fields at `pointers` that are there."""
        return Fields({pointer: self._leaves[pointer] for pointer in pointers if pointer in self._leaves})

    @property
    def url(self) -> str:
        """The URL, or an empty text where none is known."""
        url = self._leaves.get(URL, "")
        return url if isinstance(url, str) else str(url)

    @property
    def events(self) -> frozenset[str]:
        """The events, or the empty set where none are known."""
        events = self._leaves.get(EVENTS, frozenset())
        return events if isinstance(events, frozenset) else frozenset()
