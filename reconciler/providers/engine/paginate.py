"""All pages of a list, whatever the vendor's dialect. [pure]

A page that repeats, or too much of anything, makes the whole read fail: half a list must never look like the whole one.

Used by `providers.engine.reading` and `providers.engine.discovering`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, assert_never
from urllib.parse import urljoin, urlsplit, urlunsplit

from reconciler.errors import VendorError
from reconciler.providers.engine.classify import ReplyClassifier
from reconciler.providers.engine.extract import built, place
from reconciler.providers.language.reads import (
    Cursor,
    LinkHeader,
    Listing,
    NextUrl,
    Offset,
    OnePage,
    PageNumber,
    Paging,
)
from reconciler.providers.protocol import Call, Reply, Steps, parsed
from reconciler.support.bounds import MORE, Bounds

NO_SUCH_PAGE = frozenset({400, 404, 416, 422})
_PARAMETER = r"""\s*;\s*([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?"""
_LINK = re.compile(rf"<([^<>]*)>((?:{_PARAMETER})*)")


Sought = Callable[[str, Any], Any]
"""See `ReplyClassifier.sought`."""


class Page(NamedTuple):
    """One answered page: its call, its number from 0, all items up to its end, its answer, its document, its items."""

    call: Call
    number: int
    read: int
    reply: Reply
    document: Any
    items: list[Any]


class _Length:
    """How long a list has become by now; one that may have no end is not believed at all."""

    def __init__(self, bounds: Bounds, classifier: ReplyClassifier, of: str) -> None:
        self._bounds, self._classifier, self._of = bounds, classifier, of
        self.pages = self.webhooks = self.list_bytes = 0

    def demand(self, pages: int = 0, webhooks: int = 0, list_bytes: int = 0) -> None:
        """Take so much more.

        Raises:
            VendorError: it is more than there may be.
        """
        self.pages, self.webhooks = self.pages + pages, self.webhooks + webhooks
        self.list_bytes += list_bytes
        for many, most, what in (
            (self.pages, self._bounds.pages, "pages"),
            (self.webhooks, self._bounds.webhooks, self._of),
            (self.list_bytes, self._bounds.list_bytes, "bytes"),
        ):
            if many > most:
                error = self._classifier.blame(f"sends a list of more than {most:,} {what}")
                raise VendorError(error.summary, f"if there are so many: {MORE}", kind=error.kind, code=error.code)


def all_pages(
    words: Listing, first: Call, classifier: ReplyClassifier, base_url: str, expects: bool, bounds: Bounds
) -> Steps[list[list[Any]]]:
    """The items of each page.

    Args:
        words: of the list.
        first: the call of its first page.
        base_url: below which pages are, whatever an answer says.
        expects: some of ours should be there, so that not every answer without a list means that there is none.
        bounds: as long as a list may be.

    Raises:
        VendorError: a page failed, holds no list, repeats, or there is more than `bounds` allow.
    """
    pages: list[list[Any]] = []
    call: Call | None = opening(words.pages, first)
    seen: set[str] = set()
    length = _Length(bounds, classifier, words.THINGS)
    while call is not None:
        if (asked := repr((call.path, call.query, call.body))) in seen:
            raise classifier.blame("sends the same page of its list again and again")
        length.demand(pages=1)
        seen.add(asked)
        reply = yield call
        length.demand(list_bytes=len(reply.body))
        in_doubt = _is_short(words.pages, pages)
        if in_doubt and reply.status in NO_SUCH_PAGE:
            return pages
        found = _items(words, call, reply, classifier, expects)
        if (in_doubt and found in ([], pages[-1])) or (not found and _names_no_end(words.pages, pages)):
            return pages
        pages.append(found)
        length.demand(webhooks=len(found))
        page = Page(call, len(seen) - 1, length.webhooks, reply, parsed(reply), found)
        call = _next(words, page, base_url, classifier)
    return pages


def _next(words: Listing, page: Page, base_url: str, classifier: ReplyClassifier) -> Call | None:
    """The call for the page after this one.

    Raises:
        VendorError: the vendor names none that could be asked for.
    """
    try:
        return following(words.pages, page, base_url, classifier.sought)
    except ValueError:
        raise classifier.blame("names a next page that is no address") from None


def _items(words: Listing, call: Call, reply: Reply, classifier: ReplyClassifier, expects: bool) -> list[Any]:
    """The items of one answer.

    Raises:
        VendorError: it is no answer, or holds no list and does not say that there is nothing to list.
    """
    if reply.status in words.empty:
        return []
    whole = reply._replace(body=b"[]") if reply.body.strip() == b"null" else reply  # how some servers spell no list
    if failure := classifier.read_failure(call, whole, words.ok_when):
        raise failure
    document = parsed(whole)
    found = classifier.sought(words.items, document)
    if isinstance(found, list):
        return found
    if found is None and _is_empty(words, whole, document, classifier, expects):
        return []
    raise classifier.blame(f"sends something else than a list of {words.THINGS}")


def _is_empty(words: Listing, reply: Reply, document: Any, classifier: ReplyClassifier, expects: bool) -> bool:
    """Whether an answer without a list says that there is nothing to list.

    That is an empty object or list, a null where the list should be, and what the manifest says of it. An object that
    merely lacks the list may be anything; so may a null beside another list, or beside the words of a refusal. Where
    webhooks are expected, only the manifest's words are believed: nothing of ours is gone because of a strange answer.
    """
    if any(classifier.sought(each, document) for each in words.empty if isinstance(each, str)):
        return True
    if expects:
        return False
    if document in ({}, []):
        return True
    if not isinstance(document, dict) or any(isinstance(value, list) for value in document.values()):
        return False
    return place(words.items, document) == (None,) and not classifier.complains(reply, document)


def _names_no_end(paging: Paging, pages: list[list[Any]]) -> bool:
    """Whether the last page was empty and its vendor named another all the same, with no word for the last one.

    Some always name one. A page may be empty because all that was on it is hidden from these credentials; two in a row
    are taken for the end.
    """
    names = isinstance(paging, LinkHeader | NextUrl) or (isinstance(paging, Cursor) and paging.more is None)
    return names and bool(pages) and not pages[-1]


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
        case Offset(size_param=name, size=size, at=None):
            return _with(call, {name: str(size)})
        case _:
            return call


def following(paging: Paging, page: Page, base_url: str, sought: Sought) -> Call | None:
    """The call for the page after `page`, or None where that was the last.

    Raises:
        ValueError: the vendor's link is no address.
        VendorError: what says whether there is another cannot be evaluated.
    """
    match paging:
        case OnePage():
            return None
        case LinkHeader(only=only):
            return _to(page.call, next_link(page.reply.headers.get("link", ""), only), base_url, paging)
        case NextUrl(path=path):
            return _to(page.call, sought(path, page.document), base_url, paging)
        case Cursor() | PageNumber() | Offset():
            position = _position(paging, page, sought)
            if position is None:
                return None
            if paging.at is not None:
                return page.call._replace(body=built({paging.at: position}, page.call.body))
            return _with(page.call, {paging.param: str(position)})
        case _:
            assert_never(paging)


def _position(paging: Cursor | PageNumber | Offset, page: Page, sought: Sought) -> str | int | None:
    """Where the next page begins: the vendor's token, the page's number, or how many items come before it.

    None where no other follows: as `more` says, else there is no token, or there were no items.
    """
    token = sought(paging.path, page.document) if isinstance(paging, Cursor) else None
    if isinstance(paging, Cursor) and token in (None, "", False):
        return None
    more = isinstance(paging, Cursor) or bool(page.items)
    if paging.more is not None:
        more = bool(sought(paging.more, page.document))
    if not more:
        return None
    match paging:
        case Cursor():
            return token if isinstance(token, int) else str(token)
        case PageNumber(first=first):
            return first + page.number + 1
        case Offset():
            return page.read


def next_link(header: str, only: Mapping[str, str] | None = None) -> str | None:
    """The address with `rel="next"` and these other parameters in a `Link` header; of one that is twice the first."""
    for link in _LINK.finditer(header):
        found = [(name.lower(), quoted or bare) for name, quoted, bare in re.findall(_PARAMETER, link[2])]
        parameters = dict(reversed(found))
        as_asked = all(parameters.get(name.lower()) == value for name, value in (only or {}).items())
        if "next" in parameters.get("rel", "").lower().split() and as_asked:
            return link[1]
    return None


def _to(call: Call, link: Any, base_url: str, paging: LinkHeader | NextUrl) -> Call | None:
    if not isinstance(link, str) or not link:
        return None
    at = call.path if not call.path.startswith("/") else base_url + call.path
    address = urljoin(at, link)
    return call._replace(path=_rebased(address, at, base_url) if paging.rebase else address, query=())


def _rebased(link: str, at: str, base_url: str) -> str:
    """The link on the base URL's own host; as it came where its path leads to nothing below the base URL.

    Args:
        at: the address of the page that named it. A vendor behind another path prefix names the same path without it.
    """
    there, here, base = urlsplit(link), urlsplit(at), urlsplit(base_url)
    if there[:2] == base[:2]:
        return link
    prefix = base.path.rstrip("/")
    if there.path.endswith(here.path.removeprefix(prefix)):
        return urlunsplit((*here[:3], there.query, ""))
    return urlunsplit((*base[:2], *there[2:4], "")) if there.path.startswith(f"{prefix}/") else link


def _with(call: Call, pairs: Mapping[str, str]) -> Call:
    kept = tuple((name, value) for name, value in call.query if name not in pairs)
    return call._replace(query=(*kept, *pairs.items()))
