"""Lines at the foot of a terminal that are drawn anew while a run is busy. Made by `cli.terminal`.

rich, which draws them, is imported when the first lines are shown: who is no terminal, or done within a second, never
waits for it. The cursor is never hidden, so that whatever ends the process leaves the terminal as it was.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.live import Live

    from reconciler.render.progress import Shown

_LOOKS = {"strong": "bold", "warn": "magenta", "quiet": "dim", "": ""}


class Foot:
    """The foot of one terminal; threads may share it, and what they write gets above it.

    Args:
        stream: the terminal.
        colour: with colours.
    """

    def __init__(self, stream: TextIO, colour: bool) -> None:
        self._stream, self._colour = stream, colour
        self._lock = threading.RLock()  # a signal's handler writes, too, in the thread that may be writing
        self._console: Any = None
        self._live: Live | None = None
        self._spinner: Any = None

    def show(self, lines: "Sequence[Shown]") -> None:
        """Let these lines be the foot; none of their text is markup."""
        with self._lock, suppress(OSError):  # a terminal that went away
            from rich.console import Group
            from rich.live import Live

            drawn = Group(*self._drawn(lines))
            if self._live is None:
                self._live = Live(
                    drawn,
                    console=self._console,
                    auto_refresh=False,
                    transient=True,
                    redirect_stdout=False,
                    redirect_stderr=False,
                )
                self._live.start(refresh=True)
            else:
                self._live.update(drawn, refresh=True)

    def clear(self) -> None:
        """Take the foot away, until lines are shown again."""
        with self._lock:
            self._wipe()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """While inside, somebody else writes: the foot is gone, and does not come back meanwhile."""
        with self._lock:
            self._wipe()
            yield

    def leave(self) -> None:
        """Take the foot away before the process ends at once, unless somebody is stuck with it."""
        if self._lock.acquire(timeout=0.2):
            self._wipe()

    def _wipe(self) -> None:
        live, self._live = self._live, None
        if live is not None:
            with suppress(OSError):
                live.stop()

    def _drawn(self, lines: "Sequence[Shown]") -> Iterator[Any]:
        """The lines as rich draws them, the first one behind a mark that turns."""
        from rich.spinner import Spinner
        from rich.table import Table
        from rich.text import Text

        if self._console is None:
            self._console = _console(self._stream, self._colour)
            unicode = str(self._console.encoding).lower().startswith("utf")
            self._spinner = Spinner("dots" if unicode else "line")
        texts = [Text(text, _LOOKS[look], no_wrap=True, overflow="fold") for text, look in lines]
        for number, text in enumerate(texts):
            grid = Table.grid(padding=(0, 1, 0, 0))
            grid.add_row(Text(" ") if number else self._spinner, text)
            yield grid


def _console(stream: TextIO, colour: bool) -> Any:
    from rich.console import Console

    class _Console(Console):
        def show_cursor(self, show: bool = True) -> bool:
            """Leave the cursor as it is: a process that is killed could not show it again."""
            return False

    return _Console(
        file=stream,
        force_terminal=True,
        color_system="auto" if colour else None,
        no_color=False,
        highlight=False,
        markup=False,
        emoji=False,
    )
