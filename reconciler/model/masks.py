"""What a vendor shows in the place of a field's value: asterisks or dots for some of it, or all. [pure]

Asked by `model.equality`. How a masked *secret* looks is another question; see `providers.engine.masked`.
"""

import re

from reconciler.model.urls import canonical_url

_STARS = re.compile(r"[*•●▪■∙]{3,}")


def covers(shown: str, known: str) -> bool:
    """Whether `shown` may be `known` behind a mask: what stands around the asterisks is the same.

    Another host in front of them is another address, so that nobody hides one behind three asterisks.
    """
    seen = _STARS.split(shown)
    if len(seen) == 1:
        return False
    pattern = re.compile(".*".join(map(re.escape, seen)), re.IGNORECASE | re.DOTALL)
    return any(pattern.fullmatch(text) for text in (known, canonical_url(known)))


def masked(shown: str) -> bool:
    """Whether there is such a mask in a text."""
    return _STARS.search(shown) is not None
