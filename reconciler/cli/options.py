"""Global options before or after the command, help with exit codes, Terraform's single dash. Used by all of `cli`.

The options are declared on every level. Only the outermost one reads `WHSYNC_…` variables; what stands later on
the command line wins, repeated `-c` add up.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

import click
from click.core import ParameterSource

from reconciler.cli import complete
from reconciler.cli.context import Context
from reconciler.cli.flags import GLOBAL, double_dashes, no_such_flag
from reconciler.cli.other_tools import other_word

if TYPE_CHECKING:
    from reconciler.planning.types import PlanOptions

EXIT_CODES = """\
Exit codes: 0 fine; 1 error, or a problem was reported; 2 differences or findings (only plan
--detailed-exitcode, drift and audit --fail-on); 3 refused by a policy, a threshold, a protection, or since the vendor
cannot prune; 64 wrong usage; 130 interrupted."""

_NONE: Mapping[str, str] = {}

_GLOBAL = {max(names, key=len).lstrip("-").replace("-", "_") for names, *_ in GLOBAL}


def _global_options(outermost: bool) -> list[click.Parameter]:
    return [_global_option(names, usual, how, outermost) for names, usual, how in GLOBAL]


def _global_option(names: Sequence[str], usual: str, how: Mapping[str, Any], outermost: bool) -> click.Option:
    variable = f"WHSYNC_{max(names, key=len).lstrip('-').replace('-', '_').upper()}"
    known = "; ".join([f"variable: {variable}", *([f"default: {usual}"] if usual else [])])
    told = {**how, "help": f"{how['help']}  [{known}]"}
    return click.Option(names, envvar=variable if outermost else None, **told)


class Command(click.Command):
    """A command that takes the global options, too, and passes them on to `Context`.

    Args:
        examples: command lines that help shows.
    """

    def __init__(self, *args: Any, outermost: bool = False, examples: Sequence[str] = (), **how: Any) -> None:
        super().__init__(*args, **how)
        self.examples = tuple(examples)
        self.params = [*self.params, *_global_options(outermost)]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, and move the global options from this level's parameters to the shared `Context`."""
        try:
            rest = super().parse_args(ctx, double_dashes(args, self.params))
        except click.NoSuchOption as error:
            raise no_such_flag(error.option_name, self.get_params(ctx), ctx.command_path) from None
        except click.BadOptionUsage as error:
            error.ctx = error.ctx or ctx  # so that the hint names this command's help
            raise
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
        """End with the examples, which are pasted as they stand, and the exit codes."""
        super().format_epilog(ctx, formatter)
        if self.examples:
            with formatter.section("Examples"):
                formatter.write("".join(f"  $ {example}\n" for example in self.examples))
        formatter.write_paragraph()
        formatter.write_text(EXIT_CODES.replace("\n", " "))


class Group(Command, click.Group):
    """A group of such commands; a name it does not know is wrong usage, with a suggestion.

    Args:
        elsewhere: what to say of the commands of other tools.
    """

    command_class = Command

    def __init__(self, *args: Any, elsewhere: Mapping[str, str] = _NONE, **how: Any) -> None:
        super().__init__(*args, **how)
        self._elsewhere = elsewhere

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command named first in `args`."""
        if ctx.resilient_parsing or self.get_command(ctx, args[0]) is not None:
            return super().resolve_command(ctx, args)
        from reconciler.errors import UsageError
        from reconciler.support.hints import did_you_mean

        ours = other_word(args[0], self._elsewhere) or did_you_mean(args[0], self.list_commands(ctx))
        raise UsageError(f"no command {args[0]!r}", ours or f"see `{ctx.command_path} --help`")


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
    return click.option(
        "--format",
        "form",
        default=TEXT,
        show_default=True,
        metavar="F",
        help=f"{names}.",
        shell_complete=complete.plan_formats,
    )(function)


def plan_options(
    prune: bool,
    reassert: bool,
    offline: bool,
    targets: Iterable[str],
    max_changed: str | None = None,
    prune_all: bool = False,
    own_secrets: bool = False,
) -> "PlanOptions":
    """What the command line asks of a plan.

    Args:
        prune: also retire what the lock knows and the files no longer have.
        reassert: send again what cannot be verified.
        offline: compare with the lock only.
        targets: the names given; none means everything.
        max_changed: another threshold for this run.
        prune_all: prune, also where the files have no webhook left.
        own_secrets: send the file's secrets where nobody knows whether the vendor has them.

    Raises:
        UsageError: a target is empty, which is wrong usage and does not mean everything.
    """
    from reconciler.errors import UsageError
    from reconciler.planning.types import PlanOptions

    names = tuple(sorted(set(targets)))
    if any(not name.strip() for name in names):
        raise UsageError("--target is empty", "name a webhook of the files or of the lock")
    pruning, chosen = prune or prune_all, names or None
    return PlanOptions(pruning, reassert, offline, chosen, max_changed, prune_all=prune_all, own_secrets=own_secrets)


def prune_all_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--prune-all`: what `--prune` does, also where nothing is left."""
    return click.option("--prune-all", is_flag=True, help="As --prune, also where the files have no webhooks left.")(
        function
    )


def target_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--target NAME`, which narrows a run to webhooks of the files or of the lock."""
    told = "Only NAME: a webhook, a block, a pattern, provider:ENTRY; repeatable."
    return click.option("--target", multiple=True, metavar="NAME", help=told, shell_complete=complete.targets)(function)


def full_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--full`: text tells of each webhook by itself, also where several of a block change alike."""

    def note(ctx: click.Context, _: click.Parameter, value: bool) -> None:
        ctx.ensure_object(Context).full = value

    told = "In text, tell of each webhook, also where many of a block change alike."
    return click.option("--full", is_flag=True, expose_value=False, callback=note, help=told)(function)


def report_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--report F=FILE`, which `cli.reports` reads and writes."""
    told = "Also write it as F to FILE; repeatable."
    formats = complete.report_formats
    return click.option("--report", multiple=True, metavar="F=FILE", help=told, shell_complete=formats)(function)


def _record(told: str) -> dict[str, Any]:
    """How `--record FILE` is declared, or its variable; see `cli.recording`."""
    return {"metavar": "FILE", "envvar": "WHSYNC_RECORD", "help": f"{told}  [variable: WHSYNC_RECORD]"}


RECORD = _record("Also add what is done to the running record FILE.")
"""What most commands do with one."""

RECORD_READ = _record("Read what was run from the running record FILE, for pages.")
"""What commands do with one that change nothing."""


def yes_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--yes`, also `-y` and Terraform's `--auto-approve`."""
    return click.option("-y", "--yes", "--auto-approve", "yes", is_flag=True, help="Do not ask.")(function)


def unknown(what: str, name: str, known: Iterable[str]) -> NoReturn:
    """Say that there is no `what` called `name`, with the nearest one.

    Raises:
        UsageError: always.
    """
    from reconciler.codes import Code
    from reconciler.errors import UsageError
    from reconciler.support.hints import did_you_mean
    from reconciler.support.natural import natural

    known = list(known)
    there = ", ".join(sorted(known, key=natural)) or "none"
    hint = did_you_mean(name, known) or f"there are: {there}"
    raise UsageError(f"there is no {what} {name!r}", hint, code=Code.UNKNOWN_NAME)
