"""What the command line says of variables: `--var NAME=VALUE`, and the files that `--var-file` names.

Made by `cli.typed`; read by `config.load`, `config.lock_place` and `config.texts`. The files were typed, so they may be
anywhere; but a link that one is leads nowhere else than whoever checks the configuration allows.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from reconciler import document
from reconciler.codes import Code
from reconciler.config.declared import Declared, Typed, values_of
from reconciler.config.fault import FileFault
from reconciler.config.within_reach import out_of_reach
from reconciler.errors import Problem, UsageError
from reconciler.model.webhook import Source
from reconciler.support import intake
from reconciler.support.reach import EVERYWHERE, Reach


class Given(NamedTuple):
    """What was typed, in that order.

    Args:
        pairs: of `--var`; the last one of a name counts.
        files: of `--var-file`; a later file goes before an earlier one, and `--var` before all.
    """

    pairs: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


NOTHING = Given()


class ReadGiven(NamedTuple):
    """What that gave, and what is wrong with it. `texts`: the files' bytes, by name, for places."""

    declared: Declared
    texts: Mapping[str, bytes] = {}
    problems: tuple[Problem, ...] = ()
    faults: tuple[FileFault, ...] = ()


def read_given(given: Given, reach: Reach = EVERYWHERE) -> ReadGiven:
    """Read the files, and take the pairs apart.

    Raises:
        UsageError: a pair is none.
    """
    typed: dict[str, Typed] = {}
    texts: dict[str, bytes] = {}
    problems: list[Problem] = []
    faults: list[FileFault] = []
    for name in given.files:
        path, texts[name] = Path(name), b""
        beside = reach.widened(path.parent)
        if fault := out_of_reach(path, Source(name, ()), "the variable file", beside):
            faults.append(fault)
            continue
        try:
            texts[name] = intake.read(path, intake.WRITTEN)
        except OSError as error:
            what = f"the variable file {name} cannot be read: {error.strerror or error}"
            problems.append(Problem("config", what, "name one with --var-file FILE", code=Code.FILE_UNREADABLE))
            continue
        tree, wrong = document.read(texts[name], name)
        problems += wrong
        for key, value in values_of(tree or {}, name):
            if isinstance(value, FileFault):
                faults.append(value)
            else:
                typed[key] = value
    typed.update(map(_pair, given.pairs))
    return ReadGiven(Declared(typed), texts, tuple(problems), tuple(faults))


def _pair(written: str) -> tuple[str, Typed]:
    name, equals, text = written.partition("=")
    if not equals or not name.strip():
        raise UsageError("--var needs a name and a value", "write --var NAME=VALUE")
    return name.strip(), Typed(text)
