"""The webhook of a trial on its bench: made, changed field by field, read back after each write, and judged.

Used by `run.trial`, which says what is done in which order.
"""

from collections.abc import Callable, Collection
from typing import NamedTuple

from reconciler.errors import Indeterminate, Rejected, WhsyncError
from reconciler.model.equality import same
from reconciler.model.secret import Secret
from reconciler.model.webhook import SECRET, Fields, Leaf, Remote
from reconciler.providers.language.fields import SecretWords
from reconciler.providers.protocol import ChangeRequest, Progress, Steps
from reconciler.run.trial_hand import Hand
from reconciler.trial.answers import carries_secret, disbelieved, errors_in
from reconciler.trial.compare import held, place_of
from reconciler.trial.raw import SecretSeen, extra, lost_extras, seen_of, unspoken_of_secret, wiped
from reconciler.trial.sample import name_of
from reconciler.trial.types import CREATE, Deviation, Kind, Left, Step

Verb = Callable[[ChangeRequest], Steps[Progress]]
NOT_BY_ITS_ID = "{id} was made, and reads do not show it"


class Stopped(Exception):
    """Nothing more can be tried; says why in a sentence."""


class Done(NamedTuple):
    """What became of one write: its progress, or why it was refused or not even sent."""

    progress: Progress | None = None
    refused: WhsyncError | None = None
    unsure: Indeterminate | None = None
    sent: bool = True


