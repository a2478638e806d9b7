"""Strict simulated vendors on loopback, for tests, for the demo and for users who try whsync out.

They are written from the vendors' own documents and know nothing of whsync's manifests, so that the two can be wrong
only apart. What the documents leave open is a switch of the vendor's class, its default the likelier reading. Nothing
here needs more than the standard library, except that Coinbase's signed tokens are checked with PyJWT.

Used by `cli` and by tests:

    with Sandbox(["github"], settings={"github": {"prefix": "/api/v3"}}) as box:
        vendor = box["github"]
        vendor.url, vendor.credentials           # what to configure
        vendor.fail("drop-after", method="POST") # lose the answer of the next create
        vendor.requests, vendor.webhooks()       # what was asked, what exists
"""

from .box import VENDORS, Sandbox, parse_faults
from .exchange import Answer, Request
from .faults import KINDS, Fault
from .vendor import SimulatedVendor

__all__ = ["KINDS", "VENDORS", "Answer", "Fault", "Request", "Sandbox", "SimulatedVendor", "parse_faults"]
