"""Codes and places as they arrive in what a run makes."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from reconciler.apply.scheduler import apply as carried_out
from reconciler.cli import apply, drift, plan
from reconciler.codes import Code
from reconciler.state.event import Event, Failed
from tests.cli.world import World, hook, ledger


@pytest.fixture
def caught(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the commands were given to show: plans, reports and events."""
    values: list[Any] = []

    def catching(module: Any, name: str, kept: Callable[[Any], Any]) -> None:
        made = getattr(module, name)

        def catch(*given: Any, **named: Any) -> Any:
            found = made(*given, **named)
            values.append(kept(found))
            return found

        monkeypatch.setattr(module, name, catch)

    def events(*given: Any) -> Iterator[Event]:
        for event in carried_out(*given):
            values.append(event)
            yield event

    catching(plan, "survey", lambda found: found[0])
    catching(drift, "drifted", lambda found: found)
    monkeypatch.setattr(apply, "apply", events)
    return values


def test_a_plan_has_codes_and_places(world: World, caught: list[Any]) -> None:
    """What is refused and what is missing is placed in the file; a change says where the file has it."""
    world.write(
        {"ci": hook(), "ledger": ledger(url="https://evil.example.com")}, policy={"allowed_hosts": ["*.acme.com"]}
    )
    del world.environment["CI_SECRET"]
    world("plan")
    (made,) = caught
    assert [change.code for change in made.changes] == [Code.CREATE_UNLOOKED, Code.BLOCKED]
    assert [change.source.path for change in made.changes] == [("webhooks", "ledger"), ("webhooks", "ci")]
    assert [refusal.code for refusal in made.refusals] == [Code.HOST_NOT_ALLOWED]
    assert [problem.code for problem in made.problems] == [Code.SECRET_MISSING]
    assert all(each.at is not None and each.at.file == "webhooks.yaml" for each in (*made.refusals, *made.problems))


def test_a_drift_report_has_codes(world: World, caught: list[Any]) -> None:
    """What could not be read says why by its code."""
    world.write({"ci": hook()})
    world.applied()
    caught.clear()
    world.environment["GITHUB_TOKEN"] = "not the right one at all"
    world("drift")
    (report,) = caught
    assert [problem.code for problem in report.problems] == [Code.CREDENTIALS_REFUSED]


def test_an_event_has_the_code_of_what_failed(world: World, caught: list[Any]) -> None:
    """A failed change hands on the code of its error."""
    world.write({"ci": hook()})
    world.box["github"].fail("403", method="POST", times=None)
    world.apply()
    (failed,) = [event for event in caught if isinstance(event, Failed)]
    assert failed.problem.code is Code.NOT_PERMITTED
