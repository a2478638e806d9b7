"""Blocks whose rows a vendor lists: what is to be asked, the rows that answers give, and the webhooks of these.

Called by `run.discover`, which asks. `config.load` checks such a block with a row that stands for all; what is wrong
with the rows themselves comes up here, and spoils no other block.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from reconciler.codes import Code
from reconciler.config.check import faults_between
from reconciler.config.checked import Checked
from reconciler.config.expand import Template, expand
from reconciler.config.fault import FileFault
from reconciler.config.forms import as_written
from reconciler.config.keys import widened
from reconciler.config.loaded import Loaded
from reconciler.config.lookups import Lookup, is_usable
from reconciler.config.places import told
from reconciler.config.rows import Row, may_name
from reconciler.config.taken import sink_faults
from reconciler.config.webhook import hidden_variables
from reconciler.errors import Problem
from reconciler.model.discovery import Discovered
from reconciler.providers.protocol import Listed
from reconciler.support.bounds import MORE
from reconciler.support.hints import named_in_short


class Ask(NamedTuple):
    """One list that a provider entry is asked for, once in a run however many blocks want it."""

    provider: str
    what: str
    given: tuple[tuple[str, str], ...] = ()


Values = Mapping[str, Any]
"""What `${each.KEY}` is, by key."""
Answers = dict[Ask, Listed | Problem]
"""What each list gave, or why it gave nothing."""


class Explored(NamedTuple):
    """How far the rows of a block are known.

    Args:
        rows: all of them; none where anything is still to be asked, or could not be had.
        asks: what is to be asked before more can be said.
        seen: what each list gave.
        problems: what could not be had, or cannot be one of the rows.
        failed: nothing may be concluded of the block.
    """

    rows: tuple[Row, ...] = ()
    asks: tuple[Ask, ...] = ()
    seen: tuple[Discovered, ...] = ()
    problems: tuple[Problem, ...] = ()
    failed: bool = False


class _Kept(NamedTuple):
    """What a block takes of one list, and what it cannot."""

    seen: Discovered
    problems: tuple[Problem, ...] = ()


def open_blocks(loaded: Loaded) -> tuple[Template, ...]:
    """The blocks whose rows are discovered."""
    return tuple(template for template in loaded.templates if template.lookups)


def explored(template: Template, answers: Mapping[Ask, Listed | Problem]) -> Explored:
    """The rows of a block, as far as `answers` tell them; in each, the keys stand in the order written."""
    rows: Sequence[Values] = [row.values for row in template.rows]
    kept: dict[tuple[str, Ask], _Kept] = {}
    for lookup in template.lookups:
        asked = [(row, _ask(template, lookup, row)) for row in rows]
        if missing := tuple(dict.fromkeys(ask for _, ask in asked if ask not in answers)):
            return Explored(asks=missing)
        own = {ask: _kept(template, lookup, ask, answers[ask]) for ask in dict.fromkeys(ask for _, ask in asked)}
        kept.update(((lookup.key, ask), each) for ask, each in own.items())
        rows = [{**row, lookup.key: value} for row, ask in asked for value in own[ask].seen.values]
    return _told(template, rows, tuple(kept.values()))


def _told(template: Template, rows: Iterable[Values], kept: Sequence[_Kept]) -> Explored:
    seen = tuple(each.seen for each in kept)
    problems = tuple(problem for each in kept for problem in each.problems)
    if any(each.failed for each in seen):
        return Explored((), (), seen, problems, True)
    naming = _naming(template)
    return Explored(tuple(_row(template, naming, row) for row in rows), (), seen, problems)


def _naming(template: Template) -> tuple[str, ...]:
    """The keys whose values make up the names: all but those of values that can be no part of one."""
    listed = {lookup.key for lookup in template.lookups}
    return tuple(
        key for key in template.keys if key in listed or all(may_name(row.values[key]) for row in template.rows)
    )


def _row(template: Template, naming: Iterable[str], values: Values) -> Row:
    """The row of all values, whose keys stand in the order written."""
    return Row(",".join(_texts(values, naming)), {key: values[key] for key in template.keys})


def _texts(values: Values, keys: Iterable[str]) -> tuple[str, ...]:
    """What names have of these keys."""
    return tuple(str(as_written(values[key])) for key in keys)


def _ask(template: Template, lookup: Lookup, row: Values) -> Ask:
    """What one row has to ask: what it needs stands beside the lookup, in the row itself, or in the scope."""
    provider, scope = template.provider, template.scope
    assert provider is not None  # `config.expand` makes no lookup without one
    variables = template.around.variables.another()
    given = []
    for name in lookup.listing.needs:
        value = lookup.given.get(name, row.get(name))
        given.append((name, str(variables.fill(scope[name], template.source, row) if value is None else value)))
    return Ask(provider.name, lookup.listing.what, tuple(given))


def _kept(template: Template, lookup: Lookup, ask: Ask, answer: Listed | Problem) -> _Kept:
    """What the block takes of one answer.

    A name that the vendor or its users chose ends up in names, paths of files and commands, so one that could be more
    than a name there is taken for none, and said.
    """
    seen = Discovered(template.name, lookup.key, ask.provider, ask.what, ask.given, failed=True)
    if isinstance(answer, Problem):
        return _Kept(seen, (answer,))
    meant = [place for place in answer.places if lookup.means(place.value)]
    try:
        values = sorted(place.value for place in meant if lookup.chooses(place.facts))
    except ValueError as error:
        summary = f"{template.name}: the list of {ask.what} of {seen.where} does not say `{error}` of each"
        hint = f"leave `{error}` out, and choose by `match` and `except`"
        return _Kept(seen, (Problem("vendor", summary, hint, ask.provider, code=Code.DISCOVERY_FAILED),))
    usable = tuple(value for value in values if is_usable(value))
    seen = seen._replace(found=len(answer.places), values=usable, partial=answer.partial, failed=False)
    return _Kept(seen, tuple(_left_out([value for value in values if not is_usable(value)], seen)))


def _left_out(names: Sequence[str], seen: Discovered) -> Iterator[Problem]:
    if names:
        shown = named_in_short([repr(name[:40]) for name in names])
        what = f"{seen.block}: {seen.what} of {seen.where} are left out, for their names cannot be used: {shown}"
        hint = "names may have letters, digits and . _ - @ + : with / between; `except` them, or write them yourself"
        yield Problem("unsafe", what, hint, seen.provider, code=Code.NAME_UNUSABLE)


# What the lock knows of a block


def instances(template: Template, names: Iterable[str]) -> dict[str, Row]:
    """Those of `names` that the block makes, or made under a former name, if its places are listed; with their rows.

    What the file's own words leave out (its lists, `match` and `except`) is none of it.
    """
    looked_up = {lookup.key: lookup for lookup in template.lookups}
    naming = _naming(template)
    own_names = [key for key in naming if key not in looked_up]
    plain = {_texts(row.values, own_names): row.values for row in template.rows}
    blocks = {template.name, *_formerly(template)}
    found: dict[str, Row] = {}
    for name in names:
        block, bracket, rest = name.partition("[")
        values = rest.removesuffix("]").split(",")
        if block not in blocks or not bracket or len(values) != len(naming):
            continue
        texts = dict(zip(naming, values, strict=True))
        own = plain.get(_texts(texts, own_names))
        if own is not None and all(each.means(texts[key]) for key, each in looked_up.items()):
            found[name] = _row(template, naming, {**own, **{key: texts[key] for key in looked_up}})
    return found


def as_locked(template: Template, rows: Sequence[Row], names: Iterable[str]) -> tuple[Row, ...]:
    """The rows, spelled as the lock has them where the vendor's names have no case: another spelling is no other."""
    caseless = {lookup.key for lookup in template.lookups if lookup.caseless}

    def folded(row: Row) -> tuple[str, ...]:
        return tuple(
            str(row.values[key]).casefold() if key in caseless else repr(row.values[key]) for key in template.keys
        )

    known = {folded(row): row for row in instances(template, names).values()} if caseless else {}
    return tuple(known.get(folded(row), row) for row in rows)


