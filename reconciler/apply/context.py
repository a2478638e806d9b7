"""What every change of one apply shares, and what is known of each before its first call.

Made by `apply.scheduler` and `apply.change`.
"""

from typing import NamedTuple

from reconciler.apply.bound import Bindings, Turns
from reconciler.apply.recorder import Emit
from reconciler.model.further import desired_of, entry_of, named, pointer_of, remote_of, semantics_of
from reconciler.model.secret import SecretSemantics
from reconciler.planning.types import Change
from reconciler.run.apply_input import ApplyInput
from reconciler.run.runtime import Runtime, utc_now
from reconciler.secrets.custody.matter import Kept, Matter, Tools
from reconciler.secrets.custody.several import Custodies
from reconciler.secrets.custody.store import SecretCustody


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


def custodies_of(change: Change, context: ApplyContext) -> Custodies:
    """What keeps each secret of the change."""
    given, tools = context.apply_input, tools_of(context)
    names = named(given.desired.get(change.name), given.matched(change.name).entry)
    return Custodies({which: SecretCustody(_matter_of(change, which, context), tools) for which in names})


def _matter_of(change: Change, which: str, context: ApplyContext) -> Matter:
    """The change as far as one secret is concerned."""
    given = context.apply_input
    desired, matched = given.desired.get(change.name), given.matched(change.name)
    status = given.status(change.name, which)
    planned = change.of(which)
    capabilities = context.runtime.provider(change.provider).capabilities if desired else None
    return Matter(
        name=change.name,
        provider=change.provider,
        action=change.action,
        spec=desired_of(desired, which).secret if desired else None,
        semantics=semantics_of(capabilities, which) if capabilities else SecretSemantics(),
        status=status,
        state=status.state if status.as_applied and planned.secret is status.shown else planned.secret,
        sends=pointer_of(which) in change.sends,
        fingerprint=planned.secret_fingerprint,
        entry=entry_of(matched.entry, which) if matched.entry else None,
        remote=remote_of(matched.remote, which) if matched.remote else None,
        intent=given.lock.intents.get(change.name),
        which=which,
    )


def tools_of(context: ApplyContext) -> Tools:
    """What handles secrets, for every change."""
    runtime = context.runtime
    prints, rescues = context.apply_input.fingerprinter, runtime.loaded.rescues
    return Tools(runtime.resolver, prints, runtime.redactor, runtime.folder, rescues, utc_now, context.kept)
