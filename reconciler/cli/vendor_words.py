"""What a vendor's API is, in words for people: in a row of a list, and in sentences.

Used by `cli.providers`, and for the pages of the website. Each sentence follows from what the manifest says, so no
vendor is named here.
"""

from collections.abc import Iterator

from reconciler.model.capabilities import Capabilities
from reconciler.model.secret import SecretSemantics
from reconciler.model.webhook import EVENTS
from reconciler.providers.vendor import Vendor

READS = {
    "list": "lists webhooks",
    "by_id": "reads by id, no list",
    "singleton": "one webhook per account",
    "none": "cannot be read",
}
RETIRES = {"delete": "deletes", "deactivate": "switches off, no delete", "none": "no delete"}
SECRETS = {
    "supplied": "secret: ours",
    "issued": "secret: issued by the vendor",
    "either": "secret: ours or issued",
    "account": "secret: one for the account",
    "none": "no secret",
}
PROOFS = ("server", "spec", "docs", "unverified")
_UNREAD = (
    "It cannot be read. Plans compare with the lock and say *unverified*; `whsync apply --reassert` sends all again."
)
_BY_ID = (
    "Nobody can look for a webhook without its id. Bind one that exists with `whsync adopt NAME --id ID`; "
    "a create whose answer was lost stops and asks."
)
_ONE = "An account has one webhook: two of them for one account are an error."


def ways(vendor: Vendor) -> str:
    """The ways to authenticate, by the names of what each needs."""
    return " or ".join(" + ".join(scheme.needs) for scheme in vendor.schemes) or "no credentials"


def abilities(capabilities: Capabilities) -> Iterator[str]:
    """What the API can do, in a few words each."""
    yield READS[capabilities.read]
    yield RETIRES[capabilities.retire]
    yield SECRETS[capabilities.secret.lifecycle]
    if capabilities.secrets:
        yield f"further secrets: {', '.join(which for which, _ in capabilities.secrets)}"
    if capabilities.secret.reissues or capabilities.secret.takes:
        yield "rotates secrets" + (
            f", the old one stays valid for {capabilities.secret.grace}" if capabilities.secret.grace else ""
        )
    if capabilities.fan_out:
        yield "one call per event"


def verified(vendor: Vendor) -> dict[str, str]:
    """How each kind of fact is known, where it is a manifest's; see `language.manifest.Verified`."""
    words = getattr(getattr(vendor, "manifest", None), "verified", None)
    return dict(words) if words is not None else {}


def known(vendor: Vendor) -> str:
    """That in a few words, the best proof first and what nothing proves by name."""
    facts = verified(vendor)
    proofs = [proof for proof in ("server", "spec", "docs") if proof in facts.values()]
    doubts = [name for name, proof in facts.items() if proof == "unverified"]
    known = f"known from {', '.join(proofs)}" if proofs else "unverified"
    return f"{known}, unverified: {', '.join(doubts)}" if proofs and doubts else known


def sentences(vendor: Vendor) -> Iterator[str]:
    """What somebody needs to know who meets this vendor for the first time."""
    able = vendor.capabilities
    places = [" and ".join(names) for names in able.scope if names]
    everywhere = not places or () in able.scope
    yield f"{vendor.title}: a webhook hangs on {' or on '.join([*places, *(['the account'] * everywhere)])}."
    given = " + ".join(vendor.schemes[0].needs) if vendor.schemes else ""
    usual = [vendor.variables[name] for name in vendor.schemes[0].needs if name in vendor.variables] if given else []
    if given:
        yield f"whsync proves itself with {given}" + (f", by default from {' and '.join(usual)}." if usual else ".")
    yield _LOOKS[able.read] + (", and can delete it." if able.retire == "delete" else ".")
    yield from _of_fields(able)
    yield from _of_events(able)
    _, *more = of_secret(able.secret)
    yield " ".join([f"The secret: {_OWNERS[able.secret.lifecycle]}.", *more]).replace("*", "")
    yield from (hazard.replace("*", "") for hazard in list(hazards(able))[:-1])
    yield f"All this is {known(vendor)}."


