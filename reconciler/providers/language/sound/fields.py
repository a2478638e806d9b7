"""Lenses: no two at one place of a body, and every word is one that can be meant. [pure]

Used by `providers.language.sound`.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from reconciler.codes import Code
from reconciler.model.further import called, which_of
from reconciler.providers.language.fields import EventLens, Flags, Lens
from reconciler.providers.language.manifest import Deactivate, Manifest
from reconciler.providers.language.sound.fault import Fault, Path, nearest, place_of, place_of_secret, words_in
from reconciler.providers.language.words import Scalar
from reconciler.support.scalars import from_text

STATUS = "/status"
STATUSES = ("active", "inactive")
_FIELDS = Code.MANIFEST_FIELDS


class _Written(NamedTuple):
    """Something that stands in bodies: what it is called, where the manifest says so, and where it stands."""

    name: str
    path: Path
    pointers: tuple[str, ...]


def one_place_each(manifest: Manifest) -> Iterator[Fault]:
    """Fields, mark, secret and the scope's parts stand beside each other in bodies: none upon, none inside another."""
    for first, second in combinations(_written(manifest), 2):
        pairs = ((a, b) for a in first.pointers for b in second.pointers if a and b)
        meeting = next(((a, b) for a, b in pairs if _within(a, b) or _within(b, a)), None)
        if meeting is None:
            continue
        mine, other = meeting[1], meeting[0]
        how = "the same place as" if mine == other else "above" if _within(other, mine) else "inside"
        what = f"{second.name} is written to `{mine}`, which is {how} {first.name}'s `{other}`"
        right = "give each a place of its own; what has a call of its own is told apart by `root`"
        yield Fault(second.path, what, right, _FIELDS)


def _written(manifest: Manifest) -> Iterator[_Written]:
    for pointer, lens in manifest.lenses().items():
        if lens.write is not None:
            yield _Written(pointer[1:].replace("/", "."), (*place_of(pointer), "write"), _pointers(lens, lens.write))
    if manifest.mark is not None:
        yield _Written("the mark", ("mark", "write"), (manifest.mark.write,))
    for pointer, words in manifest.secret_words().items():
        if words.write is not None:
            name = f"the {called(which_of(pointer) or '')}"
            yield _Written(name, (*place_of_secret(pointer), "write"), (words.write,))
    seen: set[str] = set()
    for at, way in enumerate(manifest.scope):
        for pointer in way.body.keys() - seen:
            seen.add(pointer)
            yield _Written("a part of the scope", ("scope", at, "body", pointer), (pointer,))


def _pointers(lens: Lens, at: str) -> tuple[str, ...]:
    """Where a lens writes: flags stand beside each other, each under a key of its own."""
    if isinstance(lens, EventLens) and isinstance(lens.codec, Flags):
        names = lens.catalogue.names
        return tuple(f"{at}/{lens.values.get(name, name)}{lens.codec.suffix}" for name in names)
    return (at,)


def _within(pointer: str, region: str) -> bool:
    return region in ("", pointer) or pointer.startswith(region + "/")


def whole_bodies(manifest: Manifest) -> Iterator[Fault]:
    """The empty pointer is the whole body, which one text or number cannot be."""
    places = [(each.path, each.pointers) for each in _written(manifest)]
    rotate = manifest.secret.rotate
    if rotate is not None and rotate.write is not None:
        places.append((("secret", "rotate", "write"), (rotate.write,)))
    for path, pointers in places:
        if "" in pointers:
            what = "an empty pointer is the whole body, which is an object and no single value"
            yield Fault(path, what, "name its place: `/key`", _FIELDS)
    for role in ("create", "update", "retire"):
        for at, call in enumerate(getattr(manifest, role)):
            fixed = getattr(call, "fixed", {})
            if "" in fixed and not isinstance(fixed[""], dict):
                what = "an empty pointer is the whole body, which is an object"
                yield Fault((role, at, "fixed", ""), what, "write an object here, or name a place: `/key`", _FIELDS)


def shows_no_secret(manifest: Manifest) -> Iterator[Fault]:
    """A field that is read where the secret stands would show it in every plan."""
    secret = manifest.secret
    fetched = (secret.fetch and secret.fetch.value, secret.rotate and secret.rotate.issued)
    further = (words.value for words in manifest.secrets.values())
    hidden = {path for path in (secret.value, secret.issued, *fetched, *further) if path}
    for pointer, lens in manifest.lenses().items():
        for word in ("read", "echo"):
            if getattr(lens, word) in hidden:
                what = f"{pointer[1:]} is read where the secret stands, so that plans would show it"
                yield Fault((*place_of(pointer), word), what, "read what is no secret", _FIELDS)


