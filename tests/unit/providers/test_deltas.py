"""Lists that are changed by what joins and leaves them, and the words that go together with nothing else."""

from typing import Any

import pytest
from pydantic import ValidationError

from reconciler.errors import NotRead, Rejected
from reconciler.model.webhook import Fields, Remote
from reconciler.providers.protocol import ChangeRequest, Provider
from reconciler.providers.rehearse import drive
from tests.unit.providers.rig import answer, fields, small

JOINED = {"method": "POST", "path": "/hooks/{id}/topics/{item}", "covers": ["/events"], "each": "joined"}
LEFT = {**JOINED, "method": "DELETE", "each": "left"}
DELTA = {"path": "/hooks/{id}/topics", "covers": ["/events"], "delta": {"add": "/join", "remove": "/leave"}}


def moved(vendor: Provider, before: Fields | None, *events: str) -> list[tuple[str, str, Any]]:
    """The calls that give a webhook these events."""
    remote = Remote("7", before) if before is not None else None
    request = ChangeRequest("n", (), fields(events=events), frozenset({"/events"}), remote, "7")
    outcome = drive(vendor.update(request), lambda call: answer({"id": "7"}))
    if outcome.error is not None:
        raise outcome.error
    return [(call.method, call.path, call.body) for call in outcome.calls]


def test_each_item_that_moves_has_a_call() -> None:
    """What joins goes first; names are encoded; what stays has none."""
    vendor = small(update=[JOINED, LEFT])
    assert moved(vendor, fields(events=["a", "b"]), "b", "c d") == [
        ("POST", "/hooks/7/topics/c%20d", None),
        ("DELETE", "/hooks/7/topics/a", None),
    ]


def test_one_call_has_both_and_leaves_out_what_is_empty() -> None:
    """In the codec of the field."""
    vendor = small(update=[DELTA])
    assert moved(vendor, fields(events=["a"]), "b") == [
        ("PATCH", "/hooks/7/topics", {"join": ["b"], "leave": ["a"]}),
    ]
    assert moved(vendor, fields(events=["a"]), "a", "b") == [("PATCH", "/hooks/7/topics", {"join": ["b"]})]


def test_what_nobody_has_read_is_not_changed() -> None:
    """Not even by adding: what is there already may be refused, and what is too much would stay."""
    with pytest.raises(NotRead, match="must be read before"):
        moved(small(update=[DELTA]), None, "a")


def test_a_call_that_is_lacking_is_told_before_the_first_is_made() -> None:
    """Where nothing leaves, the call for that is not missed."""
    vendor = small(update=[JOINED])
    assert len(moved(vendor, fields(events=["a"]), "a", "b")) == 1
    with pytest.raises(Rejected, match="no call to take from events"):
        moved(vendor, fields(events=["a"]), "b")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"update": [{**JOINED, "delta": DELTA["delta"]}]}, "either `delta` or `each`"),
        ({"update": [{**JOINED, "covers": ["/events", "/url"]}]}, "`each` needs `covers`"),
        ({"update": [{**DELTA, "covers": None}]}, "`delta` needs `covers`"),
        ({"update": [{**DELTA, "body": "full"}]}, "nothing else goes along"),
        ({"identity": {"fixed": "one", "number": True}}, "`number` belongs to `id`"),
        ({"identity": {"id": "id", "of": "/url"}}, "either `id`, `of` or `fixed`"),
        ({"identity": {"of": "/url"}}, "`identity.of` names /url"),
        (
            {"secret": {"lifecycle": "issued", "rotate": {"path": "/k/{id}", "after_create": True}}},
            "must say where the new secret is",
        ),
        ({"scope": [{"path": "/t/{team}", "names": ["team"]}]}, "stands in this scope already"),
    ],
)
def test_words_that_do_not_go_together(words: dict[str, Any], told: str) -> None:
    """Each is refused when the manifest is read."""
    with pytest.raises(ValidationError, match=told):
        small(**words)
