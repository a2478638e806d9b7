"""The two truth tables of the plan, written out."""

from itertools import product
from typing import Any

import pytest

from reconciler.model.action import Action
from reconciler.model.capabilities import Retire
from reconciler.model.secret import SecretRef, SecretSpec, SecretState, SecretStatus
from reconciler.model.webhook import Certainty
from reconciler.planning.decide import decide, decide_orphan
from reconciler.planning.needs import Need
from reconciler.planning.types import Change
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

PRESENT, ABSENT, UNKNOWN, UNREADABLE_ = Certainty.PRESENT, Certainty.ABSENT, Certainty.UNKNOWN, Certainty.UNREADABLE
CHANGING = {
    Need.REPLACE: Action.REPLACE,
    Need.WRITE: Action.UPDATE,
    Need.RENAME: Action.ADOPT,
    Need.RECORD: Action.UPDATE,
    Need.NOTHING: Action.NOOP,
}


@pytest.mark.parametrize("need", list(Need))
@pytest.mark.parametrize("managed", [True, False])
def test_the_table_of_desired_webhooks(managed: bool, need: Need) -> None:
    """Unknown does nothing, absent creates, unreadable creates only what the lock lacks, the rest follows the need."""
    assert decide(UNKNOWN, managed, need) is Action.NOOP
    assert decide(ABSENT, managed, need) is Action.CREATE
    assert decide(UNREADABLE_, managed, need) is (CHANGING[need] if managed else Action.CREATE)
    adopted = Action.REPLACE if need is Need.REPLACE else Action.ADOPT
    assert decide(PRESENT, managed, need) is (CHANGING[need] if managed else adopted)


@pytest.mark.parametrize(
    ("certainty", "retire", "action"),
    [
        *((ABSENT, retire, Action.FORGET) for retire in ("delete", "deactivate", "none")),
        (PRESENT, "delete", Action.DELETE),
        (PRESENT, "deactivate", Action.DEACTIVATE),
        (PRESENT, "none", Action.ORPHAN),
        *(
            (doubt, how, Action.ORPHAN)
            for doubt, how in product((UNKNOWN, UNREADABLE_), ("delete", "deactivate", "none"))
        ),
    ],
)
def test_the_table_of_orphans(certainty: Certainty, retire: Retire, action: Action) -> None:
    """Without prune an orphan stays; with it, only what was seen is retired, only what is proven gone forgotten."""
    assert decide_orphan(certainty, True, retire) is action
    assert decide_orphan(certainty, False, retire) is Action.ORPHAN


OURS = SecretSpec(source=SecretRef("env", "S"))
ISSUED = SecretSpec(sink=SecretRef("file", "s"))
CHANGED, NEW, SAME = (
    SecretStatus(match, fingerprint="f") for match in (SecretState.CHANGED, SecretState.NEW, SecretState.SAME)
)
EDITED = fields(status="inactive")


@pytest.mark.parametrize(
    ("observed", "held", "more", "action", "sends", "reason"),
    [
        (seen(), {}, {}, Action.CREATE, "/events /url", "not at the vendor yet"),
        (seen(), {"w": entry()}, {}, Action.CREATE, "/events /url", "gone at the vendor"),
        (UNREADABLE, {}, {}, Action.CREATE, "/events /url", "nobody could look"),
        (FAILED, {}, {}, Action.NOOP, "", "could not be read"),
        (FAILED, {"w": entry()}, {}, Action.NOOP, "", "could not be read"),
        (UNREADABLE, {"w": entry()}, {}, Action.NOOP, "", "compared with the lock only"),
        (UNREADABLE, {"w": entry(applied=EDITED)}, {}, Action.NOOP, "", "compared with the lock only"),
        (UNREADABLE, {"w": entry()}, {"wanted": EDITED}, Action.UPDATE, "/status", "newly managed"),
        (
            UNREADABLE,
            {"w": entry()},
            {"wanted": fields("https://b.example.com")},
            Action.UPDATE,
            "/url",
            "the file changed",
        ),
        (seen(remote()), {}, {}, Action.ADOPT, "", "by its url"),
        (seen(remote(mark="w")), {}, {}, Action.ADOPT, "", "owner mark"),
        (seen(remote()), {}, {"wanted": EDITED}, Action.ADOPT, "/status", "by its url"),
        (seen(remote()), {"w": entry()}, {}, Action.NOOP, "", "as the file wants it"),
        (
            seen(remote()),
            {"w": entry()},
            {"wanted": fields(events="one")},
            Action.UPDATE,
            "/events",
            "the file changed",
        ),
        (
            seen(remote(held=fields(events="one"))),
            {"w": entry()},
            {},
            Action.UPDATE,
            "/events",
            "changed at the vendor",
        ),
        (seen(remote()), {"w": entry()}, {"wanted": EDITED}, Action.UPDATE, "/status", "newly managed"),
        (seen(remote(held=EDITED)), {"w": entry()}, {"wanted": EDITED}, Action.UPDATE, "", "only the lock changes"),
        (seen(remote()), {"w": entry(applied=EDITED)}, {}, Action.NOOP, "", ""),
        (seen(remote()), {"w": entry()}, {"protect": True}, Action.UPDATE, "", "protects it"),
        (seen(remote()), {"w": entry(protect=True)}, {"protect": False}, Action.UPDATE, "", "no longer protects it"),
        (seen(remote()), {"w": entry(protect=True)}, {}, Action.NOOP, "", ""),
        (seen(remote("r2")), {"w": entry()}, {}, Action.UPDATE, "", "found again as r2"),
        (seen(remote()), {"w": entry(provider="before")}, {}, Action.UPDATE, "", "the provider is called v now"),
        (seen(remote()), {"w": entry(retired=True)}, {}, Action.UPDATE, "", "managed again"),
        (seen(remote()), {"old": entry()}, {"was": ("old",)}, Action.ADOPT, "", "renamed from old"),
        (
            seen(remote()),
            {"old": entry()},
            {"was": ("old",), "wanted": EDITED},
            Action.UPDATE,
            "/status",
            "newly managed",
        ),
        (UNREADABLE, {"old": entry()}, {"was": ("old",)}, Action.ADOPT, "", "renamed from old"),
    ],
)
def test_what_becomes_of_a_webhook(
    observed: Any, held: Any, more: Any, action: Action, sends: str, reason: str
) -> None:
    """Each situation has its action, sends just what differs, makes one call for it or none, and says why."""
    change = only(planned([webhook(**more)], observed, lock(**held)))
    assert (change.action, " ".join(change.sends)) == (action, sends)
    assert reason in change.reason
    assert [call.url for call in change.calls] == ([f"w:{sends}"] if sends else [])


