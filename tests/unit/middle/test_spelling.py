"""One name for every place, by the vendor's rules or its answer; what is found is told in the lock's own words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.matching.match import match
from reconciler.matching.spelling import as_written, spelling_of
from reconciler.model.webhook import Observation, Scope
from reconciler.providers.language.reads import ScopeWay
from reconciler.state.lock import Lock
from tests.unit.middle.build import ACCOUNT, capabilities, entry, fields, lock, remote, webhook

CASELESS = capabilities(scope=(("owner", "repo"),), caseless=frozenset({"owner", "repo"}))
LETTERS = st.sampled_from(["acme", "Acme", "ACME", "other"])


def _at(owner: str, repo: str = "api") -> Scope:
    return (("owner", owner), ("repo", repo))


@given(st.lists(st.tuples(LETTERS, LETTERS), min_size=1), st.lists(st.tuples(LETTERS, LETTERS)))
def test_every_place_has_one_name(wanted: list[tuple[str, str]], kept: list[tuple[str, str]]) -> None:
    """Two spellings get one name if, and only if, they differ by case alone, and one of the file's where it has any."""
    desired = [webhook(f"w{number}", scope=_at(*names)) for number, names in enumerate(wanted)]
    held = Lock({f"e{number}": entry(scope=_at(*names)) for number, names in enumerate(kept)})
    spelling = spelling_of(desired, held, {"v": CASELESS})
    before = [each.scope for each in desired] + [each.scope for each in held.entries.values()]
    after = [spelling.respelled(each).scope for each in desired]
    after += [each.scope for each in spelling.lock(held).entries.values()]
    assert [_lower(scope) for scope in after] == [_lower(scope) for scope in before]
    for one, first in zip(before, after, strict=True):
        for other, second in zip(before, after, strict=True):
            assert (first == second) is (_lower(one) == _lower(other))
    own = {each.scope for each in desired}
    assert all(scope in own for scope in after if _lower(scope) in map(_lower, own))


def _lower(scope: Scope) -> Scope:
    return tuple((key, value.lower()) for key, value in scope)


def test_an_identity_makes_one_place_of_two_names() -> None:
    """Places of one account with one identity get one name, and places of another account keep theirs."""
    path: Scope = (("project", "grp/api"),)
    number: Scope = (("project", "42"),)
    held = lock(one=entry(scope=path), far=entry(scope=path, account="https://other.example.com"))
    identities = {("vendor", ACCOUNT, path): "project 42", ("vendor", ACCOUNT, number): "project 42"}
    spelling = spelling_of([webhook(scope=number)], held, {"v": capabilities()}, identities)
    assert {name: each.scope for name, each in spelling.lock(held).entries.items()} == {"one": number, "far": path}
    assert spelling.places({("v", path): frozenset("1"), ("v", number): frozenset("2")}, {"v": ACCOUNT}) == {
        ("v", number): frozenset("12")
    }


def test_what_is_found_is_told_as_the_lock_has_it() -> None:
    """So that the plan sees what was written, and the lock can follow the file."""
    written, now = lock(w=entry(scope=_at("Acme"))), webhook(scope=_at("acme"))
    spelled = spelling_of([now], written, {"v": CASELESS}).lock(written)
    seen = {("v", _at("acme")): Observation((remote("r1", fields()),), complete=True)}
    found = match([now], seen, spelled, {"v": CASELESS}).matched["w"]
    assert found.entry is not None
    assert (found.how, found.entry.scope) == ("lock", _at("acme"))
    again = as_written(match([now], seen, spelled, {"v": CASELESS}), written).matched["w"]
    assert again.entry is not None
    assert again.entry.scope == _at("Acme")


def test_case_of_a_parameter_that_is_not_there() -> None:
    """A manifest cannot speak of the case of what its scope does not have."""
    with pytest.raises(ValueError, match="no parameter"):
        ScopeWay(path="/repos/{owner}", case={"repo": "insensitive"})
