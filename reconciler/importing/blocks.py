"""Many drafts -> blocks: webhooks that are the same but for one value are one block with a `for_each`. [pure]

Used by `run.imports`. The value is that of one parameter of the scope, or the provider's name; it may stand in the
url's path, in the description and in other texts as well, and is `${each.KEY}` there.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from reconciler.importing.draft import doubled
from reconciler.importing.naming import Traits, names
from reconciler.importing.types import Block, Draft
from reconciler.model.urls import is_url, parts_of
from reconciler.support.natural import natural

FEWEST = 2
_VALUE = re.compile(r"(?! )[^\x00-\x1f\x7f-\x9f\[\],\u2028\u2029]{1,128}(?<! )")
"""What may stand in a list of `for_each`: it becomes a part of the webhook's name."""
_PROVIDER = "provider"

Put = Callable[[Any, str, str], Any]
"""A value with `${each.KEY}` where a text stands: from the value, the text, and what replaces it."""


class _Group(NamedTuple):
    """Drafts that are the same but for one value; `key` None: one draft by itself."""

    key: str | None
    values: tuple[str, ...]
    tree: Mapping[str, Any]
    drafts: tuple[Draft, ...]


def blocks_of(drafts: Sequence[Draft], taken: Iterable[str]) -> tuple[Block, ...]:
    """The blocks, in the order of their providers, places and ids.

    Args:
        taken: names that the files and the lock have.
    """
    ordered = sorted(drafts, key=_order)
    groups = sorted(_grouped(ordered), key=lambda group: _order(group.drafts[0]))
    used = {word for name in taken for word in (name, name.partition("[")[0])}
    chosen = names([_traits(group) for group in groups], used)
    return tuple(_block(name, group) for name, group in zip(chosen, groups, strict=True))


def _order(draft: Draft) -> tuple[Any, ...]:
    found = draft.found
    return natural(found.provider), [natural(value) for _, value in found.scope], natural(found.remote.remote_id)


def _grouped(drafts: Sequence[Draft]) -> Iterator[_Group]:
    left = list(drafts)
    keys = dict.fromkeys(key for draft in drafts for key in reversed([*draft.tree.get("scope", {})]))
    for key in [*keys, _PROVIDER]:
        for put in (_as_it_is, _in_paths):
            made = list(_alike(left, key, put))
            yield from made
            done = {id(draft) for group in made for draft in group.drafts}
            left = [draft for draft in left if id(draft) not in done]
    for draft in left:
        yield _Group(None, (), draft.tree, (draft,))


def _alike(drafts: Iterable[Draft], key: str, put: Put) -> Iterator[_Group]:
    """The drafts that have one tree once the value of `key` is put apart."""
    found: dict[str, dict[str, Draft]] = defaultdict(dict)
    trees: dict[str, Mapping[str, Any]] = {}
    for draft in drafts:
        value = draft.tree.get(_PROVIDER) if key == _PROVIDER else draft.tree.get("scope", {}).get(key)
        if not isinstance(value, str) or not _VALUE.fullmatch(value.replace("$$", "$")) or "${" in value:
            continue
        tree = _varied(draft.tree, key, value, put)
        mark = json.dumps([tree, draft.remarks, draft.secret, draft.issues, draft.doubts], sort_keys=True)
        trees.setdefault(mark, tree)
        found[mark].setdefault(value, draft)
    for mark, members in found.items():
        if len(members) >= FEWEST:
            values = tuple(sorted(members, key=natural))
            yield _Group(key, values, trees[mark], tuple(members[value] for value in values))


def _varied(tree: Mapping[str, Any], key: str, value: str, put: Put) -> dict[str, Any]:
    instead = f"${{each.{key}}}"
    varied = {
        name: inner if name in (_PROVIDER, "scope") else put(inner, value, instead) for name, inner in tree.items()
    }
    if key == _PROVIDER:
        return {**varied, _PROVIDER: instead}
    return {**varied, "scope": {**tree["scope"], key: instead}}


def _as_it_is(inner: Any, value: str, instead: str) -> Any:
    return inner


def _in_paths(inner: Any, value: str, instead: str) -> Any:
    """Wherever the value stands as a word of its own; in an address behind the host only."""
    if isinstance(inner, str):
        parts = parts_of(inner) if is_url(inner) else None
        before = parts.scheme + parts.user + parts.host if parts is not None else ""
        if not inner.startswith(before):
            return inner
        word = re.compile(rf"(?<![A-Za-z0-9$]){re.escape(value)}(?![A-Za-z0-9])")
        return before + word.sub(lambda _: instead, inner[len(before) :])
    if isinstance(inner, Mapping):
        return {name: _in_paths(each, value, instead) for name, each in inner.items()}
    return [_in_paths(each, value, instead) for each in inner] if isinstance(inner, list) else inner


def _traits(group: _Group) -> Traits:
    """What a block can be named after: nothing that varies within it."""
    draft, varies = group.drafts[0], f"${{each.{group.key}}}"
    fixed = tuple(str(value) for name, value in draft.tree.get("scope", {}).items() if name != group.key)
    url, description = (str(group.tree.get(each, "")) for each in ("url", "description"))
    provider = "" if group.key == _PROVIDER else draft.found.provider
    return Traits(
        provider,
        fixed,
        url.replace(varies, "").replace("$$", "$"),
        "" if varies in description else description.replace("$$", "$"),
        tuple(sorted(draft.found.remote.fields.events)),
        draft.found.provider,
    )


def _block(name: str, group: _Group) -> Block:
    if group.key is None:
        return Block(name, group.tree, {name: group.drafts[0]})
    plain = [value.replace("$$", "$") for value in group.values]
    tree = {"for_each": {group.key: [doubled(value) for value in plain]}, **group.tree}
    return Block(name, tree, {f"{name}[{value}]": draft for value, draft in zip(plain, group.drafts, strict=True)})
