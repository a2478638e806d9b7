"""The laws that every manifest keeps, unasked: lenses, plans that tell the truth, convergence."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.model.action import Action
from reconciler.model.secret import Secret
from reconciler.model.webhook import Fields, Observation
from reconciler.providers.protocol import ChangeRequest, OurSecret, Progress, Rotates
from reconciler.providers.rehearse import BASE_URL, Outcome, drive
from tests.manifests.every import (
    MANIFESTS,
    Anyone,
    everything_in,
    in_reach,
    is_fanned,
    needed_by,
    personal,
    wanted,
    within,
)

SECRET = Secret("a-secret-of-ours")
every_manifest = pytest.mark.parametrize("name", MANIFESTS)


def planned(vendor: Anyone, action: Action, request: ChangeRequest) -> list[tuple[str, str]]:
    """The plan's calls, the id filled in."""
    calls = vendor.provider.calls(action, request)
    return [(call.method, call.url.replace("{id}", vendor.ids[0])) for call in calls]


def made(outcome: Outcome) -> list[tuple[str, str]]:
    """The writes that were sent."""
    return [(call.method, BASE_URL + call.path) for call in outcome.calls if call.writes]


def last(outcome: Outcome) -> Progress:
    """What is true in the end; the change must have succeeded."""
    assert outcome.error is None
    return outcome.progress[-1]


def as_sets(vendor: Anyone, fields: Fields) -> Fields:
    """The fields, with lists that are kept as sets in one order."""
    unordered = vendor.provider.capabilities.unordered
    return Fields({p: tuple(sorted(leaf)) if p in unordered else leaf for p, leaf in fields.items()})  # type: ignore[type-var,arg-type]


def request_for(vendor: Anyone, fields: Fields, **more: Any) -> ChangeRequest:
    """A change request for the vendor's only webhook."""
    return ChangeRequest("hook", vendor.scope, fields, **more)


@every_manifest
@settings(max_examples=40)
@given(data=st.data())
def test_what_is_written_reads_back_the_same(name: str, data: st.DataObject) -> None:
    """Put-get: a webhook created with some fields is read with exactly these, as far as its vendor can be read."""
    vendor = Anyone(MANIFESTS[name])
    fields = data.draw(wanted(MANIFESTS[name]))
    drive(vendor.provider.create(request_for(vendor, fields, secret=SECRET)), vendor)
    seen: Observation = drive(vendor.provider.observe(vendor.scope, frozenset(vendor.ids)), vendor).result
    for remote in seen.remotes:
        assert remote.fields.only(fields) == fields.only(remote.fields)
        assert set(fields) - set(remote.fields) <= vendor.provider.capabilities.unreadable
        assert remote.mark == ("hook" if vendor.provider.capabilities.marks else None)
    assert len(seen.remotes) == (1 if seen.readable else 0)


@every_manifest
@settings(max_examples=40)
@given(data=st.data())
def test_writing_what_was_read_changes_nothing(name: str, data: st.DataObject) -> None:
    """Get-put: an update that sends every field as it was read changes nothing that the vendor shows."""
    vendor = Anyone(MANIFESTS[name])
    fields = data.draw(wanted(MANIFESTS[name]))
    drive(vendor.provider.create(request_for(vendor, fields, secret=SECRET)), vendor)
    seen: Observation = drive(vendor.provider.observe(vendor.scope, frozenset(vendor.ids)), vendor).result
    for remote in seen.remotes:
        capabilities = vendor.provider.capabilities
        before = vendor.shown()
        kept = in_reach(MANIFESTS[name], remote.fields.only(sorted(capabilities.writable - capabilities.immutable)))
        more = {"changes": frozenset(kept), "remote": remote, "remote_id": remote.remote_id, "secret": SECRET}
        whole = remote.fields if is_fanned(vendor.manifest) else kept  # an event's object is made with all of them
        last(drive(vendor.provider.update(request_for(vendor, whole, **more)), vendor))
        assert vendor.api.codec.read(vendor.shown()) == remote.fields
        assert within(before, vendor.shown())


