"""What stands under one name in `providers:` or `webhooks:`, before anybody has looked at it. [pure]

Made by `config.load`; used by `config.provider` and `config.expand`.
"""

from typing import Any, NamedTuple

from reconciler.codes import Code
from reconciler.config.fault import Faulty, FileFault
from reconciler.config.forms import NAME_HINT, is_name
from reconciler.model.webhook import Source


class Written(NamedTuple):
    """A name, the tree below it, and where it stands."""

    name: str
    tree: Any
    source: Source

    def mapping(self) -> dict[str, Any]:
        """The tree of a name that can be one.

        Raises:
            Faulty: the name cannot be one, or the tree is no mapping; without a fault where `document` has told.
        """
        if not is_name(self.name):
            raise Faulty(
                FileFault(self.source, Code.WRONG_NAME, f"{self.name[:40]!r} cannot be a name", NAME_HINT, key=True)
            )
        if self.tree is None:
            raise Faulty
        if not isinstance(self.tree, dict):
            raise Faulty(
                FileFault(
                    self.source, Code.WRONG_VALUE, f"`{self.name}` must be a mapping", "indent its fields below it"
                )
            )
        return self.tree
