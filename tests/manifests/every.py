"""Every manifest: those of whsync, and shapes that other vendors have; and a vendor that is none in particular."""

import json
import re
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from hypothesis import strategies as st

from reconciler.model.webhook import EVENTS, URL, Fields, Leaf, Scope, scope_of
from reconciler.providers.engine.api import Api
from reconciler.providers.engine.extract import at as standing
from reconciler.providers.engine.extract import built, keys_of
from reconciler.providers.engine.interpret import CompiledVendor
from reconciler.providers.engine.template import applied, expand, plain
from reconciler.providers.language.fields import EventLens, Flags, Lens, Rotate, Single
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.language.reads import SingletonRead
from reconciler.providers.language.words import Operation, Update, variables_in
from reconciler.providers.protocol import Call, Reply
from reconciler.providers.registry import builtin, builtin_names, read_manifest
from reconciler.providers.rehearse import BASE_URL
from reconciler.providers.vendor import Switch
from reconciler.support.scalars import as_text

SHAPES = sorted((Path(__file__).parent / "shapes").glob("*.yaml"))
MANIFESTS: dict[str, Manifest] = {name: builtin(name) for name in builtin_names()} | {
    path.stem: read_manifest(path) for path in SHAPES
}
URLS = ("https://hooks.example/a", "https://hooks.example/b?token=1&x=%20", "https://u:p@hooks.example:8443/ö")
_NAMED = re.compile(r"([\w.\[\]]+)\.\{id: (\w+)\}")
_PLAIN_PATH = re.compile(r"\w+(?:\.\w+)*")
_LIST_PATH = re.compile(r"(\w+(?:\.\w+)*)(\[\?.+\])?")
"""Where a list stands, perhaps without some of its items."""
_PART = re.compile(r"(\w+(?:\.\w+)*)(\.\{.+\})?")
"""Where the only object stands, of which perhaps no more than some keys are taken."""
_MERGED = re.compile(r"merge\(([\w.]+), .+\)")
"""The webhook in an answer, with what stands beside it."""
_KIND = re.compile(r"\[\?([\w.]+) == '(\w+)'\]$")
"""What every item of a list has, where the list leaves others out."""
_QUOTED_WORD = re.compile(r"data == '(\w+)'")


def all_settings(manifest: Manifest) -> list[dict[str, Switch]]:
    """Every combination of the settings that have choices."""
    names = [name for name, word in manifest.settings.items() if word.choices]
    return [dict(zip(names, values, strict=True)) for values in product(*(manifest.settings[n].choices for n in names))]


def some_scope(manifest: Manifest) -> Scope:
    """Values for the first way to name a scope, such that they need encoding."""
    return scope_of({name: f"{name} & co/1" for name in manifest.scope[0].params})


def leaves(pointer: str, lens: Lens, most: int = 4) -> st.SearchStrategy[Leaf]:
    """Values that a user may want for one field; of events at most so many."""
    if isinstance(lens, EventLens):
        names = [name for name in lens.catalogue.names if name != lens.catalogue.wildcard] or ["a", "b", "c/d"]
        return st.frozensets(st.sampled_from(names), min_size=1, max_size=most)
    if pointer == "/url":
        return st.sampled_from(URLS)
    if lens.values or lens.choices:
        return st.sampled_from([*lens.values, *lens.choices])
    if lens.type == "list":
        lists = st.lists(st.sampled_from(["a", "b", "ä/1"]), min_size=1, max_size=3, unique=True)
        return lists.map(tuple)
    if lens.is_whole:
        maps = st.dictionaries(st.text("abcä/", min_size=1, max_size=3), st.text("xy ", max_size=3) | st.booleans())
        return (maps if lens.type == "map" else st.lists(maps, max_size=2)).map(as_text)
    return {"bool": st.booleans(), "int": st.integers(0, 9), "number": st.integers(0, 9)}.get(
        lens.type, st.text("abcäß/\"' ", min_size=1)
    )


def is_fanned(manifest: Manifest) -> bool:
    """Whether each event is an object of its own, which a list shows: `Anyone` holds one object, so one event's."""
    return manifest.fan_out is not None and manifest.read[0].how == "list"


def needed_by(manifest: Manifest) -> set[str]:
    """What every webhook of these tests has: URL, events, and what the vendor makes none without."""
    return {URL, EVENTS, *(pointer for create in manifest.create for pointer in create.needs)}


