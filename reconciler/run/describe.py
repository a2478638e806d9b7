"""Which calls a change will make: its provider says, without IO, or raises that it has none. Called by `run.survey`."""

from reconciler.matching.types import Matched
from reconciler.model.action import Action, PlannedCall
from reconciler.model.further import desired_of, named, pointer_of
from reconciler.model.secret import Secret
from reconciler.model.webhook import Desired
from reconciler.planning.inputs import Describe
from reconciler.run.apply_input import ApplyInput, change_request
from reconciler.run.runtime import Runtime
from reconciler.secrets.custody.state import to_send

_STAND_IN = Secret("stands for the one that apply will send")


def describer(given: ApplyInput, runtime: Runtime) -> Describe:
    """What a plan asks for the calls of one change; see `planning.plan.Describe`."""

    def describe(
        name: str, desired: Desired | None, matched: Matched, action: Action, changes: frozenset[str]
    ) -> tuple[PlannedCall, ...]:
        provider = desired.provider if desired else matched.entry.provider if matched.entry else ""
        names = named(desired, None)
        sent = {which: _STAND_IN for which in names if _sends_a_secret(given, name, desired, changes, which)}
        request = change_request(given, name, changes, sent, action.makes)
        calls, old = runtime.provider(provider).calls, matched.superseded
        if old is None or action not in (Action.DELETE, Action.DEACTIVATE):
            return calls(action, request)
        gone = calls(action, request._replace(remote=old, remote_id=old.remote_id))
        return gone if desired is not None else (*gone, *calls(action, request))

    return describe


def _sends_a_secret(given: ApplyInput, name: str, desired: Desired | None, changes: frozenset[str], which: str) -> bool:
    spec, demanded = desired_of(desired, which).secret if desired else None, pointer_of(which) in changes
    if spec is not None and spec.generate is not None and demanded:
        return True
    wanted = given.desired.get(name)
    return (
        to_send(desired_of(wanted, which).secret if wanted else None, given.status(name, which), demanded) is not None
    )
