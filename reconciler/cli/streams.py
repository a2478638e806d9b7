"""Writing where people and CI runners read, and reading what people type. Used by `cli.context` and `cli.main`."""

import errno
import os
import sys
from typing import TextIO


def forget_what_was_typed(terminal: TextIO) -> None:
    """Throw away what waits to be read: typed before the question, it is no answer to it."""
    if sys.platform == "win32":
        import msvcrt

        while msvcrt.kbhit():
            msvcrt.getwch()
        return
    import termios
    from contextlib import suppress

    with suppress(OSError, termios.error):  # a stream that only claims to be a terminal
        termios.tcflush(terminal.fileno(), termios.TCIFLUSH)


def in_a_log(text: str) -> str:
    """`text` as it may stand in the log of the CI runner around us, where there is one: nothing in it is a command."""
    from reconciler.support.runners import listens, without_commands

    return without_commands(text) if listens(os.environ) else text


def write(stream: TextIO, text: str, foreign: bool = True) -> None:
    """Write and flush. A reader or a terminal that went away is no error: the rest is thrown away, the work goes on.

    Args:
        foreign: whether others had a say in the text, so that a CI runner must find no command in it.

    Raises:
        OSError: the disk is full, say; nothing more is written there.
    """
    if not text:
        return
    text = in_a_log(text) if foreign else text
    try:
        stream.write(text if text.endswith("\n") else text + "\n")
        stream.flush()
    except OSError as error:
        with open(os.devnull, "w", encoding="utf-8") as nowhere:
            os.dup2(nowhere.fileno(), stream.fileno())
        if error.errno not in (errno.EPIPE, errno.EIO):
            raise OSError(error.errno, error.strerror, stream.name) from None
