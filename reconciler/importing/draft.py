"""One webhook as the vendor shows it -> what would stand in the file, or why nothing can. [pure] By `run.strangers`.

Written is what the file needs: not what every new webhook has, not what is shown behind a mask, and never a secret that
this run knows. Whether that says the same as the vendor is judged by whoever reads files, see `Terms.judge`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from reconciler.importing import looks
from reconciler.importing.trees import Path, leaves_in, with_value
from reconciler.importing.types import Draft, Found, LeftOut, Secrecy, Veiled
from reconciler.model.capabilities import Capabilities
from reconciler.model.diff import diff, record
from reconciler.model.equality import hides, same
from reconciler.model.further import remote_of
from reconciler.model.secret import SHORTEST, SecretSemantics
from reconciler.model.urls import is_url
from reconciler.model.webhook import DESCRIPTION, EVENTS, OPTIONS, STATUS, URL, Fields, Leaf, Remote, Scope
from reconciler.support.scalars import from_text

_SPOKEN = (URL, EVENTS, STATUS, DESCRIPTION)
"""The fields that have a key of their own, in the order in which they are written."""
_WHOLE = ("map", "objects")


class Verdict(NamedTuple):
    """What the files' reader makes of a tree.

    Args:
        fields, scope: what it says; None where nothing can be made of it.
        wrong: paths of keys below the webhook's name, each with what is wrong there.
    """

    fields: Fields | None
    scope: Scope | None = None
    wrong: tuple[tuple[tuple[str | int, ...], str], ...] = ()


class Terms(NamedTuple):
    """What holds for all webhooks of one entry of `providers:`.

    Args:
        title: the vendor's name for people.
        scope: what the files say already of where its webhooks hang.
        defaults: the fields that the files' defaults give each webhook.
        names: whether each webhook has to name the entry.
        judge: what the files' reader makes of a tree.
        hide: masks every secret of this run in a text.
        spells: whether YAML can hold a value such that it is read back as it is.
        veils: whether a text holds what the run has found to look like a secret, whose place a variable takes.
    """

    capabilities: Capabilities
    title: str
    scope: Mapping[str, str]
    defaults: Fields
    names: bool
    judge: Callable[[Mapping[str, Any]], Verdict]
    hide: Callable[[str], str]
    spells: Callable[[Any], bool]
    veils: Callable[[str], bool] = lambda _: False


def draft(found: Found, terms: Terms, key: tuple[str, ...] = ()) -> Draft | LeftOut:
    """What would stand in the file for one webhook.

    Args:
        found: the webhook.
        terms: what holds for its provider.
        key: the fields, by pointer, that tell it from others in its place, where its natural key does not.
    """
    if reason := _unsayable(found.remote, terms):
        return LeftOut(found, reason)
    return _Drafting(found, terms, key).run()


def _unsayable(remote: Remote, terms: Terms) -> str:
    """Why nothing can be written of it: what it is known by is not known, or is a secret."""
    capabilities, fields = terms.capabilities, remote.fields
    if terms.hide(remote.remote_id) != remote.remote_id:
        return "its id holds a secret of this run, and the lock holds ids"
    if URL not in capabilities.writable:
        return ""
    if not fields.url:
        return f"{terms.title} does not show its url"
    if hides(URL, fields.url, None):
        return f"{terms.title} shows only a part of its url"
    if terms.hide(fields.url) != fields.url and not terms.veils(fields.url):
        return "its url holds a secret of this run, which is written nowhere"
    return ""


class _Drafting:
    """One webhook being written down: `_known` may be written, `_chosen` is."""

    def __init__(self, found: Found, terms: Terms, key: tuple[str, ...]) -> None:
        self._found, self._terms, self._key = found, terms, key
        self._fields = found.remote.fields
        self._remarks: dict[str, str] = {}
        self._known = {at for at in sorted(self._fields) if at in terms.capabilities.writable and self._may_stand(at)}
        self._chosen = {at for at in self._known if self._has_to_stand(at)}
        self._whole_scope = False

    def run(self) -> Draft | LeftOut:
        """Until what is written means what is there: each round writes something more, or gives something up."""
        while True:
            tree = self._tree(self._chosen)
            verdict = self._terms.judge(tree)
            reason = self._mended(verdict)
            if reason is None:
                return self._done(tree)
            if reason:
                return LeftOut(self._found, reason)

    def _mended(self, verdict: Verdict) -> str | None:
        """None where all is well; empty where another round may help; else why none can."""
        if verdict.wrong:
            return self._given_up(verdict.wrong)
        if verdict.fields is None:
            return "whsync cannot say it in a file"
        if verdict.scope != self._found.scope:
            if self._whole_scope:
                return "the files' defaults name another place for it"
            self._whole_scope = True
            return ""
        now = record(self._fields.only(verdict.fields))
        apart = [each.path for each in diff(verdict.fields, self._fields, now, self._terms.capabilities)]
        if not apart:
            return None
        more = [at for at in apart if at in self._known and at not in self._chosen]
        self._chosen.update(more)
        return "" if more else f"the files' defaults want another {_spoken(apart[0])}"

    def _given_up(self, wrong: tuple[tuple[tuple[str | int, ...], str], ...]) -> str:
        """The fields that are wrong are left to the vendor; a reason where that is none of them, or the url."""
        for path, why in wrong:
            spoiled = [at for at in self._chosen if at != URL and _is_at(at, path)]
            if not spoiled:
                return why
            for at in spoiled:
                self._leave(at, why)
                self._chosen.discard(at)
                self._known.discard(at)
        return ""

    def _leave(self, at: str, why: str) -> None:
        self._remarks[at] = f"{_spoken(at)}: not managed, for {why}"

    def _may_stand(self, at: str) -> bool:
        """Whether a value is one, and may stand in a file."""
        leaf, terms = self._fields[at], self._terms
        if hides(at, leaf, None):
            self._leave(at, f"{terms.title} shows it behind a mask")
        elif at != URL and any(terms.hide(text) != text for text in _texts(leaf)) and not self._is_secret(at):
            self._leave(at, "a secret of this run is in it")
        elif not terms.spells(self._value(at)):
            self._leave(at, "YAML has no way to write it")
        else:
            return True
        return False

    def _has_to_stand(self, at: str) -> bool:
        """Whether a field says more than that the webhook is a usual one, or is what it is found by."""
        leaf, capabilities = self._fields[at], self._terms.capabilities
        if at in (URL, *capabilities.natural_key):
            return at != DESCRIPTION or leaf != ""
        if at in self._key:
            return True
        if at in self._terms.defaults and same(at, leaf, self._terms.defaults[at], capabilities):
            return False
        usual = {STATUS: "active", DESCRIPTION: "", **dict(capabilities.usual)}
        return not (at in usual and same(at, leaf, usual[at], capabilities)) and leaf not in ((), frozenset())

    def _tree(self, chosen: set[str]) -> dict[str, Any]:
        tree: dict[str, Any] = {"provider": doubled(self._found.provider)} if self._terms.names else {}
        scope = dict(self._found.scope)
        own = scope if self._whole_scope else {k: v for k, v in scope.items() if self._terms.scope.get(k) != v}
        if own:
            tree["scope"] = doubled(own)
        for at in _SPOKEN:
            if at in chosen:
                tree[at[1:]] = doubled(self._value(at))
        for at in sorted(chosen):
            if at.startswith(OPTIONS):
                *folders, last = _path(at)
                inner = tree.setdefault("options", {})
                for folder in folders:
                    inner = inner.setdefault(folder, {})
                inner[last] = doubled(self._value(at))
        if self._key:
            tree["key"] = [at[1:] for at in self._key]
        return tree

    def _value(self, at: str) -> Any:
        """A field as it is written: sets in order, maps as such."""
        leaf = self._fields[at]
        if isinstance(leaf, frozenset):
            return sorted(leaf)
        if isinstance(leaf, tuple):
            return list(leaf)
        whole = isinstance(leaf, str) and dict(self._terms.capabilities.types).get(at) in _WHOLE
        return from_text(str(leaf)) if whole else leaf

    def _done(self, tree: dict[str, Any]) -> Draft:
        capabilities, remote = self._terms.capabilities, self._found.remote
        whole = self._tree(self._known)
        veiled = self._veiled(tree)
        for path, each in veiled.items():
            tree, whole = with_value(tree, path, each), with_value(whole, path, each)
        plain = (at for at in sorted(self._chosen) if _keys(at) not in veiled)
        found = [each for at in plain for each in _doubts(at, self._fields[at])]
        remarks = tuple(self._remarks[at] for at in sorted(self._remarks))
        further = tuple((name, _secrecy(remote_of(remote, name), each)) for name, each in capabilities.secrets)
        secret, is_theirs = secrecy(remote, capabilities), capabilities.secret.lifecycle == "issued"
        return Draft(self._found, tree, remarks, secret, is_theirs, tuple(found), whole, further)

    def _veiled(self, tree: Mapping[str, Any]) -> dict[Path, Veiled]:
        """What looks like a secret, and can be hidden, by what leads to it."""
        found: dict[Path, Veiled] = {}
        for path, name, value in leaves_in({name: tree[name] for name in ("url", "options") if name in tree}):
            plain = value.replace("$$", "$")
            looks_so = looks.is_secret(name, plain) or (path == ("url",) and self._terms.veils(plain))
            if not looks_so or len(plain) < SHORTEST or not plain.isprintable():
                continue
            if not self._terms.judge(with_value(tree, path, {"from": "env:HOOK"})).wrong:
                found[path] = Veiled(plain, looks.outline(plain) if is_url(plain) else ".".join(map(str, path)), name)
        return found

    def _is_secret(self, at: str) -> bool:
        """Whether all of an option that the run hides is what a variable takes the place of."""
        if not at.startswith(OPTIONS) or not all(map(self._terms.veils, _texts(self._fields[at]))):
            return False
        inner = {_path(at)[-1]: self._value(at)}
        hidden = [leaf for leaf in leaves_in(inner) if self._terms.hide(leaf.text) != leaf.text]
        return all(looks.is_secret(leaf.name, leaf.text) for leaf in hidden)


def secrecy(remote: Remote, capabilities: Capabilities) -> Secrecy:
    """What is known of a webhook's secret."""
    return _secrecy(remote, capabilities.secret)


