"""By what the webhooks of the files are told apart, and which of them mean the same remote one. [pure]

Called by `config.check`, and by `config.load` once all webhooks are known. A webhook is told apart by the natural key
of its vendor, or by the fields that its `key:` names. Where the files have several with one natural key in one place,
and the vendor lets such webhooks differ in further fields (`further_key` of its manifest), these count as well.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence

from reconciler.codes import Code
from reconciler.config.checked import Checked
from reconciler.config.fault import FileFault, below, did_you_mean
from reconciler.config.webhook import pointer_of, scope
from reconciler.model.capabilities import Capabilities
from reconciler.model.equality import canonical, canonical_scope
from reconciler.model.identity import Named, key_in, key_of, rivals
from reconciler.model.secret import shown_url
from reconciler.model.webhook import DESCRIPTION, EVENTS, URL

Ground = tuple[Hashable, ...]
"""Where one key is one webhook: an account, or whoever reaches the scope, and the scope."""


def key_faults(checked: Checked) -> Iterator[FileFault]:
    """What is missing of that by which the vendor's webhooks are told apart; without it, a second one would be made."""
    yield from _declared_faults(checked)
    entry, desired, provider, _ = checked
    capabilities, title = provider.vendor.capabilities, provider.vendor.title
    if desired.key or capabilities.read != "list" or capabilities.marks:
        return
    names = {at: _name(at) for at in capabilities.natural_key}
    given = {at for at, leaf in desired.fields.items() if leaf != "" or at == DESCRIPTION} | {URL}
    if lacking := [name for at, name in names.items() if at not in given]:
        what = f"`{entry.name}` has no `{'`, no `'.join(lacking)}`; {title} needs it to tell webhooks apart"
        hint = f"give it one: by {' and '.join(names.values())} it is found again if its lock or an answer is lost"
        yield FileFault(entry.source, Code.MISSING_KEY, what, hint, name=entry.name)


def _declared_faults(checked: Checked) -> Iterator[FileFault]:
    """What is wrong with a key that the webhook declares itself; one of the defaults that does not fit is skipped."""
    entry, desired, provider, _ = checked
    capabilities, title = provider.vendor.capabilities, provider.vendor.title
    if "key" not in entry.own or entry.webhook.key is None:
        return
    whole = below(entry.source, "key")
    if capabilities.read == "singleton":
        what = f"{title} has one webhook for an account, so that no key tells any apart"
        yield FileFault(whole, Code.WRONG_KEY, what, "leave `key` out", key=True)
        return
    if capabilities.fan_out:
        what = (
            f"{title} has one object for each event; those with one {_names(capabilities.natural_key)} are one webhook"
        )
        yield FileFault(whole, Code.WRONG_KEY, what, "leave `key` out", key=True)
        return
    for index, written in enumerate(entry.webhook.key):
        pointer, at = pointer_of(written), below(entry.source, "key", index)
        known = [each[1:] for each in sorted(capabilities.writable)]
        if pointer not in capabilities.writable:
            what = f"{title} has no field `{{value}}` to tell webhooks apart by"
            hint = did_you_mean(written, known, f"there are {', '.join(known)}")
            yield FileFault(at, Code.WRONG_KEY, what, hint, value=written)
        elif capabilities.read == "list" and pointer in capabilities.unreadable:
            what = f"`{written}` tells no webhooks apart: {title} never shows it"
            yield FileFault(at, Code.WRONG_KEY, what, "name fields that reads show")
        elif pointer not in desired.fields:
            what = f"`{entry.name}` has no `{written}`, which its key names"
            yield FileFault(at, Code.WRONG_KEY, what, f"give it one, or take `{written}` out of the key")


def ignore_faults(checked: Checked) -> Iterator[FileFault]:
    """What is wrong with the fields that are only set when the webhook is made."""
    lifecycle = checked.entry.webhook.lifecycle
    for index, written in enumerate(lifecycle.ignore if lifecycle else ()):
        at = checked.entry.place("lifecycle", "ignore", index)
        is_own = checked.entry.says("lifecycle", "ignore", index)
        if told := _unignorable(checked, written, is_own):
            what, hint = told
            yield FileFault(at, Code.WRONG_IGNORE, what, hint, value=written)


def _unignorable(checked: Checked, written: str, is_own: bool) -> tuple[str, str] | None:
    """Why a field cannot be ignored, and what to do; a default that fits nothing is skipped."""
    entry, desired, provider, _ = checked
    capabilities, title, pointer = provider.vendor.capabilities, provider.vendor.title, pointer_of(written)
    meant = [each for each in sorted(capabilities.writable) if each == pointer or each.startswith(f"{pointer}/")]
    names = sorted({*meant} & {*key_in(desired, capabilities)})
    if pointer == URL and meant:
        what = "`url` cannot be ignored: the policy says where it may point, and it names the webhook"
        return what, "leave it out of `ignore`"
    if names:
        what = f"`{names[0][1:]}` tells `{entry.name}` apart, so it cannot be ignored"
        return what, "leave it out of `ignore`, or name another `key`"
    if not meant and is_own:
        hint = did_you_mean(written, [each[1:] for each in capabilities.writable], "name fields of the webhook")
        return f"{title} has no field `{{value}}` that could be ignored", hint
    if not is_own or desired.fields.only(meant):
        return None
    what = f"`{entry.name}` has no `{written}`, so there is nothing to set and then ignore"
    return what, "a field that is left out is not managed at all"


