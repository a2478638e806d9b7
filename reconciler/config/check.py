"""What is wrong with webhooks that are well-formed: against their vendor, and against each other. [pure]

Called by `config.expand` for each webhook, by `config.load` for all together. Every finding is a FileFault; nothing is
raised and nothing is changed.
"""

from collections.abc import Iterator, Mapping, Sequence

from reconciler.codes import Code
from reconciler.config.addresses import scope_faults, url_fault, url_hint
from reconciler.config.checked import Checked
from reconciler.config.events import event_faults, several_events
from reconciler.config.fault import FileFault, below, did_you_mean
from reconciler.config.forms import TYPES, WHOLE, typed
from reconciler.config.further import further_secret_faults, length_faults
from reconciler.config.hidden import public_url, unhidable
from reconciler.config.keys import ignore_faults, key_faults, same_remotes
from reconciler.config.provider import ProviderConfig
from reconciler.config.webhook import WrittenWebhook, flattened, has_such, option_path, own_scope, scope, whole_options
from reconciler.model.equality import canonical
from reconciler.model.webhook import DESCRIPTION, EVENTS, OPTIONS, STATUS, URL, Leaf
from reconciler.providers.vendor import Vendor
from reconciler.support.hints import first_of

_FIELDS = ((URL, "url"), (EVENTS, "events"), (STATUS, "status"), (DESCRIPTION, "description"))


def provider_of(entry: WrittenWebhook, providers: Mapping[str, object]) -> str | FileFault:
    """The name of the provider entry that holds the webhook, or why there is none."""
    name = entry.webhook.provider
    if name is None:
        if len(providers) == 1:
            return next(iter(providers))
        hint = f"write one of {first_of(sorted(providers), 10)}" if providers else "declare one under `providers:`"
        return FileFault(
            entry.source, Code.PROVIDER_NOT_NAMED, f"`{entry.name}` names no provider", hint, name=entry.name
        )
    if name not in providers:
        otherwise = "" if providers else "declare it under `providers:`"
        hint, what = did_you_mean(name, providers, otherwise), "there is no provider `{value}`"
        return FileFault(entry.place("provider"), Code.NO_SUCH_PROVIDER, what, hint, name=entry.name, value=name)
    return name


def url_faults(
    entry: WrittenWebhook, whole: bool = True, provider: ProviderConfig | None = None
) -> Iterator[FileFault]:
    """What is wrong with the webhook's URL; it needs one unless its vendor, where that is known, has none.

    Args:
        whole: no file is missing that may hold one.
    """
    if provider is not None and URL not in provider.vendor.capabilities.writable:
        return
    schemes = provider.vendor.capabilities.schemes if provider is not None else ()
    url, hint = entry.webhook.url, url_hint(schemes)
    if url is None:
        if whole and "url" not in entry.own and not any(fault.source.path[-1:] == ("url",) for fault in entry.faults):
            yield FileFault(entry.source, Code.MISSING_KEY, f"`{entry.name}` has no `url`", hint)
    elif (public := public_url(url)) is not None and (what := url_fault(public, schemes)):
        yield FileFault(entry.place("url"), Code.WRONG_URL, f"`url` {what}", hint)


def vendor_faults(checked: Checked, whole: bool = True) -> Iterator[FileFault]:
    """Everything that one webhook asks of a vendor that cannot do it; `whole` as in `url_faults`."""
    entry, desired, provider, _ = checked
    yield from _field_faults(entry, provider)
    yield from _option_faults(entry, provider)
    yield from event_faults(entry, provider)
    yield from several_events(entry, provider, desired)
    values = [*scope_faults(entry.webhook.scope or {}, provider.vendor.capabilities.neighbours)]
    if whole and not values and not desired.scope and scope(entry, provider) is None:
        yield from _scope_faults(entry, provider)
    scopes = entry.webhook.scope or {}
    for key, what, hint in values:
        yield FileFault(entry.place("scope", key), Code.WRONG_SCOPE, what, hint, value=scopes[key])
    yield from _secret_faults(entry, provider)
    yield from ignore_faults(checked)
    yield from further_secret_faults(entry, provider)
    if whole:
        yield from key_faults(checked)


