"""Calls that manifests could say and the engine could not make: each says what is so, or is made."""

from typing import Any

import pytest

from reconciler.errors import Rejected
from reconciler.model.action import Action
from reconciler.model.secret import Secret
from reconciler.model.webhook import Remote
from reconciler.providers.engine.interpret import CompiledVendor
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.protocol import ChangeRequest
from reconciler.providers.rehearse import BASE_URL, drive, shown
from tests.unit.providers.rig import SMALL, answer, fields, script, small

OURS = Secret("a-secret-of-ours")
SECRET = {"lifecycle": "supplied", "write": "/secret"}


def made_by(**changes: Any) -> Any:
    """The body of a create by a manifest with these words."""
    outcome = drive(small(**changes).create(ChangeRequest("n", (), fields(), secret=OURS)), script(answer({"id": 1})))
    assert outcome.error is None
    return shown(outcome.calls[0].body)


def test_a_secret_that_is_needed_is_one_that_is_there() -> None:
    """`needs: [/secret]`: with ours at hand the webhook is made; declared only, it can be planned."""
    needing = {"create": [{"path": "/hooks", "ok_when": "id", "needs": ["/secret"]}], "secret": SECRET}
    assert made_by(**needing) == {"url": "https://a.example/x", "secret": "***"}
    provider = small(**needing)
    planned = provider.calls(Action.CREATE, ChangeRequest("n", (), fields(), declares_secret=True))
    assert [call.method for call in planned] == ["POST"]


def test_without_a_needed_secret_the_file_is_told() -> None:
    """Nothing is sent, and the message names the key of the file."""
    needing = {"create": [{"path": "/hooks", "ok_when": "id", "needs": ["/secret"]}], "secret": SECRET}
    outcome = drive(small(**needing).create(ChangeRequest("n", (), fields())), script())
    assert isinstance(outcome.error, Rejected)
    assert outcome.error.summary == "Smallville makes no webhook without secret"
    assert outcome.error.hint == "give it `secret:` in the file"


def test_fixed_parts_may_be_the_whole_body() -> None:
    """An object at the empty pointer is where every body begins; what the webhook says is laid over it."""
    create = [{"path": "/hooks", "ok_when": "id", "fixed": {"": {"kind": "web", "url": "-"}}}]
    assert made_by(create=create) == {"kind": "web", "url": "https://a.example/x"}


def test_a_constant_may_be_null() -> None:
    """Some vendors want a key that holds nothing."""
    create = [{"path": "/hooks", "ok_when": "id", "fixed": {"/filter": None}}]
    assert made_by(create=create) == {"filter": None, "url": "https://a.example/x"}


@pytest.mark.parametrize(("setting", "text"), [(True, "true"), (False, "false"), ("x", "x"), (3, "3")])
def test_settings_are_spelled_in_templates_as_in_files(setting: str | bool | int, text: str) -> None:
    """A boolean in a path or query is `true`, as every API has it, and not Python's `True`."""
    words = {
        "settings": {"all": {"default": setting, "about": "Whether all."}},
        "create": [{"path": "/hooks/{all}", "query": {"all": "{all}"}, "ok_when": "id"}],
    }
    outcome = drive(small(**words).create(ChangeRequest("n", (), fields())), script(answer({"id": 1})))
    assert (outcome.calls[0].path, outcome.calls[0].query) == (f"/hooks/{text}", (("all", text),))


@pytest.mark.parametrize("events", [["a", "b"], []])
def test_one_event_a_webhook_is_a_refusal_and_no_crash(events: list[str]) -> None:
    """`codec: one` without `fan_out`: two events are refused before anything is sent, with the way out."""
    one = {**SMALL["fields"], "events": {"read": "event", "write": "/event", "codec": {"kind": "one"}}}
    provider = small(fields=one)
    wanted = fields().over(fields(events=events or ["a"]))
    request = ChangeRequest("n", (), wanted if events else type(wanted)({**wanted, "/events": frozenset()}))
    outcome = drive(provider.create(request), script())
    assert isinstance(outcome.error, Rejected)
    assert outcome.error.kind == "config"
    assert "one event" in outcome.error.summary
    assert outcome.error.hint == "write one webhook for each event"
    assert provider.capabilities.one_event


def test_whole_bodies_of_updates_keep_working() -> None:
    """Flags beside other keys are written to the empty pointer, each under its own key."""
    flags = {"read": "@", "write": "", "codec": {"kind": "flags"}, "catalogue": {"names": ["a", "b"]}}
    manifest = Manifest.model_validate({**SMALL, "fields": {**SMALL["fields"], "events": flags}})
    provider = CompiledVendor(manifest).provider(BASE_URL)
    there = Remote("1", fields(events=["a"]))
    request = ChangeRequest("n", (), fields(events=["b"]), frozenset({"/events"}), there, "1")
    outcome = drive(provider.update(request), script(answer({"id": 1})))
    assert shown(outcome.calls[0].body) == {"a": False, "b": True}
