"""The words for secrets go together. [pure] Used by `providers.language.sound`."""

from collections.abc import Iterator

from reconciler.codes import Code
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.language.sound.fault import Fault
from reconciler.providers.language.words import Update

OF_OURS = ("write", "wiped_if_omitted", "length", "alphabet", "prefix", "bytes")
_SECRET = Code.MANIFEST_SECRET


def has_a_place(manifest: Manifest) -> Iterator[Fault]:
    """A secret of ours is written somewhere, one of the vendor's is shown somewhere."""
    words, at = manifest.secret, ("secret", "lifecycle")
    rotate = words.rotate
    if words.lifecycle in ("supplied", "either") and words.write is None and (rotate is None or rotate.write is None):
        what = f"`lifecycle: {words.lifecycle}` takes secrets of ours, and no body has a place for one"
        yield Fault(at, what, "say where: `write: /secret`", _SECRET)
    shown = (words.issued, words.value, words.fetch, rotate and rotate.issued)
    if words.lifecycle == "issued" and not any(shown):
        what = "`lifecycle: issued` stores the vendor's secret, and no answer shows one"
        right = "say where: `issued: secret`, `value` or `fetch`; or `lifecycle: none` with the `reason`"
        yield Fault(at, what, right, _SECRET)


def says_nothing_in_vain(manifest: Manifest) -> Iterator[Fault]:
    """Words that do nothing with this lifecycle."""
    words = manifest.secret
    takes_ours = words.lifecycle in ("supplied", "either")
    vain: list[tuple[str, str]] = []
    if not takes_ours:
        vain = [(word, "secrets of ours") for word in OF_OURS]
    elif words.write is None:
        vain = [("wiped_if_omitted", "a `write`")]
    if words.lifecycle in ("supplied", "account", "none"):
        vain += [("issued", "secrets of the vendor's"), ("issued_by", "secrets of the vendor's")]
    for word, only in vain:
        if word in words.model_fields_set:
            what = f"`{word}` is for {only}, and this is `lifecycle: {words.lifecycle}`"
            yield Fault(("secret", word), what, "leave it out, or correct the `lifecycle`", _SECRET, key=True)


def can_be_set_later(manifest: Manifest) -> Iterator[Fault]:
    """A secret that updates can set is covered by one."""
    words = manifest.secret
    if words.write is None or not words.settable_later or words.lifecycle not in ("supplied", "either"):
        return
    covered = any(update.covers is None or "/secret" in update.covers for update in manifest.update)
    if not covered and (words.rotate is None or words.rotate.write is None):
        what = "no update covers the secret, although it is settable later"
        yield Fault(("secret", "write"), what, "add `/secret` to `covers`, or say `settable_later: false`", _SECRET)


def is_wiped_by_something(manifest: Manifest) -> Iterator[Fault]:
    """`wiped_if_omitted` beside updates that all keep the secret, or cannot touch it, is not true."""
    words = manifest.secret
    if not words.wiped_if_omitted or words.write is None:
        return
    if not any(_may_wipe(update, words.write) for update in manifest.update):
        what = "every update keeps the secret, or has nothing to do with it, so that none wipes it"
        yield Fault(("secret", "wiped_if_omitted"), what, "leave one of the two out", _SECRET, key=True)


def _may_wipe(update: Update, write: str) -> bool:
    kept = any(part in ("", write) or write.startswith(part + "/") for part in update.keeps)
    return not kept and (bool(update.regions) or update.covers is None or "/secret" in update.covers)


RULES = (has_a_place, says_nothing_in_vain, can_be_set_later, is_wiped_by_something)
