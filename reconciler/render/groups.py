"""Equal changes of one `for_each` block, told once. [pure] Used by `render.page`.

Equal are changes that differ in nothing but the webhook's key: where it stands in a value or a sentence, `${each}`
stands for it, so what is told of all is true of each.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from reconciler.model.action import FieldChange, PlannedCall, Shown
from reconciler.planning.types import Change, Plan
from reconciler.support.natural import natural


class Group(NamedTuple):
    """What is to become of one webhook, or of several of a block.

    Args:
        change: of one webhook as it is; of several, what they have in common, by the block's name.
        keys: of those of the block; none where it is one webhook.
        total: how many webhooks the block has in the plan.
    """

    change: Change
    keys: tuple[str, ...] = ()
    total: int = 1


class _Member(NamedTuple):
    key: str
    change: Change
    common: Change


def grouped(changes: Iterable[Change], plan: Plan) -> Iterator[Group]:
    """The changes in their natural order, those that are equal together at the first one's turn."""
    totals: dict[tuple[str, str], int] = {}
    for change in plan.changes:
        owner = change.provider, change.name.partition("[")[0]
        totals[owner] = totals.get(owner, 0) + 1
    alike: dict[str, list[_Member]] = {}
    for change in sorted(changes, key=lambda change: natural(change.name)):
        block, key = _parts(change.name)
        common = _common(change, block, key) if key else change
        alike.setdefault(repr(common), []).append(_Member(key, change, common))
    for members in alike.values():
        first = members[0]
        if len(members) == 1:
            yield Group(first.change)
        else:
            total = totals[first.common.provider, first.common.name]
            yield Group(first.common, tuple(member.key for member in members), total)


def _parts(name: str) -> tuple[str, str]:
    """The block and the key of a webhook that a `for_each` made; no key of any other."""
    block, bracket, rest = name.partition("[")
    return (block, rest[:-1]) if bracket and rest.endswith("]") and rest != "]" else (name, "")


def _common(change: Change, block: str, key: str) -> Change:
    """The change without what only tells one webhook of a block from the others."""

    def said(text: str) -> str:
        return _without(text.replace(change.name, block), key) if key in text else text

    def shown(value: Shown) -> Shown:
        if isinstance(value, tuple):
            return tuple(said(item) if isinstance(item, str) else item for item in value)
        return said(value) if isinstance(value, str) else value

    def field(one: FieldChange) -> FieldChange:
        return one._replace(before=shown(one.before), after=shown(one.after))

    return change._replace(
        name=block,
        scope=tuple((name, said(value)) for name, value in change.scope),
        remote_id=None,
        reason=said(change.reason),
        fields=tuple(map(field, change.fields)),
        secret_note=said(change.secret_note),
        secret_fingerprint=None,
        observed=None,
        calls=tuple(PlannedCall(call.method, "", call.loses) for call in change.calls),
        notes=tuple(map(said, change.notes)),
        renamed_from=None if change.renamed_from is None else said(change.renamed_from),
        source=None,
        at=None,
    )


def _without(text: str, key: str) -> str:
    """`text` with `${each}` for the key, wherever that is a word of its own."""
    first, *rest = text.split(key)
    made, before = first, first[-1:]
    for after in rest:
        part_of_word = _is_letter(before) or _is_letter(after[:1])
        made += (key if part_of_word else "${each}") + after
        before = after[-1:] or key[-1:]
    return made


def _is_letter(char: str) -> bool:
    return char.isalnum() or char == "_"
