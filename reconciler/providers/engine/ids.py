"""Ids that stand in no body: in a header of the answer to a create, or made of the field that a vendor knows. [pure]

Used by `providers.engine.codec`.
"""

import hashlib
from collections.abc import Mapping
from urllib.parse import unquote

from reconciler.model.urls import canonical_url, parts_of

ADDRESS = "location"
"""RFC 9110, 10.2.2: the address of what was made, absolute or not."""


def id_in_header(name: str, headers: Mapping[str, str]) -> str | None:
    """What a header holds; of a `Location` the last part of its path, decoded.

    Args:
        name: of the header, in whatever case.
        headers: of the answer, their names in lower case.

    Returns:
        None where there is no such header, where it is empty, or where it names a place and nothing in it.
    """
    found = headers.get(name.lower(), "").strip()
    last = unquote(parts_of(found).path.rpartition("/")[2]) if name.lower() == ADDRESS else found
    return last or None


def fingerprint_of(field: str) -> str:
    """What stands for a field that is all that the vendor knows a webhook by; the same for addresses that are equal.

    It is too short to be undone, and long enough to be nobody else's.
    """
    return hashlib.sha256(canonical_url(field).encode(errors="surrogatepass")).hexdigest()[:24]
