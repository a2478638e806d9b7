"""Command lines within sentences and tables name commands and flags that exist."""

import re
import shlex
from pathlib import Path

import click
import pytest

from reconciler.cli.flags import double_dashes
from reconciler.cli.main import cli
from tests.docs.blocks import DOCUMENTS, relative

SPAN = re.compile(r"(?<!`)`(whsync [a-z][^`]*)`(?!`)")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def _wrong(line: str) -> str | None:
    """What of a command line there is not: a command, or a flag of it; arguments may be words in capitals."""
    command: click.Command = cli
    words = shlex.split(line.replace("…", "X").replace("\\|", "|"))[1:]
    context = click.Context(cli)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(context, words[0])
        if found is None:
            return f"no command {words[0]!r}"
        command, words, context = found, words[1:], click.Context(found, parent=context)
    names = {name for parameter in command.params for name in parameter.opts if name.startswith("-")} | {"--help"}
    flags = [word.partition("=")[0] for word in double_dashes(words, command.params) if re.match(r"--?[a-zA-Z]", word)]
    return next((f"no flag {flag!r}" for flag in flags if flag not in names and flag != "-vv"), None)


@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_command_lines_in_sentences_exist(document: Path) -> None:
    """Each `whsync …` between backticks has a command and flags that there are."""
    text = FENCE.sub("", document.read_text(encoding="utf-8"))
    lines = [" ".join(line.split()) for line in SPAN.findall(text)]
    assert [f"`{line}`: {wrong}" for line in lines if (wrong := _wrong(line))] == []


def test_a_made_up_flag_is_found() -> None:
    """The test above can fail: for a command, for a flag, and for a flag of another command."""
    assert _wrong("whsync plan --prune --target NAME") is None
    assert _wrong("whsync frobnicate") == "no command 'frobnicate'"
    assert _wrong("whsync drift --prune") == "no flag '--prune'"
