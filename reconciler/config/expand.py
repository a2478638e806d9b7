"""A block under `webhooks:` -> a template, and a template with rows of `for_each` -> webhooks, in two steps. [pure]

Called by `config.load`, which expands each template with the rows that stand in the file; `config.loaded` hands the
templates on. Whoever learns rows from elsewhere later expands the same template with those, by the same `expand`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from reconciler.codes import Code
from reconciler.config.check import provider_of, url_faults, vendor_faults
from reconciler.config.checked import Checked
from reconciler.config.fault import Faulty, FileFault, below
from reconciler.config.forms import as_written
from reconciler.config.interpolate import Interpolation
from reconciler.config.layered import merged, shown
from reconciler.config.lookups import SAMPLE, Lookup, is_lookup, lookups_of
from reconciler.config.misused import hidden_credentials
from reconciler.config.overrides import Overrides, overrides_of
from reconciler.config.provider import ProviderConfig
from reconciler.config.rows import LONG, ONE, Row, Settled, rows_of
from reconciler.config.webhook import FilledDefaults, Override, WrittenWebhook, desired, key_below, written_webhook
from reconciler.config.written import Written
from reconciler.model.webhook import Desired, Source
from reconciler.secrets.scheme import Grammar
from reconciler.support.bounds import USUAL, Bounds


class Around(NamedTuple):
    """What all webhooks of one configuration share.

    Args:
        defaults: what is merged under each.
        providers: the accounts by name; None for one that is declared and wrong in itself.
        variables: those that may be filled in.
        settle: fills in what stands under `for_each`, and brings the lists that stand elsewhere; raises Faulty.
        grammar: the kinds of secret references that there are.
        bounds: how many webhooks there may be.
        whole: no file is missing; else nothing is said to be missing that such a file may hold.
        whose: says of a reference to a variable whose credential that is.
    """

    defaults: FilledDefaults
    providers: Mapping[str, ProviderConfig | None]
    variables: Interpolation
    settle: Callable[[Any, Source], Settled]
    grammar: Grammar
    bounds: Bounds = USUAL
    whole: bool = True
    whose: Callable[[str], str | None] = lambda _: None


class Template(NamedTuple):
    """One key under `webhooks:`, of which any number of webhooks can be made.

    Args:
        tree: what is written below the key, without `for_each` and `override`, and with nothing filled in.
        rows: what its `for_each` says; where it has none, one row without values.
        lookups: the keys of its `for_each` whose values the vendor lists; then `rows` has only the others, and
            `config.discovered` completes them.
        keys: of its `for_each`, in the order written, where some are discovered.
        overrides: what is written for some of its webhooks.
        unread: what has its rows, in words, where nobody has looked; then nothing is known of them.
    """

    name: str
    tree: Mapping[str, Any]
    source: Source
    rows: tuple[Row, ...]
    around: Around
    lookups: tuple[Lookup, ...] = ()
    keys: tuple[str, ...] = ()
    overrides: Overrides = Overrides()
    unread: str = ""

    @property
    def scope(self) -> dict[str, Any]:
        """The scope as it is written, nothing filled in but the provider's: its own over the defaults' over that."""
        usual = self.around.defaults.tree.get("scope")
        own, provider = self.tree.get("scope"), self.provider
        written = [each for each in (usual, own) if isinstance(each, dict)]
        whole = dict(provider.scope) if provider is not None else {}
        return {name: value for each in (whole, *written) for name, value in each.items()}

    @property
    def provider(self) -> ProviderConfig | None:
        """The account that holds whatever the template makes; None where each row names its own, or nobody does."""
        if any("provider" in each.tree for each in self.overrides.every):
            return None
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
    name, source = written.name, written.source
    tree = written.mapping()
    overrides = overrides_of(tree, source)
    if "for_each" not in tree:
        return Template(name, tree, source, ONE, around)
    at_lists = below(source, "for_each")
    rest = {key: value for key, value in tree.items() if key not in ("for_each", "override")}
    try:
        settled = around.settle(tree["for_each"], at_lists)
        lists = settled.lists
        if isinstance(lists, dict) and any(map(is_lookup, lists.values())):
            return _looking_up(Template(name, rest, source, ONE, around, overrides=overrides), lists, at_lists)
        if not settled.unread:
            rows = rows_of(lists, at_lists, around.bounds, settled.table_at)
            return Template(name, rest, source, rows, around, overrides=overrides)
    except Faulty as faulty:
        raise Faulty(*faulty.faults, *_whatever_the_rows(name, rest, source, around)) from None
    if faults := _whatever_the_rows(name, rest, source, around):
        raise Faulty(*faults)
    return Template(name, rest, source, (), around, overrides=overrides, unread=settled.unread)


def _looking_up(template: Template, lists: Mapping[str, Any], at: Source) -> Template:
    """A template some of whose keys have values that the vendor lists; the scope is made of them where it is silent.

    Raises:
        Faulty: what is said of them, or of the others, is wrong.
    """
    _refuse_beside(template, lists, at)
    plain = {key: values for key, values in lists.items() if not is_lookup(values)}
    rows = rows_of(plain, at, template.around.bounds) if plain else ONE
    provider = template.provider
    if provider is None:  # the webhook itself says what is wrong with it
        return template._replace(rows=(Row(SAMPLE, {**rows[0].values, **dict.fromkeys(lists, SAMPLE)}),))
    asked = {key: values for key, values in lists.items() if is_lookup(values)}
    lookups = lookups_of(asked, at, provider, {*plain, *template.scope})
    params = {name for names in provider.vendor.capabilities.scope for name in names} - template.scope.keys()
    silent = {each.listing.fills: f"${{each.{each.key}}}" for each in lookups if each.listing.fills in params}
    own = template.tree.get("scope", {})
    tree = {**template.tree, "scope": {**silent, **own}} if silent and isinstance(own, dict) else template.tree
    return template._replace(tree=tree, rows=rows, lookups=lookups, keys=tuple(lists))


def _refuse_beside(template: Template, lists: Mapping[str, Any], at: Source) -> None:
    """Refuse words of `for_each`, and a provider, with which nobody could say what is to be listed."""
    if beside := [key for key in LONG if key in lists]:
        what = f"`{beside[0]}` cannot stand beside `discover`"
        hint = "choose by `match` and `except` below `discover`"
        raise Faulty(FileFault(below(at, beside[0]), Code.CANNOT_DISCOVER, what, hint, key=True))
    if "${each." in str(template.tree.get("provider", "")):
        hint = "write one block for each provider"
        raise Faulty(FileFault(at, Code.CANNOT_DISCOVER, "which provider is asked must not hang on `each`", hint))


def _whatever_the_rows(name: str, tree: Mapping[str, Any], source: Source, around: Around) -> tuple[FileFault, ...]:
    """What is wrong with a block whose rows nobody knows."""
    still = {key: value for key, value in tree.items() if "${each." not in repr(value)}
    own = around.variables.fill_entry(still, source, "secret")
    try:
        return written_webhook(name, own, source, around.defaults._replace(varying={}), around.grammar).faults
    except Faulty as faulty:
        return faulty.faults


def expand(template: Template, rows: Sequence[Row]) -> Expansion:
    """What the template makes: `ci` of a row without a key, else one webhook for each row: `ci[api]`, `ci[web]`.

    Args:
        rows: the template's own, or others that `rows_of` has made.
    """
    variables, around = template.around.variables.another(), template.around
    checked: list[Checked] = []
    faults: list[FileFault] = []
    if not template.unread and not template.lookups:  # what a vendor lists today may lack what it had yesterday
        faults += template.overrides.unused(template.name, rows)
    for row in rows:
        told = len(variables.faults)
        try:
            entry = _filled(template, row, variables, alone=len(rows) == 1)
        except Faulty as faulty:
            faults += faulty.faults
            continue
        finally:
            _name(variables.faults, told, f"{template.name}[{row.key}]")
        sound, found = _held(entry, around, variables.faults[told:])
        checked += [sound] if sound else []
        faults += found
    return Expansion(tuple(checked), tuple(faults), tuple(variables.faults), variables.used)


def _name(faults: list[FileFault], told: int, name: str) -> None:
    """Say of what a row lacks which webhook that is, for other rows may have it."""
    if len(faults) > told:
        faults[told:] = [each._replace(name=name) if "${each." in each.summary else each for each in faults[told:]]


def _filled(template: Template, row: Row, variables: Interpolation, alone: bool) -> WrittenWebhook:
    name, tree, source, around = template.name, template.tree, template.source, template.around
    overrides = template.overrides.of(name, row)
    if row.key:
        name, tree = f"{name}[{row.key}]", _formerly(tree, row.key, alone)
    if overrides or around.defaults.varying:
        return _in_layers(name, tree, overrides, row, template, variables)
    own = variables.fill_entry(tree, source, "secret", row.values, around.defaults.tree)
    return written_webhook(name, own, source, around.defaults, around.grammar)


def _in_layers(
    name: str,
    tree: Mapping[str, Any],
    overrides: Sequence[Override],
    row: Row,
    template: Template,
    variables: Interpolation,
) -> WrittenWebhook:
    """A webhook with overrides, or with defaults that its row fills in: of each block, only what counts is filled in.

    Args:
        tree: the block's own.
        overrides: those for this webhook, the strongest last.
    """
    defaults, whole = template.around.defaults, tree
    for override in overrides:
        whole = merged(override.tree, whole)
    if defaults.varying:
        varying = variables.fill_entry(shown(defaults.varying, whole), defaults.source, "secret", row.values)
        defaults = defaults._replace(tree=merged(varying, defaults.tree))
    secrets = {key: whole.get(key, defaults.tree.get(key)) for key in ("secret", "secrets")}
    filled: list[Override] = []
    above: Mapping[str, Any] = {}
    for layer, at in (*reversed(overrides), Override(tree, template.source)):
        filled.append(Override(variables.fill_entry(shown(layer, above), at, "secret", row.values, secrets), at))
        above = merged(above, layer)
    own = dict(filled.pop().tree)
    return written_webhook(name, own, template.source, defaults, template.around.grammar, tuple(filled))


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
    wrong = (*vendor_faults(checked, around.whole), *hidden_credentials(checked, around.providers, around.whose))
    told = [fault._replace(name=entry.name, provider=found) for fault in wrong]
    keys = frozenset(key for fault in (*faults, *told, *unset) for key in key_below(fault.source, entry))
    return checked._replace(doubtful=keys), [*faults, *told]
