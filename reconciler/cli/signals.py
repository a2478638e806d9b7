"""The signals that ask a command to end: Ctrl-C, SIGTERM, and the hang-up of a closed terminal.

Used by `cli.main` and `cli.session`. Cheap to import, since every command pays for it.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextmanager
def handling(handler: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    """While inside, `handler` is called for each such signal; not for those that are ignored, as `nohup` asks for.

    Only the main thread can be asked; in any other nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard = [number for number in ENDING if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, handler) for number in heard}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)
