"""What the lock will say after a change: entries from what was reported, found or read back. [pure]

Called by `apply.recorder`.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from reconciler.model.capabilities import Capabilities
from reconciler.model.diff import record as recorded
from reconciler.model.diff import unmasked
from reconciler.model.noted import Digests, Noted, noted
from reconciler.model.secret import shown_url
from reconciler.model.webhook import STATUS, Desired, Entry, Fields, Remote
from reconciler.providers.protocol import Progress


class Noting(NamedTuple):
    """How what is not managed is noted: what the vendor can show, what masks secrets of this run, and the digests."""

    capabilities: Capabilities
    hide: Callable[[str], str]
    digests: Digests

    def of(self, fields: Fields, desired: Desired, whole: bool) -> Noted:
        """See `noted`."""
        return noted(fields, desired.fields, self.capabilities, whole, self.hide, self.digests)


def entry_after(desired: Desired, progress: Progress, at: str, noting: Noting, read: bool = False) -> Entry:
    """The entry of a webhook that a provider has just written, without secrets: managed fields in force, as shown.

    Args:
        read: it was read before, so that what is not among its fields is not set; else an answer tells that which
            shows all that was sent.
    """
    return Entry(
        provider=desired.provider,
        type=desired.type,
        account=desired.account,
        scope=desired.scope,
        remote_id=progress.remote_id,
        applied=recorded(progress.fields.only(desired.fields)),
        protect=bool(desired.protect),
        parts=tuple(part._replace(url=part.url and shown_url(part.url)) for part in progress.parts),
        orphan_parts=tuple(part._replace(url=part.url and shown_url(part.url)) for part in progress.orphan_parts),
        at=at,
        shown=noting.of(progress.fields, desired, read or not progress.unseen),
        ignore=desired.ignore,
    )


def bound_entry(
    desired: Desired,
    remote: Remote | None,
    before: Entry | None,
    at: str,
    noting: Noting,
    made: bool = False,
) -> Entry:
    """The entry of a webhook that was found, without secrets: what the vendor shows, else no more than is known.

    Args:
        before: what the lock has, which stands in for what no read shows.
        made: it has all that is desired, for it was just made so, and only the answer was lost.
    """
    found = unmasked(remote.fields, desired.fields) if remote else Fields()
    unseen = desired.fields if made else before.applied if before else Fields()
    known = Progress(
        remote_id=remote.remote_id if remote else (before.remote_id if before and before.remote_id else ""),
        fields=found.over(unseen),
        parts=remote.parts if remote and remote.parts else before.parts if before else (),
        orphan_parts=before.orphan_parts if before else (),
    )
    shown = noting.of(found, desired, whole=True) if remote else before.shown if before else ()
    return entry_after(desired, known, at, noting)._replace(shown=shown)


def entry_as_read(entry: Entry, shown: Fields, noted: Noted) -> Entry:
    """The entry of a webhook that was read back: where reading shows something, that is what is in force."""
    return entry._replace(applied=recorded(unmasked(shown, entry.applied)).over(entry.applied), shown=noted)


def entry_not_converged(entry: Entry, desired: Desired, ignored: Iterable[str]) -> Entry:
    """The entry of a webhook of which the vendor took not all: what was asked is kept apart from what it kept."""
    return entry._replace(asked=recorded(desired.fields.only(ignored)))


def switched_off(entry: Entry, at: str) -> Entry:
    """The tombstone of a webhook that was retired by switching it off."""
    return entry._replace(applied=Fields({**entry.applied, STATUS: "inactive"}), retired=True, at=at, leaving=())