def _formerly(template: Template) -> Iterator[str]:
    lifecycle = template.tree.get("lifecycle")
    was = lifecycle.get("was") if isinstance(lifecycle, dict) else None
    yield from (name for name in was if isinstance(name, str)) if isinstance(was, list) else ()


def remembered(template: Template, names: Iterable[str]) -> Explored:
    """The rows that the lock knows, where nobody is asked; not all of the vendor's, perhaps, and not only."""
    rows = tuple(instances(template, (name for name in names if name.partition("[")[0] == template.name)).values())
    provider = template.provider
    seen = []
    for lookup in template.lookups:
        values = tuple(sorted({str(row.values[lookup.key]) for row in rows}))
        where = provider.name if provider is not None else ""
        what = lookup.listing.what
        seen.append(Discovered(template.name, lookup.key, where, what, found=len(values), values=values, source="lock"))
    return Explored(rows, seen=tuple(seen))


def is_listed(template: Template, row: Row, answers: Mapping[Ask, Listed | Problem]) -> bool:
    """Whether each place that a row names stands in the vendor's lists, whatever the filters make of it."""
    for lookup in template.lookups:
        answer = answers.get(_ask(template, lookup, row.values))
        if not isinstance(answer, Listed) or row.values[lookup.key] not in {place.value for place in answer.places}:
            return False
    return True


