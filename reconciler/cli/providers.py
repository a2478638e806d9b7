"""`whsync providers …`: which vendors are known, what their APIs can do, and whether a manifest is sound."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from reconciler.cli import complete, outputs, trial_options
from reconciler.cli.context import Context
from reconciler.cli.options import Group, format_option, subcommand
from reconciler.cli.tables import table
from reconciler.codes import Code
from reconciler.errors import EXIT_ERROR, EXIT_FINE, ConfigError, Problem, UsageError
from reconciler.model.capabilities import Capabilities
from reconciler.model.secret import SecretSemantics
from reconciler.model.secret_rule import SecretRule
from reconciler.providers.language.sound import ABOUT_EXAMPLES, faults_in
from reconciler.providers.registry import Registry, problems_of, read_with_text
from reconciler.providers.vendor import Vendor
from reconciler.render.base import counted, plain
from reconciler.render.formats import PROBLEMS, TEXT, offered, renderer
from reconciler.support import hints

READS = {
    "list": "lists webhooks",
    "by_id": "reads by id, no list",
    "singleton": "one webhook per account",
    "none": "cannot be read",
}
RETIRES = {"delete": "deletes", "deactivate": "switches off, no delete", "none": "no delete"}
SECRETS = {
    "supplied": "secret: ours",
    "issued": "secret: issued by the vendor",
    "either": "secret: ours or issued",
    "account": "secret: one for the account",
    "none": "no secret",
}


@click.command("providers", cls=Group, examples=["whsync providers list", "whsync providers show NAME"])
def command() -> None:
    """List, show and check manifests: what whsync knows of each vendor's API."""


@subcommand(command, "list", examples=["whsync providers list"])
@format_option("text", "json")
def list_(whsync: Context, form: str) -> None:
    """List the built-in and installed manifests, how each authenticates and what it can do."""
    registry = Registry()
    vendors = {name: registry.vendor(name, {}, ".") for name in registry.names()}
    if form == "json":
        whsync.out(json.dumps([_document(name, vendor) for name, vendor in vendors.items()], indent=2))
        return
    rows = [
        tuple(
            map(
                plain,
                (name, vendor.title, _ways(vendor), "; ".join((*_abilities(vendor.capabilities), _known(vendor)))),
            )
        )
        for name, vendor in vendors.items()
    ]
    whsync.out(table(("type", "vendor", "credentials", "can"), rows, 3, whsync.style()))


@subcommand(command, "show", examples=["whsync providers show ./vendors/acme.yaml"])
@click.argument("type", shell_complete=complete.vendors)
@format_option("text", "json")
def show(whsync: Context, type: str, form: str) -> None:
    """Show what the manifest TYPE (a name, or a file's path) says, its sources, and what is not known."""
    vendor = Registry().vendor(type, {}, ".")
    data = _document(vendor.capabilities.type, vendor)
    if form == "json":
        whsync.out(json.dumps(data, indent=2))
        return
    for key, value in data.items():
        lines = list(_lines(value))
        for number, line in enumerate(lines):
            row = f"{'' if number else key.replace('_', ' '):<14} {plain(line)}"
            whsync.out("\n".join(whsync.style().folded(row, hanging=15)))


@subcommand(
    command,
    "check",
    examples=[
        "whsync providers check vendors/acme.yaml",
        "whsync providers check vendors/acme.yaml --against https://api.acme.com --scope project=sandbox",
    ],
)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path())
@format_option(*offered(PROBLEMS))
@trial_options.options
def check(whsync: Context, files: tuple[str, ...], form: str, **wanted: Any) -> int:
    """Check manifests: that each FILE keeps to the language, and that its examples come true.

    With --against, the one manifest FILE (or the name of one) is tried at a real server or account: a webhook is made,
    read, changed field by field and deleted, and whatever the server does otherwise than the manifest says is told with
    the word that says it. Exit codes then: 0 none, 2 deviations, 1 it could not be tried, or something is left there.
    """
    if wanted["url"] is not None:
        from reconciler.cli.against import check_against

        return check_against(whsync, trial_options.the_one(files, form), trial_options.Wanted(**wanted), form)
    trial_options.only_with_against(wanted)
    found = {file: list(_problems(file)) for file in files}
    problems = [problem for some in found.values() for problem in some]
    whsync.deliver(renderer(PROBLEMS, form)(problems, whsync.style()), whsync.err if form == TEXT else whsync.out)
    if form == TEXT:
        for file, some in found.items():
            whsync.out(f"{plain(file)}: {counted(len(some), 'problem') if some else 'sound'}")
    return EXIT_ERROR if problems else EXIT_FINE


@subcommand(command, "new", examples=["whsync providers new acme --from openapi.json --out vendors/acme.yaml"])
@click.argument("name")
@click.option("--from", "source", metavar="FILE", type=click.Path(), help="An OpenAPI 3 description, as JSON or YAML.")
@click.option("--path", metavar="PATH", help="Which list of it holds the webhooks, where that is not clear.")
@click.option("--out", metavar="FILE", type=click.Path(), help="Write it to FILE, which must not exist yet.")
def new(whsync: Context, name: str, source: str | None, path: str | None, out: str | None) -> None:
    """Write a first manifest NAME for a vendor: filled in from its OpenAPI description, or with the usual."""
    from reconciler.providers.draft.source import described
    from reconciler.providers.draft.text import blank, draft

    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
        raise UsageError(f"{name} is no name of a manifest", "use small letters, digits and -", code=Code.WRONG_USAGE)
    if path is not None and source is None:
        raise UsageError("--path names a list of a description", "give that with --from", code=Code.WRONG_USAGE)
    text = draft(described(name, source, path) if source is not None else blank(name))
    if out is None:
        whsync.out(text.rstrip("\n"))
        return
    if os.path.lexists(out):
        raise UsageError(f"{out} is there already", "name another file", code=Code.FILE_TAKEN)
    outputs.refuse(out, Path())
    Path(out).parent.mkdir(parents=True, exist_ok=True)
    outputs.write(out, text, private=False)
    whsync.err(f"{out}: a draft. Look up what it calls unknown, then {hints.command('providers', 'check', out)}")