def _field_faults(entry: WrittenWebhook, provider: ProviderConfig) -> Iterator[FileFault]:
    capabilities, title = provider.vendor.capabilities, provider.vendor.title
    for pointer, key in _FIELDS:
        if key in entry.own and pointer not in capabilities.writable:
            hint = dict(capabilities.missing).get(pointer, "leave it out")
            yield FileFault(entry.place(key), Code.UNKNOWN_FIELD, f"{title} has no `{key}`", hint, key=True)


def _option_faults(entry: WrittenWebhook, provider: ProviderConfig) -> Iterator[FileFault]:
    vendor, wrong = provider.vendor, dict[str, FileFault]()
    for pointer, written in flattened(entry.webhook.options or {}, whole_options(vendor.capabilities)):
        if written is None:
            continue  # the reader has told
        if pointer in vendor.capabilities.writable:
            yield from _value_faults(entry, provider, pointer, written)
        elif above := next(filter(vendor.capabilities.writable.__contains__, _above(pointer)), ""):
            if entry.says("options", *option_path(pointer)):
                wrong.setdefault(above, _of_another_type(entry, provider, above))
        else:
            yield from _unknown_option_faults(entry, vendor, pointer)
    yield from wrong.values()


def _above(pointer: str) -> Iterator[str]:
    """The pointers of what an option stands in, where a mapping was written that is no option itself."""
    return (pointer[:at] for at, sign in enumerate(pointer) if sign == "/" and at)


def _unknown_option_faults(entry: WrittenWebhook, vendor: Vendor, pointer: str) -> Iterator[FileFault]:
    """An option that the vendor does not have; none where only the defaults speak of it."""
    path, capabilities = option_path(pointer), vendor.capabilities
    if not entry.says("options", *path):
        return
    option = pointer.removeprefix(OPTIONS)
    known = [known.removeprefix(OPTIONS) for known in capabilities.writable if known.startswith(OPTIONS)]
    otherwise = "" if known else "it has no options: leave it out"
    hint = dict(capabilities.missing).get(pointer) or did_you_mean(option, known, otherwise)
    at = entry.place("options", *path)
    yield FileFault(at, Code.UNKNOWN_OPTION, f"{vendor.title} has no option `{option}`", hint, key=True)


def _value_faults(entry: WrittenWebhook, provider: ProviderConfig, pointer: str, written: Leaf) -> Iterator[FileFault]:
    """A value that an option cannot have: of another type, or not among the vendor's choices."""
    vendor = provider.vendor
    capabilities, title, option = vendor.capabilities, vendor.title, pointer.removeprefix(OPTIONS)
    kind = dict(capabilities.types).get(pointer)
    choices = dict(capabilities.choices).get(pointer)
    at = entry.place("options", *option_path(pointer))
    leaf = typed(written, kind)
    if what := unhidable(written, kind, choices):
        yield FileFault(at, Code.WRONG_OPTION, f"`{option}` {what}", "write its value as it is")
        return
    if leaf is not None and (choices is None or canonical(pointer, leaf, capabilities) in choices):
        return
    if choices is not None:
        allowed = [str(choice) for choice in choices]
        shown = f"[{', '.join(map(str, leaf))}]" if isinstance(leaf, tuple) else str(leaf)
        hint = did_you_mean(shown, allowed, f"write {' or '.join(allowed)}")
        yield FileFault(at, Code.WRONG_OPTION, f"{title} takes no `{option}: {{value}}`", hint, value=shown)
    elif kind is not None:
        yield _of_another_type(entry, provider, pointer)


def _of_another_type(entry: WrittenWebhook, provider: ProviderConfig, pointer: str) -> FileFault:
    """A value of an option that is none of its type; whoever wrote the manifest may have meant a mapping."""
    option, at = pointer.removeprefix(OPTIONS), entry.place("options", *option_path(pointer))
    kind = dict(provider.vendor.capabilities.types).get(pointer, "text")
    hint = f"{provider.vendor.title} takes nothing else there"
    if provider.origin.file and kind not in WHOLE:
        hint += ", or its manifest says `type: objects` (a list of mappings) or `type: map` (names of yours)"
    return FileFault(at, Code.WRONG_OPTION, f"`{option}` {TYPES[kind]}", hint)


