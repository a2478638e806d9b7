"""The page of all commands with all their flags, made of what click knows. Used by `docsite.contents`."""

import re
from collections.abc import Iterator

import click

from docsite.markdown import code, fence, table
from reconciler.cli.main import cli
from reconciler.cli.options import _GLOBAL, EXIT_CODES, Command

_BEGINNING = """\
# All commands and flags

Made of the code when this site was built: what `--help` says, on one page. What the commands are for, and how they
work together, is told in [Commands](../commands.md).
"""


def page() -> str:
    """The whole page: each command, then the flags that all of them take."""
    parts = [_BEGINNING, *(_command(name, command) for name, command in every())]
    shared = table(("flag", "means"), (_row(option) for option in cli.params if option.name in _GLOBAL))
    return "\n".join([*parts, "## Flags of every command\n", shared, "## How a run ends\n", EXIT_CODES + "\n"])


def every() -> Iterator[tuple[str, click.Command]]:
    """Every command by its full name, in the order in which people meet them; groups aside."""
    yield from _below(cli, "whsync")


def _below(group: click.Group, prefix: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _below(command, f"{prefix} {name}")
        elif command is not None:
            yield f"{prefix} {name}", command


def _command(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=name)
    own = [option for option in command.params if isinstance(option, click.Option) and option.name not in _GLOBAL]
    usage = " ".join([name, *(["[FLAGS]"] if own else []), *_arguments(command, context)])
    examples = command.examples if isinstance(command, Command) else ()
    shown = fence("console", "\n".join(f"$ {line}" for line in examples)) if examples else ""
    flags = table(("flag", "means"), (_row(option) for option in own))
    return "\n".join([f"## {name}\n", _plain(command.help or ""), "", fence("text", usage), flags, shown])


def _arguments(command: click.Command, context: click.Context) -> Iterator[str]:
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            yield parameter.make_metavar(context)


def _row(option: click.Parameter) -> tuple[str, str]:
    assert isinstance(option, click.Option)
    record = option.get_help_record(click.Context(cli))
    names, told = record or (", ".join(option.opts), "")
    if isinstance(option.type, click.Choice):
        names, told = f"{', '.join(option.opts)} WORD", f"{told} One of {', '.join(map(str, option.type.choices))}."
    return code(re.sub(r"\s+", " ", names)), _plain(told)


def _plain(text: str) -> str:
    """Help as Markdown: words in capitals and flags stay words, and nothing in it is markup."""
    return re.sub(r"([\\*_<>\[\]{}|$])", r"\\\1", re.sub(r"[ \t]*\n[ \t]*", "\n", text)).strip()
