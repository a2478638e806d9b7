"""The remote webhooks that nobody manages, as people read them. [pure] Used by `render.text.plan` and `.drift`."""

from reconciler.model.action import Unmanaged
from reconciler.render.base import Style, cells, pad, plain
from reconciler.support.natural import natural

_SHOWN = 50


def unmanaged_text(unmanaged: tuple[Unmanaged, ...], style: Style, why: str = "") -> str:
    """One line for each of the first, below a heading that ends with `why`; empty where there is none."""
    in_turn = sorted(unmanaged, key=lambda item: (natural(item.provider), _scope(item), natural(item.remote_id)))
    first = in_turn[:_SHOWN]
    cells_of = ((item.provider, _scope(item), item.remote_id, f"-> {item.url}" if item.url else "") for item in first)
    rows = [tuple(map(plain, row)) for row in cells_of]
    widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    lines = [" ".join(pad(text, width) for text, width in zip(row, widths, strict=True) if width) for row in rows]
    lines = [line for row in lines for line in style.row(row, 2)]
    if len(unmanaged) > _SHOWN:
        lines += style.said(f"and {len(unmanaged) - _SHOWN} more; --format json lists all", 2)
    return "\n".join([*_title(why, style), *lines]) if lines else ""


def _title(why: str, style: Style) -> list[str]:
    title = style.paint("Not managed", "strong")
    if style.wraps and cells(f"Not managed{why}") > style.width:
        return [title, *style.said(why.strip(), 2)]
    return [title + why]


def _scope(item: Unmanaged) -> str:
    return " ".join(f"{key}={value}" for key, value in item.scope)
