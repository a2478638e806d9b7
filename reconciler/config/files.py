"""The files of one configuration: which there are, and the part of each that stands above its providers and webhooks.

Used by `config.load`. Nothing else of its wing reads the files.
"""

import glob
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from reconciler import document
from reconciler.codes import Code
from reconciler.config.fault import FileFault, below, validated
from reconciler.config.interpolate import Interpolation
from reconciler.config.schema import VERSION, FileHead
from reconciler.errors import Problem, UntrustedError
from reconciler.model.webhook import Source
from reconciler.secrets.scheme import Grammar
from reconciler.state.address import BESIDE, DEFAULT_LOCK, LockAddress, misnamed
from reconciler.state.stores import address_of
from reconciler.support.reach import EVERYWHERE, Reach


class ConfigFile(NamedTuple):
    """One file: its name as the user gave it, its tree, its header and defaults without what is wrong in them."""

    name: str
    tree: Mapping[str, Any]
    header: FileHead
    defaults: Mapping[str, Any]

    @property
    def source(self) -> Source:
        """The place of the file as a whole."""
        return Source(self.name, ())


class Files:
    """What was read. `problems` are located already, `faults` are not; `broken`: a file could not be read."""

    def __init__(self, variables: Interpolation, grammar: Grammar, reach: Reach = EVERYWHERE) -> None:
        self.files: list[ConfigFile] = []
        self.texts: dict[str, bytes] = {}
        self.problems: list[Problem] = []
        self.faults: list[FileFault] = []
        self.broken = False
        self._variables, self._grammar, self._reach = variables, grammar, reach
        self._seen: set[str] = set()

    def read(self, paths: Sequence[Path]) -> None:
        """Read the files named by the user, and all that they include, each once."""
        for path in paths:
            beside = self._reach.widened(path.parent)  # a name that was typed is believed, a link that it is is not
            if fault := out_of_reach(path, Source(str(path), ()), "the configuration", beside):
                self.texts[str(path)] = b""
                self.faults.append(fault)
                self.broken = True
                continue
            self._read(str(path), included=False)

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
        if file and written is not None and address.file and ("://" in written or misnamed(written)):
            hint = "write the path of a file; locks elsewhere are not there yet"
            self.faults.append(FileFault(below(file.source, "lock"), Code.WRONG_VALUE, "`lock` is not a path", hint))
            if "\0" in written:  # no disk can be asked about that
                return address_of(DEFAULT_LOCK, folder)
        at = below(file.source, "lock") if file else Source(next(iter(self.texts), ""), ())
        if self.texts:
            self.faults += lock_out_of_reach(address, at, self._reach)
        return address

    def _read(self, name: str, included: bool) -> None:
        identity = os.path.realpath(name)
        if identity in self._seen:
            return
        self._seen.add(identity)
        try:
            text = Path(name).read_bytes()
        except OSError as error:
            self.problems.append(_unreadable(name, error))
            self.broken = True
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
        if "version" not in tree and not included:
            self.faults.append(
                FileFault(source, Code.MISSING_KEY, "`version` is missing", f"begin the file with `version: {VERSION}`")
            )
        file = self._file(name, tree)
        self.files.append(file)
        for index, pattern in enumerate(file.header.include):
            self._include(name, pattern, below(file.source, "include", index))

    def _include(self, name: str, pattern: str, source: Source) -> None:
        folder = os.path.dirname(name)
        fixed = os.path.join(folder, re.split(r"[*?\[]", pattern, maxsplit=1)[0])
        if fault := out_of_reach(fixed, source, "what is included", self._reach):  # nobody looks what is there
            self.faults.append(fault)
            return
        paths = (os.path.join(folder, path) for path in glob.glob(pattern, root_dir=folder or None, recursive=True))
        found = sorted(path for path in paths if os.path.isfile(path))
        if not found:
            self.faults.append(
                FileFault(
                    source,
                    Code.NOTHING_INCLUDED,
                    f"no file matches `{pattern}`",
                    "paths start at the file that includes them",
                )
            )
        inside = [path for path in found if self._reach.covers(path)]
        if len(inside) < len(found):
            self.faults.append(_strange_pattern(pattern, source))
        for path in inside:
            self._read(path, included=True)

    def _file(self, name: str, tree: dict[str, Any]) -> ConfigFile:
        source, variables = Source(name, ()), self._variables
        entries = ("providers", "webhooks")
        filled: dict[str, Any] = {}
        for key, value in tree.items():
            if key == "defaults" and isinstance(value, dict):
                filled[key] = variables.fill_entry(value, below(source, key), "secret")
            elif not key.startswith("x-"):
                filled[key] = value if key in entries else variables.fill(value, below(source, key))
        header, faults = validated(FileHead, {**filled, "version": VERSION}, source, self._grammar)
        self.faults += faults
        header = header or FileHead.model_validate({})
        kept = header.defaults.model_fields_set if header.defaults else ()
        return ConfigFile(name, tree, header, {key: filled["defaults"][key] for key in kept})