_OWNERS = {
    "supplied": "you give it",
    "issued": "the vendor issues it",
    "either": "you give it, or the vendor issues it",
    "account": "one for the whole account, which whsync leaves alone",
    "none": "there is none",
}
_LOOKS = {
    "list": "It finds every webhook in the vendor's list, so one made by hand is adopted and never made twice",
    "by_id": "It reads a webhook by its id, and has no list to look for one",
    "singleton": "There is one webhook, which it reads",
    "none": "The vendor shows no webhook, so it compares with what it applied last",
}


def _of_fields(able: Capabilities) -> Iterator[str]:
    fixed = sorted(_named(pointer) for pointer in able.immutable)
    free = sorted(_named(pointer) for pointer in able.writable - able.immutable)
    if free:
        yield f"It manages and changes {', '.join(free)}."
    if fixed:
        yield f"Another {' or '.join(fixed)} makes a new webhook in the place of the old one."
    for pointer, reason in able.missing:
        yield f"There {'are' if pointer == EVENTS else 'is'} no {_named(pointer)}: {reason}."


def _of_events(able: Capabilities) -> Iterator[str]:
    events = able.events
    if EVENTS not in able.writable:
        return
    others = "whether there is another one, a plan asks the vendor" if events.lists else "others are sent as they stand"
    if events.closed:
        others = "a file with another one is refused"
    if events.names:
        yield f"whsync knows {len(events.names)} of its events; {others}."
    else:
        yield "Which events there are, a plan asks the vendor." if events.lists else "Events are sent as they stand."


def _named(pointer: str) -> str:
    """A field as a file has it: `url`, `options.content_type`."""
    return pointer.removeprefix("/").replace("/", ".")


def of_secret(semantics: SecretSemantics) -> Iterator[str]:
    """What becomes of a webhook's secret, in sentences."""
    yield SECRETS[semantics.lifecycle].removeprefix("secret: ").capitalize() + "."
    if semantics.reason:
        yield semantics.reason + "."
    if semantics.readable:
        yield "Reads show it, so that a lost copy is stored again."
    if semantics.masked:
        yield "Reads show a mask in its place. A mask is never stored, and one that changes is told."
    if semantics.fetchable:
        yield "A call of its own shows it."
    if semantics.lifecycle in ("issued", "either") and not (semantics.readable or semantics.fetchable):
        yield "It is shown once. If that answer is lost, it is *owed*: every plan and apply say so and end with 1."
    if semantics.reissues or semantics.takes:
        old = f"; the old one stays valid for {semantics.grace}" if semantics.grace else ""
        yield f"`whsync rotate NAME` replaces it by a call of its own{old}."


def hazards(able: Capabilities) -> Iterator[str]:
    """What may surprise, in sentences; each follows from what the manifest says of the API."""
    looks = {"none": _UNREAD, "by_id": _BY_ID, "singleton": _ONE}
    if able.read in looks:
        yield looks[able.read]
    if able.partial:
        yield f"Its list may hide some: {able.partial}. A plan that makes a webhook then says so."
    if able.secret.wiped_if_omitted:
        yield "An update that leaves the secret out may wipe it. whsync sends it again, or changes nothing beside it."
    if able.retire == "deactivate":
        yield "It has no delete. Pruning switches the webhook off and keeps its id in the lock."
    if able.retire == "none":
        yield "Nothing can be taken away. `--prune` is refused; `whsync state rm NAME` lets go of it."
    if able.fan_out:
        yield "A webhook of several events is several calls, each recorded by itself."
    if able.delete_first:
        yield "A replacement deletes the old webhook first, since two cannot stand beside each other."
    if able.account == "untold":
        yield "Nobody can tell whose key is used, so another account's key is not noticed by itself."
    yield "Deliveries are not looked at: whsync registers webhooks, and neither receives nor tests them."
