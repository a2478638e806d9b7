"""Looks behind the references in URLs and options, and lets the run know what is to be hidden.

Called by `run.survey`, `run.audit`, `run.drift` and `cli.adopt`, before any vendor is asked, and after it is known that
the files may have what they ask for; by `run.taken_over` with values that vendors have shown, for files that are not
written yet.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from reconciler.codes import Code
from reconciler.config.addresses import url_fault
from reconciler.config.webhook import hidden_references
from reconciler.errors import Interrupted, Problem, SecretError
from reconciler.matching.index import key_of_place
from reconciler.matching.types import Matched, Matching
from reconciler.model.capabilities import Capabilities
from reconciler.model.equality import canonical
from reconciler.model.hidden import Hidden, Marks, marks_in
from reconciler.model.identity import Named, key_in, rivals
from reconciler.model.secret import Secret, SecretRef
from reconciler.model.template import Template, templates_in
from reconciler.model.webhook import URL, Desired, Fields, Leaf
from reconciler.run.ahead import ask_ahead
from reconciler.run.observe import Observed
from reconciler.run.runtime import Runtime
from reconciler.run.veil import Veil, bound_to, spelled
from reconciler.secrets.digests import ForeseenMarks, HiddenMarks
from reconciler.secrets.filling import Filling
from reconciler.secrets.fingerprint import Fingerprinter
from reconciler.state.lock import Lock

Failures = Mapping[str, Problem]
"""By the names of webhooks: why what is hidden in them cannot be had."""


def unveil(runtime: Runtime, lock: Lock, prints: Fingerprinter, *, offline: bool) -> Failures:
    """Fill the webhooks of `runtime.loaded` with what is hidden in them, and hide that in whatever vendors show.

    Where nobody may look, what the lock keeps stands in for what may be it.

    Args:
        prints: knows the lock's fingerprints.
        offline: look nothing up but variables, which are filled in already.

    Raises:
        Interrupted: the user stopped the run.
    """
    written = runtime.written.desired
    hide_applied(runtime, lock, prints)
    if not any(webhook.hidden for webhook in written):
        return {}
    marks = HiddenMarks(prints)
    looks = runtime.settings.believed and not offline
    schemes = {name: each.schemes for name, each in runtime.written.capabilities_of.items()}

    def fill(webhook: Desired, marks: Marks) -> Desired:
        faulty = partial(url_fault, schemes=schemes[webhook.provider])
        filling = Filling(runtime.resolver.resolve, runtime.redactor.learn, marks, faulty)
        return _filled(webhook, _applied(webhook, lock), filling, looks) if webhook.hidden else webhook

    failures: dict[str, Problem] = {}
    desired = []
    if looks:
        ask_ahead((ref for webhook in written for ref in hidden_references(webhook)), runtime)
    _foresee(written, fill, prints)
    for webhook in written:
        try:
            desired.append(fill(webhook, marks))
        except Interrupted:
            raise
        except SecretError as error:
            failures[webhook.name] = error.of(webhook.name, webhook.provider)
            desired.append(webhook)
    runtime.unveiled(desired, runtime.veil._replace(marks=marks, wanted=dict(_wanted(desired))))
    return {**dict(_doubles(desired, runtime.loaded.capabilities_of)), **failures}


def filled_with(
    webhooks: Sequence[Desired], values: Mapping[str, str], prints: Fingerprinter, runtime: Runtime
) -> tuple[list[Desired], Veil]:
    """Webhooks with what their references will give, and what hides that in whatever vendors show.

    Args:
        webhooks: as the files will have them.
        values: what references are going to give; others are looked up.
        prints: knows the lock's fingerprints.
        runtime: of this run.

    Raises:
        SecretError: a value cannot be had, or hidden.
        Interrupted: the user stopped the run.
    """

    def resolve(ref: SecretRef) -> Secret:
        known = values.get(str(ref))
        return Secret(known) if known is not None else runtime.resolver.resolve(ref)

    marks, capabilities_of = HiddenMarks(prints), runtime.loaded.capabilities_of
    made = []
    for webhook in webhooks:
        faulty = partial(url_fault, schemes=capabilities_of[webhook.provider].schemes)
        filling = Filling(resolve, runtime.redactor.learn, marks, faulty)
        made.append(_filled(webhook, Fields(), filling, looks=True) if webhook.hidden else webhook)
    return made, Veil(marks, dict(_wanted(made)))


def _foresee(written: Iterable[Desired], fill: Callable[[Desired, Marks], Desired], prints: Fingerprinter) -> None:
    """Do what is slow about all hidden values at once, before each is looked at.

    Raises:
        Interrupted: the user stopped the run.
    """
    foreseen = ForeseenMarks()
    for webhook in written:
        with suppress(SecretError):  # told where it is filled
            fill(webhook, foreseen)
    foreseen.prepare(prints)


def hide_applied(runtime: Runtime, lock: Lock, prints: Fingerprinter) -> None:
    """Hide in whatever vendors show what the lock keeps hidden, without looking anything up."""
    kept = {
        (entry.provider, entry.remote_id): bound_to(entry)
        for entry in lock.entries.values()
        if entry.remote_id is not None and any(map(marks_in, entry.applied.values()))
    }
    runtime.veil = Veil(HiddenMarks(prints), {}, kept) if kept else Veil()


def blocked(matching: Matching, failures: Failures) -> Matching:
    """The matching in which nothing is done with webhooks whose hidden values cannot be had."""
    if not failures:
        return matching
    stopped = {name: _stopped(matching.matched[name], failures[name]) for name in failures if name in matching.matched}
    return matching._replace(matched={**matching.matched, **stopped})


def covered(matching: Matching, desired: Mapping[str, Desired], veil: Veil) -> Matching:
    """The matching in which a webhook's own remote shows nothing that the file hides, whatever the vendor has there."""
    made = {}
    for name, found in matching.matched.items():
        if found.remote is not None and name in desired and desired[name].hidden:
            fields = veil.ours(desired[name], found.remote.fields)
            if fields is not found.remote.fields:
                made[name] = found._replace(remote=found.remote._replace(fields=fields))
    return matching._replace(matched={**matching.matched, **made}) if made else matching


