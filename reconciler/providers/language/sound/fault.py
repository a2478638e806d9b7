"""What a check of a manifest finds. [pure] Used by all of `providers.language.sound`, and by `providers.registry`."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from reconciler.codes import Code
from reconciler.model.further import which_of
from reconciler.providers.language.manifest import Manifest
from reconciler.support.hints import did_you_mean

Path = tuple[str | int, ...]


class Fault(NamedTuple):
    """One thing that is wrong: where in the manifest, what it is, and what would be right.

    `key`: the place is a key rather than its value.
    """

    path: Path
    what: str
    right: str
    code: Code
    key: bool = False


class Call(NamedTuple):
    """One call that a manifest can make: where it stands, its words, and what it is for."""

    path: Path
    words: Any
    role: str


def calls(manifest: Manifest) -> Iterator[Call]:
    """Every call of a manifest that has a path."""
    for role in ("create", "update", "retire", "read"):
        for at, words in enumerate(getattr(manifest, role)):
            yield from ([Call((role, at), words, role)] if _is_call(words) else ())
            one = getattr(words, "one", None)
            yield from ([Call((role, at, "one"), one, "one")] if _is_call(one) else ())
            beside = getattr(words, "beside", {}).items()
            yield from (Call((role, at, "beside", key), each, "beside") for key, each in beside)
    single = (("probe", manifest.probe), ("account", manifest.account))
    yield from (Call((role,), words, role) for role, words in single if words is not None)
    secret = (("fetch", manifest.secret.fetch), ("rotate", manifest.secret.rotate))
    yield from (Call(("secret", role), words, role) for role, words in secret if words is not None)
    for at, way in enumerate(manifest.scope):
        if way.place is not None:
            yield Call(("scope", at, "place"), way.place, "place")


def _is_call(words: object) -> bool:
    return hasattr(words, "path")


def place_of(pointer: str) -> Path:
    """Where the lens of a field stands: `/url` is `fields.url`, `/options/tag` is `options.tag`."""
    name = pointer[1:]
    return ("options", name.removeprefix("options/")) if name.startswith("options/") else ("fields", name)


def place_of_secret(pointer: str) -> Path:
    """Where a manifest has its words on the secret of this pointer."""
    which = which_of(pointer)
    return ("secrets", which) if which else ("secret",)


def nearest(word: str, known: Iterable[str]) -> str:
    """`did you mean …?`, or else what there is."""
    names = sorted(known)
    return did_you_mean(word, names) or (f"there are: {', '.join(names)}" if names else "there is none")


def words_in(names: Iterable[str]) -> str:
    """Names in backticks, with commas."""
    return ", ".join(f"`{name}`" for name in names)
