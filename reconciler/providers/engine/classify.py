"""What an answer means: fine, refused, or nobody knows. Vendors are quoted short, clean and without secrets. [pure]

| answer to a write                                        | meaning                                             |
|----------------------------------------------------------|-----------------------------------------------------|
| none, and it was certainly not sent                      | Rejected (network): nothing happened                |
| none, 3xx, 408, 5xx, not JSON, or not what says success  | Indeterminate: it may have happened                 |
| a rule of the manifest, `rejected_when`, 4xx             | Rejected                                            |
| a status of `ok`, and `ok_when` holds                    | applied                                             |

A read either gives its document or fails; 2xx alone is never success where the manifest asks for more.

Made by `providers.engine.interpret`; used by `providers.engine.paginate`, and by the verbs through
`providers.engine.api`.
"""

import re
from collections.abc import Iterable
from itertools import islice
from typing import Any, NamedTuple

from reconciler.codes import Code
from reconciler.errors import Indeterminate, Kind, Redirected, Rejected, VendorError
from reconciler.model.secret import Secret, shown_url
from reconciler.model.urls import parts_of
from reconciler.providers.engine.evaluate import Unfit, evaluate
from reconciler.providers.engine.extract import find
from reconciler.providers.language.manifest import ErrorWords, Rule
from reconciler.providers.language.words import Operation
from reconciler.providers.protocol import UNPARSABLE, Call, Reply, parsed

LONGEST_QUOTE = 200
MOST_WORDS = 5
CORRECT = "correct the expression if the manifest is yours; else report it with what the vendor answers (-v)"
WHOLE = (200, 203)
"""The statuses of an answer to a read that shows all there is; others mean a part, or something still under way."""
MOVED = (301, 302, 307, 308)
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_URL = re.compile(r"https?://[^\s\"'<>\\]+", re.IGNORECASE)
_KINDS: dict[int, Kind] = {401: "auth", 403: "forbidden", 404: "not_found", 407: "auth", 429: "rate_limited"}
_CODES: dict[Kind, Code] = {
    "auth": Code.CREDENTIALS_REFUSED,
    "forbidden": Code.NOT_PERMITTED,
    "not_found": Code.NOT_FOUND,
    "rate_limited": Code.TOO_MANY_CALLS,
    "network": Code.NO_ANSWER,
}
"""What a refusal is called by its kind; any other is the vendor's own."""
_HINTS: dict[Kind, str] = {
    "auth": "check the credentials of this provider",
    "forbidden": "the credentials work but may not do this; check their scopes and permissions",
    "rate_limited": "try again later, or set tighter limits for this provider",
    "network": "check the base URL and the connection",
}
_RENAMED = "if it has a new name, write that into the file; what the lock has is then looked up there, by its id"
_CLOSED = re.compile(r"\b(archived|suspended|frozen|locked)\b", re.IGNORECASE)
"""What vendors say of a place that takes no changes from anybody, whatever their credentials may do."""
_UNTIL_UNDONE = (
    "the vendor says why, and no permission changes that: undo it there, "
    "or take the webhook out of the files and let go of it with `whsync state rm NAME`"
)

CONFLICT = 409


