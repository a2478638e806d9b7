"""The search for garbage in cycles: paused where it would find none. Used wherever much may be built at once."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

MUCH = 50_000  # values; below it a search is cheap, and takes along the garbage from before


@contextmanager
def paused_collector() -> Iterator[None]:
    """No garbage collection inside: a tree that grows makes no garbage, yet each collection walks it all."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            if gc.get_count()[0] > MUCH:
                gc.freeze()  # together: what has been built is old now, so the next collection need not look at it
                gc.unfreeze()
            gc.enable()
