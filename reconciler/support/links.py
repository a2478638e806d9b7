"""Symbolic links that lead a path astray: who gives us a folder gives us its links, too, and may lay them as a trap.

Called by `cli.outputs`, `secrets.secret_file` and `state.stores.writer` before anything is written.

A link inside the configuration's folder may lead to any place in it, and to none outside. So with the rest of the
checkout around it: its links stay in it. What other links there are (`/dev/stdout`, a home folder on another disk) was
made by whoever keeps the machine, and they lead wherever they like. No link leads to what git lives on.
"""

import os
from pathlib import Path
from typing import NamedTuple

_MOST = 40
"""So many links the system follows for one path; more are a circle."""
_GIT = ".git"


class Stray(NamedTuple):
    """A link that leads out of where it may lead: its place, and the path that it leads to."""

    link: str
    end: str


def stray(path: str | Path, folder: str | Path) -> Stray | None:
    """The link on the way of `path` that must not be followed, or None.

    Args:
        path: of what is to be written, there or not.
        folder: of the configuration.
    """
    end, links = _followed(path)
    if not links:
        return None
    home = os.path.realpath(folder)
    homes = (home, _checkout(home))
    for link in reversed(links):
        inside = next((each for each in homes if each and _is_in(link, each)), None)
        if inside is not None and (not _is_in(end, inside) or _is_gits(end, inside)):
            return Stray(link, end)
    return None


def leads_away(path: str | Path) -> Stray | None:
    """The link that `path` itself is, where it leads out of its own folder to a file, or to nothing yet."""
    end, _ = _followed(path)
    link = os.path.join(os.path.realpath(os.path.dirname(os.path.join(os.getcwd(), path))), os.path.basename(path))
    if os.path.islink(link) and not _is_in(end, os.path.dirname(link)):
        return Stray(link, end)
    return None


def _followed(path: str | Path) -> tuple[str, list[str]]:
    """Where a path leads, as the system follows it, and every link on the way, each with its place."""
    whole = Path(os.path.join(os.getcwd(), path))
    at, todo, links = whole.anchor, [*reversed(whole.parts[1:])], list[str]()
    while todo:
        part = todo.pop()
        here = os.path.dirname(at) if part == os.pardir else os.path.join(at, part)
        if len(links) == _MOST or not os.path.islink(here):
            at = here
            continue
        links.append(here)
        target = Path(os.readlink(here))
        at = target.anchor or at
        todo += reversed(target.parts[1:] if target.anchor else target.parts)
    return at, links


def _is_in(path: str, folder: str) -> bool:
    return os.path.join(path, "").startswith(os.path.join(folder, ""))


def _is_gits(path: str, folder: str) -> bool:
    return _GIT in Path(path).relative_to(folder).parts


def _checkout(home: str) -> str | None:
    """The folder around `home` that a repository was checked out to, or None."""
    found = (each for each in (Path(home), *Path(home).parents) if os.path.lexists(each / _GIT))
    return next(map(str, found), None)
