"""The events' catalogue fits their codec. [pure] Used by `providers.language.sound`."""

from collections.abc import Iterator

from reconciler.codes import Code
from reconciler.providers.language.fields import Flags
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.language.sound.fault import Fault, nearest

_AT = ("fields", "events")
_EVENTS = Code.MANIFEST_EVENTS


def names_what_it_needs(manifest: Manifest) -> Iterator[Fault]:
    """Flags and closed lists consist of the catalogue's names."""
    lens = manifest.fields.events
    catalogue = lens.catalogue
    if isinstance(lens.codec, Flags) and not catalogue.names:
        what = "`kind: flags` writes one flag for each event of the catalogue, which is empty"
        yield Fault((*_AT, "codec"), what, "list the events: `catalogue: {names: [push, …]}`", _EVENTS)
    if catalogue.closed and not catalogue.names:
        what = "a closed catalogue without names leaves no event that a file may have"
        yield Fault((*_AT, "catalogue", "closed"), what, "list the `names`, or leave `closed` out", _EVENTS)
    if catalogue.open_when and not (catalogue.closed or catalogue.read):
        what = "`open_when` opens a closed catalogue, or one that is read, and this is none"
        yield Fault((*_AT, "catalogue", "open_when"), what, "add `closed: true`, or leave it out", _EVENTS, key=True)


def names_each_once(manifest: Manifest) -> Iterator[Fault]:
    """No name twice, and what `wildcard`, `values` and `also` speak of is in a closed catalogue."""
    lens = manifest.fields.events
    names = lens.catalogue.names
    for at, name in enumerate(names):
        if name in names[:at]:
            yield Fault((*_AT, "catalogue", "names", at), f"`{name}` stands here twice", "take one away", _EVENTS)
    if not lens.catalogue.closed:
        return
    spoken = [((*_AT, word, name), name) for word in ("values", "also") for name in getattr(lens, word)]
    if lens.catalogue.wildcard is not None:
        spoken.append(((*_AT, "catalogue", "wildcard"), lens.catalogue.wildcard))
    for path, name in spoken:
        if name not in names:
            what = f"`{name}` is not in the closed catalogue, so that no file may have it"
            yield Fault(path, what, f"add it to `names`; {nearest(name, names)}", _EVENTS, key=path[-1] == name)


def lists_of_some_scope(manifest: Manifest) -> Iterator[Fault]:
    """A list of events takes parameters of the scopes that it is for, and settings; and none stands behind all."""
    lists = manifest.fields.events.catalogue.read
    for at, words in enumerate(lists):
        here = (*_AT, "catalogue", "read", at)
        ways = [set(way.params) for way in manifest.scope if not words.scope or words.scope in way.params]
        if not ways:
            what = f"`{words.scope}` is no parameter of a scope"
            known = {name for way in manifest.scope for name in way.params}
            yield Fault((*here, "scope"), what, nearest(words.scope, known), _EVENTS)
            continue
        known = set.intersection(*ways)
        for name in words.variables:
            if name not in known and name not in manifest.settings:
                what = f"`{{{name}}}` is no parameter of every scope that this list is for"
                yield Fault((*here, "path"), what, f"{nearest(name, known)}; `scope` says for which", _EVENTS)
        if not words.scope and at + 1 < len(lists):
            what = "the lists behind this one are never asked, since it is for every scope"
            yield Fault(here, what, "put it last, or say in `scope` which it is for", _EVENTS, key=True)


RULES = (names_what_it_needs, names_each_once, lists_of_some_scope)
