"""Drafts of manifests: what a description says is in them, what it leaves open is called unknown, and each is sound."""

import copy
from typing import Any

import pytest

from reconciler.errors import ConfigError
from reconciler.providers.draft.description import found_in
from reconciler.providers.draft.text import blank, draft
from reconciler.providers.draft.words import words_of
from reconciler.providers.registry import parse
from reconciler.providers.rehearse import rehearse

TEXT = {"type": "string"}
HOOK: dict[str, Any] = {
    "type": "object",
    "required": ["target_url", "topics", "label"],
    "properties": {
        "target_url": {**TEXT, "format": "uri"},
        "topics": {"type": "array", "items": {**TEXT, "enum": ["parcel.sent", "parcel.lost"]}},
        "paused": {"type": "boolean"},
        "label": TEXT,
        "retries": {"type": "integer"},
        "format": {**TEXT, "enum": ["json", "xml"]},
        "depots": {"type": "array", "items": TEXT},
        "headers": {"type": "object"},
        "signing_key": TEXT,
    },
}
SHOWN: dict[str, Any] = {
    "type": "object",
    "properties": {**{k: v for k, v in HOOK["properties"].items() if k != "signing_key"}, "id": TEXT, "created": TEXT},
}


def answers(status: str, schema: Any = None) -> dict[str, Any]:
    """The answers of an operation."""
    return {status: {"description": "", **({"content": {"application/json": {"schema": schema}}} if schema else {})}}


def sends(schema: Any) -> dict[str, Any]:
    """An operation's body."""
    return {"content": {"application/json": {"schema": schema}}}


HOOK_SENT = sends({"$ref": "#/components/schemas/Hook"})


def description() -> dict[str, Any]:
    """An invented vendor: hooks of a depot, in a cursor-paged list, wrapped in `data`."""
    listed = {"type": "object", "properties": {"data": {"type": "array", "items": SHOWN}, "next_cursor": TEXT}}
    wrapped = {"type": "object", "properties": {"data": {"$ref": "#/components/schemas/Shown"}}}
    cursor = [{"name": "cursor", "in": "query", "schema": TEXT}]
    return {
        "openapi": "3.0.3",
        "info": {"title": "Parcelbox REST API", "version": "2"},
        "servers": [{"url": "https://api.parcelbox.example/v2"}],
        "paths": {
            "/depots/{depot-id}/webhooks": {
                "get": {"parameters": cursor, "responses": answers("200", listed)},
                "post": {
                    "requestBody": sends({"$ref": "#/components/schemas/Hook"}),
                    "responses": answers("201", wrapped),
                },
            },
            "/depots/{depot-id}/webhooks/{hookId}": {
                "get": {"responses": answers("200", wrapped)},
                "patch": {
                    "requestBody": sends({"$ref": "#/components/schemas/Hook"}),
                    "responses": answers("200", wrapped),
                },
                "delete": {"responses": answers("204")},
            },
            "/webhooks/deliveries": {"get": {"responses": answers("200")}, "post": {"responses": answers("200")}},
            "/webhooks/deliveries/{id}": {"get": {"responses": answers("200")}},
        },
        "components": {
            "schemas": {"Hook": HOOK, "Shown": SHOWN},
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"}},
        },
    }


def drafted(document: Any, path: str | None = None) -> dict[str, Any]:
    """The words of a draft, which is sound."""
    words = words_of(found_in(document, path), "parcelbox", "https://parcelbox.example/openapi.json")
    assert list(rehearse(parse(draft(words).encode(), "parcelbox.yaml"))) == []
    return words


