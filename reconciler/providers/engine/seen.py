"""What a vendor shows in the place of a field, less what it hides there and what it adds. [pure]

Used by `providers.engine.codec`.
"""

from typing import Any

from reconciler.providers.language.fields import Lens

STARS = "********"
"""What a mask is read as, of whatever kind it is; see `model.masks`."""


def as_seen(lens: Lens, found: Any) -> Any:
    """What was found where a lens reads, with stars for its mask, and without what comes after `drop_after`."""
    if lens.mask is not None:
        found = _starred(found, lens.mask)
    if lens.drop_after is not None and isinstance(found, str):
        return found.rpartition(lens.drop_after)[0] or found
    return found


def _starred(found: Any, mask: str) -> Any:
    if isinstance(found, str):
        return found.replace(mask, STARS)
    if isinstance(found, list):
        return [_starred(item, mask) for item in found]
    return {key: _starred(item, mask) for key, item in found.items()} if isinstance(found, dict) else found
