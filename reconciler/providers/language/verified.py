"""How a manifest's facts are known: a word of its own. Used by `providers.language.manifest`."""

from typing import Literal

from reconciler.providers.language.words import Word

Proof = Literal["server", "spec", "docs", "unverified"]
"""Seen on a real server, read in the vendor's description for machines or its own client, on its pages, or nowhere."""


class Verified(Word):
    """How what the manifest says is known, by kind of fact; what is left out is unverified.

    Args:
        calls: methods, paths, bodies and statuses of the calls, and how they authenticate.
        fields: where answers and bodies hold what is managed.
        events: the event names.
        pages: that the list is whole, and how its pages follow each other.
        secret: what becomes of a webhook's secret, in reads and updates.
        errors: what refusals look like.
    """

    calls: Proof = "unverified"
    fields: Proof = "unverified"
    events: Proof = "unverified"
    pages: Proof = "unverified"
    secret: Proof = "unverified"
    errors: Proof = "unverified"
