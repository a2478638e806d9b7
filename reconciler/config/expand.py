"""What is written for a webhook -> what is desired: defaults, `for_each`, scope, fields. [pure]

Called by `load`, webhook by webhook. `entries` works on trees and ends with validated models; `desired` leaves out the
defaults that the vendor does not have. `check` says what else is wrong.
"""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, NamedTuple

from reconciler.config import ProviderConfig
from reconciler.config.fault import Faulty, FileFault, Wrong, below, validated
from reconciler.config.forms import NAME_HINT, for_each, is_name, typed
from reconciler.config.interpolate import Interpolation
from reconciler.config.schema import Webhook
from reconciler.document import meant
from reconciler.model.equality import canonical
from reconciler.model.secret import SecretLifecycle, SecretSpec
from reconciler.model.webhook import DESCRIPTION, EVENTS, OPTIONS, STATUS, URL, Desired, Fields, Leaf, Source, scope_of

_MERGED = ("options", "scope", "lifecycle")  # these merge key by key; everything else is replaced as a whole


class MergedDefaults(NamedTuple):
    """The `defaults:` block, filled in and known to be well-formed, and where it stands."""

    tree: Mapping[str, Any] = {}
    source: Source = Source("", ())


class WrittenWebhook(NamedTuple):
    """One webhook after `for_each`: `own` is its tree without the defaults, `webhook` with them.

    `faults` tells what was wrong with it and left out.
    """

    name: str
    own: Mapping[str, Any]
    webhook: Webhook
    source: Source
    defaults: Source
    faults: tuple[FileFault, ...]

    def place(self, *steps: str | int) -> Source:
        """Where something inside was written: in the webhook itself, else in the defaults."""
        return below(self.source if _holds(self.own, steps) else self.defaults, *steps)


def entries(
    name: str, tree: Any, source: Source, defaults: MergedDefaults, variables: Interpolation
) -> Iterator[WrittenWebhook]:
    """The webhooks that one key under `webhooks:` makes: `ci`, or `ci[api]` and `ci[web]`.

    Several keys of `for_each` make every combination, in the order written: `ci[api,prod]`.

    Raises:
        Faulty: it is not well-formed.
    """
    if not is_name(name):
        raise Faulty(FileFault(source, f"{name[:40]!r} cannot be a name", NAME_HINT, key=True))
    if not isinstance(tree, dict):
        raise Faulty(
            *([] if tree is None else [FileFault(source, f"`{name}` must be a mapping", "indent its fields below it")])
        )
    if "for_each" not in tree:
        yield _entry(name, variables.fill_entry(tree, source, "secret"), source, defaults)
        return
    at_lists = below(source, "for_each")
    rest = {key: value for key, value in tree.items() if key != "for_each"}
    try:
        instances = [*_instances(variables.fill(tree["for_each"], at_lists), at_lists)]
    except Faulty as faulty:
        still = {key: value for key, value in rest.items() if "${each." not in repr(value)}
        faults = _entry(name, variables.fill_entry(still, source, "secret"), source, defaults).faults
        raise Faulty(*faulty.faults, *faults) from None
    for suffix, each in instances:
        own = variables.fill_entry(_formerly(rest, suffix, len(instances) == 1), source, "secret", each)
        yield _entry(f"{name}[{suffix}]", own, source, defaults)


def _formerly(tree: dict[str, Any], suffix: str, alone: bool) -> dict[str, Any]:
    """A former name of a whole `for_each` block means its instance: `was: [old]` of `ci[api]` is `old[api]`.

    Where the block makes only one, it may also have been `old` itself.
    """
    lifecycle = tree.get("lifecycle")
    if not isinstance(lifecycle, dict) or not isinstance(lifecycle.get("was"), list):
        return tree
    names = lifecycle["was"]
    whole = [isinstance(name, str) and "[" not in name and "${each." not in name for name in names]
    was = [f"{name}[{suffix}]" if block else name for name, block in zip(names, whole, strict=True)]
    was += [name for name, block in zip(names, whole, strict=True) if block and alone]
    return {**tree, "lifecycle": {**lifecycle, "was": was}}


def _instances(value: object, source: Source) -> Iterator[tuple[str, dict[str, str]]]:
    try:
        lists = for_each(value)
    except Wrong as told:
        raise Faulty(FileFault(source, f"`for_each` {told.summary}", told.hint)) from None
    for values in product(*lists.values()):
        yield ",".join(values), dict(zip(lists, values, strict=True))


