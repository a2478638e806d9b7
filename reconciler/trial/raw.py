"""What stands in an answer besides the fields: the webhook's own object, what nobody speaks of, and secrets. [pure]

Used by `run.trial_hand` and `run.trial_bench`. A secret is only ever compared; what is told of it is where it stands.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from reconciler.model.secret import Secret
from reconciler.model.webhook import Remote
from reconciler.providers.engine.codec import Codec
from reconciler.providers.engine.extract import find
from reconciler.providers.engine.masked import is_mask
from reconciler.providers.language.fields import SecretWords
from reconciler.trial.types import CREATE, Deviation, Kind


class SecretSeen(NamedTuple):
    """What one read shows of the webhook's secret, as places in its object and never as a value.

    Args:
        value: where it stands in clear; `mask`: where a mask of it may stand, with the mask.
        flags: where a name with `secret` in it is true or false.
        known: what the manifest's own words find: the mask, the flag, and the value.
    """

    value: tuple[str, ...] = ()
    mask: tuple[tuple[str, str], ...] = ()
    flags: tuple[tuple[str, bool], ...] = ()
    known: tuple[str | None, bool | None, Secret | None] = (None, None, None)

    @property
    def places(self) -> frozenset[str]:
        """Where something of it stands, or may."""
        return frozenset((*self.value, *dict(self.mask), *dict(self.flags)))

    @property
    def tells(self) -> bool:
        """Whether anything of it can be seen, so that its loss would be."""
        return bool(self.value or self.mask or self.flags) or any(each is not None for each in self.known)


def object_of(document: Any, remote: Remote, codec: Codec) -> dict[str, Any] | None:
    """The object in an answer that is this webhook; None where there is none."""
    if isinstance(document, dict):
        if codec.id_of(document) == remote.remote_id and codec.read(document) == remote.fields:
            return document
        document = list(document.values())
    if not isinstance(document, list):
        return None
    found = (object_of(each, remote, codec) for each in document)
    return next((each for each in found if each is not None), None)


def seen_of(shown: dict[str, Any] | None, remote: Remote, secrets: frozenset[Secret]) -> SecretSeen:
    """What a read shows of a secret that is one of `secrets`."""
    known = (remote.mask, remote.has_secret, remote.secret)
    if shown is None or not secrets:
        return SecretSeen(known=known)
    texts = [(place, leaf) for place, leaf in _leaves(shown) if isinstance(leaf, str)]
    masks = ((place, text) for place, text in texts if is_mask(text) and _is_of(place, text, secrets))
    flags = ((place, leaf) for place, leaf in _leaves(shown) if isinstance(leaf, bool) and _speaks(place))
    return SecretSeen(
        tuple(place for place, text in texts if Secret(text) in secrets), tuple(masks), tuple(flags), known
    )


def unspoken_of_secret(
    step: str, seen: SecretSeen, shown: dict[str, Any] | None, words: SecretWords
) -> Iterator[Deviation]:
    """Where reads show the secret, or do not show it, and the manifest says otherwise."""
    looked = {place for path in (words.value, words.mask, words.has) if path for place, _ in _found(path, shown)}
    for place in seen.value:
        if place not in looked:
            what = f"reads show the secret in clear at `{place}`"
            yield Deviation(Kind.SECRET_SHOWN, step, "/secret", what, f"secret: {{value: {place}}}")
    for place, _ in seen.mask:
        if place not in looked:
            what = f"reads show a mask of the secret at `{place}`"
            yield Deviation(Kind.SECRET_MASKED, step, "/secret", what, f"secret: {{mask: {place}}}")
    for place, there in seen.flags:
        if there and place not in looked:
            what = f"reads tell at `{place}` that there is a secret"
            yield Deviation(Kind.SECRET_FLAGGED, step, "/secret", what, f"secret: {{has: {place}}}")
    yield from _missing(step, seen, words)


def extra(names: Iterable[str], seen: SecretSeen) -> Iterator[Deviation]:
    """What reads show beside all that the manifest speaks of; it is a fault only once an update takes it away.

    Args:
        names: of what that is.
        seen: what of it is about the secret, which is told by itself.
    """
    for name in sorted({*names} - seen.places):
        what = f"reads show `{name}`, of which the manifest says nothing"
        word = f"options: {{…: {{read: {name}, write: /{name.replace('.', '/')}}}}}"
        yield Deviation(Kind.EXTRA, CREATE, "", what, word, counts=False)


def lost_extras(step: str, before: Iterable[str], after: Iterable[str]) -> Iterator[Deviation]:
    """What the manifest does not speak of, and an update has taken away."""
    for name in sorted({*before} - {*after}):
        what = f"`{name}`, of which the manifest says nothing, is gone after an update"
        yield Deviation(Kind.EXTRA, step, "", what, "update: {body: merge}, or an option for it")


def wiped(step: str, before: SecretSeen, after: SecretSeen) -> Iterator[Deviation]:
    """That the secret is gone, or another, although the write did not send it."""
    if before.known == after.known and _places(before) == _places(after):
        return
    gone = [f"`{place}`" for place in _places(before) if place not in _places(after)]
    now = f"{', '.join(gone)} no longer shows it" if gone else "reads show another one, or none"
    what = f"the secret was not sent, and {now}"
    yield Deviation(Kind.SECRET_WIPED, step, "/secret", what, "secret: {wiped_if_omitted: true}")


def _missing(step: str, seen: SecretSeen, words: SecretWords) -> Iterator[Deviation]:
    """What the manifest says that reads show, and they do not."""
    mask, has, value = seen.known
    told = [("value", words.value, value), ("mask", words.mask, mask or value), ("has", words.has, has or None)]
    for name, path, found in told:
        if path is not None and found is None and not (name == "value" and mask):
            what = f"there is a secret, and reads show nothing of it at `{path}`"
            word = f"secret: leave out `{name}`, or correct it"
            if name == "has" and step == CREATE:
                word += "; if the vendor took no secret, `lifecycle` is another"
            yield Deviation(Kind.SECRET_UNSEEN, step, "/secret", what, word)


def _places(seen: SecretSeen) -> list[str]:
    return [*seen.value, *(place for place, _ in seen.mask), *(place for place, there in seen.flags if there)]


def _found(path: str, shown: dict[str, Any] | None) -> list[tuple[str, Any]]:
    """The places at which a manifest's expression may have found what it finds."""
    found = find(path, shown)
    return [(place, leaf) for place, leaf in _leaves(shown) if leaf == found and type(leaf) is type(found)]


def _is_of(place: str, text: str, secrets: frozenset[Secret]) -> bool:
    return _speaks(place) or any(secret.fits(text) for secret in secrets)


def _speaks(place: str) -> bool:
    """Whether a place is named as one of a secret is."""
    return any(word in place.lower() for word in ("secret", "signing", "token"))


def _leaves(tree: Any, here: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf, with its place as an expression of the manifest would name it."""
    if isinstance(tree, dict):
        for key, inner in tree.items():
            yield from _leaves(inner, f"{here}.{key}" if here else str(key))
    elif isinstance(tree, list):
        for number, item in enumerate(tree):
            yield from _leaves(item, f"{here}[{number}]")
    else:
        yield here, tree
