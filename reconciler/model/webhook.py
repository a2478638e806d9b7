"""The nouns: scopes, fields, what is desired, what was observed, and what a vendor's API can do. [pure]

Built by `config` (Desired) and `providers` (Remote, Observation, Capabilities); read by `model.diff`, `matching`,
`planning` and `apply`.

The words for their fields are those of `model.fields`, and are offered here beside them.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from reconciler.model.as_read import AsRead
from reconciler.model.fields import DESCRIPTION, EVENTS, OPTIONS, SECRET, STATUS, URL, Fields, Leaf
from reconciler.model.provenance import History, Reverted, Run, Since
from reconciler.model.secret import Secret, SecretEcho, SecretRecord, SecretSpec

__all__ = ["DESCRIPTION", "EVENTS", "OPTIONS", "SECRET", "STATUS", "URL", "Fields", "Leaf", "SecretRecord"]

Scope = tuple[tuple[str, str], ...]
Ground = tuple[str, Scope]
"""See `Address.ground`."""


def scope_of(pairs: Mapping[str, str]) -> Scope:
    """A scope from a mapping: sorted, hashable, comparable."""
    return tuple(sorted(pairs.items()))


class Source(NamedTuple):
    """Where an entry was written: the file and the path of keys in it; positions are looked up only when needed."""

    file: str
    path: tuple[str | int, ...]


class Address(NamedTuple):
    """Where a webhook is kept.

    Args:
        provider: the file's entry that reaches it.
        type: the vendor, as that entry names it.
        account: the base URL as used.
        scope: what it hangs on within the account.
    """

    provider: str
    type: str
    account: str
    scope: Scope

    @property
    def ground(self) -> Ground:
        """Where one remote id is one webhook: a scope, for all entries at a base URL; else each entry by itself."""
        return (self.account, self.scope) if self.scope else (self.provider, self.scope)


class Desired(NamedTuple):
    """One webhook as the files want it.

    Args:
        account: the base URL as used.
        protect: None keeps what the lock has.
        new: what the vendor shows behind a mask is another one; see `matching.veiled`.
        delete_first: in a replacement the old one goes before the new one is made; None: as the lock says.
        key: pointers that name it within its place; empty: the vendor's natural key; see `model.identity`.
        ignore: pointers of fields that are set when it is made, and never compared or sent again.
        hidden: the pointers with hidden values: templates as loaded, `Hidden` texts once they were looked up.
        unlooked: nobody has looked up what is hidden, so that the lock stands in where it may be that.
        secrets: further ones by their names, see `model.further`.
    """

    name: str
    provider: str
    type: str
    account: str
    scope: Scope
    fields: Fields
    secret: SecretSpec | None = None
    protect: bool | None = None
    was: tuple[str, ...] = ()
    new: bool = False
    source: Source = Source("", ())
    delete_first: bool | None = None
    key: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    unlooked: bool = False
    secrets: tuple[tuple[str, SecretSpec], ...] = ()

    @property
    def address(self) -> Address:
        """Where the file wants it."""
        return Address(self.provider, self.type, self.account, self.scope)

    @property
    def kept(self) -> Fields:
        """The fields that stay as the file wants them: all but those that count only when it is made."""
        return self.fields.only(at for at in self.fields if at not in self.ignore) if self.ignore else self.fields


class Part(NamedTuple):
    """One remote object of a webhook that fans out: `key` is its event, `url` its URL as shown (None: not known)."""

    key: str
    remote_id: str | None = None
    url: str | None = None


class Remote(NamedTuple):
    """One webhook as the vendor holds it.

    `fields` holds every field that the manifest can read, managed or not (full updates carry the rest through).
    `mark` is our owner mark where the vendor holds one, `foreign_mark` what somebody else keeps in its place;
    `mask` the vendor's masked secret; `has_secret` its flag; `secret` the value where the vendor shows it;
    `note` the vendor's reason where it switched the webhook off; `as_read` the whole object, where updates need it;
    `secrets` what is seen of further ones, by their names.
    """

    remote_id: str
    fields: Fields
    mark: str | None = None
    mask: str | None = None
    has_secret: bool | None = None
    secret: Secret | None = None
    created_at: str | None = None
    note: str = ""
    parts: tuple[Part, ...] = ()
    foreign_mark: str | None = None
    as_read: AsRead | None = None
    secrets: tuple[tuple[str, SecretEcho], ...] = ()


class Certainty(StrEnum):
    """What may be believed about a remote webhook."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"
    UNREADABLE = "unreadable"


