"""Where the lock of a configuration is, without all the rest of it. Used by `cli.context` and `cli.complete`."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from reconciler.codes import Code
from reconciler.config.credentials import Credentials, Surrounding
from reconciler.config.files import Files
from reconciler.config.given import NOTHING, Given, read_given
from reconciler.config.interpolate import Interpolation
from reconciler.config.places import told
from reconciler.config.texts import bounds
from reconciler.config.within_reach import WithinReach, refuse_out_of_reach
from reconciler.errors import ConfigError
from reconciler.providers.vendor import Vendors
from reconciler.secrets import registry
from reconciler.state.address import LockAddress
from reconciler.support.reach import EVERYWHERE, Reach


def lock_of(
    paths: Sequence[Path],
    environment: Mapping[str, str],
    vendors: Vendors,
    reach: Reach = EVERYWHERE,
    given: Given = NOTHING,
) -> LockAddress:
    """Where `config.load` finds the lock, whatever else is wrong in the files.

    Args:
        paths: the files that the user named.
        environment: the variables that may be filled in.
        vendors: where manifests are found.
        reach: which files may be read, and which variables.
        given: what the command line says of variables.

    Raises:
        ConfigError: what is wrong leaves that open.
        UsageError: what was given is for no variable of the files.
        UntrustedError: the files lead out of `reach`.
    """
    folder, read = paths[0].parent, read_given(given, reach)
    variables = Interpolation(environment, granted=reach.variables, declared=read.declared)
    files = Files(variables, registry, bounds(environment), reach.widened(folder))
    files.read(paths)
    around = Surrounding(environment, WithinReach(vendors, reach.widened(folder)), registry)
    files.filled(Credentials(files.trees, around))
    lock = files.lock(folder)
    written = any("lock" in file.tree for file in files.files)
    asked = {"lock", "variables"} if written else {"lock", "variables", "include", "version"}  # where nobody could look
    every = [*files.faults, *read.declared.wrong(environment, reach.variables, whole=not files.broken)]
    faults = [*read.faults, *(fault for fault in every if asked.intersection(fault.source.path[:1]))]
    unset = [fault for fault in variables.faults if asked.intersection(fault.source.path[:1])]
    texts = {**files.texts, **read.texts}
    refuse_out_of_reach(told((), [*files.faults, *read.faults], unset, texts, files.trees))
    missing = files.problems if files.broken and not written else ()
    if problems := told([*missing, *read.problems], faults, unset, texts, files.trees):
        what, hint = "which lock is meant cannot be told", "name it with --lock FILE"
        raise ConfigError(what, hint, problems=problems, code=Code.LOCK_NOT_TOLD)
    return lock
