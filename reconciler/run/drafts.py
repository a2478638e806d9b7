"""What an import makes of each webhook that nobody manages. Called by `run.imports`.

A webhook becomes a draft only if the reader of every run makes of it exactly what the vendor shows, and the files'
policy allows it. All are drafted twice where addresses look like secrets: what is one in an address is one wherever
else it stands. Webhooks that the files could not tell apart by their natural key get a key of their own.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from reconciler.config.check import faults_between
from reconciler.config.checked import Checked
from reconciler.config.expand import Around, Expansion, Template, expand
from reconciler.config.fault import FileFault
from reconciler.config.forms import typed
from reconciler.config.keys import widened
from reconciler.config.loaded import Loaded
from reconciler.config.provider import ProviderConfig
from reconciler.config.rows import ONE
from reconciler.config.webhook import flattened, whole_options
from reconciler.document.insertion import reads_back
from reconciler.importing import yaml
from reconciler.importing.draft import Terms, Verdict, draft
from reconciler.importing.keys import key_for
from reconciler.importing.looks import secrets_in
from reconciler.importing.types import Draft, Found, LeftOut
from reconciler.importing.variables import revealed, veils_in
from reconciler.model.capabilities import Capabilities
from reconciler.model.identity import key_of
from reconciler.model.secret import Secret
from reconciler.model.urls import is_url
from reconciler.model.webhook import DESCRIPTION, EVENTS, STATUS, Fields, Leaf, Source
from reconciler.planning.policy import misplaced
from reconciler.run.runtime import Runtime

_IT = "this webhook"
"""How a draft is called where something is wrong with it: it has no name yet."""
_ELSEWHERE = "; the other at {also}"


def drafts_of(strange: Iterable[Found], file: str, runtime: Runtime) -> tuple[list[Draft], list[LeftOut]]:
    """What can be written down, and what cannot.

    Args:
        strange: what nobody manages.
        file: where it would stand.
        runtime: of this run; it learns what looks like a secret.
    """
    loaded = runtime.loaded
    around = loaded.around
    assert around is not None, "whoever loads files fills it in"
    terms = {name: _terms(config, file, around, runtime) for name, config in loaded.providers.items()}
    drafts, left_out = _drafted(strange, terms)
    if secrets := dict.fromkeys(value for each in drafts for value in _veiled(each)):
        terms = _knowing(secrets, drafts, terms, runtime)
        drafts, more = _drafted([each.found for each in drafts], terms)
        left_out += more
    twice = _second_ones(drafts, file, around, loaded)
    if twice:
        drafts = _with_keys(drafts, twice, terms)
        twice = _second_ones(drafts, file, around, loaded)
    kept = [each for number, each in enumerate(drafts) if number not in twice]
    return kept, [*left_out, *(LeftOut(drafts[number].found, why) for number, why in twice.items())]


def _drafted(
    strange: Iterable[Found], terms: Mapping[str, Terms], key: tuple[str, ...] = ()
) -> tuple[list[Draft], list[LeftOut]]:
    made = [draft(found, terms[found.provider], key) for found in strange]
    return [each for each in made if isinstance(each, Draft)], [each for each in made if isinstance(each, LeftOut)]


def _knowing(
    secrets: Iterable[str], drafts: Sequence[Draft], terms: Mapping[str, Terms], runtime: Runtime
) -> dict[str, Terms]:
    """What holds once the run knows what looks like a secret; what it had hidden before stays its own secret."""
    hide, texts = runtime.redactor.hide, {text for each in drafts for text in _texts(each.found.remote.fields)}
    own = {text for text in texts if hide(text) != text}
    for value in secrets:
        runtime.redactor.learn(Secret(value))
    found = {text for text in texts - own if hide(text) != text}
    return {name: each._replace(veils=found.__contains__) for name, each in terms.items()}


def _veiled(each: Draft) -> Iterator[str]:
    """Whatever must not be told of what looks like a secret."""
    for _, veiled in veils_in(each.tree):
        yield from secrets_in(veiled.value) if is_url(veiled.value) else (veiled.value,)


def _texts(fields: Fields) -> Iterator[str]:
    for leaf in fields.values():
        yield from (
            text for text in (leaf if isinstance(leaf, tuple | frozenset) else (leaf,)) if isinstance(text, str)
        )


def _with_keys(drafts: Sequence[Draft], twice: Mapping[int, str], terms: Mapping[str, Terms]) -> list[Draft]:
    """The drafts; those with one natural key in one place say what tells them apart, if anything does."""
    alike: dict[object, list[int]] = defaultdict(list)
    names = [_natural(each, terms[each.found.provider].capabilities) for each in drafts]
    for number, name in enumerate(names):
        alike[name].append(number)
    made = list(drafts)
    for name in dict.fromkeys(names[number] for number in twice):
        members = [drafts[number] for number in alike[name]]
        capabilities = terms[members[0].found.provider].capabilities
        if len(members) == 1:
            continue  # the other one is the files', which say what they say
        if key := key_for([each.found.remote.fields for each in members], capabilities):
            again, unsayable = _drafted([each.found for each in members], terms, key)
            for number, each in zip(alike[name], again, strict=True) if not unsayable else ():
                made[number] = each
    return made


def _natural(each: Draft, capabilities: Capabilities) -> object:
    found = each.found
    return found.provider, found.scope, key_of(found.remote.fields, capabilities)


def _terms(config: ProviderConfig, file: str, around: Around, runtime: Runtime) -> Terms:
    usual = around.defaults.tree
    scope = usual.get("scope")
    said = {**dict(config.scope), **(scope if isinstance(scope, dict) else {})}
    names = usual.get("provider") != config.name if "provider" in usual else len(around.providers) > 1
    loaded, source = runtime.loaded, Source(file, ("webhooks", _IT))

    def judge(tree: Mapping[str, Any]) -> Verdict:
        made = _made(tree, _IT, source, around)
        wrong = [(_path(fault), _said(fault)) for fault in (*made.unset, *made.faults)]
        wrong += [((), no.summary) for no in misplaced(made.desired, loaded.policy)]
        if wrong or not made.desired:
            return Verdict(None, None, tuple(wrong))
        return Verdict(made.desired[0].fields, made.desired[0].scope)

    capabilities, hide = config.vendor.capabilities, runtime.redactor.hide
    given = _given(usual, capabilities)
    return Terms(capabilities, config.vendor.title, said, given, names, judge, hide, _spells)


def _given(defaults: Mapping[str, Any], capabilities: Capabilities) -> Fields:
    """The fields that the defaults give, as far as the vendor has them."""
    events, kinds = defaults.get("events"), dict(capabilities.types)
    options = flattened(defaults.get("options") or {}, whole_options(capabilities))
    leaves: dict[str, Leaf | None] = {
        EVENTS: frozenset(events) if isinstance(events, list) else None,
        STATUS: defaults.get("status"),
        DESCRIPTION: defaults.get("description"),
        **{at: typed(leaf, kinds.get(at)) for at, leaf in options},
    }
    return Fields({at: leaf for at, leaf in leaves.items() if leaf is not None and at in capabilities.writable})


def _spells(value: Any) -> bool:
    try:
        return reads_back(value, yaml.flow(value))
    except ValueError:
        return False


def _made(tree: Mapping[str, Any], name: str, source: Source, around: Around) -> Expansion:
    return expand(Template(name, tree, source, ONE, around), ONE)


def _path(fault: FileFault) -> tuple[str | int, ...]:
    return fault.source.path[2:] if fault.source.path[:1] == ("webhooks",) else ()


def _said(fault: FileFault) -> str:
    """A fault in words; of two webhooks, without the place of the other, which nobody has written yet."""
    return fault.summary.replace(_ELSEWHERE, "").replace("{value}", fault.value or "").replace(f"`{_IT}`", _IT)


def _checked_of(template: Template) -> tuple[Checked, ...]:
    """The webhooks of a block; what a vendor lists of it was found already, and is no stranger."""
    return () if template.lookups else expand(template, template.rows).checked


def _second_ones(drafts: Sequence[Draft], file: str, around: Around, loaded: Loaded) -> dict[int, str]:
    """The drafts that mean the same remote webhook as another does, or as one of the files, and why."""
    there = [item for template in loaded.templates for item in _checked_of(template)]
    new: list[Checked] = []
    for number, each in enumerate(drafts):
        new += _made(revealed(each.tree), each.found.remote.remote_id, Source(file, ("import", number)), around).checked
    faults = (fault for fault in faults_between(widened([*there, *new])) if fault.source.path[:1] == ("import",))
    return {int(fault.source.path[1]): _said(fault) for fault in faults}
