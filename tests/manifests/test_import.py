"""The law of every import, for every manifest that can list: what is written reads back, and the next plan is empty.

A webhook is made at a vendor that is none in particular, and imported; then the whole configuration is read and planned
anew, by the same way that `whsync plan` takes. Texts are hostile, as a vendor's may be.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.config.load import load
from reconciler.config.loaded import Loaded
from reconciler.errors import WhsyncError
from reconciler.model.action import Action
from reconciler.model.secret import Secret
from reconciler.model.webhook import DESCRIPTION, OPTIONS, URL, Fields, scope_of
from reconciler.planning.types import Plan, PlanOptions
from reconciler.providers.protocol import ChangeRequest, Steps
from reconciler.providers.registry import Registry, builtin_names
from reconciler.providers.rehearse import BASE_URL, drive
from reconciler.run.imports import Outcome, Target, imported
from reconciler.run.runtime import RunSettings, Runtime
from reconciler.run.strangers import Wish
from reconciler.run.survey import survey
from reconciler.state.lock import Lock, fold
from reconciler.state.stores.base import Snapshot
from tests.manifests.every import MANIFESTS, SHAPES, Anyone, wanted

T = TypeVar("T")
SECRET = Secret("a-secret-of-ours")
LISTED = [name for name in MANIFESTS if Anyone(MANIFESTS[name]).provider.capabilities.read in ("list", "singleton")]
PATHS = {path.stem: str(path) for path in SHAPES}
ODD = (
    "a: b # no comment",
    "${HOME} $$ ${each.repo} $",
    "two\nlines\r\n\ttabbed",
    "\u202egnirts\u2066",
    "'single' \"double\" \\ `back`",
    "- [a, {b: c}] &x *x !x",
    "0123",
    "true",
    "~",
    "<<",
    "\x00\x1b[31m\x85\u2028\ufeff",
    "😀 ünïcödé",
    "secret: {from: cmd:evil}",
)
TEXTS = st.sampled_from(ODD) | st.text(min_size=1, max_size=20)


class Rehearsed(Runtime):
    """A runtime whose vendor is `anyone`, without a network."""

    anyone: Anyone

    def drive(self, name: str, steps: Steps[T], on_progress: Any = None) -> T:
        """Carry the steps out against it."""
        outcome = drive(steps, self.anyone)
        if outcome.error is not None:
            raise outcome.error
        self._learn(outcome.result)
        result: T = outcome.result
        return result


def begun(name: str, anyone: Anyone) -> str:
    """A configuration with the one provider."""
    needs = anyone.vendor.schemes[0].needs if anyone.vendor.schemes else ()
    auth = "{" + ", ".join(f"{need}: env:A_{need.upper()}" for need in needs) + "}"
    return (
        f"version: 1\nproviders:\n  it:\n    type: {PATHS.get(name, name)}\n    base_url: {BASE_URL}\n"
        + (f"    auth: {auth}\n" if needs else "")
        + "policy: {https_only: false}\n"
    )


def read(text: str, folder: Path) -> Loaded:
    """The configuration."""
    path = folder / "webhooks.yaml"
    return load([path], {}, Registry(), instead={str(path): text.encode(errors="surrogatepass")})


def run(text: str, folder: Path, anyone: Anyone, environment: Mapping[str, str] = {}) -> Runtime:
    """A run over it."""
    runtime = Rehearsed(read(text, folder), environment, RunSettings())
    runtime.anyone = anyone
    return runtime


def import_of(name: str, anyone: Anyone, folder: Path) -> Outcome:
    """What an import makes of what the vendor holds."""
    text = begun(name, anyone)
    runtime = run(text, folder, anyone)
    given = {key: [value] for key, value in anyone.scope}
    target = Target(str(folder / "webhooks.yaml"), text, True, False)
    return imported(runtime, Snapshot(Lock(), ""), Wish(["it"], given), target, lambda whole: read(whole, folder))


def planned(outcome: Outcome, folder: Path, anyone: Anyone) -> Plan:
    """The next plan."""
    assert outcome.text is not None
    hidden = hidden_in(yaml.safe_load(outcome.text)["webhooks"], outcome.report.imported[0].name)
    fields = anyone.api.codec.read(anyone.shown())
    environment = {name: value_at(fields, path) for name, path in hidden.items()}
    runtime = run(outcome.text, folder, anyone, environment)
    return survey(runtime, Snapshot(fold(Lock(), outcome.events), ""), PlanOptions())[0]


def hidden_in(tree: Any, *path: str) -> dict[str, tuple[str, ...]]:
    """The variables of references in a webhook's fields, and the keys that lead to them."""
    for step in path:
        tree = tree[step]
    if not isinstance(tree, dict):
        return {}
    if tree.keys() == {"from"}:
        return {tree["from"].removeprefix("env:"): path[1:]}
    inner = (hidden_in({path[0]: {key: value}}, path[0], key) for key, value in tree.items() if key != "secret")
    return {name: (*path[1:], *at) for each in inner for name, at in each.items()}


