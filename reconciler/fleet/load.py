"""Reads `fleet.yaml`: every tenant with whole paths, or every problem at its place. Used by `cli.fleet_asked`."""

import glob
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from reconciler import document
from reconciler.codes import Code
from reconciler.config.fault import FileFault, below, validated
from reconciler.config.places import FilePlaces, told
from reconciler.config.within_reach import out_of_reach, refuse_out_of_reach
from reconciler.errors import ConfigError
from reconciler.fleet.schema import NAME, EnvironmentBlock, FleetFile, SettingsBlock, TenantBlock
from reconciler.fleet.types import Environment, Fleet, Tenant
from reconciler.model.webhook import Source
from reconciler.secrets import registry
from reconciler.support import intake
from reconciler.support.natural import natural
from reconciler.support.reach import EVERYWHERE, Reach

CONFIG = "webhooks.yaml"
"""What makes a folder a tenant."""


def load(path: Path, reach: Reach = EVERYWHERE) -> Fleet:
    """What the fleet file says.

    Args:
        path: as the user named it.
        reach: which files it may lead to, its own folder's included.

    Raises:
        ConfigError: with every problem.
        UntrustedError: it leads out of `reach`.
    """
    name = str(path)
    try:
        text = intake.read(path, intake.WRITTEN)
    except OSError as error:
        summary = f"the fleet file {name} cannot be read: {error.strerror or error}"
        raise ConfigError(summary, "name it with --fleet FILE", code=Code.FILE_UNREADABLE) from None
    tree, problems = document.read(text, name)
    root = Source(name, ())
    block, faults = validated(FleetFile, tree, root, registry) if tree is not None else (None, ())
    building = _Building(path, reach, bool(faults))
    fleet = building.fleet(block) if block is not None else None
    found = told(problems, [*faults, *building.faults], [], {name: text}, {name: tree})
    refuse_out_of_reach(found)
    if found or fleet is None:
        raise ConfigError(found[0].summary, found[0].hint, problems=found, code=found[0].code)
    places = FilePlaces({name: text})
    return fleet._replace(
        tenants=tuple(each._replace(at=places.at(building.sources[each.name], key=True)) for each in fleet.tenants)
    )


_NOTHING = TenantBlock.model_validate({})


class _Found(NamedTuple):
    """A tenant's block, where it stands, and the folder that made it one."""

    block: TenantBlock
    source: Source
    folder: str | None = None


