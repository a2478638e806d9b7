"""Lenses: values and synonyms, marks, masks, and that secrets stay secrets."""

from typing import Any

import pytest
from pydantic import ValidationError

from reconciler.model.equality import canonical, same
from reconciler.model.webhook import Fields, Leaf, Remote
from reconciler.providers.engine.extract import built
from reconciler.providers.engine.interpret import CompiledVendor
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.registry import builtin
from tests.unit.providers.rig import SMALL, small


def remote(name: str, shown: dict[str, Any]) -> Remote:
    """A remote object of a built-in manifest, read."""
    read = CompiledVendor(builtin(name)).codec().remote(shown)
    assert read is not None
    return read


@pytest.mark.parametrize(
    ("status", "leaf"),
    [
        ("WEBHOOK_STATUS_ACTIVATED", "active"),
        ("WEBHOOK_STATUS_ACTIVE", "active"),
        ("WEBHOOK_STATUS_DEACTIVATED", "inactive"),
        ("WEBHOOK_STATUS_PAUSED", "WEBHOOK_STATUS_PAUSED"),
    ],
)
def test_enumerations_know_synonyms_and_show_the_rest_raw(status: str, leaf: str) -> None:
    """A value outside the vendor's own list is shown as it is, so that nobody takes it for a known one."""
    assert remote("coinbase-payments", {"id": "w", "status": status}).fields["/status"] == leaf


@pytest.mark.parametrize(("shown", "leaf"), [("0", "0"), (0, "0"), (False, "0"), ("1", "1"), (1, "1"), (True, "1")])
def test_spellings_of_one_value_read_alike_and_are_told_to_the_core(shown: Leaf, leaf: str) -> None:
    """Numbers, booleans and texts for the same switch are no difference, on neither side."""
    read = remote("github", {"id": 1, "config": {"insecure_ssl": shown}})
    assert read.fields["/options/insecure_ssl"] == leaf
    capabilities = CompiledVendor(builtin("github")).capabilities
    assert canonical("/options/insecure_ssl", shown, capabilities) == leaf


def test_a_full_list_of_events_means_the_wildcard() -> None:
    """`*` and every known event are the same set."""
    events = CompiledVendor(builtin("github")).capabilities.events
    assert events.canonical(events.names - {"*"}) == events.canonical(frozenset({"*", "push"})) == frozenset({"*"})
    assert events.canonical(frozenset({"push"})) == frozenset({"push"})


CODECS: list[tuple[dict[str, Any], Any]] = [
    ({"kind": "list"}, ["CREATED", "OTHER"]),
    ({"kind": "objects", "key": "name"}, [{"name": "CREATED"}, {"name": "OTHER"}]),
    ({"kind": "flags", "suffix": "_on"}, {"CREATED_on": True, "GONE_on": False, "OTHER_on": True}),
]


@pytest.mark.parametrize(("codec", "shown"), CODECS, ids=[codec["kind"] for codec, _ in CODECS])
def test_events_have_our_names_and_theirs(codec: dict[str, Any], shown: Any) -> None:
    """`values` and `also` of events are obeyed: the file has our names, the vendor gets its own, and either is read."""
    lens = {
        **SMALL["fields"]["events"],
        "codec": codec,
        "values": {"created": "CREATED", "gone": "GONE"},
        "also": {"created": ["Created"]},
        "catalogue": {"names": ["created", "gone", "OTHER"], "closed": True, "wildcard": "*"},
    }
    vendor = CompiledVendor(Manifest.model_validate({**SMALL, "fields": {**SMALL["fields"], "events": lens}}))
    wanted = Fields({"/events": frozenset({"created", "OTHER"})})
    read = vendor.codec().remote({"id": 1, "events": shown})
    assert read is not None
    assert read.fields == wanted
    theirs = built(vendor.codec().pairs(wanted))["events"]
    assert sorted(theirs, key=str) == sorted(shown, key=str) if isinstance(theirs, list) else theirs == shown
    for spelling in ("created", "Created", "CREATED"):
        events = frozenset({spelling, "OTHER"})
        assert same("/events", events, wanted["/events"], vendor.capabilities)
        assert built(vendor.codec().pairs(Fields({"/events": events})))["events"] == theirs
    assert vendor.capabilities.events.canonical(frozenset({"CREATED", "GONE", "OTHER"})) == frozenset({"*"})


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("events", {"default": "a"}),
        ("events", {"choices": ["a"]}),
        ("url", {"type": "text"}),
        ("description", {"choices": ["a", "b"]}),
    ],
)
def test_words_that_would_do_nothing_are_refused(field: str, words: dict[str, Any]) -> None:
    """Who writes them believes that they are obeyed, so a manifest with them is not sound."""
    lenses = {**SMALL["fields"], field: {**SMALL["fields"][field], **words}}
    with pytest.raises(ValidationError, match=f"`{next(iter(words))}` says nothing about {field}"):
        Manifest.model_validate({**SMALL, "fields": lenses})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"natural_key": []}, "`natural_key` is empty"),
        ({"natural_key": ["/url", "/options/x"], "options": {"x": {"write": "/x"}}}, "which no read shows"),
    ],
)
def test_a_list_needs_something_that_tells_webhooks_apart(changes: dict[str, Any], said: str) -> None:
    """A manifest by which nothing would ever be found again is not sound, unless the vendor holds marks."""
    with pytest.raises(ValidationError, match=said):
        Manifest.model_validate({**SMALL, **changes})
    Manifest.model_validate({**SMALL, **changes, "mark": {"read": "m", "write": "/m"}})


