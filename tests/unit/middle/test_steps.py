"""The nine steps by which a webhook of the file is found: their order, and each one by itself."""

import re

import pytest

from reconciler.matching import steps
from reconciler.matching.index import build_index, entries_of
from reconciler.matching.steps import STEPS, Search, first_fit
from reconciler.model.action import Action
from reconciler.model.capabilities import Capabilities
from reconciler.model.webhook import Desired, Remote
from reconciler.state.event import Intended
from reconciler.state.lock import Lock
from tests.unit.middle.build import ACCOUNT, ELSEWHERE, capabilities, entry, fields, how, matched, remote, seen, webhook

SENT = "https://sent.example.com/"
RENAMED = webhook(was=("old",))
SINGLETON = capabilities(read="singleton")


def lost(action: Action, replaced: str | None = None) -> dict[str, Intended]:
    """The open intent of `w`, which was sent with a URL that the file does not have any more."""
    return {"w": Intended("w", action, "v", "vendor", ACCOUNT, (), replaced, SENT, "2026-11-20T12:00:00Z")}


SCENES: dict[str, tuple[Desired, Remote, Lock, Capabilities]] = {
    "replacement": (
        webhook(),
        remote("r1", fields(SENT)),
        Lock({"w": entry("gone")}, lost(Action.REPLACE, "gone")),
        capabilities(),
    ),
    "lock": (webhook(), remote("r1", ELSEWHERE), Lock({"w": entry("r1")}), capabilities()),
    "renamed singleton": (RENAMED, remote("r1", ELSEWHERE), Lock({"old": entry("gone")}), SINGLETON),
    "singleton": (webhook(), remote("r1", ELSEWHERE), Lock(), SINGLETON),
    "mark": (webhook(), remote("r1", ELSEWHERE, mark="w"), Lock(), capabilities()),
    "renamed entry": (RENAMED, remote("r1", ELSEWHERE), Lock({"old": entry("r1")}), capabilities()),
    "renamed mark": (RENAMED, remote("r1", ELSEWHERE, mark="old"), Lock(), capabilities()),
    "lost create": (webhook(), remote("r1", fields(SENT)), Lock({}, lost(Action.CREATE)), capabilities()),
    "natural key": (webhook(), remote("r1"), Lock(), capabilities()),
}
"""For each step a webhook, the only remote there is, the lock and the vendor: only this step takes the one for it."""


def search(name: str) -> Search:
    """What the steps are given in a scene."""
    wanted, there, held, api = SCENES[name]
    index = build_index([wanted], seen(there), held, {"v": api}, {"v": ACCOUNT})
    reading = index.reading_at(wanted.address)
    assert reading is not None
    return Search(wanted, entries_of(wanted, index), reading, index)


def test_the_steps_are_told_in_their_order() -> None:
    """Who reads what decides before what reads the truth: nine names, each once, as they are tried."""
    told = re.findall(r"^    (\w+(?: \w+)*)  +\w", steps.__doc__ or "", re.MULTILINE)
    assert told == [step.name for step in STEPS]
    assert len(set(told)) == 9


@pytest.mark.parametrize("name", [step.name for step in STEPS])
def test_each_step_finds_what_no_other_would(name: str) -> None:
    """No step is there in vain: a webhook of ours that it alone knows would else be made a second time."""
    assert [step.name for step in STEPS if list(step.candidates(search(name)))] == [name]
    fit = first_fit(search(name))
    assert fit is not None
    assert (fit.step.name, list(fit.found)) == (name, ["r1"])


@pytest.mark.parametrize("step", STEPS, ids=[step.name for step in STEPS])
def test_a_match_says_how_it_was_found(step: steps.Step, monkeypatch: pytest.MonkeyPatch) -> None:
    """The match is the step's, in the word that plans and messages have for it; without the step there is none."""
    wanted, there, held, api = SCENES[step.name]
    assert how(matched(wanted, seen(there), held, api)) == (step.how, "r1")
    monkeypatch.setattr(steps, "STEPS", tuple(other for other in STEPS if other is not step))
    assert how(matched(wanted, seen(there), held, api)) == ("", None)


def test_the_words_for_the_steps() -> None:
    """Plans and messages know four words, whatever the steps are called."""
    assert {step.name: step.how for step in STEPS} == {
        "replacement": "natural key",
        "lock": "lock",
        "renamed singleton": "was",
        "singleton": "natural key",
        "mark": "mark",
        "renamed entry": "was",
        "renamed mark": "was",
        "lost create": "natural key",
        "natural key": "natural key",
    }


@pytest.mark.parametrize("earlier", range(len(STEPS) - 1))
def test_an_earlier_step_comes_first(earlier: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where two steps have a candidate, the earlier one decides, and the later one is not even asked."""
    first, second = STEPS[earlier]._replace(candidates=lambda _: [remote("r1")]), STEPS[earlier + 1]

    def asked(_: Search) -> list[Remote]:
        raise AssertionError(f"{second.name} was asked")

    monkeypatch.setattr(steps, "STEPS", (first, second._replace(candidates=asked)))
    fit = first_fit(search("natural key"))
    assert fit is not None
    assert fit.step is first


def test_a_renamed_webhook_keeps_its_entry_when_its_replacement_was_cut_short() -> None:
    """The new one bears its new name already: it is taken, and the old one, which the old entry knows, is retired."""
    held = Lock({"old": entry("r1", ELSEWHERE)}, lost(Action.REPLACE, "r1"))
    found = matched(RENAMED, seen(remote("r1", ELSEWHERE), remote("r2", mark="w")), held)
    assert (*how(found), found.entry_name) == ("mark", "r2", "old")
    assert found.superseded is not None
    assert found.superseded.remote_id == "r1"
