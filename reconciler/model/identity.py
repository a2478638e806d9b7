"""What names a webhook within its place: its vendor's natural key, or the fields that the files declare. [pure]

Used by `matching` and `run.inventory` (which remote webhook has whose key), and by `config.keys` (which webhooks of the
files may mean the same one).

A declared key changes which remote webhook a webhook of the file is found by, and nothing else: what is bound is bound
by its id, so that a change of a key's field is an ordinary update; and where two sights may be of one remote webhook
(`matching.lookalikes`), only the natural key tells them apart, as it did before anybody declared another.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

from reconciler.model.capabilities import Capabilities
from reconciler.model.equality import canonical
from reconciler.model.webhook import DESCRIPTION, Desired, Fields, Remote

Key = tuple[object, ...]
"""What names a webhook within its place: values of one spelling, with their pointers where the files declare them."""
Declared = tuple[str, ...]
"""The pointers of a declared key; empty where the vendor's natural key counts."""

T = TypeVar("T")


def key_of(fields: Fields, capabilities: Capabilities, declared: Declared = ()) -> Key | None:
    """What names a webhook within its place, or None where a part of it is not known."""
    key: list[object] = [declared] if declared else []
    for pointer in declared or capabilities.natural_key:
        if pointer not in fields:
            return None
        key.append(canonical(pointer, fields[pointer], capabilities))
    return tuple(key) or None


def key_of_remote(remote: Remote, capabilities: Capabilities, declared: Declared = ()) -> Key | None:
    """The same of a webhook as it was read: a description that is not shown is an empty one."""
    fields = remote.fields
    shown = fields if DESCRIPTION in fields else Fields({DESCRIPTION: ""}).over(fields)
    return key_of(shown, capabilities, declared)


def key_in(webhook: Desired, capabilities: Capabilities) -> tuple[str, ...]:
    """The pointers of the key that counts for a webhook of the file."""
    return webhook.key or capabilities.natural_key


class Named(NamedTuple):
    """Something with a key: the pointers and, in their order, values of one spelling."""

    pointers: tuple[str, ...]
    values: tuple[object, ...]

    def on(self, pointers: Iterable[str]) -> tuple[object, ...]:
        """The values at some of its pointers."""
        found = dict(zip(self.pointers, self.values, strict=True))
        return tuple(found[pointer] for pointer in pointers)


def rivals(named: Mapping[T, Named]) -> Iterator[tuple[T, T]]:
    """Who may mean one remote webhook with somebody before: that one, and who does; at most one pair for each.

    Two keys may fit one remote webhook exactly where they agree on every field that both of them name: the fields that
    only one of them names can have any value. Linear in who there is, for each pair of sets of pointers.
    """
    by_pointers: dict[tuple[str, ...], dict[T, Named]] = {}
    for who, each in named.items():
        by_pointers.setdefault(each.pointers, {})[who] = each
    told: set[T] = set()
    sets = list(by_pointers)
    for at, pointers in enumerate(sets):
        for others in sets[: at + 1]:
            shared = [pointer for pointer in pointers if pointer in others]
            first: dict[object, T] = {}
            for who, each in by_pointers[others].items():
                twin = first.setdefault(each.on(shared), who)
                if others is pointers and twin != who and who not in told:
                    told.add(who)
                    yield twin, who
            for who, each in by_pointers[pointers].items() if others is not pointers else ():
                twin = first.get(each.on(shared), who)
                if twin != who and who not in told:
                    told.add(who)
                    yield twin, who
