"""Blocks whose rows a vendor lists: what is to be asked, the rows that answers give, and the webhooks of these.

Called by `run.discover`, which asks. `config.load` checks such a block with a row that stands for all; what is wrong
with the rows themselves comes up here, and spoils no other block.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from reconciler.codes import Code
from reconciler.config.check import faults_between
from reconciler.config.expand import Expansion, Row, Template, expand
from reconciler.config.fault import FileFault
from reconciler.config.loaded import Loaded
from reconciler.config.lookups import Lookup, is_usable
from reconciler.config.places import told
from reconciler.config.taken import sink_faults
from reconciler.errors import Problem
from reconciler.model.discovery import Discovered
from reconciler.model.webhook import Source
from reconciler.providers.protocol import Listed
from reconciler.support.bounds import MORE
from reconciler.support.hints import named_in_short


class Ask(NamedTuple):
    """One list that a provider entry is asked for, once in a run however many blocks want it."""

    provider: str
    what: str
    given: tuple[tuple[str, str], ...] = ()


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
    rows: Sequence[Row] = template.rows
    kept: dict[tuple[str, Ask], _Kept] = {}
    for lookup in template.lookups:
        asked = [(row, _ask(template, lookup, row)) for row in rows]
        if missing := tuple(dict.fromkeys(ask for _, ask in asked if ask not in answers)):
            return Explored(asks=missing)
        for _, ask in asked:
            if (lookup.key, ask) not in kept:
                kept[lookup.key, ask] = _kept(template, lookup, ask, answers[ask])
        rows = [{**row, lookup.key: value} for row, ask in asked for value in kept[lookup.key, ask].seen.values]
    seen = tuple(each.seen for each in kept.values())
    problems = tuple(problem for each in kept.values() for problem in each.problems)
    if any(each.failed for each in seen):
        return Explored(seen=seen, problems=problems, failed=True)
    return Explored(tuple({key: row[key] for key in template.keys} for row in rows), (), seen, problems)


def _ask(template: Template, lookup: Lookup, row: Row) -> Ask:
    """What one row has to ask: what it needs stands beside the lookup, in the row itself, or in the scope."""
    provider, scope = template.provider, template.scope
    assert provider is not None  # `config.expand` makes no lookup without one
    variables = template.around.variables.another()
    given = []
    for name in lookup.listing.needs:
        value = lookup.given.get(name, row.get(name))
        given.append((name, str(variables.fill(scope[name], template.source, row)) if value is None else value))
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
    plain = {tuple(row.items()) for row in template.rows}
    looked_up = {lookup.key: lookup for lookup in template.lookups}
    blocks = {template.name, *_formerly(template)}
    found: dict[str, Row] = {}
    for name in names:
        block, bracket, rest = name.partition("[")
        values = rest.removesuffix("]").split(",")
        if block not in blocks or not bracket or len(values) != len(template.keys):
            continue
        row = dict(zip(template.keys, values, strict=True))
        own = tuple((key, row[key]) for key in template.keys if key not in looked_up)
        if own in plain and all(each.means(row[key]) for key, each in looked_up.items()):
            found[name] = row
    return found


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
        values = tuple(sorted({row[lookup.key] for row in rows}))
        where = provider.name if provider is not None else ""
        what = lookup.listing.what
        seen.append(Discovered(template.name, lookup.key, where, what, found=len(values), values=values, source="lock"))
    return Explored(rows, seen=tuple(seen))


def is_listed(template: Template, row: Row, answers: Mapping[Ask, Listed | Problem]) -> bool:
    """Whether each place that a row names stands in the vendor's lists, whatever the filters make of it."""
    for lookup in template.lookups:
        answer = answers.get(_ask(template, lookup, row))
        if not isinstance(answer, Listed) or row[lookup.key] not in {place.value for place in answer.places}:
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
    fixed = [each for template in loaded.templates if not template.lookups for each in _made(template).checked]
    found: dict[str, Expansion] = {
        template.name: expand(template, rows.get(template.name, ())) for template in open_blocks(loaded)
    }
    spoilt: dict[str, list[FileFault]] = {
        name: [*made.unset, *made.faults] for name, made in found.items() if made.faults or made.unset
    }
    many, most = len(fixed), _most(loaded)
    for name, made in found.items():
        many += len(made.checked)
        if many > most:
            what = f"with what `{name}` discovers there would be {many:,} webhooks; there may be {most:,}"
            spoilt.setdefault(name, []).append(FileFault(_source(loaded, name), Code.TOO_MUCH, what, MORE, True))
            many -= len(made.checked)
    for _ in range(2):  # what two blocks make together spoils both, and then neither spoils a third
        checked = [*fixed, *(item for name, made in found.items() if name not in spoilt for item in made.checked)]
        between = [*faults_between(checked), *sink_faults(checked, loaded)]
        if not between:
            break
        for fault in between:
            for name in _blamed(fault, found.keys() - spoilt.keys()):
                spoilt.setdefault(name, []).append(fault)
    desired = tuple(sorted((item.desired for item in checked), key=lambda each: each.name))
    problems = {name: tuple(told((), faults, (), loaded.files)) for name, faults in spoilt.items()}
    return Learned(loaded._replace(desired=desired), problems)


def _blamed(fault: FileFault, blocks: Collection[str]) -> Iterator[str]:
    """The discovered blocks that a fault between two webhooks is about, by where they stand."""
    for source in filter(None, (fault.source, fault.also)):
        if len(source.path) > 1 and source.path[0] == "webhooks" and source.path[1] in blocks:
            yield str(source.path[1])


def _made(template: Template) -> Expansion:
    return expand(template, template.rows)


def _most(loaded: Loaded) -> int:
    return loaded.templates[0].around.bounds.webhooks if loaded.templates else 0


def _source(loaded: Loaded, name: str) -> Source:
    return next(template.source for template in loaded.templates if template.name == name)
