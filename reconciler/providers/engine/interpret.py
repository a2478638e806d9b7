"""Compiles a manifest: a `Vendor` for one set of settings, and its `Provider`s. Called by `registry`. [pure]

Everything that settings decide is decided once, here; the verbs then see one way to read, create, update and retire.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import TypeVar

from reconciler.errors import ConfigError
from reconciler.model.action import Action, PlannedCall
from reconciler.model.secret import Secret, SecretSemantics
from reconciler.model.webhook import OPTIONS, SECRET, Capabilities, EventCatalogue, Fields, Leaf, Observation, Scope
from reconciler.providers.engine import fanout, verbs
from reconciler.providers.engine.classify import ReplyClassifier
from reconciler.providers.engine.codec import Codec
from reconciler.providers.engine.reading import observe, secret_of
from reconciler.providers.engine.routes import (
    Api,
    Write,
    after_create,
    changes,
    creation,
    missing_after_create,
    rotation,
)
from reconciler.providers.engine.template import PLACEHOLDER, place_of
from reconciler.providers.language.credentials import scheme_of
from reconciler.providers.language.fields import Lens, SecretWords
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.language.words import Alternative
from reconciler.providers.protocol import ChangeRequest, Progress, Provider, Steps
from reconciler.providers.vendor import CallLimits, Scheme, Setting, Switch
from reconciler.support.hints import did_you_mean

W = TypeVar("W", bound=Alternative)


class CompiledProvider:
    """One account at one vendor: the four verbs, and where the manifest tells them, `Shows` and `Rotates`."""

    def __init__(self, api: Api) -> None:
        self._api = api

    @property
    def capabilities(self) -> Capabilities:
        """What this API can do."""
        return self._api.capabilities

    def observe(self, scope: Scope, known_ids: frozenset[str]) -> Steps[Observation]:
        """Read one scope. Raises VendorError where it fails."""
        return observe(self._api, scope, known_ids)

    def create(self, request: ChangeRequest) -> Steps[Progress]:
        """Make the webhook. Raises Rejected or Indeterminate."""
        return (
            fanout.carry_out(self._api, request) if self._api.capabilities.fan_out else verbs.create(self._api, request)
        )

    def update(self, request: ChangeRequest) -> Steps[Progress]:
        """Change `order.changes`. Raises Rejected or Indeterminate."""
        return (
            fanout.carry_out(self._api, request) if self._api.capabilities.fan_out else verbs.update(self._api, request)
        )

    def retire(self, request: ChangeRequest) -> Steps[None]:
        """Delete it or switch it off. Raises Rejected or Indeterminate."""
        return verbs.retire(self._api, request)

    def secret(self, scope: Scope, remote_id: str) -> Steps[Secret | None]:
        """The webhook's secret by a call of its own, where there is one. Raises VendorError where it fails."""
        return secret_of(self._api, scope, remote_id)

    def rotate(self, request: ChangeRequest) -> Steps[Progress]:
        """Replace the secret by a call of its own. Raises Rejected or Indeterminate."""
        return verbs.rotate(self._api, request)

    def calls(self, action: Action, request: ChangeRequest) -> tuple[PlannedCall, ...]:
        """The writes that `action` would make. Raises Rejected where the API cannot do it."""
        made = (write.call for write in self._writes(action, request))
        return tuple(PlannedCall(call.method, self._api.base_url + call.path) for call in made)

    def _writes(self, action: Action, request: ChangeRequest) -> Sequence[Write]:
        match action:
            case Action.CREATE:
                return self._creation(request)
            case Action.UPDATE | Action.ADOPT:
                return self._changes(request)
            case Action.REPLACE:
                fresh = request._replace(remote=None, remote_id=None, parts=(), orphan_parts=())
                return (*self._creation(fresh), *self._retirement(request))
            case Action.DELETE | Action.DEACTIVATE:
                return self._retirement(request)
            case _:
                return ()

    def _creation(self, request: ChangeRequest) -> Sequence[Write]:
        if self._api.capabilities.fan_out:
            return self._changes(request)
        first = creation(self._api, request)
        missing = missing_after_create(self._api, request, Fields())
        if not missing:
            return (first,)
        fixed = self._api.manifest.identity.fixed
        return (first, *changes(self._api, after_create(request, fixed or PLACEHOLDER, first.sent, missing)))

    def _changes(self, request: ChangeRequest) -> Sequence[Write]:
        if self._api.capabilities.fan_out:
            return [stroke.write for stroke in fanout.strokes(self._api, request)]
        if SECRET in request.changes and self._api.capabilities.secret.rotates(request.secret is not None):
            fields = request._replace(changes=request.changes - {SECRET})
            return (*changes(self._api, fields), rotation(self._api, request))
        return changes(self._api, request)

    def _retirement(self, request: ChangeRequest) -> Sequence[Write]:
        way = self._api.retire
        if way.how == "delete":
            return [verbs.deletion(self._api, way, request, remote_id) for remote_id in verbs.targets(request)]
        return changes(self._api, verbs.switched_off(request, way.status)) if way.how == "deactivate" else ()


