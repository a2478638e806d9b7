"""Says in the manifest language what a description says of its webhooks. Used by `providers.draft.text`.

What the description leaves open becomes a sentence of `unknown`, so that a draft never says more than is known.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from reconciler.providers.draft.description import Found, Tree
from reconciler.providers.draft.pages import items_in, pages_of
from reconciler.providers.draft.shape import (
    SERVERS_OWN,
    Shape,
    events_in,
    names_in,
    places,
    shape_of,
    type_of,
    url_in,
)

Words = dict[str, Any]

_ON = ("active", "enabled", "is_active", "isActive", "is_enabled")
_OFF = ("disabled", "paused", "is_disabled")
_TOLD = ("description", "note", "notes", "comment")
_SECRETS = re.compile(r"secret|signing|hmac|signature.?key", re.I)
_OPTION = re.compile(r"[\w.-]+")
_TYPES = {"boolean": "bool", "integer": "int", "number": "number", "string": "text"}


def words_of(found: Found, name: str, source: str) -> Words:
    """A manifest without examples.

    Args:
        found: the webhooks in the description.
        name: the manifest's type.
        source: the address of the description, for `sources`.
    """
    shape, unknown = shape_of(found), list[str]()
    fields, options = _fields(shape, unknown), _options(shape, unknown)
    scope, path, one = _paths(found)
    auth, variables = _auth(found, name, unknown)
    words: Words = {"type": name, "title": _title(found, name), "sources": [source], "unknown": unknown}
    words["verified"] = {"calls": "spec", "fields": "spec"}
    words |= {"base_url": found.server.rstrip("/")} if found.server else {}
    words |= {"auth": auth, "variables": variables} | ({"scope": [{"path": scope}]} if scope else {})
    words["read"] = [_read(found, shape, path, one, unknown)]
    words["identity"] = {"id": _identity(found, shape)}
    words |= {"natural_key": ["/url"], "fields": fields} | ({"options": options} if options else {})
    words["secret"] = _secret(found, shape)
    lenses = fields | {f"options/{key}": each for key, each in options.items()}
    words["create"] = [_create(found, shape, path, lenses)]
    words |= _changes(found, shape, one, fields, unknown)
    if not found.server:
        unknown.append("The API's host; the description names none, so every provider entry says its `base_url`.")
    unknown.append("Whether several webhooks may have one URL, and the rate limits.")
    return words


def _lens(shape: Shape, name: str, **more: Any) -> Words:
    read = {"read": shape.shown[name].path} if name in shape.shown else {}
    return {**read, "write": shape.taken[name].pointer, **more}


def _fields(shape: Shape, unknown: list[str]) -> Words:
    url, events = url_in(shape.taken), events_in(shape.taken)
    silent = "the description has no such field"
    fields: Words = {
        "url": _lens(shape, url) if url else {"read": "url", "write": "/url"},
        "events": {"absent": silent},
        "status": _status(shape) or {"absent": silent},
        "description": _lens(shape, told) if (told := _told(shape)) else {"absent": silent},
    }
    if not url:
        unknown.append("Where the URL of the receiver stands; the description does not say.")
    elif "read" not in fields["url"]:
        fields["url"] = {"read": url.replace("/", "."), **fields["url"]}
        unknown.append("Whether reads show the URL of the receiver, and where.")
    if not shape.said:
        unknown.append("What a create takes; the description does not say, so it is what answers show.")
    if events:
        names = names_in(shape.taken[events].schema)
        more = {"catalogue": {"closed": True, "names": names}} if names else {}
        fields["events"] = _lens(shape, events, **more)
        unknown.append("Which events are added later." if names else "Which events there are; any name is taken.")
    return fields


def _told(shape: Shape) -> str | None:
    """The field that holds a text for people."""
    return next((name for name in _TOLD if name in shape.taken and type_of(shape.taken[name].schema) == "string"), None)


def _status(shape: Shape) -> Words | None:
    for names, values in ((_ON, (True, False)), (_OFF, (False, True))):
        for name in names:
            if name in shape.taken and type_of(shape.taken[name].schema) == "boolean":
                return _lens(shape, name, values={"active": values[0], "inactive": values[1]})
    choices = (shape.taken["status"].schema.get("enum") or []) if "status" in shape.taken else []
    on = next((each for each in choices if str(each).lower() in ("active", "enabled")), None)
    off = next((each for each in choices if str(each).lower() in ("inactive", "disabled", "paused")), None)
    return _lens(shape, "status", values={"active": on, "inactive": off}) if on and off else None


def _options(shape: Shape, unknown: list[str]) -> Words:
    said = {url_in(shape.taken), events_in(shape.taken), _told(shape), "status", *_ON, *_OFF}
    options, left = dict[str, Words](), list[str]()
    for name in shape.taken:
        last = name.rpartition("/")[2]
        if name in said or not _OPTION.fullmatch(last) or _SECRETS.search(last) or SERVERS_OWN.match(last):
            continue
        lens = _option(shape, name)
        if lens is not None and last not in options:
            options[last] = lens
        elif not any(other.startswith(f"{name}/") for other in shape.taken):
            left.append(last)
    if left:
        unknown.append(f"How to manage {', '.join(left)}, which the draft leaves out.")
    return options


def _option(shape: Shape, name: str) -> Words | None:
    """The lens of a field of the vendor's own; none for what no option can hold."""
    schema = shape.taken[name].schema
    kind = type_of(schema)
    if kind == "array" and type_of(schema.get("items") or {}) == "string":
        return _lens(shape, name, type="list")
    if kind not in _TYPES:
        return None
    choices = [each for each in schema.get("enum") or () if isinstance(each, str)]
    typed = {} if kind == "string" else {"type": _TYPES[kind]}
    return _lens(shape, name, **typed, **({"choices": choices} if choices else {}))


