"""Lists as servers spell them: without a webhook, with those of other places, and with some hidden."""

from typing import Any

import pytest
from pydantic import ValidationError

from reconciler.errors import VendorError
from reconciler.providers.protocol import Reply
from reconciler.providers.rehearse import Outcome, drive
from tests.unit.providers.rig import answer, script, small

PROJECTS = [{"path": "", "body": {"/project": "{project}"}}]
OF_PROJECT = {"items": "hooks", "only": {"project.id": "{project}"}}


def listed(reply: Reply, *more: Reply, known: frozenset[str] = frozenset(), **words: Any) -> Outcome:
    """What observing a list gives."""
    read = [{"how": "list", "path": "/hooks", **words}]
    return drive(small(read=read).observe((), known), script(reply, *more))


def in_project(*hooks: Any, project: str = "7", known: frozenset[str] = frozenset(), one: Any = None) -> Outcome:
    """What observing one project gives at a vendor that lists those of all projects."""
    read = [
        {"how": "list", "path": "/hooks", **OF_PROJECT, **({"one": "/hooks/{id}", "partial": "It may."} if one else {})}
    ]
    replies = [answer({"hooks": list(hooks)}), *([answer(one)] if one else [])]
    return drive(small(read=read, scope=PROJECTS).observe((("project", project),), known), script(*replies))


@pytest.mark.parametrize(
    "reply",
    [
        answer({}),
        answer([]),
        Reply(200, {}, b"null"),
        answer({"hooks": []}),
        answer({"hooks": None}),
        answer({"hooks": None, "total": 0}),
    ],
)
def test_an_empty_list_however_it_is_spelled(reply: Reply) -> None:
    """A place without webhooks is read as such, and ours may be made there."""
    outcome = listed(reply, items="hooks")
    assert outcome.error is None, outcome.error
    assert (outcome.result.remotes, outcome.result.complete) == ((), True)


@pytest.mark.parametrize("reply", [answer({}), answer([]), Reply(200, {}, b"null"), answer({"hooks": None})])
def test_where_ours_should_be_an_empty_answer_proves_nothing(reply: Reply) -> None:
    """Nothing of ours is gone because an answer is oddly empty, unless the manifest says that it means it."""
    known = frozenset({"1"})
    assert isinstance(listed(reply, items="hooks", known=known).error, VendorError)
    assert listed(answer({"hooks": []}), items="hooks", known=known).error is None
    assert listed(answer({}), items="hooks", known=known, empty=["@ == `{}`"]).error is None


@pytest.mark.parametrize(
    "reply",
    [
        answer({"total": 0}),
        answer({"webhooks": [{"id": 1}]}),
        answer({"hooks": None, "webhooks": [{"id": 1}]}),
        answer({"hooks": None, "message": "try again later"}),
        answer({"hooks": "none"}),
        answer({"hooks": {}}),
        answer("nothing"),
        answer(0),
        answer(False),
        answer(None),
        answer(None, 204),
    ],
)
def test_what_merely_lacks_the_list_proves_nothing(reply: Reply) -> None:
    """An answer that may be anything is a failed read: taken for empty, every webhook would be made again."""
    assert isinstance(listed(reply, items="hooks").error, VendorError)


@pytest.mark.parametrize(
    ("reply", "empty"), [(answer(None, 204), [204]), (answer({"total": 0}), ["total == `0`"]), (answer({}, 404), [404])]
)
def test_the_manifest_says_what_else_is_empty(reply: Reply, empty: list[Any]) -> None:
    """`empty` names the statuses and the expressions by which this vendor says that there is nothing to list."""
    outcome = listed(reply, items="hooks", empty=empty)
    assert outcome.error is None, outcome.error
    assert outcome.result.complete


def test_webhooks_of_other_places_are_left_out() -> None:
    """Where the list shows those of every project, only those of the scope are seen: others are nobody's to adopt."""
    outcome = in_project(
        {"id": 1, "project": {"id": 7}}, {"id": 2, "project": {"id": 8}}, {"id": 3, "project": {"id": None}}
    )
    assert outcome.error is None, outcome.error
    assert [remote.remote_id for remote in outcome.result.remotes] == ["1"]


@pytest.mark.parametrize(("hook", "project"), [({"id": 1}, "7"), ({"id": 1, "project": {"id": "Web"}}, "web")])
def test_a_webhook_that_does_not_tell_its_place_proves_nothing(hook: Any, project: str) -> None:
    """It may be ours: left out, it would be made a second time; so the read fails and says what is missing."""
    assert isinstance(in_project(hook, project=project).error, VendorError)


def test_a_webhook_that_went_to_another_place_is_not_ours_there() -> None:
    """Read by its id, it shows another place: nothing is concluded, and it is not rewritten."""
    outcome = in_project(known=frozenset({"1"}), one={"id": "1", "project": {"id": 8}})
    assert outcome.result.unknown == {"1"}


def test_only_speaks_of_the_scope() -> None:
    """A misspelt parameter is a fault of the manifest: with it, every webhook would be left out."""
    read = [{"how": "list", "path": "/hooks", "only": {"project": "{projekt}"}}]
    with pytest.raises(ValidationError, match="projekt"):
        small(read=read, scope=PROJECTS)
