"""The user's files -> Loaded, or every problem of all files, each at its place. Called by `cli.context`.

Stages: read the files (`files`), join them, make providers (`provider`), make templates and from them webhooks that are
held against their vendors (`expand`), hold all webhooks against each other (`check`) and against the disk (`taken`).
A stage goes on without what is broken, so that one run tells everything.

One idea, so longer than most: one load, stage by stage.
"""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from reconciler.audit.types import AuditSettings
from reconciler.codes import Code
from reconciler.config.check import faults_between
from reconciler.config.checked import Checked
from reconciler.config.credentials import Credentials, Surrounding
from reconciler.config.expand import Around, Template, expand, template_of
from reconciler.config.fault import Faulty, FileFault, below
from reconciler.config.files import Files
from reconciler.config.given import NOTHING, Given, read_given
from reconciler.config.interpolate import Interpolation, as_in_file
from reconciler.config.keys import widened
from reconciler.config.lists import Lists, RunCommand
from reconciler.config.loaded import Loaded
from reconciler.config.places import by_place, told
from reconciler.config.provider import (
    ChosenVendor,
    ProviderConfig,
    WrittenProvider,
    provider_config,
    settings_of,
    written_provider,
)
from reconciler.config.sampled import sampled
from reconciler.config.taken import sink_faults
from reconciler.config.texts import bounds
from reconciler.config.webhook import FilledDefaults, hidden_variables
from reconciler.config.within_reach import WithinReach, out_of_reach, refuse_out_of_reach
from reconciler.config.written import Written
from reconciler.errors import ConfigError, Problem
from reconciler.model.webhook import Desired, Source
from reconciler.planning.policy import Policy
from reconciler.providers.registry import is_path
from reconciler.providers.vendor import Vendors
from reconciler.secrets import registry
from reconciler.state.address import LockAddress
from reconciler.support.bounds import MORE
from reconciler.support.gc_pause import paused_collector
from reconciler.support.reach import EVERYWHERE, Reach


def load(
    paths: Sequence[Path],
    environment: Mapping[str, str],
    vendors: Vendors,
    lock: LockAddress | None = None,
    reach: Reach = EVERYWHERE,
    instead: Mapping[str, bytes] = {},
    given: Given = NOTHING,
    run: RunCommand | None = None,
) -> Loaded:
    """Everything that the files say.

    Args:
        paths: the files that the user named, the main one first; they and what they include are joined.
        environment: the variables that may be filled in; credentials are not read.
        vendors: where manifests are found.
        lock: another lock than the files name.
        reach: which files may be read besides those in the folder of the first one, which variables, which commands.
        instead: what files are taken to hold, by their names, whatever stands there.
        given: what the command line says of variables.
        run: runs the commands that lists come from; without it, nothing is known of their webhooks.

    Raises:
        ConfigError: with every problem, sorted by place.
        UsageError: what was given is for no variable of the files.
        UntrustedError: the files lead out of `reach`; nothing out there was read.
    """
    if not paths:
        raise ConfigError("no configuration file is named", "name one with -c FILE", code=Code.FILE_UNREADABLE)
    with paused_collector():
        return _Loading(environment, vendors, paths[0].parent, reach, instead, given, run).run(paths, lock)


