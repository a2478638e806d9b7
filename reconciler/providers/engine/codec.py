"""Fields as lenses: what a remote object means, and how fields, marks and secrets stand in bodies. [pure]

Made by `providers.engine.interpret`; used by the verbs through `providers.engine.api`. Two laws are tested for every
manifest: what is written reads back the same, and writing what was read changes nothing.

One idea, so longer than most: both directions of each lens stand beside each other.
"""

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from reconciler.codes import Code
from reconciler.errors import Rejected
from reconciler.model.as_read import AsRead
from reconciler.model.equality import identical
from reconciler.model.events import EventCatalogue
from reconciler.model.secret import MASK, SHORTEST, Secret, SecretEcho, short_fingerprint
from reconciler.model.webhook import Fields, Leaf, Remote
from reconciler.providers.engine.event_objects import name_in, object_of
from reconciler.providers.engine.extract import at as standing
from reconciler.providers.engine.extract import find, place
from reconciler.providers.engine.ids import fingerprint_of, id_in_header
from reconciler.providers.engine.masked import is_mask
from reconciler.providers.engine.seen import as_seen
from reconciler.providers.language.fields import EventLens, Flags, Lens, Listed, Objects, SecretWords, Single
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.protocol import Tree
from reconciler.support.scalars import as_text, from_text

T = TypeVar("T")

OURS = "whsync:"


