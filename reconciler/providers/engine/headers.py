"""The id of a webhook in the headers of the answer to its create. [pure]

Used by `providers.engine.codec`.
"""

from collections.abc import Mapping
from urllib.parse import unquote

from reconciler.model.urls import parts_of

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