class _Loading:
    """One load: collects faults and problems on the way and raises them together at the end."""

    def __init__(
        self,
        environment: Mapping[str, str],
        vendors: Vendors,
        folder: Path,
        reach: Reach,
        instead: Mapping[str, bytes],
        given: Given,
        run: RunCommand | None,
    ) -> None:
        self._folder, self._reach, self._given = folder, reach.widened(folder), read_given(given, reach)
        self._variables = Interpolation(
            environment, granted=reach.variables, defaults=reach.defaults, declared=self._given.declared
        )
        self._lists = Lists(folder, self._variables, self._reach, run)
        self._environment, self._vendors = environment, vendors
        self._bounds = bounds(environment)
        self._files = Files(self._variables, registry, self._bounds, self._reach, instead)
        self._faults = self._files.faults
        self._problems = self._files.problems
        self._stand_ins: list[Desired] = []

    def run(self, paths: Sequence[Path], lock: LockAddress | None) -> Loaded:
        """All stages."""
        self._files.read(paths)
        surrounding = Surrounding(self._environment, WithinReach(self._vendors, self._reach), registry)
        credentials = Credentials(self._files.trees, surrounding, self._lists.settled)
        self._lists.withhold(credentials.are_named)
        self._files.filled(credentials)
        settle, whole = self._lists.settled, not self._files.broken
        self._faults += self._declared_wrong(whole)
        policy, usual_lock, defaults = self._policy(), self._files.lock(self._folder), self._defaults()
        providers = {written.name: self._provider(written) for written in self._joined("providers")}
        around = Around(defaults, providers, self._variables, settle, registry, self._bounds, whole, credentials.behind)
        templates = tuple(filter(None, [self._template(written, around) for written in self._joined("webhooks")]))
        if faults := self._lists.secret(credentials.whose):  # nothing is said of such rows
            raise _first_of(told((), faults, (), self._files.texts))
        checked = widened([item for template in self._within_bounds(templates) for item in self._expanded(template)])
        self._faults += faults_between(checked)
        sound = {name: provider for name, provider in providers.items() if provider}
        desired = tuple(sorted((item.desired for item in checked), key=lambda each: each.name))
        used, hidden = self._variables.used, map(hidden_variables, (*desired, *self._stand_ins))
        loaded = Loaded(
            files=self._files.texts,
            digest=self._digest(sound),
            folder=self._folder,
            lock=lock or usual_lock,
            usual_lock=usual_lock,
            lock_in=self._files.naming("lock"),
            providers=sound,
            templates=templates,
            desired=desired,
            policy=_with_those_apart(policy, sound),
            variables=frozenset(used),
            hides=credentials.among(used).union(*hidden),
            audit=self._audit(),
            around=around,
            stand_ins=tuple(self._stand_ins),
            lists=tuple(self._lists.asked),
        )
        self._faults += sink_faults(checked, loaded)
        return self._sound(loaded)

    def _declared_wrong(self, whole: bool) -> list[FileFault]:
        """What is wrong with the variables that the files declare, and with what the command line gives them."""
        wrong = self._variables.declared.wrong(self._environment, self._reach.variables, whole=whole)
        return [*self._given.faults, *wrong]

    def _sound(self, loaded: Loaded) -> Loaded:
        """What was loaded, if nothing is wrong with it."""
        refuse_out_of_reach(problems := self._told())
        if problems:
            raise _error([*map(loaded.hidden, problems)], loaded)
        return loaded

    def _told(self) -> list[Problem]:
        texts = {**self._files.texts, **self._given.texts, **self._lists.texts}
        inside = [*self._problems, *self._given.problems, *self._lists.problems]
        return told(inside, self._faults, self._variables.faults, texts, self._files.trees)

    def _policy(self) -> Policy:
        file = self._files.only("policy")
        return file.header.policy.policy if file and file.header.policy else Policy()

    def _audit(self) -> AuditSettings:
        file = self._files.only("audit")
        return file.header.audit.settings if file and file.header.audit else AuditSettings()

    def _defaults(self) -> FilledDefaults:
        file = self._files.only("defaults")
        at = below(file.source, "defaults") if file else None
        return FilledDefaults(file.defaults, at, file.varying) if file and at else FilledDefaults()

    def _joined(self, section: str) -> list[Written]:
        """One section of all files; a name that is written in two is a fault."""
        joined: dict[str, Written] = {}
        for file in self._files.files:
            block = file.tree.get(section)
            for name, tree in (block if isinstance(block, dict) else {}).items():
                here = Written(name, tree, Source(file.name, (section, name)))
                first = joined.setdefault(name, here)
                if first is not here:
                    what = f"`{name}` is written twice under `{section}`; first at {{also}}"
                    self._faults.append(
                        FileFault(
                            here.source, Code.WRITTEN_TWICE, what, "rename or remove one of the two", True, first.source
                        )
                    )
        return [*joined.values()]

    def _provider(self, written: Written) -> ProviderConfig | None:
        found: tuple[FileFault, ...] = ()
        try:
            entry = written_provider(written, self._variables, registry)
            found = entry.faults
            if fault := self._strange_manifest(entry, written.mapping()):
                raise Faulty(fault)
            provider, found = provider_config(entry, self._chosen(entry), self._environment)
            return provider
        except Faulty as faulty:
            found = faulty.faults
        except ConfigError as error:
            self._manifest_problems(error, written, entry.type)
        finally:
            self._faults += found
        return None

    def _chosen(self, entry: WrittenProvider) -> ChosenVendor:
        """The vendor that the entry means; a manifest of one's own stands beside the file that names it.

        Raises:
            ConfigError: there is no such manifest, or it is wrong.
        """
        folder = os.path.dirname(entry.source.file)
        vendor = self._vendors.vendor(entry.type, {}, folder)
        origin = self._vendors.origin(entry.type, {}, folder)
        origin = origin._replace(base_url=vendor.base_url, variables=vendor.variables)
        settings, faults = settings_of(entry, vendor)
        if settings and not faults:
            vendor = self._vendors.vendor(entry.type, settings, folder)
        return ChosenVendor(vendor, settings, origin, faults)

    def _strange_manifest(self, entry: WrittenProvider, tree: Mapping[str, Any]) -> FileFault | None:
        """What is said of a manifest that is not to be read, since it is out of reach."""
        path, at = Path(os.path.dirname(entry.source.file), entry.type), below(entry.source, "type")
        if not is_path(entry.type):
            return None
        return out_of_reach(path, at, "the manifest", self._reach, written=tree.get("type"))

    def _manifest_problems(self, error: ConfigError, written: Written, type: str) -> None:
        """What the registry says about a manifest: placed at `type:` unless it has a place in the manifest itself."""
        named = isinstance(written.tree, dict) and "type" in written.tree
        at = below(written.source, "type") if named else written.source
        shown = as_in_file(written.tree, ("type",)) or type
        for problem in error.problems:
            if problem.at:
                self._problems.append(problem._replace(provider=written.name))
            else:
                summary, hint = (_quoted(text, type, shown) for text in (problem.summary, problem.hint))
                self._faults.append(FileFault(at, problem.code, summary, hint, provider=written.name))

    def _template(self, written: Written, around: Around) -> Template | None:
        try:
            return template_of(written, around)
        except Faulty as faulty:
            self._faults += faulty.faults
            return None

    def _within_bounds(self, templates: Iterable[Template]) -> Iterator[Template]:
        """Those that make no more webhooks together than there may be; the first that would is a fault."""
        many = 0
        for template in templates:
            many += len(template.rows)
            if many > self._bounds.webhooks:
                what = (
                    f"with `{template.name}` there would be {many:,} webhooks; there may be {self._bounds.webhooks:,}"
                )
                hint = f"divide them into several configurations, each with a lock of its own, or {MORE}"
                self._faults.append(FileFault(template.source, Code.TOO_MUCH, what, hint, True))
                return
            yield template

    def _expanded(self, template: Template) -> tuple[Checked, ...]:
        """The webhooks that the template makes of the rows in the file, as far as they are sound."""
        made = sampled(template) if template.lookups else expand(template, template.rows)
        self._faults += made.faults
        self._variables.gather(made.used, made.unset)
        if template.lookups:
            self._stand_ins += [item.desired for item in made.checked]
            return ()
        return made.checked

    def _digest(self, providers: Mapping[str, ProviderConfig]) -> str:
        """Over the bytes of all files, whatever they are called, the variables filled in, each manifest, each list."""
        digest = hashlib.sha256()
        manifests = (providers[name].origin.content for name in sorted(providers))
        lists = (self._lists.contents[reference] for reference in sorted(self._lists.contents))
        for part in [*sorted(self._files.texts.values()), *_pairs(self._variables.used), *manifests, *lists]:
            digest.update(len(part).to_bytes(8, "big") + part)
        return f"sha256:{digest.hexdigest()}"