@every_manifest
@settings(max_examples=40)
@given(data=st.data())
def test_a_create_makes_the_planned_calls_and_reaches_what_is_wanted(name: str, data: st.DataObject) -> None:
    """The plan of a create names exactly the writes that the create sends, and afterwards all is as wanted."""
    vendor = Anyone(MANIFESTS[name])
    fields = data.draw(wanted(MANIFESTS[name]))
    request = request_for(vendor, fields, secret=data.draw(st.sampled_from([None, SECRET])))
    plan = planned(vendor, Action.CREATE, request)
    outcome = drive(vendor.provider.create(request), vendor)
    assert made(outcome) == plan
    assert last(outcome).fields.only(fields) == fields
    assert last(outcome).ignored == ()


@every_manifest
@settings(max_examples=40)
@given(data=st.data())
def test_an_update_makes_the_planned_calls_and_reaches_what_is_wanted(name: str, data: st.DataObject) -> None:
    """The plan of an update names exactly the writes that the update sends, and a further update needs none."""
    vendor = Anyone(MANIFESTS[name])
    before, after = data.draw(wanted(MANIFESTS[name])), data.draw(wanted(MANIFESTS[name]))
    after = in_reach(MANIFESTS[name], after.only(sorted(set(after) - vendor.provider.capabilities.immutable)))
    first = last(drive(vendor.provider.create(request_for(vendor, before)), vendor))
    seen: Observation = drive(vendor.provider.observe(vendor.scope, frozenset(vendor.ids)), vendor).result
    remote = seen.remotes[0] if seen.remotes else None
    base = remote.fields if remote else before
    changes = frozenset(pointer for pointer in after if after[pointer] != base.get(pointer))
    parts = {"parts": first.parts, "orphan_parts": first.orphan_parts}
    more = {"changes": changes, "remote": remote, "remote_id": first.remote_id, "secret": SECRET, **parts}
    plan = planned(vendor, Action.UPDATE, request_for(vendor, after, **more))
    outcome = drive(vendor.provider.update(request_for(vendor, after, **more)), vendor)
    done = last(outcome)
    assert made(outcome) == plan
    assert as_sets(vendor, done.fields.only(after)) == as_sets(vendor, after)
    again = request_for(vendor, after, parts=done.parts, orphan_parts=done.orphan_parts, remote_id=done.remote_id)
    if is_fanned(vendor.manifest):  # what is listed is known by its objects, and not by the lock
        later: Observation = drive(vendor.provider.observe(vendor.scope, frozenset(vendor.ids)), vendor).result
        again = again._replace(remote=later.remotes[0])
    assert planned(vendor, Action.UPDATE, again) == []


@every_manifest
@settings(max_examples=40)
@given(data=st.data())
def test_a_retirement_makes_the_planned_calls(name: str, data: st.DataObject) -> None:
    """The plan of a prune names exactly the writes that it sends; where a vendor cannot, it is refused."""
    vendor = Anyone(MANIFESTS[name])
    fields = data.draw(wanted(MANIFESTS[name]))
    drive(vendor.provider.create(request_for(vendor, fields)), vendor)
    seen: Observation = drive(vendor.provider.observe(vendor.scope, frozenset(vendor.ids)), vendor).result
    remote = seen.remotes[0] if seen.remotes else None
    request = request_for(vendor, fields, remote=remote, remote_id=vendor.ids[0])
    plan = planned(vendor, Action.DELETE, request)
    outcome = drive(vendor.provider.retire(request), vendor)
    assert made(outcome) == plan
    assert (outcome.error is not None) == (vendor.provider.capabilities.retire == "none")


@every_manifest
@pytest.mark.parametrize("secret", [None, SECRET], ids=["theirs", "ours"])
@settings(max_examples=20)
@given(data=st.data())
def test_a_rotation_makes_the_planned_calls_and_changes_nothing_else(
    name: str, secret: Secret | None, data: st.DataObject
) -> None:
    """A call of its own for secrets is the only write, the plan shows it, and another secret is told once."""
    vendor = Anyone(MANIFESTS[name])
    fields = data.draw(wanted(MANIFESTS[name]))
    drive(vendor.provider.create(request_for(vendor, fields)), vendor)
    before, provider = vendor.shown(), vendor.provider
    assert isinstance(provider, Rotates)
    seen: Observation = drive(provider.observe(vendor.scope, frozenset(vendor.ids)), vendor).result
    more = {"changes": frozenset({"/secret"}), "remote": next(iter(seen.remotes), None), "remote_id": vendor.ids[0]}
    request = request_for(vendor, fields, secret=secret, **more)
    if not provider.capabilities.secret.rotates(ours=secret is not None):
        assert drive(provider.rotate(request), vendor).error is not None
        return
    plan = planned(vendor, Action.UPDATE, request)
    outcome = drive(provider.rotate(request), vendor)
    assert made(outcome) == plan
    assert len(plan) == 1
    assert vendor.shown() == before
    assert last(outcome).fields.only(fields) == fields
    issued = [each.issued for each in outcome.progress if each.issued is not None]
    assert issued == ([] if secret else [Secret("key-1")])
    assert last(outcome).secret_sent is (secret is not None)


