"""Built-in manifests as they came out of their check, kept where Python keeps what it has compiled.

Used by `providers.registry`. To build the models that check a manifest takes longer than a small plan, and what a
manifest comes to is always the same. So that lies in `__pycache__` beside it, by Python's own rules: it counts only
as long as nothing has changed that it was made of, is not written where Python writes nothing, and is believed as much
as compiled modules are, since who may write the one may write the other. Where there is none, nothing is lost but time.
"""

import hashlib
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

from pydantic import VERSION

from reconciler import __version__
from reconciler.providers.language.manifest import Manifest

_PACKAGE = Path(__file__).parents[1]
_DECIDES = ("providers", "providers/language", "providers/language/sound", "model", "support", "codes", ".")
"""The folders, below the package, with the code that makes a manifest of a text."""


class _OnlyOurs(pickle.Unpickler):
    """Reads the words of manifests, and nothing else that bytes could name."""

    def find_class(self, module: str, name: str) -> Any:
        """See pickle.Unpickler."""
        if not module.startswith("reconciler.providers.language."):
            raise pickle.UnpicklingError(f"{module}.{name} is no word of a manifest")
        return super().find_class(module, name)


def kept(source: Path, text: bytes, make: Callable[[], Manifest]) -> Manifest:
    """The manifest that `make` makes of `text`, or has made of it before.

    Args:
        source: the manifest's file.

    Raises:
        whatever `make` raises; then nothing is kept.
    """
    place, digest = _place(source), _digest(text)
    with suppress(Exception):  # whatever is wrong with what lies there, it can be made anew
        found = place.read_bytes()
        if found.startswith(digest):
            manifest = _read(found[len(digest) :])
            if isinstance(manifest, Manifest):
                return manifest
    manifest = make()
    if not sys.dont_write_bytecode:
        _keep(place, digest + pickle.dumps(manifest))
    return manifest


def _place(source: Path) -> Path:
    return Path(cache_from_source(str(source.with_suffix(".py")))).with_suffix(".manifest")


def _read(data: bytes) -> object:
    from io import BytesIO

    return _OnlyOurs(BytesIO(data)).load()


def _keep(place: Path, data: bytes) -> None:
    """Write it whole or not at all; where that is not possible, the next run checks the manifest again."""
    unfinished = place.with_name(f"{place.name}.{os.getpid()}")
    try:
        place.parent.mkdir(exist_ok=True)
        unfinished.write_bytes(data)
        unfinished.replace(place)
    except OSError:
        with suppress(OSError):
            unfinished.unlink()


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(_code() + text).digest()


@cache
def _code() -> bytes:
    """What all manifests are made by: versions, and of each file of code its size and when it was changed."""
    return repr((__version__, VERSION, sorted(_sources()))).encode()


def _sources() -> Iterator[tuple[str, str, int, int]]:
    for folder in _DECIDES:
        with os.scandir(_PACKAGE / folder) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    seen = entry.stat()
                    yield folder, entry.name, seen.st_size, int(seen.st_mtime)  # whole seconds pass every archive