def _with_those_apart(policy: Policy, providers: Mapping[str, ProviderConfig]) -> Policy:
    """The files' policy, with what holds for the provider entries that have one of their own."""
    return policy._replace(apart={name: each.policy.over(policy) for name, each in providers.items() if each.policy})


def _first_of(problems: Sequence[Problem]) -> ConfigError:
    first = problems[0]
    return ConfigError(first.summary, first.hint, problems=problems, code=first.code)


def _quoted(sentence: str, became: str, written: str) -> str:
    """A sentence about a filled in text, with what is written in the file instead."""
    return re.sub(rf"(?<!\w){re.escape(became)}(?!\w)", lambda _: written, sentence)


def _error(problems: Sequence[Problem], loaded: Loaded) -> ConfigError:
    """Every problem, and what the policy refuses of the rest, since both are to be mended in the files."""
    places = {problem.at for problem in problems}
    every = by_place([*problems, *(no for no in loaded.refused() if no.at not in places)])
    if len(every) == 1:
        return _first_of(every)
    summary = f"{len(every)} problems in the configuration"
    return ConfigError(summary, problems=every, code=Code.SEVERAL_PROBLEMS)


def _pairs(used: Mapping[str, str]) -> Iterator[bytes]:
    for name in sorted(used):
        yield f"{name}={used[name]}".encode("utf-8", "surrogateescape")