def test_what_a_description_says_is_in_the_draft() -> None:
    """Host, credentials, scope, calls, paging, fields, options, needs and the secret, all from the description."""
    words = drafted(description())
    assert words["title"] == "Parcelbox"
    assert words["base_url"] == "https://api.parcelbox.example/v2"
    assert words["auth"] == [{"kind": "header", "headers": {"X-Api-Key": "{api_key}"}}]
    assert words["variables"] == {"api_key": "PARCELBOX_API_KEY"}
    assert words["scope"] == [{"path": "/depots/{depot_id}"}]
    pages = {"kind": "cursor", "path": "next_cursor", "param": "cursor"}
    one = {"one": "/webhooks/{id}", "item": "data"}
    assert words["read"] == [{"how": "list", "path": "/webhooks", "items": "data", "pages": pages, **one}]
    fields = words["fields"]
    assert fields["url"] == {"read": "target_url", "write": "/target_url"}
    assert fields["events"]["catalogue"] == {"closed": True, "names": ["parcel.sent", "parcel.lost"]}
    assert fields["status"] == {"read": "paused", "write": "/paused", "values": {"active": False, "inactive": True}}
    assert "absent" in fields["description"]
    assert words["options"] == {
        "label": {"read": "label", "write": "/label"},
        "retries": {"read": "retries", "write": "/retries", "type": "int"},
        "format": {"read": "format", "write": "/format", "choices": ["json", "xml"]},
        "depots": {"read": "depots", "write": "/depots", "type": "list"},
    }
    assert words["secret"] == {"lifecycle": "supplied", "write": "/signing_key"}
    assert words["create"][0]["needs"] == ["/url", "/events", "/options/label"]
    assert words["create"][0] | {"answer": "data", "ok": [201], "ok_when": "data.id"} == words["create"][0]
    assert words["retire"] == [{"how": "delete", "path": "/webhooks/{id}", "ok": [204], "safe_to_repeat": True}]
    assert any("headers" in sentence for sentence in words["unknown"]), "what no option can hold is named"


def test_what_a_description_leaves_open_is_unknown() -> None:
    """No host, no credentials, no paging, no body: each is a sentence, and the draft is sound all the same."""
    bare = description()
    del bare["servers"], bare["components"]["securitySchemes"]
    hooks = bare["paths"]["/depots/{depot-id}/webhooks"]
    del hooks["get"]["parameters"], hooks["post"]["requestBody"]
    words = drafted(bare)
    assert "base_url" not in words
    assert words["auth"] == [{"kind": "bearer"}]
    said = " ".join(words["unknown"])
    for about in ("host", "who makes them", "paged", "What a create takes"):
        assert about in said


def change(document: Any, *steps: str, to: Any) -> Any:
    """The document with another value somewhere in it."""
    changed = copy.deepcopy(document)
    node = changed
    for step in steps[:-1]:
        node = node[step]
    node[steps[-1]] = to
    return changed


ITEM = ("paths", "/depots/{depot-id}/webhooks/{hookId}")
LIST = ("paths", "/depots/{depot-id}/webhooks", "get")
BODY = ("paths", "/depots/{depot-id}/webhooks", "post", "requestBody")
PUT = {"put": {"requestBody": sends(HOOK), "responses": answers("200", SHOWN)}}
NEXT = {"type": "object", "properties": {"hooks": {"type": "array", "items": SHOWN}, "next": TEXT}}
WRAPPED = {"type": "object", "properties": {"webhook": HOOK, "idempotency_key": TEXT}}
NAMED = {"type": "object", "properties": {"webhook": SHOWN}}


def test_shapes_of_other_vendors() -> None:
    """Whole bodies by PUT, next addresses, wrapped bodies, no delete, query keys, forms: each has its words."""
    whole = drafted(change(description(), *ITEM, to=PUT))
    assert whole["update"][0] | {"method": "PUT", "body": "full"} == whole["update"][0]
    assert whole["retire"] == [{"how": "deactivate"}]
    following = drafted(change(description(), *LIST, to={"responses": answers("200", NEXT)}))
    assert following["read"][0]["items"] == "hooks"
    assert following["read"][0]["pages"] == {"kind": "next_url", "path": "next"}
    wrapped = change(
        change(description(), *BODY, to=sends(WRAPPED)), *ITEM, "get", "responses", to=answers("200", NAMED)
    )
    made = drafted(wrapped)["create"][0]
    assert (made["wrap"], made["answer"]) == ("/webhook", "webhook")
    form = {"content": {"application/x-www-form-urlencoded": {"schema": HOOK}}}
    assert drafted(change(description(), *BODY, to=form))["create"][0]["encoding"] == "form"
    key = {"key": {"type": "apiKey", "in": "query", "name": "key"}}
    query = drafted(change(description(), "components", "securitySchemes", to=key))
    assert query["auth"] == [{"kind": "query", "params": {"key": "{api_key}"}}]


