"""The word `risky` of manifests: a value of an option of which audits tell."""

from typing import Any

import pytest

from tests.unit.providers.rig import SMALL, provider, small

TLS: dict[str, Any] = {"read": "tls", "write": "/tls", "values": {"on": 1, "off": 0}}


def test_the_vendor_says_which_value_is_a_risk() -> None:
    """Whoever audits learns option, value and reason from the manifest, and knows no vendor himself."""
    made = small(options={"tls": {**TLS, "risky": {"value": "off", "why": "nobody checks certificates"}}, "x": TLS})
    assert made.capabilities.risky == (("/options/tls", "off", "nobody checks certificates"),)
    assert [pointer for pointer, _, _ in provider("github").capabilities.risky] == ["/options/insecure_ssl"]


def test_a_value_that_the_option_never_has_is_refused() -> None:
    """A risk in the vendor's spelling, or a misspelt one, would never be found."""
    with pytest.raises(ValueError, match="`risky` names '0', which is none of the values 'on', 'off'"):
        small(options={"tls": {**TLS, "risky": {"value": "0", "why": "nobody checks"}}})


@pytest.mark.parametrize("field", ["url", "events", "description"])
def test_it_is_for_options(field: str) -> None:
    """What is a risk of a common field, rules know; the word would do nothing there."""
    fields = {**SMALL["fields"], field: {**SMALL["fields"][field], "risky": {"value": "x", "why": "y"}}}
    with pytest.raises(ValueError, match=f"`risky` says nothing about {field}"):
        small(fields=fields)