@st.composite
def wanted(draw: st.DrawFn, manifest: Manifest) -> Fields:
    """Fields that a user may declare; URL, events and what the vendor needs always, the rest sometimes."""
    needed = needed_by(manifest)
    lenses = {pointer: lens for pointer, lens in manifest.lenses().items() if lens.write is not None}
    most = 1 if isinstance(getattr(lenses.get(EVENTS), "codec", None), Single) and not manifest.fan_out else 4
    return Fields(
        {
            pointer: personal(manifest, "acme")[pointer]
            if pointer == EVENTS and is_fanned(manifest)
            else draw(leaves(pointer, lens, most))
            for pointer, lens in lenses.items()
            if pointer in needed or draw(st.booleans())
        }
    )


def personal(manifest: Manifest, owner: str) -> Fields:
    """All fields that can be written; what is free text, the URL included, names its owner."""
    leaves_: dict[str, Leaf] = {}
    for pointer, lens in manifest.lenses().items():
        if lens.write is None:
            continue
        if isinstance(lens, EventLens):
            leaves_[pointer] = frozenset(lens.catalogue.names[:1] or ("a",))
        elif pointer == "/url":
            leaves_[pointer] = f"https://hooks.example/{owner}"
        elif lens.values or lens.choices:
            leaves_[pointer] = next(iter([*lens.values, *lens.choices]))
        elif lens.type == "list":
            leaves_[pointer] = (f"{pointer.rpartition('/')[2]}-of-{owner}",)
        else:
            leaves_[pointer] = {"bool": True, "int": 1, "number": 1}.get(lens.type, f"{pointer} of {owner}")
            if lens.is_whole:
                leaves_[pointer] = as_text({pointer: owner} if lens.type == "map" else [{pointer: owner}])
    return Fields(leaves_)


def in_reach(manifest: Manifest, fields: Fields) -> Fields:
    """Those of the fields that an update can make so; what a receiver has proved, say, nobody takes back."""
    return fields.only([pointer for pointer in fields if _in_reach(manifest.update, pointer, fields[pointer])])


def _in_reach(updates: Sequence[Update], pointer: str, value: Leaf) -> bool:
    ways = [update.for_.get(pointer, value) for update in updates if pointer in (update.covers or (pointer,))]
    return not ways or any(value == way or (isinstance(way, tuple) and value in way) for way in ways)


def everything_in(tree: Any) -> str:
    """A body as text, secrets revealed."""
    return json.dumps(tree, default=lambda value: value.reveal(), ensure_ascii=False)


