"""What comparing many secrets will take that is slow, so that it can be done at once before each is looked at.

Used by `run.secrets` and `run.drift`. What is not foreseen here is done, slowly, where it is needed.
"""

from reconciler.model.secret import Secret, SecretRecord
from reconciler.secrets.fingerprint import Fingerprinter


class Foreseen:
    """What there is to compare: the files' secrets and those that vendors show, and what has no fingerprint yet."""

    def __init__(self) -> None:
        self._ours: list[tuple[Secret, str]] = []
        self._shown: list[tuple[Secret, str]] = []
        self._new: list[Secret] = []

    def note(self, value: Secret | None, shown: Secret | None, record: SecretRecord | None) -> None:
        """One secret: as the file has it, as the vendor shows it, and what the lock knows of it."""
        in_force = record.in_force if record is not None else None
        known = in_force or (record.fingerprint if record is not None and shown is None else None)
        if value is not None and known:
            self._ours.append((value, known))
        elif value is not None and shown is None:
            self._new.append(value)
        if shown is not None and in_force and shown != value:
            self._shown.append((shown, in_force))

    def prepare(self, prints: Fingerprinter, makes: bool = False) -> None:
        """Do it. Those of the files are sets of their own: of vendors' secrets an apply does not know what is shown.

        Args:
            makes: whether fingerprints of new ones are made.

        Raises:
            Interrupted: the user stopped the run.
        """
        prints.prepare(self._ours, self._new if makes else ())
        prints.prepare(self._shown)
