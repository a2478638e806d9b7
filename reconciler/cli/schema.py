"""`whsync schema NAME`: the JSON Schema of a file or an output."""

import json
from collections.abc import Callable
from typing import Any

import click

from reconciler.cli.context import Context
from reconciler.cli.options import command as declare


def _config() -> dict[str, Any]:
    from reconciler.config.published import config_schema
    from reconciler.secrets import registry

    return config_schema(registry)


def _manifest() -> dict[str, Any]:
    from reconciler.providers.language.manifest import manifest_schema

    return manifest_schema()


def _audit() -> dict[str, Any]:
    from reconciler.render.inventory_schema import audit_schema

    return audit_schema()


def _import() -> dict[str, Any]:
    from reconciler.render.import_records import import_schema

    return import_schema()


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
}


def schema_text(name: str) -> str:
    """The schema's file, as kept in `schemas/NAME.schema.json`."""
    return json.dumps(SCHEMAS[name](), indent=2, ensure_ascii=False) + "\n"


@declare("schema", examples=["whsync schema config > config.schema.json"])
@click.argument("name", type=click.Choice(list(SCHEMAS)))
def command(whsync: Context, name: str) -> None:
    """Print the JSON Schema of a file or an output."""
    whsync.out(schema_text(name))
