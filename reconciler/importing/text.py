"""Blocks -> the lines of YAML that say them, comments among them. [pure] Used by `run.imports`."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from reconciler.importing import looks
from reconciler.importing.naming import slug
from reconciler.importing.types import Block, Draft, LeftOut, Secrecy
from reconciler.importing.variables import variable_for
from reconciler.importing.yaml import flow, key, remark, scalar
from reconciler.model.secret import MASK, shown_url
from reconciler.model.urls import is_url

WIDTH = 110
HEAD = """\
# Webhooks as `whsync import` found them: `whsync plan` shows what differs at the vendors, `whsync apply` makes it so.
# What an import cannot read stands as a comment; what is no more than usual, or is not known, is left to the vendor.
version: 1
"""
_SHARED = ("provider", "events", "status", "options")
"""What may stand in the defaults instead, where all blocks have it."""
_FEWEST = 3
_LAST = "override"
_IN_QUERY = re.compile(r"=\$\{each\.([^{}]*)\}")


class Lines(NamedTuple):
    """One entry of a mapping: its lines without indentation, and the same as one line without comments."""

    lines: tuple[str, ...]
    flow: str


def provider_lines(name: str, tree: Mapping[str, Any]) -> Lines:
    """One entry below `providers:`."""
    body = [f"  {line}" for each, value in tree.items() for line in _field(each, value)]
    return (
        Lines((f"{key(name)}:", *body), f"{key(name)}: {flow(tree)}")
        if tree
        else Lines((f"{key(name)}: {{}}",), f"{key(name)}: {{}}")
    )


def shared(blocks: Sequence[Block]) -> dict[str, Any]:
    """What all blocks have, and what is written once in the defaults for that."""
    if len(blocks) < _FEWEST:
        return {}
    first = blocks[0].tree
    return {
        each: first[each]
        for each in _SHARED
        if each in first and "${each." not in repr(first[each]) and all(b.tree.get(each) == first[each] for b in blocks)
    }


def without(block: Block, defaults: Mapping[str, Any]) -> Block:
    """The block without what stands in the defaults."""
    return block._replace(tree={each: value for each, value in block.tree.items() if each not in defaults})


def block_lines(block: Block, discreet: bool = False) -> Lines:
    """One block.

    Args:
        discreet: for a terminal: what addresses hide, or what in them looks like a secret, is not shown.
    """
    tree = _discreet(_without_queries(block.tree)) if discreet else block.tree
    draft = block.first
    told = [*draft.remarks]
    told += (
        [f"{' and '.join(draft.doubts)} {'look' if len(draft.doubts) > 1 else 'looks'} like a secret"]
        if draft.doubts
        else []
    )
    body = [line for each, value in tree.items() if each != _LAST for line in _commented(each, value, block)]
    body += [f"# {remark(each)}" for each in told]
    body += _secrets(block, draft)
    body += _exceptions(tree.get(_LAST, {}))
    return Lines((f"{key(block.name)}:", *(f"  {line}" for line in body)), f"{key(block.name)}: {flow(tree)}")


def _commented(name: str, value: Any, block: Block) -> Iterator[str]:
    """A field, and above it what a reader has to know of it."""
    if name == "for_each" and block.listed:
        yield f"# {remark(block.listed)} when this was written; a new one gets the webhook, too, with the next apply"
    for variable in block.variables:
        if variable.at.partition(".")[0] == name:
            first = next(iter(variable.values.values()))[0]
            rest = ", and so on" if "${each." in variable.name else ""
            yield f"# Looks like a secret, so it is not written here: {remark(variable.shown)}"
            yield f"# Copy it from where the vendor shows it, out of sight: read -rs {first} && export {first}{rest}"
    yield from _field(name, value)


def left_out_lines(left_out: Iterable[LeftOut]) -> Iterator[str]:
    """A comment for each webhook that is not imported."""
    for found, reason in left_out:
        where = "".join(f" {name}={value}" for name, value in found.scope)
        url = f" ({looks.hidden(found.remote.fields.url)})" if found.remote.fields.url else ""
        yield f"# Not imported: {remark(f'{found.remote.remote_id} at {found.provider}{where}{url}: {reason}')}"


def _field(name: str, value: Any) -> Iterator[str]:
    """One key and its value, in as many lines as it takes."""
    if isinstance(value, str | bool | int | float):
        yield f"{key(name)}: {scalar(value, within_brackets=False)}"
        return
    if isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        yield f"{key(name)}:"
        yield from (f"  - {flow(item)}" for item in value)
        return
    line = f"{key(name)}: {flow(value)}"
    if len(line) <= WIDTH or not value:
        yield line
    elif isinstance(value, Mapping):
        yield f"{key(name)}:"
        yield from (f"  {inner}" for each, below in value.items() for inner in _field(each, below))
    else:
        yield f"{key(name)}:"
        yield from (f"  - {flow(item)}" for item in value)


def _exceptions(override: Mapping[str, Any]) -> Iterator[str]:
    """Each exception in a line of its own."""
    if override:
        yield f"{_LAST}:"
        yield from (f"  {key(name)}: {flow(value)}" for name, value in override.items())


def _secrets(block: Block, draft: Draft) -> Iterator[str]:
    """The lines that would manage the secrets, with what is unknown of them."""
    if draft.secret is not Secrecy.NOT_HERE:
        yield f"# secret: {_reference(block, draft.issues)}  # {remark(_unknown(draft.secret, draft.issues))}"
    further = [(name, known) for name, known in draft.further if known is not Secrecy.NOT_HERE]
    if further:
        yield "# secrets:"
    for name, known in further:
        yield f"#   {key(name)}: {_reference(block, False, name)}  # {remark(_unknown(known, False))}"


def _reference(block: Block, issues: bool, which: str = "secret") -> str:
    """Where a secret would come from, or go to."""
    keys = [block.tree["for_each"][0]] if block.own_secrets and _is_rows(block) else [block.tree.get("for_each", {})]
    each = [f"${{each.{name}}}" for name in [*keys[0]][:1]]
    if issues:
        return f'{{to: "file:./secrets/{"-".join([slug(block.name), *each])}"}}'
    stem = variable_for(slug(block.name) or "webhook", which)
    return f'{{from: "env:{"_".join([stem, *(each if block.own_secrets else ())])}"}}'


def _is_rows(block: Block) -> bool:
    return isinstance(block.tree.get("for_each"), list)


def _unknown(known: Secrecy, issues: bool) -> str:
    if known is Secrecy.NONE:
        return "none is set"
    if known is Secrecy.SHOWN:
        return "the vendor shows it; it is not written here"
    if issues:
        return "issued by the vendor, which does not show it again"
    return "not readable: the one in use belongs there"


def _without_queries(tree: Mapping[str, Any]) -> Mapping[str, Any]:
    """A tree without what its rows fill into the query of its url."""
    rows, names = tree.get("for_each"), {*_IN_QUERY.findall(str(tree.get("url", "")))}
    if not isinstance(rows, list) or not names:
        return tree
    shown = [{name: MASK if name in names else value for name, value in row.items()} for row in rows]
    return {**tree, "for_each": shown}


def _discreet(value: Any) -> Any:
    if isinstance(value, str):
        return looks.hidden(value) if is_url(value) else shown_url(value) if "://" in value else value
    if isinstance(value, Mapping):
        return {name: _discreet(inner) for name, inner in value.items()}
    return [_discreet(inner) for inner in value] if isinstance(value, list) else value