class Codec:
    """One manifest's lenses. `catalogue` is needed by event codecs that name every event."""

    def __init__(self, manifest: Manifest, catalogue: EventCatalogue) -> None:
        self._manifest = manifest
        self._lenses = manifest.lenses()
        self._catalogue = catalogue
        self._further = sorted(manifest.secrets.items())
        self._carries = any(update.regions or update.body == "json_patch" for update in manifest.update)
        self._carries = self._carries or manifest.fan_out is not None  # each object of a webhook is written by itself

    @property
    def writable(self) -> Mapping[str, Lens]:
        """The lenses that can write, by pointer."""
        return {pointer: lens for pointer, lens in self._lenses.items() if lens.write is not None}

    def remote(self, shown: Any) -> Remote | None:
        """The webhook in a remote object; None where it is no object or has no id."""
        remote_id = self.id_of(shown)
        if remote_id is None:
            return None
        words, secret = self._manifest.identity, self._manifest.secret
        mark, foreign = self._mark(shown)
        seen = _seen(secret, shown, remote_id)
        return Remote(
            remote_id=remote_id,
            fields=self.read(shown),
            mark=mark,
            foreign_mark=foreign,
            mask=seen.mask,
            has_secret=seen.has,
            secret=seen.value,
            created_at=_text(find(words.created_at, shown)) if words.created_at else None,
            note=_text(find(words.note, shown)) or "" if words.note else "",
            as_read=self.as_read(shown),
            secrets=tuple((which, _seen(words, shown, remote_id)) for which, words in self._further),
        )

    def as_read(self, shown: Any) -> AsRead | None:
        """The whole object, where an update of this vendor may have to carry it."""
        return AsRead(shown, self.secrets_in(shown)) if self._carries and isinstance(shown, dict) else None

    def can_write(self, pointer: str, leaf: Leaf) -> bool:
        """Whether a value that was read is one that bodies may hold: not a word of the vendor's own."""
        lens = self._lenses[pointer]
        closed = () if isinstance(lens, EventLens) else (*lens.values, *lens.choices)
        return not closed or any(identical(leaf, word) for word in closed)

    def id_of(self, shown: Any) -> str | None:
        """The id in a remote object, as text."""
        words = self._manifest.identity
        if not isinstance(shown, dict):
            return None
        if words.fixed is not None:
            return words.fixed
        if words.of is not None:
            return self.id_by_field(self.read(shown))
        found = _text(find(words.id or "@", shown))
        return found.rpartition(words.cut)[2] or None if found and words.cut else found

    def id_by_field(self, fields: Fields) -> str | None:
        """The id where a field is what the vendor knows a webhook by: a fingerprint of it; else None."""
        leaf = fields.get(self._manifest.identity.of or "")
        return fingerprint_of(leaf) if isinstance(leaf, str) and leaf else None

    def id_in(self, headers: Mapping[str, str]) -> str | None:
        """The id in the headers of a create's answer, where the manifest says that one holds it."""
        words = self._manifest.identity
        return id_in_header(words.header, headers) if words.header else None

    def read(self, shown: Any) -> Fields:
        """The fields that a remote object shows; what is missing there means its default, or is left out."""
        leaves: dict[str, Leaf] = {}
        for pointer, lens in self._lenses.items():
            leaf = self._leaf(lens, find(lens.read, shown)) if lens.read else None
            leaf = lens.default if leaf is None else leaf
            if leaf is not None:
                leaves[pointer] = leaf
        return Fields(leaves)

    def echo(self, answer: Any) -> Fields:
        """The fields that a write's answer shows; nothing is made up."""
        leaves: dict[str, Leaf] = {}
        for pointer, lens in self._lenses.items():
            path = lens.echo or lens.read
            leaf = self._leaf(lens, find(path, answer)) if path and isinstance(answer, dict) else None
            if leaf is not None:
                leaves[pointer] = leaf
        return Fields(leaves)

    def shown_as_nothing(self, answer: Any) -> frozenset[str]:
        """The pointers whose place in a write's answer holds null; a place that is missing says nothing."""
        paths = ((pointer, lens.echo or lens.read) for pointer, lens in self._lenses.items())
        return frozenset(pointer for pointer, path in paths if path and _holds_null(path, answer))

    def pairs(self, fields: Fields, base: Tree = None) -> dict[str, Tree]:
        """Body pointers and values that write `fields`; what `base` has of an event beside its name stays with it."""
        pairs: dict[str, Tree] = {}
        for pointer, leaf in fields.items():
            lens = self._lenses[pointer]
            assert lens.write is not None, f"{pointer} cannot be written"
            if isinstance(lens, EventLens):
                pairs.update(self._event_pairs(lens, lens.write, fields.events, base))
            else:
                pairs[lens.write] = _written(lens, leaf)
        return pairs

    def items_at(self, pointer: str, place: str, items: Iterable[str]) -> dict[str, Tree]:
        """Body pointers and values that hold some items of a list field at `place`, as its bodies write them."""
        lens = self._lenses[pointer]
        if isinstance(lens, EventLens):
            return self._event_pairs(lens, place, frozenset(items), None)
        return {place: list(items)}

    def item_name(self, pointer: str, item: str) -> str:
        """The vendor's name for an item of a list field."""
        lens = self._lenses[pointer]
        return str(_their_event(lens, item)) if isinstance(lens, EventLens) else item

    def mark_pairs(self, name: str, remote: Remote | None) -> dict[str, Tree]:
        """The owner mark in a body: ours, unless somebody else's text is there."""
        if self._manifest.mark is None:
            return {}
        foreign = remote.foreign_mark if remote else None
        return {self._manifest.mark.write: foreign or OURS + name}

    def issued(self, answer: Any, by: str) -> Secret | None:
        """The secret that the vendor made, in the answer to a call of kind `by`; a mask is none."""
        words = self._manifest.secret
        return _unmasked(words.issued, answer) if words.issued and by in words.issued_by else None

    def masked(self, answer: Any, by: str) -> bool:
        """Whether such an answer has a mask there."""
        words = self._manifest.secret
        text = _text(find(words.issued, answer)) if words.issued and by in words.issued_by else None
        return text is not None and is_mask(text)

    def rotated(self, answer: Any) -> Secret | None:
        """The secret that the vendor made, in the answer to a rotation; a mask is none."""
        rotate = self._manifest.secret.rotate
        return _unmasked(rotate.issued, answer) if rotate is not None and rotate.issued else None

    def fetched(self, document: Any) -> Secret | None:
        """The secret in the answer of the call that shows it; a mask is none."""
        fetch = self._manifest.secret.fetch
        return _unmasked(fetch.value, document) if fetch is not None else None

    def secret_echo(self, answer: Any, which: str = "") -> SecretEcho:
        """What a write's answer tells of the secret that we sent; what is not surely a mask is none."""
        words = self._manifest.secrets[which] if which else self._manifest.secret
        mask, value = (_text(find(path, answer)) if path else None for path in (words.mask, words.value))
        masks = [text for text in (mask, value) if text and is_mask(text)]
        shown = Secret(value) if value and not is_mask(value) else None
        return SecretEcho(masks[0] if masks else None, shown, _flag(words.has, answer) if words.has else None)

    def secrets_in(self, document: Any) -> tuple[Secret, ...]:
        """Values at every place where this vendor may show a secret; for hiding them in messages."""
        words = self._manifest.secret
        rotated, fetched = words.rotate and words.rotate.issued, words.fetch and words.fetch.value
        further = (path for _, each in self._further for path in (each.value, each.mask))
        paths = (words.issued, words.value, words.mask, rotated, fetched, *further)
        found = (_text(find(path, document)) for path in paths if path)
        return tuple(Secret(value) for value in found if value and not is_mask(value))

    def _mark(self, shown: Any) -> tuple[str | None, str | None]:
        text = _text(find(self._manifest.mark.read, shown)) if self._manifest.mark else None
        if not text:
            return None, None
        return (text.removeprefix(OURS), None) if text.startswith(OURS) else (None, text)

    def _leaf(self, lens: Lens, found: Any) -> Leaf | None:
        found = as_seen(lens, found)
        if isinstance(lens, EventLens):
            return _events(lens, found, self._catalogue)
        if lens.is_whole:
            return _encodable(as_text(found)) if isinstance(found, dict | list) else None
        if lens.type == "json" and isinstance(found, dict | list):  # shown as what the text means
            return _encodable(as_text(found))
        if isinstance(found, list):
            return tuple(_item(item) for item in found)
        return _our_word(lens, _encodable(found)) if isinstance(found, str | bool | int | float) else None

    def _event_pairs(self, lens: EventLens, at: str, events: frozenset[str], base: Tree) -> dict[str, Tree]:
        names = [_their_event(lens, name) for name in sorted({_our_event(lens, name) for name in events})]
        match lens.codec:
            case Listed():
                return {at: list(names)}
            case Single():
                if len(names) != 1:
                    what = f"a webhook of this vendor has one event, and {len(names)} are wanted"
                    hint = "write one webhook for each event"
                    raise Rejected(what, hint, kind="config", code=Code.ONE_EVENT)
                return {at: names[0]}
            case Objects() as codec:
                there = _by_event(lens, codec, standing(base, at))
                return {at: [there.get(_our_event(lens, name)) or object_of(codec, name) for name in names]}
            case Flags(suffix=suffix):
                wanted = {str(name) for name in names}
                every = sorted({str(_their_event(lens, name)) for name in self._catalogue.names} | wanted)
                return {f"{at}/{name}{suffix}": name in wanted for name in every}