def words_of_status(manifest: Manifest) -> Iterator[Fault]:
    """A status is active or inactive; files can say nothing else."""
    lens = manifest.fields.status
    for word in ("values", "also"):
        for name in getattr(lens, word):
            if name not in STATUSES:
                what = f"a status is active or inactive, not `{name}`"
                right = "write our word first, then the vendor's: `{active: ENABLED, inactive: DISABLED}`"
                yield Fault(("fields", "status", word, name), what, right, _FIELDS, key=True)
    for at, retire in enumerate(manifest.retire):
        if not isinstance(retire, Deactivate):
            continue
        if retire.status not in STATUSES:
            what = f"a status is active or inactive, not `{retire.status}`"
            yield Fault(("retire", at, "status"), what, "leave it out: it is inactive", _FIELDS)
        elif lens.write is None or lens.sets == "create":
            what = "this switches the webhook off by its status, which no update can write"
            yield Fault(("retire", at), what, "give `status` a `write`, or retire in another way", _FIELDS)


def words_that_are_none(manifest: Manifest) -> Iterator[Fault]:
    """`default`, `initially` and `also` speak of values that the field can have."""
    for pointer, lens in manifest.lenses().items():
        if isinstance(lens, EventLens):
            continue
        words: tuple[Scalar, ...] = tuple(lens.values) or lens.choices or (STATUSES if pointer == STATUS else ())
        yield from (fault for word in ("default", "initially") for fault in _no_word(pointer, lens, word, words))
        for name in lens.also if words and pointer != STATUS else ():
            if name not in words:
                what = f"`also` says what else means `{name}`, which is none of {words_in(map(_shown, words))}"
                right = nearest(name, map(_shown, words))
                yield Fault((*place_of(pointer), "also", name), what, right, _FIELDS, key=True)


def _no_word(pointer: str, lens: Lens, word: str, words: tuple[Scalar, ...]) -> Iterator[Fault]:
    """What is wrong with a `default` or an `initially`."""
    value, path = getattr(lens, word), (*place_of(pointer), word)
    if value is None:
        return
    if words and not any(_alike(value, each) for each in words):
        what = f"`{_shown(value)}` is none of {words_in(map(_shown, words))}"
        yield Fault(path, what, f"write one of them as the `{word}`", _FIELDS)
    elif not words and not _is_of(lens.type, value):
        what = f"`{_shown(value)}` is no {KINDS[lens.type]}"
        yield Fault(path, what, f"write {KINDS[lens.type]}, or another `type`", _FIELDS)


def meanings_apart(manifest: Manifest) -> Iterator[Fault]:
    """One value of the vendor's means one word of ours, or nobody knows what was read."""
    for pointer, lens in manifest.lenses().items():
        theirs = [(("values", ours), ours, value) for ours, value in lens.values.items()]
        theirs += [(("also", ours), ours, value) for ours, others in lens.also.items() for value in others]
        for first, second in combinations(theirs, 2):
            if first[1] != second[1] and _alike(first[2], second[2]):
                what = f"`{_shown(second[2])}` means both `{first[1]}` and `{second[1]}`"
                yield Fault((*place_of(pointer), *second[0]), what, "let it mean one of them", _FIELDS, key=True)


def absent_and_yet_there(manifest: Manifest) -> Iterator[Fault]:
    """What a vendor does not have, has no rules."""
    for pointer, lens in manifest.lenses().items():
        vain = sorted(lens.model_fields_set - {"absent", "read"}) if lens.absent else []
        for word in vain:
            what = f"`{word}` says nothing of a field that is `absent`"
            yield Fault((*place_of(pointer), word), what, "leave one of the two out", _FIELDS, key=True)


KINDS = {"text": "text", "bool": "true or false", "int": "whole number", "number": "number", "list": "list"}
KINDS |= {"map": "map as a JSON text", "objects": "list of maps as a JSON text", "set": "list", "json": "text"}


def _is_of(kind: str, value: Scalar) -> bool:
    match kind:
        case "bool":
            return isinstance(value, bool)
        case "int":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "list" | "set":
            return False
        case "map" | "objects":
            return is_whole(kind, value)
        case _:
            return isinstance(value, str)


def is_whole(kind: str, value: Scalar) -> bool:
    """Whether a text is that of a map, or of a list of maps."""
    try:
        whole = from_text(str(value))
    except ValueError:
        return False
    if kind == "map":
        return isinstance(whole, dict)
    return isinstance(whole, list) and all(isinstance(each, dict) for each in whole)


def _alike(a: Scalar, b: Scalar) -> bool:
    return type(a) is type(b) and a == b


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


RULES = (
    one_place_each,
    whole_bodies,
    shows_no_secret,
    words_of_status,
    words_that_are_none,
    meanings_apart,
    absent_and_yet_there,
)
