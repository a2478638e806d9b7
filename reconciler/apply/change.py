"""One change from intent to outcome, in a worker's thread.

Made by `apply.scheduler`, for every change.

The order is always: secret at hand, intent on disk, a secret that whsync made in its sink, call, an issued secret in
its sink, what is now true in the journal. The telling is done by `apply.recorder`; here are the calls and their order.

One idea, so longer than most: each verb of a change, and what becomes of it where a call is refused, lost or cut short.
"""

from contextlib import ExitStack

from reconciler.apply.context import ApplyContext, Halted, custodies_of
from reconciler.apply.proof import judge
from reconciler.apply.recorder import ChangeRecorder, Unrecordable
from reconciler.apply.recover import LostWrite, settle
from reconciler.apply.sight import Sight
from reconciler.apply.words import IN_PLACE, in_the_way, not_made_again
from reconciler.codes import Code
from reconciler.errors import Indeterminate, Interrupted, Problem, Rejected, WhsyncError
from reconciler.matching.index import Place
from reconciler.matching.replacements import is_in_the_way
from reconciler.matching.types import STRANGER
from reconciler.model.action import Action
from reconciler.model.capabilities import Capabilities
from reconciler.model.further import FIRST
from reconciler.model.provenance import AccountNote
from reconciler.model.webhook import SECRET, Desired, Entry, Fields, Remote
from reconciler.planning.types import Change
from reconciler.providers.protocol import ChangeRequest, Progress, Provider, Rotates, Steps
from reconciler.run.apply_input import change_request
from reconciler.run.runtime import utc_now
from reconciler.secrets.custody.several import Secrets
from reconciler.secrets.digests import ValueDigests
from reconciler.state.event import Removed, Renamed

_NONE: Secrets = {}