class ReplyClassifier(NamedTuple):
    """Classifies one vendor's answers: its name for messages, its rules, and the name of its manifest."""

    title: str
    words: ErrorWords = ErrorWords()
    manifest: str = ""

    def read_failure(self, call: Call, reply: Reply, ok_when: str | None = None) -> VendorError | None:
        """Why a read failed, or None where its document can be used; `ok_when` must hold for it to be believed."""
        document = parsed(reply)
        kind, words = self._meaning(reply, document, ())
        if kind is None:
            if document is UNPARSABLE or document is None:
                words = "the answer is empty" if document is None else "the answer is not JSON"
            elif reply.status not in WHOLE:
                words = "the answer may be a part of what is there"
            elif unfit := self._unfit((ok_when,), reply, document):
                words = unfit
            elif ok_when is None or find(ok_when, document):
                return None
            else:
                words = words or "the answer does not say what it should"
        code, way_out = _code(kind) if kind else Code.ANSWER_UNUSABLE, _way_out(kind, words)
        sentence = self._sentence(call, reply, words)
        if reply.status in MOVED:
            return Redirected(sentence, _RENAMED, kind=kind or "vendor", code=Code.PLACE_RENAMED)
        return VendorError(sentence, way_out, kind=kind or "vendor", code=code)

    def write_failure(
        self, operation: Operation, call: Call, reply: Reply, secrets: Iterable[Secret]
    ) -> VendorError | None:
        """Why a write cannot count as applied (`Rejected` or `Indeterminate`), or None where it can.

        Args:
            secrets: what must not appear in a message: our secret, and those that the answer shows.
        """
        document = parsed(reply)
        kind, words = self._meaning(reply, document, secrets)
        sentence = self._sentence(call, reply, words)
        if reply.status == 0:
            if reply.sent:
                return _unsure(sentence, "network")
            return Rejected(sentence, _HINTS["network"], kind="network", code=Code.NO_ANSWER)
        if reply.status >= 500 or reply.status == 408 or 300 <= reply.status < 400:
            return _unsure(sentence, kind or "vendor")
        refused = operation.rejected_when is not None and bool(find(operation.rejected_when, document))
        if refused or kind is not None:
            kind = kind or "vendor"
            said_no = Rejected(sentence, _way_out(kind, words), kind=kind, code=_code(kind))
            said_no.conflicting = self._calls_it_taken(reply, document)
            return said_no
        unfit = self._unfit((operation.rejected_when, operation.ok_when), reply, document)
        doubt = _doubt(operation, reply, document, words, unfit)
        return None if doubt is None else _unsure(self._sentence(call, reply, doubt), "vendor")

    def _calls_it_taken(self, reply: Reply, document: Any) -> bool:
        """Whether a 409 is, by a rule of the manifest, about what is there; others are quotas, or pass."""
        rule = next((rule for rule in self.words.rules if _applies(rule, reply, document)), None)
        return rule is not None and rule.kind == "vendor" and rule.status == (CONFLICT,)

    def unsure(self, call: Call, words: str) -> Indeterminate:
        """The error about a write whose answer came, but does not say enough."""
        return _unsure(f"{self.title} answered {call.method} {call.path}, but {words}", "vendor")

    def blame(self, words: str) -> VendorError:
        """An error about an answer that breaks the vendor's own rules."""
        return VendorError(f"{self.title} {words}", kind="vendor", code=Code.ANSWER_UNUSABLE)

    def sought(self, expression: str, document: Any) -> Any:
        """What an expression finds on which a whole read hangs; None where it finds nothing.

        Raises:
            VendorError: it cannot be evaluated, so that nothing may be concluded.
        """
        found = evaluate(expression, document) if document is not UNPARSABLE else None
        if isinstance(found, Unfit) and not found.missing:
            summary = f"{self.title} sends something unforeseen: {self._told(found)}"
            raise VendorError(summary, CORRECT, kind="vendor", code=Code.ANSWER_UNUSABLE)
        return None if isinstance(found, Unfit) else found

    def complains(self, reply: Reply, document: Any) -> bool:
        """Whether an answer has words where refusals have theirs."""
        return bool(self._quoted(reply, document, ()))

    def _unfit(self, expressions: Iterable[str | None], reply: Reply, document: Any) -> str:
        """Which of the expressions that decide over an answer cannot be evaluated, in words; empty where all can.

        One that meets nothing at all where it looks has found nothing, which is an answer.
        """
        if document is UNPARSABLE:
            return ""
        deciding = [*expressions, *(rule.when for rule in self.words.rules if _concerns(rule, reply))]
        found = (evaluate(expression, document) for expression in deciding if expression is not None)
        return next((self._told(each) for each in found if isinstance(each, Unfit) and not each.missing), "")

    def _told(self, unfit: Unfit) -> str:
        return f"`{unfit.expression}` of the manifest {self.manifest} cannot be evaluated over this answer: {unfit.met}"

    def _meaning(self, reply: Reply, document: Any, secrets: Iterable[Secret]) -> tuple[Kind | None, str]:
        """What kind of failure an answer is (None: none that shows by itself), and its words."""
        rule = next((rule for rule in self.words.rules if _applies(rule, reply, document)), None)
        words = self._quoted(reply, document, secrets) if reply.status else reply.failure
        if rule is not None:
            return rule.kind, " ".join(filter(None, (rule.says, f"({words})" if rule.says and words else words)))
        if 200 <= reply.status < 300:
            return None, words
        if 300 <= reply.status < 400:
            moved = "the place was renamed or moved: the vendor" if reply.status in MOVED else "it"
            return "vendor", f"{moved} redirects to {_shown_location(reply)}, and redirects are not followed"
        return ("network" if reply.status == 0 else _KINDS.get(reply.status, "vendor")), words

    def _quoted(self, reply: Reply, document: Any, secrets: Iterable[Secret]) -> str:
        """The vendor's words. Secrets are taken out of the whole: once it is cut, what is left of one is not known."""
        words = next(filter(None, (_words(find(path, document)) for path in self.words.message)), "")
        for secret in secrets if words else ():
            words = secret.hidden_in(words)
        return clean(reply.hide(words))

    def _sentence(self, call: Call, reply: Reply, words: str) -> str:
        path = call.path if call.path.startswith("/") else parts_of(call.path).path
        what = f"{call.method} {path.partition('?')[0]}"
        if reply.status == 0:
            return f"{self.title} gave no answer to {what}: {clean(words) or 'no connection'}"
        return f"{self.title} answered {reply.status} to {what}" + (f": {words}" if words else "")


