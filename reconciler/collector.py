"""The search for garbage that is caught in cycles: paused where it finds none. Used wherever much is built at once."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused_collector() -> Iterator[None]:
    """No garbage collection inside: a tree that grows makes no garbage, yet each collection walks it all."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.freeze()  # together: what has been built is old now, so the next collection need not look at it
            gc.unfreeze()
            gc.enable()
