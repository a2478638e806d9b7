"""Bytes of YAML -> a plain tree, strictly; and, where a problem exists, its place.

Called by `config` and `providers.registry`.

The language is a small YAML 1.2: duplicate keys, tags, several documents and empty values are problems. A plain scalar
becomes a boolean or a number only where its spelling is the one way to write that value (`true`, `12`, `1.5`), so that
`spelled` of `support.scalars` gives back exactly what was written; everything else (`0123`, `1.10`, `on`, `1_000`,
`2024-01-01`) is text. `True`, `FALSE` and the like are text, too, of a kind that `meant` takes for the booleans that
YAML has them for. Keys are always text. Aliased parts of a tree are one shared object: never change a tree.
"""

from typing import Any

from reconciler.codes import Code
from reconciler.document.reader import Path, Reader
from reconciler.errors import ConfigError, Location, Problem
from reconciler.support.gc_pause import paused_collector


def load(text: bytes, file: str, nulls: bool = False) -> dict[str, Any]:
    """The file's tree of dicts, lists, texts, booleans and numbers.

    Args:
        text: the file's bytes.
        file: how messages name it.
        nulls: whether a value may be `null`, spelled like that; it becomes None.

    Raises:
        ConfigError: with every problem of the document, each located.
    """
    tree, problems = read(text, file, nulls)
    if tree is None or problems:
        raise ConfigError(problems[0].summary, problems[0].hint, problems=problems, code=problems[0].code)
    return tree


def read(text: bytes, file: str, nulls: bool = False) -> tuple[dict[str, Any] | None, list[Problem]]:
    """Like `load`, but gives the problems beside the tree.

    The tree is None where the file cannot be read, and holds None where a value is empty (which is among the problems).
    """
    tree, problems = read_any(text, file, nulls, mapping=True)
    return tree, problems


def read_any(text: bytes, file: str, nulls: bool = False, *, mapping: bool = False) -> tuple[Any, list[Problem]]:
    """As `read`, of a document that may be a list, too, unless it must be a `mapping`."""
    reader = Reader(file, nulls=nulls, mapping=mapping)
    with paused_collector():
        tree = reader.run(text)
    if reader.repeated:
        places = Places(text, file)
        for path, again in reader.repeated:
            first = places.at(path, key=True)
            what = f"the key `{path[-1]}` is written twice; first at {first}"
            reader.report(again, Code.DUPLICATE_KEY, what, "keep one of the two")
    return tree, sorted(reader.problems, key=lambda problem: problem.at or Location(file, 0, 0))


def locate(text: bytes, path: Path, file: str, key: bool = False) -> Location:
    """Where `path` stands in the file; see `Places.at`. For more than one lookup make one `Places`."""
    return Places(text, file).at(path, key)


class Places:
    """The positions of one file; made only when there is something to locate, since it reads the file again."""

    def __init__(self, text: bytes, file: str) -> None:
        self._file, self._reader = file, Reader(file, keep_positions=True, mapping=False)
        with paused_collector():
            self._tree: Any = self._reader.run(text)

    def at(self, path: Path, key: bool = False) -> Location:
        """The place of the value at `path`, or of its key where `key` is set or the value is a mapping or a list.

        Where the path does not exist (something is missing), the place of what should hold it.
        """
        found, tree = Location(self._file, 1, 1), self._tree
        for step in path:
            spots = self._reader.spots.get(id(tree), {})
            if step not in spots:
                break
            tree = tree[step]
            at_key, at_value = spots[step]
            found = at_key if key or isinstance(tree, dict | list) else at_value
        return found
