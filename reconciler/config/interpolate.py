"""Filling in variables: `${VAR}`, `${VAR:-default}`, `${each.KEY}`, and `$$` for a dollar sign. [pure]

Used by `config.expand`, `config.provider` and `config.files` on trees, before they are validated. What is filled in is
always text and never read again, as YAML or for variables. References to secrets get nothing but `${each.KEY}`: their
`$` may be a shell's.
"""

import json
import re
from collections.abc import Container, Iterable, Mapping
from typing import Any

from reconciler.codes import Code
from reconciler.config.fault import FileFault, below, did_you_mean
from reconciler.model.webhook import Source

_PATTERN = re.compile(r"\$(?:\$|\{([^{}]*)\}|(\{))")
_EACH = re.compile(r"\$\{each\.([^{}]*)\}")
_VARIABLE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", re.DOTALL)
_WAYS = "write ${VAR} or ${VAR:-default}, or $$ for a dollar sign"
_NO_EACH: Mapping[str, str] = {}


class Interpolation:
    """One run over all files: `used` gathers the variables and what they gave, `faults` what went wrong.

    Args:
        granted: the variables that may be filled in, where not all may; no other one is looked at, since whatever is
            said of what it was filled into could show it.
    """

    def __init__(self, environment: Mapping[str, str], granted: Container[str] | None = None) -> None:
        self._environment, self._granted = environment, granted
        self.used: dict[str, str] = {}
        self.faults: list[FileFault] = []

    def another(self) -> "Interpolation":
        """One over the same variables that has gathered nothing yet."""
        return Interpolation(self._environment, self._granted)

    def gather(self, used: Mapping[str, str], faults: Iterable[FileFault]) -> None:
        """Count what another has gathered, too."""
        self.used.update(used)
        self.faults += faults

    def fill(self, value: Any, source: Source, each: Mapping[str, str] = _NO_EACH) -> Any:
        """The tree with its variables filled in; the same object where there are none."""
        if isinstance(value, str):
            return self._text(value, source, each) if "$" in value else value
        if isinstance(value, dict):
            return {key: self.fill(inner, below(source, key), each) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.fill(inner, below(source, index), each) for index, inner in enumerate(value)]
        return value

    def fill_entry(
        self, entry: Mapping[str, Any], source: Source, secret: str, each: Mapping[str, str] = _NO_EACH
    ) -> dict[str, Any]:
        """An entry whose key `secret` holds references: those get nothing but `${each.KEY}`."""
        filled = {}
        for key, value in entry.items():
            if key == secret:
                filled[key] = self._references(value, below(source, key), each) if each else value
            else:
                filled[key] = self.fill(value, below(source, key), each) if _varies(value) else value
        return filled

    def _references(self, value: Any, source: Source, each: Mapping[str, str]) -> Any:
        if isinstance(value, dict):
            return {key: self._references(inner, below(source, key), each) for key, inner in value.items()}
        if not isinstance(value, str):
            return value
        return _EACH.sub(lambda match: self._each(match[1], source, each), value)

    def _text(self, text: str, source: Source, each: Mapping[str, str]) -> str:
        def filled(match: re.Match[str]) -> str:
            if match[0] == "$$":
                return "$"
            if match[2]:
                self._fault(source, Code.WRONG_VARIABLE, "a `${` without its `}`", _WAYS)
                return ""
            inside = match[1]
            if inside.startswith("each."):
                return self._each(inside[5:], source, each)
            return self._variable(inside, source, each)

        return _PATTERN.sub(filled, text)

    def _each(self, key: str, source: Source, each: Mapping[str, str]) -> str:
        if key not in each:
            otherwise = "" if each else "give the webhook a for_each, or write $${each.…} for the text itself"
            if source.path[:1] == ("defaults",):
                otherwise = "the defaults know no for_each: write it in the webhook"
            hint = did_you_mean(key, each, otherwise)
            self._fault(source, Code.WRONG_VARIABLE, f"`${{each.{key}}}` has no value here", hint)
        return each.get(key, "")

    def _variable(self, inside: str, source: Source, each: Mapping[str, str]) -> str:
        found = _VARIABLE.fullmatch(inside)
        if not found:
            self._fault(source, Code.WRONG_VARIABLE, "a `${…}` that names no variable", _WAYS)
            return ""
        name, default = found[1], found[2]
        value = self._environment.get(name)
        if value and self._granted is not None and name not in self._granted:
            self.faults.append(_untrusted(name, source))
            return ""
        if default is not None:
            value = value or default
        if value is None:
            what = f"the variable {name} is not set"
            hint = f"did you mean `${{each.{name}}}`?" if name in each else f"set it, or write ${{{name}:-default}}"
            self._fault(source, Code.VARIABLE_UNSET, what, hint)
            return ""
        self.used[name] = self._environment.get(name, "") if default is not None else value
        return value

    def _fault(self, source: Source, code: Code, summary: str, hint: str) -> None:
        self.faults.append(FileFault(source, code, summary, hint))


def _untrusted(name: str, source: Source) -> FileFault:
    summary = f"`${{{name}}}` is filled in, and nobody trusts the files with that variable"
    hint = f"the trust file would have to say: variables: [{json.dumps(name)}]"
    return FileFault(source, Code.VARIABLE_UNTRUSTED, summary, hint, kind="untrusted")


def _varies(value: Any) -> bool:
    """Whether there is anything to fill in; most values have nothing, and need not be copied."""
    if isinstance(value, str):
        return "$" in value
    if isinstance(value, dict):
        return any(map(_varies, value.values()))
    return isinstance(value, list) and any(map(_varies, value))
