"""Compiles a manifest: a `Vendor` for one set of settings, and its `Provider`s. [pure]

Called by `providers.registry` and `providers.rehearse`.

Everything that settings decide is decided once, here; the verbs then see one way to read, create, update and retire.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial

from reconciler.codes import Code
from reconciler.errors import ConfigError
from reconciler.model.action import Action, PlannedCall
from reconciler.model.as_read import AsRead
from reconciler.model.capabilities import Capabilities
from reconciler.model.secret import Secret
from reconciler.model.webhook import SECRET, Fields, Observation, Scope
from reconciler.providers.engine import fanout, removal, verbs
from reconciler.providers.engine.abilities import capabilities_of
from reconciler.providers.engine.api import Api
from reconciler.providers.engine.classify import ReplyClassifier
from reconciler.providers.engine.codec import Codec
from reconciler.providers.engine.discovering import listed
from reconciler.providers.engine.event_names import event_names
from reconciler.providers.engine.lost import lost
from reconciler.providers.engine.reading import account_of, observe, place_of, secret_of
from reconciler.providers.engine.schemes import scheme_of
from reconciler.providers.engine.template import PLACEHOLDER, applied
from reconciler.providers.engine.writes import (
    Write,
    after_create,
    changes,
    creation,
    issues_afterwards,
    missing_after_create,
    rotation,
    with_first_secret,
)
from reconciler.providers.language.credentials import PathKeys
from reconciler.providers.language.fields import SecretWords
from reconciler.providers.language.manifest import Deactivate, Delete, Keep, Manifest
from reconciler.providers.language.words import Operation, first_that_holds
from reconciler.providers.protocol import AccountSeen, ChangeRequest, Listed, Progress, Provider, Reply, Steps, parsed
from reconciler.providers.vendor import CallLimits, Scheme, Setting, Switch
from reconciler.support.bounds import USUAL, Bounds
from reconciler.support.hints import did_you_mean
from reconciler.support.scalars import spelled


class CompiledProvider:
    """One account at one vendor: the four verbs, and where the manifest tells them, the other protocols."""

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
        """Change `request.changes`. Raises Rejected or Indeterminate."""
        return (
            fanout.carry_out(self._api, request) if self._api.capabilities.fan_out else verbs.update(self._api, request)
        )

    def retire(self, request: ChangeRequest) -> Steps[None]:
        """Delete it or switch it off. Raises Rejected or Indeterminate."""
        return removal.retire(self._api, request)

    def secret(self, scope: Scope, remote_id: str) -> Steps[Secret | None]:
        """The webhook's secret by a call of its own, where there is one. Raises VendorError where it fails."""
        return secret_of(self._api, scope, remote_id)

    def place(self, scope: Scope) -> Steps[str | None]:
        """What identifies the place, where the vendor tells. Raises VendorError where that fails."""
        return place_of(self._api, scope)

    def account(self) -> Steps[AccountSeen | None]:
        """Whose credentials are used, where the manifest can ask. Raises VendorError where that fails."""
        return account_of(self._api)

    def discover(self, what: str, given: Mapping[str, str]) -> Steps[Listed]:
        """Every place of a list of the manifest's. Raises VendorError where it cannot be had whole."""
        return listed(self._api, what, given)

    def event_names(self, scope: Scope) -> Steps[frozenset[str]]:
        """The events that a webhook there may have, where a call tells. Raises VendorError where it cannot be had."""
        return event_names(self._api, scope)

    def rotate(self, request: ChangeRequest) -> Steps[Progress]:
        """Replace the secret by a call of its own. Raises Rejected or Indeterminate."""
        return verbs.rotate(self._api, request)

    def calls(self, action: Action, request: ChangeRequest) -> tuple[PlannedCall, ...]:
        """The writes that `action` would make. Raises Rejected where the API cannot do it."""
        url = self._api.base_url
        writes = self._writes(action, request)
        return tuple(PlannedCall(each.call.method, url + each.call.path, each.loses) for each in writes)

    def _writes(self, action: Action, request: ChangeRequest) -> Sequence[Write]:
        match action:
            case Action.CREATE:
                return self._creation(request)
            case Action.UPDATE | Action.ADOPT:
                return self._changes(request)
            case Action.REPLACE:
                fresh = request._replace(remote=None, remote_id=None, parts=(), orphan_parts=())
                made, gone = self._creation(fresh), self._retirement(request)
                return (*gone, *made) if request.delete_first else (*made, *gone)
            case Action.DELETE | Action.DEACTIVATE:
                return self._retirement(request)
            case _:
                return ()

    def _creation(self, request: ChangeRequest) -> Sequence[Write]:
        if self._api.capabilities.fan_out:
            return self._changes(request)
        first = creation(self._api, request)
        made = self._api.manifest.identity.fixed or PLACEHOLDER
        secret = issues_afterwards(self._api, request)
        keyed = (rotation(self._api, with_first_secret(request, made, first.sent)),) if secret else ()
        missing = missing_after_create(self._api, request, Fields())
        later = changes(self._api, after_create(request, made, first.sent, missing, AsRead({}))) if missing else ()
        return (first, *keyed, *later)

    def _changes(self, request: ChangeRequest) -> Sequence[Write]:
        if self._api.capabilities.fan_out:
            return [part.write for part in fanout.part_writes(self._api, request)]
        if SECRET in request.changes and self._api.capabilities.secret.rotates(request.secret is not None):
            fields = request._replace(changes=request.changes - {SECRET})
            return (*changes(self._api, fields), rotation(self._api, request))
        return changes(self._api, request)

    def _retirement(self, request: ChangeRequest) -> Sequence[Write]:
        match self._api.retire:
            case Delete() as operation:
                gone = (removal.deletion(self._api, operation, request, each) for each in removal.targets(request))
                return (*removal.preparation(self._api, request), *gone)
            case Deactivate(status=status):
                return changes(self._api, removal.switched_off(request, status))
            case Keep():
                return ()


