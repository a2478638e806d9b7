"""All pages of a list, whatever the vendor's dialect. [pure]

A page that repeats, or too many of them, makes the whole read fail: half a list must never look like the whole one.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, assert_never
from urllib.parse import urljoin

from reconciler.providers.classify import Judge
from reconciler.providers.extract import find, parsed
from reconciler.providers.protocol import Call, Reply, Steps
from reconciler.providers.reads import (
    Cursor,
    LinkHeader,
    ListRead,
    NextUrl,
    Offset,
    OnePage,
    PageNumber,
    Paging,
)

MOST_PAGES = 1000
_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w!#$%&\'*+.^`|~-]+\*?\s*(?:=\s*(?:"[^"]*"|[^\s;,"]*))?)*)')
_NEXT = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]*))', re.IGNORECASE)


class Page(NamedTuple):
    """One answered page: which call it was, its number from 0, its document, its items."""

    call: Call
    number: int
    reply: Reply
    document: Any
    items: list[Any]


def all_pages(way: ListRead, first: Call, judge: Judge, base_url: str) -> Steps[list[list[Any]]]:
    """The items of each page.

    Raises:
        VendorError: a page failed, holds no list, repeats, or there are more than 1,000.
    """
    pages: list[list[Any]] = []
    call: Call | None = opening(way.pages, first)
    seen: set[tuple[str, tuple[tuple[str, str], ...]]] = set()
    while call is not None:
        if (call.path, call.query) in seen:
            raise judge.blame("sends the same page of its list again and again")
        if len(seen) >= MOST_PAGES:
            raise judge.blame(f"sends a list of more than {MOST_PAGES} pages")
        seen.add((call.path, call.query))
        reply = yield call
        if failure := judge.read_failure(call, reply, way.ok_when):
            raise failure
        document = parsed(reply)
        found = find(way.items, document)
        if not isinstance(found, list):
            raise judge.blame("sends something else than a list of webhooks")
        pages.append(found)
        call = following(way.pages, Page(call, len(seen) - 1, reply, document, found), base_url)
    return pages


def opening(pages: Paging, call: Call) -> Call:
    """The call for the first page."""
    match pages:
        case PageNumber(size_param=name, size=int(size)) if name:
            return _with(call, {name: str(size)})
        case Offset(size_param=name, size=size):
            return _with(call, {name: str(size)})
        case _:
            return call


def following(pages: Paging, page: Page, base_url: str) -> Call | None:
    """The call for the page after `page`, or None where that was the last."""
    match pages:
        case OnePage():
            return None
        case LinkHeader():
            return _to(page.call, next_link(page.reply.headers.get("link", "")), base_url)
        case NextUrl(path=path):
            return _to(page.call, find(path, page.document), base_url)
        case Cursor(path=path, param=param, more=more):
            token = find(path, page.document)
            goes_on = token not in (None, "", False) and (more is None or find(more, page.document))
            return _with(page.call, {param: str(token)}) if goes_on else None
        case PageNumber(param=param, first=first, size=size):
            goes_on = len(page.items) >= (size or 1)
            return _with(page.call, {param: str(first + page.number + 1)}) if goes_on else None
        case Offset(param=param, size=size, more=more):
            goes_on = bool(find(more, page.document)) if more else len(page.items) >= size
            return _with(page.call, {param: str((page.number + 1) * size)}) if goes_on else None
        case _:
            assert_never(pages)


def next_link(header: str) -> str | None:
    """The address with `rel="next"` in a `Link` header."""
    for address, parameters in _LINK.findall(header):
        for quoted, bare in _NEXT.findall(parameters):
            if "next" in (quoted or bare).lower().split():
                return str(address)
    return None


def _to(call: Call, link: Any, base_url: str) -> Call | None:
    if not isinstance(link, str) or not link:
        return None
    at = call.path if not call.path.startswith("/") else base_url + call.path
    return call._replace(path=urljoin(at, link), query=())


def _with(call: Call, pairs: Mapping[str, str]) -> Call:
    kept = tuple((name, value) for name, value in call.query if name not in pairs)
    return call._replace(query=(*kept, *pairs.items()))
