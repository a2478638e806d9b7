"""Calls about one webhook name that one: a delete of a collection takes everybody's webhooks away. [pure]

Used by `providers.language.sound`.
"""

from collections.abc import Iterator
from typing import Any

from reconciler.codes import Code
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.language.sound.fault import Call, Fault, calls
from reconciler.providers.language.words import Operation

ID = "{id}"
ABOUT_ONE = ("update", "retire", "rotate", "fetch", "beside")
SAY_WHICH = ("path", "query", "with_")
VERBS = {
    "update": "changes",
    "retire": "removes",
    "rotate": "replaces the secret of",
    "fetch": "shows the secret of",
    "beside": "shows a list of",
}


def names_one(manifest: Manifest) -> Iterator[Fault]:
    """Every update, delete, rotation and fetch says in path, query or body which webhook it means."""
    for call in calls(manifest):
        if call.role not in ABOUT_ONE or _names_it(manifest, call):
            continue
        if getattr(call.words, "whole_place", False):
            if not _has_only_one(manifest):
                what = "`whole_place` says that there is only one webhook, and reads show several"
                yield Fault((*call.path, "whole_place"), what, _RIGHT, Code.MANIFEST_TARGET)
            continue
        if call.role == "fetch" and _has_only_one(manifest):
            continue
        what = f"this call names no webhook, so that it {VERBS[call.role]} whatever is at that place"
        right = _RIGHT + (_SINGLE if _has_only_one(manifest) else "")
        yield Fault((*call.path, "path"), what, right, Code.MANIFEST_TARGET)


_RIGHT = "write `{id}` into its path (`/hooks/{id}`) or its query"
_SINGLE = "; where the place is the one webhook itself, say so: `whole_place: true`"


def _names_it(manifest: Manifest, call: Call) -> bool:
    """Whether the id stands somewhere in the call, or a field that is the identity is always sent."""
    if any(_holds(getattr(call.words, word, None), ID) for word in SAY_WHICH):
        return True
    always = set(getattr(call.words, "always", ()))
    if always & {at for at, lens in manifest.lenses().items() if lens.read is not None and _is_id(manifest, lens.read)}:
        return True
    events_tell = manifest.fan_out is not None and bool(manifest.natural_key) and call.role == "update"
    return events_tell and set(manifest.natural_key) <= always


def _is_id(manifest: Manifest, read: str) -> bool:
    return manifest.identity.id is not None and read == manifest.identity.id


def _holds(tree: Any, text: str) -> bool:
    if isinstance(tree, dict):
        return any(_holds(inner, text) for inner in tree.values())
    if isinstance(tree, list | tuple):
        return any(_holds(inner, text) for inner in tree)
    return isinstance(tree, str) and text in tree


def _has_only_one(manifest: Manifest) -> bool:
    """Whether the manifest says elsewhere that a place has one webhook."""
    return manifest.identity.fixed is not None or any(read.how == "singleton" for read in manifest.read)


def reads_one(manifest: Manifest) -> Iterator[Fault]:
    """What reads one webhook asks for that one; else the answer is another's, or a list."""
    for at, read in enumerate(manifest.read):
        one = read if read.how == "by_id" else getattr(read, "one", None)
        says = one if isinstance(one, str) else [getattr(one, word, None) for word in SAY_WHICH]
        if one is not None and not _holds(says, ID) and manifest.identity.fixed is None:
            word = "path" if read.how == "by_id" else "one"
            what = "this path reads one webhook, and does not say which"
            yield Fault(("read", at, word), what, "write `{id}` into it: `/hooks/{id}`", Code.MANIFEST_TARGET)


def one_id_for_one(manifest: Manifest) -> Iterator[Fault]:
    """A fixed id stands for the one webhook that there is; in a list, all would have it."""
    for at, read in enumerate(manifest.read):
        if manifest.identity.fixed is not None and read.how in ("list", "by_id"):
            what = f"`how: {read.how}` reads webhooks by their ids, and `identity` is the same for all"
            right = "say where the id stands: `identity: {id: …}`; or read the one there is: `how: singleton`"
            yield Fault(("read", at, "how"), what, right, Code.MANIFEST_TARGET)


def whole_place_in_vain(manifest: Manifest) -> Iterator[Fault]:
    """`whole_place` beside an `{id}`, or at a create, says what is not so."""
    for call in calls(manifest):
        if not isinstance(call.words, Operation) or not call.words.whole_place:
            continue
        if call.role == "create" or ID in call.words.path:
            what = "`whole_place` is for calls about the one webhook of a place, which need no `{id}`"
            yield Fault((*call.path, "whole_place"), what, "leave it out", Code.MANIFEST_TARGET, key=True)


RULES = (names_one, reads_one, one_id_for_one, whole_place_in_vain)
