"""`whsync version`."""

from reconciler import __version__
from reconciler.cli.context import Context
from reconciler.cli.options import command as declare


@declare("version", examples=["whsync version"])
def command(whsync: Context) -> None:
    """Print the version."""
    whsync.out(__version__)
