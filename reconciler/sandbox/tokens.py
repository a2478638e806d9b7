"""Access tokens that a simulated vendor hands out, with a life, scopes, and an end on request.

Used by `sandbox.cryptofuse` and `sandbox.cryptopocket`.
"""

import secrets
from dataclasses import dataclass


@dataclass
class Grant:
    """One live token: when it ends (epoch seconds), what it may do, and how many uses are left (None: any)."""

    ends: float
    scopes: frozenset[str]
    uses: int | None = None


class Tokens:
    """The live tokens of one vendor. Guarded by the vendor's lock."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._grants: dict[str, Grant] = {}

    def issue(self, ends: float, scopes: frozenset[str] = frozenset()) -> str:
        """Make a new token and return it."""
        token = self._prefix + secrets.token_hex(16)
        self._grants[token] = Grant(ends, scopes)
        return token

    def keep(self, token: str, scopes: frozenset[str] = frozenset()) -> None:
        """Make a token of the caller's choice valid until it is expired by hand."""
        self._grants[token] = Grant(float("inf"), scopes)

    def use(self, token: str, now: float) -> frozenset[str] | None:
        """Return the scopes of a live token and count the use, or None for one that is unknown or over."""
        grant = self._grants.get(token)
        if grant is None or grant.ends <= now or grant.uses == 0:
            return None
        if grant.uses is not None:
            grant.uses -= 1
        return grant.scopes

    def expire(self, after: int = 0) -> None:
        """End every token issued so far, after that many more uses each."""
        for grant in self._grants.values():
            grant.uses = after
