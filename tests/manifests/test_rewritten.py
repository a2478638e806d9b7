"""What vendors make of values, by their documents or sources: the built-in manifests take both spellings for one."""

from pathlib import Path

import pytest

from reconciler.model.equality import same
from reconciler.providers.registry import Registry

FILTER = "/options/push_events_branch_filter"
PAYLOAD = "/options/payload"


@pytest.mark.parametrize(
    ("name", "pointer", "written", "shown", "other"),
    [
        ("gitlab", FILTER, " release/* ", "release/*", "release/"),
        ("gitlab-group", FILTER, "main\n", "main", "Main"),
        ("pretix", "/description", "  Orders \n", "Orders", "orders"),
        ("datadog", PAYLOAD, '{"b": "$ID", "a": [1, 2]}', '{"a":[1,2],"b":"$ID"}', '{"a":[2,1],"b":"$ID"}'),
        ("datadog", PAYLOAD, '{"id": $ID}', '{"id": $ID}', '{"id":  $ID}'),
    ],
)
def test_what_a_vendor_makes_of_a_value_is_no_difference(
    name: str, pointer: str, written: str, shown: str, other: str
) -> None:
    """And what it does not make of it is one."""
    capabilities = Registry().vendor(name, {}, str(Path.cwd())).capabilities
    assert same(pointer, written, shown, capabilities)
    assert not same(pointer, written, other, capabilities)
