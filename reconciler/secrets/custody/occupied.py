"""Whether a sink holds a secret that this lock did not put there: another job's, say, which nothing is stored over.

Called by `run.secrets` before planning, and by `apply.preflight` before the first call.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from reconciler.codes import Code
from reconciler.errors import SecretError
from reconciler.model.further import records_of
from reconciler.model.secret import RESCUE, Secret, SecretRef
from reconciler.model.webhook import SecretRecord
from reconciler.secrets.custody.places import looked_up
from reconciler.secrets.custody.vendor_drift import Means
from reconciler.secrets.custody.ways_out import occupied
from reconciler.state.lock import Lock


def is_foreign(sink: SecretRef, records: Iterable[SecretRecord], means: Means, shown: Secret | None = None) -> bool:
    """Whether `sink` holds a secret, and neither what `records` speak of nor what the vendor shows; False if unknown.

    Args:
        records: what the lock has of the secrets that it put there, or may have.
    """
    held = _held(sink, means)
    if held is None:
        return means.resolver.is_full(sink) and not any(_owed(record, sink) for record in records)
    if not any(held) or (shown is not None and shown in held):
        return False
    return not any(_owed(record, sink) or _fits(record, sink, held, means) for record in records)


def by_sink(lock: Lock) -> Mapping[str, Sequence[SecretRecord]]:
    """What a lock has of secrets that it put into sinks, by the sink, whichever webhook they are of, or were."""
    found: dict[str, list[SecretRecord]] = defaultdict(list)
    for entry in lock.entries.values():
        for record in records_of(entry).values():
            if record.stored is not None:
                found[record.stored].append(record)
    for sink, record in lock.sinks.items():
        if record.stored == sink:
            found[sink].append(record)
    return found


def refusal(name: str, sink: SecretRef, making: bool) -> SecretError:
    """Why a webhook's secret is not stored; `making`: the webhook is to be made."""
    summary = f"{sink} holds a secret that this lock knows nothing of, and it is not written over"
    return SecretError(summary, occupied(name, making), code=Code.SINK_OCCUPIED)


def _held(sink: SecretRef, means: Means) -> tuple[Secret, ...] | None:
    """What a sink holds; None where nobody can tell. Only files are looked into offline."""
    return (means.resolver.held(sink) if means.offline else looked_up(sink, means.resolver)) or None


def _owed(record: SecretRecord, sink: SecretRef) -> bool:
    """Whether nobody knows which of our secrets is there: a change of ours was cut short, or its secret was rescued."""
    stored = record.stored or ""
    return stored.startswith(RESCUE) or (record.fingerprint is None and stored == str(sink))


def _fits(record: SecretRecord, sink: SecretRef, held: Iterable[Secret], means: Means) -> bool:
    if record.fingerprint is None:
        return False
    if not means.fingerprinter.comparable(record.fingerprint):
        return record.stored == str(sink)
    return any(means.fingerprinter.matches(each, record.fingerprint) for each in held)