class _Building:
    """Tenants from blocks; `faults` grows while they are built.

    Args:
        damaged: something of the file was left out, for it is wrong; then it proves nothing that something is missing.
    """

    def __init__(self, path: Path, reach: Reach, damaged: bool) -> None:
        self.faults: list[FileFault] = []
        self.sources: dict[str, Source] = {}
        self._damaged = damaged
        self._file, self._folder, self._reach = str(path), os.path.abspath(path.parent), reach

    def fleet(self, block: FleetFile) -> Fleet:
        root = Source(self._file, ())
        results = self._path(block.results, below(root, "results"), "the folder of results")
        found = self._found(block, root)
        if not found and not self.faults and not self._damaged:
            what, hint = "the fleet has no tenant", "name folders (`folders: [teams/*]`) or `tenants`"
            self.faults.append(FileFault(root, Code.MISSING_KEY, what, hint))
        self._refuse_alike(found)
        tenants = [self._tenant(name, found[name], block.defaults, below(root, "defaults")) for name in found]
        self.sources = {name: each.source for name, each in found.items()}
        return Fleet(self._file, tuple(tenants), results)

    def _found(self, block: FleetFile, root: Source) -> dict[str, _Found]:
        """Every tenant by its name, those of folders first, each in its order."""
        found: dict[str, _Found] = {}
        for number, pattern in enumerate(block.folders):
            at = below(root, "folders", number) if len(block.folders) > 1 else below(root, "folders")
            folders = [
                os.path.dirname(each)
                for each in self._matching(os.path.join(pattern, CONFIG), at, "folder with a webhooks.yaml")
            ]
            for folder in folders:
                self._add(found, os.path.basename(folder), _Found(_NOTHING, at, folder))
        for name, tenant in block.tenants.items():
            at, before = below(root, "tenants", name), found.get(name)
            if before is None and not tenant.files:
                hint = "give it `files:`, or correct its name to that of a folder which `folders` finds"
                self.faults.append(FileFault(at, Code.MISSING_KEY, f"the tenant {name} has no files", hint, key=True))
            found[name] = _Found(tenant, at, before.folder if before is not None else None)
        return found

    def _add(self, found: dict[str, _Found], name: str, tenant: _Found) -> None:
        if not re.fullmatch(NAME, name):
            what = f"the folder {name[:80]!r} cannot give a tenant its name"
            hint = (
                "a tenant's name has 1 to 64 letters, digits, `.`, `_` and `-`; name it under `tenants` with `files:`"
            )
            self.faults.append(FileFault(tenant.source, Code.WRONG_NAME, what, hint))
        elif name in found and found[name].folder != tenant.folder:
            what = f"two folders are called {name}: {self._shown(found[name].folder)} and {self._shown(tenant.folder)}"
            hint = "name one of them under `tenants` with `files:`, and narrow the pattern"
            self.faults.append(FileFault(tenant.source, Code.WRITTEN_TWICE, what, hint))
        else:
            found[name] = tenant

    def _refuse_alike(self, found: Mapping[str, _Found]) -> None:
        """Names that some disks take for one would share a file of results."""
        seen: dict[str, str] = {}
        for name, tenant in found.items():
            first = seen.setdefault(name.lower(), name)
            if first != name:
                what = f"the tenants {first} and {name} differ in capitals only"
                self.faults.append(FileFault(tenant.source, Code.WRITTEN_TWICE, what, "rename one of them", key=True))

    def _tenant(self, name: str, found: _Found, defaults: SettingsBlock, defaults_at: Source) -> Tenant:
        block, at = found.block, found.source

        def said(key: str) -> tuple[Any, Source]:
            own = getattr(block, key)
            return (
                (own, below(at, key))
                if own not in (None, (), {})
                else (getattr(defaults, key), below(defaults_at, key))
            )

        files = self._files(name, found)
        var_files, where = said("var_file")
        environment, environment_at = said("environment")
        lock = self._lock(_filled(block.lock, name), below(at, "lock")) if block.lock is not None else None
        return Tenant(
            name,
            files,
            os.path.dirname(files[0]) if files else self._folder,
            lock,
            tuple({**defaults.variables, **block.variables}.items()),
            tuple(self._path(_filled(each, name), where, "the variable file") for each in var_files),
            self._environment(environment, name, environment_at),
            said("schedule")[0],
            said("repair")[0] == "drift",
        )

    def _lock(self, written: str, at: Source) -> str:
        if "://" not in written and not written.startswith("git+"):
            return self._path(written, at, "the lock")
        if self._reach.roots is not None:
            what = "the lock is elsewhere, and nobody trusts this file to say where"
            hint = "let the tenant's own files name it (`lock:`), which are checked when it is run"
            self.faults.append(FileFault(at, Code.FILE_UNTRUSTED, what, hint, kind="untrusted"))
        return written

    def _environment(self, block: EnvironmentBlock | None, name: str, at: Source) -> Environment:
        if block is None:
            return Environment()
        files = (self._path(_filled(each, name), below(at, "file"), "the env-file") for each in block.file)
        return Environment(tuple(files), _filled(block.prefix or "", name), block.inherit)

    def _files(self, name: str, found: _Found) -> tuple[str, ...]:
        """The configuration of a tenant; of a folder's the usual file, unless others are named."""
        if not found.block.files:
            return (os.path.join(found.folder, CONFIG),) if found.folder is not None else ()
        files: dict[str, None] = {}
        for pattern in found.block.files:
            at = below(found.source, "files")
            files.update(dict.fromkeys(self._matching(_filled(pattern, name), at, "file")))
        return tuple(files)

    def _matching(self, pattern: str, at: Source, what: str) -> Iterable[str]:
        """The paths that a pattern means, whole and in a natural order."""
        found = sorted(glob.iglob(os.path.join(glob.escape(self._folder), pattern), recursive=True), key=natural)
        kept = [os.path.normpath(each) for each in found if os.path.isfile(each)]
        if not kept:
            summary, hint = f"no {what} matches {{value}}", "paths start at the fleet file"
            self.faults.append(
                FileFault(at, Code.NOTHING_INCLUDED, summary, hint, value=pattern.removesuffix(os.sep + CONFIG))
            )
        return list(self._within(kept, at))

    def _within(self, paths: Iterable[str], at: Source) -> Iterator[str]:
        for path in paths:
            if fault := out_of_reach(path, at, "the configuration", self._reach):
                self.faults.append(fault)
            else:
                yield path

    def _path(self, written: str, at: Source, what: str) -> str:
        path = os.path.normpath(os.path.join(self._folder, written))
        if fault := out_of_reach(path, at, what, self._reach):
            self.faults.append(fault)
        return path

    def _shown(self, path: str | None) -> str:
        return os.path.relpath(path or self._folder, self._folder)


def _filled(text: str, name: str) -> str:
    """A text with the tenant's name in it, as it is or as variables have it."""
    return text.replace("{tenant}", name).replace("{TENANT}", variable_of(name))


def variable_of(name: str) -> str:
    """A tenant's name as a part of a variable's."""
    return "".join(char if char.isalnum() else "_" for char in name).upper()