@pytest.mark.parametrize(
    ("spec", "status", "there", "held", "action", "sends"),
    [
        (OURS, CHANGED, True, True, Action.UPDATE, "/secret"),
        (OURS, NEW, True, True, Action.UPDATE, "/secret"),
        (OURS, SAME, True, True, Action.NOOP, ""),
        (OURS, SecretStatus(SecretState.UNVERIFIABLE), True, True, Action.NOOP, ""),
        (OURS, NEW, True, False, Action.ADOPT, "/secret"),
        (OURS, SAME, False, True, Action.CREATE, "/events /secret /url"),
        (ISSUED, CHANGED, True, True, Action.UPDATE, ""),
        (ISSUED, NEW, True, True, Action.UPDATE, ""),
        (ISSUED, NEW, True, False, Action.ADOPT, ""),
        (ISSUED, NEW, False, False, Action.CREATE, "/events /url"),
    ],
)
def test_what_becomes_of_a_secret(
    spec: SecretSpec, status: SecretStatus, there: bool, held: bool, action: Action, sends: str
) -> None:
    """Our secrets are sent where new or changed; issued ones are only stored or noted; no field ever holds one."""
    observed = seen(remote()) if there else seen()
    change = only(planned([webhook(secret=spec)], observed, lock(w=entry()) if held else lock(), secrets={"w": status}))
    assert (change.action, " ".join(change.sends)) == (action, sends)
    assert bool(change.calls) is bool(sends)
    assert "/secret" not in {field.path for field in change.fields}


def test_a_secret_that_comes_with_a_new_webhook_is_new() -> None:
    """Where a webhook is made again, the vendor issues another secret, so its sink will be needed."""
    change = only(planned([webhook(secret=ISSUED)], seen(), lock(w=entry()), secrets={"w": SAME}))
    assert (change.action, change.secret) == (Action.CREATE, SecretState.NEW)


def test_a_secret_that_cannot_be_set_later_needs_a_new_webhook() -> None:
    """Where only a create sets the secret, a changed one is a replacement that says so."""
    api = capabilities()
    api = api._replace(secret=api.secret._replace(settable_later=False))
    change = only(planned([webhook(secret=OURS)], seen(remote()), lock(w=entry()), api, secrets={"w": CHANGED}))
    assert change.action is Action.REPLACE
    assert "secret" in change.reason


def test_a_secret_nobody_compared_is_never_called_the_same() -> None:
    """A declared secret without a comparison is unverifiable; an undeclared one is unmanaged."""
    for spec, state in ((OURS, SecretState.UNVERIFIABLE), (None, SecretState.UNMANAGED)):
        assert only(planned([webhook(secret=spec)], seen(remote()), lock(w=entry()))).secret is state


def replaced(**more: Any) -> tuple[Change, tuple[Any, ...]]:
    """The change and the refusals where the URL of a webhook changes at a vendor that cannot change it."""
    api = capabilities(immutable=frozenset({"/url"}), **{"retire": "delete", **more.pop("api", {})})
    wanted = fields("https://b.example.com")
    made = planned([webhook(wanted=wanted)], more.pop("observed", seen(remote())), lock(w=entry(**more)), api)
    return only(made), made.refusals


def test_immutable_fields_replace_and_are_named() -> None:
    """A replacement says which field the vendor cannot change and sends everything."""
    change, refusals = replaced()
    assert (change.action, change.reason) == (Action.REPLACE, "the vendor cannot change url")
    assert change.sends == ("/events", "/url")
    assert [field.path for field in change.fields] == ["/url"]
    assert refusals == ()


@pytest.mark.parametrize(
    "more", [{"protect": True}, {"api": {"retire": "none"}}, {"observed": UNREADABLE, "api": {"read": "none"}}]
)
def test_replacements_that_would_lose_or_leave_something_are_refused(more: Any) -> None:
    """A protected webhook is not replaced, nor one whose old self cannot be removed or seen."""
    change, refusals = replaced(**more)
    assert change.action is Action.REPLACE
    assert [refusal.name for refusal in refusals] == ["w"]


def test_a_problem_stops_only_its_own_webhook() -> None:
    """An ambiguous webhook does nothing and reports; its neighbour goes on."""
    made = planned([webhook(), webhook("x", fields("https://x.example.com"))], seen(remote("r1"), remote("r2")))
    assert [(change.name, change.action) for change in made.changes] == [("w", Action.NOOP), ("x", Action.CREATE)]
    assert [problem.kind for problem in made.problems] == ["ambiguous"]
