"""The words for secrets go together. [pure] Used by `providers.language.sound`."""

from collections.abc import Iterator

from reconciler.codes import Code
from reconciler.providers.language.fields import SecretWords
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.language.sound.fault import Fault, Path, place_of_secret
from reconciler.providers.language.words import Update

OF_OURS = ("write", "wiped_if_omitted", "length", "alphabet", "prefix", "bytes")
_SECRET = Code.MANIFEST_SECRET


def has_a_place(manifest: Manifest) -> Iterator[Fault]:
    """A secret of ours is written somewhere, one of the vendor's is shown somewhere."""
    for pointer, words in manifest.secret_words().items():
        yield from _has_a_place(words, (*place_of_secret(pointer), "lifecycle"))


def _has_a_place(words: SecretWords, at: Path) -> Iterator[Fault]:
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
    for pointer, words in manifest.secret_words().items():
        yield from _says_in_vain(words, place_of_secret(pointer))


def further_ones_are_ours(manifest: Manifest) -> Iterator[Fault]:
    """Of several secrets only the first may be one that the vendor makes, or have calls of its own."""
    for which, words in manifest.secrets.items():
        if which == "secret":
            yield Fault(("secrets", which), "`secret` means the first one", "give it another name", _SECRET, key=True)
        if words.lifecycle != "supplied":
            what = f"a further secret is one of ours, and this is `lifecycle: {words.lifecycle}`"
            right = "say `lifecycle: supplied`; one that the vendor issues is the manifest's `secret`"
            yield Fault(("secrets", which, "lifecycle"), what, right, _SECRET)
        for word in ("fetch", "rotate", "reason"):
            if word in words.model_fields_set:
                what = f"`{word}` is for the first secret"
                yield Fault(
                    ("secrets", which, word), what, "leave it out, or let it be the `secret`", _SECRET, key=True
                )


def _says_in_vain(words: SecretWords, at: Path) -> Iterator[Fault]:
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
            yield Fault((*at, word), what, "leave it out, or correct the `lifecycle`", _SECRET, key=True)


def can_be_set_later(manifest: Manifest) -> Iterator[Fault]:
    """A secret that updates can set is covered by one."""
    for pointer, words in manifest.secret_words().items():
        if words.write is None or not words.settable_later or words.lifecycle not in ("supplied", "either"):
            continue
        covered = any(update.covers is None or pointer in update.covers for update in manifest.update)
        if not covered and (words.rotate is None or words.rotate.write is None):
            what = "no update covers the secret, although it is settable later"
            right = f"add `{pointer}` to `covers`, or say `settable_later: false`"
            yield Fault((*place_of_secret(pointer), "write"), what, right, _SECRET)


def is_wiped_by_something(manifest: Manifest) -> Iterator[Fault]:
    """`wiped_if_omitted` beside updates that all keep the secret, or cannot touch it, is not true."""
    for pointer, words in manifest.secret_words().items():
        if not words.wiped_if_omitted or words.write is None:
            continue
        if not any(_may_wipe(update, words.write, pointer) for update in manifest.update):
            what = "every update keeps the secret, or has nothing to do with it, so that none wipes it"
            at = (*place_of_secret(pointer), "wiped_if_omitted")
            yield Fault(at, what, "leave one of the two out", _SECRET, key=True)


def _may_wipe(update: Update, write: str, pointer: str) -> bool:
    kept = any(part in ("", write) or write.startswith(part + "/") for part in update.keeps)
    return not kept and (bool(update.regions) or update.covers is None or pointer in update.covers)


RULES = (has_a_place, says_nothing_in_vain, further_ones_are_ours, can_be_set_later, is_wiped_by_something)
