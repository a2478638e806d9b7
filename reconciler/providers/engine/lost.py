"""What an update would take away without knowing it: what a read shows and no word of the manifest speaks of. [pure]

A vendor that replaces a webhook, or a part of it, forgets what is left out. What has a lens is carried along; of the
rest only the names are known, and a plan says them. Used by `providers.engine.writes`.
"""

import re
from collections.abc import Collection, Iterator
from typing import Any

from reconciler.model.webhook import EVENTS
from reconciler.providers.engine.api import Api
from reconciler.providers.engine.extract import at, find, keys_of
from reconciler.providers.language.fields import Objects

_NAMES = re.compile(r"""[A-Za-z_][\w-]*(?:\.(?:[A-Za-z_][\w-]*|"[^"]*"))*|"[^"]*"(?:\.(?:[A-Za-z_][\w-]*|"[^"]*"))*""")
Place = tuple[str, ...]


def lost(api: Api, tree: Any, replaced: Collection[str], dropped: Collection[str]) -> tuple[str, ...]:
    """The names of what stands in these parts of an object, has a value, and would be forgotten.

    Args:
        tree: the object as it was read.
        replaced: the parts of the body that are replaced, by pointer.
        dropped: parts that no update takes, so that nothing happens to them, or that each sends anyway.
    """
    known = {*_spoken_of(api), *map(keys_of, dropped)}
    found: dict[str, None] = {}
    for region in replaced:
        found.update(dict.fromkeys(_strangers(at(tree, region), keys_of(region), known)))
    if any(not region for region in replaced):
        found.update(dict.fromkeys(_beside_events(api, tree)))
    return tuple(sorted(found))


def _strangers(tree: Any, here: Place, known: Collection[Place]) -> Iterator[str]:
    """What stands below `here` and is neither spoken of nor a way to what is."""
    for key, value in tree.items() if isinstance(tree, dict) else ():
        place = (*here, key)
        if place in known or value in (None, "", [], {}):
            continue
        if any(other[: len(place)] == place for other in known):
            yield from _strangers(value, place, known)
        else:
            yield ".".join(place)


def _beside_events(api: Api, tree: Any) -> Iterator[str]:
    """What stands beside the name in objects that are events."""
    lens = api.manifest.fields.events
    if not isinstance(lens.codec, Objects) or lens.read is None:
        return
    items = find(lens.read, tree)
    for item in items if isinstance(items, list) else ():
        others = item.keys() - {*lens.codec.parts} if isinstance(item, dict) else ()
        yield from (f"{EVENTS[1:]}.{key}" for key in others if item[key] not in (None, "", [], {}))


def _spoken_of(api: Api) -> Iterator[Place]:
    """The places of which the manifest speaks, whatever it does with them."""
    manifest = api.manifest
    identity, secret = manifest.identity, manifest.secret
    expressions = [expression for lens in manifest.lenses().values() for expression in (lens.read, lens.echo)]
    expressions += [identity.id, identity.created_at, identity.note, manifest.mark.read if manifest.mark else None]
    expressions += [secret.issued]
    expressions += [path for each in manifest.secret_words().values() for path in (each.value, each.mask, each.has)]
    for expression in filter(None, expressions):
        for name in _NAMES.findall(expression):
            yield tuple(key.strip('"') for key in re.findall(r'"[^"]*"|[^."]+', name))