class Bench:
    """One webhook under trial.

    Attributes:
        steps, found: what was done, and what was found.
        tried: the pointers of fields that were updated by themselves, with whether that came true.
        wanted: what should be in force; after each read what is.
        secret: ours, as sent last, or the vendor's, as issued last; None where there is none.
        left: what could not be removed.
    """

    def __init__(self, hand: Hand) -> None:
        self.hand = hand
        self.steps: list[Step] = []
        self.found: list[Deviation] = []
        self.tried: dict[str, bool] = {}
        self.wanted = Fields()
        self.secret: Secret | None = None
        self.remote_id = ""
        self.remote: Remote | None = None
        self.shows_secret = SecretSeen()
        self.left: tuple[Left, ...] = ()
        self._extras: tuple[str, ...] = ()
        self._manifest = hand.compiled.manifest if hand.compiled is not None else None
        self._words = self._manifest.secret if self._manifest is not None else SecretWords()

    @property
    def readable(self) -> bool:
        """Whether anything can be read back."""
        return self.hand.capabilities.read != "none"

    def step(self, name: str, outcome: str = "done", detail: str = "") -> None:
        """Note what was done."""
        self.steps.append(Step(name, outcome, detail))

    # One write

    def make(self, fields: Fields, secret: Secret | None) -> None:
        """Create the webhook, and learn its id whatever the answer says.

        Raises:
            Stopped: the vendor makes none, or it cannot be found.
        """
        hand, self.secret = self.hand, secret
        request = hand.request(None, None, fields, frozenset(fields), secret)
        done = self.wrote(CREATE, hand.provider.create, request)
        if done.refused is not None:
            self.step(CREATE, "refused", done.refused.summary)
            raise Stopped(f"no webhook could be made: {done.refused.summary}")
        if done.progress is not None:
            self.remote_id, self.secret = done.progress.remote_id, done.progress.issued or secret
        else:
            self._found_by_reading(done.unsure)
        self.step(CREATE, "done", self.remote_id)

    def wrote(self, step: str, verb: Verb, request: ChangeRequest, counts: bool = True) -> Done:
        """Send one change; what its answers say of the manifest is found, errors that cannot be told among it.

        Args:
            step: what is done.
            verb: of the provider.
            request: the change.
            counts: whether a manifest should be able to tell such an error.
        """
        self.hand.begin()
        try:
            done = Done(self.hand.write(verb, request))
        except Rejected as error:
            done = Done(refused=error, sent=any(each.call.writes for each in self.hand.exchanges))
        except Indeterminate as error:
            done = Done(unsure=error)
        if self.hand.compiled is not None and self._manifest is not None:
            told = errors_in(step, self.hand.exchanges, self._manifest.errors, self.hand.compiled.complains)
            self.found += [each._replace(counts=each.counts and counts) for each in told]
        return done

    def _found_by_reading(self, error: WhsyncError | None) -> None:
        """The webhook whose create the manifest does not believe, in what reads show."""
        last = next((each for each in reversed(self.hand.exchanges) if each.call.writes), None)
        found = self.hand.newcomers() if self.readable else ()
        if len(found) != 1 or last is None:
            why = error.summary if error is not None else "no call was made"
            self.step(CREATE, "failed", why)
            raise Stopped(f"nobody knows what became of the create: {why}")
        self.remote_id = found[0].remote_id
        self.hand.note(self.remote_id)
        operation = self.hand.compiled.operations(CREATE)[0] if self.hand.compiled is not None else None
        self.found.append(disbelieved(CREATE, operation, last, self.remote_id))

    # One read

    def read(self, step: str) -> Remote | None:
        """The webhook as a read shows it now; one that has another id by now is known by that.

        Raises:
            Stopped: it is not there any more.
        """
        if not self.readable:
            return None
        remote = self.hand.seen(self.remote_id)
        if remote is not None:
            return remote
        others = [each for each in self.hand.newcomers() if each.remote_id not in self.hand.made]
        if len(others) != 1:
            what, word = NOT_BY_ITS_ID.format(id=self.remote_id), "read: `partial`, `one`, or other `query` and `only`"
            self.found.append(Deviation(Kind.UNLISTED, step, "", what, word))
            raise Stopped(f"{what}, so nothing more could be tried")
        now = others[0].remote_id
        what = f"the webhook was {self.remote_id} and is {now} after {step}"
        self.found.append(Deviation(Kind.ID_CHANGED, step, "", what, "identity: {id: …} that stays"))
        self.hand.note(now, instead_of=self.remote_id)
        self.remote_id = now
        return others[0]

    def judge(self, step: str, wanted: Fields, sent: Collection[str]) -> Fields:
        """Read the webhook back after a write and hold it against what should be in force; what should and is.

        Args:
            step: what was done.
            wanted: all that should be in force.
            sent: the pointers that the write was for.
        """
        carried = carries_secret(self.hand.exchanges)
        before = self.remote.fields if self.remote is not None else Fields()
        remote = self.read(step)
        if remote is None:
            return wanted
        self.found += held(step, before, wanted, remote.fields, sent, self.hand.capabilities)
        self._look_at_secret(step, remote, carried)
        self._look_at_extras(step, remote)
        self.remote = remote
        unseen = wanted.only(pointer for pointer in wanted if pointer in self.hand.capabilities.unreadable)
        return remote.fields.only(wanted).over(unseen)

    def _look_at_extras(self, step: str, remote: Remote) -> None:
        shown = self.hand.shown(remote)
        names = self.hand.compiled.unspoken(shown) if self.hand.compiled is not None else ()
        if step == CREATE:
            self.found += extra(names, self.shows_secret)
        elif shown is not None:
            self.found += lost_extras(step, set(self._extras) - self.shows_secret.places, names)
        self._extras = names

    def _look_at_secret(self, step: str, remote: Remote, carried: bool) -> None:
        shown = self.hand.shown(remote)
        seen = seen_of(shown, remote, frozenset(filter(None, [self.secret])))
        if self.secret is None:
            return
        if step == CREATE:
            self.found += unspoken_of_secret(step, seen, shown, self._words)
        elif not carried and self.shows_secret.tells:
            self.found += wiped(step, self.shows_secret, seen)
        self.shows_secret = seen

    def rewrote(self, step: str, verb: Verb, request: ChangeRequest) -> None:
        """Replace the secret, and learn the new one."""
        done = self.wrote(step, verb, request)
        if done.refused is not None:
            self._refused(step, SECRET, done, counts=True)
            return
        if done.progress is not None:
            self.secret = done.progress.issued or request.secret or self.secret
        self.wanted = self.judge(step, self.wanted, {SECRET})
        self.step(step, "done" if done.unsure is None else "failed", done.unsure.summary if done.unsure else "")

    # One changed field

    def change(self, pointer: str, value: Leaf, name: str = "", counts: bool = True) -> bool:
        """Change one field by itself and judge what that did; whether the field has the value now.

        Args:
            pointer, value: the field and what it is to be.
            name: of the step, where it is no usual update.
            counts: whether the manifest is wrong if the vendor refuses it.
        """
        step = name or f"update {name_of(pointer)}"
        hand, wanted = self.hand, Fields({pointer: value}).over(self.wanted)
        request = hand.request(self.remote_id, self.remote, wanted, frozenset({pointer}), self.secret)
        done = self.wrote(step, hand.provider.update, request, counts)
        if done.refused is not None:
            self._refused(step, pointer, done, counts)
            return False
        before = len(self.found)
        now = self.judge(step, wanted, {pointer})
        is_so = not self.readable or same(pointer, value, now.get(pointer), hand.capabilities)
        if done.unsure is not None and not is_so:  # it did not happen, so nothing of it was ignored or dropped
            self.found[before:] = [each for each in self.found[before:] if each.field != pointer]
            self.step(step, "failed", done.unsure.summary)
        else:
            self.step(step)
            self._disbelieved(step, done.unsure)
        self.wanted = now
        self._repaired(step, pointer, wanted, now)
        return is_so

    def _refused(self, step: str, pointer: str, done: Done, counts: bool) -> None:
        """The vendor does not change this field, or whsync cannot ask it to by this manifest."""
        assert done.refused is not None
        if not done.sent:
            self.step(step, "skipped", done.refused.summary)
            return
        self.step(step, "refused", done.refused.summary)
        if counts:
            word = f"{place_of(pointer)}: {{sets: create}}, or `choices` with what the vendor takes"
            word = "secret: {settable_later: false}" if pointer == SECRET else word
            self.found.append(Deviation(Kind.REFUSED, step, pointer, done.refused.summary, word))

    def _disbelieved(self, step: str, error: Indeterminate | None) -> None:
        """Where a write was carried out, and its answer proves nothing, the manifest is wrong about the answer."""
        last = next((each for each in reversed(self.hand.exchanges) if each.call.writes), None)
        if error is not None and self.readable and last is not None:
            ways = self.hand.compiled.operations("update") if self.hand.compiled is not None else ()
            operation = next((way for way in ways if way.method == last.call.method), None)
            self.found.append(disbelieved("update", operation, last, None)._replace(step=step))

    def _repaired(self, step: str, pointer: str, wanted: Fields, now: Fields) -> None:
        """Put back what a change took along, so that the next step shows whether it does so, too."""
        caps = self.hand.capabilities
        lost = [p for p in wanted if p != pointer and p not in caps.immutable and p not in caps.unreadable]
        lost = [p for p in lost if not same(p, wanted[p], now.get(p), caps)]
        if not lost or self.remote is None:
            return
        every = {p for p in wanted if p not in caps.immutable and p in caps.writable}
        request = self.hand.request(self.remote_id, self.remote, wanted, frozenset(every), self.secret)
        done = self.wrote(f"{step}, put back", self.hand.provider.update, request)
        if done.refused is None:
            self.remote = self.read(step)
            if self.remote is not None:
                self.wanted = self.remote.fields.only(wanted).over(self.wanted)
