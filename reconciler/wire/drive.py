"""The only loop: performs the Calls that providers yield, with credentials, limits, retries and a trace.

Made by `run.runtime`, one `Wire` for each provider entry, for all threads of the run.

One idea, so longer than most: a call from its turn to its last attempt.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from reconciler import __version__
from reconciler.codes import Code
from reconciler.errors import Interrupted, Rejected, VendorError, WhsyncError
from reconciler.model.secret import Secret
from reconciler.providers.protocol import Beside, Call, Progress, Reply, Steps
from reconciler.providers.steps import advance
from reconciler.providers.vendor import ClientCredentials, Login
from reconciler.wire import auth, encode, retry, signed, tokens
from reconciler.wire.account import Account, RunContext
from reconciler.wire.limit import Budget, Pace, Reading
from reconciler.wire.proof import Signature
from reconciler.wire.renewal import Credentials, Renewable

if TYPE_CHECKING:
    from reconciler.wire.client import AttemptResult, Client

T = TypeVar("T")

SLICE = 0.2  # seconds slept at a time, so that an interrupt is noticed soon
NOTICED = 1.0  # seconds; the end of a wait that is shorter is not told, nor a second one that ends as soon
USER_AGENT = f"whsync/{__version__}"


class _Waits(NamedTuple):
    """What the threads of one account share; replaced as a whole under the lock."""

    pace: Pace
    budget: Budget
    quiet_until: float = 0.0
    shown_until: float = 0.0


class _Proof(NamedTuple):
    """What one attempt is signed with: the credentials, or a token that was fetched with them."""

    credentials: Credentials
    token: Secret | None = None


class Wire:
    """The driver of one account's calls. Opens nothing before the first call.

    `reads` and `writes` count the provider's calls; attempts and credential calls are not counted.

    Raises:
        ConfigError: the base URL cannot be used.
    """

    def __init__(self, account: Account, run: RunContext) -> None:
        self.reads = self.writes = 0
        self._account, self._run = account, run
        self._base, self._clock = encode.BaseUrl.of(account.base_url), run.clock
        self._in_paths = auth.names_in_paths(account.scheme)
        self._at_once = (max(1, account.limits.reads), max(1, account.limits.writes))
        self._slots = tuple(map(threading.Semaphore, self._at_once))
        self._lock = threading.Lock()
        self._waits = _Waits(Pace(account.limits.per_second), Budget(run.max_wait))
        self._credentials = Renewable(account.credentials, account.renew)
        self._tokens: tokens.TokenCache | None = None
        if isinstance(account.scheme, ClientCredentials | Login):
            self._tokens = tokens.TokenCache(
                account.scheme, self._credentials, self.drive, self._clock.monotonic, self._moment, run.learned
            )
        self._client: Client | None = None

    def drive(self, steps: Steps[T], on_progress: Callable[[Progress], None] | None = None) -> T:
        """Carry out what a provider describes and return its result.

        A Call is answered with its last Reply, which may be status 0; a Progress is handed to `on_progress`. A call
        that is not made is raised within the provider, which may know what that means; what it lets pass ends it.
        Steps that are said to be `Beside` each other are carried out by threads of their own, as many as the account
        takes reads at once.

        Raises:
            Rejected: the vendor is too busy for `max_wait`, refuses the credentials, or a call would go elsewhere; the
                call that was about to be made certainly did nothing.
            Interrupted: `stopping`; the same is certain, and a read may have been given up.
            SecretError: a credential cannot be used.
            WhsyncError: whatever the provider raises.
        """
        answer: Reply | WhsyncError | None = None
        skew = ""
        with closing(steps):
            while True:
                try:
                    step = advance(steps, answer)
                except StopIteration as end:
                    result: T = end.value
                    return result
                except VendorError as error:
                    if skew and error.kind == "auth":
                        _add_hint(error, skew)
                    raise
                if isinstance(step, Call):
                    answer = self._outcome(step)
                    if isinstance(answer, Reply):
                        skew = auth.skew_hint(self._account.scheme, answer, self._clock.now()) or skew
                elif isinstance(step, Beside):
                    answer = self._all_of(step)
                else:
                    if on_progress is not None:
                        on_progress(step)
                    answer = Reply(0)

    def _all_of(self, group: Beside) -> Reply | WhsyncError:
        """What all of a group return; once one of them fails, no further one is begun."""
        with ThreadPoolExecutor(min(self._at_once[False], len(group.steps)), "beside") as pool:
            tasks = [pool.submit(self.drive, steps) for steps in group.steps]
            try:
                return Reply(0, results=tuple([task.result() for task in tasks]))
            except WhsyncError as error:
                return error
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    @property
    def reading(self) -> Reading:
        """The reads so far, and how many may be in flight."""
        return Reading(self.reads, self._at_once[False])

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            if self._client is not None:
                self._client.close()

    def _outcome(self, call: Call) -> Reply | WhsyncError:
        try:
            return self._perform(call)._replace(hide=self._run.hide)
        except WhsyncError as error:
            return error

    def _perform(self, call: Call) -> Reply:
        """Attempts until one answer stands.

        Once an attempt may have changed something, nothing later may claim otherwise: then the provider gets that
        attempt's reply, unless a later one tells more.
        """
        doubtful: Reply | None = None
        destination = encode.destination(self._base, call, self._in_paths)
        try:
            for reply in self._attempts(call, destination):
                if call.writes and (reply.sent if reply.status == 0 else reply.status >= 500):
                    doubtful = reply
        except WhsyncError:
            if doubtful is None:
                raise
            return doubtful
        silent = reply.status in (401, 403) if reply.status else not reply.sent
        return doubtful if doubtful is not None and silent else reply

    def _attempts(self, call: Call, destination: encode.Destination) -> Iterator[Reply]:
        """The replies of one call, the last of which stands."""
        tries = retry.Tries()
        number = 0
        while True:
            number += 1
            result = self._signed_attempt(call, destination, number)
            if number == 1 and call.authenticate:
                self._count(call)
            yield result.reply
            verdict = retry.decide(
                result.reply,
                repeatable=call.safe_to_repeat or not call.writes,
                lasting=result.lasting,
                tries=tries,
                now=self._clock.now(),
                jitter=self._clock.jitter(),
            )
            if isinstance(verdict, retry.Wait) and self._wait(verdict, result.reply, call):
                tries = verdict.tries
                continue
            if retry.limited(result.reply):
                raise retry.too_busy(self._base.host, result.reply, self._clock.now())
            return

    def _signed_attempt(self, call: Call, destination: encode.Destination, number: int) -> "AttemptResult":
        """One attempt; where a token or credentials turn out to be dead, once more with new ones."""
        used = self._credentials.current
        if not call.authenticate:
            return self._attempt(call, destination, _Proof(used), number)
        if self._tokens is None:
            result = self._attempt(call, destination, _Proof(used), number)
            fresh = self._credentials.answered(used, result.reply.status)
            if fresh is not None:
                result = self._attempt(call, destination, _Proof(fresh), number)
                self._credentials.tried(fresh, result.reply.status)
            return result
        token = self._tokens.current()
        result = self._attempt(call, destination, _Proof(used, token), number)
        if tokens.dead_token(self._account.scheme, result.reply):
            result = self._attempt(call, destination, _Proof(used, self._tokens.current(dead=token)), number)
            if tokens.dead_token(self._account.scheme, result.reply):
                raise Rejected(
                    f"{destination.host} refuses a token that it has just issued",
                    "check what the credentials may do, and whether the vendor allows this address",
                    kind="auth",
                    code=Code.CREDENTIALS_REFUSED,
                )
        return result

    def _attempt(self, call: Call, destination: encode.Destination, proof: _Proof, number: int) -> "AttemptResult":
        with self._turn(call):
            signature = self._signature(call, destination, proof)
            client = self._opened()
            begun = self._clock.monotonic()
            asked = f"no answer yet to {call.method} {destination.shown}"
            waiting = self._run.activity.waiting(self._base.host, asked, most=client.bounds.whole)
            with self._run.in_flight(), waiting:
                result = client.send(call, destination, signature)
        self._run.activity.allowed(retry.calls_left(self._base.host, result.reply, self._clock.now()))
        for secret in auth.echoed(signature, result.reply):
            self._run.learned(secret)
        if self._run.trace is not None:
            took = round((self._clock.monotonic() - begun) * 1000)
            again = f", attempt {number}" if number > 1 else ""
            outcome = str(result.reply.status or f"no answer ({result.reply.failure})")
            with suppress(Exception):  # the call was made, whatever becomes of the telling
                self._run.trace(f"{call.method} {destination.shown} {outcome}, {took} ms{again}")
        return result

    def _signature(self, call: Call, destination: encode.Destination, proof: _Proof) -> Signature:
        """What proves one attempt; nothing where the call needs no proof."""
        if call.basic is not None:
            return Signature((auth.basic(*call.basic),))
        if self._account.scheme is None:
            return Signature()
        if not call.authenticate:
            return auth.in_path(self._account.scheme, proof.credentials)
        attempt = auth.Attempt(call.method, destination, self._moment(), proof.token)
        return auth.sign(self._account.scheme, proof.credentials, attempt)

    def _moment(self) -> signed.Moment:
        return signed.Moment(self._clock.now(), self._clock.nonce())

    @contextmanager
    def _turn(self, call: Call) -> Iterator[None]:
        """Hold one of the account's slots, once it is time to send. Credential calls come one at a time and need none.

        Raises:
            Interrupted: it is time to stop instead.
        """
        slot = self._slots[call.writes] if call.authenticate else threading.Semaphore()
        with slot:
            with self._lock:
                free = max(self._clock.monotonic(), self._waits.quiet_until)
                pace, start = self._waits.pace.reserve(free)
                self._waits = self._waits._replace(pace=pace)
            with self._spaced_out(start - free):
                self._sleep_until(start)
            while (quiet := self._waits.quiet_until) > self._clock.monotonic():
                self._sleep_until(quiet)  # whoever was told so by the vendor has told of it
            yield

    def _count(self, call: Call) -> None:
        with self._lock:
            self.reads, self.writes = self.reads + (not call.writes), self.writes + call.writes

    def _wait(self, verdict: retry.Wait, reply: Reply, call: Call) -> bool:
        """Wait as decided, as far as the budget allows it. A time that the vendor named quiets the whole account.

        Raises:
            Interrupted: the user stopped the run meanwhile.
        """
        now = self._clock.monotonic()
        with self._lock:
            granted = self._waits.budget.spend(now, verdict.seconds, verdict.least)
            if granted is None:
                return False
            budget, end = granted
            quiet = max(self._waits.quiet_until, end) if verdict.told else self._waits.quiet_until
            shown = self._waits.shown_until
            is_news = end - now >= NOTICED and end - shown >= NOTICED
            self._waits = _Waits(self._waits.pace, budget, quiet, end if is_news else shown)
        what = retry.waiting(self._base.host, reply, logs_in=not call.authenticate)
        with self._run.activity.waiting(self._base.host, what, seconds=end - now, tell=is_news, known=True):
            self._sleep_until(end)
        return True

    def _spaced_out(self, seconds: float) -> AbstractContextManager[None]:
        """While inside, a call waits for its turn among those that are spaced out."""
        what = f"calls to {self._base.host} are spaced out, {self._account.limits.per_second:g} a second at most"
        return self._run.activity.waiting(self._base.host, what, seconds=seconds, known=seconds < NOTICED)

    def _sleep_until(self, moment: float) -> None:
        while True:
            if self._run.stopping():
                raise Interrupted("interrupted before the next call was sent")
            left = moment - self._clock.monotonic()
            if left <= 0:
                return
            self._clock.sleep(min(left, SLICE))

    def _opened(self) -> "Client":
        from reconciler.wire.client import Bounds, Client

        with self._lock:
            if self._client is None:
                self._client = Client(
                    (("user-agent", USER_AGENT), *self._account.headers),
                    Bounds(sum(self._at_once), self._run.timeout),
                    monotonic=self._clock.monotonic,
                    stopping=self._run.stopping,
                    transport=self._run.transport,
                )
            return self._client


def _add_hint(error: VendorError, hint: str) -> None:
    error.hint = f"{error.hint}; {hint}" if error.hint else hint
    error.problems = tuple(problem._replace(hint=error.hint) for problem in error.problems)
