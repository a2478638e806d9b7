"""What a shell offers behind Tab: names of webhooks, blocks, providers, vendors and formats.

Used by the commands for their parameters.

Only files of this machine are read: no vendor is asked, no command of the files runs, no manifest is looked at. What
cannot be read offers nothing; a mistake in the files never shows while somebody types.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from reconciler.cli.context import Context

if TYPE_CHECKING:
    from reconciler.config.interpolate import Interpolation
    from reconciler.support.reach import Reach

Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]
Words = Callable[[Context], Iterable[str]]
LARGEST = 2_000_000
"""Configurations of more bytes are not read, since nobody waits a second for Tab."""


def _completer(words: Words) -> Completer:
    """Offers those of `words` that begin with what is typed, in the order in which people look for them."""

    def offered(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from reconciler.support.natural import natural

        try:
            known = {word for word in words(ctx.ensure_object(Context)) if word.isprintable()}
        except Exception:  # noqa: BLE001  # whatever is wrong, it is told once the command runs
            return []
        return [CompletionItem(word) for word in sorted(known, key=natural) if word.startswith(incomplete)]

    return offered


def _of_files(whsync: Context, blocks: bool = True) -> Iterator[str]:
    """What the blocks under `webhooks:` make, as far as the files say; `blocks`: those of a `for_each`, too."""
    from reconciler.config.credentials import Credentials, Surrounding
    from reconciler.config.fault import Faulty
    from reconciler.config.lists import Lists
    from reconciler.config.rows import rows_of
    from reconciler.model.webhook import Source
    from reconciler.providers.registry import Registry
    from reconciler.secrets import registry

    variables = _variables(whsync)
    trees = _files(whsync, variables)
    credentials = Credentials(trees, Surrounding(os.environ, Registry(), registry))
    variables.withhold(credentials.whose)
    folder = whsync.config_paths[0].parent
    lists = Lists(folder, variables, _reach(whsync).widened(folder))
    lists.withhold(credentials.are_named)
    for file, read in trees.items():
        for name, tree in (read.get("webhooks") or {}).items():
            source = Source(file, ("webhooks", name))
            many = isinstance(tree, dict) and "for_each" in tree
            if blocks or not many:
                yield name
            if many:
                try:
                    settled = lists.settled(tree["for_each"], source)
                    rows = () if settled.unread else rows_of(settled.lists, source)
                except Faulty:
                    continue
                yield from (f"{name}[{row.key}]" for row in rows)


def _providers_of_files(whsync: Context) -> Iterator[str]:
    """`provider:NAME` for each entry under `providers:`."""
    from reconciler.support.targets import PROVIDER

    for tree in _files(whsync, _variables(whsync)).values():
        yield from (f"{PROVIDER}{name}" for name in tree.get("providers") or {})


def _files(whsync: Context, variables: "Interpolation") -> dict[str, dict[str, Any]]:
    """What is written in the configuration's files, as far as they can be read; none where they are large."""
    from reconciler.config.files import Files
    from reconciler.secrets import registry

    if sum(path.stat().st_size for path in whsync.config_paths) > LARGEST:
        return {}
    files = Files(variables, registry, reach=_reach(whsync))
    files.read(whsync.config_paths)
    return files.trees


def _variables(whsync: Context) -> "Interpolation":
    from reconciler.config.given import read_given
    from reconciler.config.interpolate import Interpolation

    reach = _reach(whsync)
    return Interpolation(os.environ, granted=reach.variables, declared=read_given(whsync.given, reach).declared)


def _reach(whsync: Context) -> "Reach":
    """What the files may use: a change under review shows no other file and no variable behind Tab either."""
    return whsync.believed().reach(whsync.config_paths[0].parent)


def _of_lock(whsync: Context) -> Iterator[str]:
    """Every webhook of the lock, settled or not."""
    yield from (name for name, _ in _in_lock(whsync))


def _meant_in_lock(whsync: Context) -> Iterator[str]:
    """The same, with the words that mean several of them: blocks, and `provider:NAME`."""
    from reconciler.support.targets import PROVIDER

    for name, provider in _in_lock(whsync):
        yield from (name, name.partition("[")[0], f"{PROVIDER}{provider}")


def _in_lock(whsync: Context) -> tuple[tuple[str, str], ...]:
    """The names in the lock, each with its provider; none where the lock is not a file of this machine."""
    from reconciler.config.lock_place import lock_of
    from reconciler.providers.registry import Registry
    from reconciler.state.stores import address_of, open_store

    reach = _reach(whsync)
    paths, given = whsync.config_paths, whsync.given
    address = address_of(whsync.lock) if whsync.lock else lock_of(paths, os.environ, Registry(), reach, given)
    if address.file is None or os.path.getsize(address.file) > LARGEST * 5:
        return ()
    return open_store(address, whsync.config_paths[0].parent).read().lock.providers_of


def _any_of(*sources: Words) -> Words:
    """What any of these has: one may be whole where another is not."""

    def words(whsync: Context) -> Iterator[str]:
        for source in sources:
            try:
                yield from source(whsync)
            except Exception:  # noqa: BLE001  # what the others have is offered all the same
                continue

    return words


def _vendors(whsync: Context) -> Iterable[str]:
    from reconciler.providers.registry import Registry

    return Registry().names()


def _simulated(whsync: Context) -> Iterable[str]:
    from reconciler.sandbox import VENDORS

    return VENDORS


def _formats(whsync: Context) -> Iterable[str]:
    from reconciler.render.formats import PLAN, offered

    return offered(PLAN)


targets = _completer(_any_of(_of_files, _providers_of_files, _meant_in_lock))
targets_of_files = _completer(_any_of(_of_files, _providers_of_files))
targets_of_lock = _completer(_meant_in_lock)
webhooks_of_files = _completer(lambda whsync: _of_files(whsync, blocks=False))
webhooks_of_lock = _completer(_of_lock)
vendors = _completer(_vendors)
simulated_vendors = _completer(_simulated)
plan_formats = _completer(_formats)
report_formats = _completer(lambda whsync: (f"{form}=" for form in _formats(whsync)))
