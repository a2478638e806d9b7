"""Webhooks by provider and by `for_each` block, those of which the same is told together. [pure]

Used by `render.html.plan` and `.drift`.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from reconciler.render.base import counted, plain
from reconciler.render.html.view import Alike, Block, Difference, Item, Member, Provider, State
from reconciler.support.natural import natural

_OPEN = 30
"""Items of more webhooks are folded; so are those of which nothing is to be told."""

_URL = "url"
"""The first of all differences, where it is one."""

IN_ORDER = "quiet"
"""The look of webhooks that are as they should be."""


class Told(NamedTuple):
    """One webhook, before it is grouped."""

    provider: str
    name: str
    alike: Alike
    member: Member

    @property
    def apart(self) -> tuple[Alike, Difference | None]:
        """What is told without its URL, and how that differs."""
        first = next(iter(self.alike.differences), None)
        if first is None or first.label != _URL:
            return self.alike, None
        return self.alike._replace(differences=self.alike.differences[1:]), first


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
    together: dict[tuple[Alike, bool], list[tuple[Member, Difference | None]]] = {}
    for each in webhooks:
        alike, url = each.apart
        together.setdefault((alike, url is None), []).append((each.member, url))
    items = [_item(name, len(webhooks), *_joined(alike, members)) for (alike, _), members in together.items()]
    items.sort(key=lambda item: item.alike.state.look == IN_ORDER)
    return Block(plain(name), len(webhooks), tuple(items))


def _joined(alike: Alike, members: list[tuple[Member, Difference | None]]) -> tuple[Alike, list[Member]]:
    """URLs that differ in one way are told once, others with their webhooks."""
    urls = {url for _, url in members}
    if len(urls) > 1:
        return alike, [member._replace(url=url) for member, url in members]
    told = tuple(url for url in urls if url is not None)
    return alike._replace(differences=(*told, *alike.differences)), [member for member, _ in members]


def _item(block: str, count: int, alike: Alike, members: list[Member]) -> Item:
    if len(members) == 1:
        return Item(members[0].name, alike, tuple(members))
    of = f" of {count}" if block and len(members) < count else ""
    title = f"{len(members)}{of} of {plain(block)}" if block and of else counted(len(members), "webhook")
    return Item(title, alike, tuple(members), alike.state.look == IN_ORDER or len(members) > _OPEN)