class ChangeRunner:
    """Carries one change out and reports what became true."""

    def __init__(self, change: Change, context: ApplyContext) -> None:
        self._change = change
        self._context = context
        self._taken = False
        self._turn = ExitStack()
        self._desired: Desired | None = context.apply_input.desired.get(change.name)
        self._matched = context.apply_input.matched(change.name)
        self._custody = custodies_of(change, context)
        hide = context.runtime.redactor.hide
        can = self._provider.capabilities if self._desired is not None else Capabilities("", frozenset())
        account = context.runtime.to_note(change.provider) if self._desired is not None else AccountNote()
        self._recorder = ChangeRecorder(
            change,
            self._desired,
            self._matched,
            self._custody,
            emit=context.emit,
            hide=hide,
            digests=ValueDigests(context.apply_input.fingerprinter, change.name),
            capabilities=can,
            account=account,
            cover=lambda fields: context.runtime.veil.ours(self._desired, fields) if self._desired else fields,
        )

    def carry_out(self, obstacle: WhsyncError | None, taken: bool = False) -> None:
        """Do it all; every outcome is an event, and only `Halted` is raised. Then see `unproven`.

        Args:
            obstacle: why it must not be done.
            taken: its remote webhook is another's by now, so where it was to go, only the lock forgets it.
        """
        self._taken = taken
        if self._context.runtime.stop.is_set():
            self._recorder.skip()
            return
        try:
            if obstacle is not None:
                raise obstacle
            self._do()
        except Unrecordable as error:
            self._recorder.leave_open(error)
        except Indeterminate as error:
            self._settle(error)
        except Interrupted as error:
            self._recorder.stop(error)
        except WhsyncError as error:
            self._recorder.fail(self._recorder.problem(error))
        except Halted:
            raise
        except Exception as error:  # noqa: BLE001 - a worker that died silently would look like success
            unforeseen = WhsyncError(f"an unforeseen {type(error).__name__}", code=Code.INTERNAL_ERROR)
            self._recorder.fail(self._recorder.problem(unforeseen), indeterminate=True)
        finally:
            self._turn.close()

    @property
    def name(self) -> str:
        """The webhook's name."""
        return self._change.name

    @property
    def unproven(self) -> tuple[Place, frozenset[str]] | None:
        """The place that is to be read back before the change counts as done, and the ids that it is read for."""
        source = self._recorder.entry or self._desired
        if not self._recorder.unproven or source is None:
            return None
        own = self._recorder.entry.remote_id if self._recorder.entry else None
        ids = frozenset(filter(None, (own, *self._recorder.leavers.asked)))
        return (source.provider, source.scope), ids

    def judge(self, sight: Sight) -> None:
        """Hold what was read back against what was asked for, and close."""
        wanted = self._desired
        if wanted is not None and not self._change.action.makes:
            wanted = wanted._replace(fields=wanted.kept)
        judge(sight, self._recorder, wanted, self._provider.capabilities)

    def _do(self) -> None:
        if self._change.renamed_from is not None:
            self._context.emit(Renamed(self._change.name, self._change.renamed_from))
        if self._matched.superseded is not None and self._desired is not None and self._matched.remote is not None:
            self._recorder.superseded(self._desired, self._matched.remote)
            self._retire_old(self._matched.superseded)
        match self._change.action:
            case Action.FORGET:
                self._context.emit(Removed(self._change.name, Action.FORGET, utc_now()))
            case Action.DELETE | Action.DEACTIVATE:
                self._retire()
            case Action.CREATE | Action.REPLACE:
                self._create()
            case _ if self._change.sends:
                self._update()
            case _:
                self._bind()

    # The verbs

    def _create(self) -> None:
        secrets = self._custody.to_send()
        self._custody.forget()
        old = self._matched.remote if self._change.action is Action.REPLACE else None
        if old is not None and self._desired is not None and self._desired.delete_first:
            self._delete_first(old, secrets)
            return
        self._turn.enter_context(self._context.turns.making(self._change.type))
        self._recorder.intend(old.remote_id if old else None)
        self._keep_made(secrets)
        asked = self._recorder.entry
        try:
            progress = self._ask(self._provider.create(self._order(None, secrets)))
        except Rejected as error:
            if old is None or self._recorder.entry is not asked:
                raise
            learns = error.conflicting and self._decides_the_order(old)
            if learns:
                self._recorder.is_refused_beside()
            raise in_the_way(error, learns) from None
        self._recorder.finish(progress if old is None else self._replaced(old, progress))

    def _replaced(self, old: Remote, progress: Progress) -> Progress:
        """The new webhook is there, so the old one goes; not where the vendor has made the one of the other."""
        if progress.remote_id == old.remote_id:
            self._recorder.remark(IN_PLACE)
            return progress
        self._recorder.checkpoint(progress)
        self._retire_old(old)
        return progress._replace(issued=None)

    def _delete_first(self, old: Remote, secrets: Secrets) -> None:
        """A replacement whose old webhook is in the way: it goes, the lock forgets it, and another is made."""
        with self._context.turns.alone(self._change.type):
            if self._is_spared(old):
                self._recorder.deleted_first([])
            else:
                self._recorder.intend(old.remote_id, Action.DELETE)
                self._keep_made(secrets)
                self._ask(self._provider.retire(self._order(old.remote_id)))
                self._recorder.deleted_first([old.remote_id] if self._is_readable else [])
        self._turn.enter_context(self._context.turns.making(self._change.type))
        self._recorder.intend(None, Action.CREATE)
        try:
            progress = self._drive(self._provider.create(self._order(None, secrets)))
        except (Rejected, Interrupted) as error:
            if self._recorder.entry is not None:
                raise
            raise not_made_again(error) from None
        self._recorder.finish(progress)

    def _retire_old(self, old: Remote) -> None:
        """A replacement is done once the old webhook is gone; until then its intent stays open and names that one."""
        self._recorder.stands_twice(True)
        self._turn.close()
        with self._context.turns.alone(self._change.type):
            if self._is_spared(old):
                self._recorder.stands_twice(False)
                return
            self._drive(self._provider.retire(self._order(old.remote_id)._replace(remote=old)))
        self._recorder.stands_twice(False)
        if self._is_readable:
            self._recorder.asks_to_leave([old.remote_id])

    def _decides_the_order(self, old: Remote) -> bool:
        """Whether a refusal can be about nothing but the old webhook, and nobody has said which goes first."""
        wanted, matching, can = self._desired, self._context.apply_input.matching, self._provider.capabilities
        return wanted is not None and wanted.delete_first is None and is_in_the_way(wanted, old, can, matching.findings)

    def _is_spared(self, old: Remote) -> bool:
        """Whether the old webhook is another one's by now, since a create of this run was answered with it.

        Raises:
            WhsyncError: it may be.
        """
        entry = self._matched.entry
        if entry is None and self._desired is not None:
            entry = Entry(*self._desired.address, old.remote_id, Fields(), None, False)
        found, capabilities = self._matched._replace(entry=entry, remote=old), self._provider.capabilities
        owner = self._context.bindings.took(self._change.name, found, capabilities)
        if owner is not None:
            self._recorder.remark(f"the vendor has made {owner} of the old one, so it is not deleted")
            return True
        if obstacle := self._context.bindings.obstacle(self._change.name, found, capabilities):
            raise obstacle
        return False

    def _update(self) -> None:
        secrets = self._custody.to_send()
        if self._desired is not None and self._matched.remote is not None:
            self._recorder.found(self._desired, self._matched.remote)
        self._recorder.intend(self._change.remote_id)
        self._keep_made(secrets)
        request = self._order(self._change.remote_id, secrets)
        rotates = SECRET in request.changes and self._provider.capabilities.secret.rotates(ours=FIRST in secrets)
        self._recorder.finish(self._rotate(request) if rotates else self._ask(self._provider.update(request)))

    def _rotate(self, request: ChangeRequest) -> Progress:
        """The fields by an update, if any; then the secret by a call of its own."""
        provider, rest = self._provider, request.changes - {SECRET}
        assert isinstance(provider, Rotates), f"{self._change.provider} says that its secrets can be rotated"
        done = Progress("", Fields())
        if rest:
            try:
                done = self._drive(provider.update(request._replace(changes=rest)))
            except (Rejected, Interrupted):
                self._recorder.trust_again()
                raise
            self._recorder.checkpoint(done)
            request = request._replace(changes=frozenset({SECRET}), remote=Remote(done.remote_id, done.fields))
        return self._ask(provider.rotate(request))._replace(ignored=done.ignored, unseen=done.unseen)

    def _ask(self, steps: Steps[Progress] | Steps[None]) -> Progress:
        """Calls that may replace the secret; where they are refused before anything came back, the old one holds."""
        asked = self._recorder.entry
        try:
            return self._drive(steps)
        except (Rejected, Interrupted):
            if self._recorder.entry is asked:
                self._recorder.trust_again()
            raise

    def _retire(self) -> None:
        if self._matched.superseded is not None:
            self._retire_old(self._matched.superseded)
        if self._taken:
            self._context.emit(Removed(self._change.name, Action.FORGET, utc_now()))
            return
        if self._matched.how != STRANGER:  # what the lock has not is there or not, whatever became of an answer
            self._recorder.intend(self._change.remote_id)
        order = self._order(self._change.remote_id)
        self._drive(self._provider.retire(order))
        self._recorder.asks_to_leave(filter(None, [order.remote_id]) if self._is_readable else [])
        if self._recorder.leavers.asked:
            self._recorder.await_proof()
        else:
            self._recorder.retired()

    def _bind(self) -> None:
        """No call: only the lock learns something (a binding, a name, a protection, a mask, a secret that is shown)."""
        assert self._desired is not None
        self._custody.bind(self._matched.remote)
        self._recorder.bind(self._desired, self._matched.remote)
        self._recorder.conclude()

    # What the verbs are made of

    @property
    def _provider(self) -> Provider:
        return self._context.runtime.provider(self._change.provider)

    @property
    def _is_readable(self) -> bool:
        return self._provider.capabilities.read != "none"

    def _order(self, remote_id: str | None, secrets: Secrets = _NONE) -> ChangeRequest:
        sends, makes = frozenset(self._change.sends), self._change.action.makes
        made = change_request(self._context.apply_input, self._change.name, sends, secrets, makes)
        intent = self._recorder.intent
        return made._replace(remote_id=remote_id, intent=intent.token(self._context.runtime.token) if intent else "")

    def _keep_made(self, secrets: Secrets) -> None:
        """A secret that whsync made is in its sink before the vendor gets it."""
        for stored in self._custody.keep_made(secrets):
            self._context.emit(stored)

    def _drive(self, steps: Steps[Progress] | Steps[None]) -> Progress:
        result = self._context.runtime.drive(self._change.provider, steps, self._recorder.checkpoint)
        return result if isinstance(result, Progress) else Progress("", Fields())

    # When nobody knows what became of it

    def _settle(self, error: Indeterminate) -> None:
        """Nobody knows whether the write happened: read before saying anything, and never send it again."""
        problem = self._recorder.problem(error)
        if self._recorder.replacing:
            self._recorder.fail(problem)
            return
        lost = LostWrite(self._change, self._desired, self._recorder.entry, self._recorder.intent)
        verdict = settle(lost, self._context.apply_input, self._context.runtime)
        if verdict.gone:
            self._recorder.retired()
            return
        if verdict.found is not None and self._desired is not None:
            try:
                self._found(self._desired, verdict.found)
            except Unrecordable as unrecordable:
                self._recorder.leave_open(unrecordable)
                return
        trouble: Problem | None = None
        if verdict.says:
            summary = f"{problem.summary}; {verdict.says}"
            kind, code = verdict.kind or problem.kind, verdict.code or problem.code
            trouble = problem._replace(summary=summary, hint=verdict.hint, kind=kind, code=code)
        if verdict.open or verdict.found is None:
            self._recorder.fail(trouble or problem, verdict.open)
        else:
            why = "its answer was lost" if error.kind == "network" else "its answer did not tell"
            self._recorder.close(f"{why}; found by reading", trouble)

    def _found(self, desired: Desired, remote: Remote) -> None:
        """The webhook is there after all: what it holds is what is true."""
        self._custody.recover(remote)
        self._recorder.bind(desired, remote, made=self._change.action.makes)
