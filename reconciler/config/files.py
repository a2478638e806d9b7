"""The files of one configuration: which there are, and the part of each that stands above its providers and webhooks.

Used by `config.load`. Nothing else of its wing reads the files.
"""

import glob
import io
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from itertools import chain, islice
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from reconciler import document
from reconciler.codes import Code
from reconciler.config.credentials import Credentials
from reconciler.config.fault import FileFault, below, validated
from reconciler.config.forms import as_written
from reconciler.config.interpolate import Interpolation
from reconciler.config.schema import VERSION, FileHead
from reconciler.config.values import parted
from reconciler.config.within_reach import lock_out_of_reach, out_of_reach, strange_pattern
from reconciler.errors import Problem
from reconciler.model.webhook import Source
from reconciler.secrets.scheme import Grammar
from reconciler.state.address import DEFAULT_LOCK, LockAddress
from reconciler.state.stores import address_of, misnamed, spelling
from reconciler.support import handles
from reconciler.support.bounds import MORE, USUAL, Bounds
from reconciler.support.hints import command
from reconciler.support.reach import EVERYWHERE, Reach

DEEPEST = 50
"""So many files may include each other in a row."""


class ConfigFile(NamedTuple):
    """One file: its name as the user gave it, its tree, its header and defaults without what is wrong in them.

    Args:
        varying: what of the defaults each webhook fills in for itself.
    """

    name: str
    tree: Mapping[str, Any]
    header: FileHead
    defaults: Mapping[str, Any]
    varying: Mapping[str, Any] = {}

    @property
    def source(self) -> Source:
        """The place of the file as a whole."""
        return Source(self.name, ())


