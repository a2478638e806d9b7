"""Which of what a vendor lists a block takes, and which of its texts may be names."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reconciler.config.forms import is_name
from reconciler.config.lookups import Lookup, is_usable
from reconciler.model.discovery import Discoverable
from reconciler.model.webhook import Source

REPOSITORIES = Discoverable("repositories", "repositories", "repo")


def lookup(
    match: tuple[str, ...] = (),
    unless: tuple[str, ...] = (),
    caseless: bool = False,
    **filters: tuple[str, ...],
) -> Lookup:
    """One key of a for_each."""
    return Lookup("repo", REPOSITORIES, match, unless, filters, {}, caseless, Source("f.yaml", ()))


@pytest.mark.parametrize(
    ("match", "unless", "value", "meant"),
    [
        ((), (), "api", True),
        (("lib-*",), (), "lib-a", True),
        (("lib-*",), (), "api", False),
        (("lib-*", "api"), (), "api", True),
        (("*",), ("legacy",), "legacy", False),
        ((), ("*-old",), "api-old", False),
        (("acme/*",), (), "acme/ops/tools", True),
        (("r0?",), (), "r01", True),
        (("API",), (), "api", False),
    ],
)
def test_patterns_choose(match: tuple[str, ...], unless: tuple[str, ...], value: str, meant: bool) -> None:
    """No pattern means any; an exception goes before what is meant."""
    assert lookup(match, unless).means(value) is meant


def test_patterns_have_no_case_where_the_vendor_has_none() -> None:
    """`API` and `api` are one repository at GitHub."""
    assert lookup(("API",), caseless=True).means("api")
    assert not lookup(unless=("Api",), caseless=True).means("API")


@pytest.mark.parametrize(
    ("wanted", "fact", "takes"),
    [
        (("false",), False, True),
        (("false",), True, False),
        (("true",), 1, False),
        (("public", "internal"), "internal", True),
        (("private",), "public", False),
        (("go",), ["go", "web"], True),
        (("go",), [], False),
        (("go",), None, False),
        (("5",), 5, True),
    ],
)
def test_filters_choose(wanted: tuple[str, ...], fact: object, takes: bool) -> None:
    """One of the values must be the vendor's, as both are spelled; of a list, one of it."""
    assert lookup(fact=wanted).chooses({"fact": fact}) is takes


def test_a_switch_of_which_the_vendor_says_nothing_is_no_choice() -> None:
    """Taken for false, what is archived would be managed; taken for true, everything would look gone."""
    with pytest.raises(ValueError, match="archived"):
        lookup(archived=("false",)).chooses({})


@given(st.text(max_size=40))
@example("a/../b")
@example("-rf")
@example("a//b")
@example("a/-rf")
@example("..")
@example("a\n")
@example("a;b")
@example("$(id)")
@example("a b")
@example("a,b")
@example("a[b]")
@example("x" * 129)
@example(".github")
@example("acme/ops/tools")
def test_what_can_be_used_is_a_name_and_nothing_more(value: str) -> None:
    """Usable values are names of webhooks, walk up no path, are no flags, and mean nothing to a shell."""
    if not is_usable(value):
        return
    assert is_name(value)
    assert "," not in value
    assert not re.search(r"[\s$`\"'\\;&|<>()*?\[\]{}!#~=%^]", value)
    for part in value.split("/"):
        assert part not in ("", ".", "..")
        assert not part.startswith("-")


@pytest.mark.parametrize("value", [".github", "api", "acme/ops/tools", "a.b-c_d", "ws-1", "Ünï", "1", "a@b", "a:b+c"])
def test_usual_names_can_be_used(value: str) -> None:
    """Slugs, paths, ids."""
    assert is_usable(value)


@pytest.mark.parametrize(
    "value", ["-rf", "..", "a/../b", "a b", "a,b", "$(id)", "", "a/", "/a", "a\u202eb", "a\n", "~a"]
)
def test_odd_names_cannot(value: str) -> None:
    """Whoever names a repository gives no command."""
    assert not is_usable(value)
