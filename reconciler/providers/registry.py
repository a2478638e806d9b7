"""Finds manifests: built in, installed by other packages, and the user's own files. Implements `Vendors`.

Used by `cli`; who else needs a vendor is handed the registry as `Vendors`. Names are found without reading a manifest;
a manifest is read when it is first used.

An installed package offers vendors under the entry point group `whsync.vendors`: a `Vendor`, a callable that takes the
settings and returns one, or the path of a manifest.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from reconciler.codes import Code
from reconciler.document import Places, load
from reconciler.errors import ConfigError, Problem
from reconciler.providers.compiled import kept
from reconciler.providers.engine.interpret import CompiledVendor
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.language.sound import faults_in
from reconciler.providers.language.sound.fault import Fault
from reconciler.providers.language.sound.mistakes import mistakes, nulls
from reconciler.providers.vendor import Origin, Switch, Vendor
from reconciler.support import handles, intake
from reconciler.support.bounds import USUAL, bounds_of
from reconciler.support.hints import command, did_you_mean

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "whsync.vendors"
SUFFIXES = (".yaml", ".yml")


class _FoundManifest(NamedTuple):
    vendor: Vendor
    origin: Origin


class Registry:
    """All manifests within reach; each file is read once, and compiled once per type and settings."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, tuple[tuple[str, Switch], ...]], _FoundManifest] = {}
        self._texts: dict[Path, bytes] = {}

    def names(self) -> tuple[str, ...]:
        """All built-in and installed manifests, sorted."""
        return tuple(sorted({*builtin_names(), *_installed()}))

    def vendor(self, type: str, settings: Mapping[str, Switch], folder: str) -> Vendor:
        """The manifest named or placed at `type` (a path is relative to `folder`), compiled for `settings`.

        Raises:
            ConfigError: there is none (with suggestions), or it is wrong (with places).
        """
        return self._look(type, settings, folder).vendor

    def origin(self, type: str, settings: Mapping[str, Switch], folder: str) -> Origin:
        """See `Vendors`."""
        return self._look(type, settings, folder).origin

    def _look(self, type: str, settings: Mapping[str, Switch], folder: str) -> _FoundManifest:
        key = (type, folder if is_path(type) else "", tuple(sorted(settings.items())))
        if key not in self._found:
            self._found[key] = self._compiled(type, settings, folder)
        return self._found[key]

    def _compiled(self, type: str, settings: Mapping[str, Switch], folder: str) -> _FoundManifest:
        if is_path(type):
            return self._from_file(Path(folder, type), settings)
        if type in builtin_names():
            return _FoundManifest(_vendor(builtin(type), settings), Origin(_builtin_text(type)))
        if type in _installed():
            return self._from_package(_installed()[type], settings)
        there = f"{command('providers', 'list')} shows the {len(self.names())} that there are"
        hint = did_you_mean(type, self.names()) or f"{there}; one of your own is a path such as ./{type}.yaml"
        raise ConfigError(f"there is no manifest called {type!r}", hint, code=Code.NO_SUCH_MANIFEST)

    def _from_file(self, path: Path, settings: Mapping[str, Switch]) -> _FoundManifest:
        if path not in self._texts:
            self._texts[path] = _text(path)
        text = self._texts[path]
        manifest = parse(text, str(path))
        return _FoundManifest(_vendor(manifest, settings), Origin(text, str(path), _authentication_of(manifest)))

    def _from_package(self, entry: "EntryPoint", settings: Mapping[str, Switch]) -> _FoundManifest:
        made = _offered(entry, settings)
        if isinstance(made, str | os.PathLike):
            return self._from_file(Path(made), settings)
        package = entry.dist  # code cannot be compared, so its version stands for it
        version = f"{package.name} {package.version}" if package is not None else ""
        return _FoundManifest(made, Origin(f"{entry.value} {version}".encode()))


def _authentication_of(manifest: Manifest) -> str:
    """A digest of all that decides where calls go by themselves and how they prove who we are."""
    decides = manifest.model_dump_json(include={"base_url", "auth", "headers", "variables"})
    return "sha256:" + hashlib.sha256(decides.encode()).hexdigest()[:32]


def authentication_by_name(type: str) -> str | None:
    """As `Origin.authentication`, of the manifest that is built in under this name; that of a package is like no other.

    None: there is none of that name.
    """
    if type in builtin_names():
        return _authentication_of(builtin(type))
    return "" if type in _installed() else None


