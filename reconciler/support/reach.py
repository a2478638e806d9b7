"""What of the machine a configuration may use: files, and variables. Used by `config`, `run`, `secrets` and `trust`.

Paths are compared as the disk has them, links followed: a link that a change brings along leads nowhere else.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple


class Reach(NamedTuple):
    """Folders below which files may be used, variables that may be filled in, and commands that may give lists.

    Args:
        roots: absolute paths without links; None: files may be anywhere.
        variables: names; None: any.
        defaults: whether the files' own defaults stand where a variable may not be filled in.
        commands: texts of those that may run where a list comes from one; None: any.
        origins: servers and buckets that may keep the lock; None: any.
    """

    roots: tuple[str, ...] | None = None
    variables: frozenset[str] | None = None
    defaults: bool = False
    commands: frozenset[str] | None = None
    origins: frozenset[str] | None = None

    def widened(self, folder: Path) -> "Reach":
        """The same, and what stands in `folder`, whose own name is believed."""
        return self if self.roots is None else self._replace(roots=(*self.roots, os.path.realpath(folder)))

    def covers(self, path: str | Path) -> bool:
        """Whether `path`, which need not be there, leads to something below one of the roots."""
        if self.roots is None:
            return True
        try:
            real = os.path.realpath(path)
        except (OSError, ValueError):  # no path at all
            return False
        return any(real == root or real.startswith(root.rstrip(os.sep) + os.sep) for root in self.roots)


EVERYWHERE = Reach()
NOWHERE = Reach((), frozenset(), commands=frozenset(), origins=frozenset())


def roots_of(paths: Iterable[str], folder: Path) -> tuple[str, ...]:
    """Roots as people list them; relative ones start at `folder`.

    No link in them is followed beyond that folder, for a change could bring one along: they are to be written as they
    really are.
    """
    return tuple(os.path.normpath(os.path.join(os.path.realpath(folder), path)) for path in paths)