def _secrecy(remote: Remote, semantics: SecretSemantics) -> Secrecy:
    if semantics.lifecycle in ("none", "account"):
        return Secrecy.NOT_HERE
    if remote.has_secret is False:
        return Secrecy.NONE
    return Secrecy.SHOWN if remote.secret is not None else Secrecy.UNKNOWN


def doubled(value: Any) -> Any:
    """A value such that nothing is filled in where a vendor's text has a dollar sign."""
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, Mapping):
        return {key: doubled(inner) for key, inner in value.items()}
    return [doubled(inner) for inner in value] if isinstance(value, list) else value


def _doubts(at: str, leaf: Leaf) -> Iterator[str]:
    for text in _texts(leaf):
        if at == URL:
            yield from looks.doubts(text)
        elif is_url(text):
            yield from (each.replace("its url", f"the address in {_spoken(at)}") for each in looks.doubts(text))


def _texts(leaf: Leaf) -> Iterator[str]:
    items = leaf if isinstance(leaf, tuple | frozenset) else (leaf,)
    yield from (item for item in items if isinstance(item, str))


def _path(at: str) -> list[str]:
    """The keys that lead to an option."""
    return [step.replace("~1", "/").replace("~0", "~") for step in at.removeprefix(OPTIONS).split("/")]


def _keys(at: str) -> tuple[str, ...]:
    """The keys that lead to a field."""
    return ("options", *_path(at)) if at.startswith(OPTIONS) else (at[1:],)


def _spoken(at: str) -> str:
    """A field as people call it: `options.content_type`."""
    return ".".join(_keys(at))


def _is_at(at: str, path: tuple[str | int, ...]) -> bool:
    """Whether a field stands at a path of keys below a webhook's name, or below it."""
    keys = [*_keys(at)]
    given = [step for step in path if isinstance(step, str)]
    return bool(given) and (keys[: len(given)] == given or given[: len(keys)] == keys)
