"""How a vendor writes values anew, so that what comes back is spelled otherwise and means the same. [pure]

Part of `model.capabilities`. `equality` asks it, which knows the older ways: sets, and texts
without white space around them.
"""

import json
import math
from collections.abc import Sequence
from typing import NamedTuple

from reconciler.model.fields import Leaf


class Rewritten(NamedTuple):
    """The fields that a vendor writes anew, by pointer.

    Args:
        as_json: texts of which only the JSON in them counts.
        line_ends: texts whose lines end in another way.
        lowered: texts, and lists of texts, in small letters.
    """

    as_json: frozenset[str] = frozenset()
    line_ends: frozenset[str] = frozenset()
    lowered: frozenset[str] = frozenset()

    def spelled(self, pointer: str, leaf: Leaf) -> Leaf:
        """One spelling for what the vendor makes one of."""
        if pointer in self.lowered:
            leaf = _lower(leaf)
        if not isinstance(leaf, str):
            return leaf
        if pointer in self.line_ends:
            leaf = leaf.replace("\r\n", "\n").replace("\r", "\n")
        return _as_json(leaf) if pointer in self.as_json else leaf


def _lower(leaf: Leaf) -> Leaf:
    """A text, or each of a list, without case."""
    if isinstance(leaf, tuple):
        return tuple(item.lower() if isinstance(item, str) else item for item in leaf)
    return leaf.lower() if isinstance(leaf, str) else leaf


def _as_json(text: str) -> str:
    """The one spelling of a text that is JSON; any other, as one with a vendor's own variables in it, is itself."""
    try:
        whole = json.loads(text, parse_float=_finite, parse_constant=_finite, object_pairs_hook=_once)
        return json.dumps(whole, sort_keys=True)
    except (ValueError, RecursionError):
        return text


def _finite(number: str) -> float:
    if not math.isfinite(value := float(number)):
        raise ValueError(number)
    return value


def _once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands there twice")
    return found