def _scope_faults(entry: WrittenWebhook, provider: ProviderConfig) -> Iterator[FileFault]:
    title, ways = provider.vendor.title, provider.vendor.capabilities.scope
    known = {name for names in ways for name in names}
    own = own_scope(entry)
    unknown = sorted(own.keys() - known)
    for name in unknown:
        hint = did_you_mean(name, known, "" if known else "it has no scope: leave it out")
        yield FileFault(
            entry.place("scope", name),
            Code.WRONG_SCOPE,
            f"{title} has no scope parameter `{name}`",
            hint,
            key=True,
        )
    if unknown:
        return
    given = {**dict(provider.scope), **(entry.webhook.scope or {})}
    wanted = " or ".join("{" + ", ".join(names) + "}" for names in ways)
    nearest = min((set(names) - given.keys() for names in ways if own.keys() <= set(names)), key=len, default=set())
    what = f"lacks {', '.join(sorted(nearest))}" if nearest else f"cannot be {{{', '.join(sorted(own))}}}"
    yield FileFault(
        below(entry.source, "scope"),
        Code.WRONG_SCOPE,
        f"the scope of `{entry.name}` {what}",
        f"{title} takes {wanted}",
        key=True,
    )


def _secret_faults(entry: WrittenWebhook, provider: ProviderConfig) -> Iterator[FileFault]:
    block, semantics, title = entry.webhook.secret, provider.vendor.capabilities.secret, provider.vendor.title
    if block is None:
        return
    spec, at = block.spec, entry.place("secret")
    if "secret" not in entry.own and not has_such(semantics.lifecycle, spec):
        return
    if semantics.lifecycle in ("none", "account"):
        none = semantics.lifecycle == "none"
        what = "has no secret of its own for a webhook" if none else "has one secret for the account"
        yield FileFault(at, Code.WRONG_SECRET_FORM, f"{title} {what}", semantics.reason or "leave it out", key=True)
    elif semantics.lifecycle == "supplied" and spec.issued:
        hint = "write {from: REF}, or {generate: 32, to: SINK} to have one made"
        yield FileFault(
            at, Code.WRONG_SECRET_FORM, f"{title} issues no secrets, so there is none to store", hint, key=True
        )
    elif semantics.lifecycle == "issued" and not spec.issued:
        yield FileFault(
            at, Code.WRONG_SECRET_FORM, f"{title} issues the secret itself and takes none", "write {to: SINK}", key=True
        )
    else:
        yield from length_faults(spec, semantics.rule, title, entry.place("secret", "generate"))


def faults_between(checked: Sequence[Checked]) -> Iterator[FileFault]:
    """Webhooks that mean the same remote webhook, or claim a name that is not free."""
    yield from same_remotes(checked)
    yield from _claims(checked)


def _claims(checked: Sequence[Checked]) -> Iterator[FileFault]:
    present = {item.desired.name: item.entry for item in checked}
    claims: dict[str, WrittenWebhook] = {}
    for entry, desired, *_ in checked:
        for index, was in enumerate(desired.was):
            at = entry.place("lifecycle", "was", index)
            if was in present:
                what = f"`{entry.name}` cannot have been `{{value}}`, which is still a webhook at {{also}}"
                hint, also = "remove one of the two", present[was].source
                yield FileFault(at, Code.FORMER_NAME_TAKEN, what, hint, also=also, name=entry.name, value=was)
                continue
            first = claims.setdefault(was, entry)
            if first is not entry:
                what = f"`{entry.name}` and `{first.name}` both claim to have been `{{value}}`; the other at {{also}}"
                hint, also = (
                    "keep one of the two; in a for_each, ${each.KEY} may stand in it",
                    first.place("lifecycle", "was"),
                )
                yield FileFault(at, Code.FORMER_NAME_TAKEN, what, hint, also=also, name=entry.name, value=was)
