"""What is said of files that are out of reach, and manifests only as far as the files may name them.

Used by `config.files` and `config.load`, and by `cli.context` for the lock that was typed.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from reconciler.codes import Code
from reconciler.config.fault import FileFault
from reconciler.errors import ConfigError, Problem, UntrustedError
from reconciler.model.webhook import Source
from reconciler.providers.registry import is_path
from reconciler.providers.vendor import Origin, Switch, Vendor, Vendors
from reconciler.state.address import LockAddress
from reconciler.state.stores import origin
from reconciler.state.stores.neighbours import beside
from reconciler.support.reach import Reach


class WithinReach:
    """Manifests of the user's own only where they may be read; those with names as before. See `Vendors`."""

    def __init__(self, vendors: Vendors, reach: Reach) -> None:
        self._vendors, self._reach = vendors, reach

    def names(self) -> tuple[str, ...]:
        """All built-in and installed manifests, sorted."""
        return self._vendors.names()

    def vendor(self, type: str, settings: Mapping[str, Switch], folder: str) -> Vendor:
        """See `Vendors`."""
        self._refuse(type, folder)
        return self._vendors.vendor(type, settings, folder)

    def origin(self, type: str, settings: Mapping[str, Switch], folder: str) -> Origin:
        """See `Vendors`."""
        self._refuse(type, folder)
        return self._vendors.origin(type, settings, folder)

    def _refuse(self, type: str, folder: str) -> None:
        if is_path(type) and not self._reach.covers(Path(folder, type)):
            raise ConfigError("the manifest is out of reach", code=Code.FILE_UNTRUSTED)


def out_of_reach(path: str | Path, at: Source, what: str, reach: Reach, written: object = "") -> FileFault | None:
    """What is said of a file that is not to be opened; None where it may be.

    Args:
        written: how the file says the path: what a variable in it gave is not shown.
    """
    if reach.covers(path):
        return None
    if "\0" in str(path):
        return FileFault(at, Code.WRONG_VALUE, f"{what} is no path", "leave the character U+0000 out")
    root = json.dumps(os.path.dirname(os.path.realpath(path)), ensure_ascii=False)
    line = f"roots: [{'…' if '$' in str(written) else root}]"
    summary = f"{what} {{value}} leads out of the configuration's folder, to a place that nobody trusts"
    hint = f"the trust file would have to say: {line}"
    return FileFault(at, Code.FILE_UNTRUSTED, summary, hint, kind="untrusted", value=str(path))


def command_out_of_reach(command: str, at: Source, reach: Reach) -> FileFault | None:
    """What is said of a command that is not to be run; None where it may."""
    if reach.commands is None or command in reach.commands:
        return None
    summary = f"the list comes from a command that nobody trusts: {command}"
    line = f"commands: [{json.dumps(command, ensure_ascii=False)}]"
    hint = f"the trust file would have to say: {line}"
    if reach.defaults:  # nothing runs there, whatever the trust file says
        hint = "an untrusted plan runs no command: let a variable that the trust file names have the list"
    return FileFault(at, Code.COMMAND_UNTRUSTED, summary, hint, kind="untrusted")


def strange_pattern(pattern: str, at: Source) -> FileFault:
    """As `out_of_reach`, of what a link or `..` within a pattern leads to: no name out there is told."""
    summary = "what is included by {value} leads out of the configuration's folder, to a place that nobody trusts"
    hint = "the trust file would have to list the folders that the pattern leads to, under `roots`"
    return FileFault(at, Code.FILE_UNTRUSTED, summary, hint, kind="untrusted", value=pattern)


def lock_out_of_reach(address: LockAddress, at: Source, reach: Reach, written: object) -> Iterator[FileFault]:
    """What is said of a lock that is not to be opened, and of what stands beside it."""
    if address.file is None:
        yield from _elsewhere(address, at, reach)
        return
    if fault := out_of_reach(address.file, at, "the lock", reach, written):
        yield fault
        return
    real = os.path.realpath(address.file)
    for paths in zip(beside(address.file), beside(real), strict=True):
        faults = (out_of_reach(path, at, "what stands beside the lock,", reach, written) for path in paths)
        if fault := next(filter(None, faults), None):
            yield fault


def _elsewhere(address: LockAddress, at: Source, reach: Reach) -> Iterator[FileFault]:
    place = origin(address)
    if reach.origins is None or place in reach.origins:
        return
    hint = f"the trust file would have to say: origins: [{{origin: {json.dumps(place, ensure_ascii=False)}}}]"
    if reach.defaults:  # nobody proves anything to anybody there, whatever the trust file says
        hint = (
            "an untrusted plan asks no server for the lock: name a file with --lock, of what was applied if you have it"
        )
    yield FileFault(
        at, Code.ORIGIN_UNTRUSTED, f"the lock is kept at {place}, which nobody trusts", hint, kind="untrusted"
    )


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
    if strange and all(problem.code == Code.COMMAND_UNTRUSTED for problem in strange):
        raise UntrustedError("the files take lists from commands that nobody trusts, so none ran", problems=strange)
    if strange:
        raise UntrustedError("the files lead to others that nobody trusts, so nothing was read there", problems=strange)
