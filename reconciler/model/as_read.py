"""A remote object as a read showed it, whole: what an update must carry that no field of its manifest names. [pure]

Used by `model.webhook`, whose `Remote` may hold one, and by `providers.engine`. It stays in memory: it prints nothing
of itself, no plan, lock or event holds one, and two remotes that differ only here are one.
"""

from typing import Any

from reconciler.model.secret import Secret


class AsRead:
    """One object.

    Attributes:
        tree: the object as it was parsed.
        secrets: what stands in it at places where its vendor may show a secret.
    """

    __slots__ = ("secrets", "tree")

    def __init__(self, tree: Any, secrets: tuple[Secret, ...] = ()) -> None:
        self.tree, self.secrets = tree, secrets

    def __repr__(self) -> str:
        return "AsRead(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AsRead)

    def __hash__(self) -> int:
        return 0