def _secret(found: Found, shape: Shape) -> Words:
    ours = next((name for name in shape.taken if _SECRETS.search(name.rpartition("/")[2])), None)
    if ours is not None:
        return {"lifecycle": "supplied", "write": shape.taken[ours].pointer}
    _, made = found.answer(found.verbs.get("POST") or {})
    made = found.properties(made).get(shape.answer, made)
    told = dict(places(found, made)) | dict(shape.shown)
    theirs = next((name for name in told if _SECRETS.search(name.rpartition("/")[2])), None)
    if theirs is not None:
        return {"lifecycle": "issued", "issued": told[theirs].path}
    return {"lifecycle": "none", "reason": "the description names no secret"}


def _paths(found: Found) -> tuple[str, str, str]:
    """What every path begins with, and the paths of the list and of one webhook below it."""
    head, brace, tail = found.path.rpartition("}")
    prefix = _plain(head + brace)
    item = found.one[: found.one.rindex("{")] + "{id}" + ("/" if found.one.endswith("/") else "")
    return prefix, tail, _plain(item)[len(prefix) :]


def _plain(path: str) -> str:
    """With parameters whose names templates can have."""
    return re.sub(r"\{([^{}]+)\}", lambda match: "{" + re.sub(r"\W", "_", match[1]) + "}", path)


def _identity(found: Found, shape: Shape) -> str:
    wanted = ("id", "uuid", found.name, found.name.replace("_", ""), "gid", "uid")
    known = {name.lower(): place for name, place in shape.shown.items()}
    return next((known[each.lower()].path for each in wanted if each.lower() in known), "id")


def _read(found: Found, shape: Shape, path: str, one: str, unknown: list[str]) -> Words:
    inner = {"item": shape.answer} if shape.answer else {}
    if "GET" not in found.verbs:
        return {"how": "by_id", "path": one, **inner} if "GET" in found.one_verbs else {"how": "none"}
    operation = found.verbs["GET"]
    _, answered = found.answer(operation)
    items = items_in(found, answered)
    words: Words = {"how": "list", "path": path} | ({"items": items} if items else {})
    pages = pages_of(found, operation, answered, unknown)
    words |= {"pages": pages} if pages else {}
    return words | ({"one": one, **inner} if "GET" in found.one_verbs else {})


