"""One manifest serves every webhook of a run, so nothing that is said of one may stay in it."""

from collections.abc import Callable
from typing import Any

import pytest

from reconciler.model.secret import Secret
from reconciler.providers.engine.extract import built
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.protocol import ChangeRequest
from reconciler.providers.rehearse import drive
from tests.unit.providers.rig import SMALL, answer, fields, script, small

FIXED = {"/headers": {"sent-by": ["whsync"], "more": {}}}


def test_a_secret_stays_out_of_the_next_webhook() -> None:
    """A secret within a fixed part of the body goes to its own webhook only; the fixed part goes to all, whole."""
    provider = small(
        create=[{"path": "/hooks", "fixed": FIXED}],
        secret={"lifecycle": "supplied", "write": "/headers/Authorization"},
    )
    ours = Secret("of the first")
    first = drive(provider.create(ChangeRequest("a", (), fields(), secret=ours)), script(answer({"id": "1"})))
    second = drive(provider.create(ChangeRequest("b", (), fields())), script(answer({"id": "2"})))
    assert [call.body["headers"] for call in first.calls if isinstance(call.body, dict)] == [
        {"sent-by": ["whsync"], "more": {}, "Authorization": ours}
    ]
    assert [call.body["headers"] for call in second.calls if isinstance(call.body, dict)] == [
        {"sent-by": ["whsync"], "more": {}}
    ]


def test_what_is_built_shares_nothing() -> None:
    """Values that are built into an object are copied, so that a change of the one is none of the other."""
    parts: dict[str, Any] = {"/a": {"b": [{}]}, "/a/c": 1}
    made: Any = built(parts)
    made["a"]["b"][0]["d"] = 2
    assert (made, parts) == ({"a": {"b": [{"d": 2}], "c": 1}}, {"/a": {"b": [{}]}, "/a/c": 1})


@pytest.mark.parametrize(
    "change",
    [
        lambda words: words.__setitem__("c", 1),
        lambda words: words.__delitem__("more"),
        lambda words: words.__ior__({"c": 1}),
        lambda words: words.update(c=1),
        lambda words: words.setdefault("c", 1),
        lambda words: words.pop("more", None),
        lambda words: words.popitem(),
        lambda words: words.clear(),
    ],
)
def test_a_manifest_is_never_changed(change: Callable[[Any], object]) -> None:
    """Whatever of a manifest is reached, however deep, it cannot be written to."""
    manifest = Manifest.model_validate({**SMALL, "create": [{"path": "/hooks", "fixed": FIXED}]})
    fixed: Any = manifest.create[0].fixed
    for container in (fixed, fixed["/headers"], fixed["/headers"]["more"], manifest.headers):
        with pytest.raises(TypeError, match="never changed"):
            change(container)
    assert fixed == {"/headers": {"sent-by": ("whsync",), "more": {}}}
