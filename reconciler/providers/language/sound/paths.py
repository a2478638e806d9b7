"""Paths and other templates: their variables are such as there are, and no part walks up. [pure]

Used by `providers.language.sound`.
"""

from collections.abc import Iterator
from urllib.parse import unquote

from reconciler.codes import Code
from reconciler.providers.language.credentials import PathKeys
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.language.reads import ScopeWay
from reconciler.providers.language.sound.fault import Call, Fault, Path, calls, nearest, words_in
from reconciler.providers.language.words import variables_in

ID, ITEM = "id", "item"
WITHOUT_ID = ("create", "probe", "account", "place")
WITHOUT_SCOPE = ("account",)


def unknown_variables(manifest: Manifest) -> Iterator[Fault]:
    """`{idd}`, or `{team}` that no scope names: such a path could never be made, such a query would be empty."""
    for call in calls(manifest):
        for path, text, required in _templates(call):
            for name in variables_in(text):
                if fault := _unknown(manifest, call, path, name, required):
                    yield fault


def _templates(call: Call) -> Iterator[tuple[Path, str, bool]]:
    """Every template of a call, where it stands, and whether it needs each of its variables."""
    yield (*call.path, "path"), call.words.path, True
    yield from (((*call.path, "query", name), text, False) for name, text in call.words.query.items())
    yield from (((*call.path, "with", at), text, False) for at, text in call.words.with_.items())
    if isinstance(getattr(call.words, "one", None), str):
        yield (*call.path, "one"), call.words.one, True


def _unknown(manifest: Manifest, call: Call, path: Path, name: str, required: bool) -> Fault | None:
    """What is wrong with a variable; `required`: whether the call cannot be made without it."""
    knows_id = _knows_id(call) or path[-1] == "one"
    ways = () if call.role in WITHOUT_SCOPE else _ways(manifest, call)
    everywhere = {*manifest.settings, *_credentials(manifest)}
    known = {*everywhere, *(param for way in ways for param in way.params), *([ID] if knows_id else ())}
    if getattr(call.words, "each", None) is not None:
        everywhere, known = everywhere | {ITEM}, known | {ITEM}
    if name == ID and not knows_id:
        right = "take `{id}` out; an id is known only to calls about one webhook that is there"
        return Fault(path, f"`{{id}}` is not known to {_call_words(call)}", right, _PATH)
    if name not in known:
        what = f"`{{{name}}}` is no variable here"
        return Fault(path, what, f"{nearest(name, known)} (settings, the scope's parameters, the id)", _PATH)
    lacking = [at for at, way in enumerate(ways) if name not in (*way.params, *everywhere, ID)]
    if required and lacking:
        what = f"`{{{name}}}` is no parameter of `scope[{lacking[0]}]`, whose webhooks need this path as well"
        return Fault(path, what, "begin the paths of each scope with its own `path`", _PATH)
    return None


def _credentials(manifest: Manifest) -> Iterator[str]:
    """The names of credentials that paths hold, which are put in when a call is sent."""
    yield from (name for auth in manifest.auth if isinstance(auth, PathKeys) for name in auth.names)


def _knows_id(call: Call) -> bool:
    return call.role not in WITHOUT_ID and not (call.role == "read" and call.words.how != "by_id")


_PATH = Code.MANIFEST_PATH


def _ways(manifest: Manifest, call: Call) -> tuple[ScopeWay, ...]:
    """The scopes below which a call may be made."""
    return (manifest.scope[int(call.path[1])],) if call.role == "place" else manifest.scope


def _call_words(call: Call) -> str:
    return "a list" if call.role == "read" else f"`{call.role}`"


def walks_up(manifest: Manifest) -> Iterator[Fault]:
    """`/hooks/../{id}`, also spelled `%2e%2e`: an answer to it would be another resource's."""
    scopes = ((("scope", at, "path"), way.path) for at, way in enumerate(manifest.scope))
    paths = [
        *scopes,
        *((path, text) for call in calls(manifest) for path, text, required in _templates(call) if required),
    ]
    for path, text in paths:
        if any(unquote(part) in (".", "..") for part in text.partition("?")[0].split("/")):
            yield Fault(path, "a part of this path is `.` or `..`", "write the path that is meant", _PATH)


def scopes_alike(manifest: Manifest) -> Iterator[Fault]:
    """Of two scopes with the same parameters nobody could name the second."""
    seen: dict[frozenset[str], int] = {}
    for at, way in enumerate(manifest.scope):
        first = seen.setdefault(frozenset(way.params), at)
        if first != at:
            what = f"`scope[{first}]` has the same parameters ({words_in(way.params) or 'none'}), so this is never used"
            yield Fault(("scope", at), what, "give them other parameters, or write two manifests", Code.MANIFEST_PATH)


def names_apart(manifest: Manifest) -> Iterator[Fault]:
    """A scope's parameter, a setting and the webhook's id have names of their own: one would stand for the other."""
    if ID in manifest.settings:
        what = "`id` is the webhook's own id in every path"
        yield Fault(("settings", ID), what, "give the setting another name", _PATH, key=True)
    for at, way in enumerate(manifest.scope):
        for name in way.params:
            if name in (ID, ITEM) or name in manifest.settings:
                other = {ID: "the webhook's id", ITEM: "an item of a list"}.get(name, "a setting")
                what = f"a parameter of this scope is called `{name}`, as {other} is"
                yield Fault(("scope", at), what, "give it another name", _PATH)


def repeated_queries(manifest: Manifest) -> Iterator[Fault]:
    """A name that stands in the scope's query and in a call's would be sent twice."""
    for call in calls(manifest):
        ways = () if call.role in WITHOUT_SCOPE else _ways(manifest, call)
        lists = call.role == "read" and call.words.how == "list"
        shared = {name for way in ways for name in (*way.query, *(way.lists if lists else ()))}
        for name in call.words.query.keys() & shared:
            right = "leave it to one of the two"
            yield Fault((*call.path, "query", name), f"`{name}` stands in the scope's `query`, too", right, _PATH)


def names_of_no_call(manifest: Manifest) -> Iterator[Fault]:
    """A parameter in `names` that no call names would be asked of everybody, and told to nobody."""
    used = {name for call in calls(manifest) for _, text, _ in _templates(call) for name in variables_in(text)}
    used |= {
        name for read in manifest.read for text in getattr(read, "only", {}).values() for name in variables_in(text)
    }
    for at, way in enumerate(manifest.scope):
        for index, name in enumerate(way.names):
            if name not in used:
                what = f"no call names `{name}`, so that it would be asked for and sent nowhere"
                yield Fault(("scope", at, "names", index), what, f"write `{{{name}}}` where it belongs", _PATH)


def lists_that_are_none(manifest: Manifest) -> Iterator[Fault]:
    """`lists` where nothing lists: what it holds would never be sent."""
    for at, way in enumerate(manifest.scope):
        if way.lists and not any(read.how == "list" for read in manifest.read):
            right = "leave it out, or put it into `query`, which goes with every call"
            yield Fault(("scope", at, "lists"), "no read of this manifest lists webhooks", right, _PATH, key=True)


RULES = (
    unknown_variables,
    walks_up,
    scopes_alike,
    names_apart,
    repeated_queries,
    names_of_no_call,
    lists_that_are_none,
)
