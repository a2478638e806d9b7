"""`for_each: {KEY: {discover: WHAT, …}}`: what is to be listed, by whom, and which of it is meant. [pure]

Called by `config.expand`; used by `config.discovered`, which knows what was listed.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from reconciler.codes import Code
from reconciler.config.fault import Faulty, FileFault, below, did_you_mean
from reconciler.config.forms import as_written
from reconciler.config.provider import ProviderConfig
from reconciler.model.discovery import Discoverable
from reconciler.model.webhook import Source
from reconciler.support.scalars import meant, spelled

_SEGMENT = r"(?!\.{1,2}(?:/|\Z))[\w.][\w.@+:-]{0,99}"
_SAFE = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*")
LONGEST = 128
SAMPLE = "example"
"""Stands for a value that nobody knows yet, where a block is checked."""


def is_usable(value: str) -> bool:
    """Whether a vendor's text may name a webhook and stand in whatever the files put it into.

    A path of a file or a command may be among that, so it is words of letters and digits with `.`, `_`, `-`, `@`, `+`
    and `:`, and `/` between them; none is `.` or `..`, and none begins like a flag.
    """
    return len(value) <= LONGEST and _SAFE.fullmatch(value) is not None


class Lookup(NamedTuple):
    """One key of a `for_each` whose values the vendor lists.

    Args:
        match, unless: patterns of values; `*` is any text. No `match` means any value.
        filters: by name, the values of which an item must have one, as they are spelled.
        given: what is written beside it of what the list needs.
        caseless: the values have no case at the vendor.
    """

    key: str
    listing: Discoverable
    match: tuple[str, ...]
    unless: tuple[str, ...]
    filters: Mapping[str, tuple[str, ...]]
    given: Mapping[str, str]
    caseless: bool
    source: Source

    def means(self, value: str) -> bool:
        """Whether the patterns, which are the files' own words, let a value be one of the block."""
        return (not self.match or self._is_among(value, self.match)) and not self._is_among(value, self.unless)

    def _is_among(self, value: str, patterns: Sequence[str]) -> bool:
        folded = str.casefold if self.caseless else str
        return any(fnmatchcase(folded(value), folded(pattern)) for pattern in patterns)

    def chooses(self, facts: Mapping[str, object]) -> bool:
        """Whether the filters take an item of which the vendor tells `facts`.

        Raises:
            ValueError: the vendor does not tell; the message is the filter's name.
        """
        return all(_has(facts.get(name), wanted, name) for name, wanted in self.filters.items())


def _has(fact: object, wanted: Sequence[str], name: str) -> bool:
    if fact is None and {"true", "false"}.issuperset(wanted):
        raise ValueError(name)
    facts = fact if isinstance(fact, list | tuple) else [fact]
    return any(spelled(each) in wanted for each in facts if isinstance(each, str | bool | int | float))


def is_lookup(value: object) -> bool:
    """Whether what stands under a key of a `for_each` says that its values are discovered."""
    return isinstance(value, dict) and "discover" in value


def lookups_of(
    written: Mapping[str, object], at: Source, provider: ProviderConfig, known: Collection[str]
) -> tuple[Lookup, ...]:
    """What is to be discovered.

    Args:
        written: what stands below each key, with its variables filled in.
        at: where the `for_each` stands.
        provider: the account that is asked.
        known: the names of the block's other keys, and of the scope's parameters that it has.

    Raises:
        Faulty: with everything that is wrong.
    """
    found: list[Lookup] = []
    faults: list[FileFault] = []
    names = set(known)
    for key, spec in written.items():
        place = below(at, key)
        try:
            lookup = _lookup(key, spec if isinstance(spec, dict) else {}, place, provider)
            faults += _lacking(lookup, names, provider)
            found.append(lookup)
        except Faulty as faulty:
            faults += faulty.faults
        names.add(key)
    if faults:
        raise Faulty(*faults)
    return tuple(found)


