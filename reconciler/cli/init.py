"""`whsync init`: a first configuration for chosen vendors, and locks that git merges by webhook."""

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from reconciler.cli import complete, git_setup
from reconciler.cli.context import Context
from reconciler.cli.options import command as declare
from reconciler.cli.options import unknown, yes_option
from reconciler.cli.streams import forget_what_was_typed, in_a_log
from reconciler.codes import Code
from reconciler.config.starter import (
    Chosen,
    base_url_variable,
    is_at_hand,
    lists,
    needs_secret_variable,
    starter,
    stores_secrets,
    ways,
)
from reconciler.errors import UsageError, WhsyncError
from reconciler.providers.registry import Registry, is_path
from reconciler.render.base import plain
from reconciler.state.address import DEFAULT_LOCK
from reconciler.support import git_settings
from reconciler.support.hints import command as spelled


@declare("init", examples=["whsync init", "whsync init ./vendors/acme.yaml", "whsync init --git"])
@click.argument("providers", nargs=-1, metavar="[PROVIDER]...", shell_complete=complete.vendors)
@click.option("--git", is_flag=True, help="Only have git merge the lock by webhook, in this clone.")
@yes_option
def command(whsync: Context, providers: tuple[str, ...], git: bool, yes: bool) -> None:
    """Write a commented starter file for each PROVIDER: a vendor's name, or the path of a manifest.

    Without one: those whose usual variables are set. Nothing that exists is written over; without a terminal, nothing
    is asked. In a clone, git may be told to merge the lock by webhook (on a terminal, or with --yes).
    """
    if git:
        if providers:
            raise UsageError("--git takes no PROVIDER", "leave one of the two out")
        _merge_by_webhook(whsync, _lock(whsync), yes)
        return
    path = _path(whsync)
    chosen = _chosen(providers, path.parent)
    _create(path, starter(chosen))
    whsync.note(f"Wrote {plain(str(path))}: {plain(', '.join(each.name for each in chosen))}.")
    _tell_next_steps(whsync, chosen, path)
    _offer_merging(whsync, path.parent / DEFAULT_LOCK, yes)


def _path(whsync: Context) -> Path:
    """Where the file goes.

    Raises:
        UsageError: several are named.
        WhsyncError: something is there.
    """
    if len(whsync.config_paths) > 1:
        raise UsageError("-c names several files", "name the one that is to be written")
    path = whsync.config_paths[0]
    if os.path.lexists(path):
        raise _taken(path)
    return path


def _taken(path: Path) -> WhsyncError:
    hint = "name another file with -c; or, for what it has already: `whsync validate`, `whsync init --git`"
    return WhsyncError(f"{path} is there already, and is not written over", hint, kind="config", code=Code.FILE_TAKEN)


def _create(path: Path, text: str) -> None:
    try:
        with open(path, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise _taken(path) from None


def _chosen(providers: Sequence[str], folder: Path) -> list[Chosen]:
    """The vendors that are meant.

    Raises:
        UsageError: one is not known, or nothing says which.
        ConfigError: a manifest is wrong.
    """
    registry = Registry()
    words = providers or _at_hand(registry) or _asked(registry)
    chosen: dict[str, Chosen] = {}
    for word in dict.fromkeys(words):
        if not is_path(word) and word not in registry.names():
            unknown("manifest", word, registry.names())
        vendor = registry.vendor(word, {}, str(folder))
        name = word if not is_path(word) else vendor.capabilities.type
        if name in chosen:
            raise UsageError(f"two PROVIDERs are called {name!r}", "name one, and copy its entry in the file")
        chosen[name] = Chosen(name, word, vendor)
    return list(chosen.values())


def _at_hand(registry: Registry) -> list[str]:
    return [name for name in registry.names() if is_at_hand(registry.vendor(name, {}, "."), os.environ)]


def _asked(registry: Registry) -> list[str]:
    """What the user types, names with spaces or commas between them.

    Raises:
        UsageError: there is no terminal to ask on, or nothing was typed.
    """
    names = ", ".join(registry.names())
    hint = f"name some, as in {spelled('init', registry.names()[0])}; {spelled('providers', 'list')} shows all"
    nobody = UsageError("nothing says for which vendors", hint)
    if not sys.stdin.isatty():
        raise nobody
    forget_what_was_typed(sys.stdin)
    sys.stderr.write(in_a_log(f"There are {plain(names)}.\nFor which vendors? "))
    sys.stderr.flush()
    words = re.findall(r"[^\s,]+", sys.stdin.readline())
    if not words:
        raise nobody
    return words


def _tell_next_steps(whsync: Context, chosen: Sequence[Chosen], path: Path) -> None:
    named = ("-c", str(path)) if whsync.config else ()
    stores = any(stores_secrets(each.vendor.capabilities) for each in chosen)
    ignored = [f"{DEFAULT_LOCK}.*", *(["secrets/"] if stores else [])]
    whsync.note("Next:")
    whsync.note("  put your own webhooks in place of the examples")
    if any(lists(each.vendor.capabilities) for each in chosen):
        whsync.note(
            f"  or write down what exists at the vendors: {plain(spelled('import', '--into', str(path), *named))}"
        )
    for each in chosen:
        credentials = ", or ".join(ways(each))
        others = filter(None, (base_url_variable(each), needs_secret_variable(each)))
        told = "; ".join(filter(None, (credentials, *others)))
        if told:
            whsync.note(f"  set for {plain(each.name)}: {plain(told)}")
    for verb in ("validate", "plan", "apply"):
        whsync.note(f"  {plain(spelled(verb, *named))}")
    whsync.note(f"  commit {plain(path.name)} and {DEFAULT_LOCK}; keep out of git: {', '.join(ignored)}")


def _offer_merging(whsync: Context, lock: Path, yes: bool) -> None:
    """In a clone, on a terminal or with `--yes`, have git merge the lock; else say how."""
    if git_settings.work_tree(lock.parent) is None:
        return
    setup = git_setup.missing(str(lock))
    question = git_setup.question(setup)
    if question and not yes and not sys.stdin.isatty():
        whsync.note("  so that git merges the lock by webhook: `whsync init --git --yes`")
    elif question and whsync.confirm(question, yes):
        git_setup.set_up(whsync, setup)


def _merge_by_webhook(whsync: Context, lock: str, yes: bool) -> None:
    setup = git_setup.missing(lock)
    if question := git_setup.question(setup):
        whsync.require(question, yes)
    git_setup.set_up(whsync, setup)


def _lock(whsync: Context) -> str:
    """The file that the lock is, or will be.

    Raises:
        WhsyncError: it is no file.
    """
    main = whsync.config_paths[0]
    if whsync.lock is None and not main.exists():
        return str(main.parent / DEFAULT_LOCK)
    address = whsync.lock_address()
    if address.file is None:
        summary = f"the lock {address} is not a file, so git does not merge it"
        raise WhsyncError(summary, kind="config", code=Code.GIT_SETUP)
    return address.file
