"""The nouns: scopes, fields, what is desired, what was observed, and what a vendor's API can do. [pure]

Built by `config` (Desired) and `providers` (Remote, Observation, Capabilities); read by `model.diff`, `matching`,
`planning` and `apply`.

The words for their fields are those of `model.fields`, and are offered here beside them.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal, NamedTuple

from reconciler.model.as_read import AsRead
from reconciler.model.discovery import Discoverable
from reconciler.model.events import EventCatalogue
from reconciler.model.fields import DESCRIPTION, EVENTS, OPTIONS, SECRET, STATUS, URL, Fields, Leaf
from reconciler.model.provenance import History, Reverted, Run, Since
from reconciler.model.rewritten import Rewritten
from reconciler.model.secret import Secret, SecretEcho, SecretRecord, SecretSemantics, SecretSpec

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


Read = Literal["list", "by_id", "singleton", "none"]
Telling = Literal["untold", "own", "shared"]
"""What a vendor tells of an account: nothing; the one that its webhooks are of; or one of several that reach them."""
Retire = Literal["delete", "deactivate", "none"]


class Capabilities(NamedTuple):
    """What one vendor's API can do, as far as planning, validation and people need to know.

    Args:
        writable: pointers that can be managed; options by their full pointer.
        missing: fields the vendor does not have, with the reason (`("/status", "…")`).
        read: how webhooks are found.
        partial: why a list may hide some; empty where it shows all.
        natural_key: pointers that together name a webhook within its scope.
        further_key: pointers by which several webhooks with one natural key differ.
        marks: the vendor can hold an owner mark.
        immutable: pointers that need a replacement.
        retire, fan_out: what pruning does; whether there is one remote object per event.
        one_event: a webhook has one event, and whoever wants several writes several webhooks.
        switched_off: the status of what was pruned by switching it off.
        delete_first: a replacement can be made only once the old webhook is gone.
        unreadable: writable pointers that no read shows; compared with the lock only.
        scope: the alternatives of scope parameters that the manifest accepts.
        caseless: scope parameters whose values have no case; see `equality.canonical_scope`.
        identifies: the vendor tells the identity of a place, whatever it is called; see `protocol.Identifies`.
        neighbours: scope parameters that follow each other in an address, such as an owner and what it owns.
        choices: the values that a field may have, by pointer, where the vendor's list is closed.
        synonyms: pointer, another spelling, the spelling that reads give; see `same.canonical`.
        unordered: lists that the vendor keeps as sets, by pointer.
        trimmed: texts off which the vendor takes the white space around them, by pointer.
        as_json, line_ends, lowered: texts of which only the JSON counts, or not the kind of line ends, or no case.
        types: what an option without `choices` is: text, bool, int, number or list; by pointer.
        account: whether the vendor tells whose credentials it is asked with, and what webhooks have to do with that.
        risky: pointer, a value that is a risk there, and why.
        handshake: what a receiver must do before the vendor takes its URL, in a sentence.
        usual: what a webhook has in a field, by pointer, unless it is told otherwise.
        discovers: what it can list of that on which webhooks hang.
        schemes: how a URL may begin beside `https` and `http`.
        secrets: how further secrets are treated, by their names.
    """

    type: str
    writable: frozenset[str]
    missing: tuple[tuple[str, str], ...] = ()
    read: Read = "list"
    natural_key: tuple[str, ...] = (URL,)
    marks: bool = False
    immutable: frozenset[str] = frozenset()
    retire: Retire = "delete"
    switched_off: str = "inactive"
    delete_first: bool = False
    fan_out: bool = False
    one_event: bool = False
    unreadable: frozenset[str] = frozenset()
    scope: tuple[tuple[str, ...], ...] = ((),)
    caseless: frozenset[str] = frozenset()
    identifies: bool = False
    neighbours: tuple[tuple[str, str], ...] = ()
    secret: SecretSemantics = SecretSemantics()
    events: EventCatalogue = EventCatalogue()
    choices: tuple[tuple[str, tuple[Leaf, ...]], ...] = ()
    synonyms: tuple[tuple[str, Leaf, Leaf], ...] = ()
    types: tuple[tuple[str, str], ...] = ()
    partial: str = ""
    account: Telling = "untold"
    unordered: frozenset[str] = frozenset()
    trimmed: frozenset[str] = frozenset()
    rewritten: Rewritten = Rewritten()
    risky: tuple[tuple[str, Leaf, str], ...] = ()
    handshake: str = ""
    further_key: tuple[str, ...] = ()
    usual: tuple[tuple[str, Leaf], ...] = ()
    discovers: tuple[Discoverable, ...] = ()
    schemes: tuple[str, ...] = ()
    secrets: tuple[tuple[str, SecretSemantics], ...] = ()

    @property
    def searchable(self) -> bool:
        """Whether a read shows every webhook there is, so that one whose id is not known is found, or is not there."""
        return self.read in ("list", "singleton") and not self.partial


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