def _lookup(key: str, spec: Mapping[str, object], at: Source, provider: ProviderConfig) -> Lookup:
    capabilities = provider.vendor.capabilities
    listing = _listing(spec["discover"], below(at, "discover"), provider)
    faults = [*_unknown_keys(spec, at, listing, provider), *_wrong_patterns(spec, at)]
    filters = {name: _choices(spec[name]) for name in listing.filters if name in spec}
    faults += [_no_choice(below(at, name)) for name, choices in filters.items() if not choices]
    given = {name: as_written(spec[name]) for name in listing.needs if name in spec}
    faults += [_no_text(below(at, name)) for name, value in given.items() if not isinstance(value, str) or not value]
    if faults:
        raise Faulty(*faults)
    match, unless = (tuple(map(str, _patterns(spec.get(word)))) for word in ("match", "except"))
    texts = {name: str(value) for name, value in given.items()}
    return Lookup(key, listing, match, unless, filters, texts, listing.fills in capabilities.caseless, at)


def _listing(what: object, at: Source, provider: ProviderConfig) -> Discoverable:
    vendor = provider.vendor
    known = {each.what: each for each in vendor.capabilities.discovers}
    if isinstance(what, str) and what in known:
        return known[what]
    says = "{value}" if isinstance(what, str) else "that"
    hint = did_you_mean(str(what), known, "" if known else "write its places yourself: {KEY: [VALUE, …]}")
    raise Faulty(
        FileFault(
            at,
            Code.CANNOT_DISCOVER,
            f"{vendor.title} cannot list `{says}`" if known else f"{vendor.title} cannot list its places",
            hint,
            value=what if isinstance(what, str) and known else None,
        )
    )


def _unknown_keys(
    spec: Mapping[str, object], at: Source, listing: Discoverable, provider: ProviderConfig
) -> Iterator[FileFault]:
    known = {"discover", "match", "except", *listing.needs, *listing.filters}
    for name in spec.keys() - known:
        what = f"the {listing.what} of {provider.vendor.title} have no `{name}` to choose by"
        yield FileFault(below(at, name), Code.UNKNOWN_KEY, what, did_you_mean(str(name), known), key=True)


def _wrong_patterns(spec: Mapping[str, object], at: Source) -> Iterator[FileFault]:
    for word in ("match", "except"):
        patterns = _patterns(spec.get(word))
        if word in spec and (not patterns or not all(isinstance(each, str) and each for each in patterns)):
            what = f"`{word}` must be a list of patterns"
            yield FileFault(below(at, word), Code.WRONG_VALUE, what, 'write ["lib-*"]; `*` is any text, `?` one letter')


def _patterns(value: object) -> list[object]:
    return [as_written(each) for each in value] if isinstance(value, list) else []


def _choices(value: object) -> tuple[str, ...]:
    every = value if isinstance(value, list) else [value]
    if not all(isinstance(each, str | bool | int | float) for each in every):
        return ()
    return tuple(spelled(meant(each)) for each in every)


def _no_choice(at: Source) -> FileFault:
    return FileFault(at, Code.WRONG_VALUE, f"`{at.path[-1]}` must be a value, or a list of some", "write true, say")


def _no_text(at: Source) -> FileFault:
    return FileFault(at, Code.WRONG_VALUE, f"`{at.path[-1]}` must be a text", "name the one that is to be looked into")


def _lacking(lookup: Lookup, known: Collection[str], provider: ProviderConfig) -> Iterator[FileFault]:
    listing = lookup.listing
    for name in listing.needs:
        if name not in lookup.given and name not in known:
            in_scope = any(name in names for names in provider.vendor.capabilities.scope)
            hint = f"write `{name}:` beside `discover`" + (", or into the `scope`" if in_scope else "")
            what = f"`discover: {listing.what}` needs `{name}`"
            yield FileFault(below(lookup.source, "discover"), Code.CANNOT_DISCOVER, what, hint)
