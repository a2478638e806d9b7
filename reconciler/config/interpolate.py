"""Filling in variables: `${VAR}`, `${VAR:-default}`, `${each.KEY}`, `${secret:REF}`, and `$$` for a dollar sign. [pure]

Used by `config.expand`, `config.provider`, `config.lists` and `config.files` on trees, before they are validated. What
is filled in is text and never read again, as YAML or for variables; only where `${each.KEY}` is the whole value, that
is what the row has: a list or a map, too. References to secrets get nothing but `${each.KEY}`: their `$` may be a
shell's. A variable that is a credential is filled in nowhere, for it would be shown or sent there; a
webhook's own secret, which its vendor and its receiver have anyway, may stand in what that webhook sends. In URLs and
options a `${secret:REF}` becomes a token, for nothing is looked up here (`config.hidden`), and so does a variable that
calls itself a secret.
"""

import json
import re
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any

from reconciler.codes import Code
from reconciler.config.declared import Declared
from reconciler.config.fault import FileFault, below, did_you_mean
from reconciler.config.hidden import calls_itself_secret, token, token_of_variable
from reconciler.config.values import in_name, is_for_a_shell, is_whole, texts_in, variables_in, varies
from reconciler.model.secret import SHORTEST
from reconciler.model.webhook import Source
from reconciler.support.scalars import spelled

_PATTERN = re.compile(r"\$(?:\$|\{(?!secret:)([^{}]*)\}|\{secret:((?:[^{}]|\$\{each\.[^{}]*\})*)\}|(\{))")
_EACH = re.compile(r"\$\{each\.([^{}]*)\}")
_VARIABLE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", re.DOTALL)
_WAYS = "write ${VAR} or ${VAR:-default}, or $$ for a dollar sign"
_SECRET_HERE = "write ${secret:REF} in `url` and `options` only"
Each = Mapping[str, Any]
"""What `${each.KEY}` is, by key; see `config.rows.Row`."""
_NO_EACH: Each = {}
_NONE: frozenset[str] = frozenset()


class _Unset(str):
    """A text that is empty since nobody has set it."""


_UNSET = _Unset()
_SENT = ("url", "description", "options")
"""What a webhook sends and the second net covers: its own secret may stand there, if that net can find it."""
HIDING = ("url", "options")
"""Where values may be hidden."""
_LISTS = ("events",)
"""What is a list: a text that was filled in as a whole is made one there."""


def _nobodys(variable: str) -> None:
    """Nothing is a credential."""


