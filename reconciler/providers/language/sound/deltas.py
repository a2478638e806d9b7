"""Lists that are changed by what joins and leaves them: such as reads show, with a call for either. [pure]

Used by `providers.language.sound`.
"""

from collections.abc import Iterator

from reconciler.codes import Code
from reconciler.providers.language.fields import EventLens
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.language.sound.fault import Fault
from reconciler.providers.language.words import Update, variables_in

ITEM = "item"
OTHER = {"joined": "left", "left": "joined"}
_CALLS = Code.MANIFEST_CALLS


def moves_a_list(manifest: Manifest) -> Iterator[Fault]:
    """`delta` and `each` cover a list that reads show: what joins it, and what leaves, is known from nothing else."""
    lenses = manifest.lenses()
    for at, update in enumerate(manifest.update):
        for pointer in update.covers or () if update.by_items else ():
            lens, name = lenses.get(pointer), pointer[1:].replace("/", ".")
            if lens is None or lens.write is None or not (isinstance(lens, EventLens) or lens.type == "list"):
                what, right = (
                    f"{name} is no list, so that nothing joins or leaves it",
                    "cover a list, or leave the word out",
                )
                yield Fault(("update", at, "covers", 0), what, right, _CALLS)
            elif not isinstance(lens, EventLens) and not lens.unordered:
                what = f"{name} is kept in its order, and nothing says where in it something joins"
                yield Fault(
                    ("update", at, "covers", 0), what, "say that the vendor keeps a set: `unordered: true`", _CALLS
                )
            elif lens.read is None:
                what = f"no read shows {name}, so that nobody knows what joins or leaves it"
                yield Fault(("update", at, "covers", 0), what, "say where reads show it: `read`", _CALLS)


def takes_and_gives(manifest: Manifest) -> Iterator[Fault]:
    """A list that items can only join, or only leave, could not be made what the file says."""
    ways = [(update.each, update.covers) for update in manifest.update]
    for at, update in enumerate(manifest.update):
        if update.each is not None and (OTHER[update.each], update.covers) not in ways:
            what = f"there is a call for what has {update.each}, and none for what has {OTHER[update.each]}"
            right = f"add that one, with the same `covers`: `each: {OTHER[update.each]}`"
            yield Fault(("update", at, "each"), what, right, _CALLS)


def names_its_item(manifest: Manifest) -> Iterator[Fault]:
    """A call that is made for each item says which it means; else it takes, or gives, something else each time."""
    for at, update in enumerate(manifest.update):
        if update.each is not None and not any(ITEM in variables_in(text) for text in _templates(update)):
            what = f"this call is made for each item that has {update.each}, and does not say which one it means"
            yield Fault(("update", at, "each"), what, "write `{item}` into its path, query or `with`", _CALLS)


def _templates(update: Update) -> tuple[str, ...]:
    return (update.path, *update.query.values(), *update.with_.values())


RULES = (moves_a_list, takes_and_gives, names_its_item)
