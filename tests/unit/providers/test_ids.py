"""Ids that stand in no body."""

import pytest

from reconciler.providers.engine.ids import fingerprint_of, id_in_header


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("/api/v2.0/projects/library/webhook/policies/9", "9"),
        ("https://vendor.example/hooks/a%2Fb?fresh=1#top", "a/b"),
        ("9", "9"),
        ("https://vendor.example/hooks/", None),
        ("https://vendor.example", None),
        ("  ", None),
    ],
)
def test_the_last_part_of_a_location_is_the_id(value: str, found: str | None) -> None:
    """Absolute or not, decoded, without query; an address of a place names nothing in it."""
    assert id_in_header("Location", {"location": value}) == found


def test_any_other_header_holds_the_id_as_it_is() -> None:
    """Only a `Location` is an address; a header that is not there holds nothing."""
    assert id_in_header("X-Hook-Id", {"x-hook-id": "a/b"}) == "a/b"
    assert id_in_header("X-Hook-Id", {"location": "/hooks/9"}) is None


def test_a_fingerprint_is_one_for_addresses_that_are_equal_and_shows_none_of_them() -> None:
    """As RFC 3986 compares them; nothing of a password is in it."""
    assert fingerprint_of("HTTPS://Hooks.example:443/a?key=geheim") == fingerprint_of(
        "https://hooks.example/a?key=geheim"
    )
    assert fingerprint_of("https://hooks.example/a") != fingerprint_of("https://hooks.example/b")
    assert "geheim" not in fingerprint_of("https://hooks.example/a?key=geheim")
