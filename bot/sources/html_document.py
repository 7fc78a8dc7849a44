"""An HTML document: an article page, a listing, or neither. No I/O here."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from bot import links
from bot.errors import ParseError
from bot.sources import listing, markup, metadata
from bot.sources.page import Page, read_page
from bot.sources.profiles import profile_for
from bot.sources.reading import Item, Kind, ReadContext, Reading, is_whole

if TYPE_CHECKING:
    from bot.sources.markup import Element
    from bot.sources.metadata import Metadata
    from bot.sources.profiles import Profile

_LISTING_MIN = 3
_PAGE_CHARS = 600


def read_html(text: str, *, url: str | None, context: ReadContext) -> Reading:
    """Give the reading of an HTML document; ParseError where it is neither kind.

    A page that calls itself an article is read as one first, a front page as a listing
    first; what is left is decided by which of both is the more convincing.
    """
    root = markup.parse(text)
    if root is None:
        raise ParseError("an HTML page without content")
    meta = metadata.collect(root, url=url)
    profile = profile_for(context.profile, links.host(url or ""), meta.canonical, context.source)
    base = url or meta.canonical
    if base is None:
        return _homeless(root, profile, context)
    front = links.is_front(base)
    if meta.is_article and not front:
        page = _page(root, url, base, meta, profile, context)
        if page.convincing:
            return _of_page(page)
    items = listing.read_listing(root, base=base, profile=profile, context=context)
    if front and len(items) >= _LISTING_MIN:
        return _of_listing(root, items, base, meta, profile)
    page = _page(root, url, base, meta, profile, context)
    long = len(page.article.text) >= _PAGE_CHARS and not _lists(page.article.text, items)
    if page.convincing and (long or len(items) < _LISTING_MIN):
        return _of_page(page)
    if len(items) >= _LISTING_MIN - 1:
        return _of_listing(root, items, base, meta, profile)
    raise ParseError("an HTML page that is neither an article nor a listing")


def _lists(text: str, items: tuple[Item, ...]) -> bool:
    """Tell whether a text is made of the listing's own titles."""
    return sum(item.article.title in text for item in items) >= _LISTING_MIN


def _homeless(root: Element, profile: Profile | None, context: ReadContext) -> Reading:
    """Read a page that does not name its own address: only a listing of whole links is left."""
    addresses = [links.absolute(node.get("href") or "") for node in root.iter("a")]
    sites = Counter(links.site(address) for address in addresses if address)
    commonest = next((address for address in addresses if address
                      and links.site(address) == sites.most_common(1)[0][0]), None)  # fmt: skip
    items: tuple[Item, ...] = ()
    if commonest is not None:
        front = urljoin(commonest, "/")
        items = listing.read_listing(root, base=front, profile=profile, context=context, whole=True)
    if len(items) < _LISTING_MIN - 1:
        raise ParseError("a page that does not name its own address: give it with --url")
    relative = len(addresses) - sum(address is not None for address in addresses)
    problem = f"{relative} links stay relative and were left out: give the address with --url"
    return Reading(kind=Kind.LISTING, items=items, problems=(problem,) if relative else ())


def _page(
    root: Element,
    url: str | None,
    base: str,
    meta: Metadata,
    profile: Profile | None,
    context: ReadContext,
) -> Page:
    return read_page(
        root,
        url=_address(url, meta.canonical, base),
        base=base,
        meta=meta,
        profile=profile,
        context=context,
    )


def _address(url: str | None, canonical: str | None, base: str) -> str:
    """Give the canonical link when it is on the site of the page, else the page's address.

    A canonical link to the front page is a slip of the site's template, not an address.
    """
    if url is None:
        return links.clean(canonical or base)
    if canonical and links.same_site(canonical, url):
        if links.is_front(canonical) and not links.is_front(url):
            return links.clean(url)
        return links.clean(canonical)
    return links.clean(url)


def _of_page(page: Page) -> Reading:
    article = page.article
    item = Item(article, (links.identity(article.url),), is_whole(article.text))
    return Reading(kind=Kind.PAGE, items=(item,), title=article.title)


def _of_listing(
    root: Element, items: tuple[Item, ...], base: str, meta: Metadata, profile: Profile | None
) -> Reading:
    return Reading(
        kind=Kind.LISTING,
        items=items,
        title=meta.site_name or meta.head_title,
        next_url=listing.next_page(root, base=base, profile=profile),
    )