def covered_places(observed: Observed, before: Matching, after: Matching) -> Observed:
    """What was seen, with the remotes of the one matching in the place of those of the other."""
    pairs = ((found.remote, after.matched[name].remote) for name, found in before.matched.items())
    instead = {id(old): new for old, new in pairs if old is not None and new is not None and new is not old}
    if not instead:
        return observed
    places = {
        place: seen._replace(remotes=tuple(instead.get(id(remote), remote) for remote in seen.remotes))
        for place, seen in observed.places.items()
    }
    return observed._replace(places=places)


def _doubles(desired: Sequence[Desired], capabilities_of: Mapping[str, Capabilities]) -> Iterator[tuple[str, Problem]]:
    """Webhooks that turn out to mean one remote webhook, which the files did not tell before anybody looked."""
    named: dict[object, dict[int, Named]] = defaultdict(dict)
    for at, webhook in enumerate(desired):
        capabilities, fields = capabilities_of[webhook.provider], webhook.fields
        pointers = key_in(webhook, capabilities)
        if pointers and all(pointer in fields for pointer in pointers):
            place = key_of_place(webhook.address, capabilities), None if webhook.scope else webhook.provider
            values = tuple(canonical(pointer, fields[pointer], capabilities) for pointer in pointers)
            named[place][at] = Named(pointers, values)
    for first, second in (pair for keys in named.values() for pair in rivals(keys)):
        one, other = desired[first], desired[second]
        if one.hidden or other.hidden:
            what = f"{one.name} and {other.name} mean the same remote webhook: what is hidden in them is the same"
            for each in (one, other):
                hint = "give each a value of its own"
                yield each.name, Problem("config", what, hint, each.provider, each.name, code=Code.SAME_REMOTE)


class _Looked(NamedTuple):
    """A leaf, and whether it was looked up whole."""

    leaf: Leaf
    looked: bool


def _filled(webhook: Desired, known: Fields, filling: Filling, looks: bool) -> Desired:
    found = {
        pointer: _leaf(webhook.fields[pointer], known.get(pointer), pointer, filling, looks)
        for pointer in webhook.hidden
    }
    fields = Fields((pointer, each.leaf) for pointer, each in found.items()).over(webhook.fields)
    return webhook._replace(fields=fields, unlooked=not all(each.looked for each in found.values()))


def _leaf(leaf: Leaf, known: object, pointer: str, filling: Filling, looks: bool) -> _Looked:
    if not looks and any(template.references for template in templates_in(leaf)):
        return _Looked(_assumed(leaf, known, pointer), looked=False)
    if isinstance(leaf, tuple):
        texts = known if isinstance(known, tuple) and len(known) == len(leaf) else [None] * len(leaf)
        pairs = zip(leaf, texts, strict=True)
        return _Looked(tuple(_item(item, text, pointer, filling) for item, text in pairs), looked=True)
    made = _item(leaf, known, pointer, filling)
    return _Looked(made if isinstance(made, str) else leaf, looked=True)


def _item(item: object, known: object, pointer: str, filling: Filling) -> object:
    if not isinstance(item, Template):
        return item
    return filling.text(item, pointer, known if isinstance(known, str) else "")


def _assumed(leaf: Leaf, known: object, pointer: str) -> Leaf:
    """What the lock keeps, where that may be what is written: only who looks behind the references could tell."""
    if isinstance(leaf, tuple):
        if isinstance(known, tuple) and len(known) == len(leaf):
            return tuple(_assumed_item(item, text, pointer) for item, text in zip(leaf, known, strict=True))
        return leaf
    made = _assumed_item(leaf, known, pointer)
    return made if isinstance(made, str) else leaf


def _assumed_item(item: object, known: object, pointer: str) -> object:
    may_be = isinstance(item, Template) and isinstance(known, str) and item.may_be(known, is_url=pointer == URL)
    return known if may_be else item


def _applied(webhook: Desired, lock: Lock) -> Fields:
    names = (name for name in (webhook.name, *webhook.was) if name in lock.entries)
    return next((lock.entries[name].applied for name in names), Fields())


def _wanted(desired: list[Desired]) -> Iterator[tuple[tuple[str, str, object], Leaf]]:
    for webhook in desired:
        for pointer in webhook.hidden:
            leaf = webhook.fields[pointer]
            if isinstance(leaf, Hidden) or (isinstance(leaf, tuple) and any(isinstance(each, Hidden) for each in leaf)):
                yield (webhook.provider, pointer, spelled(pointer, leaf)), leaf


def _stopped(found: Matched, problem: Problem) -> Matched:
    return found if found.problem is not None else found._replace(problem=problem)
