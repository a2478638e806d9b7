"""Equal changes of one `for_each` block, told once. [pure] Used by `render.page` and `render.text`.

Equal are changes that differ in nothing but the webhook's key: where it stands in a value or a sentence, `${each}`
stands for it, so what is told of all is true of each.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

from reconciler.model.action import Action, FieldChange, PlannedCall, Shown
from reconciler.model.webhook import Certainty, Scope
from reconciler.planning.types import Change, Drifted, DriftReport, Plan
from reconciler.support.natural import natural

T = TypeVar("T", Change, Drifted)
_Blocks = Mapping[tuple[str, str], Sequence[str]]

FEWEST = 3
"""As many equal changes are worth a group of their own in text; fewer are as quickly read one by one."""
_ALIKE = (Action.CREATE, Action.UPDATE)
"""What may be told of many at once; who loses a webhook, or is bound to one, reads of each."""


class Group(NamedTuple):
    """What is to become of one webhook, or of several of a block.

    Args:
        change: of one webhook as it is; of several, what they have in common, by the block's name.
        keys: of those of the block; none where it is one webhook.
        total: how many webhooks the block has in the plan.
        others: the block's other webhooks, by their whole names, where these are fewer than those of the group.
    """

    change: Change
    keys: tuple[str, ...] = ()
    total: int = 1
    others: tuple[str, ...] = ()


class DriftGroup(NamedTuple):
    """How one webhook moved, or several of a block; the rest as of `Group`."""

    webhook: Drifted
    keys: tuple[str, ...] = ()
    total: int = 1
    others: tuple[str, ...] = ()


class _Member(NamedTuple, Generic[T]):
    key: str
    item: T
    common: T


def grouped(changes: Iterable[Change], plan: Plan) -> Iterator[Group]:
    """The changes in their natural order, those that are equal together at the first one's turn."""
    blocks = _blocks(plan.changes)
    for members in _alike(changes, _common):
        first = members[0]
        if len(members) == 1:
            yield Group(first.item)
        else:
            yield Group(first.common, _keys(members), len(blocks[_owner(first.common)]))


def folded(changes: Sequence[Change], plan: Plan) -> list[Group]:
    """As `grouped`, but with a group only where nothing that is told of one webhook alone is lost in it.

    Who is retired, replaced or adopted stands alone, and so does who has a problem, a refusal or a finding.
    """
    said = {name for problem in plan.problems for name in problem.about}
    said |= {item.name for item in plan.refusals if item.name} | {item.name for item in plan.findings if item.name}
    blocks = _blocks(plan.changes)

    def may(change: Change) -> bool:
        quiet = change.action in _ALIKE or (change.action is Action.NOOP and change.unverified)
        return quiet and not change.blocked and not change.unread and change.name not in said

    found = _folded(changes, may, _common)
    return [Group(each[0].item) if len(each) == 1 else Group(each[0].common, *_those(each, blocks)) for each in found]


def folded_drift(webhooks: Sequence[Drifted], report: DriftReport) -> list[DriftGroup]:
    """The same of webhooks that moved; who is gone, or could not be read, stands alone."""
    said = {name for problem in report.problems for name in problem.about}
    blocks = _blocks(report.webhooks)

    def may(webhook: Drifted) -> bool:
        seen = webhook.certainty in (Certainty.PRESENT, Certainty.UNREADABLE)
        return seen and not webhook.blocked and webhook.name not in said

    found = _folded(webhooks, may, _common_drift)
    return [
        DriftGroup(each[0].item) if len(each) == 1 else DriftGroup(each[0].common, *_those(each, blocks))
        for each in found
    ]


def _folded(items: Sequence[T], may: Callable[[T], bool], common: Callable[[T, str, str], T]) -> list[list[_Member[T]]]:
    """Groups of `FEWEST` at least, all others alone, each at its first one's turn."""
    many: list[list[_Member[T]]] = []
    for members in _alike(filter(may, items), common):
        many += [members] if len(members) >= FEWEST else ([each] for each in members)
    many += ([_Member("", item, item)] for item in items if not may(item))
    return sorted(many, key=lambda members: natural(members[0].item.name))


