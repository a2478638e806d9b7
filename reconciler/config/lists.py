"""Lists for `for_each` that stand elsewhere: in a variable, in a file, or in what a command prints.

Made by `config.load`; `config.expand` asks it for each block, and `config.credentials` for what rows may name. What is
found is text, never a secret: a reference that some secret has, or a credential's variable, is refused. Files and
commands are held to what the configuration may reach, before anything is read or run.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from reconciler import document
from reconciler.codes import Code
from reconciler.config.fault import Faulty, FileFault, Wrong, below, did_you_mean
from reconciler.config.interpolate import Interpolation
from reconciler.config.rows import LONG, Settled
from reconciler.config.values import has_nothing, is_whole, list_in
from reconciler.config.within_reach import command_out_of_reach, out_of_reach
from reconciler.errors import Problem, SecretError
from reconciler.model.webhook import Source
from reconciler.support import intake
from reconciler.support.bounds import MEBIBYTE
from reconciler.support.paths import placed
from reconciler.support.reach import EVERYWHERE, Reach

MOST = 64 * MEBIBYTE
"""A list of more bytes is none."""
_USAGE = "write env:NAME, file:PATH or cmd:COMMAND"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_YAML = (".yaml", ".yml")


RunCommand = Callable[[str, Path, int], bytes]
"""Runs a command in a folder: what it prints, of which a few bytes more are taken than are allowed.

Raises SecretError where it fails.
"""


class Asked(NamedTuple):
    """One list that was asked for: its reference as written, and where that first stood."""

    reference: str
    source: Source


class Lists:
    """Finds each list once. `texts`: the files that were read, for places; `problems`: what is wrong inside of them.

    Args:
        folder: where paths start and commands run.
        variables: fills in what `for_each` itself says, and gives the variables that are lists.
        reach: which files may be read and which commands may run.
        run: runs a command; without it, nothing is known of what commands would print.
    """

    def __init__(
        self,
        folder: Path,
        variables: Interpolation,
        reach: Reach = EVERYWHERE,
        run: RunCommand | None = None,
    ) -> None:
        self._folder, self._variables, self._reach = folder, variables, reach
        self._run = run
        self._is_secret: Callable[[str], bool] = lambda reference: False
        self._found: dict[str, Any] = {}
        self._failed: dict[str, tuple[FileFault, ...]] = {}
        self._names: dict[str, str] = {}
        self.asked: list[Asked] = []
        self.contents: dict[str, bytes] = {}
        self.texts: dict[str, bytes] = {}
        self.problems: list[Problem] = []

    def withhold(self, is_secret: Callable[[str], bool]) -> None:
        """Take no list from a reference, as it is written, that is one of a secret's."""
        self._is_secret = is_secret

    def secret(self, whose: Callable[[str], str | None]) -> list[FileFault]:
        """The variables that lists came from and that are credentials, as only the rows of another list tell.

        Args:
            whose: says of a variable whose credential it is.
        """
        asked = ((each, each.reference.removeprefix("env:")) for each in self.asked if each.reference in self.contents)
        found = ((each, whose(name)) for each, name in asked if name != each.reference)
        return [_no_list(f"{each.reference} is {what}", each.source) for each, what in found if what is not None]

    def settled(self, tree: Any, source: Source) -> Settled:
        """What stands under `for_each`, with everything filled in and every list brought here.

        Raises:
            Faulty: some of it cannot be had.
        """
        variables = self._variables.another()
        try:
            found = self._settled(tree, source, variables)
        except _Unread as unread:
            return Settled([], source, str(unread))
        finally:
            self._variables.gather(variables.used, variables.faults)
        if variables.faults:
            raise Faulty  # told already, and whatever else could be said only follows from that
        return found

    def _settled(self, tree: Any, source: Source, variables: Interpolation) -> Settled:
        if not isinstance(tree, dict) or not any(key in tree for key in ("from", "rows")):
            return Settled(self._rows(tree, source, variables)[0], source)
        if "from" in tree:
            rest = self._beside_from(tree, source, variables)
            value, at = self._brought(tree["from"], below(source, "from"))
        else:
            rest = {key: variables.fill(value, below(source, key)) for key, value in tree.items() if key != "rows"}
            value, at = self._rows(tree["rows"], below(source, "rows"), variables)
        return Settled({"rows": value, **rest}, at)

    def _beside_from(self, tree: Mapping[str, Any], source: Source, variables: Interpolation) -> dict[str, Any]:
        strange = [key for key in tree if key != "from" and key not in LONG[1:]]
        if strange:
            hint = did_you_mean(strange[0], LONG[1:], "a combination cannot have a key that is called `from`")
            what = f"`{strange[0]}` is not known beside `from`"
            raise Faulty(FileFault(below(source, strange[0]), Code.UNKNOWN_KEY, what, hint, key=True))
        return {key: variables.fill(value, below(source, key)) for key, value in tree.items() if key != "from"}

    def _rows(self, tree: Any, source: Source, variables: Interpolation) -> tuple[Any, Source]:
        """Rows, or lists of values, of which each may be a variable or stand elsewhere; and their place."""
        if isinstance(tree, dict) and tree.keys() == {"from"}:
            return self._brought(tree["from"], below(source, "from"))
        if isinstance(tree, dict) and "discover" in tree:
            patterns = ("match", "except")
            return {
                key: (self._values if key in patterns else self._filled)(value, below(source, key), variables)
                for key, value in tree.items()
            }, source
        if isinstance(tree, dict):
            values = ((key, self._rows(value, below(source, key), variables)) for key, value in tree.items())
            return {key: value for key, (value, _) in values}, source
        return self._values(tree, source, variables), source

    def _filled(self, tree: Any, source: Source, variables: Interpolation) -> Any:
        """What is no list, whatever stands in it: what is to be looked into, a filter."""
        return variables.fill(tree, source)

    def _values(self, tree: Any, source: Source, variables: Interpolation) -> Any:
        filled, told = variables.fill(tree, source), bool(variables.faults)
        if not is_whole(tree) or told or not isinstance(filled, str):
            return filled
        return _listed(filled, source, f"the list {tree}")

    def _brought(self, reference: Any, source: Source) -> tuple[Any, Source]:
        """A list from elsewhere, and the place of its rows: in a file of its own, or where it is asked for."""
        if not isinstance(reference, str):
            what = "`from` of a `for_each` is no reference to a list"
            raise Faulty(*([FileFault(source, Code.WRONG_REFERENCE, what, _USAGE)] if reference is not None else ()))
        if reference in self._failed:
            raise Faulty(*(fault._replace(source=source) for fault in self._failed[reference]))
        if reference not in self._found:
            self.asked.append(Asked(reference, source))
            try:
                self._found[reference] = self._read(reference, source)
            except Faulty as faulty:
                self._failed[reference] = faulty.faults
                raise
        at = Source(self._names[reference], ()) if reference in self._names else source
        return self._found[reference], at

    def _read(self, reference: str, source: Source) -> Any:
        scheme, _, target = reference.partition(":")
        if scheme not in ("env", "file", "cmd") or not target.strip() or "\0" in target:
            what = f"`{scheme}:` gives no list" if target else "`from` of a `for_each` is no reference to a list"
            raise Faulty(FileFault(source, Code.WRONG_REFERENCE, what, _USAGE))
        if self._is_secret(reference):
            raise Faulty(_no_list(f"{reference} is a secret", source))
        if scheme == "file":
            return self._of_file(reference, target, source)
        text = self._of_variable(target, source) if scheme == "env" else self._of_command(target, source)
        self.contents[reference] = text.encode("utf-8", "surrogateescape")
        return _listed(text, source, reference)

    def _of_variable(self, name: str, source: Source) -> str:
        if not _NAME.fullmatch(name):
            raise Faulty(FileFault(source, Code.WRONG_REFERENCE, "`from` names no variable", "write env:NAME"))
        looked = self._variables.another()
        text = looked.value(name, source)
        if looked.faults:
            raise Faulty(*(_of_list(fault, name) for fault in looked.faults))
        self._variables.gather(looked.used, ())
        return text

    def _of_file(self, reference: str, target: str, source: Source) -> Any:
        try:
            path = placed(target, self._folder)
        except SecretError as error:
            raise Faulty(FileFault(source, error.code, error.summary, error.hint)) from None
        if fault := out_of_reach(path, source, "the list", self._reach):
            raise Faulty(fault)
        try:
            data = intake.read(path, MOST)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "that is no path"
            what = f"the list {reference} cannot be read: {why}"
            raise Faulty(FileFault(source, Code.FILE_UNREADABLE, what, f"it was looked for at {path}")) from None
        name = str(path)
        self.texts[name] = self.contents[reference] = data
        if not name.endswith(_YAML):
            text = _decoded(data, source, reference)
            if text.lstrip()[:1] in ("[", "{"):
                self._names[reference] = name
            return _listed(text, source, reference)
        self._names[reference] = name
        tree, problems = document.read_any(data, name)
        self.problems += problems
        if problems or not isinstance(tree, list | dict):
            raise Faulty
        return tree

    def _of_command(self, command: str, source: Source) -> str:
        if fault := command_out_of_reach(command, source, self._reach):
            raise Faulty(fault)
        if self._run is None:
            raise _Unread("a command")
        try:
            said = self._run(command, self._folder, MOST)
        except SecretError as error:
            raise Faulty(FileFault(source, error.code, error.summary, error.hint)) from None
        if len(said) > MOST:
            what = f"the command `{command}` prints more than {MOST // MEBIBYTE} MiB"
            raise Faulty(FileFault(source, Code.TOO_MUCH, what, "let it print one list"))
        return _decoded(said, source, f"what `{command}` prints")


