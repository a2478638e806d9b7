"""Every change, problem, refusal and finding of a plan says of which kind it is, in a word that stays."""

from collections.abc import Mapping
from typing import Any

import pytest

from reconciler.codes import Code
from reconciler.errors import Problem
from reconciler.model.action import Action
from reconciler.model.capabilities import Capabilities
from reconciler.model.secret import SecretRef, SecretSpec, SecretState, SecretStatus
from reconciler.model.webhook import Desired, Observation, Source
from reconciler.planning.planfile import plan_from_json
from reconciler.planning.policy import Policy, Threshold
from reconciler.planning.staleness import check_fresh
from reconciler.render.json import plan_json
from reconciler.state.lock import Lock
from tests.unit.middle.build import (
    FAILED,
    UNREADABLE,
    capabilities,
    entry,
    fields,
    lock,
    only,
    planned,
    remote,
    seen,
    webhook,
)

THERE = seen(remote())
OTHER = fields(events="one three")
OURS = SecretSpec(source=SecretRef("env", "S"))
CHANGED = {"w": SecretStatus(SecretState.CHANGED, "sha")}
TAKEN = {"w": SecretStatus(SecretState.CHANGED, "sha", drifted=True)}
UNSET = Problem("secret", "w: env:S is not set", name="w", provider="v", code=Code.SECRET_MISSING)
BLIND = capabilities(read="none")
FIXED = capabilities(immutable=frozenset({"/events"}))

CHANGES = [
    (webhook(), seen(), lock(), {}, Code.CREATE_ABSENT),
    (webhook(), seen(), lock(w=entry()), {}, Code.GONE),
    (webhook(), UNREADABLE, lock(), {"api": BLIND}, Code.CREATE_UNLOOKED),
    (webhook(), {}, lock(), {"offline": True}, Code.CREATE_UNLOOKED),
    (webhook(), THERE, lock(), {"api": capabilities(natural_key=("/url",))}, Code.ADOPT),
    (webhook(was=("old",)), THERE, lock(old=entry()), {}, Code.RENAMED),
    (webhook(wanted=OTHER), THERE, lock(w=entry()), {}, Code.FILE_CHANGED),
    (webhook(), seen(remote(held=OTHER)), lock(w=entry()), {}, Code.DRIFTED),
    (webhook(wanted=OTHER), seen(remote(held=fields(events="two"))), lock(w=entry()), {}, Code.CONFLICT),
    (webhook(wanted=fields(status="active")), seen(remote(held=fields(status="inactive"))), lock(w=entry()), {}, None),
    (webhook(secret=OURS), THERE, lock(w=entry()), {"secrets": CHANGED}, Code.SECRET_CHANGED),
    (webhook(secret=OURS), THERE, lock(w=entry()), {"secrets": TAKEN}, Code.DRIFTED),
    (webhook(), UNREADABLE, lock(w=entry()), {"api": BLIND, "reassert": True}, Code.SENT_AGAIN),
    (webhook(protect=True), THERE, lock(w=entry()), {}, Code.RECORD_ONLY),
    (webhook(wanted=OTHER), THERE, lock(w=entry()), {"api": FIXED}, Code.REPLACE_IMMUTABLE),
    (webhook(), THERE, lock(w=entry()), {}, Code.AS_WANTED),
    (webhook(), UNREADABLE, lock(w=entry()), {"api": BLIND}, Code.UNLOOKED),
    (webhook(), FAILED, lock(w=entry()), {}, Code.UNREAD),
    (webhook(), seen(), lock(), {"withheld": {"w": UNSET}}, Code.BLOCKED),
    (None, THERE, lock(w=entry()), {}, Code.ORPHAN),
    (None, THERE, lock(w=entry()), {"prune": True}, Code.PRUNE_DELETE),
    (None, THERE, lock(w=entry()), {"prune": True, "api": capabilities(retire="deactivate")}, Code.PRUNE_DEACTIVATE),
    (None, seen(), lock(w=entry()), {"prune": True}, Code.PRUNE_FORGET),
]


@pytest.mark.parametrize(
    ("wanted", "observed", "held", "how", "code"), CHANGES, ids=[f"{at}-{row[-1]}" for at, row in enumerate(CHANGES)]
)
def test_a_change_says_why(
    wanted: Desired | None, observed: Mapping[Any, Observation], held: Lock, how: dict[str, Any], code: Code | None
) -> None:
    """Each reason for what is done, or not done, has its own code; a webhook of the file says where it stands."""
    told: dict[str, Any] = {**how}
    api: Capabilities | None = told.pop("api", None)
    source = Source("webhooks.yaml", ("webhooks", "w"))
    desired = [] if wanted is None else [wanted._replace(source=source)]
    change = only(planned(desired, observed, held, api, **told))
    assert (change.code, change.source) == (code or Code.NEWLY_MANAGED, source if desired else None)
    assert change.at is None  # looked up only where somebody reads it


