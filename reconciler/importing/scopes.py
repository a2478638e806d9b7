"""Where to look for webhooks: the scopes of one entry of `providers:` that an import reads. [pure]

Used by `run.strangers`. Whoever learns scopes from a vendor's own list (`--discover`) adds them here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from reconciler.model.capabilities import Capabilities
from reconciler.model.webhook import Scope, scope_of


def scopes_to_read(
    capabilities: Capabilities,
    own: Mapping[str, str],
    given: Mapping[str, Sequence[str]],
    known: Iterable[Scope] = (),
) -> tuple[Scope, ...]:
    """The scopes in order, each once; none where nothing says which.

    Args:
        own: what the entry says.
        given: what was asked for, values by parameter; those that this vendor has not are left out.
        known: where the files or the lock have webhooks of it.
    """
    parameters = {name for names in capabilities.scope for name in names}
    asked = {name: values for name, values in given.items() if name in parameters}
    values = {**{name: [value] for name, value in own.items()}, **asked}
    named = dict.fromkeys(scope for names in _ways(capabilities, values, asked) for scope in _products(names, values))
    return tuple(dict.fromkeys([*named, *sorted(scope for scope in known if _fits(scope, asked))]))


def _ways(
    capabilities: Capabilities, values: Mapping[str, object], asked: Mapping[str, object]
) -> Iterator[tuple[str, ...]]:
    """The ways to name a place of which all parts are known, and one was asked for, if any was; the widest ones."""
    whole = [names for names in capabilities.scope if all(name in values for name in names)]
    meant = [names for names in whole if not asked or any(name in asked for name in names)]
    yield from (names for names in meant if not any(set(names) < set(other) for other in meant))


def _products(names: tuple[str, ...], values: Mapping[str, Sequence[str]]) -> Iterator[Scope]:
    chosen = product(*(values[name] for name in names))
    yield from (scope_of(dict(zip(names, each, strict=True))) for each in chosen)


def _fits(scope: Scope, asked: Mapping[str, Sequence[str]]) -> bool:
    return all(dict(scope).get(name) in values for name, values in asked.items())


def fixed(capabilities: Capabilities, given: Mapping[str, Sequence[str]], open_: bool = False) -> dict[str, str]:
    """What a new entry says itself of where to look: of what has several parts, all but the last."""
    # `open_`: the vendor lists what is not given
    single = {name: values[0] for name, values in given.items() if len(values) == 1}
    said: dict[str, str] = {}
    for names in capabilities.scope:
        own = names[:-1] if len(names) > 1 else names
        if open_ or set(names) <= given.keys():
            said |= {name: single[name] for name in own if name in single}
    return said


def known_parameters(capabilities: Iterable[Capabilities], discover: bool) -> frozenset[str]:
    """The parameters that may be asked for: of a scope of these vendors, or of what their lists need."""
    every = list(capabilities)
    known = {name for each in every for names in each.scope for name in names}
    needs = {name for each in every for listing in each.discovers for name in listing.needs}
    return frozenset(known | needs if discover else known)


def wanted(capabilities: Capabilities) -> str:
    """In words, what would say where to look."""
    ways = (" ".join(f"--scope {name}=…" for name in names) for names in capabilities.scope if names)
    return ", or ".join(ways)