class Anyone:
    """A vendor that holds what it is sent and shows it where the manifest looks; it knows no rule of its own."""

    def __init__(self, manifest: Manifest, settings: Mapping[str, Switch] | None = None) -> None:
        self.manifest = manifest
        self.vendor = CompiledVendor(manifest, settings)
        self.provider = self.vendor.provider(BASE_URL)
        self.api: Api = self.vendor._api
        self.scope = some_scope(manifest)
        self.held: dict[str, Any] | None = None
        self.ids = ["42"]
        self.rotations: list[Call] = []

    def __call__(self, call: Call) -> Reply:
        """Answer one call."""
        if not call.writes:
            return self._read(call)
        operation = self._operation(call)
        if isinstance(operation, Rotate):
            self.rotations.append(call)
            key = built_over(self._with_key(operation.issued) or {}, self._proof(operation))
            return _json(key or None, operation.ok[0])
        if operation is self.api.retire:
            self.held = None
            return _json(self._proof(operation), operation.ok[0])
        if isinstance(operation, Update) and operation.by_items:
            said = self._move(operation, call)
            return _json(built_over(self.shown(), said), operation.ok[0])
        self._take(operation, call.body)
        self.ids = [self.api.codec.id_by_field(self.api.codec.read(self.shown())) or self.ids[0]]
        return _json(self._answer(operation), operation.ok[0])

    def shown(self) -> dict[str, Any]:
        """The remote object as reads and answers show it."""
        held, pairs = self.held or {}, dict[str, Any]()
        for lens in self.api.codec.writable.values():
            value = standing(held, lens.write or "")
            if isinstance(lens, EventLens) and isinstance(lens.codec, Flags):
                pairs |= _flags_in(held, lens.write or "", lens.codec.suffix)
            elif value is not None:
                pairs |= dict(_stands(path, value) for path in (lens.read, lens.echo) if path)
        words = self.manifest
        if words.mark and (mark := _at(held, words.mark.write)) is not None:
            pairs["/" + words.mark.read.replace(".", "/")] = mark
        if words.identity.id:
            pairs[_pointer(words.identity.id)] = self.ids[0]
        return built(pairs | self._where())

    def _where(self) -> dict[str, Any]:
        """What tells that the object is one of the scope, and of the kind that the list is about."""
        told = {
            "/" + place.partition(" || ")[0].replace(".", "/"): plain(template, dict(self.scope))
            for place, template in getattr(self.api.read, "only", {}).items()
            if set(variables_in(template)) <= {*dict(self.scope)}
        }
        kind = _KIND.search(getattr(self.api.read, "items", ""))
        return told | ({"/" + kind[1].replace(".", "/"): kind[2]} if kind else {})

    def _operation(self, call: Call) -> Operation:
        words = (self.api.create, *self.api.updates, self.api.retire, self.api.manifest.secret.rotate)
        for operation in (each for each in words if isinstance(each, Operation) and each.method == call.method):
            if self._pattern(operation).fullmatch(call.path) and _says(call.body, operation):
                return operation
        raise AssertionError(f"no such call: {call.method} {call.path}")

    def _move(self, update: Update, call: Call) -> dict[str, Any]:
        """Let items join or leave a list; what says so in the answer."""
        (pointer,) = update.covers or ("",)
        there = self.api.codec.read(self.shown()).get(pointer, ())
        names = list(there) if isinstance(there, frozenset | tuple) else []
        if update.delta is not None:
            joined, left = (standing(call.body, place) or [] for place in (update.delta.add, update.delta.remove))
        else:
            where = [found[1] for found in [self._pattern(update).fullmatch(call.path)] if found and found.groups()]
            told = [standing(call.body, place) for place, text in update.with_.items() if "item" in variables_in(text)]
            (item,) = map(unquote, [*where, *told])
            joined, left = ([item], []) if update.each == "joined" else ([], [item])
        assert not set(joined) & set(names)
        assert set(left) <= set(names)
        kept = [name for name in [*names, *joined] if name not in left]
        leaf: Leaf = frozenset(kept) if isinstance(there, frozenset) else tuple(kept)
        self.held = built(self.api.codec.pairs(Fields({pointer: leaf})), self.held)
        return {update.ok_when: True} if update.ok_when else {}

    def _pattern(self, operation: Operation) -> re.Pattern[str]:
        """What its paths look like; an item of a list is a group of its own."""
        scope = applied(self.manifest.scope, self.scope)
        values = {**scope.variables, "id": self.ids[0], "item": "AN-ITEM"}
        path = scope.path + expand(operation.path, values, self.api.credentials)
        return re.compile(re.escape(path).replace(re.escape("AN-ITEM"), "([^/]+)"))

    def _take(self, operation: Operation, body: Any) -> None:
        if operation.says_nothing:
            assert isinstance(operation, Update)
            body = built(self.api.codec.pairs(Fields(operation.for_)))
        body = body or {}
        for key in keys_of(operation.wrap):
            body = body[key]
        if isinstance(operation, Update) and operation.body == "json_patch":
            body = built({each["path"]: each["value"] for each in body or ()})
        for key in reversed(keys_of(operation.root)):
            body = {key: body}
        first = self.held is None
        self.held = built_over(self.held or {}, body or {})
        maps = [lens.write for lens in self.api.codec.writable.values() if lens.is_whole and lens.write]
        sent = {place: value for place in maps if (value := standing(body, place)) is not None}
        self.held = built(sent, self.held)
        if first:
            for lens in self.api.codec.writable.values():
                if lens.initially is not None and lens.write:
                    value = lens.values.get(str(lens.initially), lens.initially)
                    self.held = built_over(built({lens.write: value}), self.held)

    def _answer(self, operation: Operation) -> Any:
        shown = self.shown()
        if operation.root:
            return _at(shown, operation.root)
        if named := _NAMED.fullmatch(operation.answer):
            return built({f"{_pointer(named[1])}/{named[2]}": int(self.ids[0])})
        stands = _MERGED.sub(r"\1", operation.answer)
        wrapped: Any = built({"/" + stands.replace(".", "/"): shown}) if _PLAIN_PATH.fullmatch(stands) else shown
        return built_over(wrapped, self._proof(operation))

    def _proof(self, operation: Operation | SingletonRead) -> dict[str, Any]:
        """What makes an answer say that it worked."""
        asked = operation.ok_when or ""
        if said := _QUOTED_WORD.search(asked):
            return {"status": "ok", "data": said[1]}
        proves = (word := asked.rpartition(".")[2]) in ("deleted", "ok", "success") or word.startswith("deleted")
        proves = proves or bool(asked and getattr(operation, "answer", "") == "`null`")
        return built({"/" + asked.replace(".", "/"): True}) if proves else {}

    def _with_key(self, path: str | None) -> Any:
        """A document that holds a secret where the manifest looks for it."""
        return built({"/" + path.replace(".", "/"): f"key-{len(self.rotations)}"}) if path else None

    def _read(self, call: Call) -> Reply:
        read, fetch = self.api.read, self.api.manifest.secret.fetch
        if fetch is not None and call.path.endswith(expand(fetch.path, {"id": self.ids[0]})):
            return _json(self._with_key(fetch.value))
        beside = getattr(read, "beside", {})
        for key, words in beside.items():
            if call.path.endswith(expand(words.path, {**dict(self.scope), "id": self.ids[0]})):
                return _json(built({"/" + words.items.replace(".", "/"): self.shown().get(key, [])}))
        if read.how == "list":
            own = {key: value for key, value in self.shown().items() if key not in beside}
            items: Any = [own] if self.held is not None else []
            if read.turn is not None:
                items = {name: {read.turn.of.split()[0]: [own[read.turn.text]]} for name in own[read.turn.names]}
            stands = _LIST_PATH.fullmatch(read.items)
            return _json(built({"/" + stands[1].replace(".", "/"): items}) if stands else items)
        if read.how == "singleton" and read.present == "@":
            there = self.held is not None or not call.path.endswith(expand(read.path, dict(self.scope)))
            return _json(self.shown()) if there else Reply(404)
        if read.how == "singleton":
            shown, stands = self.shown(), _PART.fullmatch(read.item)
            for key in reversed(stands[1].split(".") if stands else ()):
                shown = {key: shown}
            return _json({**(shown or {read.present: None}), **self._proof(read)})
        return _json(self.shown()) if self.held is not None and call.path.endswith(self.ids[0]) else Reply(404)


