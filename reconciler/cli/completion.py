"""`whsync completion SHELL`: the script that a shell sources."""

import click
from click.shell_completion import get_completion_class

from reconciler.cli.context import Context
from reconciler.cli.options import command as declare

BASH = """\
_whsync_completion() {
    local line="${COMP_LINE:0:COMP_POINT}" typed taken= response completion type value
    local -a words
    IFS=$' \\t\\n' read -ra words <<< "$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    typed="${words[${#words[@]} - 1]}"
    typed="${typed##*=}"
    # bash takes a colon for the end of a word: what stands before it is on the line already
    [[ $COMP_WORDBREAKS == *:* ]] && taken="${typed%"${typed##*:}"}"

    local IFS=$'\\n'
    response=$(env COMP_WORDS="${words[*]}" COMP_CWORD=$((${#words[@]} - 1)) _WHSYNC_COMPLETE=bash_complete "$1")

    COMPREPLY=()
    while IFS=',' read -r type value; do
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain) COMPREPLY+=("${value#"$taken"}") ;;
        esac
    done <<< "$response"
}

complete -o nosort -F _whsync_completion whsync
"""
"""Of our own, since names hold colons (`provider:NAME`) and brackets, which bash splits at and takes for patterns."""


@declare(
    "completion",
    examples=['eval "$(whsync completion bash)"', "whsync completion fish > ~/.config/fish/completions/whsync.fish"],
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(whsync: Context, shell: str) -> None:
    """Print a completion script: eval "$(whsync completion bash)"."""
    from reconciler.cli.main import cli

    if shell == "bash":
        whsync.out(BASH)
        return
    kind = get_completion_class(shell)
    if kind is not None:
        whsync.out(kind(cli, {}, "whsync", "_WHSYNC_COMPLETE").source())
