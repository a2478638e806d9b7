"""A list by name, whose texts are the webhooks: turned into a list of webhooks with the names that each has. [pure]

Used by `providers.engine.paginate`.
"""

from collections.abc import Callable
from typing import Any

from reconciler.providers.language.reads import Turn


def turned(words: Turn, found: Any, sought: Callable[[str, Any], Any]) -> list[Any] | None:
    """One object for each text, in the order in which they come; none where this is no list by name.

    Args:
        words: where the texts are, and the keys of the objects.
        found: what a read gives.
        sought: looks into a value; raises where nothing may be concluded.

    Returns:
        None where anything in it has another shape, so that half of a list is never taken for the whole.
    """
    if not isinstance(found, dict):
        return None
    names: dict[str, list[str]] = {}
    for name, value in found.items():
        texts = [] if value is None else sought(words.of, value)
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            return None
        for text in dict.fromkeys(texts):
            names.setdefault(text, []).append(name)
    return [{words.text: text, words.names: under} for text, under in names.items()]