class Interpolation:
    """One run over all files: `used` gathers the variables and what they gave, `faults` what went wrong.

    Args:
        environment: the variables.
        credential: says of a variable whose credential it is; None where it is nobody's.
        granted: the variables that may be filled in, where not all may; no other one is looked at, since whatever is
            said of what it was filled into could show it.
        defaults: whether `${VAR:-default}` is the default where the variable is not granted; else that is a fault.
        declared: what the command line and the files say of variables; it may learn more while files are read.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        credential: Callable[[str], str | None] = _nobodys,
        granted: Container[str] | None = None,
        *,
        defaults: bool = False,
        declared: Declared | None = None,
    ) -> None:
        self._environment, self._credential, self._granted = environment, credential, granted
        self._defaults, self.declared = defaults, declared or Declared()
        self.used: dict[str, str] = {}
        self.faults: list[FileFault] = []

    def another(self) -> "Interpolation":
        """One over the same variables that has gathered nothing yet."""
        return Interpolation(
            self._environment, self._credential, self._granted, defaults=self._defaults, declared=self.declared
        )

    def withhold(self, credential: Callable[[str], str | None]) -> None:
        """Fill in no credential from now on; see the class."""
        self._credential = credential

    def gather(self, used: Mapping[str, str], faults: Iterable[FileFault]) -> None:
        """Count what another has gathered, too."""
        self.used.update(used)
        self.faults += faults

    def fill(
        self,
        value: Any,
        source: Source,
        each: Each = _NO_EACH,
        own: frozenset[str] = _NONE,
        hiding: bool = False,
    ) -> Any:
        """The tree with its variables filled in; the same object where there are none.

        Args:
            own: variables that may stand here although they are secrets.
            hiding: values may be hidden here, by a reference or because a variable calls itself a secret.
        """
        if isinstance(value, str):
            return self._filled(value, source, each, own, hiding) if "$" in value else value
        if isinstance(value, dict):
            if hiding and set(value) == {"from"}:
                return self._references(value, source, each)
            return {key: self.fill(inner, below(source, key), each, own, hiding) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.fill(inner, below(source, at), each, own, hiding) for at, inner in enumerate(value)]
        return value

    def value(self, name: str, source: Source) -> str:
        """What a variable is, as if it were filled in at `source`; empty where that is a fault."""
        return self._variable(name, source, _NO_EACH, _NONE)

    def fill_entry(
        self,
        entry: Mapping[str, Any],
        source: Source,
        secret: str,
        each: Each = _NO_EACH,
        usual: Mapping[str, Any] = _NO_EACH,
    ) -> dict[str, Any]:
        """An entry whose key `secret` holds references: those get nothing but `${each.KEY}`; so do further secrets.

        Args:
            usual: what stands under `secret`, and beside it under `secrets`, where the entry has none.
        """
        is_webhook = secret == "secret"
        keys = (secret, "secrets") if is_webhook else (secret,)
        references = {key: entry.get(key) for key in keys}
        references = {key: self._references(ref, below(source, key), each) for key, ref in references.items()}
        theirs = [references[key] if key in entry else usual.get(key) for key in keys] if is_webhook else []
        own = variables_in(theirs)
        filled = {}
        for key, value in entry.items():
            if key in references:
                filled[key] = references[key]
            elif varies(value):
                here = below(source, key)
                given = self.fill(value, here, each, own if key in _SENT else _NONE, key in HIDING)
                is_list = key in _LISTS and isinstance(given, str) and is_whole(value)
                filled[key] = texts_in(given) if is_list else given
            else:
                filled[key] = value
        return filled

    def _references(self, value: Any, source: Source, each: Each) -> Any:
        if isinstance(value, dict):
            return {key: self._references(inner, below(source, key), each) for key, inner in value.items()}
        if not isinstance(value, str):
            return value
        if whole := _EACH.fullmatch(value):
            return self._each(whole[1], source, each)
        return _EACH.sub(lambda match: self._in_reference(match[1], value, source, each), value)

    def _in_reference(self, key: str, whole: str, source: Source, each: Each) -> str:
        """A value in a reference: a variable has no dashes, and a shell would read what only looks like a name."""
        text = self._part(key, source, each)
        if whole.startswith("cmd:") and not is_for_a_shell(text):
            what = f"`${{each.{key}}}` holds characters that the shell of a command would read"
            self._fault(source, Code.WRONG_VALUE, what, "leave them out, or give the command's text by the row itself")
            return ""
        return in_name(text) if whole.startswith("env:") else text

    def _filled(self, text: str, source: Source, each: Each, own: frozenset[str], hiding: bool) -> Any:
        whole = _EACH.fullmatch(text)
        return self._each(whole[1], source, each) if whole else self._text(text, source, each, own, hiding)

    def _text(self, text: str, source: Source, each: Each, own: frozenset[str], hiding: bool) -> str:
        def filled(match: re.Match[str]) -> str:
            if match[0] == "$$":
                return "$"
            if match[2] is not None:
                return self._hidden(match[2], source, each, hiding)
            if match[3]:
                self._fault(source, Code.WRONG_VARIABLE, "a `${` without its `}`", _WAYS)
                return ""
            inside = match[1]
            if inside.startswith("each."):
                return self._part(inside[5:], source, each)
            value = self._variable(inside, source, each, own)
            return value if not hiding or _VARIABLE.fullmatch(inside) is None else self._covered(inside, value)

        return _PATTERN.sub(filled, text)

    def _hidden(self, reference: str, source: Source, each: Each, hiding: bool) -> str:
        """What stands for a reference in a text."""
        if not hiding:
            self._fault(source, Code.WRONG_VARIABLE, "a `${secret:…}` where nothing is hidden", _SECRET_HERE)
            return ""
        return token(_EACH.sub(lambda match: self._in_reference(match[1], reference, source, each), reference))

    def _covered(self, inside: str, value: str) -> str:
        """A variable's value, hidden where its name says that it is a secret, and where it is what was filled in."""
        name = inside.partition(":-")[0]
        if not calls_itself_secret(name) or value not in (self._environment.get(name), self.declared.typed(name)):
            return value
        self.used[name] = ""  # what is hidden is not told by the digest of what was filled in, either
        return token_of_variable(name, value)

    def _part(self, key: str, source: Source, each: Each) -> str:
        """A value of the row as a part of a text."""
        value = self._each(key, source, each)
        if isinstance(value, list | dict):
            what = f"`${{each.{key}}}` is a {'list' if isinstance(value, list) else 'map'}, which is no part of a text"
            self._fault(source, Code.WRONG_VALUE, what, "let it be the whole value, without anything around it")
            return ""
        return spelled(value)

    def _each(self, written: str, source: Source, each: Each) -> Any:
        key, has_default, default = written.partition(":-")
        value = each.get(key, "" if has_default else None)
        if value is None:
            otherwise = "" if each else "give the webhook a for_each, or write $${each.…} for the text itself"
            if source.path[:1] == ("defaults",):
                otherwise = "write it in the webhook itself, or ${each.KEY:-default} here"
            hint = did_you_mean(key, each, otherwise)
            self._fault(source, Code.WRONG_VARIABLE, f"`${{each.{key}}}` has no value here", hint)
            return ""
        return default if has_default and value == "" else value

    def _variable(self, inside: str, source: Source, each: Each, own: frozenset[str]) -> str:
        found = _VARIABLE.fullmatch(inside)
        if not found:
            self._fault(source, Code.WRONG_VARIABLE, "a `${…}` that names no variable", _WAYS)
            return ""
        name, default = found[1], found[2]
        if (whose := self._credential(name)) is not None and not self._may_be_sent(name, own):
            what = f"the variable {name} is {whose}, so nothing else is filled in with it"
            self._fault(source, Code.CREDENTIAL_MISPLACED, what, "take a variable of its own for this text")
            return ""
        return self._value(name, default, source, each)

    def _value(self, name: str, default: str | None, source: Source, each: Each) -> str:
        value, usual = self._looked_up(name), self.declared.default(name)
        if value is None:
            if not self._defaults or (default is None and usual is None):
                self.faults.append(_untrusted(name, source))
                return ""
            value = ""
        gave = value if value or usual is None or self.declared.typed(name) is not None else usual
        value = gave or default if default is not None else gave
        if value is _UNSET:
            self._fault(source, Code.VARIABLE_UNSET, f"the variable {name} is not set", _when_unset(name, each))
            return ""
        self.used[name] = gave if gave is not _UNSET else ""
        return value

    def _looked_up(self, name: str) -> str | None:
        """What the command line says of a variable, else the environment; `_UNSET`, which is empty, where neither does.

        None where it may not be looked at, for nobody trusts the files with what it is set to.
        """
        typed = self.declared.typed(name)
        if typed is not None:
            return typed
        value = self._environment.get(name, _UNSET)
        return None if value and self._granted is not None and name not in self._granted else value

    def _may_be_sent(self, name: str, own: frozenset[str]) -> bool:
        return name in own and len(self._environment.get(name, "")) >= SHORTEST

    def _fault(self, source: Source, code: Code, summary: str, hint: str) -> None:
        self.faults.append(FileFault(source, code, summary, hint))


def _when_unset(name: str, each: Each) -> str:
    return f"did you mean `${{each.{name}}}`?" if name in each else f"set it, or write ${{{name}:-default}}"


def _untrusted(name: str, source: Source) -> FileFault:
    summary = f"`${{{name}}}` is filled in, and nobody trusts the files with that variable"
    hint = f"the trust file would have to say: variables: [{json.dumps(name)}]"
    return FileFault(source, Code.VARIABLE_UNTRUSTED, summary, hint, kind="untrusted")


def as_in_file(tree: Any, path: Iterable[str | int]) -> str | None:
    """The text at a path of a file's tree, where it has variables; None where it became what stands there."""
    for step in path:
        if isinstance(tree, list) and isinstance(step, int) and step < len(tree):
            tree = tree[step]
        else:
            tree = tree.get(step) if isinstance(tree, dict) else None
    if isinstance(tree, list):
        return f"[{', '.join(map(str, tree))}]" if any(map(_has_variable, tree)) else None
    return tree if isinstance(tree, str) and _has_variable(tree) else None


def _has_variable(text: object) -> bool:
    found = _PATTERN.finditer(text) if isinstance(text, str) else ()
    return any(match[2] or (match[1] is not None and not match[1].startswith("each.")) for match in found)