def _seen(words: SecretWords, shown: Any, remote_id: str) -> SecretEcho:
    """What a read shows of one secret; a value that looks like a mask is one."""
    value = _text(find(words.value, shown)) if words.value else None
    mask = _safe_mask(_text(find(words.mask, shown)), remote_id) if words.mask else None
    if value is not None and is_mask(value):
        value, mask = None, mask or value
    has = bool(find(words.has, shown)) if words.has else None
    return SecretEcho(mask, Secret(value) if value else None, has)


def _holds_null(path: str, answer: Any) -> bool:
    return place(path, answer) == (None,)


def _flag(path: str, answer: Any) -> bool | None:
    """Whether an answer says that something is there; a place that is missing says nothing."""
    found = place(path, answer)
    return bool(found[0]) if found else None


def _our_word(lens: Lens, leaf: Leaf) -> Leaf:
    """Our word for a vendor's value or another spelling of it; what is not known stays as it is."""
    for ours, theirs in lens.values.items():
        if identical(theirs, leaf):
            return ours
    for ours, spellings in lens.also.items():
        if any(identical(spelling, leaf) for spelling in spellings):
            return ours
    return leaf


def _item(found: Any) -> object:
    """An item of a list as it stands, where it can be one of an option's."""
    return _encodable(found if isinstance(found, str | bool | int | float) else as_text(found))


def _encodable(found: T) -> T | str:
    """What files can hold: half a character, which JSON's escapes allow, stays an escape; no number is infinite."""
    if isinstance(found, float) and not math.isfinite(found):
        return str(found)
    if isinstance(found, str) and not found.isascii():
        return found.encode(errors="backslashreplace").decode()
    return found


def _safe_mask(text: str | None, remote_id: str) -> str | None:
    """A mask as the lock may hold it: what is not surely one may be the secret itself, so only a fingerprint of it."""
    if text is None or len(text) < SHORTEST or is_mask(text):
        return text
    return f"{MASK}~{short_fingerprint(text, remote_id)}"


def _unmasked(path: str, document: Any) -> Secret | None:
    value = _text(find(path, document))
    return Secret(value) if value and not is_mask(value) else None


def _written(lens: Lens, leaf: Leaf) -> Tree:
    if lens.is_whole and isinstance(leaf, str):
        tree: Tree = from_text(leaf)
        return tree
    leaf = _our_word(lens, leaf)
    if isinstance(leaf, str) and leaf in lens.values:
        return lens.values[leaf]
    if isinstance(leaf, frozenset | tuple):
        return [item if isinstance(item, str | bool | int | float) else str(item) for item in leaf]
    return leaf


def _events(lens: EventLens, found: Any, catalogue: EventCatalogue) -> frozenset[str] | None:
    match lens.codec:
        case Listed() if isinstance(found, list):
            return frozenset(_our_event(lens, name) for name in found)
        case Single() if isinstance(found, str):
            return frozenset({_our_event(lens, found)})
        case Objects() as codec if isinstance(found, list):
            return frozenset(_by_event(lens, codec, found))
        case Flags(suffix=suffix) if isinstance(found, dict):
            on = (name for name in catalogue.names if found.get(f"{_their_event(lens, name)}{suffix}") is True)
            return frozenset(on)
        case _:
            return None


def _by_event(lens: EventLens, codec: Objects, found: Any) -> dict[str, Tree]:
    """What a vendor has of each event, by our name for it."""
    items = [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
    return {_our_event(lens, name_in(codec, item)): item for item in items if item.keys() & {*codec.parts}}


def _our_event(lens: EventLens, found: Any) -> str:
    if not isinstance(found, str | bool | int | float):  # not what the codec says, and yet to be told as it is
        return _encodable(json.dumps(found, ensure_ascii=False, sort_keys=True))
    return _encodable(str(_our_word(lens, found)))


def _their_event(lens: EventLens, name: str) -> Tree:
    ours = _our_word(lens, name)
    return lens.values[ours] if isinstance(ours, str) and ours in lens.values else ours  # type: ignore[return-value]


def _text(found: Any) -> str | None:
    """A found id or text; numbers as their digits, everything else is none, and so is what cannot be encoded."""
    if isinstance(found, bool) or not isinstance(found, str | int):
        return None
    text = str(found)
    return text if text and _encodable(text) == text else None
