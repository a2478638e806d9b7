"""Numbers in pointers: items of lists in the bodies that are sent."""

from typing import Any

import pytest

from reconciler.model.secret import Secret
from reconciler.providers.engine.extract import at, built
from reconciler.providers.protocol import ChangeRequest
from reconciler.providers.rehearse import drive
from tests.unit.providers.rig import SMALL, answer, fields, script, small


@pytest.mark.parametrize(
    ("pairs", "base", "body"),
    [
        ({"/targets/0/address": "a", "/targets/0/type": "http"}, None, {"targets": [{"address": "a", "type": "http"}]}),
        ({"/a/1": "y", "/a/0": "x"}, None, {"a": ["x", "y"]}),
        ({"/a/0/0": 1}, None, {"a": [[1]]}),
        ({"/a/0/b": 2}, {"a": [{"b": 1, "c": 3}, {"b": 9}]}, {"a": [{"b": 2, "c": 3}, {"b": 9}]}),
        ({"/a/1/b": 2}, {"a": [{"b": 1}]}, {"a": [{"b": 1}, {"b": 2}]}),
        ({"/a/0/b": 2}, {"a": None}, {"a": [{"b": 2}]}),
        ({"/a/7/b": 2}, None, {"a": {"7": {"b": 2}}}),
        ({"/a/b": 2}, {"a": [1]}, {"a": {"b": 2}}),
        ({"/a/01": 2}, None, {"a": {"01": 2}}),
    ],
)
def test_a_number_is_an_item_where_a_list_is_or_begins(pairs: Any, base: Any, body: Any) -> None:
    """Elsewhere it is a key like any other; what was read keeps its other items and their other parts."""
    assert built(pairs, base) == body


def test_what_stands_in_a_list_is_found_by_its_number() -> None:
    """By its own, and by none that is not there."""
    assert at({"a": [{"b": 1}]}, "/a/0/b") == 1
    assert at({"a": [{"b": 1}]}, "/a/1/b") is None
    assert at({"a": [{"b": 1}]}, "/a/x/b") is None


def test_a_merge_sends_a_mask_within_a_list_only_where_ours_takes_its_place() -> None:
    """The secret in the only target is sent along with the change of the address beside it; the mask is not."""
    url = {"read": "targets[0].address", "write": "/targets/0/address"}
    vendor = small(
        fields={**SMALL["fields"], "url": url},
        secret={"lifecycle": "supplied", "write": "/targets/0/auth", "mask": "targets[0].auth"},
        update=[{"method": "PUT", "path": "/hooks/{id}", "body": "merge", "drop": ["/id"]}],
        read=[{"how": "list", "path": "/hooks"}],
    )
    shown = {"id": "7", "events": ["a"], "targets": [{"address": "https://a.example/x", "auth": "****", "skip": True}]}
    remote = drive(vendor.observe((), frozenset()), script(answer([shown]))).result.remotes[0]
    ours = Secret("a-secret-of-ours")
    wanted, changes = fields("https://a.example/y", ["a"]), frozenset({"/url"})
    request = ChangeRequest("n", (), wanted, changes, remote, "7", secret=ours, declares_secret=True)
    (call,) = drive(vendor.update(request), script(answer({"id": "7"}))).calls
    assert call.body == {
        "events": ["a"],
        "targets": [{"address": "https://a.example/y", "auth": ours, "skip": True}],
    }
    assert drive(vendor.update(request._replace(secret=None)), script()).error is not None
