"""The files of a configuration as they are written. Used by `cli.fmt`, and for how much is read by `config.load`."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from reconciler.codes import Code
from reconciler.config.credentials import Credentials, Surrounding
from reconciler.config.files import Files
from reconciler.config.given import NOTHING, Given, read_given
from reconciler.config.interpolate import Interpolation
from reconciler.config.places import told
from reconciler.config.within_reach import WithinReach, refuse_out_of_reach
from reconciler.errors import ConfigError
from reconciler.providers.vendor import Vendors
from reconciler.secrets import registry
from reconciler.support.bounds import Bounds, bounds_of
from reconciler.support.reach import EVERYWHERE, Reach

_LEADING = frozenset({"include", "version"})
"""What says which files there are, whatever else is wrong in them."""


def texts_of(
    paths: Sequence[Path],
    environment: Mapping[str, str],
    vendors: Vendors,
    reach: Reach = EVERYWHERE,
    given: Given = NOTHING,
) -> dict[str, bytes]:
    """The named files and all that they include, by name.

    Args:
        paths: the files that the user named.
        environment: the variables that may be filled in.
        vendors: where manifests are found.
        reach: which files may be read, and which variables.
        given: what the command line says of variables.

    Raises:
        ConfigError: one cannot be read or is no YAML, or what is wrong leaves open which ones there are.
        UsageError: what was given is for no variable of the files.
        UntrustedError: the files lead out of `reach`.
    """
    within, read = reach.widened(paths[0].parent), read_given(given, reach)
    variables = Interpolation(environment, granted=reach.variables, declared=read.declared)
    files = Files(variables, registry, bounds(environment), within)
    files.read(paths)
    files.filled(Credentials(files.trees, Surrounding(environment, WithinReach(vendors, within), registry)))
    texts = {**files.texts, **read.texts}
    refuse_out_of_reach(told((), [*files.faults, *read.faults], variables.faults, texts, files.trees))
    faults, unset = (
        [fault for fault in some if _LEADING.intersection(fault.source.path[:1])]
        for some in (files.faults, variables.faults)
    )
    missing = files.problems if files.broken else ()
    strange = () if files.broken else read.declared.refuse_undeclared()
    problems = told([*missing, *read.problems], [*faults, *read.faults, *strange], unset, texts, files.trees)
    if problems:
        raise ConfigError(problems[0].summary, problems[0].hint, problems=problems, code=problems[0].code)
    return files.texts


def bounds(environment: Mapping[str, str]) -> Bounds:
    """How much may be read.

    Raises:
        ConfigError: the variable that says so says something else.
    """
    try:
        return bounds_of(environment)
    except ValueError as error:
        raise ConfigError(str(error), code=Code.WRONG_VARIABLE) from None
