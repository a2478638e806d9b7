"""What flags are called and what they take: Terraform's single dash, lengths of time, a word for unknown ones.

Used by `cli.options` for every command, and by `cli.sandbox`.
"""

import math
import re
from collections.abc import Container, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.other_tools import FLAGS, other_word

if TYPE_CHECKING:
    from reconciler.errors import UsageError

DELIBERATE = frozenset({"--against", "--prune", "--prune-all", "--unmanaged", "--yes", "--auto-approve"})
"""Flags that take something away, or a question: whoever means one spells it, so none is ever suggested."""

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "": 1}
_LENGTH = re.compile(r"(\d+\.?\d*|\.\d+)(ms|s|m|h|$)", re.IGNORECASE)


class Duration(click.types.FloatParamType):
    """A length of time in seconds, written as people write it: `10s`, `5m`, `1h`, `1m30s`, or a number of seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The seconds; anything else is wrong usage."""
        written = str(value).strip()
        parts = list(_LENGTH.finditer(written))
        if not written.isascii() or not parts or "".join(part[0] for part in parts) != written:
            self.fail(f"{value!r} is not a length of time: write 10s, 5m, 1h, or a number of seconds.", param, ctx)
        seconds = sum(float(part[1]) * _UNITS[part[2].lower()] for part in parts)
        if not math.isfinite(seconds):
            self.fail(f"{value!r} is longer than any wait.", param, ctx)
        return seconds


class Pair(click.types.StringParamType):
    """A text as it is; of several in one variable each stands on a line of its own, for values have spaces."""

    envvar_list_splitter = "\n"


_HAS = {
    "--format": "whsync plan",
    "--target": "whsync plan",
    "--detailed-exitcode": "whsync plan",
    "--yes": "whsync apply",
    "--max-changed": "whsync apply",
}
"""A command that has each flag of ours which not all have, for hints given where it is not known."""
_BARE = re.compile(r"`(?=(--[a-z-]+))")


def no_such_flag(flag: str, parameters: Iterable[click.Parameter], path: str) -> "UsageError":
    """What to say of a flag that the command `path` does not have: our word for it, else the nearest harmless flag."""
    from reconciler.errors import UsageError
    from reconciler.support.hints import did_you_mean

    known = {name for parameter in parameters for name in parameter.opts if name.startswith("--")}
    ours = _BARE.sub(lambda bare: "`" if bare[1] in known else f"`{_HAS[bare[1]]} ", other_word(flag, FLAGS))
    hint = ours or did_you_mean(flag, known - DELIBERATE)
    return UsageError(f"No such option {flag!r}", hint or f"see `{path} --help`")


def double_dashes(args: list[str], parameters: Iterable[click.Parameter]) -> list[str]:
    """Accept Terraform's spelling of long options (`-detailed-exitcode`, `-out=FILE`), of its own ones, too.

    And kubectl's of short ones: `-o=FILE` means FILE, not one whose name begins with `=`.
    """
    parameters = list(parameters)
    options = {name for parameter in parameters for name in parameter.opts if name.startswith("--")} | FLAGS.keys()
    short = {name for parameter in parameters for name in parameter.opts if len(name) == 2}
    end = args.index("--") if "--" in args else len(args)
    dashed = [arg.startswith("-") and f"-{arg}".partition("=")[0] in options for arg in args[:end]]
    doubled = [f"-{arg}" if single else arg for arg, single in zip(args, dashed, strict=False)]
    return [*(_spelled(arg, short) for arg in doubled), *args[end:]]


def _spelled(arg: str, short: Container[str]) -> str:
    """A short option with its value, without the sign between them."""
    return arg[:2] + arg[3:] if arg[:2] in short and arg[2:3] == "=" and arg[3:] else arg


GLOBAL: tuple[tuple[tuple[str, ...], str, Mapping[str, Any]], ...] = (
    (
        ("-c", "--config"),
        "webhooks.yaml",
        {"multiple": True, "type": click.Path(), "help": "Configuration; repeatable."},
    ),
    (
        ("--var",),
        "",
        {"multiple": True, "type": Pair(), "metavar": "NAME=VALUE", "help": "A declared variable; repeatable."},
    ),
    (
        ("--var-file",),
        "",
        {"multiple": True, "type": click.Path(), "metavar": "FILE", "help": "Declared variables, as YAML; repeatable."},
    ),
    (("--lock",), "", {"type": click.Path(), "help": "Another lock than the configuration names."}),
    (
        ("--trust",),
        "",
        {"metavar": "FILE", "help": "Believe the files only as far as FILE says; `open`: as your own."},
    ),
    (
        ("--parallelism",),
        "",
        {
            "type": click.IntRange(min=1),
            "metavar": "N",
            "help": "Calls in flight over all providers; usually 16, or what their limits add up to (64 at most).",
        },
    ),
    (
        ("--max-wait",),
        "5m",
        {"type": Duration(), "metavar": "TIME", "help": "Longest total wait for rate limits: 10s, 5m, 1h."},
    ),
    (
        ("--lock-timeout",),
        "0s",
        {"type": Duration(), "metavar": "TIME", "help": "How long to wait for another run: 10s, 5m, 1h."},
    ),
    (("--no-color",), "", {"is_flag": True, "help": "No colours, also on a terminal."}),
    (("-v", "--verbose"), "", {"count": True, "help": "Tell of every call; -vv: also where an internal error arose."}),
    (("-q", "--quiet"), "", {"is_flag": True, "help": "Only results and errors."}),
)
"""The flags that every command takes: their names, what is usual, and what click is told."""