def value_at(fields: Fields, path: tuple[str, ...]) -> str:
    """What the vendor has there; of a map, one of its values."""
    pointers = ["/" + "/".join(path[:end]) for end in range(1, len(path) + 1)]
    (pointer,) = [each for each in pointers if each in fields]
    value: Any = fields[pointer]
    for step in path[pointers.index(pointer) + 1 :]:
        value = (json.loads(value) if isinstance(value, str) else value)[step]
    return str(value)


def made(name: str, fields: Fields) -> Anyone:
    """A vendor with one webhook."""
    anyone = Anyone(MANIFESTS[name])
    anyone.scope = scope_of({key: f"{key}-1" for key, _ in anyone.scope})
    outcome = drive(anyone.provider.create(ChangeRequest("hook", anyone.scope, fields, secret=SECRET)), anyone)
    assert outcome.error is None
    return anyone


def is_free(pointer: str, name: str) -> bool:
    """Whether a field is a text of the user's own."""
    lens = MANIFESTS[name].lenses()[pointer]
    texts = pointer == DESCRIPTION or pointer.startswith(OPTIONS)
    return texts and lens.type == "text" and not lens.values and not lens.choices


@pytest.mark.parametrize("name", LISTED)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_plan_after_an_import_is_empty(name: str, tmp_path: Path, data: st.DataObject) -> None:
    """Whatever a webhook is: it is in the file and bound, or left out with a reason; nothing is to be done then."""
    fields = data.draw(wanted(MANIFESTS[name]))
    odd = {at: data.draw(TEXTS) for at in fields if is_free(at, name) and data.draw(st.booleans())}
    if data.draw(st.integers(0, 3)) == 0:
        odd[URL] = "https://hooks.example/" + data.draw(TEXTS)
    anyone = made(name, Fields(odd).over(fields))
    outcome = import_of(name, anyone, tmp_path)
    seen = outcome.report
    assert seen.found == len(seen.imported) + len(seen.left_out) == 1
    if not seen.imported:
        assert odd or seen.left_out[0].reason
        assert outcome.text is None
        return
    plan = planned(outcome, tmp_path, anyone)
    assert [change.action for change in plan.changes] == [Action.NOOP], (outcome.text, plan.changes)
    assert (plan.problems, plan.refusals, plan.unmanaged) == ((), (), ())
    assert SECRET.reveal() not in (outcome.text or "")


@pytest.mark.parametrize("name", LISTED)
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_usual_webhooks_are_imported(name: str, tmp_path: Path, data: st.DataObject) -> None:
    """Nothing odd is in it, so it is imported as it is, and what the file says is what the vendor has."""
    fields = data.draw(wanted(MANIFESTS[name])).only(sorted(MANIFESTS[name].lenses()))
    anyone = made(name, Fields({**fields, URL: "https://hooks.example/a"}) if URL in fields else fields)
    outcome = import_of(name, anyone, tmp_path)
    assert [each.reason for each in outcome.report.left_out] == [], outcome.report.left_out
    assert outcome.text is not None
    (webhook,) = read(outcome.text, tmp_path).desired
    (event,) = outcome.events
    assert event.entry.applied.keys() == webhook.fields.keys()
    assert webhook.secret is None
    assert event.entry.secret is None or event.entry.secret.in_force is None


def test_who_cannot_list_says_so(tmp_path: Path) -> None:
    """No crash and no empty file: an error names the vendor, and how its webhooks come into the lock."""
    others = [name for name in builtin_names() if name not in LISTED]
    assert others
    for name in others:
        anyone = Anyone(MANIFESTS[name])
        with pytest.raises(WhsyncError, match="nothing can be imported") as caught:
            import_of(name, anyone, tmp_path)
        assert "whsync adopt" in caught.value.hint
