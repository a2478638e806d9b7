"""The law of imports of many places, for every manifest that has some: all come back, and the next plan is empty.

Each place holds one webhook; they are the same, or differ in what real ones differ in: a status, a number in the url,
their own name there, a token that nobody may see, a text. What is written is laid out as `whsync fmt` would lay it out.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.document.layout import laid_out
from reconciler.importing.types import ImportReport
from reconciler.model.action import Action
from reconciler.model.webhook import DESCRIPTION, EVENTS, STATUS, URL, Fields, Scope, scope_of
from reconciler.planning.types import PlanOptions
from reconciler.providers.protocol import Call, ChangeRequest, Reply
from reconciler.providers.rehearse import drive
from reconciler.run.imports import Outcome, Target, imported
from reconciler.run.runtime import RunSettings
from reconciler.run.strangers import Wish
from reconciler.run.survey import survey
from reconciler.state.lock import Lock, fold
from reconciler.state.stores.base import Snapshot
from tests.manifests.every import MANIFESTS, Anyone, needed_by, personal
from tests.manifests.test_import import LISTED, SECRET, Rehearsed, begun
from tests.manifests.test_import import read as read_text

PLACED = [
    name for name in LISTED if (anyone := Anyone(MANIFESTS[name])).scope and not getattr(anyone.api.read, "only", {})
]
"""Those that are asked for each place by itself; the others choose from a list of all, which a town does not have."""
SUFFIXES = ("ab", "cd", "ef", "gh", "ij")
URLS = (
    "https://ci.acme.com/hooks",
    "https://ci.acme.com/{place}/in",
    "https://docs.acme.com/{place}/{number}/",
    "https://ci.acme.com/in?job={number}",
    "https://chat.acme.com/in/{number}Zq9xT0pS3cretAbC",
    "https://chat.acme.com/in/Zq9xT0pS3cretAbC12",
)


class Town:
    """Many places of one vendor, each of which holds what it was sent."""

    def __init__(self, name: str) -> None:
        self.manifest = MANIFESTS[name]
        self.places: dict[str, Anyone] = {}
        for number, suffix in enumerate(SUFFIXES):
            anyone = Anyone(self.manifest)
            fixed = {key: f"{key}-x" for key, _ in anyone.scope}
            last = [*fixed][-1]
            anyone.scope = scope_of({**fixed, last: f"{last}-{suffix}"})
            anyone.ids = [str(42 + number)]
            self.places[f"{last}-{suffix}"] = anyone
        self.key = last

    def __call__(self, call: Call) -> Reply:
        """The answer of the place that the call names."""
        told = f"{call.path} {call.query} {call.headers} {call.body}"
        (value,) = [value for value in self.places if value in told]
        return self.places[value](call)

    def make(self, each: dict[str, Fields]) -> None:
        """A webhook in each place."""
        for value, fields in each.items():
            anyone = self.places[value]
            outcome = drive(anyone.provider.create(ChangeRequest("hook", anyone.scope, fields, secret=SECRET)), anyone)
            assert outcome.error is None


def vary(name: str, value: str, number: int, url: str, field: str) -> Fields:
    """One webhook: what all have, its url, and perhaps what one has otherwise."""
    fields = dict(personal(MANIFESTS[name], "acme"))
    fields = {at: leaf for at, leaf in fields.items() if at in {URL, EVENTS, *needed_by(MANIFESTS[name])}}
    lenses = MANIFESTS[name].lenses()
    if URL in fields:
        fields[URL] = url.format(place=value, number=100 + number)
    if field == DESCRIPTION and DESCRIPTION in lenses and lenses[DESCRIPTION].write:
        fields[DESCRIPTION] = f"of {value}"
    if field == STATUS and STATUS in lenses and lenses[STATUS].write:
        fields[STATUS] = "inactive"
    return Fields(fields)


def run(text: str, folder: Path, town: Town, environment: dict[str, str]) -> Rehearsed:
    """A run over a configuration."""
    runtime = Rehearsed(read_text(text, folder), environment, RunSettings())
    runtime.anyone = town  # type: ignore[assignment]  # it answers calls, which is all that is asked of it
    return runtime


def import_of(name: str, town: Town, folder: Path) -> Outcome:
    """What an import makes of all places."""
    text = begun(name, next(iter(town.places.values())))
    given: dict[str, list[str]] = {}
    for anyone in town.places.values():
        for key, value in anyone.scope:
            given.setdefault(key, [])
            given[key] += [value] if value not in given[key] else []
    target = Target(str(folder / "webhooks.yaml"), text, True, False)
    runtime = run(text, folder, town, {})
    return imported(runtime, Snapshot(Lock(), ""), Wish(["it"], given), target, lambda whole: read_text(whole, folder))


def environment_of(report: ImportReport, made: dict[Scope, Fields]) -> dict[str, str]:
    """What the variables are to hold."""
    return {name: made[each.scope].url for each in report.imported for name in each.variables}


def come_back(name: str, folder: Path, each: Sequence[tuple[str, str]]) -> None:
    """Import what was made of a url and a field for each place, and hold the law against it."""
    town = Town(name)
    made = {
        value: vary(name, value, number, *words)
        for (number, value), words in zip(enumerate(town.places), each, strict=True)
    }
    town.make(made)
    outcome = import_of(name, town, folder)
    report = outcome.report
    assert len(report.imported) + len(report.left_out) == len(made), report.problems
    assert not [each.reason for each in report.left_out if "next plan" in each.reason]
    if outcome.text is None:
        return
    environment = environment_of(report, {town.places[value].scope: fields for value, fields in made.items()})
    runtime = run(outcome.text, folder, town, environment)
    plan = survey(runtime, Snapshot(fold(Lock(), outcome.events), ""), PlanOptions())[0]
    assert {change.action for change in plan.changes} == {Action.NOOP}, (outcome.text, plan.changes)
    assert (plan.problems, plan.refusals) == ((), ())
    assert laid_out(outcome.text) == outcome.text
    written = [outcome.text, repr(outcome.events), repr(report)]
    assert not [text for text in environment.values() if any(text in each for each in written)]


@pytest.mark.parametrize("name", PLACED)
def test_all_places_come_back(name: str, tmp_path: Path) -> None:
    """In the file and bound, or left out with a reason; nothing is to be done then, and no token is written."""
    numbered, token = URLS[2], URLS[4]
    come_back(
        name, tmp_path, [(numbered, ""), (numbered, STATUS), (numbered, DESCRIPTION), (token, ""), (numbered, "")]
    )


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_they_have_in_common(tmp_path: Path, data: st.DataObject) -> None:
    """The same for any mixture of what webhooks have in common and do not."""
    usual = data.draw(st.sampled_from(URLS))
    urls = st.sampled_from([usual, usual, usual, *URLS])
    each = data.draw(st.lists(st.tuples(urls, st.sampled_from(["", "", STATUS])), min_size=5, max_size=5))
    come_back("github", tmp_path, each)


def test_there_are_such_vendors() -> None:
    """The law is tried for many manifests."""
    assert len(PLACED) > 10