def _alike(items: Iterable[T], common: Callable[[T, str, str], T]) -> Iterable[list[_Member[T]]]:
    alike: dict[str, list[_Member[T]]] = {}
    for item in sorted(items, key=lambda item: natural(item.name)):
        block, key = _parts(item.name)
        shared = common(item, block, key) if key else item
        alike.setdefault(repr(shared), []).append(_Member(key, item, shared))
    return alike.values()


def _keys(members: Iterable[_Member[T]]) -> tuple[str, ...]:
    return tuple(member.key for member in members)


def _those(members: Sequence[_Member[T]], blocks: _Blocks) -> tuple[tuple[str, ...], int, tuple[str, ...]]:
    """The keys of a group, how many webhooks its block has, and the names of the others, where these are fewer."""
    block = blocks[_owner(members[0].common)]
    if len(block) >= 2 * len(members):
        return _keys(members), len(block), ()
    inside = {member.item.name for member in members}
    return _keys(members), len(block), tuple(sorted((name for name in block if name not in inside), key=natural))


def _blocks(everyone: Iterable[Change | Drifted]) -> _Blocks:
    """The names of each block's webhooks."""
    blocks: dict[tuple[str, str], list[str]] = {}
    for each in everyone:
        blocks.setdefault(_owner(each), []).append(each.name)
    return blocks


def _owner(each: Change | Drifted) -> tuple[str, str]:
    """A webhook's block, and the provider that it is at."""
    return each.provider, each.name.partition("[")[0]


def _parts(name: str) -> tuple[str, str]:
    """The block and the key of a webhook that a `for_each` made; no key of any other."""
    block, bracket, rest = name.partition("[")
    return (block, rest[:-1]) if bracket and rest.endswith("]") and rest != "]" else (name, "")


class _Words(NamedTuple):
    """Takes out of texts what only tells one webhook of a block from the others."""

    name: str
    block: str
    key: str

    def said(self, text: str) -> str:
        """A sentence; what stands there already for a key stays told apart from what is put there."""
        text = text.replace("${each}", "$${each}")
        return _without(text.replace(self.name, self.block), self.key) if self.key in text else text

    def shown(self, value: Shown) -> Shown:
        """A value."""
        if isinstance(value, tuple):
            return tuple(self.said(item) if isinstance(item, str) else item for item in value)
        return self.said(value) if isinstance(value, str) else value

    def field(self, one: FieldChange) -> FieldChange:
        """A difference."""
        return one._replace(before=self.shown(one.before), after=self.shown(one.after))

    def scope(self, scope: Scope) -> Scope:
        """A place."""
        return tuple((name, self.said(value)) for name, value in scope)


def _common_drift(webhook: Drifted, block: str, key: str) -> Drifted:
    """The same of a webhook that moved."""
    words = _Words(webhook.name, block, key)
    return webhook._replace(
        name=block,
        scope=words.scope(webhook.scope),
        remote_id=None,
        fields=tuple(map(words.field, webhook.fields)),
        secret=words.said(webhook.secret),
        unmanaged=tuple(map(words.field, webhook.unmanaged)),
        at=None,
    )


def _common(change: Change, block: str, key: str) -> Change:
    """The change without what only tells one webhook of a block from the others."""
    words = _Words(change.name, block, key)
    said = words.said
    return change._replace(
        name=block,
        scope=words.scope(change.scope),
        remote_id=None,
        reason=said(change.reason),
        fields=tuple(map(words.field, change.fields)),
        secret_note=said(change.secret_note),
        secret_fingerprint=None,
        secrets=tuple(each._replace(note=said(each.note), fingerprint=None) for each in change.secrets),
        observed=None,
        calls=tuple(PlannedCall(call.method, "", call.loses) for call in change.calls),
        notes=tuple(map(said, change.notes)),
        renamed_from=None if change.renamed_from is None else said(change.renamed_from),
        last_applied=(change.last_applied or "")[:10] if change.unverified else None,
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
