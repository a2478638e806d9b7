"""How a description's list is paged, and where its answers hold the items. Used by `providers.draft.words`."""

from collections.abc import Mapping
from typing import Any

from reconciler.providers.draft.description import Found, Tree
from reconciler.providers.draft.shape import Place, places, type_of, url_in

Asked = Mapping[str, tuple[str, Tree]]
"""Query parameters by their name in lower case: the name as written, and its schema."""


def items_in(found: Found, answered: Tree) -> str:
    """Where a list's answer holds the items; empty: it is the list."""
    lists = [place for _, place in places(found, answered) if type_of(place.schema) == "array"]
    whole = [each for each in lists if url_in(dict(places(found, each.schema.get("items") or {}))) is not None]
    chosen = whole or (lists if len(lists) == 1 else [])
    return chosen[0].path if chosen else ""


def pages_of(found: Found, operation: Tree, answered: Tree, unknown: list[str]) -> dict[str, Any] | None:
    """How a list is paged; where the description does not say, `unknown` gets a sentence."""
    asked = {name.lower(): (name, schema) for name, schema in found.parameters(operation)}
    told = {name.rpartition("/")[2].lower(): place for name, place in places(found, answered)}
    pages = _named(found, told) or _token(asked, told, items_in(found, answered)) or _counted(asked)
    if pages is None:
        unknown.append("How the list is paged, if it is; the description does not say.")
    return pages


def _token(asked: Asked, told: Mapping[str, Place], items: str) -> dict[str, Any] | None:
    """A cursor that the answer holds, or the last item's id where the answer says that there are more."""
    param = next((asked[each][0] for each in _CURSORS if each in asked), None)
    token = next((told[each].path for each in _TOKENS if each in told), None)
    more = {"more": told["has_more"].path} if "has_more" in told else {}
    if param and token:
        return {"kind": "cursor", "path": token, "param": param, **more}
    if "starting_after" in asked and more:
        return {"kind": "cursor", "path": f"{items}[-1].id", "param": asked["starting_after"][0], **more}
    return None


def _named(found: Found, told: Mapping[str, Place]) -> dict[str, Any] | None:
    """An address of the next page in the answer."""
    if "next" not in told:
        return None
    if type_of(told["next"].schema) == "string":
        return {"kind": "next_url", "path": told["next"].path}
    inner = found.properties(told["next"].schema)
    return {"kind": "next_url", "path": f"{told['next'].path}.href"} if "href" in inner else None


def _counted(asked: Asked) -> dict[str, Any] | None:
    """Pages, or items to skip, that are counted; as many at once as the description allows, 100 where it is silent."""
    size, schema = next((asked[each] for each in _SIZES if each in asked), ("", {}))
    most = dict(schema).get("maximum")
    sized = {"size_param": size, "size": most if isinstance(most, int) and 1 <= most < 100 else 100} if size else {}
    if "page" in asked:
        return {"kind": "page", "param": asked["page"][0], **sized}
    return {"kind": "offset", "param": asked["offset"][0], **sized} if "offset" in asked and sized else None


_SIZES = ("per_page", "page_size", "pagesize", "limit", "count")
_CURSORS = ("cursor", "after", "page_token", "pagetoken", "page-token", "iterator", "next_token", "starting_after")
_TOKENS = ("next_cursor", "nextcursor", "next_page_token", "nextpagetoken", "next_token", "cursor", "iterator", "after")
