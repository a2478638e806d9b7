"""`idempotency`: a key for each call, by which its vendor knows it again."""

from typing import Any

import pytest
from pydantic import ValidationError

from reconciler.model.secret import Secret
from reconciler.providers.protocol import Call, ChangeRequest
from reconciler.providers.rehearse import drive
from tests.unit.providers.rig import answer, fields, script, small


def created(intent: str, **more: Any) -> Call:
    """The create of a webhook."""
    vendor = small(create=[{"path": "/hooks", "ok_when": "id", "idempotency": {"header": "Idempotency-Key"}}])
    request = ChangeRequest("n", (), fields(**more), intent=intent)
    return drive(vendor.create(request), script(answer({"id": "7"}))).calls[0]


def test_the_same_call_of_the_same_intent_has_the_same_key() -> None:
    """Another intent or another body has another one; it may be repeated, and prints as nothing."""
    call = created("one")
    ((name, key),) = call.headers
    assert (name, call.safe_to_repeat) == ("Idempotency-Key", True)
    assert isinstance(key, Secret)
    assert len(key.reveal()) == 36
    assert created("one").headers == call.headers
    assert created("two").headers != call.headers
    assert created("one", description="other").headers != call.headers


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"idempotency": {}}, "either `header` or `at`"),
        ({"idempotency": {"header": "K", "at": "/k"}}, "either `header` or `at`"),
        ({"idempotency": {"at": "/k"}, "body": "json_patch"}, "no place for a key"),
    ],
)
def test_a_key_has_one_place(words: dict[str, Any], told: str) -> None:
    """A header, or a part of a body that can have one."""
    with pytest.raises(ValidationError, match=told):
        small(update=[{"path": "/hooks/{id}", **words}])
