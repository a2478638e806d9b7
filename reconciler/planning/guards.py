"""Everything that the policy refuses of a plan, and what is worth a look of its lock. [pure]

Called by `planning.plan`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from reconciler.codes import Code
from reconciler.matching.types import STRANGER, Matched, Matching
from reconciler.model.action import Finding
from reconciler.model.webhook import Desired
from reconciler.planning.inputs import PlanInput
from reconciler.planning.policy import (
    emptied,
    misplaced,
    protected,
    strangers,
    threshold_of,
    too_many,
    too_many_unlocked,
)
from reconciler.planning.types import Change, PlanOptions, Refusal
from reconciler.state.lock import Lock


def lock_findings(given: PlanInput) -> Iterator[Finding]:
    """A lock that should be there and is not, as a finding."""
    if given.lock_missing is not None:
        summary = f"{given.lock_missing.summary}; {given.lock_missing.hint}"
        yield Finding("lock_missing", summary, "", (), code=Code.LOCK_MISSING)


def guards(
    webhooks: Sequence[Desired], changes: Sequence[Change], given: PlanInput, options: PlanOptions
) -> Iterator[Refusal]:
    """Everything the policy refuses. File and lock protect alike, so dropping a block drops no protection."""
    policy, matching = given.policy, given.matching
    found = (*matching.matched.items(), *matching.orphans.items())
    shielded = {webhook.name for webhook in webhooks if webhook.protect}
    shielded.update(name for name, match in found if match.entry is not None and match.entry.protect)
    counted = _not_asked_before(changes, given.lock)
    yield from misplaced(webhooks, policy)
    yield from protected(changes, frozenset(shielded))
    yield from _over(changes, counted, given, options)
    by_name = options.targets is not None or options.unmanaged is not None
    yield from emptied(counted, bool(given.desired) or options.prune_all or by_name)
    yield from strangers(matching.unmanaged, matching.spared, policy)


def _over(
    changes: Sequence[Change], counted: Sequence[Change], given: PlanInput, options: PlanOptions
) -> Iterator[Refusal]:
    """What is more than a provider's threshold allows, of the first one that it is more than."""
    typed = None if options.max_changed is None else (threshold_of(options.max_changed),)
    declared = Counter(webhook.provider for webhook in given.desired)
    managed = Counter(entry.provider for entry in given.lock.entries.values() if not entry.is_past)
    there = managed + _strangers_of(given.matching)
    for provider, (all_of_it, to_count) in _of_each(changes, counted):
        strange = _strange(to_count, given.matching)
        for threshold in typed or given.policy.of(provider).thresholds():
            unlocked = too_many_unlocked(all_of_it, declared, threshold, given.lock_missing)
            refusals = [*too_many(to_count, managed, threshold), *unlocked]
            if refusals := refusals or [*too_many(strange, there, threshold, "webhooks")]:
                yield from refusals
                break


def _strange(changes: Iterable[Change], matching: Matching) -> list[Change]:
    """The changes of what nobody declared: where little is managed, they are still counted against all there is."""
    return [change for change in changes if _is_strange(matching.orphans.get(change.name))]


def _strangers_of(matching: Matching) -> Counter[str]:
    """How many of them each provider has."""
    going = (found.entry.provider for found in matching.orphans.values() if _is_strange(found) and found.entry)
    return Counter([*(each.provider for each in matching.unmanaged), *going])


def _is_strange(found: Matched | None) -> bool:
    return found is not None and found.how == STRANGER


def _of_each(
    changes: Sequence[Change], counted: Sequence[Change]
) -> Iterator[tuple[str, tuple[list[Change], list[Change]]]]:
    """Both, for one provider after the other, since each may have thresholds of its own."""
    apart: dict[str, tuple[list[Change], list[Change]]] = {}
    for which, some in enumerate((changes, counted)):
        for change in some:
            apart.setdefault(change.provider, ([], []))[which].append(change)
    yield from sorted(apart.items())


def _not_asked_before(changes: Sequence[Change], lock: Lock) -> list[Change]:
    """All but those asked to go again: they were counted when they were first, so that asking again needs no flag."""
    leaving = {name for name, entry in lock.entries.items() if entry.is_leaving}
    return [change for change in changes if change.name not in leaving]
