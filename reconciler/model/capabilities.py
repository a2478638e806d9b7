"""What a vendor's API can do. [pure]

Made by `providers` of a manifest; read by `config`, `matching`, `planning` and `apply`.
"""

from typing import Literal, NamedTuple

from reconciler.model.discovery import Discoverable
from reconciler.model.events import EventCatalogue
from reconciler.model.fields import URL, Leaf
from reconciler.model.rewritten import Rewritten
from reconciler.model.secret import SecretSemantics

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
