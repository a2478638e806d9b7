"""A block under `webhooks:` -> a template, and a template with rows of `for_each` -> webhooks, in two steps. [pure]

Called by `config.load`, which expands each template with the rows that stand in the file; `config.loaded` hands the
templates on. Whoever learns rows from elsewhere later expands the same template with those, by the same `expand`.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import Any, NamedTuple

from reconciler.codes import Code
from reconciler.config.check import Checked, provider_of, url_faults, vendor_faults
from reconciler.config.fault import Faulty, FileFault, Wrong, below
from reconciler.config.forms import as_written, for_each
from reconciler.config.interpolate import Interpolation
from reconciler.config.provider import ProviderConfig
from reconciler.config.webhook import FilledDefaults, WrittenWebhook, desired, written_webhook
from reconciler.config.written import Written
from reconciler.model.webhook import Desired, Source
from reconciler.secrets.scheme import Grammar
from reconciler.support.bounds import MORE, USUAL, Bounds

Row = Mapping[str, str]
"""What `${each.KEY}` is in one webhook, by key."""
_ONE: tuple[Row, ...] = ({},)  # a block without `for_each` makes one webhook, which has no such values


class Around(NamedTuple):
    """What all webhooks of one configuration share.

    Args:
        defaults: what is merged under each.
        providers: the accounts by name; None for one that is declared and wrong in itself.
        variables: those that may be filled in.
        grammar: the kinds of secret references that there are.
        bounds: how many webhooks there may be.
        whole: no file is missing; else nothing is said to be missing that such a file may hold.
    """

    defaults: FilledDefaults
    providers: Mapping[str, ProviderConfig | None]
    variables: Interpolation
    grammar: Grammar
    bounds: Bounds = USUAL
    whole: bool = True


class Template(NamedTuple):
    """One key under `webhooks:`, of which any number of webhooks can be made.

    Args:
        tree: what is written below the key, without `for_each` and with nothing filled in.
        rows: what its `for_each` says; where it has none, one row without values.
    """

    name: str
    tree: Mapping[str, Any]
    source: Source
    rows: tuple[Row, ...]
    around: Around

    @property
    def provider(self) -> ProviderConfig | None:
        """The account that holds whatever the template makes; None where each row names its own, or nobody does."""
        providers, variables = self.around.providers, self.around.variables.another()
        usual = self.around.defaults.tree.get("provider")
        named = variables.fill(self.tree["provider"], self.source) if "provider" in self.tree else usual
        if named is None and len(providers) == 1:
            named = next(iter(providers))
        return None if variables.faults else providers.get(str(as_written(named)))


class Expansion(NamedTuple):
    """What a template made of some rows.

    Args:
        checked: the webhooks that can be held against each other.
        faults: what is wrong with those and with all others.
        unset: what could not be filled in; whatever `faults` says of the same place only follows from that.
        used: the variables that were filled in, and what they gave.
    """

    checked: tuple[Checked, ...]
    faults: tuple[FileFault, ...]
    unset: tuple[FileFault, ...]
    used: Mapping[str, str]

    @property
    def desired(self) -> tuple[Desired, ...]:
        """The webhooks, in the order of the rows."""
        return tuple(item.desired for item in self.checked)


def template_of(written: Written, around: Around) -> Template:
    """The template that one key under `webhooks:` is.

    Raises:
        Faulty: it is none; tells, too, what is wrong with it whatever the rows are.
    """
    name, source, variables = written.name, written.source, around.variables
    tree = written.mapping()
    if "for_each" not in tree:
        return Template(name, tree, source, _ONE, around)
    at_lists = below(source, "for_each")
    rest = {key: value for key, value in tree.items() if key != "for_each"}
    try:
        told = len(variables.faults)
        lists = variables.fill(tree["for_each"], at_lists)
        if len(variables.faults) > told:
            raise Faulty  # whatever else could be said of the rows only follows from that
        rows = rows_of(lists, at_lists, around.bounds)
    except Faulty as faulty:
        still = {key: value for key, value in rest.items() if "${each." not in repr(value)}
        own = variables.fill_entry(still, source, "secret")
        raise Faulty(
            *faulty.faults, *written_webhook(name, own, source, around.defaults, around.grammar).faults
        ) from None
    return Template(name, rest, source, rows, around)


def rows_of(lists: object, source: Source, bounds: Bounds = USUAL) -> tuple[Row, ...]:
    """The rows of `{key: [value, …]}` or `[value, …]`: every combination, in the order written.

    Raises:
        Faulty: the lists, which stand at `source`, would not give each webhook a name of its own, or would make more
            than there may be.
    """
    try:
        values_of = for_each(lists)
    except Wrong as told:
        raise Faulty(FileFault(source, told.code, f"`for_each` {told.summary}", told.hint)) from None
    many = prod(map(len, values_of.values()))
    if many > bounds.webhooks:  # counted before any is made
        what = f"`for_each` would make {many:,} webhooks; there may be {bounds.webhooks:,}"
        raise Faulty(FileFault(source, Code.TOO_MUCH, what, f"shorten its lists, or {MORE}"))
    return tuple(dict(zip(values_of, values, strict=True)) for values in product(*values_of.values()))


def expand(template: Template, rows: Sequence[Row]) -> Expansion:
    """What the template makes: `ci` of a row without values, else one webhook for each row: `ci[api]`, `ci[web]`.

    Args:
        rows: the template's own, or others that `rows_of` has made.
    """
    variables, around = template.around.variables.another(), template.around
    checked: list[Checked] = []
    faults: list[FileFault] = []
    for row in rows:
        told = len(variables.faults)
        try:
            entry = _filled(template, row, variables, alone=len(rows) == 1)
        except Faulty as faulty:
            faults += faulty.faults
            continue
        sound, found = _held(entry, around, variables.faults[told:])
        checked += [sound] if sound else []
        faults += found
    return Expansion(tuple(checked), tuple(faults), tuple(variables.faults), variables.used)


def _filled(template: Template, row: Row, variables: Interpolation, alone: bool) -> WrittenWebhook:
    name, tree, source, around = template.name, template.tree, template.source, template.around
    if row:
        suffix = ",".join(row.values())
        name, tree = f"{name}[{suffix}]", _formerly(tree, suffix, alone)
    own = variables.fill_entry(tree, source, "secret", row, around.defaults.tree)
    return written_webhook(name, own, source, around.defaults, around.grammar)


def _formerly(tree: Mapping[str, Any], suffix: str, alone: bool) -> Mapping[str, Any]:
    """A former name of a whole `for_each` block means its instance: `was: [old]` of `ci[api]` is `old[api]`.

    Where the block makes only one, it may also have been `old` itself.
    """
    lifecycle = tree.get("lifecycle")
    if not isinstance(lifecycle, dict) or not isinstance(lifecycle.get("was"), list):
        return tree
    names = lifecycle["was"]
    whole = [isinstance(name, str) and "[" not in name and "${each." not in name for name in names]
    was = [f"{name}[{suffix}]" if block else name for name, block in zip(names, whole, strict=True)]
    was += [name for name, block in zip(names, whole, strict=True) if block and alone]
    return {**tree, "lifecycle": {**lifecycle, "was": was}}


def _held(entry: WrittenWebhook, around: Around, unset: Sequence[FileFault]) -> tuple[Checked | None, list[FileFault]]:
    """The webhook at the provider that holds it, where there is one, and everything that is wrong with it.

    Args:
        unset: what could not be filled in, and leaves what it belongs to in doubt.
    """
    found = provider_of(entry, around.providers)
    provider = around.providers[found] if isinstance(found, str) else None
    urls = url_faults(entry, around.whole, provider)
    faults = [*entry.faults, *(fault._replace(name=entry.name) for fault in urls)]
    if isinstance(found, FileFault):
        return None, [*faults, found] if around.whole else faults
    if provider is None:
        return None, faults
    checked = Checked(entry, desired(entry, provider), provider)
    told = [fault._replace(name=entry.name, provider=found) for fault in vendor_faults(checked, around.whole)]
    keys = frozenset(key for fault in (*faults, *told, *unset) for key in _key(fault.source, entry))
    return checked._replace(doubtful=keys), [*faults, *told]


def _key(source: Source, entry: WrittenWebhook) -> tuple[str, ...]:
    """The key of the webhook's block, or of the defaults, below which something stands; none for the whole block."""
    for block in (entry.source, entry.defaults):
        depth = len(block.path)
        if source.file == block.file and source.path[:depth] == block.path:
            return tuple(map(str, source.path[depth : depth + 1]))
    return ()
