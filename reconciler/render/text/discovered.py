"""What vendors listed for blocks of the files, as people read it. [pure] Used by `render.text.plan`."""

from collections.abc import Sequence

from reconciler.model.discovery import Discovered
from reconciler.render.base import Style, cells, pad, plain
from reconciler.render.words import discovered_words
from reconciler.support.natural import natural

_SHOWN = 20


def discovered_text(discovered: Sequence[Discovered], style: Style) -> str:
    """One line for each list, below a heading; empty where nothing was left to discover."""
    if not discovered:
        return ""
    in_turn = sorted(discovered, key=lambda each: (natural(each.block), each.key, each.given))
    width = max(cells(plain(each.block)) for each in in_turn[:_SHOWN])
    lines = [style.paint("Discovered", "strong")]
    for each in in_turn[:_SHOWN]:
        lines += style.row(f"{pad(plain(each.block), width)} {plain(discovered_words(each))}", 2)
    if len(in_turn) > _SHOWN:
        lines += style.said(f"and {len(in_turn) - _SHOWN} more lists; --format json has all", 2)
    return "\n".join(lines)