def _pointer(path: str) -> str:
    """The JSON pointer of a plain path."""
    return "/" + path.replace("[", ".").replace("]", "").replace(".", "/")


def _says(body: Any, operation: Operation) -> bool:
    """Whether a body names the operation, where its path is that of several: a GraphQL query."""
    return "/query" not in operation.fixed or body["query"] == operation.fixed["/query"]


def _stands(path: str, value: Any) -> tuple[str, Any]:
    """Where a read looks for a value, and what it has to find there: the names alone, or objects that hold them."""
    path = path.removeprefix("to_number(").removesuffix(")")
    around, each, key = path.replace('"', "").partition("[].")
    return _pointer(around), [{key: name} for name in value] if each else value


def _flags_in(held: dict[str, Any], at: str, suffix: str) -> dict[str, Any]:
    """The flags below a pointer, each by its own; those with a suffix of several keys stand in objects."""
    if not suffix.startswith("/"):
        return {f"{at}/{key}": flag for key, flag in (_at(held, at) or {}).items() if key.endswith(suffix)}
    return {f"{at}/{key}{suffix}": _at(inner, suffix) for key, inner in (_at(held, at) or {}).items()}


def _at(document: Any, pointer: str) -> Any:
    for key in keys_of(pointer):
        document = document.get(key) if isinstance(document, dict) else None
    return document


def within(part: Any, whole: Any) -> bool:
    """Whether all that stands in a document stands in another one, too; lists item by item."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and within(value, whole[key]) for key, value in part.items())
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) == len(whole) and all(map(within, part, whole))
    return bool(part == whole)


def built_over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """An object with `above` laid over `below`, key by key."""
    both = {
        key: built_over(below[key], value) if isinstance(value, dict) and isinstance(below.get(key), dict) else value
        for key, value in above.items()
    }
    return {**below, **both}


def _json(document: Any, status: int = 200) -> Reply:
    return Reply(status, {}, json.dumps(document, default=lambda secret: "*" * 8).encode())
