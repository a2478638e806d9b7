"""A page of each vendor, made of its manifest: what can be managed and how, what is dangerous, what is not known.

Used by `docsite.contents`. A new manifest has its page unasked; the sentences follow from what manifests say, so no
vendor is named here.
"""

from typing import Any

import yaml

from docsite.markdown import code, fence, listed, table
from reconciler.cli.vendor_words import READS, RETIRES, hazards, of_secret
from reconciler.model.capabilities import Capabilities
from reconciler.providers.language.examples import WriteExample
from reconciler.providers.language.manifest import Manifest
from reconciler.providers.registry import Registry
from reconciler.providers.vendor import Vendor
from reconciler.render.base import counted

_SHOWN_EVENTS = 200
_KEYS = {
    "untold": "not told",
    "own": "told by the vendor: another account's is refused",
    "shared": "told by the vendor: held against `account:` in the file",
}


def names() -> tuple[str, ...]:
    """The manifests that come with whsync, sorted."""
    return tuple(name for name in Registry().names() if _manifest(Registry().vendor(name, {}, ".")))


def page(name: str) -> str:
    """The page of one vendor."""
    vendor = Registry().vendor(name, {}, ".")
    manifest, able = manifest_of(name), vendor.capabilities
    parts = [
        f"# {vendor.title}\n",
        f"Made of the manifest `{name}`, which `whsync providers show {name}` prints, too. It was written from the "
        "pages below and tried on a simulated vendor, never on a real account.\n",
        _facts(name, vendor),
        "## An example\n",
        fence("yaml", example(name)),
        "## What can be managed\n",
        _fields(able),
        _events(able),
        "## The secret\n",
        "\n".join(f"- {line}" for line in of_secret(able.secret)) + "\n",
        "## What to know first\n",
        "\n".join(f"- {line}" for line in hazards(able)) + "\n",
        _settings(vendor),
        "## What nobody outside knows\n" if manifest.unknown else "",
        "\n".join(f"- {line}" for line in manifest.unknown) + "\n",
        "## Sources\n",
        "\n".join(f"- <{line}>" for line in manifest.sources) + "\n",
    ]
    return "\n".join(filter(None, parts))


def manifest_of(name: str) -> Manifest:
    """The manifest of that name."""
    manifest = _manifest(Registry().vendor(name, {}, "."))
    assert manifest is not None
    return manifest


def _manifest(vendor: Vendor) -> Manifest | None:
    return getattr(vendor, "manifest", None)


def _facts(name: str, vendor: Vendor) -> str:
    able, limits = vendor.capabilities, vendor.limits
    calls = f"{counted(limits.reads, 'read')} and {counted(limits.writes, 'write')} in flight"
    ways = " or ".join(" + ".join(map(code, scheme.needs)) for scheme in vendor.schemes)
    rows = [
        ("`type`", code(name)),
        ("`base_url`", code(vendor.base_url) if vendor.base_url else "needed: the pages give no safe default"),
        ("`auth`", ways or "none needed"),
        ("usual variables", listed(vendor.variables.values()) or "none"),
        ("`scope`", " or ".join(listed(names) for names in able.scope if names) or "none"),
        *((f"`discover: {each.what}`", each.sentence) for each in able.discovers),
        ("reading", READS[able.read]),
        ("taking away", RETIRES[able.retire]),
        ("whose key it is", _KEYS[able.account]),
        ("limits", calls + (f", {limits.per_second:g} calls a second" if limits.per_second else "")),
    ]
    return table(("what", "is"), rows)


def _fields(able: Capabilities) -> str:
    choices = dict(able.choices)
    rows = []
    for pointer in sorted(able.writable):
        notes = [
            f"one of {listed(choices[pointer])}" if pointer in choices else "",
            "cannot be changed: another value replaces the webhook" if pointer in able.immutable else "",
            "no read shows it" if pointer in able.unreadable else "",
        ]
        rows.append((code(pointer.removeprefix("/").replace("/", ".")), "; ".join(filter(None, notes))))
    missing = [(code(pointer.removeprefix("/")), f"not there: {reason}") for pointer, reason in able.missing]
    return table(("field", "note"), [*rows, *missing])


def _events(able: Capabilities) -> str:
    events = able.events
    if not events.names:
        return "**Events:** those that the vendor lists for an account; a plan asks it.\n" if events.lists else ""
    shown = sorted(events.names)[:_SHOWN_EVENTS]
    closed = "Others are an error." if events.closed else "Others are accepted, for the vendor's pages are not final."
    if events.lists:
        closed = "Of others a plan asks the vendor's own list" + (
            ", once they are let through." if events.closed else "."
        )
    wild = f" {code(events.wildcard)} means all." if events.wildcard else ""
    return f"**Events:** {listed(shown)}. {closed}{wild}\n"


def _settings(vendor: Vendor) -> str:
    rows = [
        (code(name), code(_switch(word.default)), listed(map(_switch, word.choices)), word.about)
        for name, word in vendor.settings.items()
    ]
    return "## Switches\n\n" + table(("`settings:`", "default", "choices", "means"), rows) if rows else ""


def _switch(value: object) -> str:
    """A switch's value as it is written in the file."""
    return str(value).lower() if isinstance(value, bool) else str(value) or '""'


def example(name: str) -> str:
    """A configuration with one webhook, of what the manifest's own example of a create holds."""
    vendor = Registry().vendor(name, {}, ".")
    made = _create(manifest_of(name))
    provider: dict[str, Any] = {} if vendor.base_url else {"base_url": f"https://api.{name}.example"}
    if vendor.schemes:
        provider["auth"] = {need: f"env:{vendor.variables.get(need, need.upper())}" for need in vendor.schemes[0].needs}
    webhook: dict[str, Any] = {"scope": dict(made.scope)} if made and made.scope else {}
    for pointer, value in (made.fields if made else {"/url": "https://hooks.acme.com/in"}).items():
        _put(webhook, pointer, list(value) if isinstance(value, tuple) else value)
    secret = {"supplied": {"from": "env:HOOK_SECRET"}, "issued": {"to": "file:./secrets/hook"}}
    secret["either"] = secret["issued"]
    if vendor.capabilities.secret.lifecycle in secret:
        webhook["secret"] = secret[vendor.capabilities.secret.lifecycle]
    file = {"version": 1, "providers": {name: provider}, "webhooks": {"hook": webhook}}
    return yaml.safe_dump(file, sort_keys=False, default_flow_style=None, width=100)


def _create(manifest: Manifest) -> WriteExample | None:
    """The example of a create that says most and needs no switch; one that fails only where no other is there."""
    made = [
        each
        for each in manifest.examples
        if isinstance(each, WriteExample) and each.do == "create" and not each.settings
    ]
    return max(made, key=lambda each: (not each.fails, len(each.fields)), default=None)


def _put(webhook: dict[str, Any], pointer: str, value: object) -> None:
    *outer, last = pointer.strip("/").split("/")
    for key in outer:
        webhook = webhook.setdefault(key, {})
    webhook[last] = value
