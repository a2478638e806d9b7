"""References inside of URLs and options: as they are written, and as the texts with references that they become. [pure]

Called by `config.schema`, `config.webhook` and `config.check`, and for the tokens by `config.interpolate`. Nothing is
looked up here.

    url: {from: "env:CHAT_URL"}                          the whole value
    url: "https://chat.example/${secret:env:TOKEN}"      a part of it
    url: "https://chat.example/${CHAT_TOKEN}"            a variable that calls itself a secret

On its way through validation, which knows texts only, each stands as a token between NUL characters, which no file and
no variable has otherwise.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.codes import Code
from reconciler.config.fault import Wrong
from reconciler.config.forms import TYPES, as_written
from reconciler.config.reference import MARK, source
from reconciler.model.secret import SHORTEST, Secret, SecretRef
from reconciler.model.template import Part, Template
from reconciler.model.webhook import Leaf
from reconciler.secrets.scheme import Grammar

FORMS = "write a text, with ${secret:REF} for what is hidden in it, or {from: REF} for the whole"
URL_SCHEMA: Mapping[str, Any] = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "properties": {"from": {MARK: "source", "type": "string", "examples": ["env:CHAT_URL"]}},
            "required": ["from"],
            "additionalProperties": False,
        },
    ]
}
"""How the schema of files describes a URL."""
_HIDE_IN = ("text", "list", "map", "objects")
_NUL = "\0"
_TOKEN = re.compile(r"\0([^\0]*)\0")
_ESCAPED = re.compile(r"\\u0000(.*?)\\u0000", re.DOTALL)
_SECRETIVE = re.compile(
    r"(?:\A|.*_)(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?)(?:_[A-Z0-9]+)*|(?:\A|.*_)(?:API)?KEY", re.I
)
_PUBLIC = re.compile(r".*_(?:ID|NAME|URL|FILE|PATH|PUBLIC_KEY)|PUBLIC_KEY", re.I)


def token(reference: str) -> str:
    """What stands for a reference until the text is validated."""
    return f"{_NUL}{reference}{_NUL}"


def token_of_variable(name: str, value: str) -> str:
    """What stands for a variable that is filled in and hidden; its value itself where that is too short to be one."""
    return f"{_NUL}={name}={value}{_NUL}" if len(value) >= SHORTEST else value


def calls_itself_secret(variable: str) -> bool:
    """Whether a variable's name says that a secret is in it: `CHAT_TOKEN`, `RECEIVER_KEY`."""
    return _SECRETIVE.fullmatch(variable) is not None and _PUBLIC.fullmatch(variable) is None


def url(value: object, grammar: Grammar | None) -> object:
    """What stands under `url`; anything but a text is left for the model to refuse.

    Raises:
        Wrong: it has a reference that is none.
    """
    if isinstance(value, dict):
        if set(value) != {"from"}:
            raise Wrong(Code.WRONG_VALUE, "must be a text or {from: REF}", FORMS)
        return _whole(value, grammar)
    return _checked(as_written(value), grammar)


def options(tree: Any, grammar: Grammar | None) -> Any:
    """What stands below `options`, with `{from: REF}` for any value in it.

    Raises:
        Wrong: it has a reference that is none.
    """
    return {key: _option(value, grammar) for key, value in tree.items()} if isinstance(tree, dict) else tree


def _option(value: Any, grammar: Grammar | None) -> Any:
    if isinstance(value, dict):
        return _whole(value, grammar) if set(value) == {"from"} else options(value, grammar)
    if isinstance(value, list):
        return [_option(item, grammar) for item in value]
    return _checked(value, grammar)


def _whole(block: Mapping[str, Any], grammar: Grammar | None) -> object:
    if grammar is not None:
        source(block["from"], grammar)
    return token(str(block["from"]))


def _checked(value: object, grammar: Grammar | None) -> object:
    if isinstance(value, str) and _NUL in value and grammar is not None:
        for text in _TOKEN.findall(value):
            if not text.startswith("="):
                _demand(text, grammar)
    return value


def _demand(text: str, grammar: Grammar) -> None:
    try:
        source(text, grammar)
    except Wrong as wrong:
        raise Wrong(wrong.code, f"has a `${{secret:…}}` that {wrong.summary}", wrong.hint) from None


def is_hidden(value: object) -> bool:
    """Whether a validated value has anything hidden in it."""
    return isinstance(value, str) and (_NUL in value or "\\u0000" in value)


def unhidable(written: object, kind: str | None, choices: tuple[Leaf, ...] | None) -> str | None:
    """Why nothing of an option's value can be hidden, in words behind its name, where something of it is.

    Args:
        kind: its type; texts, lists and maps can hide.
        choices: its only values, if there are such.
    """
    if not is_hidden(written) or (choices is None and (kind or "text") in _HIDE_IN):
        return None
    must = f"takes {' or '.join(map(str, choices))}" if choices is not None else TYPES[kind or "text"]
    return f"{must}: nothing of it can be hidden"


def public_url(text: str) -> str | None:
    """A URL with something in the place of what is hidden, to see whether it is one; None where it begins with that."""
    return None if text.startswith(_NUL) else _TOKEN.sub("x", text)


def templates(leaf: Leaf) -> Leaf:
    """A leaf as it is desired: texts with tokens become texts with references."""
    if isinstance(leaf, tuple):
        return tuple(_template(item) if isinstance(item, str) else item for item in leaf)
    return _template(leaf) if isinstance(leaf, str) else leaf


def _template(text: str) -> str:
    if _NUL in text:
        return _made(text, _TOKEN, escaped=False)
    return _made(text, _ESCAPED, escaped=True) if text[:1] in ("{", "[") and "\\u0000" in text else text


def _made(text: str, pattern: re.Pattern[str], *, escaped: bool) -> Template:
    parts = tuple(_parts(text, pattern, escaped))
    return Template(
        "".join(part if isinstance(part, str) else _written(part[0]) for part in parts),
        tuple(part if isinstance(part, str) else part[1] for part in parts),
        escaped,
    )


def _parts(text: str, pattern: re.Pattern[str], escaped: bool) -> Iterator[str | tuple[str, Part]]:
    for at, piece in enumerate(pattern.split(text)):
        if at % 2 == 0:
            yield from filter(None, [piece])
            continue
        inside = json.loads(f'"{piece}"') if escaped else piece
        if inside.startswith("="):
            name, _, value = inside[1:].partition("=")
            yield f"{name}", Secret(value)
        else:
            scheme, _, target = inside.partition(":")
            yield f"secret:{inside}", SecretRef(scheme, target)


def _written(inside: str) -> str:
    return f"${{{inside}}}"