def _entry(name: str, own: dict[str, Any], source: Source, defaults: MergedDefaults) -> WrittenWebhook:
    webhook, faults = validated(Webhook, merged(own, defaults.tree) if defaults.tree else own, source)
    named = tuple(fault._replace(name=name) for fault in faults)
    if webhook is None:
        raise Faulty(*named)
    return WrittenWebhook(name, own, webhook, source, defaults.source, named)


def merged(own: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """`own` over `defaults`; options, scope and lifecycle key by key, to any depth."""
    result = {**defaults, **own}
    for key in _MERGED:
        if key in own and key in defaults:
            result[key] = _over(own[key], defaults[key])
    return result


def _over(above: Any, under: Any) -> Any:
    if not isinstance(above, dict) or not isinstance(under, dict):
        return above
    return {**under, **{key: _over(value, under[key]) if key in under else value for key, value in above.items()}}


def _holds(tree: Any, steps: tuple[str | int, ...]) -> bool:
    for step in steps:
        if isinstance(tree, list) and isinstance(step, int) and step < len(tree):
            tree = tree[step]
        elif isinstance(tree, dict) and step in tree:
            tree = tree[str(step)]
        else:
            return False
    return True


def desired(entry: WrittenWebhook, provider: ProviderConfig) -> Desired:
    """The webhook as its vendor can hold it. What does not fit is left out; `check` tells what must not be."""
    webhook, capabilities = entry.webhook, provider.vendor.capabilities
    leaves: dict[str, Leaf | None] = {
        URL: webhook.url,
        EVENTS: None if webhook.events is None else frozenset(webhook.events),
        STATUS: webhook.status,
        DESCRIPTION: webhook.description,
    }
    kinds = dict(capabilities.types)
    leaves.update((key, typed(leaf, kinds.get(key))) for key, leaf in flattened(webhook.options or {}))
    writable = capabilities.writable
    fields = {key: leaf for key, leaf in leaves.items() if leaf is not None and key in writable}
    for key in dict.fromkeys(pointer for pointer, _, _ in capabilities.synonyms if pointer in fields):
        fields[key] = canonical(key, fields[key], capabilities)
    lifecycle = webhook.lifecycle
    return Desired(
        name=entry.name,
        provider=provider.name,
        type=provider.vendor.capabilities.type,
        account=provider.base_url,
        scope=scope_of(scope(entry, provider) or {}),
        fields=Fields(fields),
        secret=secret(entry, provider),
        protect=lifecycle.protect if lifecycle else None,
        was=lifecycle.was if lifecycle else (),
        source=entry.source,
    )


def flattened(options: Mapping[str, Any], prefix: str = OPTIONS) -> Iterator[tuple[str, Leaf | None]]:
    """Options by their JSON pointer; lists become tuples, and what has no value is None."""
    for key, value in options.items():
        pointer = prefix + (key.replace("~", "~0").replace("/", "~1") if "/" in key or "~" in key else key)
        if isinstance(value, dict):
            yield from flattened(value, pointer + "/")
        else:
            yield pointer, tuple(map(meant, value)) if isinstance(value, list) else value


def own_scope(entry: WrittenWebhook) -> Mapping[str, Any]:
    """The scope parameters that are written in the webhook itself."""
    own = entry.own.get("scope")
    return {key: value for key, value in (entry.webhook.scope or {}).items() if isinstance(own, dict) and key in own}


def scope(entry: WrittenWebhook, provider: ProviderConfig) -> dict[str, str] | None:
    """The scope that the vendor takes, or None where nothing fits.

    The webhook's own parameters must all be used; those of the defaults and of the provider only where they fit.
    """
    given = {**dict(provider.scope), **(entry.webhook.scope or {})}
    ways = provider.vendor.capabilities.scope
    if tuple(given) in ways:  # nearly always: spare the search
        return given
    own = own_scope(entry)
    fitting = [names for names in ways if own.keys() <= set(names) <= given.keys()]
    return {key: given[key] for key in max(fitting, key=len)} if fitting else None


def secret(entry: WrittenWebhook, provider: ProviderConfig) -> SecretSpec | None:
    """The webhook's secret; none where only the defaults speak of one and the vendor has none of that form."""
    block = entry.webhook.secret
    if block is None or (
        "secret" not in entry.own and not has_such(provider.vendor.capabilities.secret.lifecycle, block.spec)
    ):
        return None
    return block.spec


def has_such(lifecycle: SecretLifecycle, spec: SecretSpec) -> bool:
    """Whether secrets of this form, ours or the vendor's, are what a vendor has."""
    return lifecycle in ("either", "issued" if spec.issued else "supplied")
