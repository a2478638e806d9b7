"""Places at vendors, and the remote webhooks there that nobody manages. [pure] Used by `render.html.plan`, `.drift`."""

from collections.abc import Iterable

from reconciler.model.action import Unmanaged
from reconciler.model.webhook import Scope
from reconciler.render.base import cut, plain
from reconciler.render.html.view import Stranger
from reconciler.support.natural import natural


def where(scope: Scope) -> str:
    """A place in words."""
    return short(" ".join(f"{key}={value}" for key, value in scope))


def short(text: str | None) -> str:
    """A vendor's word for something, made plain; whole, unless it is absurdly long."""
    return cut(plain(text or ""), 300)


def strangers(unmanaged: Iterable[Unmanaged]) -> tuple[Stranger, ...]:
    """Each of them, by place."""
    told = [Stranger(plain(u.provider), where(u.scope), short(u.remote_id), cut(plain(u.url), 600)) for u in unmanaged]
    return tuple(sorted(told, key=lambda each: tuple(map(natural, each))))
