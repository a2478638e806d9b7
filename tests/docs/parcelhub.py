"""The vendor of examples/09-your-vendor, started as its reader starts it. Used by the tests of example and page."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.docs.blocks import ROOT

FOLDER = ROOT / "examples" / "09-your-vendor"
VARIABLES = {"PARCELHUB_TOKEN": "parcelhub-practice-4f1c", "PARCELHUB_SIGNING_SECRET": "anything-long-enough"}


@contextmanager
def practice_vendor() -> Iterator[str]:
    """The vendor, until the block ends; gives the URL of its server."""
    with subprocess.Popen(
        [sys.executable, str(FOLDER / "vendor.py"), "0"], stdout=subprocess.PIPE, text=True
    ) as vendor:
        assert vendor.stdout is not None
        try:
            yield re.findall(r"http://[\d.:]+", vendor.stdout.readline())[0]
        finally:
            vendor.terminate()
