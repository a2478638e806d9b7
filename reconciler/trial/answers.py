"""What single answers show of a manifest: errors that it cannot tell, successes that it does not believe. [pure]

Used by `run.trial_hand`, which keeps every call and its answer, and `run.trial_bench`.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from reconciler.model.secret import Secret
from reconciler.providers.language.manifest import ErrorWords
from reconciler.providers.language.words import Operation
from reconciler.providers.protocol import UNPARSABLE, Call, Reply, Tree, parsed
from reconciler.trial.types import Deviation, Kind


class Exchange(NamedTuple):
    """One call and its answer."""

    call: Call
    reply: Reply


def carries_secret(exchanges: Iterable[Exchange]) -> bool:
    """Whether one of the writes had a secret in its body."""
    return any(_holds_secret(each.call.body) for each in exchanges if each.call.writes)


def errors_in(
    step: str, exchanges: Iterable[Exchange], words: ErrorWords, complains: Callable[[Reply], bool]
) -> Iterator[Deviation]:
    """What the manifest cannot say of the errors among these answers.

    Args:
        step: what was being done.
        exchanges: calls and answers.
        words: the manifest's, for errors.
        complains: whether these find words in an answer.
    """
    ruled = {status for rule in words.rules for status in rule.status}
    for call, reply in exchanges:
        if reply.status < 400 or reply.status in ruled or not reply.body.strip():
            continue
        what = f"{reply.status} to {call.method} {call.path}"
        document = parsed(reply)
        if document is UNPARSABLE:
            kind = reply.headers.get("content-type", "").partition(";")[0] or "no JSON"
            word = f"errors.rules: [{{status: [{reply.status}], kind: …, says: …}}]"
            yield Deviation(Kind.HTML, step, "", f"{what} is {kind}, so whsync can quote nothing of it", word)
        elif not complains(reply):
            word = f"errors.message: [{', '.join(_texts(document)) or '…'}]"
            yield Deviation(Kind.ERROR_WORDS, step, "", f"{what} has no words where the manifest looks", word)


def empty_list(exchanges: Iterable[Exchange]) -> Deviation | None:
    """That the last answer may be a list that holds nothing, and the manifest does not take it for one; else None."""
    *_, (call, reply) = (Exchange(Call("GET", "/"), Reply(500)), *exchanges)
    document = parsed(reply)
    if call.writes or not 200 <= reply.status < 300 or document not in (None, {}):
        return None
    said, word = ("{}", '["@ == `{}`"]') if document == {} else ("empty", f"[{reply.status}]")
    what = f"where there is no webhook, {call.method} {call.path} is answered {reply.status} and {said}"
    return Deviation(Kind.EMPTY, "look", "", what, f"read: {{empty: {word}}}")


def disbelieved(step: str, operation: Operation | None, last: Exchange, remote_id: str | None) -> Deviation:
    """Why the manifest does not believe an answer, although reading shows that the write was carried out.

    Args:
        step: what was done, and the manifest's name for its calls.
        operation: the words of the call.
        last: the call and its answer.
        remote_id: the webhook that was made or changed, as reading shows it.
    """
    call, reply = last
    what = f"{call.method} {call.path} was answered {reply.status or 'by nothing'}, and it was carried out"
    where, document = step.partition(" ")[0], parsed(reply)
    if operation is not None and reply.status not in operation.ok:
        return Deviation(Kind.ANSWER, step, "", what, f"{where}: {{ok: [{reply.status}]}}")
    if remote_id is not None and _last_step(reply.headers.get("location", "")) == remote_id:
        what += "; it names the webhook only in its `Location`"
        word = f"{where}: leave out `ok_when`; such a create counts as lost, and its webhook is found by reading"
        return Deviation(Kind.NO_ID, step, "", what, word)
    if document in (None, UNPARSABLE):
        said = "empty" if document is None else "not JSON"
        return Deviation(Kind.ANSWER, step, "", f"{what}; the answer is {said}", f"{where}: leave out `ok_when`")
    told, condition = ", ".join(_texts(document)) or "nothing", operation.ok_when if operation is not None else None
    if condition is not None:
        word = f"{where}: {{ok_when: …}}, of what is there: {told}"
        return Deviation(Kind.ANSWER, step, "", f"{what}; `{condition}` does not hold", word)
    word = f"identity: {{id: …}}, or {where}: {{answer: …}}, of what is there: {told}"
    return Deviation(Kind.NO_ID, step, "", f"{what}; no id is found in the answer", word)


def _last_step(address: str) -> str:
    return address.rstrip("/").rpartition("/")[2]


def _texts(document: Any, here: str = "") -> list[str]:
    """The places in a document at which a text or a number stands, as expressions; the first few."""
    if isinstance(document, dict):
        inner = (_texts(value, f"{here}.{key}" if here else str(key)) for key, value in document.items())
        return [place for places in inner for place in places][:5]
    if isinstance(document, list):
        return _texts(document[0], f"{here}[0]")[:5] if document else []
    return [here or "@"] if document is not None else []


def _holds_secret(tree: Tree) -> bool:
    if isinstance(tree, dict):
        return any(map(_holds_secret, tree.values()))
    return any(map(_holds_secret, tree)) if isinstance(tree, list) else isinstance(tree, Secret)
