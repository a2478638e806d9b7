"""Lists of places that fill a scope and ask for what they need. [pure] Used by `providers.language.sound`."""

from collections.abc import Iterator
from urllib.parse import unquote

from reconciler.codes import Code
from reconciler.providers.language.discovery import DiscoverWords
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.language.sound.fault import Fault, Path, nearest
from reconciler.providers.language.words import variables_in

_PATH = Code.MANIFEST_PATH


def fills_a_parameter(manifest: Manifest) -> Iterator[Fault]:
    """What is discovered becomes a parameter of the scope, or what another list needs; else it would serve nobody."""
    known = {name for way in manifest.scope for name in way.params}
    known.update(name for words in manifest.discover.values() for name in words.needs)
    for what, words in manifest.discover.items():
        if words.fills not in known:
            says = f"`{words.fills}` is no parameter of a scope, and no list needs it"
            yield Fault(("discover", what, "fills"), says, nearest(words.fills, known), _PATH)
        if words.fills in words.needs:
            says = f"`{words.fills}` is what this list is asked for, so it cannot be needed"
            yield Fault(("discover", what, "needs"), says, "give the need a name of its own", _PATH)


def takes_what_it_needs(manifest: Manifest) -> Iterator[Fault]:
    """Each variable is a need or a setting, and each need is a variable: else users would give it in vain."""
    for what, words in manifest.discover.items():
        known, used = {*words.needs, *manifest.settings}, set[str]()
        for path, text, _ in _templates(what, words):
            used.update(variables_in(text))
            for name in variables_in(text):
                if name not in known:
                    says = f"`{{{name}}}` is no variable here"
                    yield Fault(path, says, f"{nearest(name, known)} (settings, what the list `needs`)", _PATH)
        for at, name in enumerate(words.needs):
            if name not in used:
                says = f"`{name}` is needed, and no path, query or body takes it"
                yield Fault(("discover", what, "needs", at), says, f"write `{{{name}}}` where it goes", _PATH)


def lists_walk_up(manifest: Manifest) -> Iterator[Fault]:
    """`/orgs/../{org}`: an answer to it would be another resource's. Lists of events, too."""
    places = (
        (path, text)
        for what, words in manifest.discover.items()
        for path, text, is_path in _templates(what, words)
        if is_path
    )
    for path, text in (*places, *_of_events(manifest)):
        if any(unquote(part) in (".", "..") for part in text.partition("?")[0].split("/")):
            yield Fault(path, "a part of this path is `.` or `..`", "write the path that is meant", _PATH)


def _of_events(manifest: Manifest) -> Iterator[tuple[Path, str]]:
    for at, words in enumerate(manifest.fields.events.catalogue.read):
        yield ("fields", "events", "catalogue", "read", at, "path"), words.path


def _templates(what: str, words: DiscoverWords) -> Iterator[tuple[Path, str, bool]]:
    """Every template of a list, where it stands, and whether it is a path."""
    at: Path = ("discover", what)
    yield (*at, "path"), words.path, True
    for key, texts in (("query", words.query), ("with", words.with_), ("headers", words.headers)):
        yield from (((*at, key, name), text, False) for name, text in texts.items())
    yield from (((*at, "only", name), text, False) for name, text in words.only.items())
    if words.otherwise is not None:
        yield (*at, "otherwise", "path"), words.otherwise.path, True
        yield from (((*at, "otherwise", "query", name), text, False) for name, text in words.otherwise.query.items())


RULES = (fills_a_parameter, takes_what_it_needs, lists_walk_up)
