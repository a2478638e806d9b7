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

from reconciler.errors import Indeterminate, Kind, Rejected, VendorError
from reconciler.model.secret import Secret, shown_url
from reconciler.model.urls import parts_of
from reconciler.providers.engine.extract import find
from reconciler.providers.language.manifest import ErrorWords, Rule
from reconciler.providers.language.words import Operation
from reconciler.providers.protocol import UNPARSABLE, Call, Reply, parsed

LONGEST_QUOTE = 200
MOST_WORDS = 5
WHOLE = (200, 203)
"""The statuses of an answer to a read that shows all there is; others mean a part, or something still under way."""
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_URL = re.compile(r"https?://[^\s\"'<>\\]+", re.IGNORECASE)
_KINDS: dict[int, Kind] = {401: "auth", 403: "forbidden", 404: "not_found", 407: "auth", 429: "rate_limited"}
_HINTS: dict[Kind, str] = {
    "auth": "check the credentials of this provider",
    "forbidden": "the credentials work but may not do this; check their scopes and permissions",
    "rate_limited": "try again later, or set tighter limits for this provider",
    "network": "check the base URL and the connection",
}


class ReplyClassifier(NamedTuple):
    """Classifies one vendor's answers: its name for messages, and its rules."""

    title: str
    words: ErrorWords = ErrorWords()

    def read_failure(self, call: Call, reply: Reply, ok_when: str | None = None) -> VendorError | None:
        """Why a read failed, or None where its document can be used; `ok_when` must hold for it to be believed."""
        document = parsed(reply)
        kind, words = self._meaning(reply, document, ())
        if kind is None:
            if document is UNPARSABLE or document is None:
                words = "the answer is empty" if document is None else "the answer is not JSON"
            elif reply.status not in WHOLE:
                words = "the answer may be a part of what is there"
            elif ok_when is None or find(ok_when, document):
                return None
            else:
                words = words or "the answer does not say what it should"
        return VendorError(self._sentence(call, reply, words), _HINTS.get(kind or "vendor", ""), kind=kind or "vendor")

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
            certain = not reply.sent
            return Rejected(sentence, _HINTS["network"], kind="network") if certain else _unsure(sentence, "network")
        if reply.status >= 500 or reply.status == 408 or 300 <= reply.status < 400:
            return _unsure(sentence, kind or "vendor")
        refused = operation.rejected_when is not None and bool(find(operation.rejected_when, document))
        if refused or kind is not None:
            return Rejected(sentence, _HINTS.get(kind or "vendor", ""), kind=kind or "vendor")
        doubt = _doubt(operation, reply, document, words)
        return None if doubt is None else _unsure(self._sentence(call, reply, doubt), "vendor")

    def unsure(self, call: Call, words: str) -> Indeterminate:
        """The error about a write whose answer came, but does not say enough."""
        return _unsure(f"{self.title} answered {call.method} {call.path}, but {words}", "vendor")

    def blame(self, words: str) -> VendorError:
        """An error about an answer that breaks the vendor's own rules."""
        return VendorError(f"{self.title} {words}", kind="vendor")

    def _meaning(self, reply: Reply, document: Any, secrets: Iterable[Secret]) -> tuple[Kind | None, str]:
        """What kind of failure an answer is (None: none that shows by itself), and its words."""
        rule = next((rule for rule in self.words.rules if _applies(rule, reply, document)), None)
        words = self._quoted(reply, document, secrets) if reply.status else reply.failure
        if rule is not None:
            return rule.kind, " ".join(filter(None, (rule.says, f"({words})" if rule.says and words else words)))
        if 200 <= reply.status < 300:
            return None, words
        if 300 <= reply.status < 400:
            return "vendor", f"it redirects to {_shown_location(reply)}, and redirects are not followed"
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


def _unsure(sentence: str, kind: Kind) -> Indeterminate:
    return Indeterminate(sentence, "it may have been applied all the same; the next plan looks again", kind=kind)


def _doubt(operation: Operation, reply: Reply, document: Any, words: str) -> str | None:
    """Why an answer that refuses nothing is no proof of success, in words; None where it is one."""
    if reply.status not in operation.ok:
        return words
    if document is UNPARSABLE:
        return "the answer is not JSON"
    if operation.ok_when is not None and not find(operation.ok_when, document):
        return words or "the answer does not say that it worked"
    return None


def _applies(rule: Rule, reply: Reply, document: Any) -> bool:
    if rule.status and reply.status not in rule.status:
        return False
    if any(reply.headers.get(name.lower()) != value for name, value in rule.header.items()):
        return False
    return rule.when is None or bool(find(rule.when, document))


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
    return f"{parts.scheme}{clean(parts.host)}" if parts.host else "another path"
