"""Exceptions from a block: `override: {"NAME-OR-GLOB": {…}}` beside `for_each`. [pure] Used by `config.expand`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from reconciler.codes import Code
from reconciler.config.fault import Faulty, FileFault, below, did_you_mean
from reconciler.config.rows import Row, fits
from reconciler.config.webhook import Override
from reconciler.model.webhook import Source
from reconciler.support.hints import first_of

_USAGE = 'write override: {"NAME-OR-GLOB": {…}} beside `for_each`'


class Overrides(NamedTuple):
    """All exceptions of one block, in the order written, with what each is for."""

    every: tuple[Override, ...] = ()
    patterns: tuple[re.Pattern[str], ...] = ()

    def of(self, block: str, row: Row) -> tuple[Override, ...]:
        """Those that are for one webhook, the strongest last."""
        if not self.every:
            return ()
        both = zip(self.every, self.patterns, strict=True)
        return tuple(override for override, pattern in both if _fits(pattern, block, row))

    def unused(self, block: str, rows: Iterable[Row]) -> Iterator[FileFault]:
        """Those that are for no webhook at all, which is more often a wrong name than a wish."""
        rows = tuple(rows) if self.every else ()
        for override, pattern in zip(self.every, self.patterns, strict=True):
            if not any(_fits(pattern, block, row) for row in rows):
                keys = [row.key for row in rows]
                word = str(override.source.path[-1])
                hint = did_you_mean(
                    word, keys, f"there are {first_of(keys, 10)}" if keys else "it makes no webhook now"
                )
                what = f"`{block}` makes no webhook that this override is for"
                yield FileFault(override.source, Code.OVERRIDE_UNUSED, what, hint, key=True, name=block)


def _fits(pattern: re.Pattern[str], block: str, row: Row) -> bool:
    """Whether a pattern means a row: by its key, or by the webhook's whole name."""
    return pattern.fullmatch(row.key) is not None or pattern.fullmatch(f"{block}[{row.key}]") is not None


def overrides_of(tree: Mapping[str, Any], source: Source) -> Overrides:
    """What a block has under `override`.

    Raises:
        Faulty: it is none, or nothing is overridden.
    """
    at, written = below(source, "override"), tree.get("override")
    if "override" not in tree or written is None:  # of an empty value the reader has told
        return Overrides()
    if "for_each" not in tree:
        what = "`override` is for one webhook of several, and there is no `for_each`"
        raise Faulty(FileFault(at, Code.WRONG_VALUE, what, "write it into the webhook itself", key=True))
    if not isinstance(written, dict):
        raise Faulty(FileFault(at, Code.WRONG_VALUE, "`override` must be a mapping", _USAGE))
    if wrong := [fault for name, block in written.items() for fault in _wrong(block, below(at, name))]:
        raise Faulty(*wrong)
    every = tuple(Override(block, below(at, name)) for name, block in written.items() if block is not None)
    return Overrides(every, tuple(fits(str(each.source.path[-1])) for each in every))


def _wrong(block: object, at: Source) -> Iterator[FileFault]:
    if block is not None and not isinstance(block, dict):
        yield FileFault(at, Code.WRONG_VALUE, f"the override `{at.path[-1]}` must be a mapping", _USAGE)
    for key in ("for_each", "override"):
        if isinstance(block, dict) and key in block:
            what, hint = f"`{key}` cannot stand in an override", "write a block of its own"
            yield FileFault(below(at, key), Code.UNKNOWN_KEY, what, hint, key=True)
