"""What the terminal around us can show: how wide it is, whether it has colours, whether lines may be drawn anew.

Used by `cli.context`.
"""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from reconciler.cli.live import Foot
    from reconciler.render.base import Style

_WIDTH = 120
_NARROWEST = 20


def style_of(stream: TextIO, no_color: bool, environment: Mapping[str, str]) -> "Style":
    """How text on a stream may look."""
    from reconciler.render.base import Style

    terminal = stream.isatty()
    width = _columns(stream, environment) if terminal else _WIDTH
    return Style(_has_colour(stream, no_color, environment), width, terminal)


def foot_of(stream: TextIO, no_color: bool, environment: Mapping[str, str]) -> "Foot | None":
    """The foot of a terminal; None where a stream is none, or can only be written on and on, as a CI's log."""
    if environment.get("CI", "").lower() not in ("", "0", "false") or environment.get("TERM") == "dumb":
        return None
    if not _is_real(stream):
        return None
    from reconciler.cli.live import Foot

    return Foot(stream, _has_colour(stream, no_color, environment))


def _is_real(stream: TextIO) -> bool:
    try:
        return os.isatty(stream.fileno())
    except (OSError, ValueError):  # it is no file, or closed
        return False


def _columns(stream: TextIO, environment: Mapping[str, str]) -> int:
    """The width of the terminal behind this stream; another one may be behind stdout."""
    told = environment.get("COLUMNS", "")
    if told.isascii() and told.isdigit() and int(told[:6]) > 0:
        return max(int(told[:6]), _NARROWEST)
    try:
        return max(os.get_terminal_size(stream.fileno()).columns or _WIDTH, _NARROWEST)
    except (OSError, ValueError):
        return _WIDTH


def _has_colour(stream: TextIO, no_color: bool, environment: Mapping[str, str]) -> bool:
    if no_color or environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR", "0") != "0":
        return True
    return stream.isatty() and environment.get("TERM") != "dumb"