class _Unread(Exception):
    """A list that nobody has looked for, since commands do not run; says what it comes from."""


def _decoded(data: bytes, source: Source, what: str) -> str:
    try:
        return data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise Faulty(FileFault(source, Code.NOT_YAML, f"{what} is not UTF-8 text", "save it as UTF-8")) from None


def _listed(text: str, source: Source, what: str) -> Any:
    """The list that a text says."""
    try:
        found = list_in(text)
    except Wrong as told:
        raise Faulty(FileFault(source, told.code, f"{what} {told.summary}", told.hint)) from None
    if has_nothing(found):
        raise Faulty(FileFault(source, Code.NO_VALUE, f"{what} holds a null", "give it a value, or leave its key out"))
    return found


def _no_list(why: str, source: Source) -> FileFault:
    what = f"{why}, so no webhook is called after it"
    return FileFault(source, Code.CREDENTIAL_MISPLACED, what, "take a list of its own")


def _of_list(fault: FileFault, name: str) -> FileFault:
    """What is said of a variable that is filled in nowhere, but is a list."""
    hint = "set it, or let it be [] for no webhook at all" if ":-default" in fault.hint else fault.hint
    summary = fault.summary.replace(f"`${{{name}}}` is filled in", f"a list is taken from env:{name}")
    if fault.code == Code.CREDENTIAL_MISPLACED:
        return _no_list(summary.partition(", so ")[0], fault.source)
    return fault._replace(summary=summary, hint=hint)
