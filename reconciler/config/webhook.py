"""One webhook as it is written -> the webhook that is desired: defaults, scope, fields, secret. [pure]

Called by `config.expand` and, for the scope and the options that were meant, by `config.check`. The function `desired`
leaves out the defaults that the vendor does not have; `config.check` says what else is wrong.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from reconciler.config.fault import Faulty, FileFault, below, validated
from reconciler.config.forms import typed
from reconciler.config.hidden import templates
from reconciler.config.layered import merged
from reconciler.config.provider import ProviderConfig
from reconciler.config.schema import WebhookBlock
from reconciler.model.capabilities import Capabilities
from reconciler.model.equality import canonical
from reconciler.model.secret import Secret, SecretLifecycle, SecretRef, SecretSpec
from reconciler.model.template import templates_in
from reconciler.model.webhook import DESCRIPTION, EVENTS, OPTIONS, STATUS, URL, Desired, Fields, Leaf, Source, scope_of
from reconciler.secrets.scheme import Grammar
from reconciler.support.scalars import as_text, meant


class FilledDefaults(NamedTuple):
    """The `defaults:` block, filled in and known to be well-formed, and where it stands.

    Args:
        varying: what of it has `${each.KEY}`, and is filled in for each webhook anew.
    """

    tree: Mapping[str, Any] = {}
    source: Source = Source("", ())
    varying: Mapping[str, Any] = {}


class Override(NamedTuple):
    """What is written for some webhooks of a block, filled in, and where."""

    tree: Mapping[str, Any]
    source: Source


class WrittenWebhook(NamedTuple):
    """One webhook after `for_each`: `own` is its tree without the defaults, `webhook` with them.

    `faults` tells what was wrong with it and left out; `overrides`, of which `own` is made, too, the strongest first.
    """

    name: str
    own: Mapping[str, Any]
    webhook: WebhookBlock
    source: Source
    defaults: Source
    faults: tuple[FileFault, ...]
    overrides: tuple[Override, ...] = ()

    def place(self, *steps: str | int) -> Source:
        """Where something inside was written: in an override, in the webhook itself, else in the defaults."""
        return self._place(steps) or below(self.defaults, *steps)

    def says(self, *steps: str | int) -> bool:
        """Whether something is written in the webhook itself, and not only in the defaults."""
        return _holds(self.own, steps)

    def settled(self) -> "WrittenWebhook":
        """The same, with each fault where what it is about was written."""
        depth = len(self.source.path)
        inside = [fault.source.path[depth:] for fault in self.faults]
        placed = (self._place(steps) or self._default(steps) for steps in inside)
        faults = (fault._replace(source=at) if at else fault for fault, at in zip(self.faults, placed, strict=True))
        return self._replace(faults=tuple(faults))

    def _default(self, steps: tuple[str | int, ...]) -> Source | None:
        return below(self.defaults, *steps) if steps and not _holds(self.own, steps[:1]) else None

    def _place(self, steps: tuple[str | int, ...]) -> Source | None:
        blocks = (*self.overrides, Override(self.own, self.source))
        return next((below(block.source, *steps) for block in blocks if _holds(block.tree, steps)), None)


def written_webhook(
    name: str,
    own: dict[str, Any],
    source: Source,
    defaults: FilledDefaults,
    grammar: Grammar,
    overrides: tuple[Override, ...] = (),
) -> WrittenWebhook:
    """The webhook as far as it is well-formed.

    Args:
        own: what is written below its name, with its variables filled in.
        source: where that stands.
        defaults: what is merged under it.
        grammar: the kinds of secret references that there are.
        overrides: what is merged over it, the strongest first.

    Raises:
        Faulty: nothing can be made of it.
    """
    for override in reversed(overrides):
        own = merged(override.tree, own)
    whole = merged(own, defaults.tree) if defaults.tree else own
    webhook, faults = validated(WebhookBlock, whole, source, grammar)
    named = tuple(fault._replace(name=name) for fault in faults)
    if webhook is None:
        raise Faulty(*named)
    entry = WrittenWebhook(name, own, webhook, source, defaults.source, named, overrides)
    return entry.settled() if named and (overrides or defaults.varying) else entry


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
    options = flattened(webhook.options or {}, whole_options(capabilities))
    leaves.update((key, typed(leaf, kinds.get(key))) for key, leaf in options)
    writable = capabilities.writable
    fields = {key: templates(leaf) for key, leaf in leaves.items() if leaf is not None and key in writable}
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
        new=lifecycle.new if lifecycle else False,
        source=entry.source,
        delete_first=_goes_first(webhook, capabilities),
        key=declared_key(webhook, fields, capabilities),
        ignore=ignored(webhook, fields),
        hidden=_hiding(fields),
        secrets=_further_secrets(entry, capabilities),
    )


def _hiding(fields: Mapping[str, Leaf]) -> tuple[str, ...]:
    """The pointers at which something is hidden."""
    return tuple(pointer for pointer, leaf in fields.items() if type(leaf) is not str and any(templates_in(leaf)))


def hidden_references(webhook: Desired) -> Iterator[SecretRef]:
    """What a webhook of the files hides in its URL and its options, behind references."""
    for pointer in webhook.hidden:
        yield from (ref for each in templates_in(webhook.fields[pointer]) for ref in each.references)


def hidden_variables(webhook: Desired) -> Iterator[Secret]:
    """What it hides of variables that call themselves secrets."""
    for pointer in webhook.hidden:
        for template in templates_in(webhook.fields[pointer]):
            yield from (part for part in template.parts if isinstance(part, Secret))


def _goes_first(webhook: WebhookBlock, capabilities: Capabilities) -> bool | None:
    """Whether the old one goes first where the webhook must be replaced: as it says, else as its vendor needs it."""
    order = webhook.lifecycle.replace if webhook.lifecycle else None
    return capabilities.delete_first or None if order is None else order == "delete_first"


def declared_key(webhook: WebhookBlock, fields: Container[str], capabilities: Capabilities) -> tuple[str, ...]:
    """The pointers of the key that it declares, sorted; none where the vendor tells no webhooks apart by these."""
    pointers = tuple(sorted({pointer_of(name) for name in webhook.key or ()}))
    unfit = capabilities.read == "singleton" or capabilities.fan_out or any(at not in fields for at in pointers)
    hidden = capabilities.unreadable if capabilities.read == "list" else frozenset()
    return () if unfit or hidden.intersection(pointers) else pointers


def ignored(webhook: WebhookBlock, fields: Iterable[str]) -> tuple[str, ...]:
    """The pointers that it ignores, sorted: `options/headers` also means what stands below that."""
    named = [pointer_of(name) for name in (webhook.lifecycle.ignore if webhook.lifecycle else ())]
    return tuple(sorted(at for at in fields if any(at == each or at.startswith(f"{each}/") for each in named)))


def pointer_of(field: str) -> str:
    """The pointer of a field as the files name it: `url`, `options/content_type`."""
    return f"/{field}"


def whole_options(capabilities: Capabilities) -> frozenset[str]:
    """The pointers of options that are maps, or lists of maps, and no blocks of further options."""
    return frozenset(pointer for pointer, kind in capabilities.types if kind in ("map", "objects", "json"))


def flattened(
    options: Mapping[str, Any], whole: frozenset[str] = frozenset(), prefix: str = OPTIONS
) -> Iterator[tuple[str, Leaf | None]]:
    """Options by their JSON pointer; lists become tuples, those in `whole` a text, and what has no value is None."""
    for key, value in options.items():
        pointer = prefix + (key.replace("~", "~0").replace("/", "~1") if "/" in key or "~" in key else key)
        if pointer in whole and isinstance(value, dict | list):
            yield pointer, as_text(value)
        elif isinstance(value, dict):
            yield from flattened(value, whole, pointer + "/")
        else:
            yield pointer, tuple(map(meant, value)) if isinstance(value, list) else value


def option_path(pointer: str) -> list[str]:
    """The keys that lead to an option, as they are written: what `flattened` made the pointer of."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.removeprefix(OPTIONS).split("/")]


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


def _further_secrets(entry: WrittenWebhook, capabilities: Capabilities) -> tuple[tuple[str, SecretSpec], ...]:
    """The webhook's further secrets, as far as its vendor has them."""
    if not entry.webhook.secrets:
        return ()
    known, blocks = dict(capabilities.secrets), sorted(entry.webhook.secrets.items())
    return tuple((which, block.spec) for which, block in blocks if which in known and not block.spec.issued)


def has_such(lifecycle: SecretLifecycle, spec: SecretSpec) -> bool:
    """Whether secrets of this form, ours or the vendor's, are what a vendor has."""
    return lifecycle in ("either", "issued" if spec.issued else "supplied")


def key_below(source: Source, entry: WrittenWebhook) -> tuple[str, ...]:
    """The key of the webhook's block, or of the defaults, below which something stands; none for the whole block."""
    for block in (*(override.source for override in entry.overrides), entry.source, entry.defaults):
        depth = len(block.path)
        if source.file == block.file and source.path[:depth] == block.path:
            return tuple(map(str, source.path[depth : depth + 1]))
    return ()
