"""What a write's body holds: the parts that are always there, what the manifest makes of its words, the fields. [pure]

Used by `providers.engine.api`.
"""

import hashlib
from collections.abc import Iterator, Mapping

from reconciler.model.secret import Secret
from reconciler.providers.engine.extract import at, built, fresh, keys_of, place_in, within
from reconciler.providers.language.words import CallWords, Idempotency, Operation, Plain, Update
from reconciler.providers.protocol import Call, Encoding, Form, Tree


def body_of(operation: Operation, parts: Mapping[str, Tree], pairs: Mapping[str, Tree], base: Tree) -> Tree:
    """The body of one write; None where it has none.

    Args:
        operation: which call it is.
        parts: what its `with` has made, by pointer.
        pairs: what it is for: body pointers and values.
        base: the object as it was read, over which an update is written; None for an empty one.
    """
    if operation.body in ("none", "empty"):
        return {} if operation.body == "empty" else None
    pairs = {} if operation.says_nothing else pairs
    root = operation.root
    relative = {pointer.removeprefix(root): value for pointer, value in pairs.items() if within(pointer, root)}
    whole: dict[str, Tree | Plain] = {**operation.fixed, **parts, **relative}
    there = at(base, root)
    patches = isinstance(operation, Update) and operation.body == "json_patch"
    body: Tree = list(_operations(whole, there)) if patches else built(whole, there)
    for key in reversed(keys_of(operation.wrap)):
        body = {key: body}
    return body or None


def keyed(call: Call, words: Idempotency, intent: str) -> Call:
    """The call with the key by which its vendor knows it again: the same for the same call of the same intent.

    It is kept from all that is printed, as a secret is, and hangs on none.
    """
    text = repr((intent, call.method, call.path, call.query, call.body))
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    key = Secret("-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32])))
    if words.header is not None:
        return call._replace(headers=(*call.headers, (words.header, key)), safe_to_repeat=True)
    assert words.at is not None, "a key has a place"
    return call._replace(body=built({words.at: key}, call.body), safe_to_repeat=True)


def encoding_of(words: CallWords) -> Encoding:
    """How a call's body is written, as the wire wants it."""
    if isinstance(words.encoding, str):
        return words.encoding
    form = words.encoding
    return Form(form.form, form.lists, tuple(keys_of(pointer) for pointer in form.json_))


def _operations(parts: Mapping[str, Tree | Plain], read: Tree) -> Iterator[Tree]:
    """One operation of RFC 6902 for each part: `add` where a read has shown that nothing stands there."""
    for pointer, value in parts.items():
        missing = read is not None and not place_in(read, pointer)
        yield {"op": "add" if missing else "replace", "path": pointer, "value": fresh(value)}