class Observation(NamedTuple):
    """What one read of one provider and scope gave.

    Args:
        remotes: what was seen.
        complete: true when everything in the scope was seen, so that what is missing is absent.
        absent: ids that are proven gone (read by id with credentials that work).
        unknown: ids whose read failed or cannot be trusted.
        failed: the whole read failed; nothing may be concluded.
        gone: it failed because the place is not there under this name.
        readable: false where the API has no read at all.
        shifting: a list of several pages, read once: one may have slipped to a page already read, and is not seen.
        missing: those of `unknown` of which the vendor says that it has none, to credentials that nothing else in this
            read has shown to work; it is proof for whoever knows that they do.
    """

    remotes: tuple[Remote, ...] = ()
    complete: bool = False
    absent: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    failed: bool = False
    readable: bool = True
    shifting: bool = False
    gone: bool = False
    missing: frozenset[str] = frozenset()


class Entry(NamedTuple):
    """One webhook as last applied. `applied` holds shown values (`secret.shown_url`), managed fields only.

    Args:
        parts: the remote objects of a webhook that fans out.
        orphan_parts: parts that were dropped but that the vendor cannot remove.
        retired: pruned by switching off; kept as a tombstone with its id, no longer an orphan.
        leaving: ids whose deletion the vendor answered with success, and that no read has shown to be gone: its own, or
            that of the webhook which it replaced.
        at: when it was last applied (UTC, ISO 8601).
        asked: what was asked for then and the vendor did not take; `applied` has what it kept.
        shown: what the vendor showed then of fields that the file does not manage, see `model.noted`.
        account_id: whose credentials wrote it, where the vendor tells: an id, or a fingerprint of it.
        manifest: of a manifest of the user's own: how its calls proved themselves, as a digest.
        ignore: pointers of fields that are nobody's business since it was made.
        delete_first: the vendor refused to make a second one beside it.
        by, since, reverted: who applied it last, how it came to be managed, what was undone: `model.provenance`.
        secrets: what is known of further secrets, by their names.
    """

    provider: str
    type: str
    account: str
    scope: Scope
    remote_id: str | None
    applied: Fields
    secret: SecretRecord | None = None
    protect: bool = False
    parts: tuple[Part, ...] = ()
    orphan_parts: tuple[Part, ...] = ()
    retired: bool = False
    at: str | None = None
    asked: Fields = Fields()
    shown: tuple[tuple[str, Any], ...] = ()
    leaving: tuple[str, ...] = ()
    account_id: str | None = None
    manifest: str | None = None
    by: Run | None = None
    since: Since | None = None
    reverted: Reverted | None = None
    ignore: tuple[str, ...] = ()
    delete_first: bool = False
    secrets: tuple[tuple[str, SecretRecord], ...] = ()

    @property
    def address(self) -> Address:
        """Where it was applied."""
        return Address(self.provider, self.type, self.account, self.scope)

    @property
    def history(self) -> History:
        """What is known of its past, for people."""
        records = (self.secret, *(record for _, record in self.secrets))
        set_at = min((record.at for record in records if record is not None and record.at is not None), default=None)
        return History(self.at, self.by, self.since, self.reverted, set_at)

    @property
    def is_leaving(self) -> bool:
        """Whether its own deletion was asked for, and is not proven."""
        return self.remote_id is not None and self.remote_id in self.leaving

    @property
    def is_past(self) -> bool:
        """Whether it was pruned, so that nobody expects it to be as it was applied."""
        return self.retired or self.is_leaving
