"""`whsync completion SHELL`: the script that a shell sources."""

import click
from click.shell_completion import get_completion_class

from reconciler.cli.context import Context
from reconciler.cli.options import command as declare


@declare(
    "completion",
    examples=['eval "$(whsync completion bash)"', "whsync completion fish > ~/.config/fish/completions/whsync.fish"],
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(whsync: Context, shell: str) -> None:
    """Print a completion script: eval "$(whsync completion bash)"."""
    from reconciler.cli.main import cli

    kind = get_completion_class(shell)
    if kind is not None:
        whsync.out(kind(cli, {}, "whsync", "_WHSYNC_COMPLETE").source())