class CompiledVendor:
    """A manifest with its settings applied; implements `vendor.Vendor`.

    Raises:
        ConfigError: a setting is unknown or has a value that is none of its choices.
    """

    def __init__(self, manifest: Manifest, settings: Mapping[str, Switch] | None = None) -> None:
        self.manifest = manifest
        self._settings = _settings(manifest, settings or {})
        manifest = manifest.model_copy(update={"secret": _held(manifest.secret, self._settings)})
        self.capabilities = _about(manifest, self._settings)
        self.title = manifest.title
        self.base_url = manifest.base_url
        self.schemes: tuple[Scheme, ...] = tuple(
            scheme_of(auth, self._settings) for auth in manifest.auth if auth.holds(self._settings)
        )
        self.variables: Mapping[str, str] = manifest.variables
        self.settings: Mapping[str, Setting] = {
            name: Setting(word.default, word.choices, word.about) for name, word in manifest.settings.items()
        }
        self.limits = CallLimits(manifest.limits.reads, manifest.limits.writes, manifest.limits.per_second)
        self.headers = tuple(manifest.headers.items())
        self._api = _api(manifest, self._settings, self.capabilities)

    def provider(self, base_url: str) -> Provider:
        """The four verbs for one account; `base_url` may have a path prefix."""
        return CompiledProvider(self._api._replace(base_url=base_url.rstrip("/")))

    def codec(self) -> Codec:
        """The lenses, for the laws that tests demand of every manifest."""
        return self._api.codec


def _settings(manifest: Manifest, given: Mapping[str, Switch]) -> dict[str, Switch]:
    for name, value in given.items():
        word = manifest.settings.get(name)
        if word is None:
            hint = did_you_mean(name, manifest.settings) or _there_are(manifest.settings)
            raise ConfigError(f"{manifest.type} has no setting {name!r}", hint)
        if word.choices and not any(type(value) is type(choice) and value == choice for choice in word.choices):
            choices = " or ".join(str(choice).lower() for choice in word.choices)
            raise ConfigError(f"the setting {name} of {manifest.type} is {choices}, not {value!r}")
        if not word.choices and type(value) is not type(word.default):
            raise ConfigError(f"the setting {name} of {manifest.type} is like {word.default!r}, not {value!r}")
    return {name: given.get(name, word.default) for name, word in manifest.settings.items()}


def _there_are(names: Mapping[str, object]) -> str:
    return f"it has: {', '.join(sorted(names))}" if names else "it has none"