@every_manifest
@settings(max_examples=20)
@given(data=st.data())
def test_further_secrets_go_along_with_a_create_and_alone_after_it(name: str, data: st.DataObject) -> None:
    """A create has each in its body, an update those that change, and the last Progress says which were accepted."""
    vendor = Anyone(MANIFESTS[name])
    names = [which for which, _ in vendor.provider.capabilities.secrets]
    if not names:
        return
    fields = data.draw(wanted(MANIFESTS[name]))
    ours = tuple((which, OurSecret(Secret(f"the {which} of ours"))) for which in names)
    outcome = drive(vendor.provider.create(request_for(vendor, fields, secret=SECRET, secrets=ours)), vendor)
    assert [which for which, _ in last(outcome).secrets] == sorted(names)
    assert all(f"the {which} of ours" in everything_in([outcome.calls[0].body]) for which in names)
    seen: Observation = drive(vendor.provider.observe(vendor.scope, frozenset(vendor.ids)), vendor).result
    changed = data.draw(st.sampled_from(names))
    more = {"remote": next(iter(seen.remotes), None), "remote_id": vendor.ids[0], "secret": SECRET, "secrets": ours}
    request = request_for(vendor, fields, changes=frozenset({f"/secrets/{changed}"}), **more)
    outcome = drive(vendor.provider.update(request), vendor)
    assert changed in dict(last(outcome).secrets)
    assert f"the {changed} of ours" in everything_in([call.body for call in outcome.calls])


def writes_for(owner: str, vendor: Anyone, data: st.DataObject) -> str:
    """Everything in the bodies of a create, and of an update after it, of some of the owner's fields."""
    vendor.held = None
    everything = personal(vendor.manifest, owner)
    needed = needed_by(vendor.manifest)
    fields = everything.only(sorted(p for p in everything if p in needed or data.draw(st.booleans())))
    secret = data.draw(st.sampled_from([None, Secret(f"secret of {owner}")]))
    further = [which for which, _ in vendor.provider.capabilities.secrets]
    ours = tuple((which, OurSecret(Secret(f"{which} of {owner}"))) for which in further if data.draw(st.booleans()))
    request = request_for(vendor, fields, secret=secret, secrets=ours)._replace(name=owner)
    first = drive(vendor.provider.create(request), vendor)
    seen: Observation = drive(vendor.provider.observe(vendor.scope, frozenset(vendor.ids)), vendor).result
    secrets = () if vendor.provider.capabilities.secret.lifecycle == "none" else ("/secret",)
    secrets = (*secrets, *(f"/secrets/{which}" for which in further))
    changes = frozenset(data.draw(st.sets(st.sampled_from([*sorted(fields), *secrets]))))
    later = request._replace(changes=changes, remote=next(iter(seen.remotes), None), remote_id=vendor.ids[0])
    second = drive(vendor.provider.update(later), vendor)
    return everything_in([call.body for call in (*first.calls, *second.calls)])


@every_manifest
@settings(max_examples=40)
@given(data=st.data(), owners=st.lists(st.sampled_from(["owner-1", "owner-2"]), min_size=2, max_size=4))
def test_no_webhook_is_sent_what_is_anothers(name: str, data: st.DataObject, owners: list[str]) -> None:
    """One vendor serves all webhooks of a run: in whatever order, no call of one holds what is another's."""
    vendor = Anyone(MANIFESTS[name])
    for owner in owners:
        other = "owner-2" if owner == "owner-1" else "owner-1"
        assert other not in writes_for(owner, vendor, data)