def widened(checked: Sequence[Checked]) -> list[Checked]:
    """The same; where several would be one by their natural key, those that may are told apart by further fields."""
    alike: dict[Hashable, list[int]] = defaultdict(list)
    for at, item in enumerate(checked):
        capabilities = item.provider.vendor.capabilities
        key = key_of(item.desired.fields, capabilities) if capabilities.further_key else None
        if key is not None:
            alike[_ground(item), key].append(at)
    made = list(checked)
    for places in (places for places in alike.values() if len(places) > 1):
        for at in places:
            desired, capabilities = made[at].desired, made[at].provider.vendor.capabilities
            whole = tuple(dict.fromkeys((*capabilities.natural_key, *capabilities.further_key)))
            if not desired.key and all(pointer in desired.fields for pointer in whole):
                made[at] = made[at]._replace(desired=desired._replace(key=tuple(sorted(whole))))
    return made


def same_remotes(checked: Sequence[Checked]) -> Iterator[FileFault]:
    """Webhooks of which one remote webhook could be either."""
    named: dict[Ground, dict[int, Named]] = defaultdict(dict)
    shared: dict[Hashable, Checked] = {}
    for at, item in enumerate(checked):
        capabilities = item.provider.vendor.capabilities
        if _is_nobodys(item):
            continue
        if capabilities.read == "singleton":
            yield from _second(shared, _ground(item), item)
        elif capabilities.fan_out and EVENTS in capabilities.natural_key:
            yield from _fanned(shared, item)
        elif key := _named(item, capabilities):
            named[_ground(item)][at] = key
    for keys in named.values():
        for first, second in rivals(keys):
            yield _same_remote(checked[first], checked[second])


def _named(item: Checked, capabilities: Capabilities) -> Named | None:
    """What names the webhook; None where a part of that is not known."""
    fields, pointers = item.desired.fields, key_in(item.desired, capabilities)
    if not pointers or any(pointer not in fields for pointer in pointers):
        return None
    return Named(pointers, tuple(canonical(pointer, fields[pointer], capabilities) for pointer in pointers))


def _fanned(shared: dict[Hashable, Checked], item: Checked) -> Iterator[FileFault]:
    """One object for each event: whoever has an event has that object."""
    capabilities, desired = item.provider.vendor.capabilities, item.desired
    if any(pointer not in desired.fields for pointer in capabilities.natural_key):
        return
    rest = [(p, canonical(p, desired.fields[p], capabilities)) for p in capabilities.natural_key if p != EVENTS]
    for event in desired.fields.events:
        told = list(_second(shared, (*_ground(item), *rest, event), item))
        yield from told
        if told:
            return


def _second(shared: dict[Hashable, Checked], key: Hashable, item: Checked) -> Iterator[FileFault]:
    first = shared.setdefault(key, item)
    if first is not item:
        yield _same_remote(first, item)


def _ground(item: Checked) -> Ground:
    """The account and the scope; a scope is the same one whoever asks."""
    provider, capabilities = item.provider, item.provider.vendor.capabilities
    where = provider.base_url or provider.name  # a base URL that is wrong is nobody else's
    scope = canonical_scope(item.desired.scope, capabilities)
    account = (provider.type, where) if scope else (provider.type, where, tuple(sorted(provider.auth.items())))
    return account, scope


def _is_nobodys(item: Checked) -> bool:
    """Whether nobody knows which remote webhook is meant, since what would name it is wrong."""
    capabilities = item.provider.vendor.capabilities
    named_by = () if capabilities.read == "singleton" else key_in(item.desired, capabilities)
    keys = {"scope", "provider", "key", *(pointer.split("/")[1] for pointer in named_by)}
    return bool(item.doubtful & keys) or scope(item.entry, item.provider) is None


def _same_remote(first: Checked, item: Checked) -> FileFault:
    second, other = item.entry, first.entry
    capabilities, title = item.provider.vendor.capabilities, item.provider.vendor.title
    if capabilities.read == "singleton":
        why, hint = f"{title} has one webhook for an account", "remove one of the two"
    elif capabilities.fan_out and capabilities.natural_key == (EVENTS,):
        shared = ", ".join(sorted(item.desired.fields.events & first.desired.fields.events))
        why, hint = f"{title} has one subscription for each event: {shared}", "leave each event to one of the two"
    else:
        otherwise = "" if first.desired.scope == item.desired.scope else ", spelled otherwise"
        mine, theirs = key_in(item.desired, capabilities), key_in(first.desired, capabilities)
        key = _names(each for each in mine if each in theirs) or "no field that both keys name"
        why = f"the same {key} in the same scope{otherwise}: {shown_url(item.desired.fields.url)}"
        hint = f"give each its own {_names(mine)}"
        if not (capabilities.fan_out or item.desired.key):
            hint += f", or tell them apart by more, if {title} allows it: `key: [{_names(mine, ', ')}, …]`"
    what = f"`{second.name}` and `{other.name}` mean the same remote webhook ({why}); the other at {{also}}"
    return FileFault(
        second.source, Code.SAME_REMOTE, what, hint, also=other.source, name=second.name, provider=item.provider.name
    )


def _name(pointer: str) -> str:
    return pointer.strip("/").replace("/", ".")


def _names(pointers: Iterator[str] | Sequence[str], between: str = " and ") -> str:
    return between.join(pointer[1:] for pointer in pointers)
