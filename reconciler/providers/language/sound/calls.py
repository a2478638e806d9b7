"""What calls say of fields: only of such as they can send, and every field can be set by one. [pure]

Used by `providers.language.sound`.
"""

from collections.abc import Iterator

from reconciler.codes import Code
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.language.sound.fault import Fault, Path, calls, place_of
from reconciler.providers.language.words import Operation

EVENTS = "/events"
_CALLS = Code.MANIFEST_CALLS


def speaks_of_what_it_sends(manifest: Manifest) -> Iterator[Fault]:
    """`covers`, `always`, `resend` and `needs` name no field that is absent, or that such a call cannot set."""
    for at, create in enumerate(manifest.create):
        for index, pointer in enumerate(create.needs):
            yield from _unsendable(manifest, ("create", at, "needs", index), pointer, late="update")
    for at, update in enumerate(manifest.update):
        lists = (("covers", update.covers or ()), ("always", update.always))
        named: list[tuple[Path, str]] = [
            ((word, index), pointer) for word, pointers in lists for index, pointer in enumerate(pointers)
        ]
        named += [(("resend", pointer), pointer) for pointer in update.resend]
        named += [
            (("resend", by, index), p) for by, pointers in update.resend.items() for index, p in enumerate(pointers)
        ]
        for place, pointer in named:
            yield from _unsendable(manifest, ("update", at, *place), pointer, late="create")
    yield from _shown_keys(manifest)


def _shown_keys(manifest: Manifest) -> Iterator[Fault]:
    """What tells no webhooks apart, since no read shows it."""
    for word, pointers in (("natural_key", manifest.natural_key), ("further_key", manifest.further_key)):
        for index, pointer in enumerate(pointers):
            if pointer in manifest.secret_words() or manifest.lenses()[pointer].absent:
                what = f"`{pointer[1:]}` tells no webhooks apart: the vendor does not show it"
                yield Fault((word, index), what, "name fields that reads show", _CALLS)


def _unsendable(manifest: Manifest, path: Path, pointer: str, late: str) -> Iterator[Fault]:
    """Why a call cannot send a field; `late`: what the field's `sets` must not be."""
    name, verb = pointer[1:].replace("/", "."), "create" if late == "update" else "update"
    if (words := manifest.secret_words().get(pointer)) is not None:
        if words.write is None:
            yield Fault(path, "no body has a place for the secret", "say where: `secret: {write: …}`", _CALLS)
        elif verb == "update" and not words.settable_later:
            what = "the secret is not settable later, so no update can send it"
            yield Fault(path, what, "leave it out, or `settable_later`", _CALLS)
        return
    lens = manifest.lenses()[pointer]
    if lens.write is None:
        yield Fault(path, f"{name} is absent, so no {verb} can send it", "leave it out", _CALLS)
    elif lens.sets == late:
        yield Fault(path, f"{name} has `sets: {late}`, so no {verb} can send it", "leave it out", _CALLS)


def every_field_is_changed_by_some(manifest: Manifest) -> Iterator[Fault]:
    """A field that no update covers would be planned as an update and then refused."""
    covered = [update.covers for update in manifest.update]
    for pointer, lens in manifest.lenses().items():
        if lens.write is None or lens.sets == "create" or _is_covered(pointer, covered):
            continue
        if manifest.fan_out is not None and pointer == EVENTS:
            continue
        name = pointer[1:].replace("/", ".")
        if lens.sets == "update":
            what, right = f"{name} is set by updates only, and none covers it", "let one cover it"
        else:
            what = f"no update covers {name}"
            right = "add it to `covers`; or, where the vendor cannot change it, say `sets: create`"
        yield Fault((*place_of(pointer), "write"), what, right, _CALLS)


def _is_covered(pointer: str, covered: list[tuple[str, ...] | None]) -> bool:
    return any(covers is None or pointer in covers for covers in covered)


def believes_something(manifest: Manifest) -> Iterator[Fault]:
    """`ok` lists statuses of success; without one no answer would ever be believed."""
    for call in calls(manifest):
        if isinstance(call.words, Operation):
            wrong = [status for status in call.words.ok if not 200 <= status <= 299]
            if wrong or not call.words.ok:
                what = f"{wrong[0]} is no status of success" if wrong else "no status means success here"
                yield Fault((*call.path, "ok"), what, "list statuses from 200 to 299", _CALLS)
            if set(call.words.ok) == {204} and call.words.ok_when is not None:
                what = "a 204 has no body in which this could hold, so that no success would be believed"
                yield Fault((*call.path, "ok_when"), what, "leave it out, or correct `ok`", _CALLS)


RULES = (speaks_of_what_it_sends, every_field_is_changed_by_some, believes_something)
