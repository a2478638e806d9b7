"""Drafts that one block can say: their trees with one value, or a few of the url, put apart. [pure]

Used by `importing.blocks`. Three forms are tried, each over what is left: the trees are the same; they are the same
where the value stands in the path or in texts, too; they are the same but for numbers and query values of the url, or
for urls that nobody may see. What is the same but for one field becomes an exception of the larger group. Every step
looks drafts up by what they have in common, so that twice as many take twice as long.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from reconciler.importing.types import Draft, Veiled
from reconciler.importing.variables import in_name
from reconciler.model.urls import is_url, parts_of
from reconciler.support.natural import natural

FEWEST = 2
PROVIDER = "provider"
_VALUE = re.compile(r"(?! )[^\x00-\x1f\x7f-\x9f\[\],\u2028\u2029]{1,128}(?<! )")
"""What may stand in a list of `for_each`: it becomes a part of the webhook's name."""
_NUMBER = re.compile(r"[0-9]+")
_EXACT = 15
"""Numbers of no more digits are read back as they are by every reader of YAML."""
_EXCEPTIONAL = ("status", "events", "description", "options", "url")
"""The fields in which one webhook of a block may differ."""
_SHARE = 3
"""A block has one exception, or one for so many that are alike."""


class Member(NamedTuple):
    """One draft of a group.

    Args:
        value: what its place is called, as trees have it.
        columns: what else it has of its own, by the keys of its row.
        instead: what its exception says.
    """

    value: str
    draft: Draft
    columns: Mapping[str, Any] = {}
    instead: Mapping[str, Any] = {}


class Group(NamedTuple):
    """Drafts that one block says; `key` None: one draft by itself."""

    key: str | None
    tree: Mapping[str, Any]
    members: tuple[Member, ...]

    @property
    def first(self) -> Draft:
        """One of its drafts that is no exception."""
        return next(member.draft for member in self.members if not member.instead)


class _Formed(NamedTuple):
    """A tree in which `value`, and what the `columns` have, is put apart."""

    tree: dict[str, Any]
    value: str
    columns: Mapping[str, Any] = {}


_Form = Callable[[Draft, str], _Formed | None]
"""A draft's tree with the value of a key put apart; None where it has no such form."""


def groups_of(drafts: Sequence[Draft]) -> Iterator[Group]:
    """Every draft in one group."""
    left = list(drafts)
    keys = [*dict.fromkeys(key for draft in drafts for key in reversed([*draft.tree.get("scope", {})])), PROVIDER]
    ways: list[tuple[str, _Form]] = [(key, form) for key in keys for form in (_as_it_is, _in_paths)]
    for key, form in [*ways, *((key, _in_rows) for key in keys)]:
        made = list(_alike(left, key, form))
        yield from made
        done = {id(member.draft) for group in made for member in group.members}
        left = [draft for draft in left if id(draft) not in done]
    for draft in left:
        yield Group(None, draft.tree, (Member("", draft),))


def _alike(drafts: Iterable[Draft], key: str, form: _Form) -> Iterator[Group]:
    """The drafts that have one tree in this form, or one but for a field."""
    members: dict[str, dict[str, Member]] = defaultdict(dict)
    trees: dict[str, Mapping[str, Any]] = {}
    for draft in drafts:
        if (formed := form(draft, key)) is None:
            continue
        mark = _mark(formed.tree, draft)
        trees.setdefault(mark, formed.tree)
        members[mark].setdefault(formed.value, Member(formed.value, draft, formed.columns))
    alike = [Group(key, trees[mark], tuple(each.values())) for mark, each in members.items()]
    for group in _joined(alike):
        ordered = tuple(sorted(group.members, key=lambda member: natural(member.value)))
        if settled := _settled(group._replace(members=ordered)):
            yield settled


def _mark(tree: Mapping[str, Any], draft: Draft) -> str:
    told = [draft.remarks, draft.secret, draft.issues, draft.doubts, draft.further]
    return json.dumps([tree, told], sort_keys=True)


# Forms


def _as_it_is(draft: Draft, key: str) -> _Formed | None:
    return _varied(draft, key, lambda inner, value, instead: inner)


def _in_paths(draft: Draft, key: str) -> _Formed | None:
    return _varied(draft, key, _replaced)


def _in_rows(draft: Draft, key: str) -> _Formed | None:
    formed = _in_paths(draft, key)
    url = formed.tree.get("url") if formed is not None else None
    if formed is None or url is None:
        return None
    if isinstance(url, Veiled):
        return formed._replace(tree={**formed.tree, "url": Veiled("", url.shown, url.called, key)})
    whole, columns = _pieces(url, key)
    return formed._replace(tree={**formed.tree, "url": whole}, columns=columns) if columns else None


def _varied(draft: Draft, key: str, put: Callable[[Any, str, str], Any]) -> _Formed | None:
    """The tree with `${each.KEY}` for the value of a key; `put` does so in all but the scope."""
    tree = draft.tree
    value = tree.get(PROVIDER) if key == PROVIDER else tree.get("scope", {}).get(key)
    if not isinstance(value, str) or not _VALUE.fullmatch(value.replace("$$", "$")) or "${" in value:
        return None
    instead = f"${{each.{key}}}"
    varied = {
        name: inner if name in (PROVIDER, "scope", "key") else put(inner, value, instead)
        for name, inner in tree.items()
    }
    if key == PROVIDER:
        return _Formed({**varied, PROVIDER: instead}, value)
    return _Formed({**varied, "scope": {**tree["scope"], key: instead}}, value)


