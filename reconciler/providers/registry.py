"""Finds manifests: built in, installed by other packages, and the user's own files. Implements `vendor.Vendors`.

Used by `config` and the commands. Names are found without reading a manifest; a manifest is read when it is first used.

An installed package offers vendors under the entry point group `whsync.vendors`: a `Vendor`, a callable that takes the
settings and returns one, or the path of a manifest.
"""

import os
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from reconciler.document import load, locate
from reconciler.errors import ConfigError, Problem
from reconciler.providers.interpret import CompiledVendor
from reconciler.providers.manifest import Manifest
from reconciler.providers.vendor import Switch, Vendor
from reconciler.suggest import did_you_mean

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "whsync.vendors"
SUFFIXES = (".yaml", ".yml")


class Registry:
    """All manifests within reach; compiled once per type and settings."""

    def __init__(self) -> None:
        self._vendors: dict[tuple[str, str, tuple[tuple[str, Switch], ...]], Vendor] = {}

    def names(self) -> tuple[str, ...]:
        """All built-in and installed manifests, sorted."""
        return tuple(sorted({*builtin_names(), *_installed()}))

    def vendor(self, type: str, settings: Mapping[str, Switch], folder: str) -> Vendor:
        """The manifest named or placed at `type` (a path is relative to `folder`), compiled for `settings`.

        Raises:
            ConfigError: there is none (with suggestions), or it is wrong (with places).
        """
        key = (type, folder if is_path(type) else "", tuple(sorted(settings.items())))
        if key not in self._vendors:
            self._vendors[key] = self._compiled(type, settings, folder)
        return self._vendors[key]

    def _compiled(self, type: str, settings: Mapping[str, Switch], folder: str) -> Vendor:
        if is_path(type):
            return CompiledVendor(read_manifest(Path(folder, type)), settings)
        if type in builtin_names():
            return CompiledVendor(builtin(type), settings)
        if type in _installed():
            return _from_package(_installed()[type], settings)
        hint = (
            did_you_mean(type, self.names()) or f"there are {', '.join(self.names())}; or a path such as ./{type}.yaml"
        )
        raise ConfigError(f"there is no manifest called {type!r}", hint)


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
    resource = files("reconciler.providers.builtin") / f"{name}.yaml"
    return parse(resource.read_bytes(), f"{name}.yaml")


def read_manifest(path: Path) -> Manifest:
    """The manifest in a file.

    Raises:
        ConfigError: it cannot be read, or it is wrong (with places).
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        hint = "a manifest's path starts at the file that names it"
        raise ConfigError(f"the manifest {path} cannot be read: {error.strerror or error}", hint) from None
    return parse(text, str(path))


def parse(text: bytes, file: str) -> Manifest:
    """The manifest in `text`; `file` is for messages.

    Raises:
        ConfigError: every problem, each with its place.
    """
    tree = load(text, file)
    try:
        return Manifest.model_validate(tree)
    except ValidationError as error:
        problems = [
            _problem(detail, tree, text, file) for detail in error.errors(include_url=False, include_input=False)
        ]
    unique = tuple(dict.fromkeys(problems))
    raise ConfigError(f"the manifest {file} is wrong: {unique[0].summary}", unique[0].hint, problems=unique)


def _problem(detail: Any, tree: Any, text: bytes, file: str) -> Problem:
    path = _real_path(detail["loc"], tree)
    is_key = detail["type"] == "extra_forbidden"
    at = locate(text, path, file, is_key)
    name = detail["loc"][-1] if detail["loc"] else ""
    what = {
        "missing": f"`{name}` is missing",
        "extra_forbidden": f"the language has no word `{name}` here",
    }.get(detail["type"], str(detail["msg"]).removeprefix("Value error, "))
    where = ".".join(map(str, path))
    hint = did_you_mean(str(name), _words()) if is_key else ""
    return Problem("config", f"{where}: {what}" if where else what, hint, at=at)


@cache
def _words() -> frozenset[str]:
    """Every key of the language, wherever it may stand."""
    schema = Manifest.model_json_schema()
    blocks = [schema, *schema["$defs"].values()]
    return frozenset(word for block in blocks for word in block.get("properties", ()))


def _real_path(loc: tuple[str | int, ...], tree: Any) -> tuple[str | int, ...]:
    """The part of a validation path that exists in the tree: names of alternatives in it do not."""
    path: list[str | int] = []
    for step in loc:
        try:
            tree = tree[step]
        except (KeyError, IndexError, TypeError):
            continue
        path.append(step)
    return tuple(path)


@cache
def _installed() -> Mapping[str, "EntryPoint"]:
    from importlib.metadata import entry_points

    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _from_package(entry: "EntryPoint", settings: Mapping[str, Switch]) -> Vendor:
    try:
        found = entry.load()
        made = found(settings) if callable(found) and not isinstance(found, type) else found
    except ConfigError:
        raise
    except Exception as error:  # noqa: BLE001 - another package's code: whatever it raises is that package's fault
        raise ConfigError(
            f"the vendor {entry.name!r} of {entry.value} cannot be loaded: {type(error).__name__}"
        ) from None
    if isinstance(made, str | os.PathLike):
        return CompiledVendor(read_manifest(Path(made)), settings)
    vendor: Vendor = made
    return vendor
