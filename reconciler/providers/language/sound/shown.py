"""Examples: some for each thing that a manifest can do; what is not shown was never run. [pure]

Used by `providers.language.sound`.
"""

import re
from collections.abc import Iterator

from reconciler.codes import Code
from reconciler.providers.language.examples import DiscoverExample, EventsExample, ReadExample, WriteExample
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.language.sound.fault import Call, Fault, calls
from reconciler.providers.vendor import Switch

WRITES = ("create", "update", "retire", "rotate")
_SHOWN = Code.MANIFEST_EXAMPLES


def every_verb(manifest: Manifest) -> Iterator[Fault]:
    """Each verb has an example, and so has reading."""
    if not manifest.examples:
        right = "write one remote object with what it means, and each change with the calls that it makes"
        yield Fault(
            ("examples",), "there is no example, so that nothing of this manifest was ever tried", right, _SHOWN, True
        )
        return
    done = {example.do for example in manifest.examples if isinstance(example, WriteExample)}
    verbs = ["create", *(["update"] if manifest.update else []), "retire"]
    lacking = [verb for verb in verbs if verb not in done]
    if any(read.how != "none" for read in manifest.read) and not any(
        isinstance(e, ReadExample) for e in manifest.examples
    ):
        yield Fault(
            ("examples",), "no example shows what a read gives", "add one with `shown` and `means`", _SHOWN, True
        )
    for verb in lacking:
        what = f"no example shows a {verb}" if verb == "create" else f"no example shows how to {verb}"
        yield Fault(("examples",), what, f"add one with `do: {verb}` and the calls that it makes", _SHOWN, True)


def every_call(manifest: Manifest) -> Iterator[Fault]:
    """Each write that the manifest can make is in an example."""
    if not manifest.examples:
        return
    for call in calls(manifest):
        if call.role not in WRITES or any(_is_shown(manifest, call, example) for example in manifest.examples):
            continue
        what = "no example makes this call"
        yield Fault(call.path, what, "add one that does, with its body and the answer to it", _SHOWN, True)


def every_list(manifest: Manifest) -> Iterator[Fault]:
    """Each list of places is in an example."""
    shown = {example.what for example in manifest.examples if isinstance(example, DiscoverExample)}
    for what in manifest.discover:
        if what not in shown:
            right = f"add one with `do: discover`, `what: {what}`, its calls and what it finds"
            yield Fault(("discover", what), "no example lists these", right, _SHOWN, True)


def every_event_list(manifest: Manifest) -> Iterator[Fault]:
    """Each list of events is in an example."""
    shown = [dict(example.scope) for example in manifest.examples if isinstance(example, EventsExample)]
    for at, words in enumerate(manifest.fields.events.catalogue.read):
        before = {each.scope for each in manifest.fields.events.catalogue.read[:at]}
        if not any((not words.scope or words.scope in scope) and not before & scope.keys() for scope in shown):
            right = "add one with `do: events`, a `scope` that it is for, its calls and what it finds"
            path = ("fields", "events", "catalogue", "read", at)
            yield Fault(path, "no example asks for this list of events", right, _SHOWN, True)


def _is_shown(manifest: Manifest, call: Call, example: object) -> bool:
    if not isinstance(example, WriteExample):
        return False
    defaults: dict[str, Switch] = {name: word.default for name, word in manifest.settings.items()}
    if not call.words.holds({**defaults, **example.settings}):
        return False
    patterns = [_pattern(way.path + call.words.path.partition("?")[0]) for way in manifest.scope]
    made = (each for each in example.calls if each.method == call.words.method)
    return any(pattern.fullmatch(each.path.partition("?")[0]) for each in made for pattern in patterns)


def _pattern(path: str) -> re.Pattern[str]:
    """What paths of a template look like."""
    parts = re.split(r"(\{\+?\w+\})", path)
    return re.compile("".join(".+" if part.startswith("{") else re.escape(part) for part in parts))


RULES = (every_verb, every_call, every_list, every_event_list)