def _problems(file: str) -> Iterator[Problem]:
    from reconciler.providers.rehearse import rehearse

    try:
        text, manifest = read_with_text(Path(file))
    except ConfigError as error:
        yield from error.problems
        return
    yield from problems_of((*faults_in(manifest, ABOUT_EXAMPLES), *rehearse(manifest)), text, file)


def _ways(vendor: Vendor) -> str:
    return " or ".join(" + ".join(scheme.needs) for scheme in vendor.schemes) or "no credentials"


def _abilities(capabilities: Capabilities) -> Iterator[str]:
    yield READS[capabilities.read]
    yield RETIRES[capabilities.retire]
    yield SECRETS[capabilities.secret.lifecycle]
    if capabilities.secrets:
        yield f"further secrets: {', '.join(which for which, _ in capabilities.secrets)}"
    if capabilities.secret.reissues or capabilities.secret.takes:
        yield "rotates secrets" + (
            f", the old one stays valid for {capabilities.secret.grace}" if capabilities.secret.grace else ""
        )
    if capabilities.fan_out:
        yield "one call per event"


def _verified(vendor: Vendor) -> dict[str, str]:
    """How each kind of fact is known, where it is a manifest's; see `language.manifest.Verified`."""
    words = getattr(getattr(vendor, "manifest", None), "verified", None)
    return dict(words) if words is not None else {}


def _said(vendor: Vendor) -> Iterator[str]:
    yield from _abilities(vendor.capabilities)
    yield _known(vendor)


def _known(vendor: Vendor) -> str:
    """That in a few words, the best proof first and what nothing proves by name."""
    facts = _verified(vendor)
    proofs = [proof for proof in ("server", "spec", "docs") if proof in facts.values()]
    doubts = [name for name, proof in facts.items() if proof == "unverified"]
    known = f"known from {', '.join(proofs)}" if proofs else "unverified"
    return f"{known}, unverified: {', '.join(doubts)}" if proofs and doubts else known


def _document(name: str, vendor: Vendor) -> dict[str, Any]:
    """All that the manifest says, for people and programs; sources and open questions where it is a manifest's."""
    capabilities, manifest = vendor.capabilities, getattr(vendor, "manifest", None)
    return {
        "type": name,
        "title": vendor.title,
        "base_url": vendor.base_url,
        "auth": [list(scheme.needs) for scheme in vendor.schemes],
        "variables": dict(vendor.variables),
        "scope": [list(names) for names in capabilities.scope],
        "discovers": {each.what: each.sentence for each in capabilities.discovers},
        "abilities": list(_abilities(capabilities)),
        "fields": sorted(pointer.removeprefix("/") for pointer in capabilities.writable),
        "choices": {pointer.removeprefix("/"): list(choices) for pointer, choices in capabilities.choices},
        "risky": {pointer.removeprefix("/"): f"{value}, so {why}" for pointer, value, why in capabilities.risky},
        "missing": {pointer.removeprefix("/"): reason for pointer, reason in capabilities.missing},
        "immutable": sorted(pointer.removeprefix("/") for pointer in capabilities.immutable),
        "unreadable": sorted(pointer.removeprefix("/") for pointer in capabilities.unreadable),
        "identity": [*_identity(capabilities)],
        "secret": _secret(capabilities.secret),
        **({"secrets": {which: _secret(each) for which, each in capabilities.secrets}} if capabilities.secrets else {}),
        "events": _events(capabilities),
        "settings": {
            name: {"default": word.default, "choices": list(word.choices), "about": word.about}
            for name, word in vendor.settings.items()
        },
        "limits": vendor.limits._asdict(),
        "sources": list(getattr(manifest, "sources", ())),
        "verified": _verified(vendor),
        "unknown": list(getattr(manifest, "unknown", ())),
    }


def _identity(capabilities: Capabilities) -> Iterator[str]:
    if capabilities.marks:
        yield "owner mark"
    if capabilities.natural_key:
        yield " and ".join(pointer.strip("/") for pointer in capabilities.natural_key)


def _secret(semantics: SecretSemantics) -> dict[str, Any]:
    """What is special about secrets; what is not so, or as usual, is left out."""
    rule = semantics.rule
    special = {key: value for key, value in rule._asdict().items() if value != getattr(SecretRule(), key)}
    said = {key: value for key, value in semantics._asdict().items() if key != "rule" and value not in (False, "")}
    return said | special


def _events(capabilities: Capabilities) -> dict[str, Any]:
    events = capabilities.events
    names = {"names": sorted(events.names), "closed": events.closed, "wildcard": events.wildcard}
    return names | ({"others": "a plan asks the vendor's own list"} if events.lists else {})


def _lines(value: Any) -> Iterator[str]:
    """A value as lines of text, scalars as YAML spells them; none where it says nothing."""
    if isinstance(value, dict):
        for key, inner in value.items():
            words = list(_lines(inner))
            if words:
                yield f"{key}: {', '.join(words)}"
    elif isinstance(value, list):
        for item in value:
            yield " + ".join(item) or "none needed" if isinstance(item, list) else str(*_lines(item))
    elif isinstance(value, bool) or value == "":
        yield json.dumps(value)
    elif value is not None:
        yield str(value)
