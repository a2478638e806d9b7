"""`whsync fmt`: configurations in their usual layout. Comments, spellings and order stay; only white space moves."""

from collections.abc import Mapping
from pathlib import Path

import click

from reconciler.cli import outputs
from reconciler.cli.context import Context
from reconciler.cli.options import command as declare
from reconciler.codes import Code
from reconciler.document import read
from reconciler.errors import EXIT_ERROR, EXIT_FINE, ConfigError, Problem, UsageError
from reconciler.render.base import counted, plain
from reconciler.support import intake


@declare("fmt", examples=["whsync fmt", "whsync fmt --check", "whsync fmt live.yaml test.yaml"])
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(dir_okay=False))
@click.option("--check", is_flag=True, help="Write nothing; name the files that would change, and end with 1.")
def command(whsync: Context, files: tuple[str, ...], check: bool) -> int:
    """Lay the configuration out: indentation, spaces and empty lines; comments and spellings stay.

    Each FILE alone; without one, the files of the configuration and all that they include. Where one is no YAML,
    or would say something else afterwards, none is written.
    """
    if files and whsync.names_config:
        raise UsageError("files are named behind `fmt` and with -c", "keep one of the two")
    texts = _named(files) if files else _configured(whsync)
    laid = laid_out_all(texts)
    changed = {name: text for name, text in laid.items() if text.encode() != texts[name]}
    if check:
        for name in changed:
            whsync.out(plain(name))
        if changed:
            whsync.note(f"{len(changed)} of {counted(len(texts), 'file')} would change: `whsync fmt` lays them out.")
        return EXIT_ERROR if changed else EXIT_FINE
    for name in changed:
        outputs.refuse(name, Path(name).parent)
    for name, text in changed.items():
        outputs.write(name, text, private=False)
        whsync.note(f"Laid out {plain(name)}.")
    if not changed:
        whsync.note(f"Nothing to do in {counted(len(texts), 'file')}.")
    return EXIT_FINE


def _named(files: tuple[str, ...]) -> dict[str, bytes]:
    return {file: intake.read(file, intake.WRITTEN, ordinary=True) for file in dict.fromkeys(files)}


def _configured(whsync: Context) -> Mapping[str, bytes]:
    """What the configuration consists of; a variable may say what is included."""
    import os

    from reconciler.config.texts import texts_of
    from reconciler.providers.registry import Registry

    reach = whsync.believed().reach(whsync.config_paths[0].parent)
    return texts_of(whsync.config_paths, os.environ, Registry(), reach, whsync.given)


def laid_out_all(texts: Mapping[str, bytes]) -> dict[str, str]:
    """Every file laid out.

    Raises:
        ConfigError: one is no YAML, or the layout would change what it says.
    """
    laid, problems = {}, []
    for name, text in texts.items():
        tree, wrong = read(text, name)
        if tree is None:
            problems += wrong
            continue
        found = _safely(name, text, (tree, len(wrong)))
        if isinstance(found, Problem):
            problems.append(found)
        else:
            laid[name] = found
    if problems:
        first = problems[0]
        raise ConfigError(first.summary, first.hint, problems=problems, code=first.code)
    return laid


def _safely(name: str, text: bytes, said: tuple[object, int]) -> str | Problem:
    """One file laid out, if it says the same to the reader of every run, and has all its characters in their order."""
    from reconciler.document.layout import laid_out, same_characters

    before = text.decode()
    after = laid_out(before)
    tree, wrong = read(after.encode(), name)
    if repr((tree, len(wrong))) == repr(said) and same_characters(before, after) and laid_out(after) == after:
        return after
    summary = f"{name} is left alone: laid out, it would not say the same"
    return Problem("config", summary, "write what is odd in it in a plainer way", code=Code.LAYOUT_UNSAFE)
