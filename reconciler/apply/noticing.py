"""Lets this machine know which of the lock's secrets an apply has seen to be the files'. Called by `apply.scheduler`.

The next plan compares them, all by one slow step then; see `secrets.compared`.
"""

from contextlib import suppress

from reconciler.errors import Interrupted
from reconciler.model.further import records_of, specs_of
from reconciler.run.apply_input import ApplyInput
from reconciler.run.runtime import Runtime
from reconciler.state.lock import Lock


def notice(apply_input: ApplyInput, runtime: Runtime, lock: Lock) -> None:
    """Remember them, if the next plan of everything compares just these: nothing was left out of this run."""
    pairs = []
    for webhook in runtime.loaded.desired:
        records = records_of(lock.entries[webhook.name]) if webhook.name in lock.entries else {}
        for which, spec in specs_of(webhook).items():
            known = records[which].fingerprint if which in records else None
            if spec.source is None or known is None:
                continue
            value = runtime.resolver.resolved(spec.source)
            if value is None:
                return
            pairs.append((value, known))
    with suppress(Interrupted):  # it is done by the next plan
        apply_input.fingerprinter.remember(pairs)
