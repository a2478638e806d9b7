"""Webhooks that something stands in the way of: they alone stop, and are shown with their differences."""

from typing import Any

import pytest

from reconciler.codes import Code
from reconciler.errors import Problem, Rejected
from reconciler.model.action import Action
from reconciler.model.secret import SecretRef, SecretSpec, SecretState
from reconciler.state.lock import Lock
from tests.unit.middle.build import capabilities, entry, fields, lock, named, only, planned, remote, seen, webhook

UNSET = Problem("secret", "w: env:S is not set", name="w", provider="v")
OTHER = webhook("x", fields("https://x.example.com"))
THERE = seen(remote())
WANTED = webhook(wanted=fields(events="one two three"))


def without_a_way(name: str, *told: Any) -> Any:
    """An API that cannot change `w`."""
    if name == "w":
        raise Rejected("Smallville would lose the secret", "rotate it", kind="unsafe", code=Code.NO_WAY)
    return named(name, *told)


def test_an_update_goes_on_without_its_secret() -> None:
    """What does not need the secret is done; that the secret cannot be had is told."""
    made = planned([WANTED], THERE, lock(w=entry()), withheld={"w": UNSET})
    change = only(made)
    assert (change.action, change.sends, made.problems) == (Action.UPDATE, ("/events",), (UNSET,))


@pytest.mark.parametrize(
    ("observed", "held"),
    [
        (seen(), lock()),
        (seen(), lock(w=entry())),
        (THERE, lock()),
        (THERE, lock(intent="w", action=Action.UPDATE, w=entry())),
    ],
)
def test_what_waits_for_the_secret(observed: Any, held: Lock) -> None:
    """Nothing is made, taken over or finished without its secret, and all that differs is shown; others go on."""
    made = planned([WANTED, OTHER], observed, held, withheld={"w": UNSET})
    change = next(change for change in made.changes if change.name == "w")
    assert (change.action, change.calls, change.reason) == (Action.NOOP, (), UNSET.summary)
    assert "/events" in {field.path for field in change.fields}
    assert [(change.name, change.action) for change in made.pending] == [("x", Action.CREATE)]
    assert made.problems == (UNSET,)


@pytest.mark.parametrize("spec", [SecretSpec(sink=SecretRef("file", "s")), SecretSpec(source=SecretRef("env", "S"))])
def test_a_replacement_waits_only_for_a_secret_of_ours(spec: SecretSpec) -> None:
    """What a vendor issues comes with the new webhook, whatever is owed of the old one's."""
    api = capabilities(immutable=frozenset({"/events"}))
    made = planned([WANTED._replace(secret=spec)], THERE, lock(w=entry()), api, withheld={"w": UNSET})
    if spec.issued:
        assert (only(made).action, only(made).secret, made.problems) == (Action.REPLACE, SecretState.NEW, ())
    else:
        assert (only(made).action, made.problems) == (Action.NOOP, (UNSET,))


def test_only_the_lock_waits_too() -> None:
    """The lock learns nothing of a webhook whose secret cannot be had, lest it forget what it knows of that."""
    change = only(planned([webhook(protect=True)], THERE, lock(w=entry()), withheld={"w": UNSET}))
    assert (change.action, change.reason) == (Action.NOOP, UNSET.summary)


@pytest.mark.parametrize("held", [lock(w=entry()), lock()])
def test_an_update_without_a_way_stops_alone(held: Lock) -> None:
    """What the API cannot do is a problem of that webhook, with its differences and the way out; others go on."""
    made = planned([WANTED, OTHER], THERE, held, describe=without_a_way)
    change = next(change for change in made.changes if change.name == "w")
    assert (change.action, [field.path for field in change.fields]) == (Action.NOOP, ["/events"])
    assert [(change.name, change.action) for change in made.pending] == [("x", Action.CREATE)]
    assert made.problems == (
        Problem("unsafe", "w: Smallville would lose the secret", "rotate it", "v", "w", code=Code.NO_WAY),
    )


def test_the_missing_secret_explains_why_there_is_no_way() -> None:
    """Where the update needs the secret that cannot be had, that is the one problem."""
    made = planned([WANTED], THERE, lock(w=entry()), withheld={"w": UNSET}, describe=without_a_way)
    assert (only(made).action, made.problems) == (Action.NOOP, (UNSET,))


def test_an_orphan_that_cannot_be_switched_off_stays() -> None:
    """Pruning by switching off that the API refuses stops that orphan only."""
    api = capabilities(retire="deactivate")
    made = planned([OTHER], THERE, lock(w=entry()), api, describe=without_a_way, prune=True)
    assert {change.name: change.action for change in made.changes} == {"w": Action.ORPHAN, "x": Action.CREATE}
    assert [problem.kind for problem in made.problems] == ["unsafe"]


def test_what_stops_is_shown_as_it_was_seen() -> None:
    """Two that mean one remote webhook are a problem of both, and still show how they differ."""
    made = planned([WANTED, webhook("v")], THERE)
    assert {change.name: bool(change.fields) for change in made.changes} == {"w": True, "v": False}
    assert made.pending == ()