def is_path(type: str) -> bool:
    """Whether `type` means a file rather than a name."""
    return "/" in type or os.sep in type or type.endswith(SUFFIXES)


@cache
def builtin_names() -> tuple[str, ...]:
    """The manifests that come with whsync, by their files' names."""
    entries = files("reconciler.providers.builtin").iterdir()
    return tuple(sorted(entry.name.removesuffix(".yaml") for entry in entries if entry.name.endswith(".yaml")))


@cache
def builtin(name: str) -> Manifest:
    """One built-in manifest. Raises ConfigError where it is wrong."""
    text, file = _builtin_text(name), f"{name}.yaml"
    place = files("reconciler.providers.builtin") / file
    if not isinstance(place, Path):  # in an archive, where nothing can lie beside it
        return parse(text, file)
    return kept(place, text, lambda: parse(text, file))


@cache
def _builtin_text(name: str) -> bytes:
    return (files("reconciler.providers.builtin") / f"{name}.yaml").read_bytes()


def read_manifest(path: Path) -> Manifest:
    """The manifest in a file.

    Raises:
        ConfigError: it cannot be read, or it is wrong (with places).
    """
    return read_with_text(path)[1]


def read_with_text(path: Path) -> tuple[bytes, Manifest]:
    """The file's bytes and the manifest in them; raises what `read_manifest` does."""
    text = _text(path)
    return text, parse(text, str(path))


def _vendor(manifest: Manifest, settings: Mapping[str, Switch]) -> CompiledVendor:
    """The vendor, within this process's bounds; a variable that says none is told when the files are read."""
    try:
        bounds = bounds_of(os.environ)
    except ValueError:
        bounds = USUAL
    return CompiledVendor(manifest, settings, bounds)


def _text(path: Path) -> bytes:
    try:
        return intake.read(path, intake.WRITTEN)
    except OSError as error:
        hint = "a manifest's path starts at the file that names it"
        raise ConfigError(
            f"the manifest {path} cannot be read: {handles.words(error)}", hint, code=Code.FILE_UNREADABLE
        ) from None


def parse(text: bytes, file: str) -> Manifest:
    """The manifest in `text`; `file` is for messages.

    Raises:
        ConfigError: every problem, each with its place.
    """
    tree = load(text, file, nulls=True)
    faults = tuple(nulls(tree))
    try:
        manifest = Manifest.model_validate(tree)
        if faults := faults or faults_in(manifest):
            raise _wrong(faults, text, file)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        known = {fault.path for fault in faults}
        more = (fault for fault in mistakes(details, tree) if fault.path not in known)
        raise _wrong((*faults, *more), text, file) from None
    return manifest


def problems_of(faults: Iterable[Fault], text: bytes, file: str) -> tuple[Problem, ...]:
    """What is wrong with a manifest, each thing once, with its place in the file and in the order of these."""
    places = Places(text, file)
    located = dict.fromkeys(_problem(fault, places) for fault in faults)
    return tuple(sorted(located, key=lambda problem: problem.at or places.at(())))


def _wrong(faults: Iterable[Fault], text: bytes, file: str) -> ConfigError:
    problems = problems_of(faults, text, file)
    first = problems[0]
    return ConfigError(
        f"the manifest {file} is wrong: {first.summary}", first.hint, problems=problems, code=Code.WRONG_MANIFEST
    )


def _problem(fault: Fault, places: Places) -> Problem:
    where = ".".join(map(str, fault.path))
    summary = f"{where}: {fault.what}" if where else fault.what
    return Problem("config", summary, fault.right, at=places.at(fault.path, fault.key), code=fault.code)


@cache
def _installed() -> Mapping[str, "EntryPoint"]:
    from importlib.metadata import entry_points

    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _offered(entry: "EntryPoint", settings: Mapping[str, Switch]) -> Any:
    """The vendor that a package offers, or the path of its manifest."""
    try:
        found = entry.load()
        return found(settings) if callable(found) and not isinstance(found, type) else found
    except ConfigError:
        raise
    except Exception as error:  # noqa: BLE001 - another package's code: whatever it raises is that package's fault
        raise ConfigError(
            f"the vendor {entry.name!r} of {entry.value} cannot be loaded: {type(error).__name__}",
            code=Code.PACKAGE_BROKEN,
        ) from None
