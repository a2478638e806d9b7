"""Tells the CI around a run to mask a secret, as soon as it is known. Used by `run.runtime`."""

from collections.abc import Callable, Mapping
from contextlib import suppress

from reconciler.model.secret import Secret
from reconciler.secrets import ci_masking


def announcing(environment: Mapping[str, str], announce: Callable[[str], None] | None) -> Callable[[Secret], None]:
    """What is done with a secret as soon as it is known: where a runner asks for it, it is told to mask it."""
    if announce is None or environment.get(ci_masking.VARIABLE) != ci_masking.VALUE:
        return lambda secret: None

    unmasked = [ci_masking.UNMASKED]  # said once

    def told(secret: Secret) -> None:
        masks = ci_masking.commands(secret)
        with suppress(OSError):  # an issued secret is still to be stored, and nothing more is shown on that stream
            announce(masks or (unmasked.pop() if secret and unmasked else ""))

    return told
