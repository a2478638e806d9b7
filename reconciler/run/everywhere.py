"""Every place that the vendors of the files can list, whether or not the files have a webhook there.

Called by `run.audit` and `run.strangers`. Each provider entry is asked by all lists of its manifest, within what its
own scope says: one for an organisation finds that organisation's repositories, one without a scope finds whatever the
credentials see.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

from reconciler.config.discovered import Ask
from reconciler.config.lookups import is_usable
from reconciler.errors import Problem
from reconciler.matching.index import Place
from reconciler.model.capabilities import Capabilities
from reconciler.model.discovery import Discoverable
from reconciler.model.webhook import scope_of
from reconciler.providers.protocol import Listed
from reconciler.run.discover import ask_all
from reconciler.run.runtime import Runtime

Known = Mapping[str, str]
"""What is known of one place so far: values of scope parameters, and of what only lists need."""


class Everything(NamedTuple):
    """All places that were listed, what could not be, and the provider entries that were asked."""

    places: tuple[Place, ...] = ()
    problems: tuple[Problem, ...] = ()
    asked: frozenset[str] = frozenset()


def listed_places(runtime: Runtime, names: Collection[str] = (), given: Mapping[str, Sequence[str]] = {}) -> Everything:
    """Ask every provider entry whose vendor lists webhooks, and something that they hang on.

    Args:
        names: only these entries; none: all.
        given: what is asked for beside what an entry's own scope says, values by parameter; of what only lists need
            (a group), only the lists that need it are asked.

    Raises:
        Interrupted: the user stopped the run.
    """
    found: dict[Place, None] = {}
    problems: list[Problem] = []
    asked: set[str] = set()
    for name, config in sorted(runtime.loaded.providers.items()):
        if names and name not in names:
            continue
        capabilities, own = config.vendor.capabilities, dict(config.scope)
        search = _Search(runtime, name, capabilities.discovers, beside(given, capabilities))
        for params in capabilities.scope if capabilities.read in ("list", "singleton") else ():
            starts = _starts(own, given, params, search.within)
            rows = search.filled(starts, params) if starts else []
            found.update((((name, scope_of({key: row[key] for key in params})), None)) for row in rows)
        problems += search.problems
        asked |= {name} if search.asked else set()
    return Everything(tuple(found), tuple(dict.fromkeys(problems)), frozenset(asked))


def beside(given: Mapping[str, Sequence[str]], capabilities: Capabilities) -> frozenset[str]:
    """What is asked for that no scope of this vendor has, and that a list of its needs."""
    known = {name for names in capabilities.scope for name in names}
    needs = {name for listing in capabilities.discovers for name in listing.needs}
    return frozenset((given.keys() & needs) - known)


def _starts(
    own: Known, given: Mapping[str, Sequence[str]], params: Sequence[str], within: Collection[str]
) -> list[Known]:
    """What is known of a way to name a place of which not all is known; nothing where that is not what is meant."""
    asked = {name: values for name, values in given.items() if name in params or name in within}
    if (given and not asked) or not own.keys() <= {*params, *given}:
        return []
    known = {**{name: [value] for name, value in own.items() if name in params}, **asked}
    if known.keys() == set(params):
        return []
    return [dict(zip(known, values, strict=True)) for values in product(*known.values())]


class _Search:
    """One provider entry, asked for whatever fills what is missing."""

    def __init__(self, runtime: Runtime, name: str, lists: Sequence[Discoverable], within: frozenset[str]) -> None:
        self._runtime, self._name, self.within = runtime, name, within
        self._lists = [listing for listing in lists if within <= {*listing.needs}]
        self.problems: list[Problem] = []
        self.asked = False

    def filled(self, rows: Sequence[Known], params: Sequence[str], within: tuple[str, ...] = ()) -> list[Known]:
        """The rows with a value of each parameter, in every combination that the vendor has.

        Args:
            within: the parameters that are being filled by what this is for; a list that needs one of them is no way.
        """
        whole = list(rows)
        for param in params:
            known = [row for row in whole if param in row]
            open_rows = [row for row in whole if param not in row]
            whole = [*known, *(self._values(open_rows, param, within) if open_rows else ())]
        return whole

    def _values(self, rows: Sequence[Known], param: str, within: tuple[str, ...]) -> Iterator[Known]:
        for listing in self._lists:
            if listing.fills != param or param in within:
                continue
            able = self.filled(rows, listing.needs, (*within, param)) if listing.needs else rows
            asks = {Ask(self._name, listing.what, tuple((need, row[need]) for need in listing.needs)) for row in able}
            ask_all(asks, self._runtime)
            self.asked = self.asked or bool(asks)
            for row in able:
                ask = Ask(self._name, listing.what, tuple((need, row[need]) for need in listing.needs))
                yield from ({**row, param: value} for value in self._of(ask))

    def _of(self, ask: Ask) -> Iterator[str]:
        answer = self._runtime.answers[ask]
        if isinstance(answer, Listed):
            yield from (place.value for place in answer.places if is_usable(place.value))
        else:
            self.problems.append(answer)