def _api(manifest: Manifest, settings: Mapping[str, Switch], capabilities: Capabilities) -> Api:
    return Api(
        manifest=manifest,
        switches={name: str(value) for name, value in settings.items()},
        place=lru_cache(maxsize=1024)(partial(place_of, manifest.scope)),  # webhooks of one scope ask one after another
        capabilities=capabilities,
        codec=Codec(manifest, capabilities.events),
        classifier=ReplyClassifier(manifest.title, manifest.errors),
        read=_first(manifest.read, settings),
        create=_first(manifest.create, settings),
        updates=tuple(way for way in manifest.update if way.holds(settings)),
        retire=_first(manifest.retire, settings),
    )


def _first(ways: Sequence[W], settings: Mapping[str, Switch]) -> W:
    for way in ways:
        if way.holds(settings):
            return way
    raise ConfigError("the manifest has no way for these settings")


def _about(manifest: Manifest, settings: Mapping[str, Switch]) -> Capabilities:
    lenses = manifest.lenses()
    writable = {pointer: lens for pointer, lens in lenses.items() if lens.write is not None}
    read = _first(manifest.read, settings).how
    catalogue = manifest.fields.events.catalogue
    is_open = bool(catalogue.open_when) and Alternative(when=catalogue.open_when).holds(settings)
    return Capabilities(
        type=manifest.type,
        writable=frozenset(writable),
        missing=tuple((pointer, lens.absent) for pointer, lens in lenses.items() if lens.absent),
        read=read,
        natural_key=manifest.natural_key,
        marks=manifest.mark is not None,
        immutable=frozenset(pointer for pointer, lens in writable.items() if lens.sets == "create"),
        retire=_first(manifest.retire, settings).how,
        fan_out=manifest.fan_out is not None,
        unreadable=frozenset(p for p, lens in writable.items() if read == "none" or lens.read is None),
        scope=tuple(way.params for way in manifest.scope),
        secret=_secret(manifest, replaceable=read != "none" and _first(manifest.retire, settings).how == "delete"),
        events=EventCatalogue(frozenset(catalogue.names), catalogue.closed and not is_open, catalogue.wildcard),
        choices=tuple((pointer, choices) for pointer, lens in writable.items() if (choices := _choices(lens))),
        synonyms=tuple(synonym for pointer, lens in writable.items() for synonym in _synonyms(pointer, lens)),
        types=tuple((pointer, lens.type) for pointer, lens in writable.items() if _is_plain(pointer, lens)),
    )


def _held(words: SecretWords, settings: Mapping[str, Switch]) -> SecretWords:
    """The words for secrets, without the calls that these settings do not have."""
    fetch = words.fetch if words.fetch and words.fetch.holds(settings) else None
    rotate = words.rotate if words.rotate and words.rotate.holds(settings) else None
    return words.model_copy(update={"fetch": fetch, "rotate": rotate})


def _secret(manifest: Manifest, *, replaceable: bool) -> SecretSemantics:
    words = manifest.secret
    return SecretSemantics(
        lifecycle=words.lifecycle,
        readable=words.value is not None,
        masked=words.mask is not None,
        flagged=words.has is not None,
        wiped_if_omitted=words.wiped_if_omitted,
        settable_later=words.settable_later or words.takes,
        reason=words.reason,
        fetchable=words.fetch is not None,
        reissues=words.reissues,
        takes=words.takes,
        grace=words.rotate.overlap if words.rotate else "",
        rule=words.rule,
        replaceable=replaceable,
    )


def _is_plain(pointer: str, lens: Lens) -> bool:
    return pointer.startswith(OPTIONS) and not _choices(lens) and not lens.also


def _choices(lens: Lens) -> tuple[Leaf, ...]:
    return tuple(lens.values) or lens.choices


def _synonyms(pointer: str, lens: Lens) -> list[tuple[str, Leaf, Leaf]]:
    spellings: list[tuple[str, Leaf, Leaf]] = [(pointer, theirs, ours) for ours, theirs in lens.values.items()]
    spellings += [(pointer, other, ours) for ours, others in lens.also.items() for other in others]
    return [(at, spelling, ours) for at, spelling, ours in spellings if spelling != ours or type(spelling) is not str]