def _create(found: Found, shape: Shape, path: str, lenses: Mapping[str, Words]) -> Words:
    method = "POST" if "POST" in found.verbs else "PUT"
    operation = found.verbs[method]
    ok, _ = found.answer(operation)
    writes = {words["write"].strip("/"): f"/{name}" for name, words in lenses.items() if "write" in words}
    needs = [writes[each] for each in shape.needed if each in writes]
    words: Words = {} if method == "POST" else {"method": method}
    words |= {"path": path} | _around(found, shape, operation)
    identity = _identity(found, shape)
    told = f"{shape.answer}.{identity}" if shape.answer else identity
    return words | ({"needs": needs} if needs else {}) | {"ok": list(ok) or [200, 201], "ok_when": told}


def _around(found: Found, shape: Shape, operation: Tree) -> Words:
    """How a call's body is written and wrapped, and where its answer holds the webhook."""
    form = {"encoding": "form"} if "urlencoded" in found.body(operation)[0] else {}
    wrapped = {"wrap": f"/{shape.wrap}"} if shape.wrap else {}
    return form | wrapped | ({"answer": shape.answer} if shape.answer else {})


def _changes(found: Found, shape: Shape, one: str, fields: Words, unknown: list[str]) -> Words:
    method = next((each for each in ("PATCH", "PUT", "POST") if each in found.one_verbs), None)
    words: Words = {}
    if method is not None:
        kind, _ = found.body(found.one_verbs[method])
        ok, _ = found.answer(found.one_verbs[method])
        update: Words = ({} if method == "PATCH" else {"method": method}) | {"path": one}
        update |= {"body": "full"} if method == "PUT" else {}
        update |= {"encoding": "form"} if "urlencoded" in kind else {}
        update |= ({"wrap": f"/{shape.wrap}"} if shape.wrap else {}) | (
            {"answer": shape.answer} if shape.answer else {}
        )
        words["update"] = [update | {"ok": list(ok) or [200], "safe_to_repeat": True}]
        unknown.append(f"Whether a {method} keeps what it leaves out.")
    if "DELETE" in found.one_verbs:
        ok, _ = found.answer(found.one_verbs["DELETE"])
        words["retire"] = [{"how": "delete", "path": one, "ok": list(ok) or [200, 204], "safe_to_repeat": True}]
    elif method is not None and "write" in fields["status"]:
        words["retire"] = [{"how": "deactivate"}]
    else:
        words["retire"] = [{"how": "none", "reason": "the description has no call that takes a webhook away"}]
    return words


def _auth(found: Found, name: str, unknown: list[str]) -> tuple[list[Words], Words]:
    ways = [way for way in (_way(found, scheme) for scheme in found.schemes.values()) if way is not None]
    if not ways:
        unknown.append("How calls prove who makes them; a bearer token is assumed.")
        ways = [({"kind": "bearer"}, ("token",))]
    prefix = re.sub(r"\W", "_", name).upper()
    unique = list({str(words): (words, names) for words, names in ways}.values())
    return [words for words, _ in unique], {each: f"{prefix}_{each.upper()}" for _, names in unique for each in names}


def _way(found: Found, scheme: Tree) -> tuple[Words, tuple[str, ...]] | None:
    words = found.resolved(scheme)
    kind, style, where = words.get("type"), str(words.get("scheme", "")).lower(), words.get("in")
    if kind == "http" and style == "bearer":
        return {"kind": "bearer"}, ("token",)
    if kind == "http" and style == "basic":
        return {"kind": "basic", "user": "{username}", "password": "{password}"}, ("username", "password")
    if kind == "apiKey" and where in ("header", "query"):
        key = "headers" if where == "header" else "params"
        return {"kind": where, key: {words.get("name"): "{api_key}"}}, ("api_key",)
    flow = (words.get("flows") or {}).get("clientCredentials") if kind == "oauth2" else None
    if flow and urlsplit(str(flow.get("tokenUrl", ""))).path:
        path = urlsplit(flow["tokenUrl"]).path
        return {"kind": "oauth2_client_credentials", "path": path}, ("client_id", "client_secret")
    return None


def _title(found: Found, name: str) -> str:
    title = str((found.document.get("info") or {}).get("title") or "")
    return re.sub(r"\s*(REST|HTTP)?\s*API.*$", "", title).strip() or name.replace("-", " ").title()
