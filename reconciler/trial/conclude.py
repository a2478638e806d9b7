"""The manifest's words for what only the whole trial shows: values that are ignored, fields that updates clear. [pure]

An update that leaves a field out and thereby clears it means one word where one field does that, and another where all
do; a value that a create ignores may be taken by an update. So the deviations of all steps are looked at together.
Used by `run.trial` at its end.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from reconciler.providers.language.fields import Lens
from reconciler.trial.compare import place_of
from reconciler.trial.types import CREATE, Deviation, Kind


def concluded(
    found: Iterable[Deviation], tried: Mapping[str, bool], lenses: Mapping[str, Lens]
) -> tuple[Deviation, ...]:
    """All deviations, each with its word, once; those that count come first.

    Args:
        found: of all steps.
        tried: the pointers of fields that were updated by themselves, with whether that came true.
        lenses: the manifest's, by pointer.
    """
    worded = [*_ignored(found := list(found), tried), *_unsent(found, lenses)]
    rest = [each for each in found if each.kind not in (Kind.IGNORED, Kind.CLEARED, Kind.MOVED)]
    restless = {each.field for each in found if each.kind is Kind.RESTLESS}
    told = [each for each in [*rest, *worded] if each.field not in restless or each.kind is Kind.RESTLESS]
    once: dict[tuple[Kind, str, str], Deviation] = {}
    for each in told:
        once.setdefault((each.kind, each.field, each.word), each)
    return tuple(sorted(once.values(), key=lambda each: not each.counts))


def _ignored(found: Sequence[Deviation], tried: Mapping[str, bool]) -> Iterator[Deviation]:
    """A value that is not taken: by the create only, by updates only, or never."""
    steps: dict[str, list[Deviation]] = defaultdict(list)
    for each in found:
        if each.kind is Kind.IGNORED:
            steps[each.field].append(each)
    for pointer, those in steps.items():
        place, at_create = place_of(pointer), any(each.step == CREATE for each in those)
        if not at_create:
            word = f"{place}: {{sets: create}}"
        elif tried.get(pointer):
            word = f"{place}: {{sets: update, initially: …}}"
        else:
            word = f"{place}: {{absent: …}}, or `values` and `choices` with what the vendor takes"
        for each in those:
            yield each._replace(word=each.word or word)


def _unsent(found: Sequence[Deviation], lenses: Mapping[str, Lens]) -> Iterator[Deviation]:
    """A field that an update cleared or moved without sending it: by one other field, or whatever is changed."""
    those = [each for each in found if each.kind in (Kind.CLEARED, Kind.MOVED)]
    by: dict[str, set[str]] = defaultdict(set)
    for each in those:
        by[each.field].add(each.by)
    for each in those:
        yield each._replace(word=_word(each, by[each.field], lenses))


def _word(each: Deviation, by: set[str], lenses: Mapping[str, Lens]) -> str:
    """The word for a field that a change of another one takes along; `by` are the fields whose changes do that."""
    if not each.by:
        return "unknown: say that it moves by itself"
    if len(by) > 1:
        return "update: {body: merge}, or `body: full`"
    together = _parent(lenses.get(each.by))
    if together and together == _parent(lenses.get(each.field)):
        return f"update: {{whole: [{together}]}}"
    return f"update: {{resend: {{{each.by}: [{each.field}]}}}}"


def _parent(lens: Lens | None) -> str:
    """The part of a body in which a field stands; empty for the whole."""
    return (lens.write or "").rpartition("/")[0] if lens is not None else ""
