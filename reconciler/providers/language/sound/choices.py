"""Settings: every `when` can hold, every alternative can be taken, and each setting leaves a way. [pure]

Used by `providers.language.sound`.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product

from reconciler.codes import Code
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.language.sound.fault import Fault, Path, calls, words_in
from reconciler.providers.language.words import Alternative, FromSetting, variables_in
from reconciler.providers.vendor import Switch

MOST_COMBINATIONS = 4096
DIALECTS = {"style": ("basic", "body"), "uri_claim": ("uris", "uri")}
_SETTINGS = Code.MANIFEST_SETTINGS


def defaults(manifest: Manifest) -> Iterator[Fault]:
    """A setting's default is one of its choices."""
    for name, word in manifest.settings.items():
        if word.choices and not _is_among(word.default, word.choices):
            what = f"the default `{_shown(word.default)}` is none of its choices: {words_in(map(_shown, word.choices))}"
            yield Fault(("settings", name, "default"), what, "write one of them", _SETTINGS)


def possible(manifest: Manifest) -> Iterator[Fault]:
    """A `when` asks for a value that the setting can have."""
    asked = [((*path, "when"), each.when) for path, each in _alternatives(manifest)]
    asked.append((("fields", "events", "catalogue", "open_when"), manifest.fields.events.catalogue.open_when))
    for path, when in asked:
        for name, value in when.items():
            word = manifest.settings[name]
            if word.choices and not _is_among(value, word.choices):
                what = f"`{name}` is never `{_shown(value)}`; it is {words_in(map(_shown, word.choices))}"
                yield Fault((*path, name), what, "ask for one of these", _SETTINGS)
            elif not word.choices and type(value) is not type(word.default):
                what = f"`{name}` is never `{_shown(value)}`: it is like `{_shown(word.default)}`"
                yield Fault((*path, name), what, "ask for a value of that kind", _SETTINGS)


def reachable(manifest: Manifest) -> Iterator[Fault]:
    """Where the first alternative that holds is taken, none stands behind one that holds whenever it does."""
    for role in ("read", "create", "retire"):
        ways: Sequence[Alternative] = getattr(manifest, role)
        for at, way in enumerate(ways):
            for before in range(at):
                if ways[before].when.items() <= way.when.items():
                    what = f"`{role}[{before}]` holds whenever this does, and comes first"
                    right = "give the first a `when`, or put this before it"
                    yield Fault((role, at), what, right, _SETTINGS)
                    break


def leaves_a_way(manifest: Manifest) -> Iterator[Fault]:
    """Whatever settings a user chooses, there is a way to authenticate, read, create and retire."""
    for role in ("auth", "read", "create", "retire"):
        ways: Sequence[Alternative] = getattr(manifest, role)
        for settings in _combinations(manifest, ways):
            if not any(way.holds(settings) for way in ways):
                told = ", ".join(f"{name}: {_shown(value)}" for name, value in settings.items())
                what = f"with `{told}` none of these holds" if told else "there is none"
                yield Fault((role,), what, "add one without a `when`, as the last", _SETTINGS)
                break


def _combinations(manifest: Manifest, ways: Sequence[Alternative]) -> Iterator[Mapping[str, Switch]]:
    """The values of the settings that these alternatives ask for, each with each."""
    asked = dict.fromkeys(name for way in ways for name in way.when)
    values = [_values(manifest, name, ways) for name in asked]
    return islice((dict(zip(asked, each, strict=True)) for each in product(*values)), MOST_COMBINATIONS)


def _values(manifest: Manifest, name: str, ways: Sequence[Alternative]) -> tuple[Switch, ...]:
    word = manifest.settings[name]
    if word.choices:
        return word.choices
    if isinstance(word.default, bool):
        return (True, False)
    return tuple(dict.fromkeys((word.default, *(way.when[name] for way in ways if name in way.when))))


def used(manifest: Manifest) -> Iterator[Fault]:
    """A setting changes something; who sets one that does not believes that it does."""
    asked = {name for _, each in _alternatives(manifest) for name in each.when}
    asked |= {*manifest.fields.events.catalogue.open_when}
    asked |= {
        value.setting for auth in manifest.auth for value in dict(auth).values() if isinstance(value, FromSetting)
    }
    for call in calls(manifest):
        one = getattr(call.words, "one", None)
        texts = [call.words.path, *call.words.query.values(), *call.words.with_.values()]
        texts += [one] if isinstance(one, str) else []
        asked |= {name for text in texts for name in variables_in(text)}
    for name in manifest.settings.keys() - asked:
        what = f"nothing asks for the setting `{name}`"
        yield Fault(
            ("settings", name), what, f"ask for it: `when: {{{name}: …}}`; or leave it out", _SETTINGS, key=True
        )


def dialects(manifest: Manifest) -> Iterator[Fault]:
    """A setting that gives a word of the language has such words only."""
    for at, auth in enumerate(manifest.auth):
        for word, known in DIALECTS.items():
            value = getattr(auth, word, None)
            if not isinstance(value, FromSetting):
                continue
            setting = manifest.settings[value.setting]
            wrong = [each for each in (setting.choices or (setting.default,)) if each not in known]
            if wrong or not setting.choices:
                what = f"`{value.setting}` may be something else than {words_in(known)}"
                right = f"give it `choices: [{', '.join(known)}]`"
                yield Fault(("auth", at, word), what, right, _SETTINGS)


def _alternatives(manifest: Manifest) -> Iterator[tuple[Path, Alternative]]:
    for role in ("auth", "read", "create", "update", "retire"):
        yield from (((role, at), each) for at, each in enumerate(getattr(manifest, role)))
    secret = (("fetch", manifest.secret.fetch), ("rotate", manifest.secret.rotate))
    yield from ((("secret", word), each) for word, each in secret if each is not None)


def _is_among(value: Switch, choices: Sequence[Switch]) -> bool:
    return any(type(value) is type(choice) and value == choice for choice in choices)


def _shown(value: Switch) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


RULES = (defaults, possible, reachable, leaves_a_way, used, dialects)
