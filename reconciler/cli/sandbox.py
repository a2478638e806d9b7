"""`whsync sandbox`: simulated vendors on loopback, and a configuration that points at them."""

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from reconciler.cli import complete
from reconciler.cli.context import Context
from reconciler.cli.flags import Duration
from reconciler.cli.options import command as declare
from reconciler.errors import UsageError

if TYPE_CHECKING:
    from reconciler.sandbox import Sandbox


@declare("sandbox", examples=["whsync sandbox", "whsync sandbox --latency 200ms"])
@click.argument("vendors", nargs=-1, shell_complete=complete.simulated_vendors)
@click.option(
    "--latency", type=Duration(), default=0.0, metavar="TIME", show_default="0s", help="Time before each answer: 200ms."
)
@click.option("--faults", default="", metavar="SPEC", help="VENDOR:KIND[=N][:METHOD][:/PATH][:TIMES|always][:+SKIP],…")
@click.option("--port", type=click.IntRange(0, 65000), default=0, help="The first vendor's port; 0 takes free ones.")
def command(whsync: Context, vendors: tuple[str, ...], latency: float, faults: str, port: int) -> None:
    """Run simulated VENDORS (all, where none is named) until Ctrl-C.

    Prints the variables to export and the providers to write, with made-up credentials that only the sandbox accepts.
    """
    from reconciler.sandbox import Sandbox

    try:
        box = Sandbox(vendors or None, latency=latency, faults=faults, port=port)
    except ValueError as error:
        raise UsageError(str(error)) from None
    with suppress(KeyboardInterrupt), box:  # a Ctrl-C at any moment from here on is how it is meant to end
        whsync.out(_introduction(box))
        whsync.note("Serving on this machine only; Ctrl-C ends it.")
        box.wait()


def _introduction(box: "Sandbox") -> str:
    lines = ["# in a shell:"]
    providers = ["# in webhooks.yaml:", "providers:"]
    for name in box:
        vendor = box[name]
        providers += [f"  {name}:", f"    base_url: {vendor.url}", "    auth:"]
        for credential, value in vendor.credentials.items():
            variable = f"SANDBOX_{name}_{credential}".upper().replace("-", "_")
            lines.append(f"export {variable}={value}")
            providers.append(f"      {credential}: env:{variable}")
    return "\n".join([*lines, "", *providers])
