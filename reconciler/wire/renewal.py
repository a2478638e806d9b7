"""Credentials that die in mid-run and are asked for again. Made by `wire.drive`; used by `wire.tokens`, too.

A command that prints a token, a file that another process renews: what is behind a reference may be another by now. It
is asked again once the vendor refuses what it took before, and not a second time where that did not help: wrong
credentials that are sent again and again get accounts locked.
"""

import threading
from collections.abc import Callable, Mapping

from reconciler.errors import Interrupted, Rejected, WhsyncError
from reconciler.model.secret import Secret

Credentials = Mapping[str, Secret]
Renew = Callable[[Credentials], Credentials]
"""Asks for credentials again, given those that died."""

DEAD = 401


class Renewable:
    """The credentials of one account, as they are now; threads may share them.

    Args:
        renew: asks for them again; None where that cannot help.
    """

    def __init__(self, first: Credentials, renew: Renew | None) -> None:
        self.current = first
        self._renew = renew
        self._lock = threading.Lock()
        self._worked = False

    def answered(self, used: Credentials, status: int) -> Credentials | None:
        """Learn from the answer to an attempt that was signed with `used`; others for another attempt, where it helps.

        Raises: as `anew`.
        """
        if 200 <= status < 300:
            self.worked(used)
        return self.anew(used) if status == DEAD else None

    def worked(self, used: Credentials) -> None:
        """The vendor took `used`."""
        with self._lock:
            self._worked = self._worked or used is self.current

    def tried(self, fresh: Credentials, status: int) -> None:
        """Learn from the answer to an attempt with new credentials: after a refusal nobody asks for others again."""
        if 200 <= status < 300:
            self.worked(fresh)
        elif status == DEAD:
            self._renew = None

    def anew(self, dead: Credentials) -> Credentials | None:
        """Other credentials than `dead`, asked for by the first of all threads; None where there are none.

        Raises:
            Rejected: they cannot be had, or not be used; what was refused was not done.
            Interrupted: the user stopped the run.
        """
        with self._lock:
            if self.current is not dead:
                return self.current
            if self._renew is None or not self._worked:
                return None
            try:
                fresh = self._renew(dead)
            except Interrupted:
                raise
            except WhsyncError as error:
                self._renew = None
                summary = f"the vendor no longer takes the credentials, and new ones cannot be used: {error.summary}"
                kind = error.kind if error.kind == "wrong_account" else "auth"
                raise Rejected(summary, error.hint, kind=kind, code=error.code) from None
            if fresh == dead:
                self._renew = None
                return None
            self.current, self._worked = fresh, False
            return fresh
