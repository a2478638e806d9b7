"""Which file an import writes into, and what stands in it before. Used by `cli.importing`."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from reconciler.cli.context import Context
from reconciler.cli.options import unknown
from reconciler.codes import Code
from reconciler.config.loaded import Loaded
from reconciler.config.starter import Chosen, entry_of, is_at_hand
from reconciler.document.insertion import Entry, inserted
from reconciler.errors import StalePlanError, UsageError, WhsyncError
from reconciler.importing.scopes import fixed
from reconciler.importing.text import HEAD, provider_lines
from reconciler.providers.registry import Registry, is_path
from reconciler.run.strangers import Wish
from reconciler.support import intake
from reconciler.support.hints import command


class Place(NamedTuple):
    """The file that webhooks are, or would be, written into.

    Args:
        paths: the files of the configuration, this one perhaps among those that they include.
        name: as it is typed, or included.
        text: what it is to hold before the webhooks; new entries of `providers:` are in it.
        before: what it holds now; None where it is not there.
        is_new: this run makes it and the whole configuration.
        writes: it is written; else only shown.
        providers: the entries that are meant; none: all.
    """

    paths: tuple[Path, ...]
    name: str
    text: str
    before: bytes | None
    is_new: bool
    writes: bool
    providers: tuple[str, ...]


def scopes_of(words: Sequence[str]) -> dict[str, list[str]]:
    """What each `--scope K=V` asks for.

    Raises:
        UsageError: one is not of that form.
    """
    given: dict[str, list[str]] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name or not value:
            raise UsageError(f"--scope {word!r} is not K=V", "for example --scope owner=acme --scope repo=api")
        given.setdefault(name, [])
        given[name] += [value] if value not in given[name] else []
    return given


def load(whsync: Context, place: Place, text: str) -> Loaded:
    """The configuration with this text in the place of the file.

    Raises:
        ConfigError: something is wrong in it.
    """
    data = text.encode(errors="surrogatepass")
    return whsync.load(list(place.paths), doubts_later=True, instead={place.name: data})


def find(whsync: Context, words: Sequence[str], into: str | None, wish: Wish) -> Place:
    """The file, and the entries that are meant.

    Raises:
        UsageError: `into` is no file of the configuration, or nothing says which vendors are meant.
        ConfigError: the configuration is wrong.
    """
    paths = _paths(whsync, into)
    there = [path for path in paths if _content(path)]
    registry = Registry()
    if not there:
        return _first(paths, words or _at_hand(registry), wish, registry)
    loaded = whsync.load(there, doubts_later=True)
    name = _named(into, paths, loaded) if into is not None else next(iter(loaded.files))
    before = _content(Path(name))
    begun = _decoded(before, name) if before else HEAD
    chosen = [word for word in words if word not in loaded.providers]
    fresh = _chosen(chosen, registry, Path(name).parent, words and loaded.providers.keys())
    names = tuple(dict.fromkeys([word for word in words if word in loaded.providers] + [each.name for each in fresh]))
    text = _with_providers(begun, name, fresh, wish)
    return Place(tuple(paths), name, text, before, False, into is not None, names)


def refuse_changed(place: Place) -> None:
    """Stop where somebody has written into the file meanwhile.

    Raises:
        StalePlanError: it is not what it was.
    """
    if _content(Path(place.name)) != place.before:
        raise StalePlanError(f"{place.name} has changed meanwhile, so nothing was written", "run it again")


def _paths(whsync: Context, into: str | None) -> list[Path]:
    """The files of the configuration; without one, it begins with the file that is written into."""
    paths = whsync.config_paths
    if into is not None and not whsync.names_config and not any(map(_content, paths)):
        return [Path(into)]
    for path in paths:
        if not path.exists() and os.path.lexists(path):
            summary = f"{path} is a link that leads to nothing"
            raise WhsyncError(summary, "name another file", kind="config", code=Code.FILE_TAKEN)
    return paths


def _content(path: Path) -> bytes | None:
    """What a file holds; None where there is none, or nothing in it, as where a shell has just made it."""
    try:
        return intake.read(path, intake.WRITTEN, ordinary=True) or None
    except FileNotFoundError:
        return None


def _first(paths: Sequence[Path], words: Sequence[str], wish: Wish, registry: Registry) -> Place:
    """A configuration that is not there yet."""
    if len(paths) > 1:
        raise UsageError("-c names several files, and none is there", "name the one that is to be written")
    if not words:
        hint = f"name one, as in {command('import', registry.names()[0])}; {command('providers', 'list')} shows all"
        raise UsageError("nothing says at which vendors to look", hint)
    name = str(paths[0])
    fresh = _chosen(words, registry, paths[0].parent, ())
    text = _with_providers(HEAD, name, fresh, wish)
    return Place(tuple(paths), name, text, None, True, True, tuple(each.name for each in fresh))


def _at_hand(registry: Registry) -> list[str]:
    return [name for name in registry.names() if is_at_hand(registry.vendor(name, {}, "."), os.environ)]


def _chosen(words: Sequence[str], registry: Registry, folder: Path, entries: Sequence[str] | object) -> list[Chosen]:
    """The vendors that become entries.

    Args:
        entries: what could be meant beside vendors.

    Raises:
        UsageError: one is not known.
    """
    chosen: dict[str, Chosen] = {}
    for word in dict.fromkeys(words):
        if not is_path(word) and word not in registry.names():
            known = [*entries] if isinstance(entries, Sequence | set) or hasattr(entries, "__iter__") else []
            unknown("provider", word, [*known, *registry.names()])
        vendor = registry.vendor(word, {}, str(folder))
        name = word if not is_path(word) else vendor.capabilities.type
        if name in chosen:
            raise UsageError(f"two PROVIDERs are called {name!r}", "name one, and copy its entry in the file")
        chosen[name] = Chosen(name, word, vendor)
    return list(chosen.values())


def _with_providers(text: str, name: str, fresh: Sequence[Chosen], wish: Wish) -> str:
    """The text with an entry for each new vendor."""
    entries = []
    for each in fresh:
        tree = entry_of(each, fixed(each.vendor.capabilities, wish.given, wish.discover))
        entries.append(Entry(each.name, *provider_lines(each.name, tree)))
    whole = inserted(text, name, "providers", entries) if entries else text
    if whole is None:
        summary = f"{name} has no place for another entry of `providers:`"
        raise WhsyncError(summary, "write the entry yourself", kind="config", code=Code.LAYOUT_UNSAFE)
    return whole


def _named(into: str, paths: Sequence[Path], loaded: Loaded) -> str:
    """The file as the configuration names it.

    Raises:
        UsageError: it is none of its files, so that nothing would read what is written there.
    """
    wanted = os.path.realpath(into)
    for name in (*loaded.files, *map(str, paths)):
        if os.path.realpath(name) == wanted:
            return name
    if not _content(Path(into)) and _is_included(into, loaded):
        return into
    first = next(iter(loaded.files))
    hint = f"let {first} include it, or name it, too: -c {first} -c {into}"
    raise UsageError(f"--into {into} is no file of the configuration {first}", hint)


def _is_included(into: str, loaded: Loaded) -> bool:
    """Whether a file that is not there yet would be read, once it is."""
    from reconciler.document import read

    for name, text in loaded.files.items():
        tree, _ = read(text, name)
        patterns = (tree or {}).get("include")
        for pattern in patterns if isinstance(patterns, list) else ():
            folder = os.path.dirname(name)
            meant = os.path.normpath(os.path.join(folder, str(pattern)))
            if Path(os.path.relpath(os.path.realpath(into))).match(meant):
                return True
    return False


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise WhsyncError(f"{name} is not UTF-8", "save it as UTF-8", kind="config", code=Code.NOT_YAML) from None