def test_an_orphan_whose_remote_is_anothers_says_so() -> None:
    """What stays because another name has it is told apart from what waits to be pruned."""
    api = capabilities(read="singleton")
    made = planned([webhook("new")], seen(remote("me")), lock(old=entry("me")), api)
    assert {change.name: change.code for change in made.changes} == {"new": Code.ADOPT, "old": Code.ORPHAN_TAKEN}


@pytest.mark.parametrize(
    ("wanted", "observed", "held", "code"),
    [
        (webhook(scope=(("repo", "b"),)), {}, lock(w=entry()), Code.SCOPE_MOVED),
        (webhook(account="https://other.example.com"), {}, lock(w=entry()), Code.ACCOUNT_MOVED),
        (webhook(), seen(remote("1", mark="w"), remote("2", mark="w")), lock(), Code.SEVERAL_FIT),
        (webhook(), FAILED, lock("w"), Code.CREATE_UNSETTLED),
        (webhook(), FAILED, lock(w=entry()), Code.WEBHOOK_UNREAD),
        (webhook(), UNREADABLE, lock("w", Action.UPDATE, w=entry()), Code.UPDATE_UNSETTLED),
    ],
)
def test_what_stops_a_webhook_says_of_which_kind_it_is(
    wanted: Desired, observed: Mapping[Any, Observation], held: Lock, code: Code
) -> None:
    """Matching and planning name what is in the way, each by its code."""
    made = planned([wanted], observed, held, capabilities(marks=True))
    assert [problem.code for problem in made.problems] == [code]


def test_what_a_secret_lacks_keeps_its_code() -> None:
    """The problem of a secret that cannot be had comes into the plan as it was made."""
    made = planned([webhook()], seen(), withheld={"w": UNSET})
    assert [problem.code for problem in made.problems] == [Code.SECRET_MISSING]


def test_every_guard_has_its_code() -> None:
    """A program that reads refusals can tell what was refused without reading the sentence."""
    many = [webhook(f"w{at:02}", fields(f"http://h.example.com/{at}", "two")) for at in range(10)]
    held = {one.name: entry(f"r{one.name}", fields(str(one.fields["/url"]), "one")) for one in many}
    there = seen(*(remote(str(each.remote_id), each.applied) for each in held.values()), remote("stranger"))
    held["w00"] = held["w00"]._replace(protect=True)
    policy = Policy(("*.acme.com",), max_changed=Threshold(1, False), unmanaged="deny")
    made = planned(many, there, Lock(held), FIXED._replace(retire="none"), policy=policy)
    assert {refusal.code for refusal in made.refusals} == {
        Code.URL_NOT_HTTPS,
        Code.HOST_NOT_ALLOWED,
        Code.TOO_MANY_CHANGES,
        Code.PROTECTED,
        Code.UNMANAGED_FOUND,
        Code.CANNOT_REPLACE,
    }
    pruned = planned([], UNREADABLE, lock(w=entry()), BLIND, prune=True)
    assert [refusal.code for refusal in pruned.refusals] == [Code.CANNOT_PRUNE]


def test_findings_have_codes_beside_their_kinds() -> None:
    """The word that documents show today stays as it is."""
    api = capabilities(natural_key=("/url",))
    held = remote()._replace(note="too many failures")
    made = planned([webhook()], seen(held, remote("r2")), lock(w=entry()), api)
    assert {(each.kind, each.code) for each in made.findings} == {
        ("vendor_disabled", Code.VENDOR_DISABLED),
        ("duplicate", Code.DUPLICATE),
    }


def test_a_saved_plan_is_not_stale_for_want_of_codes() -> None:
    """A plan read back has no places, one of an older version no codes, and both still are the one made again."""
    wanted = webhook(wanted=OTHER, source=Source("webhooks.yaml", ("webhooks", "w")))
    now = planned([wanted], THERE, lock(w=entry()))
    saved = plan_from_json(plan_json(now), "plan.json")
    assert (only(saved).code, only(saved).source) == (Code.FILE_CHANGED, None)
    saved = saved._replace(changes=(only(saved)._replace(code=Code.UNCODED),))
    assert check_fresh(saved, now) == now
