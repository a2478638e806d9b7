"""The id in the headers of a create's answer."""

import pytest

from reconciler.providers.engine.headers import id_in_header


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
