"""What a manifest says that its vendor can do, as planning, validation and people need to know it. [pure]

Used by `providers.engine.interpret`.
"""

import re
from collections.abc import Callable, Mapping

from reconciler.model.capabilities import Capabilities, Telling
from reconciler.model.events import EventCatalogue
from reconciler.model.rewritten import Rewritten
from reconciler.model.secret import SecretSemantics
from reconciler.model.webhook import EVENTS, OPTIONS, Leaf
from reconciler.providers.engine.discovering import discoverable
from reconciler.providers.language.fields import ANY_EVENT, EventLens, Lens, SecretWords, Single
from reconciler.providers.language.manifest import Deactivate, Manifest
from reconciler.providers.language.words import Alternative, first_that_holds
from reconciler.providers.vendor import Switch

_NEIGHBOURS = re.compile(r"\{(\w+)\}/\{(\w+)\}")
"""Two parameters of which each is one segment of a path; `{+x}` takes several."""


def capabilities_of(manifest: Manifest, settings: Mapping[str, Switch]) -> Capabilities:
    """The manifest's capabilities with these settings; its words for secrets hold for them already."""
    lenses = manifest.lenses()
    writable = {pointer: lens for pointer, lens in lenses.items() if lens.write is not None}
    reading = first_that_holds(manifest.read, settings)
    read = reading.how
    retire = first_that_holds(manifest.retire, settings)
    abilities = Capabilities(
        type=manifest.type,
        writable=frozenset(writable),
        missing=tuple((pointer, lens.absent) for pointer, lens in lenses.items() if lens.absent),
        read=read,
        natural_key=manifest.natural_key,
        further_key=manifest.further_key,
        marks=manifest.mark is not None,
        immutable=_those(writable, lambda lens: lens.sets == "create"),
        retire=retire.how,
        switched_off=retire.status if isinstance(retire, Deactivate) else "inactive",
        delete_first=manifest.replace == "delete_first",
        fan_out=manifest.fan_out is not None,
        one_event=_has_one_event(manifest),
        unreadable=_those(writable, lambda lens: read == "none" or lens.read is None),
        scope=tuple(words.params for words in manifest.scope),
        caseless=frozenset().union(*(words.case for words in manifest.scope)),
        identifies=manifest.identifies_places,
        neighbours=_neighbours(manifest),
        secret=_secret(manifest.secret, replaceable=read != "none" and retire.how == "delete"),
        events=_events(manifest.fields.events, settings),
        partial=getattr(reading, "partial", ""),
        risky=_risky(lenses),
        account=_account(manifest),
        handshake=manifest.handshake,
        discovers=discoverable(manifest),
        schemes=manifest.fields.url.schemes,
        secrets=_further_secrets(manifest),
    )
    return _with_values(abilities, writable)


def _with_values(abilities: Capabilities, writable: Mapping[str, Lens]) -> Capabilities:
    """With what is known of the values that the fields may have."""
    return abilities._replace(
        choices=_choices(writable),
        synonyms=_synonyms(writable),
        types=_types(writable),
        unordered=_those(writable, _is_set),
        trimmed=_those(writable, lambda lens: lens.trim),
        rewritten=_rewritten(writable),
        usual=_usual(writable),
    )


def _rewritten(writable: Mapping[str, Lens]) -> Rewritten:
    """What the vendor writes anew."""
    as_json = _those(writable, lambda lens: lens.type == "json")
    line_ends = _those(writable, lambda lens: lens.line_ends)
    return Rewritten(as_json, line_ends, lowered=_those(writable, lambda lens: lens.lower))


def _is_set(lens: Lens) -> bool:
    return lens.unordered or lens.type == "set"


def _has_one_event(manifest: Manifest) -> bool:
    """Whether a webhook has one event, and nothing makes several remote objects of it."""
    return manifest.fan_out is None and isinstance(manifest.fields.events.codec, Single)


def _account(manifest: Manifest) -> Telling:
    """Whether the vendor tells whose credentials are used, and whether that says which webhooks they reach."""
    words = manifest.account
    return "untold" if words is None else "shared" if words.shared else "own"


