"""Many drafts -> blocks: webhooks that are the same but for little are one block with a `for_each`. [pure]

Used by `run.imports`. `groups` says which drafts a block can say, `naming` what it is called, `lists` whether its
vendor may be left to list its places. What differs is `${each.KEY}` in the block, and a row or an exception beside it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reconciler.importing.groups import PROVIDER, Group, groups_of
from reconciler.importing.lists import Places, lookup_of
from reconciler.importing.naming import Traits, names
from reconciler.importing.types import Block, Draft, Veiled
from reconciler.importing.variables import with_variables
from reconciler.support.natural import natural

_EACH = re.compile(r"\$\{each\.[^{}]*\}")


def blocks_of(drafts: Sequence[Draft], taken: Iterable[str], lists: Sequence[Places] = ()) -> tuple[Block, ...]:
    """The blocks, in the order of their providers, places and ids.

    Args:
        drafts: what is to be said.
        taken: names that the files and the lock have.
        lists: what vendors list, where that may be left to them.
    """
    groups = sorted(groups_of(sorted(drafts, key=_order)), key=lambda group: _order(group.members[0].draft))
    used = {word for name in taken for word in (name, name.partition("[")[0])}
    chosen = names([_traits(group) for group in groups], used)
    return tuple(_block(name, group, lists) for name, group in zip(chosen, groups, strict=True))


def _order(draft: Draft) -> tuple[Any, ...]:
    found = draft.found
    return natural(found.provider), [natural(value) for _, value in found.scope], natural(found.remote.remote_id)


def _traits(group: Group) -> Traits:
    """What a block can be named after: nothing that varies within it, and nothing that looks like a secret."""
    draft = group.first
    fields = draft.found.remote.fields
    fixed = tuple(str(value) for name, value in draft.tree.get("scope", {}).items() if name != group.key)
    url, description = (group.tree.get(each, "") for each in ("url", "description"))
    provider = "" if group.key == PROVIDER else draft.found.provider
    return Traits(
        provider,
        fixed,
        url.shown if isinstance(url, Veiled) else _EACH.sub("", str(url)).replace("$$", "$"),
        "" if isinstance(description, Veiled) or _EACH.search(description) else description.replace("$$", "$"),
        tuple(sorted(fields.events)),
        draft.found.provider,
        tuple(str(leaf) for at in draft.tree.get("key", ()) if isinstance(leaf := fields.get(f"/{at}"), bool | str)),
    )


def _block(name: str, group: Group, lists: Sequence[Places]) -> Block:
    """The block that says a group."""
    plain = [member.value.replace("$$", "$") for member in group.members]
    drafts = {value: member.draft for value, member in zip(plain, group.members, strict=True)}
    tree, variables = with_variables(group.tree, name, drafts)
    if group.key is None:
        return Block(name, tree, {name: group.first}, variables)
    rows, listed = _for_each(group, plain, lists)
    if listed:
        tree = _without_scope(tree, group.key)
    instead = {"override": _exceptions(group)} if any(member.instead for member in group.members) else {}
    named = {f"{name}[{value}]": draft for value, draft in drafts.items()}
    own = bool(group.members[0].columns) or any("${each." in variable.name for variable in variables)
    return Block(name, {"for_each": rows, **tree, **instead}, named, variables, own, listed)


def _for_each(group: Group, plain: Sequence[str], lists: Sequence[Places]) -> tuple[Any, str]:
    """What stands under `for_each`, and in how many places, where the vendor is left to list them."""
    assert group.key is not None
    if group.members[0].columns:
        return [{group.key: member.value, **member.columns} for member in group.members], ""
    for places in lists if group.key != PROVIDER else ():
        if lookup := lookup_of(places, group.key, group.first.found, plain):
            return {group.key: lookup}, f"{len(plain)} of {len(places.values)} {places.what}"
    return {group.key: [member.value for member in group.members]}, ""


def _exceptions(group: Group) -> dict[str, Mapping[str, Any]]:
    return {member.value: member.instead for member in group.members if member.instead}


def _without_scope(tree: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The tree without the parameter that the list fills in by itself."""
    rest = {name: value for name, value in tree["scope"].items() if name != key}
    return {name: rest if name == "scope" else value for name, value in tree.items() if name != "scope" or rest}