class CompiledVendor:
    """A manifest with its settings applied; implements `vendor.Vendor`.

    Raises:
        ConfigError: a setting is unknown or has a value that is none of its choices.
    """

    def __init__(
        self, manifest: Manifest, settings: Mapping[str, Switch] | None = None, bounds: Bounds = USUAL
    ) -> None:
        self.manifest = manifest
        self._settings = _settings(manifest, settings or {})
        manifest = manifest.model_copy(update={"secret": _secret_calls_that_hold(manifest.secret, self._settings)})
        self.capabilities = capabilities_of(manifest, self._settings)
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
        self._api = _api(manifest, self._settings, self.capabilities)._replace(bounds=bounds)

    def provider(self, base_url: str) -> Provider:
        """The four verbs for one account; `base_url` may have a path prefix."""
        return CompiledProvider(self._api._replace(base_url=base_url.rstrip("/")))

    def codec(self) -> Codec:
        """The lenses, for the laws that tests demand of every manifest, and for trials."""
        return self._api.codec

    def unspoken(self, shown: object) -> tuple[str, ...]:
        """The names of what stands in a remote object, has a value, and is in no word of the manifest."""
        dropped = {pointer for update in self._api.updates for pointer in update.drop}
        return lost(self._api, shown, ("",), dropped)

    def complains(self, reply: Reply) -> bool:
        """Whether the manifest finds words in an answer that refuses."""
        return self._api.classifier.complains(reply, parsed(reply))

    def operations(self, verb: str) -> tuple[Operation, ...]:
        """The words of the calls that a verb may make: `create` or `update`."""
        return (self._api.create,) if verb == "create" else self._api.updates


def _settings(manifest: Manifest, given: Mapping[str, Switch]) -> dict[str, Switch]:
    for name, value in given.items():
        word = manifest.settings.get(name)
        if word is None:
            hint = did_you_mean(name, manifest.settings) or _there_are(manifest.settings)
            raise ConfigError(f"{manifest.type} has no setting `{name}`", hint, code=Code.UNKNOWN_SETTING)
        if word.choices and not any(type(value) is type(choice) and value == choice for choice in word.choices):
            choices = " or ".join(map(spelled, word.choices))
            raise ConfigError(
                f"the setting {name} of {manifest.type} is {choices}, not {_written(value)}", code=Code.WRONG_SETTING
            )
        if not word.choices and type(value) is not type(word.default):
            raise ConfigError(
                f"the setting {name} of {manifest.type} is like {_written(word.default)}, not {_written(value)}",
                code=Code.WRONG_SETTING,
            )
    return {name: given.get(name, word.default) for name, word in manifest.settings.items()}


def _written(value: Switch) -> str:
    """A value as a file has it; texts in quotes, so that `"3"` is not taken for 3."""
    return f'"{value}"' if isinstance(value, str) else spelled(value)


def _there_are(names: Mapping[str, object]) -> str:
    return f"it has: {', '.join(sorted(names))}" if names else "it has none"


def _api(manifest: Manifest, settings: Mapping[str, Switch], capabilities: Capabilities) -> Api:
    return Api(
        manifest=manifest,
        settings={name: spelled(value) for name, value in settings.items()},
        applied=lru_cache(maxsize=1024)(partial(applied, manifest.scope)),  # webhooks of one scope come in a row
        capabilities=capabilities,
        codec=Codec(manifest, capabilities.events),
        classifier=ReplyClassifier(manifest.title, manifest.errors, manifest.type),
        read=first_that_holds(manifest.read, settings),
        create=first_that_holds(manifest.create, settings),
        updates=tuple(update for update in manifest.update if update.holds(settings)),
        retire=first_that_holds(manifest.retire, settings),
        switches=settings,
        credentials=next((auth.names for auth in manifest.auth if isinstance(auth, PathKeys)), ()),
    )


def _secret_calls_that_hold(words: SecretWords, settings: Mapping[str, Switch]) -> SecretWords:
    """The words for secrets, without the calls that these settings do not have."""
    fetch = words.fetch if words.fetch and words.fetch.holds(settings) else None
    rotate = words.rotate if words.rotate and words.rotate.holds(settings) else None
    return words.model_copy(update={"fetch": fetch, "rotate": rotate})
