"""What is granted: exactly what was asked for, and it says the same once it was written down and read again."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.webhook import Source
from reconciler.support.reach import EVERYWHERE, Reach
from reconciler.trust.file import granting, parse, written
from reconciler.trust.grants import Grants, Trust
from reconciler.trust.level import Level
from reconciler.trust.needs import Need, digest_of, origin_of

HERE = Source("webhooks.yaml", ())
ORIGINS = st.sampled_from(["https://api.example.com", "https://git.example:8443", "http://127.0.0.1:9"])
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=20)
NEEDS = st.one_of(
    st.builds(lambda origin: Need("origin", origin, HERE, ""), ORIGINS),
    st.builds(lambda ref, origin: Need("credential", f"env:{ref}", HERE, "", origin), TEXTS, ORIGINS),
    st.builds(lambda text: Need("command", text, HERE, ""), TEXTS),
    st.builds(lambda text: Need("manifest", digest_of(text.encode()), HERE, ""), TEXTS),
)


@given(st.lists(NEEDS, max_size=8), st.lists(NEEDS, max_size=8))
def test_exactly_what_was_asked_for_is_granted(asked: list[Need], others: list[Need]) -> None:
    """Nothing else is, unless it follows: where a credential may go, calls may."""
    trust = Trust(Level.STRICT, granting(asked))
    assert all(trust.grants_need(need, EVERYWHERE) for need in asked)
    follows = {need.origin for need in asked if need.kind == "credential"}
    for need in others:
        known = need in asked or (need.kind == "origin" and need.what in follows)
        assert trust.grants_need(need, EVERYWHERE) == known


@given(st.sets(TEXTS, max_size=5))
def test_exactly_the_named_variables_may_be_filled_in(names: set[str]) -> None:
    """Where not all may: at the level `open` nothing is held to a list."""
    assert Trust(Level.STRICT, granting([], variables=names)).reach(Path()).variables == frozenset(names)
    assert Trust(Level.OPEN, granting([], variables=names)).reach(Path()).variables is None


@given(
    st.lists(NEEDS, max_size=8),
    st.lists(st.sampled_from(["/etc/whsync", "../shared"]), max_size=2),
    st.sets(TEXTS, max_size=5),
)
def test_a_trust_file_reads_back(asked: list[Need], roots: list[str], variables: set[str]) -> None:
    """Whatever the texts hold, for they are somebody's commands."""
    grants = granting(asked, roots, variables)
    assert parse(written(grants, "two\nlines").encode(), "trust.yaml") == grants


@given(st.lists(NEEDS, max_size=5), st.lists(NEEDS, max_size=5))
def test_two_together_grant_what_either_does(first: list[Need], second: list[Need]) -> None:
    """What was confirmed by hand adds to a file, and takes nothing from it."""
    assert granting(first).joined(granting(second)) == granting([*first, *second])
    assert granting(first).joined(Grants()) == granting(first)


def test_origins_have_one_spelling() -> None:
    """Paths, letters and slashes do not tell origins apart."""
    assert origin_of("HTTPS://Api.Example.com/v2/") == origin_of("https://api.example.com") == "https://api.example.com"


def test_reach_follows_links_and_knows_names_that_only_begin_alike(tmp_path: Path) -> None:
    """`/a/bc` is not below `/a/b`, and what is not there yet may be."""
    (tmp_path / "b").mkdir()
    (tmp_path / "bc").mkdir()
    (tmp_path / "b" / "link").symlink_to(tmp_path / "bc")
    reach = Reach(()).widened(tmp_path / "b")
    assert reach.covers(tmp_path / "b")
    assert reach.covers(tmp_path / "b" / "new" / "file")
    assert not reach.covers(tmp_path / "bc" / "file")
    assert not reach.covers(tmp_path / "b" / "link" / "file")
    assert not reach.covers(tmp_path / "b" / ".." / "bc")
    assert not reach.covers("a\0b")
    assert EVERYWHERE.widened(tmp_path).covers("/etc")
    assert Reach(("/",)).covers("/etc")
