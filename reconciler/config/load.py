"""The user's files -> Loaded, or every problem of all files, each at its place. Called by `runtime`, `validate`.

Stages: read the files (`files`), join them, make providers (`provider`), make webhooks (`expand`), hold them against
their vendors and each other (`check`). A stage goes on without what is broken, so that one run tells everything.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from reconciler import document
from reconciler.config import Loaded, ProviderConfig
from reconciler.config.check import Checked, faults_between, provider_of, url_faults, vendor_faults
from reconciler.config.expand import MergedDefaults, desired, entries
from reconciler.config.fault import Faulty, FileFault, below
from reconciler.config.files import Files
from reconciler.config.interpolate import Interpolation
from reconciler.config.provider import Around, provider_block, provider_config
from reconciler.config.taken import sink_faults
from reconciler.errors import ConfigError, Problem
from reconciler.model.webhook import Source
from reconciler.planning.policy import Policy
from reconciler.providers.vendor import Vendors
from reconciler.state.address import LockAddress
from reconciler.support.gc_pause import paused_collector


class _Written(NamedTuple):
    """What is written under one name, and where."""

    tree: Any
    source: Source


def load(
    paths: Sequence[Path], environment: Mapping[str, str], vendors: Vendors, lock: LockAddress | None = None
) -> Loaded:
    """Everything that the files say.

    Args:
        paths: the files that the user named, the main one first; they and what they include are joined.
        environment: the variables that may be filled in; credentials are not read.
        vendors: where manifests are found.
        lock: another lock than the files name.

    Raises:
        ConfigError: with every problem, sorted by place.
    """
    if not paths:
        raise ConfigError("no configuration file is named", "name one with -c FILE")
    with paused_collector():
        return _Loading(environment, vendors, paths[0].parent).run(paths, lock)


def lock_of(paths: Sequence[Path], environment: Mapping[str, str]) -> LockAddress:
    """Where `load` finds the lock, whatever else is wrong in the files.

    Raises:
        ConfigError: what is wrong leaves that open.
    """
    variables = Interpolation(environment)
    files = Files(variables)
    files.read(paths)
    lock = files.lock(paths[0].parent)
    written = any("lock" in file.tree for file in files.files)
    asked = {"lock"} if written else {"lock", "include", "version"}  # or it may stand where nobody could look
    faults = [fault for fault in files.faults if asked.intersection(fault.source.path[:1])]
    unset = [fault for fault in variables.faults if asked.intersection(fault.source.path[:1])]
    problems = _told(files.problems if files.broken and not written else (), faults, unset, files.texts)
    if problems:
        raise ConfigError("which lock is meant cannot be told", "name it with --lock FILE", problems=problems)
    return lock


class _Loading:
    """One load: collects faults and problems on the way and raises them together at the end."""

    def __init__(self, environment: Mapping[str, str], vendors: Vendors, folder: Path) -> None:
        self._folder = folder
        self._variables = Interpolation(environment)
        self._around = Around(self._variables, environment, vendors)
        self._files = Files(self._variables)
        self._faults = self._files.faults
        self._problems = self._files.problems

    def run(self, paths: Sequence[Path], lock: LockAddress | None) -> Loaded:
        """All stages."""
        self._files.read(paths)
        policy, usual_lock, defaults = self._policy(), self._files.lock(self._folder), self._defaults()
        written = {section: self._joined(section) for section in ("providers", "webhooks")}
        providers = {name: self._provider(name, *each) for name, each in written["providers"].items()}
        checked = [*self._checked(written["webhooks"], defaults, providers)]
        self._faults += faults_between(checked)
        whole = {name: provider for name, provider in providers.items() if provider}
        loaded = Loaded(
            files=self._files.texts,
            digest=self._digest(whole),
            folder=self._folder,
            lock=lock or usual_lock,
            usual_lock=usual_lock,
            providers=whole,
            desired=tuple(sorted((item.desired for item in checked), key=lambda each: each.name)),
            policy=policy,
        )
        self._faults += sink_faults(checked, loaded)
        problems = _told(self._problems, self._faults, self._variables.faults, self._files.texts)
        if len(problems) == 1:
            raise ConfigError(problems[0].summary, problems[0].hint, problems=problems)
        if problems:
            raise ConfigError(f"{len(problems)} problems in the configuration", problems=problems)
        return loaded

    def _policy(self) -> Policy:
        file = self._files.only("policy")
        return file.header.policy.policy if file and file.header.policy else Policy()

    def _defaults(self) -> MergedDefaults:
        file = self._files.only("defaults")
        return MergedDefaults(file.defaults, below(file.source, "defaults")) if file else MergedDefaults()

    def _joined(self, section: str) -> dict[str, _Written]:
        """One section of all files; a name that is written in two is a fault."""
        joined: dict[str, _Written] = {}
        for file in self._files.files:
            block = file.tree.get(section)
            for name, tree in (block if isinstance(block, dict) else {}).items():
                here = _Written(tree, Source(file.name, (section, name)))
                first = joined.setdefault(name, here)
                if first is not here:
                    what = f"`{name}` is written twice under `{section}`; first at {{also}}"
                    self._faults.append(
                        FileFault(here.source, what, "rename or remove one of the two", True, first.source)
                    )
        return joined

    def _provider(self, name: str, tree: Any, source: Source) -> ProviderConfig | None:
        found: list[FileFault] = []
        try:
            block, found = provider_block(name, tree, source, self._variables)
            provider, found = provider_config(name, block, source, self._around, found)
            return provider
        except Faulty as faulty:
            found = [*faulty.faults]
        except ConfigError as error:
            self._manifest_problems(error, name, tree, source)
        finally:
            self._faults += found
        return None

    def _manifest_problems(self, error: ConfigError, name: str, tree: Any, source: Source) -> None:
        """What the registry says about a manifest: placed at `type:` unless it has a place in the manifest itself."""
        at = below(source, "type") if isinstance(tree, dict) and "type" in tree else source
        for problem in error.problems:
            if problem.at:
                self._problems.append(problem._replace(provider=name))
            else:
                self._faults.append(FileFault(at, problem.summary, problem.hint, provider=name))

    def _checked(
        self, written: Mapping[str, _Written], defaults: MergedDefaults, providers: Mapping[str, ProviderConfig | None]
    ) -> Iterator[Checked]:
        """Each webhook as far as it is sound. Nothing is said to be missing that a file which is not read may hold."""
        faults, whole = self._faults, not self._files.broken
        for name, (tree, source) in written.items():
            try:
                for entry in entries(name, tree, source, defaults, self._variables):
                    faults += entry.faults
                    faults += (fault._replace(name=entry.name) for fault in url_faults(entry, whole))
                    found = provider_of(entry, providers)
                    if isinstance(found, FileFault):
                        faults += [found] if whole else []
                        continue
                    provider = providers[found]
                    if provider is not None:
                        checked = Checked(entry, desired(entry, provider), provider)
                        told = vendor_faults(checked, whole)
                        faults += (fault._replace(name=entry.name, provider=found) for fault in told)
                        yield checked
            except Faulty as faulty:
                faults += faulty.faults

    def _digest(self, providers: Mapping[str, ProviderConfig]) -> str:
        """Over the bytes of all files, whatever they are called, the variables filled in, and each manifest."""
        digest = hashlib.sha256()
        manifests = (providers[name].origin.content for name in sorted(providers))
        for part in [*sorted(self._files.texts.values()), *_pairs(self._variables.used), *manifests]:
            digest.update(len(part).to_bytes(8, "big") + part)
        return f"sha256:{digest.hexdigest()}"


def _pairs(used: Mapping[str, str]) -> Iterator[bytes]:
    for name in sorted(used):
        yield f"{name}={used[name]}".encode("utf-8", "surrogateescape")


def _told(
    problems: Sequence[Problem], faults: Sequence[FileFault], unset: Sequence[FileFault], texts: Mapping[str, bytes]
) -> list[Problem]:
    """Everything that is wrong, each once, by place; of what could not be filled in (`unset`), nothing that follows."""
    places: dict[str, document.Places] = {}
    unfilled = {fault.source for fault in unset}
    whole = [*unset, *(fault for fault in faults if fault.source not in unfilled)]
    found = [*problems, *(_located(fault, texts, places) for fault in whole)]
    # One mistake in a for_each or in the defaults shows once, however many webhooks it spoils.
    distinct = {(problem.at, problem.summary): problem for problem in sorted(found, key=_by_place, reverse=True)}
    return sorted(distinct.values(), key=_by_place)


def _by_place(problem: Problem) -> tuple[Any, ...]:
    return (problem.at or ("", 0, 0), problem.summary, problem.name or "")


def _located(fault: FileFault, texts: Mapping[str, bytes], places: dict[str, document.Places]) -> Problem:
    def at(source: Source, key: bool) -> Any:
        if source.file not in places:
            places[source.file] = document.Places(texts[source.file], source.file)
        return places[source.file].at(source.path, key)

    summary = fault.summary.replace("{also}", str(at(fault.also, True))) if fault.also else fault.summary
    return Problem("config", summary, fault.hint, fault.provider, fault.name, at(fault.source, fault.key))
