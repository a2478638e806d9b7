"""The command `whsync`: finds the command, runs it, and turns whatever ends it into an exit code and a sentence.

Starts fast: commands are imported when they are called. `run` is what the installed script calls.
"""

import gc
import os
import re
import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import click

from reconciler import __version__
from reconciler.cli.context import Context
from reconciler.cli.options import LazyGroup
from reconciler.cli.other_tools import COMMANDS as ELSEWHERE
from reconciler.cli.signals import handling
from reconciler.cli.streams import write

if TYPE_CHECKING:
    from reconciler.errors import WhsyncError

_COMPLETE = "_WHSYNC_COMPLETE"
_HERE = "reconciler.cli."

COMMANDS = {
    "init": (_HERE + "init", "Write a starter file for chosen vendors."),
    "validate": (_HERE + "validate", "Check the files, without network or credentials."),
    "fmt": (_HERE + "fmt", "Lay the files out, comments and all."),
    "plan": (_HERE + "plan", "Show what an apply would do."),
    "apply": (_HERE + "apply", "Make the vendors agree with the files."),
    "drift": (_HERE + "drift", "Show what changed at the vendors since the last apply."),
    "audit": (_HERE + "audit", "List every webhook at the vendors, managed or not, with findings."),
    "show": (_HERE + "show", "Show a saved plan."),
    "import": (_HERE + "importing", "Write down what exists at the vendors, and bind it."),
    "adopt": (_HERE + "adopt", "Bind a webhook of the files to one that exists."),
    "rotate": (_HERE + "rotate", "Give one webhook a new secret."),
    "prune": (_HERE + "prune", "Delete single webhooks at vendors that nobody declared."),
    "fleet": (_HERE + "fleet", "Plan, drift, apply and status of many tenants."),
    "state": (_HERE + "state", "List, show, rename or forget entries of the lock."),
    "trust": (_HERE + "trust", "Write down what the files are to be trusted with."),
    "providers": (_HERE + "providers", "List, show and check manifests."),
    "schema": (_HERE + "schema", "Print a JSON Schema."),
    "sandbox": (_HERE + "sandbox", "Run simulated vendors on this machine."),
    "demo": (_HERE + "demo", "The whole story against simulated vendors."),
    "completion": (_HERE + "completion", "Print a completion script for a shell."),
    "version": (_HERE + "version", "Print the version."),
}


@click.command(
    "whsync",
    cls=LazyGroup,
    lazy=COMMANDS,
    elsewhere=ELSEWHERE,
    examples=["whsync validate", "whsync plan", "whsync apply", "whsync drift"],
    outermost=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "--version", message="%(version)s")
def cli() -> None:
    """Keep webhook registrations at many vendors as you declared them."""


