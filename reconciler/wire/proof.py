"""What one attempt carries to prove who sends it. Made by `wire.auth`; used by `wire.client` and `wire.drive`."""

from collections.abc import Iterator
from typing import NamedTuple

from reconciler.model.secret import Secret


class Signature(NamedTuple):
    """What proves one attempt: header values and query values to add, parts of the body, and what its path holds.

    Args:
        body: the keys that lead to each place, and what stands there.
        path: by the names that stand in the path in braces.
    """

    headers: tuple[tuple[str, Secret], ...] = ()
    query: tuple[tuple[str, Secret], ...] = ()
    body: tuple[tuple[tuple[str, ...], Secret], ...] = ()
    path: tuple[tuple[str, Secret], ...] = ()

    @property
    def values(self) -> Iterator[Secret]:
        """All that proves it."""
        return (value for pairs in (self.headers, self.query, self.body, self.path) for _, value in pairs)