def out_of_reach(path: str | Path, at: Source, what: str, reach: Reach) -> FileFault | None:
    """What is said of a file that is not to be opened; None where it may be."""
    if reach.covers(path):
        return None
    if "\0" in str(path):
        return FileFault(at, Code.WRONG_VALUE, f"{what} is no path", "leave the character U+0000 out")
    root = os.path.dirname(os.path.realpath(path))
    summary = f"{what} {path} leads out of the configuration's folder, to a place that nobody trusts"
    hint = f"the trust file would have to say: roots: [{json.dumps(root, ensure_ascii=False)}]"
    return FileFault(at, Code.FILE_UNTRUSTED, summary, hint, kind="untrusted")


def _strange_pattern(pattern: str, at: Source) -> FileFault:
    """As `out_of_reach`, of what a link or `..` within a pattern leads to: no name out there is told."""
    summary = f"what is included by {pattern} leads out of the configuration's folder, to a place that nobody trusts"
    hint = "the trust file would have to list the folders that the pattern leads to, under `roots`"
    return FileFault(at, Code.FILE_UNTRUSTED, summary, hint, kind="untrusted")


def lock_out_of_reach(address: LockAddress, at: Source, reach: Reach) -> Iterator[FileFault]:
    """What is said of a lock that is not to be opened, and of what stands beside it."""
    if address.file is None:
        return
    if fault := out_of_reach(address.file, at, "the lock", reach):
        yield fault
        return
    real = os.path.realpath(address.file)
    for ending in BESIDE:
        if fault := out_of_reach(f"{address.file}{ending}", at, "what stands beside the lock,", reach) or out_of_reach(
            f"{real}{ending}", at, "what stands beside the lock,", reach
        ):
            yield fault


def refuse_out_of_reach(problems: Iterable[Problem]) -> None:
    """Stop where the files lead to what nobody trusts; whatever else is wrong may only follow from that.

    Of variables first: what was left out for want of one may lead anywhere.

    Raises:
        UntrustedError: with every problem of that kind.
    """
    strange = [problem for problem in problems if problem.kind == "untrusted"]
    unread = [problem for problem in strange if problem.code == Code.VARIABLE_UNTRUSTED]
    if unread:
        summary = "the files would be filled in from variables that nobody trusts them with, so nothing was"
        raise UntrustedError(summary, problems=unread)
    if strange:
        raise UntrustedError("the files lead to others that nobody trusts, so nothing was read there", problems=strange)


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
            "write one (the README shows how), or name another with -c FILE",
            code=Code.FILE_UNREADABLE,
        )
    if isinstance(error, IsADirectoryError):
        return Problem("config", f"{name} is a folder", "name a file in it with -c FILE", code=Code.FILE_UNREADABLE)
    return Problem(
        "config", f"{name} cannot be read: {error.strerror}", "check its permissions", code=Code.FILE_UNREADABLE
    )
