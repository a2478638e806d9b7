"""Strangers that are to go: which, under which names, and never one that may be ours."""

from hypothesis import given
from hypothesis import strategies as st

from reconciler.matching.index import Place
from reconciler.matching.match import match
from reconciler.matching.types import STRANGER
from reconciler.matching.unwanted import Unwanted, called, spares
from reconciler.model.action import Action, Unmanaged
from reconciler.model.webhook import Certainty, Fields, Observation, Remote
from reconciler.planning.inputs import Circumstances, PlanInput
from reconciler.planning.plan import plan
from reconciler.planning.policy import Policy, Strangers, bound_strangers
from reconciler.planning.types import Basis, Plan, PlanOptions
from reconciler.state.lock import Lock
from tests.unit.middle.build import capabilities, entry, fields, lock, named, remote, seen, webhook

ALL = Unwanted(delete=True)
OTHER = fields("https://other.example.com")
DECISIONS: list[Strangers] = ["ignore", "report", "deny", "delete"]
HOW = Circumstances(Basis("sha256:c", "sha256:l"), "2026-11-21T12:00:00Z", "0")


def planned(held: Lock, *remotes: Remote, retire: str = "delete") -> Plan:
    """A plan that prunes, of a file with one webhook whose policy deletes strangers."""
    api = capabilities(retire=retire)
    found = match([webhook()], seen(*remotes), held, {"v": api}, unwanted=ALL)
    given = PlanInput([webhook()], found, held, Policy(unmanaged="delete"), {}, {"v": api})
    return plan(given, PlanOptions(prune=True), named, HOW)


def test_strangers_become_orphans_that_are_deleted() -> None:
    """What nobody has goes, with its URL and events shown; what is ours does not."""
    made = planned(lock(w=entry("r1")), remote("r1"), remote("r2", OTHER))
    assert {change.name: change.action for change in made.changes} == {"v:r2": Action.DELETE, "w": Action.NOOP}
    assert {field.path for change in made.changes for field in change.fields} == {"/url", "/events"}
    assert made.unmanaged == ()


def test_what_a_vendor_cannot_take_away_stays_a_stranger() -> None:
    """No refusal for ever: where there is no delete, the policy can do nothing."""
    made = planned(lock(w=entry("r1")), remote("r1"), remote("r2", OTHER), retire="none")
    assert ([each.remote_id for each in made.unmanaged], made.refusals) == (["r2"], ())
    off = OTHER.over(Fields({"/status": "inactive"}))
    made = planned(
        lock(w=entry("r1")), remote("r1"), remote("r2", Fields({**off, "/status": "inactive"})), retire="deactivate"
    )
    assert [each.remote_id for each in made.unmanaged] == ["r2"]


def test_nothing_goes_in_a_place_where_ours_is_not_certain() -> None:
    """Two fit our webhook, so that each stranger there may be ours."""
    made = planned(Lock(), remote("r1"), remote("r2"), remote("r3", OTHER))
    assert not any(change.action is Action.DELETE for change in made.changes)
    assert {name for problem in made.problems for name in problem.about} == {"w", "v:r1", "v:r2", "v:r3"}


def test_what_is_ours_in_other_words_does_not_go() -> None:
    """A place that the file calls in two ways shows our webhook twice: its other sight is not deleted."""
    two = webhook("two", OTHER, scope=(("p", "7"),))
    one = webhook("one", scope=(("p", "group/app"),))
    there = Observation((remote("r1"), remote("r2", OTHER)), complete=True)
    places = {("v", one.scope): there, ("v", two.scope): there}
    held = Lock({"one": entry("r1", scope=one.scope), "two": entry("r2", OTHER, scope=two.scope)})
    api = capabilities(scope=(("p",),))
    found = match([one, two], places, held, {"v": api}, unwanted=ALL)
    given = PlanInput([one, two], found, held, Policy(unmanaged="delete"), {}, {"v": api})
    made = plan(given, PlanOptions(prune=True), named, HOW)
    assert {change.action for change in made.changes} == {Action.NOOP, Action.ORPHAN}
    assert {problem.kind for problem in made.problems} == {"ambiguous"}


def test_a_failed_read_has_no_strangers() -> None:
    """What could not be read holds nothing that could go."""
    failed: dict[Place, Observation] = {("v", ()): Observation((remote("r2", OTHER),), failed=True)}
    found = match([webhook()], failed, lock(w=entry("r1")), {"v": capabilities()}, unwanted=ALL)
    going = [each for each in found.orphans.values() if each.how == STRANGER and each.certainty is Certainty.PRESENT]
    assert going == []


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("12"), st.sampled_from("xy")), unique=True))
def test_names_mean_one_each(those: list[tuple[str, str, str]]) -> None:
    """However many places have the same ids, no two strangers have one name."""
    strangers = [Unmanaged(provider, (("p", place),), remote_id, "") for provider, place, remote_id in those]
    names = called(strangers, {"a:x"})
    assert len(set(names)) == len(names)
    assert "a:x" not in names


@given(st.text(max_size=8), st.text(max_size=8))
def test_a_pattern_spares_what_it_fits(before: str, after: str) -> None:
    """A star stands for anything, and every other character for itself, whatever it means elsewhere."""
    there = Remote(f"{before}-{after}", fields())
    assert spares(there, [f"id:{before}*{after}"])
    assert spares(there, ["id:*"])
    assert not spares(there, ["id:"])
    assert not spares(there, ["description:*"])


def test_what_two_say_of_strangers_is_a_table() -> None:
    """Nothing outside the files is loosened by them, and strangers are deleted only where nobody outside objects."""
    table = [[bound_strangers(files, trusted) for files in DECISIONS] for trusted in (None, *DECISIONS)]
    assert table == [
        ["report", "report", "deny", "delete"],
        ["ignore", "report", "deny", "report"],
        ["report", "report", "deny", "report"],
        ["deny", "deny", "deny", "deny"],
        ["delete", "delete", "deny", "delete"],
    ]
