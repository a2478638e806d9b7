"""The options of `providers check` for a trial at a server.

Used by `cli.providers`, `cli.against` and `cli.asked_events`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import click

from reconciler.errors import UsageError


class Wanted(NamedTuple):
    """The options, as typed."""

    url: str
    scope: tuple[str, ...]
    auth: tuple[str, ...]
    setting: tuple[str, ...]
    hook_url: str | None
    first: tuple[str, ...]
    second: tuple[str, ...]
    yes: bool


def options(function: Any) -> Any:
    """The options of `providers check` that belong to `--against`."""
    for declared in (
        click.option("-y", "--yes", "--auto-approve", "yes", is_flag=True, help="Do not ask before writing there."),
        click.option(
            "--change", "second", multiple=True, metavar="NAME=VALUE", help="The value to which a field is changed."
        ),
        click.option(
            "--set",
            "first",
            multiple=True,
            metavar="NAME=VALUE",
            help="The value of a field with which the webhook is made.",
        ),
        click.option("--hook-url", metavar="URL", help="Where the webhook points; by default to no host there is."),
        click.option("--setting", multiple=True, metavar="NAME=VALUE", help="A switch of the manifest."),
        click.option("--auth", multiple=True, metavar="NAME=REF", help="A credential, by reference (env:NAME, …)."),
        click.option("--scope", multiple=True, metavar="KEY=VALUE", help="The place at the vendor."),
        click.option(
            "--against", "url", metavar="URL", help="Try it at this server: makes, changes, deletes one webhook."
        ),
    ):
        function = declared(function)
    return function


FLAGS = {"first": "--set", "second": "--change", "hook_url": "--hook-url"}


def only_with_against(given: Mapping[str, object]) -> None:
    """Refuse what says nothing without `--against`."""
    if stray := next((name for name, value in given.items() if value), None):
        flag = FLAGS.get(stray, f"--{stray}")
        raise UsageError(f"{flag} belongs to --against URL", "give the server to try the manifest at")


def the_one(files: tuple[str, ...], form: str) -> str:
    """The one manifest that is tried."""
    if len(files) > 1:
        raise UsageError("--against tries one manifest", "name one at a time")
    if form not in ("text", "json"):
        raise UsageError(f"--against is told as text or json, not as {form}", "leave --format out, or say json")
    return files[0]


def pairs(flag: str, texts: Iterable[str]) -> dict[str, str]:
    """What stands before and behind each `=`. Raises UsageError where there is none."""
    found: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise UsageError(f"{flag} {text if not equals else key} is no pair", f"write {flag} NAME=VALUE")
        found[key] = value
    return found
