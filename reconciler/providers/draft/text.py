"""Writes a draft as a file that `whsync providers check` calls sound, with examples made by the draft itself.

Called by `cli.providers`. The examples show what the draft does, so that its author can hold them against the vendor's
pages: whoever corrects an example is told where the manifest has to follow.
"""

import json
import re
from typing import Any

from reconciler.document.writer import dump
from reconciler.model.webhook import EVENTS, Fields, Leaf, scope_of
from reconciler.providers.draft.words import Words
from reconciler.providers.engine.extract import built, fresh
from reconciler.providers.engine.interpret import CompiledVendor
from reconciler.providers.language.fields import EventLens, Flags, Lens
from reconciler.providers.language.manifest import Delete, Manifest
from reconciler.providers.language.words import Operation
from reconciler.providers.protocol import Call, ChangeRequest, Reply
from reconciler.providers.rehearse import BASE_URL, OURS, drive, shown

ABOUT = {
    "unknown": "What the vendor's pages leave open, each in a sentence. Look these up first.",
    "verified": "How each kind of fact is known: server, spec, docs, or unverified.",
    "base_url": "Leave it out where no default is safe; a provider entry may always have its own.",
    "auth": "The first whose credentials are all given is taken. Names in braces are those of a provider's `auth:`.",
    "scope": "What webhooks hang on; begins every path below.",
    "read": "How webhooks are found: list, by_id, singleton or none.",
    "natural_key": "What tells webhooks apart where no id is known.",
    "fields": "Each is there, or says in `absent` why not. Look at what a read shows where nothing is set.",
    "secret": "supplied: ours; issued: the vendor's; either; none. Does an update keep it? Do reads show or mask it?",
    "create": "`ok_when` must hold in the answer, or the create is not believed.",
    "update": "`body: full` where the vendor forgets what an update leaves out.",
    "retire": "delete, deactivate, or none with the reason.",
    "examples": "Made by the draft itself. Hold them against the vendor's pages, and add what those show.",
}


def draft(words: Words) -> str:
    """A manifest's text.

    Args:
        words: all of it but the examples, see `draft.words.words_of`.

    Raises:
        ConfigError, ValueError: these words make no manifest.
    """
    manifest = Manifest.model_validate({**words, "examples": []})
    tree = {**words, "examples": _examples(manifest)}
    parts = ["# yaml-language-server: $schema=./schemas/manifest.schema.json"]
    for key, value in tree.items():
        if key in ABOUT:
            parts.append(f"\n# {ABOUT[key]}")
        parts.append(
            dump({key: value}, compact=isinstance(value, dict | list) and key not in ("sources", "unknown")).rstrip()
        )
    return "\n".join(parts) + "\n"


def blank(name: str) -> Words:
    """The words of a vendor of whom nothing is known yet: the usual case, to be corrected line by line."""
    silent = "no page has such a field"
    return {
        "type": name,
        "title": name.replace("-", " ").title(),
        "sources": [f"https://{name}.example/docs/webhooks"],
        "unknown": ["Everything: this is a draft, and none of it was read anywhere."],
        "base_url": f"https://api.{name}.example",
        "auth": [{"kind": "bearer"}],
        "variables": {"token": f"{name.replace('-', '_').upper()}_TOKEN"},
        "read": [{"how": "list", "path": "/webhooks", "items": "data", "one": "/webhooks/{id}"}],
        "identity": {"id": "id"},
        "natural_key": ["/url"],
        "fields": {
            "url": {"read": "url", "write": "/url"},
            "events": {"read": "events", "write": "/events"},
            "status": {"read": "active", "write": "/active", "values": {"active": True, "inactive": False}},
            "description": {"absent": silent},
        },
        "secret": {"lifecycle": "supplied", "write": "/secret"},
        "create": [{"path": "/webhooks", "ok": [201], "ok_when": "id"}],
        "update": [{"path": "/webhooks/{id}", "ok": [200], "safe_to_repeat": True}],
        "retire": [{"how": "delete", "path": "/webhooks/{id}", "ok": [204], "safe_to_repeat": True}],
    }


