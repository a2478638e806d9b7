"""What a shell offers behind Tab: names of webhooks, vendors and formats. Used by the commands for their parameters.

Only files of this machine are read: no vendor is asked, no command of the files runs, no manifest is looked at. What
cannot be read offers nothing; a mistake in the files never shows while somebody types.
"""

import os
from collections.abc import Callable, Iterable, Iterator

import click
from click.shell_completion import CompletionItem

from reconciler.cli.context import Context

Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]
LARGEST = 2_000_000
"""Configurations of more bytes are not read, since nobody waits a second for Tab."""


def _completer(words: Callable[[Context], Iterable[str]]) -> Completer:
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
    from reconciler.config.expand import rows_of
    from reconciler.config.fault import Faulty
    from reconciler.config.files import Files
    from reconciler.config.interpolate import Interpolation
    from reconciler.model.webhook import Source
    from reconciler.secrets import registry

    if sum(path.stat().st_size for path in whsync.config_paths) > LARGEST:
        return
    reach = whsync.believed().reach(whsync.config_paths[0].parent)
    variables = Interpolation(os.environ, reach.variables)
    files = Files(variables, registry, reach)
    files.read(whsync.config_paths)
    for file in files.files:
        for name, tree in (file.tree.get("webhooks") or {}).items():
            source = Source(file.name, ("webhooks", name))
            many = isinstance(tree, dict) and "for_each" in tree
            if blocks or not many:
                yield name
            if many:
                try:
                    rows = rows_of(variables.fill(tree["for_each"], source), source)
                except Faulty:
                    continue
                yield from (f"{name}[{','.join(row.values())}]" for row in rows)


def _of_lock(whsync: Context) -> Iterator[str]:
    """Every webhook of the lock, settled or not; none where the lock is not a file of this machine."""
    from reconciler.config.load import lock_of
    from reconciler.state.stores import address_of, open_store

    reach = whsync.believed().reach(whsync.config_paths[0].parent)
    address = address_of(whsync.lock) if whsync.lock else lock_of(whsync.config_paths, os.environ, reach)
    if address.file is None or os.path.getsize(address.file) > LARGEST * 5:
        return
    lock = open_store(address).read().lock
    yield from (*lock.entries, *lock.intents)


def _of_both(whsync: Context) -> Iterator[str]:
    for names in (_of_files, _of_lock):
        try:
            yield from names(whsync)
        except Exception:  # noqa: BLE001  # the one may be whole where the other is not
            continue


def _vendors(whsync: Context) -> Iterable[str]:
    from reconciler.providers.registry import Registry

    return Registry().names()


def _simulated(whsync: Context) -> Iterable[str]:
    from reconciler.sandbox import VENDORS

    return VENDORS


def _formats(whsync: Context) -> Iterable[str]:
    from reconciler.render.formats import PLAN, offered

    return offered(PLAN)


webhooks = _completer(_of_both)
blocks_and_webhooks_of_files = _completer(_of_files)
webhooks_of_files = _completer(lambda whsync: _of_files(whsync, blocks=False))
webhooks_of_lock = _completer(_of_lock)
vendors = _completer(_vendors)
simulated_vendors = _completer(_simulated)
plan_formats = _completer(_formats)
report_formats = _completer(lambda whsync: (f"{form}=" for form in _formats(whsync)))
