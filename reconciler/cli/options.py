"""Global options before or after the command, help with exit codes, Terraform's single dash. Used by all of `cli`.

The options are declared on every level. Only the outermost one reads `WHSYNC_…` variables; what stands later on
the command line wins, repeated `-c` add up.
"""

import math
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

import click
from click.core import ParameterSource

from reconciler.cli.context import Context

if TYPE_CHECKING:
    from reconciler.planning.types import PlanOptions

EXIT_CODES = """\
Exit codes: 0 fine; 1 error, or a problem was reported; 2 differences (only plan --detailed-exitcode and drift);
3 refused by a policy, a threshold, a protection, or since the vendor cannot prune; 64 wrong usage; 130 interrupted."""

_GLOBAL = {"config", "lock", "parallelism", "max_wait", "lock_timeout", "no_color", "verbose", "quiet"}


class Seconds(click.FloatRange):
    """A length of time: a number from 0 on, neither `nan` nor `inf`, which no wait could be held against."""

    def __init__(self) -> None:
        super().__init__(min=0)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number; anything else is wrong usage."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a number of seconds.", param, ctx)
        return number


def _global_options(outermost: bool) -> list[click.Parameter]:
    seconds = Seconds()

    def option(*names: str, **how: Any) -> click.Option:
        longest = max(names, key=len).lstrip("-").replace("-", "_").upper()
        return click.Option(names, envvar=f"WHSYNC_{longest}" if outermost else None, **how)

    return [
        option("-c", "--config", multiple=True, type=click.Path(), help="Configuration; repeatable. [webhooks.yaml]"),
        option("--lock", type=click.Path(), help="Another lock than the configuration names."),
        option("--parallelism", type=click.IntRange(min=1), help="Calls in flight over all providers."),
        option("--max-wait", type=seconds, metavar="S", help="Longest total wait for rate limits, in seconds."),
        option("--lock-timeout", type=seconds, metavar="S", help="How long to wait for another run, in seconds."),
        option("--no-color", is_flag=True, help="No colours, also on a terminal."),
        option("-v", "--verbose", count=True, help="Tell of every call; -vv: also where an internal error arose."),
        option("-q", "--quiet", is_flag=True, help="Only results and errors."),
    ]


class Command(click.Command):
    """A command that takes the global options, too, and passes them on to `Context`."""

    def __init__(self, *args: Any, outermost: bool = False, **how: Any) -> None:
        super().__init__(*args, **how)
        self.params = [*self.params, *_global_options(outermost)]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, and move the global options from this level's parameters to the shared `Context`."""
        rest = super().parse_args(ctx, _double_dashes(args, self.params))
        shared = ctx.ensure_object(Context)
        for name in _GLOBAL & ctx.params.keys():
            value, source = ctx.params.pop(name), ctx.get_parameter_source(name)
            if source in (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT):
                shared.take(name, value, from_variable=source is ParameterSource.ENVIRONMENT)
        return rest

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's own options, then the global ones; its arguments stand in the usage and the text."""
        own: list[tuple[str, str]] = []
        shared: list[tuple[str, str]] = []
        for parameter in self.get_params(ctx):
            if isinstance(parameter, click.Option) and (record := parameter.get_help_record(ctx)):
                (shared if parameter.name in _GLOBAL else own).append(record)
        for title, records in (("Options", own), ("Global options, here or before the command", shared)):
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """End with the exit codes."""
        super().format_epilog(ctx, formatter)
        formatter.write_paragraph()
        formatter.write_text(EXIT_CODES.replace("\n", " "))


class Group(Command, click.Group):
    """A group of such commands; a name it does not know is wrong usage, with a suggestion."""

    command_class = Command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command named first in `args`."""
        if ctx.resilient_parsing or self.get_command(ctx, args[0]) is not None:
            return super().resolve_command(ctx, args)
        from reconciler.support.hints import did_you_mean

        hint = did_you_mean(args[0], self.list_commands(ctx))
        ctx.fail("; ".join(filter(None, (f"no command {args[0]!r}", hint))))


class LazyGroup(Group):
    """A group that imports a command's module when that command is called.

    Args:
        lazy: by name: the module, whose `command` is the command, and the line that help shows.
    """

    def __init__(self, *args: Any, lazy: dict[str, tuple[str, str]], **how: Any) -> None:
        super().__init__(*args, **how)
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order in which people meet them."""
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in self._lazy:
            return None
        command: click.Command = import_module(self._lazy[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self._lazy.items()])


def command(name: str, **how: Any) -> Callable[[Callable[..., Any]], Command]:
    """Declare a command; its function gets the `Context` first and returns an exit code or None for 0."""

    def declare(function: Callable[..., Any]) -> Command:
        return click.command(name, cls=Command, **how)(click.make_pass_decorator(Context)(function))

    return declare


def subcommand(group: Group, name: str, **how: Any) -> Callable[[Callable[..., Any]], Command]:
    """Declare a command of `group`, as `command` does."""

    def declare(function: Callable[..., Any]) -> Command:
        made = command(name, **how)(function)
        group.add_command(made)
        return made

    return declare


def format_option(*formats: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--format F` among the named formats, the first being usual."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="How to write it; with json, errors too.",
    )


def plan_format_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--format F`, one in which plans can be written; the command looks F up and has a suggestion for a misspelt F."""
    from reconciler.render.formats import PLAN, TEXT, offered

    names = ", ".join(sorted(offered(PLAN)))
    return click.option("--format", "form", default=TEXT, show_default=True, metavar="F", help=f"{names}.")(function)


def plan_options(
    prune: bool,
    reassert: bool,
    offline: bool,
    targets: Iterable[str],
    max_changed: str | None = None,
    own_secrets: bool = False,
) -> "PlanOptions":
    """What the command line asks of a plan.

    Args:
        prune: also retire what the lock knows and the files no longer have.
        reassert: send again what cannot be verified.
        offline: compare with the lock only.
        targets: the names given; none means everything.
        max_changed: another threshold for this run.
        own_secrets: send the file's secrets where nobody knows whether the vendor has them.

    Raises:
        UsageError: a target is empty, which is wrong usage and does not mean everything.
    """
    from reconciler.errors import UsageError
    from reconciler.planning.types import PlanOptions

    names = tuple(sorted(set(targets)))
    if any(not name.strip() for name in names):
        raise UsageError("--target is empty", "name a webhook of the files or of the lock")
    return PlanOptions(prune, reassert, offline, names or None, max_changed, own_secrets=own_secrets)


def yes_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--yes`, also `-y` and Terraform's `--auto-approve`."""
    return click.option("-y", "--yes", "--auto-approve", "yes", is_flag=True, help="Do not ask.")(function)


def unknown(what: str, name: str, known: Iterable[str]) -> NoReturn:
    """Say that there is no `what` called `name`, with the nearest one.

    Raises:
        UsageError: always.
    """
    from reconciler.errors import UsageError
    from reconciler.support.hints import did_you_mean

    known = list(known)
    hint = did_you_mean(name, known)
    raise UsageError(f"there is no {what} {name!r}", hint or f"there are: {', '.join(sorted(known)) or 'none'}")


def _double_dashes(args: list[str], parameters: Iterable[click.Parameter]) -> list[str]:
    """Accept Terraform's spelling of long options (`-detailed-exitcode`, `-out=FILE`)."""
    options = {name for parameter in parameters for name in parameter.opts if name.startswith("--")}
    end = args.index("--") if "--" in args else len(args)
    doubled = [f"-{arg}" if f"-{arg}".partition("=")[0] in options else arg for arg in args[:end]]
    return [*doubled, *args[end:]]
