"""Paths and queries from templates and a scope: `{name}` encodes all of a value, `{+name}` leaves its `/`. [pure]

An empty value in a path is refused, and an id that is not known in a query: at some vendors the collection's own URL
deletes everything. So is an empty part, and one that would walk up the path, however it is spelled.

Used by `providers.engine.api`, `providers.engine.interpret` and `providers.engine.reading`.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote

from reconciler.codes import Code
from reconciler.errors import Rejected
from reconciler.model.webhook import Scope
from reconciler.providers.language.reads import ScopeWay
from reconciler.providers.language.words import VARIABLE, variables_in
from reconciler.providers.protocol import Tree
from reconciler.providers.vendor import Switch

PLACEHOLDER = "{id}"
"""Stands in planned calls for the id that only the vendor's answer can give."""
_ENCODED_PLACEHOLDER = quote(PLACEHOLDER)


class AppliedScope(NamedTuple):
    """One scope, applied: what every path begins with, and what every call carries; `lists`: those that list, too."""

    path: str = ""
    variables: Mapping[str, str] = {}
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: tuple[tuple[str, Tree], ...] = ()
    lists: tuple[tuple[str, str], ...] = ()

    @property
    def listing(self) -> "AppliedScope":
        """The scope as the calls see it that list its webhooks."""
        return self._replace(query=(*self.query, *self.lists))


def applied(alternatives: tuple[ScopeWay, ...], scope: Scope) -> AppliedScope:
    """The scope put into the alternative that fits it.

    Raises:
        Rejected: (kind config) none fits.
    """
    given, words = dict(scope), way_of(alternatives, scope)
    return AppliedScope(
        path=expand(words.path, given),
        variables=given,
        query=tuple((name, plain(text, given)) for name, text in words.query.items()),
        headers=tuple((name, plain(text, given)) for name, text in words.headers.items()),
        body=tuple((pointer, plain(text, given)) for pointer, text in words.body.items()),
        lists=tuple((name, plain(text, given)) for name, text in words.lists.items()),
    )


def way_of(alternatives: tuple[ScopeWay, ...], scope: Scope) -> ScopeWay:
    """The first alternative whose parameters are exactly those given, or all given.

    Raises:
        Rejected: (kind config) none fits.
    """
    given = dict(scope)
    exact = next((words for words in alternatives if set(words.params) == set(given)), None)
    words = exact or next((words for words in alternatives if set(words.params) <= set(given)), None)
    if words is None:
        wanted = " or ".join("{" + ", ".join(words.params) + "}" for words in alternatives)
        raise Rejected(
            f"the scope has {', '.join(given) or 'nothing'}; it needs {wanted}", kind="config", code=Code.WRONG_SCOPE
        )
    return words


def expand(template: str, values: Mapping[str, str], credentials: Sequence[str] = ()) -> str:
    """A path, percent-encoded; the names of credentials stay in it, in braces, for the wire to fill in.

    Raises:
        Rejected: (kind config) a value is missing or empty, cannot be encoded, or would walk up the path.
    """
    for name in credentials:
        before, braced, behind = template.partition(f"{{{name}}}")
        if braced:
            return f"{expand(before, values, credentials)}{braced}{expand(behind, values, credentials)}"
    names = variables_in(template)
    if not names:
        return template
    for name in names:
        if not values.get(name):
            raise Rejected(f"the path {template} needs a value for {name}", kind="config", code=Code.NOT_SENDABLE)
    try:
        path = _expanded(template, tuple((name, values[name]) for name in names))
    except UnicodeEncodeError:
        raise Rejected(
            f"the path {template} cannot take these values: one cannot be encoded",
            kind="config",
            code=Code.NOT_SENDABLE,
        ) from None
    if any(unquote(segment) in (".", "..") for segment in path.split("/")):
        raise Rejected(
            f"the path {template} cannot take these values: a part would be `.` or `..`",
            kind="config",
            code=Code.NOT_SENDABLE,
        )
    if "//" in path:
        raise Rejected(
            f"the path {template} cannot take these values: a part would be empty",
            kind="config",
            code=Code.NOT_SENDABLE,
        )
    return path


@lru_cache(maxsize=1024)
def _expanded(template: str, values: tuple[tuple[str, str], ...]) -> str:
    """Kept for a while, since the webhooks of one scope come one after another and each asks again."""
    given = dict(values)
    path = VARIABLE.sub(lambda found: quote(given[found[2]], safe="/" if found[1] else ""), template)
    return path.replace(_ENCODED_PLACEHOLDER, PLACEHOLDER)


def filled(templates: Mapping[str, str], values: Mapping[str, str], typed: Mapping[str, Switch]) -> dict[str, Switch]:
    """Parts of a body, by pointer. One with a variable that has no value is left out, but none goes without its id.

    Args:
        templates: by pointer.
        values: of the variables, as texts.
        typed: the same as they are, for templates that are a single variable.

    Raises:
        Rejected: (kind config) one names the id of what has none: a call meant for one object would be for all.
    """
    parts: dict[str, Switch] = {}
    for pointer, text in templates.items():
        names = variables_in(text)
        if "id" in names and not values.get("id"):
            raise Rejected(f"the body's part {pointer} needs an id", kind="config", code=Code.NOT_SENDABLE)
        if all(values.get(name) for name in names):
            alone = len(names) == 1 and text == f"{{{names[0]}}}"
            parts[pointer] = typed[names[0]] if alone else plain(text, values)
    return parts


def plain(template: str, values: Mapping[str, str]) -> str:
    """A text that is not part of a path: variables are put in as they are, missing ones as nothing.

    Raises:
        Rejected: (kind config) it names a webhook whose id is not known.
    """
    if "id" in variables_in(template) and not values.get("id"):
        raise Rejected("the call names a webhook, whose id is not known", kind="config", code=Code.NOT_SENDABLE)
    return VARIABLE.sub(lambda found: values.get(found[2], ""), template)
