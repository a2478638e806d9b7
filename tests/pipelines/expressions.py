"""What stands in `${{ }}` and behind `if:` of a workflow, evaluated as GitHub does; what is not known here is an error.

Used by `tests.pipelines.runner`. Only the operators and functions that the examples use.
"""

import re
from collections.abc import Mapping
from typing import Any

_TOKEN = re.compile(r"\s*(?:(?P<mark>\|\||&&|==|!=|!|\(|\))|'(?P<text>(?:[^']|'')*)'|(?P<name>[A-Za-z_][\w.-]*))")
_STATUS = ("always", "success", "failure", "cancelled")
_HOLE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)


class Expression:
    """One expression, read from left to right.

    Args:
        text: without `${{` and `}}`.
        contexts: `github`, `env`, `steps`, … by name.
        status: what each status function says.
    """

    def __init__(self, text: str, contexts: Mapping[str, Any], status: Mapping[str, bool]) -> None:
        self._tokens = _tokens(text)
        self._contexts, self._status = contexts, status

    def value(self) -> Any:
        """What it comes to."""
        found = self._any()
        assert self._tokens == [], f"left over: {self._tokens}"
        return found

    def _any(self) -> Any:
        found = self._all()
        while self._took("||"):
            other = self._all()
            found = found if truth(found) else other
        return found

    def _all(self) -> Any:
        found = self._compared()
        while self._took("&&"):
            other = self._compared()
            found = other if truth(found) else found
        return found

    def _compared(self) -> Any:
        found = self._single()
        while self._tokens and self._tokens[0] in (("mark", "=="), ("mark", "!=")):
            wanted = self._tokens.pop(0)[1] == "=="
            found = _equal(found, self._single()) is wanted
        return found

    def _single(self) -> Any:
        if self._took("!"):
            return not truth(self._single())
        if self._took("("):
            found = self._any()
            assert self._took(")")
            return found
        kind, text = self._tokens.pop(0)
        if kind == "text":
            return text.replace("''", "'")
        assert kind == "name", text
        if text in ("true", "false"):
            return text == "true"
        if self._took("("):
            assert self._took(")"), f"arguments of {text}() are not known here"
            return self._status[text]
        return self._looked_up(text)

    def _looked_up(self, path: str) -> Any:
        first, *rest = path.split(".")
        found = self._contexts[first]
        for key in rest:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found

    def _took(self, mark: str) -> bool:
        if self._tokens[:1] == [("mark", mark)]:
            self._tokens.pop(0)
            return True
        return False


def filled(text: Any, contexts: Mapping[str, Any]) -> str:
    """A text of a workflow with its `${{ }}` filled in."""
    if isinstance(text, bool):
        return "true" if text else "false"
    return _HOLE.sub(lambda hole: _shown(Expression(hole[1], contexts, {}).value()), str(text))


def holds(condition: Any, contexts: Mapping[str, Any], status: Mapping[str, bool]) -> bool:
    """Whether an `if:` lets its step or job run: only after a success, unless it asks for the status itself."""
    if condition is None:
        return status["success"]
    text = str(condition)
    whole = _HOLE.fullmatch(text.strip())
    inner = whole[1] if whole else text
    asks = any(f"{name}()" in inner for name in _STATUS)
    return (asks or status["success"]) and truth(Expression(inner, contexts, status).value())


def truth(value: Any) -> bool:
    """What counts as true."""
    return value not in (None, "", False, 0)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left.lower() == right.lower()
    return (type(left) is type(right) and left == right) or _number(left) == _number(right)


def _number(value: Any) -> float:
    try:
        return float(value or 0)
    except ValueError:
        return float("nan")


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at, text = [], 0, text.strip()
    while at < len(text):
        token = _TOKEN.match(text, at)
        assert token, f"not understood: {text[at:]!r}"
        kind = token.lastgroup or ""
        found.append((kind, token[kind]))
        at = token.end()
    return found