def run() -> NoReturn:
    """The whole process of one command: what the installed script and `python -m reconciler` call."""
    gc.set_threshold(100_000, 20, 100)  # many values, few cycles: the search took up to a third of a big run
    code = main()
    gc.freeze()  # all goes with the process; to search it once more for garbage took a sixth of a big run
    sys.exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line (the process's own, where none is given) and return its exit code. Raises nothing."""
    args = list(sys.argv[1:] if argv is None else argv)
    shared = Context()
    try:
        _replace_closed_streams()
        _escape_what_cannot_be_encoded()
        with handling(signal.default_int_handler):  # each ends a command as Ctrl-C does: in order, with 130
            code = _run(args, shared)
        write(sys.stdout, "")
        return code
    except (KeyboardInterrupt, click.Abort):
        write(sys.stderr, "interrupted")
        return 130
    except BrokenPipeError:
        return 1
    except Exception as error:  # noqa: BLE001  # the last door: whatever it is ends in a sentence and an exit code
        return _explain(error, args, shared)


def _run(args: list[str], shared: Context) -> int:
    if instruction := os.environ.get(_COMPLETE):
        return _offer(instruction)
    try:
        with cli.make_context("whsync", args, obj=shared) as ctx:
            result: Any = cli.invoke(ctx)
    except click.exceptions.Exit as end:
        return end.exit_code
    return result if isinstance(result, int) else 0


def _offer(instruction: str) -> int:
    """Answer a shell that completes a command line; a fault must not show up in what somebody is typing."""
    from click.shell_completion import shell_complete

    try:
        return shell_complete(cli, {}, "whsync", _COMPLETE, instruction)
    except Exception:  # noqa: BLE001  # it comes again, and is told, once the command is started
        return 1


def _explain(error: Exception, args: Sequence[str], shared: Context) -> int:
    """Tell on stderr what ended the command (on stdout too, where that is to be a document); return the exit code."""
    from reconciler.errors import EXIT_USAGE
    from reconciler.render.json import error_json

    if type(error).__name__ == "NoArgsIsHelpError":
        write(sys.stderr, str(error))
        return EXIT_USAGE
    known = _known(error)
    form = _asked_format(args)
    if form in ("json", "ndjson"):
        write(sys.stdout, error_json(known))
    elif form and not shared.delivered and known.exit_code != EXIT_USAGE:
        _tell_in_form(form, known, shared)
    write(sys.stderr, _sentences(known, shared))
    if known.kind == "internal" and shared.verbose > 1:
        write(sys.stderr, _trace(error))
    return known.exit_code


def _tell_in_form(form: str, error: "WhsyncError", shared: Context) -> None:
    """What ended the command as the document that stdout was to be, so that nobody takes nothing for all being well."""
    from reconciler.render.formats import FORMATS, PROBLEMS, renderer

    if form in FORMATS and FORMATS[form].failures:
        shared.deliver(renderer(PROBLEMS, form)(error.problems, shared.style()))


def _known(error: Exception) -> "WhsyncError":
    """The error as whsync's own; an unforeseen one shows only type and place, since its text may hold a secret."""
    from reconciler.codes import Code
    from reconciler.errors import UsageError, WhsyncError

    if isinstance(error, WhsyncError):
        return error
    if isinstance(error, click.UsageError):
        path = error.ctx.command_path if error.ctx else "whsync"
        return UsageError(" ".join(error.format_message().split()), f"see `{path} --help`")
    if isinstance(error, click.ClickException):
        return WhsyncError(error.format_message(), kind="config", code=Code.WRONG_USAGE)
    if isinstance(error, OSError) and error.strerror:
        from reconciler.support import handles

        said = ": ".join(part for part in (str(error.filename or ""), handles.words(error)) if part)
        return WhsyncError(said, kind="config", code=Code.SYSTEM_ERROR)
    if (spent := _spent(error)) is not None:
        return WhsyncError(*spent, kind="config", code=Code.SYSTEM_ERROR)
    summary = f"internal error: {type(error).__name__} in {_place(error)}"
    return WhsyncError(summary, "this is a bug; -vv says more", code=Code.INTERNAL_ERROR)


def _spent(error: Exception) -> tuple[str, str] | None:
    """What this machine has no more of, and the way out; the system has no number for either."""
    if isinstance(error, MemoryError):
        return "this machine has no more memory for whsync", "give it more, or divide the configuration"
    if isinstance(error, RuntimeError) and str(error) == "can't start new thread":
        return "this machine has no more threads for whsync", "allow it more (`ulimit -u`), or lower --parallelism"
    return None


def _sentences(error: "WhsyncError", shared: Context) -> str:
    from reconciler.errors import Problem
    from reconciler.render.words import problem_words, problems_text

    style = shared.style(sys.stderr)
    only = error.problems[0] if len(error.problems) == 1 else None
    if only is not None and (only.summary, only.hint) == (error.summary, error.hint):
        once, hint = problem_words(only._replace(kind="config"))
        return problems_text([Problem("config", f"Error: {once}", hint, code=only.code)], style)
    said = problems_text([Problem("config", f"Error: {error.summary}", error.hint, code=error.code)], style)
    return said if error.told else problems_text(error.problems, style) + said


def _place(error: Exception) -> str:
    """The innermost line of ours on the way to the error: `render/text.py:12`."""
    from traceback import extract_tb

    package = os.path.dirname(os.path.dirname(__file__)) + os.sep
    ours = [frame for frame in extract_tb(error.__traceback__) if frame.filename.startswith(package)]
    return f"{ours[-1].filename.removeprefix(package)}:{ours[-1].lineno}"


def _trace(error: BaseException) -> str:
    """Where an unforeseen error came from: files and lines only, no values and no messages."""
    from traceback import format_tb

    cause = error.__cause__ or error.__context__
    before = _trace(cause) if cause is not None else ""
    return before + "".join(format_tb(error.__traceback__)) + f"{type(error).__name__}\n"


def _asked_format(args: Sequence[str]) -> str:
    """The format in which somebody reads stdout, as far as the command line says."""
    found = re.search(r"-format[ =](\w+)", " ".join(args))
    return found[1] if found else ""


def _replace_closed_streams() -> None:
    """Let a stream that is closed (`>&-`) swallow what goes there, before a file could take its number."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            stream = open(os.devnull, mode, encoding="utf-8")  # noqa: SIM115 - it is open as long as the process is
            setattr(sys, name, stream)
            if stream.fileno() == number:
                os.set_inheritable(number, True)  # as commands expect it


def _escape_what_cannot_be_encoded() -> None:
    """Let a terminal with a poor encoding show escapes instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