def _examples(manifest: Manifest) -> list[Words]:
    vendor, fields = _Rehearsed(manifest), _wanted(manifest)
    codec = CompiledVendor(manifest).codec()
    scope = dict.fromkeys(manifest.scope[0].params, "1")
    ours = manifest.secret.lifecycle == "supplied"
    where: Words = ({"scope": scope} if scope else {}) | ({"secret": True} if ours else {})
    request = ChangeRequest("example", scope_of(scope), fields, secret=OURS if ours else None)
    remote, examples = codec.remote(vendor.shown(fields)), list[Words]()
    if remote is not None and manifest.read[0].how != "none":
        means = {"id": "1", "fields": _plain(remote.fields)}
        examples.append({"about": "as a read shows it", "shown": vendor.shown(fields), "means": means})
    made: Words = {"about": "creating one", "do": "create", **where, "fields": _plain(fields)}
    issues = {"issues": True} if manifest.secret.issued else {}
    examples.append(made | {"calls": vendor.calls("create", request)} | issues)
    if manifest.update:
        moved = Fields({**fields, "/url": f"{fields['/url']}/v2"})
        later = request._replace(fields=moved, changes=frozenset({"/url"}), remote_id="1", remote=remote)
        what = {"id": "1", "fields": _plain(moved), "changes": ["/url"], "remote": vendor.shown(fields)}
        calls = vendor.calls("update", later)
        examples.append({"about": "another URL", "do": "update", **where, **what, "calls": calls})
    if manifest.retire[0].how != "none":
        off = manifest.retire[0].how == "deactivate"
        seen = {"remote": vendor.shown(fields)} if off and remote is not None else {}
        calls = vendor.calls("retire", request._replace(remote_id="1", remote=remote if off else None))
        examples.append({"about": "retiring", "do": "retire", **where, "id": "1", **seen, "calls": calls})
    return examples


def _plain(fields: Fields) -> dict[str, Any]:
    return {pointer: sorted(leaf) if isinstance(leaf, frozenset) else fresh(leaf) for pointer, leaf in fields.items()}


class _Rehearsed:
    """The draft's provider, and answers that a vendor would give if the draft were right."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest, self._compiled = manifest, CompiledVendor(manifest)
        self._told: list[dict[str, Any]] = []

    def calls(self, verb: str, request: ChangeRequest) -> list[dict[str, Any]]:
        """The calls of a verb, with their answers, as an example writes them."""
        self._told = []
        drive(
            getattr(self._compiled.provider(BASE_URL), verb)(request), lambda call: self._answer(call, request.fields)
        )
        return self._told

    def _answer(self, call: Call, fields: Fields) -> Reply:
        operation = self._operation(call)
        status = operation.ok[0]
        answer: Any = None
        if status != 204 and not isinstance(operation, Delete):
            answer = self.shown(fields)
            if self._manifest.secret.issued and operation in self._manifest.create:
                answer |= built({"/" + self._manifest.secret.issued.replace(".", "/"): "secret-of-the-example"}, answer)
            answer = {operation.answer: answer} if operation.answer != "@" else answer
        query = {"query": dict(call.query)} if call.query else {}
        body = {"body": shown(call.body)} if call.body is not None else {}
        told = {"answer": answer} if answer is not None else {}
        self._told.append({"method": call.method, "path": call.path, **query, **body, "status": status, **told})
        return Reply(status, {}, json.dumps(answer).encode() if answer is not None else b"")

    def _operation(self, call: Call) -> Operation:
        words = self._manifest
        made = [*words.create, *words.update, *(each for each in words.retire if isinstance(each, Delete))]
        alone = call.path.endswith("/1") or call.path.endswith("/1/")
        fitting = [each for each in made if each.method == call.method and ("{id}" in each.path) == alone]
        return (fitting or made)[0]

    def shown(self, fields: Fields) -> dict[str, Any]:
        """The object as reads show it."""
        pairs: dict[str, Any] = {f"/{self._manifest.identity.id}": "1"}
        for pointer, lens in self._manifest.lenses().items():
            if lens.read is not None and pointer in fields:
                pairs["/" + lens.read.replace('"', "").replace(".", "/")] = _theirs(lens, fields[pointer])
        return built(pairs)


def _theirs(lens: Lens, leaf: Leaf) -> Any:
    if isinstance(leaf, frozenset):
        return sorted(leaf)
    return lens.values[leaf] if isinstance(leaf, str) and leaf in lens.values else fresh(leaf)


def _wanted(manifest: Manifest) -> Fields:
    """Values for what every webhook has and what the vendor needs."""
    needed = {"/url", EVENTS, *(pointer for create in manifest.create for pointer in create.needs)}
    lenses = manifest.lenses()
    return Fields(
        {pointer: _sample(lens) for pointer, lens in lenses.items() if pointer in needed and lens.write is not None}
    )


_ADDRESS = re.compile("ur[li]|address|destination|target|endpoint|href", re.IGNORECASE)


def _sample(lens: Lens) -> Leaf:
    if isinstance(lens, EventLens):
        assert not isinstance(lens.codec, Flags)
        return frozenset(lens.catalogue.names[:2] or ("order.created",))
    choices = [*lens.values, *lens.choices]
    if choices:
        return next(iter(choices))
    samples: dict[str, Leaf] = {"bool": True, "int": 1, "number": 1, "list": ("a",)}
    if (
        lens.write is not None
        and lens.type == "text"
        and re.search("ur[li]|address|destination|target|endpoint", lens.write, re.I)
    ):
        return "https://hooks.acme.example/in"
    return samples.get(lens.type, "text")
