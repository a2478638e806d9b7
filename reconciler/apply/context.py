"""What every change of one apply shares, and what is known of each before its first call.

Made by `apply.scheduler` and `apply.change`.
"""

from typing import NamedTuple

from reconciler.apply.bound import Bindings, Turns
from reconciler.apply.recorder import Emit
from reconciler.model.secret import SecretSemantics, SecretState, SecretStatus
from reconciler.model.webhook import SECRET
from reconciler.planning.types import Change
from reconciler.run.apply_input import ApplyInput
from reconciler.run.runtime import Runtime, utc_now
from reconciler.secrets.custody.matter import Kept, Matter, Tools


class Halted(Exception):
    """The journal took no more events; the worker must not send anything."""


class ApplyContext(NamedTuple):
    """What every runner of one apply shares.

    Args:
        emit: returns once the event is durable, or raises Halted.
        kept: the secrets that were put into sinks.
    """

    apply_input: ApplyInput
    runtime: Runtime
    emit: Emit
    kept: Kept
    bindings: Bindings
    turns: Turns


def matter_of(change: Change, context: ApplyContext) -> Matter:
    """The change as far as its secret is concerned."""
    given = context.apply_input
    desired, matched = given.desired.get(change.name), given.matched(change.name)
    status = given.secrets.get(change.name, SecretStatus(SecretState.UNMANAGED))
    return Matter(
        name=change.name,
        provider=change.provider,
        action=change.action,
        spec=desired.secret if desired else None,
        semantics=context.runtime.provider(change.provider).capabilities.secret if desired else SecretSemantics(),
        status=status,
        state=status.state if status.as_applied and change.secret is status.shown else change.secret,
        sends=SECRET in change.sends,
        fingerprint=change.secret_fingerprint,
        entry=matched.entry,
        remote=matched.remote,
        intent=given.lock.intents.get(change.name),
    )


def tools_of(context: ApplyContext) -> Tools:
    """What handles secrets, for every change."""
    runtime = context.runtime
    prints, rescues = context.apply_input.fingerprinter, runtime.loaded.rescues
    return Tools(runtime.resolver, prints, runtime.redactor, runtime.folder, rescues, utc_now, context.kept)