class Files:
    """What was read. `problems` are located already, `faults` are not; `broken`: a file could not be read.

    Args:
        variables: fill in what stands above the entries.
        grammar: the kinds of secret references that there are.
        bounds: how much may be read.
        reach: which files may be read.
        instead: what files are taken to hold, by their names, whatever stands there.
    """

    def __init__(
        self,
        variables: Interpolation,
        grammar: Grammar,
        bounds: Bounds = USUAL,
        reach: Reach = EVERYWHERE,
        instead: Mapping[str, bytes] = {},
    ) -> None:
        self.files: list[ConfigFile] = []
        self.trees: dict[str, dict[str, Any]] = {}
        self.texts: dict[str, bytes] = {}
        self.problems: list[Problem] = []
        self.faults: list[FileFault] = []
        self.broken = False
        self._variables, self._grammar, self._reach, self._declared = variables, grammar, reach, variables.declared
        self._bounds, self._left, self._is_full = bounds, bounds.file_bytes, False
        self._seen: set[str] = set()
        self._instead = {os.path.realpath(name): text for name, text in instead.items()}

    def read(self, paths: Sequence[Path]) -> None:
        """Read the files named by the user, and all that they include, each once; `filled` makes something of them."""
        for path in paths:
            beside = self._reach.widened(path.parent)  # a name that was typed is believed, a link that it is is not
            if fault := out_of_reach(path, Source(str(path), ()), "the configuration", beside):
                self.texts[str(path)] = b""
                self.faults.append(fault)
                self.broken = True
                continue
            self._read(str(path))

    def filled(self, credentials: Credentials) -> "Files":
        """The files with what stands above their entries filled in, now that all credentials can be known."""
        self._variables.withhold(credentials.whose)
        self.files = [self._file(name, tree) for name, tree in self.trees.items()]
        return self

    def only(self, key: str) -> ConfigFile | None:
        """The one file that has a block of which there may be only one; another that has it is a fault."""
        having = [file for file in self.files if key in file.tree]
        for other in having[1:]:
            what = f"`{key}` is written in two files; first at {{also}}"
            self.faults.append(
                FileFault(
                    below(other.source, key),
                    Code.WRITTEN_TWICE,
                    what,
                    "keep one of the two",
                    True,
                    below(having[0].source, key),
                )
            )
        return having[0] if having else None

    def naming(self, key: str) -> str | None:
        """The first file that has the key."""
        return next((file.name for file in self.files if key in file.tree), None)

    def lock(self, folder: Path) -> LockAddress:
        """Where the lock is; a path starts at the `folder` of the first file."""
        file = self.only("lock")
        written = file.header.lock if file else None
        address = address_of(written or DEFAULT_LOCK, folder)
        if file and written is not None and (wrong := misnamed(address, written)):
            what, hint = f"`lock` names no lock: {wrong}", f"write the path of a file, or {spelling(address)}"
            self.faults.append(FileFault(below(file.source, "lock"), Code.WRONG_VALUE, what, hint))
            if "\0" in written:  # no disk can be asked about that
                return address_of(DEFAULT_LOCK, folder)
        at = below(file.source, "lock") if file else Source(next(iter(self.texts), ""), ())
        if self.texts:
            self.faults += lock_out_of_reach(address, at, self._reach, file.tree.get("lock") if file else "")
        return address

    def _read(self, name: str, included: Source | None = None, depth: int = 0) -> None:
        """One file, and all that it includes.

        Args:
            included: the pattern that led to it; None where the user named it.
            depth: how many files include each other down to it.
        """
        identity = os.path.realpath(name)
        if identity in self._seen or self._is_full:
            return
        self._seen.add(identity)
        if depth > DEEPEST or len(self._seen) > self._bounds.files:
            deep = depth > DEEPEST
            self._too_much(included, f"more than {DEEPEST} files include each other" if deep else self._many, not deep)
            return
        text = self._text(name, included)
        if text is None:
            return
        self.texts[name] = text
        tree, problems = document.read(text, name)
        self.problems += problems
        if tree is None:
            self.broken = True
            return
        source = Source(name, ())
        if other := _other_version(tree, source):  # it may mean anything: nothing else that could be said of it holds
            self.faults.append(other)
            self.broken = True
            return
        if "version" not in tree and included is None:
            self.faults.append(
                FileFault(source, Code.MISSING_KEY, "`version` is missing", f"begin the file with `version: {VERSION}`")
            )
        self.trees[name] = tree
        self._declared.declare(tree.get("variables"), below(source, "variables"))
        for index, pattern in enumerate(self._patterns(tree)):
            if isinstance(pattern, str):
                self._include(name, pattern, below(source, "include", index), depth + 1, tree["include"][index])

    def _patterns(self, tree: Mapping[str, Any]) -> Sequence[object]:
        """What the file includes, filled in; what is wrong with that is told once all files are there."""
        written = tree.get("include")
        filled = self._variables.another().fill(written, Source("", ()))
        return [as_written(pattern) for pattern in filled] if isinstance(filled, list) else ()

    def _text(self, name: str, included: Source | None) -> bytes | None:
        """What stands in the file, read no further than all files may be long."""
        try:
            known = self._instead.get(os.path.realpath(name))
            with nullcontext(io.BytesIO(known)) if known is not None else open(name, "rb") as opened:
                text = opened.read(self._left + 1)
        except OSError as error:
            self.problems.append(_unreadable(name, error))
            self.broken = True
            return None
        self._left -= len(text)
        if self._left < 0:
            self._too_much(included, f"with {name} the files hold more than {self._bounds.file_bytes:,} bytes")
            return None
        return text

    @property
    def _many(self) -> str:
        return f"there are more than {self._bounds.files:,} files"

    def _too_much(self, included: Source | None, what: str, may_grow: bool = True) -> None:
        """A fault at the pattern that asks for too much; everything behind it is missing then."""
        if included is not None:
            hint = f"include less, or {MORE}" if may_grow else "name them all in one `include`"
            self.faults.append(FileFault(included, Code.TOO_MUCH, what, hint))
        else:
            self.problems.append(Problem("config", what, f"name fewer, or {MORE}", code=Code.TOO_MUCH))
        self.broken = self._is_full = True

    def _include(self, name: str, pattern: str, source: Source, depth: int, written: object) -> None:
        folder = os.path.dirname(name)
        fixed = os.path.join(folder, re.split(r"[*?\[]", pattern, maxsplit=1)[0])
        if fault := out_of_reach(fixed, source, "what is included", self._reach, written):  # nobody looks what is there
            self.faults.append(fault)
            return
        there = (os.path.join(folder, path) for path in glob.iglob(pattern, root_dir=folder or None, recursive=True))
        paths = chain((path for path in there if os.path.isfile(path)), self._to_be(os.path.join(folder, pattern)))
        found = sorted(islice(dict.fromkeys(paths), self._bounds.files + 1))
        if len(found) > self._bounds.files:
            self._too_much(source, self._many)
            return
        if not found:
            self.faults.append(
                FileFault(
                    source,
                    Code.NOTHING_INCLUDED,
                    "no file matches `{value}`",
                    "paths start at the file that includes them",
                    value=pattern,
                )
            )
        inside = [path for path in found if self._reach.covers(path)]
        if len(inside) < len(found):
            self.faults.append(strange_pattern(pattern, source))
        for path in inside:
            self._read(path, source, depth)

    def _to_be(self, pattern: str) -> Iterator[str]:
        """The files that are only taken to be there, and that a pattern means."""
        for path in self._instead:
            relative = os.path.relpath(path)
            if not os.path.lexists(path) and PurePath(relative).match(os.path.normpath(pattern)):
                yield relative

    def _file(self, name: str, tree: dict[str, Any]) -> ConfigFile:
        source, variables = Source(name, ()), self._variables
        entries = ("providers", "webhooks", "variables")
        filled: dict[str, Any] = {}
        varying: Mapping[str, Any] = {}
        for key, value in tree.items():
            if key == "defaults" and isinstance(value, dict):
                fixed, varying = parted(value)
                filled[key] = variables.fill_entry(fixed, below(source, key), "secret")
            elif not key.startswith("x-"):
                filled[key] = value if key in entries else variables.fill(value, below(source, key))
        header, faults = validated(FileHead, {**filled, "version": VERSION}, source, self._grammar)
        self.faults += faults
        header = header or FileHead.model_validate({})
        kept = header.defaults.model_fields_set if header.defaults else ()
        return ConfigFile(name, tree, header, {key: filled["defaults"][key] for key in kept}, varying)


def _other_version(tree: Mapping[str, Any], source: Source) -> FileFault | None:
    version, at = tree.get("version", VERSION), below(source, "version")
    if version is None or (version == VERSION and type(version) is int):
        return None
    if type(version) is not int:
        return FileFault(at, Code.WRONG_VERSION, "`version` must be a whole number", f"write `version: {VERSION}`")
    way_out = "use a newer whsync" if version > VERSION else f"write `version: {VERSION}`"
    return FileFault(
        at,
        Code.WRONG_VERSION,
        f"version {version} of the file's language is not the {VERSION} that this whsync reads",
        way_out,
    )


def _unreadable(name: str, error: OSError) -> Problem:
    if isinstance(error, FileNotFoundError):
        return Problem(
            "config",
            f"{name} does not exist",
            f"{command('init')} with the names of your vendors writes one; or name another with -c FILE",
            code=Code.FILE_UNREADABLE,
        )
    if isinstance(error, IsADirectoryError):
        return Problem("config", f"{name} is a folder", "name a file in it with -c FILE", code=Code.FILE_UNREADABLE)
    hint = "" if handles.exhausted(error) else "check its permissions"
    return Problem("config", f"{name} cannot be read: {handles.words(error)}", hint, code=Code.FILE_UNREADABLE)
