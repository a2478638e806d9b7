"""Lists that are changed by what joins and leaves them: in one call (`delta`), or in one for each item (`each`). [pure]

What joins goes first, so that a list is never empty on the way. Each write says what the list then is, so that one that
is cut short in the middle has lost nothing: what was done is told, and the next plan has the rest.

Used by `providers.engine.writes`.
"""

from collections.abc import Iterator, Sequence

from reconciler.codes import Code
from reconciler.errors import NotRead, Rejected
from reconciler.model.webhook import Fields, Leaf
from reconciler.providers.engine.api import Api
from reconciler.providers.language.words import Update
from reconciler.providers.protocol import Call, ChangeRequest, Tree

Moved = tuple[Update, Call, Fields]
"""A call, and the list that there is after it."""


def is_moved(updates: Sequence[Update], pointer: str) -> bool:
    """Whether a field is changed by its items: some update says so, and no other covers it."""
    covering = [update for update in updates if update.covers is None or pointer in update.covers]
    return bool(covering) and all(update.by_items for update in covering)


def moves(api: Api, request: ChangeRequest, pointer: str) -> Iterator[Moved]:
    """The calls that make a list what it is to be.

    Raises:
        Rejected: nobody has read what it is, or the API has no call for what joins, or for what leaves.
    """
    if request.remote is None:
        summary = f"{api.classifier.title} changes {_word(pointer)} by what joins and leaves, so it must be read before"
        raise NotRead(summary, kind="unsafe", code=Code.NO_WAY)
    before, wanted = _items(request.remote.fields.get(pointer, ())), _items(request.fields[pointer])
    joined, left = [item for item in wanted if item not in before], [item for item in before if item not in wanted]
    ways = [update for update in api.updates if update.by_items and pointer in (update.covers or ())]
    if whole := next((update for update in ways if update.delta is not None), None):
        yield _at_once(api, request, whole, joined, left)
        return
    now = before
    for kind, items in (("joined", joined), ("left", left)):
        yield from _one_by_one(api, request, pointer, (_way(api, ways, kind, pointer, items), items), now)
        now = [*now, *items]


def _way(api: Api, ways: Sequence[Update], kind: str, pointer: str, items: list[str]) -> Update | None:
    """The call for each item that joins, or leaves; None where none does."""
    way = next((update for update in ways if update.each == kind), None)
    if items and way is None:
        does = f"add to {_word(pointer)}" if kind == "joined" else f"take from {_word(pointer)}"
        raise Rejected(f"{api.classifier.title} has no call to {does}", kind="unsafe", code=Code.NO_WAY)
    return way if items else None


def _one_by_one(
    api: Api, request: ChangeRequest, pointer: str, moved: tuple[Update | None, list[str]], now: list[str]
) -> Iterator[Moved]:
    """One call for each item, and what the list then is; `now` is what it is before."""
    way, items = moved
    for item in items if way is not None else ():
        assert way is not None, "there are items"
        now = [*now, item] if way.each == "joined" else [other for other in now if other != item]
        call = _call(api, request, way, {}, api.codec.item_name(pointer, item))
        yield way, call, _fields(pointer, request.fields[pointer], now)


def _word(pointer: str) -> str:
    return pointer[1:].replace("/", ".")


def _at_once(api: Api, request: ChangeRequest, way: Update, joined: list[str], left: list[str]) -> Moved:
    assert way.delta is not None, "asked for one that has it"
    (pointer,) = way.covers or ("",)
    pairs: dict[str, Tree] = {}
    for place, items in ((way.delta.add, joined), (way.delta.remove, left)):
        pairs |= api.codec.items_at(pointer, place, items) if items else {}
    return way, _call(api, request, way, pairs, ""), request.fields.only([pointer])


def _call(api: Api, request: ChangeRequest, way: Update, pairs: dict[str, Tree], item: str) -> Call:
    named = api.id_for(request, request.remote_id)
    return api.write(api.applied(request.scope), way, pairs, named, intent=request.intent, item=item)


def _items(leaf: Leaf) -> list[str]:
    return (
        sorted(leaf) if isinstance(leaf, frozenset) else [str(item) for item in leaf] if isinstance(leaf, tuple) else []
    )


def _fields(pointer: str, like: Leaf, items: list[str]) -> Fields:
    return Fields({pointer: frozenset(items) if isinstance(like, frozenset) else tuple(items)})