def _neighbours(manifest: Manifest) -> tuple[tuple[str, str], ...]:
    """Scope parameters that follow each other in a path."""
    return tuple(dict.fromkeys(pair for words in manifest.scope for pair in _NEIGHBOURS.findall(words.path)))


def _those(writable: Mapping[str, Lens], says: Callable[[Lens], bool]) -> frozenset[str]:
    return frozenset(pointer for pointer, lens in writable.items() if says(lens))


def _events(lens: EventLens, settings: Mapping[str, Switch]) -> EventCatalogue:
    """The event names; a closed catalogue is open where the settings say so."""
    catalogue = lens.catalogue
    is_open = bool(catalogue.open_when) and Alternative(when=catalogue.open_when).holds(settings)
    synonyms = tuple((str(spelling), str(ours)) for _, spelling, ours in _synonyms({EVENTS: lens}))
    only = tuple((parameter, frozenset(names)) for parameter, names in catalogue.only.items())
    closed = catalogue.closed and not is_open
    implied = tuple(("" if by == ANY_EVENT else by, frozenset(names)) for by, names in lens.implied.items())
    names = frozenset(catalogue.names)
    lists = tuple((each.scope, tuple(n for n in each.variables if n not in settings)) for each in catalogue.read)
    return EventCatalogue(names, closed, catalogue.wildcard, synonyms, only, implied, lists, is_open)


def _secret(words: SecretWords, *, replaceable: bool) -> SecretSemantics:
    return SecretSemantics(
        lifecycle=words.lifecycle,
        readable=words.value is not None,
        masked=words.mask is not None,
        flagged=words.has is not None,
        wiped_if_omitted=words.wiped_if_omitted,
        settable_later=words.settable_later or words.takes,
        reason=words.reason,
        fetchable=words.fetch is not None,
        reissues=words.reissues,
        takes=words.takes,
        grace=words.rotate.overlap if words.rotate else "",
        rule=words.rule,
        replaceable=replaceable,
    )


def _further_secrets(manifest: Manifest) -> tuple[tuple[str, SecretSemantics], ...]:
    """How further secrets are treated, by their names."""
    return tuple((which, _secret(words, replaceable=False)) for which, words in sorted(manifest.secrets.items()))


def _choices(writable: Mapping[str, Lens]) -> tuple[tuple[str, tuple[Leaf, ...]], ...]:
    """The values that a field may have, where the vendor's list is closed."""
    return tuple((pointer, choices) for pointer, lens in writable.items() if (choices := _choices_of(lens)))


def _choices_of(lens: Lens) -> tuple[Leaf, ...]:
    return tuple(lens.values) or lens.choices


def _synonyms(writable: Mapping[str, Lens]) -> tuple[tuple[str, Leaf, Leaf], ...]:
    """Spellings of a field's values other than ours, each with ours."""
    found: list[tuple[str, Leaf, Leaf]] = []
    for pointer, lens in writable.items():
        found += [(pointer, theirs, ours) for ours, theirs in lens.values.items()]
        found += [(pointer, other, ours) for ours, others in lens.also.items() for other in others]
    return tuple((at, spelling, ours) for at, spelling, ours in found if spelling != ours or type(spelling) is not str)


def _risky(lenses: Mapping[str, Lens]) -> tuple[tuple[str, Leaf, str], ...]:
    """The values that are a risk, and why."""
    return tuple((pointer, lens.risky.value, lens.risky.why) for pointer, lens in lenses.items() if lens.risky)


def _usual(writable: Mapping[str, Lens]) -> tuple[tuple[str, Leaf], ...]:
    """What a webhook has where nobody has said anything: what a missing value means, or what creates begin with."""
    found = (
        (pointer, lens.default if lens.default is not None else lens.initially) for pointer, lens in writable.items()
    )
    return tuple((pointer, leaf) for pointer, leaf in found if leaf is not None)


def _types(writable: Mapping[str, Lens]) -> tuple[tuple[str, str], ...]:
    """The type of each option that has neither choices nor other spellings."""
    return tuple(
        (pointer, lens.type)
        for pointer, lens in writable.items()
        if pointer.startswith(OPTIONS) and not _choices_of(lens) and not lens.also
    )