# The webhooks


class Learned(NamedTuple):
    """The configuration with the webhooks of all rows, and by block what is wrong with those of its own."""

    loaded: Loaded
    spoilt: Mapping[str, tuple[Problem, ...]] = {}


def learned(loaded: Loaded, rows: Mapping[str, Sequence[Row]]) -> Learned:
    """What the files say with these rows.

    A block whose rows make something that cannot be (two webhooks that are one, a value that the vendor does not take)
    makes nothing, and no other block is the worse for it.

    Args:
        rows: by the block's name; a block without rows here makes nothing.
    """
    fixed = _fixed(loaded)
    blocks = {block.name: expand(block, rows.get(block.name, ())) for block in open_blocks(loaded)}
    spoilt = {name: [*made.unset, *made.faults] for name, made in blocks.items()}
    for block in open_blocks(loaded):
        spoilt[block.name] += _too_many(block, len(fixed), rows)
    checked: list[Checked] = []
    for _ in range(2):  # what two blocks make together spoils both, and then neither spoils a third
        whole = {name: made for name, made in blocks.items() if not spoilt[name]}
        checked = widened([*fixed, *(item for made in whole.values() for item in made.checked)])
        _blame([*faults_between(checked), *sink_faults(checked, loaded)], {name: spoilt[name] for name in whole})
    desired = tuple(sorted((item.desired for item in checked), key=lambda each: each.name))
    hides = loaded.hides.union(*map(hidden_variables, desired))
    return Learned(loaded._replace(desired=desired, hides=hides), _located(spoilt, loaded))


def _fixed(loaded: Loaded) -> list[Checked]:
    """The webhooks of all other blocks."""
    fixed = (template for template in loaded.templates if not template.lookups)
    return [item for template in fixed for item in expand(template, template.rows).checked]


def _located(spoilt: Mapping[str, Sequence[FileFault]], loaded: Loaded) -> dict[str, tuple[Problem, ...]]:
    return {name: tuple(told((), faults, (), loaded.files)) for name, faults in spoilt.items() if faults}


def _too_many(block: Template, fixed: int, rows: Mapping[str, Sequence[Row]]) -> Iterator[FileFault]:
    """What is said of a block of rows that make more, with all others, than there may be."""
    many, most = fixed + sum(map(len, rows.values())), block.around.bounds.webhooks
    if many > most and rows.get(block.name):
        what = f"with what `{block.name}` discovers there would be {many:,} webhooks; there may be {most:,}"
        yield FileFault(block.source, Code.TOO_MUCH, what, MORE, True)


def _blame(faults: Iterable[FileFault], blocks: Mapping[str, list[FileFault]]) -> None:
    """Add each fault between two webhooks to the discovered blocks that it is about, by where they stand."""
    for fault in faults:
        for source in filter(None, (fault.source, fault.also)):
            section, *rest = source.path
            if section == "webhooks" and rest and rest[0] in blocks:
                blocks[str(rest[0])].append(fault)
