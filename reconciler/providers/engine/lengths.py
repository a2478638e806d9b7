"""How long an id and a text of a vendor may be, which whsync keeps in the lock, in plans and on the screen. [pure]

Used by `providers.engine.reading` and `providers.engine.verbs`. No vendor has such webhooks; one whose answers are
spoilt, or who wants to fill a disk, may send them.
"""

from collections.abc import Iterator

from reconciler.model.webhook import Remote

LONGEST_ID = 2048
LONGEST_TEXT = 1 << 18
"""In characters, all texts of one field together."""


def too_long(remote: Remote) -> str:
    """What of a webhook is too long, in words; empty where nothing is."""
    if len(remote.remote_id) > LONGEST_ID:
        return id_too_long()
    if any(size > LONGEST_TEXT for size in _sizes(remote)):
        return f"a text of more than {LONGEST_TEXT:,} characters"
    return ""


def id_too_long() -> str:
    """What is said of such an id."""
    return f"an id of more than {LONGEST_ID:,} characters"


def _sizes(remote: Remote) -> Iterator[int]:
    yield from (len(text) for text in (remote.mark, remote.mask, remote.created_at, remote.note) if text)
    for leaf in remote.fields.values():
        if isinstance(leaf, str):
            yield len(leaf)
        elif isinstance(leaf, tuple | frozenset):
            yield sum(len(item) for item in leaf if isinstance(item, str))