def _replaced(inner: Any, value: str, instead: str) -> Any:
    """Wherever the value stands as a word of its own; in an address behind the host only."""
    if isinstance(inner, str):
        parts = parts_of(inner) if is_url(inner) else None
        before = parts.scheme + parts.user + parts.host if parts is not None else ""
        if not inner.startswith(before):
            return inner
        word = re.compile(rf"(?<![A-Za-z0-9$]){re.escape(value)}(?![A-Za-z0-9])")
        return before + word.sub(lambda _: instead, inner[len(before) :])
    if isinstance(inner, Mapping):
        return {name: _replaced(each, value, instead) for name, each in inner.items()}
    return [_replaced(each, value, instead) for each in inner] if isinstance(inner, list) else inner


def _pieces(url: str, key: str) -> tuple[str, dict[str, Any]]:
    """An address with `${each.…}` for its numbers and query values, and these."""
    parts = parts_of(url)
    if not is_url(url) or not url.startswith(parts.scheme + parts.user + parts.host):
        return url, {}
    columns: dict[str, Any] = {}

    def column(name: str, value: Any) -> str:
        free = next(each for each in _numbered(name) if each not in columns and each != key)
        columns[free] = value
        return f"${{each.{free}}}"

    steps = [column("id", _as_number(step)) if _NUMBER.fullmatch(step) else step for step in parts.path.split("/")]
    pairs = [pair.partition("=") for pair in parts.query[1:].split("&")]
    queries = [
        f"{name}={column(in_name(name).lower(), value)}" if value and "${" not in value else f"{name}{equals}{value}"
        for name, equals, value in pairs
    ]
    query = "?" + "&".join(queries) if parts.query else ""
    return parts.scheme + parts.user + parts.host + "/".join(steps) + query, columns


def _as_number(text: str) -> int | str:
    return int(text) if len(text) <= _EXACT and str(int(text)) == text else text


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name}_{number}"
        number += 1


def _settled(group: Group) -> Group | None:
    """The group without columns that say the same in every row; None where variables would have one name."""
    members, tree = group.members, dict(group.tree)
    if isinstance(tree.get("url"), Veiled) and tree["url"].each:
        names = {in_name(member.value) for member in members}
        return group if len(names) == len(members) else None
    for name, value in members[0].columns.items():
        if all(member.columns[name] == value for member in members):
            tree["url"] = tree["url"].replace(f"${{each.{name}}}", str(value))
            members = tuple(
                each._replace(columns={key: other for key, other in each.columns.items() if key != name})
                for each in members
            )
    return group._replace(tree=tree, members=members)


# Exceptions


def _joined(groups: Sequence[Group]) -> Iterator[Group]:
    """The groups of some size, with small ones as their exceptions; the largest first."""
    hosts: dict[tuple[str, str], int] = {}
    joined: dict[int, Group] = {}
    for number, group in sorted(enumerate(groups), key=lambda item: (-len(item[1].members), item[0])):
        marks = [(field, mark) for field in _EXCEPTIONAL for mark in _mark_without(field, group)]
        for field, mark in marks:
            at = hosts.get((field, mark))
            if at is not None and (more := _with_exceptions(joined[at], len(groups[at].members), group, field)):
                joined[at] = more
                break
        else:
            if len(group.members) >= FEWEST:
                joined[number] = group
                for each in marks:
                    hosts.setdefault(each, number)
    yield from joined.values()


def _mark_without(field: str, group: Group) -> Iterator[str]:
    """What a group and its exceptions in that field have in common."""
    tree, draft = group.tree, group.members[0].draft
    rest = {name: value for name, value in tree.items() if name != field}
    if field != "url":
        yield _mark(rest, draft)
    elif isinstance(url := tree.get("url"), str) and is_url(url) and not group.members[0].columns:
        parts = parts_of(url)  # another query is an exception; another host or path is another webhook
        yield _mark({**rest, "url": parts.host + parts.path}, draft)


def _with_exceptions(host: Group, alike: int, other: Group, field: str) -> Group | None:
    """The group with all of another one as exceptions; None where these are no few, or cannot be said.

    Args:
        alike: how many of the group are none.
    """
    few = max(1, alike // _SHARE)
    if len(host.members) - alike + len(other.members) > few:
        return None
    if {member.value for member in host.members} & {member.value for member in other.members}:
        return None
    found = []
    for member in other.members:
        instead = _instead(host.tree, other.tree, member.draft.whole, field)
        if instead is None or any(char in member.value for char in "*?$"):
            return None
        found.append(member._replace(instead={field: instead}))
    return host._replace(members=(*host.members, *found))


def _instead(usual: Mapping[str, Any], own: Mapping[str, Any], whole: Mapping[str, Any], field: str) -> Any:
    """What an exception says of a field; None where it has nothing to say it with."""
    if field == "options":
        return _options(usual.get(field, {}), own.get(field, {}), whole.get(field, {}))
    value = own.get(field, whole.get(field))
    return None if isinstance(value, Veiled) or isinstance(usual.get(field), Veiled) else value


def _options(usual: Mapping[str, Any], own: Mapping[str, Any], whole: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The options that differ. Those that are maps are merged where files are read, so nothing is said of such."""
    apart = {key: own.get(key, whole.get(key)) for key in {**usual, **own} if own.get(key) != usual.get(key)}
    if any(isinstance(value, Mapping | Veiled | None) for value in apart.values()):
        return None
    return None if any(isinstance(usual.get(key), Mapping | Veiled) for key in apart) else apart
