"""A first `webhooks.yaml` for chosen vendors, made of what their manifests say. [pure] Used by `cli.init`.

Its example webhooks are those of the manifests' own examples, so that they are valid; their URLs lead nowhere.
"""

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from reconciler.config.webhook import option_path
from reconciler.model.capabilities import Capabilities
from reconciler.model.webhook import DESCRIPTION, EVENTS, OPTIONS, STATUS, URL
from reconciler.providers.vendor import Vendor
from reconciler.support.hints import command, first_of

_PLAIN = re.compile(r"[A-Za-z_][\w./-]*")
_NOT_TEXT = re.compile(r"true|false|yes|no|on|off|null|y|n", re.IGNORECASE)
_MOST = 6
_WIDTH = 110
_HEAD = """\
# Webhooks as they should be. `whsync plan` shows what differs at the vendors, `whsync apply` makes it so.
# What stands below `webhooks:` are examples: put your own in their place.
# `whsync schema config` tells an editor all that may stand here.
version: 1
"""
_POLICY = """
# What is refused, whoever asks for it:
# policy:
#   allowed_hosts: ["*.example.com"]
#   unmanaged: report  # or deny: a webhook at the vendor that is not written here
"""


class Chosen(NamedTuple):
    """A vendor for the file: `name` of its entry, `type` as the entry has it (a name, or a manifest's path)."""

    name: str
    type: str
    vendor: Vendor

    @property
    def variable(self) -> str:
        """How variables of this entry begin."""
        return re.sub(r"\W", "_", self.name, flags=re.ASCII).upper()


def starter(chosen: Iterable[Chosen]) -> str:
    """The whole file."""
    chosen = list(chosen)
    providers = ["\n".join(_provider(each)) for each in chosen]
    webhooks = ["\n".join(_webhook(each, len(chosen) > 1)) for each in chosen]
    blocks = ("\n\n".join(block) for block in (providers, webhooks))
    return f"{_HEAD}\nproviders:\n{next(blocks)}\n{_POLICY}\nwebhooks:\n{next(blocks)}\n"


def ways(each: Chosen) -> list[str]:
    """The variables of each way to prove who we are: `TOKEN`, or `ID and SECRET`; none where it needs none."""
    auth = _auth(each)
    if auth:
        return [" and ".join(auth.values())]
    known = each.vendor.variables
    needs = (scheme.needs for scheme in each.vendor.schemes if scheme.needs and set(scheme.needs) <= known.keys())
    return [" and ".join(known[need] for need in names) for names in needs]


def _auth(each: Chosen) -> dict[str, str]:
    """The variable of each credential, where the manifest knows no usual ones and the file has to name some."""
    schemes, known = [scheme.needs for scheme in each.vendor.schemes], each.vendor.variables
    if any(set(needs) <= known.keys() for needs in schemes) or not schemes:
        return {}
    return {need: known.get(need, f"{each.variable}_{need.upper()}") for need in schemes[0]}


def is_at_hand(vendor: Vendor, environment: Mapping[str, str]) -> bool:
    """Whether all variables of one way are set, as they are usually called."""
    return any(
        bool(scheme.needs) and all(environment.get(vendor.variables.get(need, "")) for need in scheme.needs)
        for scheme in vendor.schemes
    )


def base_url_variable(each: Chosen) -> str | None:
    """The variable that the file takes the base URL from, where the manifest has none."""
    return f"{each.variable}_URL" if each.vendor.base_url is None else None


def entry_of(each: Chosen, scope: Mapping[str, str]) -> dict[str, Any]:
    """What an entry below `providers:` needs to say, and no more."""
    variable, auth = base_url_variable(each), _auth(each)
    return {
        **({"type": each.type} if each.type != each.name else {}),
        **({"base_url": f"${{{variable}}}"} if variable else {}),
        **({"auth": {need: f"env:{name}" for need, name in auth.items()}} if auth else {}),
        **({"scope": {key: value.replace("$", "$$") for key, value in scope.items()}} if scope else {}),
    }


def _provider(each: Chosen) -> Iterator[str]:
    vendor, known = each.vendor, ways(each)
    yield from _said(f"{vendor.title}. Credentials: {', or '.join(known) if known else 'none'}", 2)
    yield f"  {_scalar(each.name)}:"
    yield f"    type: {_scalar(each.type)}"
    if variable := base_url_variable(each):
        yield f"    base_url: ${{{variable}}}  # the vendor tells you yours"
    if auth := _auth(each):
        yield "    auth: {" + ", ".join(f'{need}: "env:{name}"' for need, name in auth.items()) + "}"
    if vendor.settings:
        yield "    # settings:"
    for name, setting in vendor.settings.items():
        yield from _said(setting.about, 4, "#   # ")
        yield f"    #   {name}: {_scalar(setting.default)}"