def clean(words: str) -> str:
    """Foreign words as a message may hold them: one line, no control characters, at most 200 characters."""
    words = _URL.sub(lambda url: shown_url(url[0]), words)
    words = " ".join(_UNSEEN.sub(" ", words).split())
    return words if len(words) <= LONGEST_QUOTE else words[: LONGEST_QUOTE - 1] + "…"


def _way_out(kind: Kind | None, words: str) -> str:
    """The hint for a failure; where the vendor says that a place is closed, nobody is sent after credentials."""
    if kind == "forbidden" and _CLOSED.search(words):
        return _UNTIL_UNDONE
    return _HINTS.get(kind or "vendor", "")


def _code(kind: Kind) -> Code:
    return _CODES.get(kind, Code.VENDOR_REFUSED)


def _unsure(sentence: str, kind: Kind) -> Indeterminate:
    return Indeterminate(sentence, "it may have been applied all the same; the next plan looks again", kind=kind)


def _doubt(operation: Operation, reply: Reply, document: Any, words: str, unfit: str) -> str | None:
    """Why an answer that refuses nothing is no proof of success, in words; None where it is one."""
    if reply.status not in operation.ok:
        return words
    if document is UNPARSABLE:
        return "the answer is not JSON"
    if unfit:
        return unfit
    if operation.ok_when is not None and not find(operation.ok_when, document):
        return words or "the answer does not say that it worked"
    return None


def _applies(rule: Rule, reply: Reply, document: Any) -> bool:
    return _concerns(rule, reply) and (rule.when is None or bool(find(rule.when, document)))


def _concerns(rule: Rule, reply: Reply) -> bool:
    """Whether a rule is about answers of this status and with these headers."""
    if rule.status and reply.status not in rule.status:
        return False
    return not any(reply.headers.get(name.lower()) != value for name, value in rule.header.items())


def _words(found: Any, depth: int = 4) -> str:
    """The first few words that stand in a value, however it is built; numbers only where they stand alone."""
    if isinstance(found, dict):
        found = [value for value in found.values() if isinstance(value, str | list | dict)]
    if isinstance(found, list):
        inner = (_words(value, depth - 1) for value in found) if depth else ()
        return ", ".join(islice(filter(None, inner), MOST_WORDS))
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""


def _shown_location(reply: Reply) -> str:
    parts = parts_of(reply.hide(reply.headers.get("location", "")))
    where = clean(f"{parts.scheme}{parts.host}{parts.path}") if parts.host else clean(parts.path)
    return where if parts.host or parts.path.startswith("/") else "another place"
