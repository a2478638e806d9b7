"""`whsync providers …`: which vendors are known, what their APIs can do, and whether a manifest is sound."""

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from reconciler.cli import complete, outputs, trial_options
from reconciler.cli.context import Context
from reconciler.cli.options import Group, format_option, subcommand
from reconciler.cli.tables import table
from reconciler.cli.vendor_words import PROOFS, abilities, known, sentences, verified, ways
from reconciler.codes import Code
from reconciler.errors import EXIT_ERROR, EXIT_FINE, ConfigError, Problem, UsageError
from reconciler.model.capabilities import Capabilities
from reconciler.model.secret import SecretSemantics
from reconciler.model.secret_rule import SecretRule
from reconciler.model.webhook import Leaf
from reconciler.providers.language.sound import ABOUT_EXAMPLES, faults_in
from reconciler.providers.registry import Registry, problems_of, read_with_text
from reconciler.providers.vendor import Vendor
from reconciler.render.base import counted, plain
from reconciler.render.formats import PROBLEMS, TEXT, offered, renderer
from reconciler.support import hints
from reconciler.support.scalars import spelled


@click.command("providers", cls=Group, examples=["whsync providers list", "whsync providers show NAME"])
def command() -> None:
    """List, show and check manifests: what whsync knows of each vendor's API."""


CAN: Mapping[str, Callable[[Capabilities], bool]] = {
    "list": lambda able: able.searchable,
    "delete": lambda able: able.retire == "delete",
    "rotate": lambda able: able.secret.reissues or able.secret.takes,
    "discover": lambda able: bool(able.discovers),
    "switch-off": lambda able: "/status" in able.writable,
    "own-secret": lambda able: able.secret.lifecycle in ("supplied", "either"),
}


@subcommand(command, "list", examples=["whsync providers list", "whsync providers list git --can discover"])
@click.argument("words", nargs=-1, metavar="[WORD]...")
@click.option("--can", multiple=True, type=click.Choice(tuple(CAN)), help="Only those that can do this; repeatable.")
@click.option(
    "--known", "proofs", multiple=True, type=click.Choice(PROOFS), help="Only those of which some fact is known so."
)
@format_option("text", "json")
def list_(whsync: Context, words: tuple[str, ...], can: tuple[str, ...], proofs: tuple[str, ...], form: str) -> None:
    """List the built-in and installed manifests, how each authenticates and what it can do.

    With WORD, only those that have each WORD in their name or their vendor's.
    """
    registry = Registry()
    every = ((name, registry.vendor(name, {}, ".")) for name in registry.names())
    vendors = {name: vendor for name, vendor in every if _is_meant(name, vendor, words, can, proofs)}
    if not vendors:
        whsync.note("no manifest is like that; without words and options, all of them are listed")
    if form == "json":
        whsync.out(json.dumps([_document(name, vendor) for name, vendor in vendors.items()], indent=2))
        return
    rows = [
        tuple(
            map(
                plain,
                (name, vendor.title, ways(vendor), "; ".join((*abilities(vendor.capabilities), known(vendor)))),
            )
        )
        for name, vendor in vendors.items()
    ]
    whsync.out(table(("type", "vendor", "credentials", "can"), rows, 3, whsync.style()))


def _is_meant(name: str, vendor: Vendor, words: tuple[str, ...], can: tuple[str, ...], proofs: tuple[str, ...]) -> bool:
    """Whether a manifest has every word, every ability and one of the proofs that are asked for."""
    text, facts = f"{name} {vendor.title}".casefold(), verified(vendor).values()
    able = all(CAN[ability](vendor.capabilities) for ability in can)
    return able and all(word.casefold() in text for word in words) and (not proofs or any(p in facts for p in proofs))


@subcommand(command, "show", examples=["whsync providers show ./vendors/acme.yaml"])
@click.argument("type", shell_complete=complete.vendors)
@click.option("--events", is_flag=True, help="Ask the vendor which events an account may have; it is only read.")
@click.option("--url", metavar="URL", help="With --events: where the API is.")
@click.option("--scope", multiple=True, metavar="KEY=VALUE", help="With --events: the place at the vendor.")
@click.option("--auth", multiple=True, metavar="NAME=REF", help="With --events: a credential (env:NAME, …).")
@format_option("text", "json")
def show(whsync: Context, type: str, form: str, events: bool, **where: Any) -> None:
    """Explain the vendor of the manifest TYPE (a name, or a file's path): in sentences, then all that it says."""
    vendor = Registry().vendor(type, {}, ".")
    data = _document(vendor.capabilities.type, vendor)
    if events:
        from reconciler.cli.asked_events import asked_events

        data["events"] = {"names": list(asked_events(whsync, type, **where)), "told_by": "the vendor, just now"}
    elif any(where.values()):
        raise UsageError("--url, --scope and --auth are for --events", "add --events", code=Code.WRONG_USAGE)
    if form == "json":
        whsync.out(json.dumps(data, indent=2))
        return
    told = [line for sentence in sentences(vendor) for line in whsync.style().folded(plain(sentence))]
    whsync.out("\n".join((*told, "\n")))
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
        "abilities": list(abilities(capabilities)),
        "fields": sorted(pointer.removeprefix("/") for pointer in capabilities.writable),
        "choices": {pointer.removeprefix("/"): list(choices) for pointer, choices in capabilities.choices},
        "risky": {
            pointer.removeprefix("/"): f"{_spelled(value)}, so {why}" for pointer, value, why in capabilities.risky
        },
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
        "verified": verified(vendor),
        "unknown": list(getattr(manifest, "unknown", ())),
    }


def _spelled(leaf: Leaf) -> str:
    """A value as YAML has it."""
    return spelled(leaf) if isinstance(leaf, str | bool | int | float) else str(leaf)


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