@pytest.mark.parametrize(
    ("identifier", "mark", "foreign"),
    [("whsync:ledger", "ledger", None), ("ours-42", None, "ours-42"), ("", None, None), (None, None, None)],
)
def test_only_our_own_marks_count(identifier: str | None, mark: str | None, foreign: str | None) -> None:
    """Somebody else's identifier is kept apart and never taken for a name of ours."""
    read = remote("coinbase-payments", {"id": "w", "identifier": identifier})
    assert (read.mark, read.foreign_mark) == (mark, foreign)


@pytest.mark.parametrize(
    ("secret", "value", "mask"), [("whsec_1", True, None), ("whsec_***", False, "whsec_***"), (None, False, None)]
)
def test_a_shown_secret_is_a_value_only_if_it_is_no_mask(secret: str | None, value: bool, mask: str | None) -> None:
    """Reads may show the secret, a mask, or nothing."""
    read = remote("coinbase-payments", {"id": "w", "secret": secret})
    assert (read.secret is not None, read.mask) == (value, mask)
    assert "whsec_1" not in repr(read)


@pytest.mark.parametrize("shown", ["the secret itself, by mistake", "whsec_0123456789", "first 16 letters"])
def test_what_may_be_a_secret_is_no_mask_for_the_lock(shown: str) -> None:
    """A vendor that shows it plainly where its mask was expected: a fingerprint tells that it changed, and no more."""
    masks = [
        remote("github", {"id": at, "config": {"secret": text}}).mask for at, text in ((1, shown), (1, shown[:-1]))
    ]
    assert all(mask is not None and mask.startswith("***~") and shown[:6] not in mask for mask in masks)
    assert masks[0] != masks[1]
    for mask in ("********", "ab...", "c0de"):
        assert remote("github", {"id": 1, "config": {"secret": mask}}).mask == mask


def test_a_flag_tells_whether_a_secret_is_set() -> None:
    """A hook whose config holds no secret has none."""
    assert remote("github", {"id": 1, "config": {"url": "x"}}).has_secret is False
    assert remote("github", {"id": 1, "config": {"secret": "********"}}).has_secret is True
    assert remote("coinbase-payments", {"id": "w"}).has_secret is None


def test_items_of_a_list_keep_their_types() -> None:
    """A list of numbers reads as numbers, so that it can be what the file says."""
    tags = {"tags": {"read": "tags", "write": "/tags", "type": "list"}}
    codec = CompiledVendor(Manifest.model_validate({**SMALL, "options": tags})).codec()
    found = codec.remote({"id": 1, "tags": [1, 2.5, "x", True]})
    assert found is not None
    assert found.fields["/options/tags"] == (1, 2.5, "x", True)


def test_half_a_character_is_no_id_and_breaks_no_text() -> None:
    """JSON can escape what no file and no URL can hold."""
    codec = CompiledVendor(Manifest.model_validate(SMALL)).codec()
    assert codec.remote({"id": "a\ud800"}) is None
    found = codec.remote({"id": "a", "url": "\ud800", "events": ["e\udfff"]})
    assert found is not None
    assert found.fields.url == "\\ud800"
    assert found.fields.events == {"e\\udfff"}


@pytest.mark.parametrize(
    ("shown", "name"),
    [
        ({"entity": "MODEL_VERSION", "action": "CREATED"}, "MODEL_VERSION.CREATED"),
        ({"entity": "MODEL", "action": "TAG.SET"}, "MODEL.TAG.SET"),
        ({"entity": "MODEL"}, "MODEL"),
        ({"entity": "MODEL", "action": None}, "MODEL"),
        ({"action": "CREATED"}, ".CREATED"),
    ],
)
def test_events_of_several_keys_are_one_name(shown: dict[str, Any], name: str) -> None:
    """A part that is not there is an empty one; the name leads back to the same object."""
    events = {"read": "events", "write": "/events", "codec": {"kind": "objects", "keys": ["entity", "action"]}}
    codec = CompiledVendor(Manifest.model_validate({**SMALL, "fields": {**SMALL["fields"], "events": events}})).codec()
    read = codec.read({"events": [shown]})
    assert read.events == {name}
    assert codec.pairs(read) == {"/events": [{key: part for key, part in shown.items() if part is not None}]}


@pytest.mark.parametrize("keys", [{}, {"key": "a", "keys": ["b"]}])
def test_names_stand_under_one_key_or_several(keys: dict[str, Any]) -> None:
    """Not under none, and not under both."""
    events = {"read": "events", "write": "/events", "codec": {"kind": "objects", **keys}}
    with pytest.raises(ValidationError, match="either `key` or"):
        small(fields={**SMALL["fields"], "events": events})


@pytest.mark.parametrize(
    ("shown", "found"), [("https://a.example/hooks/A1", "A1"), ("A1", "A1"), ("https://a.example/hooks/", None)]
)
def test_an_id_may_be_the_end_of_an_address(shown: str, found: str | None) -> None:
    """What stands behind the last slash; where nothing does, there is no id."""
    codec = CompiledVendor(Manifest.model_validate({**SMALL, "identity": {"id": "uri", "cut": "/"}})).codec()
    assert codec.id_of({"uri": shown}) == found