def test_an_issued_secret_is_found_in_the_creates_answer() -> None:
    """A secret that only the answer has is the vendor's."""
    theirs = {"type": "object", "properties": {**SHOWN["properties"], "secret": TEXT}}
    document = change(description(), "components", "schemas", "Shown", to=theirs)
    without = {key: words for key, words in HOOK["properties"].items() if key != "signing_key"}
    document = change(document, "components", "schemas", "Hook", "properties", to=without)
    assert drafted(document)["secret"] == {"lifecycle": "issued", "issued": "secret"}


@pytest.mark.parametrize(
    ("document", "path", "hint"),
    [
        ({"swagger": "2.0", "paths": {}}, None, "convert"),
        ([], None, "convert"),
        ({"openapi": "3.1.0", "paths": {}}, None, "--path"),
        (description(), "/elsewhere", "/depots/{depot-id}/webhooks"),
    ],
)
def test_what_is_no_description_of_webhooks_is_refused(document: Any, path: str | None, hint: str) -> None:
    """With the lists that there are."""
    with pytest.raises(ConfigError) as told:
        found_in(document, path)
    assert hint in (told.value.hint or "")


def test_two_lists_that_look_alike_want_a_word() -> None:
    """Which one is meant is asked for, not guessed."""
    paths = description()["paths"]
    twice = {**paths, **{path.replace("depots", "shops"): item for path, item in paths.items()}}
    document = {**description(), "paths": twice}
    with pytest.raises(ConfigError, match="not clear"):
        found_in(document)
    assert drafted(document, "/shops/{depot-id}/webhooks")["scope"] == [{"path": "/shops/{depot_id}"}]


def test_a_blank_draft_is_sound() -> None:
    """Whoever starts from nothing starts from something that works, and that says that it is made up."""
    text = draft(blank("acme"))
    manifest = parse(text.encode(), "acme.yaml")
    assert list(rehearse(manifest)) == []
    assert set(dict(manifest.verified).values()) == {"unverified"}
    assert len(text.splitlines()) < 140


def counted(most: int | None) -> dict[str, Any]:
    """The invented vendor, with pages that are counted and at most so long; told for the path as a whole."""
    tree = description()
    item = tree["paths"]["/depots/{depot-id}/webhooks"]
    item["get"].pop("parameters")
    size = {"type": "integer"} | ({"maximum": most} if most else {})
    item["parameters"] = [
        *item.get("parameters", ()),
        {"name": "page", "in": "query", "schema": {"type": "integer"}},
        {"name": "per_page", "in": "query", "schema": size},
    ]
    return tree


@pytest.mark.parametrize(("most", "size"), [(50, 50), (500, 100), (None, 100)])
def test_pages_are_as_long_as_the_description_allows(most: int | None, size: int) -> None:
    """A vendor that gives fewer than were asked for would look as if a short page were the last one."""
    words = words_of(found_in(counted(most)), "parcelbox", "https://parcelbox.example/openapi.json")
    assert words["read"][0]["pages"] == {"kind": "page", "param": "page", "size_param": "per_page", "size": size}


def test_a_note_is_the_description() -> None:
    """Vendors call the text for people a note, too; a number of that name is none."""
    tree = copy.deepcopy(description())
    properties = tree["components"]["schemas"]["Hook"]["properties"]
    properties["note"] = TEXT
    words = words_of(found_in(tree), "parcelbox", "https://parcelbox.example/openapi.json")
    assert words["fields"]["description"]["write"] == "/note"
    assert "note" not in words["options"]
    properties["note"] = {"type": "integer"}
    words = words_of(found_in(tree), "parcelbox", "https://parcelbox.example/openapi.json")
    assert (words["fields"]["description"], words["options"]["note"]["type"]) == (
        {"absent": "the description has no such field"}, "int",
    )  # fmt: skip


def test_no_value_hides_behind_an_anchor() -> None:
    """A scope that stands in each example is written in each."""
    text = draft(words_of(found_in(description()), "parcelbox", "https://parcelbox.example/openapi.json"))
    assert "&id" not in text
    assert "*id" not in text
