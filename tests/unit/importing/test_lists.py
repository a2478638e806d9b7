"""Whether a vendor may be left to list the places of a block."""

from typing import Any

import pytest

from reconciler.importing.lists import Places, lookup_of
from reconciler.importing.types import Found
from reconciler.model.webhook import Fields, Remote, scope_of

FOUND = Found("git", scope_of({"owner": "acme", "repo": "r0"}), Remote("1", Fields()))


def places(many: int, **of: Any) -> Places:
    """So many repositories of acme; `of` says the facts of some, by number."""
    facts = {f"r{n}": {"archived": False, "fork": False, "topic": ["x"], **of.get(f"r{n}", {})} for n in range(many)}
    return Places("git", "repositories", "repo", (("owner", "acme"),), frozenset({"owner", "repo"}), facts)


def values(*numbers: int) -> list[str]:
    """Their names."""
    return [f"r{number}" for number in numbers]


@pytest.mark.parametrize(
    ("listed", "has", "lookup"),
    [
        (places(3), values(0, 1, 2), {"discover": "repositories"}),
        (places(4), values(0, 1, 2), {"discover": "repositories", "except": ["r3"]}),
        (places(5), values(0, 1, 2), None),
        (places(40), values(*range(38)), {"discover": "repositories", "except": ["r38", "r39"]}),
        (places(2), values(0, 1), None),
        (places(3), values(0, 1, 2, 3), None),
        (
            places(5, r3={"archived": True}, r4={"archived": True}),
            values(0, 1, 2),
            {"discover": "repositories", "archived": False},
        ),
        (
            places(6, r3={"archived": True}, r4={"fork": True}),
            values(0, 1, 2),
            {"discover": "repositories", "archived": False, "fork": False, "except": ["r5"]},
        ),
        (places(5, r3={"archived": True}, r4={"archived": True}, r0={"archived": True}), values(0, 1, 2), None),
        (places(5, r3={"archived": None}, r4={"archived": True}), values(0, 1, 2), None),
    ],
)
def test_all_or_all_but_a_few(listed: Places, has: list[str], lookup: dict[str, Any] | None) -> None:
    """Who is left out is explained by a fact that none of the others has, or is one, or one of twenty."""
    assert lookup_of(listed, "repo", FOUND, has) == lookup


def test_of_another_place() -> None:
    """Another entry's list, another owner's, another parameter's: none of these says where the webhooks are."""
    listed, has = places(3), values(0, 1, 2)
    assert lookup_of(listed._replace(provider="hub"), "repo", FOUND, has) is None
    assert lookup_of(listed._replace(given=(("owner", "beta"),)), "repo", FOUND, has) is None
    assert lookup_of(listed._replace(fills="project"), "repo", FOUND, has) is None


def test_what_a_list_needs_beside_the_scope() -> None:
    """It is said beside the list, where the scope does not say it."""
    listed = places(3)._replace(given=(("group", "platform"),), in_scope=frozenset({"repo"}))
    assert lookup_of(listed, "repo", FOUND, values(0, 1, 2)) == {"discover": "repositories", "group": "platform"}


def test_names_that_would_be_patterns() -> None:
    """A star in a name would mean others as well."""
    listed = places(3)._replace(values={name: {} for name in ("r0", "r1", "r2", "r*")})
    assert lookup_of(listed, "repo", FOUND, values(0, 1, 2)) is None
