"""Webhooks by provider and by `for_each` block, those of which the same is told together. [pure]

Used by `render.html.plan` and `.drift`.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from reconciler.render.base import counted, plain
from reconciler.render.html.view import Alike, Block, Item, Member, Provider, State
from reconciler.support.natural import natural

_OPEN = 30
"""Items of more webhooks are folded; so are those of which nothing is to be told."""

IN_ORDER = "quiet"
"""The look of webhooks that are as they should be."""


class Told(NamedTuple):
    """One webhook, before it is grouped."""

    provider: str
    name: str
    alike: Alike
    member: Member


def providers(told: Iterable[Told], addresses: Mapping[str, str]) -> tuple[Provider, ...]:
    """The webhooks in the order in which people look for names; what needs no look is behind the rest of its block."""
    by_provider: dict[str, dict[str, list[Told]]] = {}
    for each in sorted(told, key=lambda each: natural(each.name)):
        block, bracket, _ = each.name.partition("[")
        by_provider.setdefault(each.provider, {}).setdefault(block if bracket else "", []).append(each)
    return tuple(
        Provider(
            plain(provider),
            plain(addresses.get(provider, "")),
            sum(map(len, blocks.values())),
            tuple(_block(name, blocks[name]) for name in sorted(blocks, key=natural)),
        )
        for provider, blocks in sorted(by_provider.items(), key=lambda each: natural(each[0]))
    )


def states(told: Iterable[Told]) -> tuple[tuple[State, int], ...]:
    """How many webhooks are in each state, in their turn."""
    counts: dict[State, int] = {}
    for each in told:
        counts[each.alike.state] = counts.get(each.alike.state, 0) + 1
    return tuple(sorted(counts.items(), key=lambda each: each[0].turn))


def _block(name: str, webhooks: list[Told]) -> Block:
    together: dict[Alike, list[Member]] = {}
    for each in webhooks:
        together.setdefault(each.alike, []).append(each.member)
    items = [_item(name, len(webhooks), alike, members) for alike, members in together.items()]
    items.sort(key=lambda item: item.alike.state.look == IN_ORDER)
    return Block(plain(name), len(webhooks), tuple(items))


def _item(block: str, count: int, alike: Alike, members: list[Member]) -> Item:
    if len(members) == 1:
        return Item(members[0].name, alike, tuple(members))
    of = f" of {count}" if block and len(members) < count else ""
    title = f"{len(members)}{of} of {plain(block)}" if block and of else counted(len(members), "webhook")
    return Item(title, alike, tuple(members), alike.state.look == IN_ORDER or len(members) > _OPEN)