def _webhook(each: Chosen, names_provider: bool) -> Iterator[str]:
    vendor, capabilities = each.vendor, each.vendor.capabilities
    scope, fields = _example(vendor)
    name = each.name.removesuffix("-events") + "-events"
    yield f"  {_scalar(name)}:  # its name is what it is known by, whatever its URL"
    if names_provider:
        yield f"    provider: {_scalar(each.name)}"
    if scope:
        others = [names for names in capabilities.scope if names and set(names) != set(scope)]
        told = " or ".join("{" + ", ".join(f"{name}: …" for name in names) + "}" for names in others)
        yield f"    scope: {_flow(scope)}" + (f"  # or {told}" if told else "")
    yield from _url(each)
    yield from _events(each, fields)
    if DESCRIPTION in fields:
        yield f"    description: {_scalar(fields[DESCRIPTION])}"
    if STATUS in capabilities.writable:
        yield "    # status: active  # or inactive; left out, it stays as it is"
    if options := _options(fields):
        yield f"    options: {_flow(options)}"
    yield from _secret(each)


def _url(each: Chosen) -> Iterator[str]:
    capabilities = each.vendor.capabilities
    if URL in capabilities.writable:
        yield f"    url: https://hooks.example.com/{re.sub(r'[^A-Za-z0-9-]', '-', each.name)}"
    else:
        yield from _said(f"no `url:` here: {dict(capabilities.missing).get(URL, 'the vendor sets it')}", 4)


def _example(vendor: Vendor) -> tuple[dict[str, str], dict[str, Any]]:
    """Scope and fields of the manifest's first example of a creation, of one that fails where there is no other.

    Without any, the scope that has to be.
    """
    examples = getattr(getattr(vendor, "manifest", None), "examples", ())
    made = [one for one in examples if getattr(one, "do", "") == "create" and not one.settings]
    found = next(iter(sorted(made, key=lambda one: bool(one.fails))), None)
    names = vendor.capabilities.scope[0] if vendor.capabilities.scope else ()
    scope = dict(found.scope) if found is not None else {}
    fields = dict(found.fields) if found is not None else {}
    return scope or dict.fromkeys(names, "acme"), {at: leaf for at, leaf in fields.items() if _is_writable(at, vendor)}


def _is_writable(pointer: str, vendor: Vendor) -> bool:
    return pointer in vendor.capabilities.writable


def _events(each: Chosen, fields: Mapping[str, Any]) -> Iterator[str]:
    capabilities = each.vendor.capabilities
    if EVENTS not in capabilities.writable:
        return
    names = sorted(capabilities.events.names - {capabilities.events.wildcard or ""})
    chosen = [*fields.get(EVENTS, ())] or names[:2]
    if names:
        yield from _said(f"events: {first_of(names, _MOST)}", 4)
        if len(names) > _MOST:
            yield f"    # all of them: {command('providers', 'show', each.type)}"
    yield f"    events: {_flow(chosen)}" if chosen else "    # events: […]  # the manifest names none"


def _options(fields: Mapping[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for pointer, leaf in fields.items():
        if pointer.startswith(OPTIONS):
            *folders, last = option_path(pointer)
            at = options
            for folder in folders:
                at = at.setdefault(folder, {})
            at[last] = leaf
    return options


def _secret(each: Chosen) -> Iterator[str]:
    semantics, sink = each.vendor.capabilities.secret, f"file:./secrets/{re.sub(r'[^A-Za-z0-9-]', '-', each.name)}"
    ours = f'{{from: "env:{each.variable}_HOOK_SECRET"}}'
    match semantics.lifecycle:
        case "supplied":
            yield "    # what your endpoint checks signatures with; or have one made:"
            yield f'    # secret: {{generate: 32, to: "{sink}"}}'
            yield f"    secret: {ours}"
        case "either":
            yield "    # what your endpoint checks signatures with; or let the vendor issue one:"
            yield f'    # secret: {{to: "{sink}"}}'
            yield f"    secret: {ours}"
        case "issued":
            yield "    # the vendor issues the secret; this is where it is put"
            yield f'    secret: {{to: "{sink}"}}'
        case _:
            yield from _said(f"no `secret:` here: {semantics.reason or 'the vendor has none for a webhook'}", 4)


def needs_secret_variable(each: Chosen) -> str | None:
    """The variable that the example's secret comes from."""
    ours = each.vendor.capabilities.secret.lifecycle in ("supplied", "either")
    return f"{each.variable}_HOOK_SECRET" if ours else None


def lists(capabilities: Capabilities) -> bool:
    """Whether a vendor tells what exists there, so that it can be imported."""
    return capabilities.read in ("list", "singleton")


def stores_secrets(capabilities: Capabilities) -> bool:
    """Whether the example puts a secret into a file."""
    return capabilities.secret.lifecycle == "issued"


def _flow(value: Any) -> str:
    """A value as one line of YAML."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple | set | frozenset):
        inner = sorted(value) if isinstance(value, set | frozenset) else value
        return "[" + ", ".join(map(_flow, inner)) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    """A scalar as each reader of YAML takes it for what it is."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and not _NOT_TEXT.fullmatch(value):
        return value
    return json.dumps(value)


def _said(text: str, indent: int, mark: str = "# ") -> list[str]:
    """A sentence as lines of comment."""
    words = " ".join(text.split())
    lines = textwrap.wrap(words, _WIDTH - indent, break_long_words=False, break_on_hyphens=False)
    return [" " * indent + mark + line for line in lines]
