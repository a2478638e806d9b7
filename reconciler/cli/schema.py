"""`whsync schema NAME`: the JSON Schema of a file or an output."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from reconciler.cli.context import Context
from reconciler.cli.options import command as declare

if TYPE_CHECKING:
    from reconciler.providers.vendor import Vendor


def _config(entries: "Mapping[str, Vendor] | None" = None) -> dict[str, Any]:
    """For any file, or for one whose provider entries are known.

    Args:
        entries: their vendors, by the entry's name; else entries are taken for what they are called.
    """
    from reconciler.config.completion import with_vendors
    from reconciler.config.published import config_schema
    from reconciler.providers.registry import Registry
    from reconciler.secrets import registry

    vendors = Registry()
    types = vendors.names()
    known = {name: vendors.vendor(name, {}, ".") for name in types} if entries is None else entries
    alone = entries is not None and len(entries) == 1
    return with_vendors(config_schema(registry), known, types, alone=alone)


def _manifest() -> dict[str, Any]:
    from reconciler.providers.language.manifest import manifest_schema

    return manifest_schema()


def _audit() -> dict[str, Any]:
    from reconciler.render.inventory_schema import audit_schema

    return audit_schema()


def _import() -> dict[str, Any]:
    from reconciler.render.import_records import import_schema

    return import_schema()


def _fleet() -> dict[str, Any]:
    from reconciler.fleet.schema import fleet_schema

    return fleet_schema()


def _fleet_report() -> dict[str, Any]:
    from reconciler.fleet.published import report_schema

    return report_schema()


def _fleet_result() -> dict[str, Any]:
    from reconciler.fleet.published import result_schema

    return result_schema()


def _written(name: str) -> Callable[[], dict[str, Any]]:
    def schema() -> dict[str, Any]:
        from reconciler.render import schema as schemas

        made: dict[str, Any] = getattr(schemas, f"{name}_schema")()
        return made

    return schema


SCHEMAS: dict[str, Callable[[], dict[str, Any]]] = {
    "config": _config,
    "lock": _written("lock"),
    "plan": _written("plan"),
    "event": _written("event"),
    "drift": _written("drift"),
    "audit": _audit,
    "import": _import,
    "problems": _written("problems"),
    "ndjson": _written("ndjson"),
    "counts": _written("counts"),
    "codequality": _written("codequality"),
    "record": _written("record"),
    "runs": _written("runs"),
    "proof": _written("proof"),
    "manifest": _manifest,
    "fleet": _fleet,
    "fleet-report": _fleet_report,
    "fleet-result": _fleet_result,
}


def schema_text(name: str) -> str:
    """The schema's file, as kept in `schemas/NAME.schema.json`."""
    return _text(SCHEMAS[name]())


def _text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


@declare(
    "schema",
    examples=[
        "whsync schema config > config.schema.json",
        "whsync schema config -c webhooks.yaml > config.schema.json",
    ],
)
@click.argument("name", type=click.Choice(list(SCHEMAS)))
def command(whsync: Context, name: str) -> None:
    """Print the JSON Schema of a file or an output.

    That of `config` has editors complete each vendor's events and options, where a provider entry is called as its
    manifest; with -c FILE, those of the entries that the file has, whatever they are called.
    """
    if name == "config" and whsync.names_config:
        entries = {entry.name: entry.vendor for entry in whsync.load().providers.values()}
        whsync.out(_text(_config(entries)))
    else:
        whsync.out(schema_text(name))
