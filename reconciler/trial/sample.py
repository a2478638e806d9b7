"""The values that a trial sends: two for each field, so that each is created with one and changed to the other. [pure]

Nothing is guessed that could mean something at the vendor: an option whose values nobody has listed is sent only where
the vendor makes no webhook without it, or where the user gives a value. Used by `run.trial`.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from reconciler.model.capabilities import Capabilities
from reconciler.model.equality import identical
from reconciler.model.urls import parts_of
from reconciler.model.webhook import DESCRIPTION, EVENTS, URL, Fields, Leaf, Scope
from reconciler.providers.language.fields import Lens
from reconciler.providers.language.manifest import Manifest

USUAL_URL = "https://whsync-check.invalid/{token}"
"""Where a webhook of a trial points unless the user says otherwise: no such host can exist (RFC 2606)."""
UNKNOWN_EVENT = "whsync.check.unknown"
NOT_KNOWN = "its values are not known here; --set {name}=VALUE and --change {name}=OTHER try it"
ONE_VALUE = "a second value is not known; --change {name}=VALUE tries an update"


class Given(NamedTuple):
    """What the user says of the values.

    Args:
        token: tells this trial's webhook from all others.
        first: values to create with, by pointer; `second`: values to change to.
    """

    token: str
    first: Mapping[str, Leaf] = {}
    second: Mapping[str, Leaf] = {}


class Sample(NamedTuple):
    """What is sent.

    Args:
        first: with what the webhook is made.
        second: to what each of its fields is changed, one after the other.
        untried: what is not sent, each with the reason.
    """

    first: Fields
    second: Fields
    untried: tuple[tuple[str, str], ...] = ()


class _Pair(NamedTuple):
    first: Leaf | None = None
    second: Leaf | None = None


def sample_of(manifest: Manifest | None, capabilities: Capabilities, scope: Scope, given: Given) -> Sample:
    """Two values for every field that can be tried.

    Args:
        manifest: where the vendor has one: what it needs, and values in its examples.
        capabilities: what the vendor can do.
        scope: where the webhook is to hang, since events may depend on it.
        given: what the user says.
    """
    first: dict[str, Leaf] = {}
    second: dict[str, Leaf] = {}
    untried: dict[str, str] = {}
    for pointer in sorted(capabilities.writable):
        pair = _pair(pointer, manifest, capabilities, scope, given)
        begin, then = given.first.get(pointer, pair.first), given.second.get(pointer, pair.second)
        if begin is None:
            untried[pointer] = NOT_KNOWN.format(name=name_of(pointer))
            continue
        first[pointer] = begin
        if pointer in capabilities.immutable:
            untried[pointer] = "the manifest says that it cannot be changed, so only the create is tried"
        elif then is None or then == begin:
            untried[pointer] = ONE_VALUE.format(name=name_of(pointer))
        else:
            second[pointer] = then
    return Sample(Fields(first), Fields(second), tuple(untried.items()))


def name_of(pointer: str) -> str:
    """A field as the file and the command line call it: `url`, `options.content_type`."""
    return pointer[1:].replace("/", ".")


def twists(sample: Sample, capabilities: Capabilities) -> Iterator[tuple[str, Leaf]]:
    """Values by which a vendor shows what it does to URLs, texts and lists, beyond taking them: pointer and value.

    A URL that the user gave may be answered by somebody, so it is not sent in another spelling.
    """
    if str(sample.second.get(URL, "")).startswith(USUAL_URL.partition("{")[0]):
        yield URL, f"{sample.first[URL]}/Odd/?b=2&a=1"
    if DESCRIPTION in sample.second and DESCRIPTION not in capabilities.trimmed:
        yield DESCRIPTION, f" {sample.first[DESCRIPTION]} "
    for pointer, leaf in sample.second.items():
        if isinstance(leaf, tuple) and len(leaf) > 1 and pointer not in capabilities.unordered:
            backwards = tuple(sorted(leaf, key=str, reverse=True))
            yield pointer, backwards if backwards != leaf else (*leaf, leaf[0])


def _pair(pointer: str, manifest: Manifest | None, capabilities: Capabilities, scope: Scope, given: Given) -> _Pair:
    match pointer:
        case "/url":
            return _urls(str(given.first.get(URL) or USUAL_URL.format(token=given.token)))
        case "/events":
            return _events(manifest, capabilities, scope)
        case "/status":
            return _Pair("inactive", "active")
        case "/description":
            return _Pair(f"whsync check {given.token}", f"whsync check {given.token}, changed")
        case _:
            return _option(pointer, manifest, capabilities, given.token)


def _urls(url: str) -> _Pair:
    parts = parts_of(url)
    return _Pair(url, "".join(parts._replace(path=parts.path.rstrip("/") + "/changed")))


def _events(manifest: Manifest | None, capabilities: Capabilities, scope: Scope) -> _Pair:
    """Two names, then the second of them and a third; fewer where there are fewer, or a webhook has one."""
    catalogue = capabilities.events
    known = catalogue.names_in({key for key, _ in scope}) - {catalogue.wildcard}
    shown = (leaf for leaf in _in_examples(manifest, EVENTS) if isinstance(leaf, tuple)) if manifest is not None else ()
    usual = [str(name) for leaf in shown for name in leaf if not known or name in known]
    names = list(dict.fromkeys([*usual, *sorted(known)]))  # those of the examples are known everywhere
    if capabilities.one_event:
        return _Pair(*(frozenset({name}) for name in names[:2]))
    if len(names) < 3:
        return _Pair(*(frozenset(names[:many]) for many in (len(names), 1) if names))
    return _Pair(frozenset(names[:2]), frozenset(names[1:3]))


def _option(pointer: str, manifest: Manifest | None, capabilities: Capabilities, token: str) -> _Pair:
    """Two of the values that the manifest lists; a text only where there has to be one."""
    lens = manifest.lenses().get(pointer) if manifest is not None else None
    kind = dict(capabilities.types).get(pointer)
    choices = dict(capabilities.choices).get(pointer) or ((True, False) if kind == "bool" else ())
    if choices:
        return _Pair(*_telling(choices, lens)[:2])
    needed = manifest is not None and any(pointer in create.needs for create in manifest.create)
    if pointer not in capabilities.natural_key and not needed:
        return _Pair()
    if kind == "text":
        return _Pair(f"whsync-check-{token}", f"whsync-check-{token}-2")
    return _Pair(*(list(_in_examples(manifest, pointer)) if manifest is not None else [])[:2])


def _telling(choices: tuple[Leaf, ...], lens: Lens | None) -> list[Leaf]:
    """The values, first those that a vendor would not have chosen by itself, and last what is a risk."""
    risky = lens.risky.value if lens is not None and lens.risky is not None else None
    usual = lens.default if lens is not None else None
    return sorted(choices, key=lambda leaf: (identical(leaf, risky), identical(leaf, usual)))


def _in_examples(manifest: Manifest, pointer: str) -> Iterator[Leaf]:
    """The values that a field has in the manifest's examples, each once."""
    seen: list[Leaf] = []
    for example in manifest.examples:
        means = getattr(example, "means", None)
        for fields in (getattr(example, "fields", {}), means.fields if means is not None else {}):
            leaf = fields.get(pointer)
            if leaf is not None and not any(identical(leaf, one) for one in seen):
                seen.append(leaf)
                yield leaf
