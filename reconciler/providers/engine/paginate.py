"""All pages of a list, whatever the vendor's dialect. [pure]

A page that repeats, or too many of them, makes the whole read fail: half a list must never look like the whole one.

Used by `providers.engine.reading`.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, assert_never
from urllib.parse import urljoin

from reconciler.providers.engine.classify import ReplyClassifier
from reconciler.providers.engine.extract import find
from reconciler.providers.language.reads import (
    Cursor,
    LinkHeader,
    ListRead,
    NextUrl,
    Offset,
    OnePage,
    PageNumber,
    Paging,
)
from reconciler.providers.protocol import Call, Reply, Steps, parsed

MOST_PAGES = 1000
NO_SUCH_PAGE = frozenset({400, 404, 416, 422})
_PARAMETER = r"""\s*;\s*([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?"""
_LINK = re.compile(rf"<([^<>]*)>((?:{_PARAMETER})*)")


class Page(NamedTuple):
    """One answered page: its call, its number from 0, all items up to its end, its answer, its document, its items."""

    call: Call
    number: int
    read: int
    reply: Reply
    document: Any
    items: list[Any]


def all_pages(words: ListRead, first: Call, classifier: ReplyClassifier, base_url: str) -> Steps[list[list[Any]]]:
    """The items of each page.

    Raises:
        VendorError: a page failed, holds no list, repeats, or there are more than 1,000.
    """
    pages: list[list[Any]] = []
    call: Call | None = opening(words.pages, first)
    seen: set[tuple[str, tuple[tuple[str, str], ...]]] = set()
    while call is not None:
        if (call.path, call.query) in seen:
            raise classifier.blame("sends the same page of its list again and again")
        if len(seen) >= MOST_PAGES:
            raise classifier.blame(f"sends a list of more than {MOST_PAGES} pages")
        seen.add((call.path, call.query))
        reply = yield call
        in_doubt = _is_short(words.pages, pages)
        if in_doubt and reply.status in NO_SUCH_PAGE:
            return pages
        if failure := classifier.read_failure(call, reply, words.ok_when):
            raise failure
        document = parsed(reply)
        found = find(words.items, document)
        if not isinstance(found, list):
            raise classifier.blame("sends something else than a list of webhooks")
        if in_doubt and found in ([], pages[-1]):
            return pages
        pages.append(found)
        page = Page(call, len(seen) - 1, sum(map(len, pages)), reply, document, found)
        try:
            call = following(words.pages, page, base_url)
        except ValueError:
            raise classifier.blame("names a next page that is no address") from None
    return pages


def _is_short(paging: Paging, pages: list[list[Any]]) -> bool:
    """Whether the last page held fewer items than asked for: the end, or the vendor gives no more at once."""
    match paging:
        case PageNumber(size=int(size), more=None) | Offset(size=size, more=None):
            return bool(pages) and len(pages[-1]) < size
        case _:
            return False


def opening(paging: Paging, call: Call) -> Call:
    """The call for the first page."""
    match paging:
        case PageNumber(size_param=name, size=int(size)) if name:
            return _with(call, {name: str(size)})
        case Offset(size_param=name, size=size):
            return _with(call, {name: str(size)})
        case _:
            return call


def following(paging: Paging, page: Page, base_url: str) -> Call | None:
    """The call for the page after `page`, or None where that was the last.

    Raises:
        ValueError: the vendor's link is no address.
    """
    match paging:
        case OnePage():
            return None
        case LinkHeader():
            return _to(page.call, next_link(page.reply.headers.get("link", "")), base_url)
        case NextUrl(path=path):
            return _to(page.call, find(path, page.document), base_url)
        case Cursor() | PageNumber() | Offset():
            return _with(page.call, {paging.param: _position(paging, page)}) if _goes_on(paging, page) else None
        case _:
            assert_never(paging)


def _goes_on(paging: Cursor | PageNumber | Offset, page: Page) -> bool:
    """Whether another page follows: as `more` says, else as long as there is a token, or were items."""
    if isinstance(paging, Cursor) and find(paging.path, page.document) in (None, "", False):
        return False
    if paging.more is not None:
        return bool(find(paging.more, page.document))
    return isinstance(paging, Cursor) or bool(page.items)


def _position(paging: Cursor | PageNumber | Offset, page: Page) -> str:
    """Where the next page begins: the vendor's token, the page's number, or how many items come before it."""
    match paging:
        case Cursor(path=path):
            return str(find(path, page.document))
        case PageNumber(first=first):
            return str(first + page.number + 1)
        case Offset():
            return str(page.read)


def next_link(header: str) -> str | None:
    """The address with `rel="next"` in a `Link` header; of several `rel` in one link the first counts."""
    for link in _LINK.finditer(header):
        parameters = re.findall(_PARAMETER, link[2])
        relations = next((quoted or bare for name, quoted, bare in parameters if name.lower() == "rel"), "")
        if "next" in relations.lower().split():
            return link[1]
    return None


def _to(call: Call, link: Any, base_url: str) -> Call | None:
    if not isinstance(link, str) or not link:
        return None
    at = call.path if not call.path.startswith("/") else base_url + call.path
    return call._replace(path=urljoin(at, link), query=())


def _with(call: Call, pairs: Mapping[str, str]) -> Call:
    kept = tuple((name, value) for name, value in call.query if name not in pairs)
    return call._replace(query=(*kept, *pairs.items()))
