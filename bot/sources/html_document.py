"""An HTML document: an article page, a listing, or neither. No I/O here."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from bot import links
from bot.errors import ParseError
from bot.sources import feed_links, listing, markup, metadata
from bot.sources.page import Page, read_page
from bot.sources.profiles import profile_for
from bot.sources.reading import Item, Kind, ReadContext, Reading, is_whole

if TYPE_CHECKING:
    from bot.sources.markup import Element
    from bot.sources.metadata import Metadata
    from bot.sources.profiles import Profile

_LISTING_MIN = 3
_GONE = re.compile(
    r"^\W*(?:(?:xəta|error|ошибка)\W*)?404(?:\W*$|\s+[-–—|]\s"
    r"|\W+(?:səhifə|xəta|error|not found|page|file|страница|ошибка)\b)"
    r"|^\W*(?:(?:bu|belə|axtardığınız|the|requested)\s+)*(?:bir\s+)?"
    r"(?:səhifə|xəbər|material|məqalə|page|страница)\s+"
    r"(?:tapılmadı|tapılmayıb|mövcud deyil|not found|не найдена)"
    r"(?:\W*$|\s+[-–—|]\s|[.!])",
    re.IGNORECASE,
)
_PAGE_CHARS = 600
_SHORT_PAGE_CHARS = 80


def read_html(text: str, *, url: str | None, context: ReadContext) -> Reading:
    """Give the reading of an HTML document; ParseError where it is neither kind."""
    root = markup.parse(text)
    if root is None:
        raise ParseError("an HTML page without content")
    if not context.seek:
        return _read(root, url=url, context=context)
    posts = feed_links.wordpress_posts(root, url=url)
    feeds = feed_links.stated_feeds(root, url=url)
    linked = feed_links.linked_feeds(root, url=url)
    try:
        reading = _read(root, url=url, context=context)
    except ParseError as error:
        reading = Reading(kind=Kind.PAGE, problems=(str(error),))
    return replace(reading, feeds=feeds, linked=linked, posts=posts)


def _read(root: Element, *, url: str | None, context: ReadContext) -> Reading:
    meta = metadata.collect(root, url=url)
    if any(_GONE.match(text) for text in (meta.head_title, *_headings(root))):
        raise ParseError("a page that says it was not found")
    profile = profile_for(context.profile, links.host(url or ""), meta.canonical, context.source)
    base = url or meta.canonical
    if base is None:
        return _homeless(root, profile, context)
    document = _Document(root, url, base, meta, profile, context)
    if context.expect is Kind.PAGE:
        return document.as_page()
    if context.expect is Kind.LISTING:
        return document.as_listing()
    return document.as_what_it_is()


@dataclass(frozen=True, slots=True)
class _Document:
    """A parsed document with its address; ``base`` is what its links are relative to."""

    root: Element
    url: str | None
    base: str
    meta: Metadata
    profile: Profile | None
    context: ReadContext

    def as_page(self) -> Reading:
        """Read it as the article page that somebody knows it to be."""
        page = self._page()
        if not page.article.title or len(page.article.text) < _SHORT_PAGE_CHARS:
            raise ParseError("a page without an article's text")
        return _of_page(page)

    def as_listing(self) -> Reading:
        """Read it as the listing that somebody knows it to be."""
        items = self._items()
        if not items:
            raise ParseError("a page without links to articles")
        return self._of_listing(items)

    def as_what_it_is(self) -> Reading:
        """Read it as the more convincing of both.

        A page that calls itself an article is read as one first, a front page as a listing
        first; a text that is made of the listing's titles is no article.
        """
        front = links.is_front(self.base)
        states = self.meta.is_article or self.meta.kind.startswith("video")
        page = self._page() if states and not front else None
        if page is not None and page.convincing:
            return _of_page(page)
        if page is not None and page.titled and page.article.published is not None:
            return _of_page(page)  # a video or a gallery: no text, and still a story
        items = self._items()
        if not front or len(items) < _LISTING_MIN:
            page = page or self._page()
            text = page.article.text
            long = (page.titled or len(text) >= _PAGE_CHARS) and not _lists(text, items)
            if page.convincing and (long or len(items) < _LISTING_MIN):
                return _of_page(page)
            if page.dated and page.titled and not _lists(text, items):
                return _of_page(page)
        if len(items) >= _LISTING_MIN - 1:
            return self._of_listing(items)
        if page is not None and page.dated:
            return _of_page(page)
        raise ParseError("an HTML page that is neither an article nor a listing")

    def _page(self) -> Page:
        return read_page(
            self.root,
            url=_address(self.url, self.meta.canonical, self.base),
            base=self.base,
            meta=self.meta,
            profile=self.profile,
            context=self.context,
        )

    def _items(self) -> tuple[Item, ...]:
        return listing.read_listing(
            self.root, base=self.base, profile=self.profile, context=self.context
        )

    def _of_listing(self, items: tuple[Item, ...]) -> Reading:
        return Reading(
            kind=Kind.LISTING,
            items=items,
            title=self.meta.site_name or self.meta.head_title,
            next_url=listing.next_page(self.root, base=self.base, profile=self.profile),
        )


def _headings(root: Element) -> list[str]:
    return [markup.short_text(node, _SHORT_PAGE_CHARS) for node in root.iter("h1")]


def _of_page(page: Page) -> Reading:
    article = page.article
    item = Item(article, (links.identity(article.url),), is_whole(article.text))
    return Reading(kind=Kind.PAGE, items=(item,), title=article.title)


def _lists(text: str, items: tuple[Item, ...]) -> bool:
    """Tell whether a text is made of the listing's own titles and summaries."""
    shown = [(item.article.title, item.article.summary or item.article.title) for item in items]
    return sum(title in text or summary in text for title, summary in shown) >= _LISTING_MIN


def _address(url: str | None, canonical: str | None, base: str) -> str:
    """Give the canonical link when it is on the site of the page, else the page's address.

    A canonical link to the front page is a slip of the site's template, not an address.
    """
    if url is None:
        return links.clean(canonical or base)
    if canonical and links.same_site(canonical, url):
        slip = links.is_front(canonical) and not links.is_front(url)
        return links.clean(url if slip else canonical)
    return links.clean(url)


def _homeless(root: Element, profile: Profile | None, context: ReadContext) -> Reading:
    """Read a page that does not name its own address: only a listing of whole links is left."""
    addresses = [links.absolute(node.get("href") or "") for node in root.iter("a")]
    whole = [address for address in addresses if address]
    items: tuple[Item, ...] = ()
    if whole:
        ((commonest, _),) = Counter(links.site(address) for address in whole).most_common(1)
        first = next(address for address in whole if links.site(address) == commonest)
        front = urljoin(first, "/")
        items = listing.read_listing(root, base=front, profile=profile, context=context, whole=True)
    if len(items) < _LISTING_MIN - 1:
        raise ParseError("a page that does not name its own address: give it with --url")
    relative = len(addresses) - len(whole)
    problem = f"{relative} links stay relative and were left out: give the address with --url"
    return Reading(kind=Kind.LISTING, items=items, problems=(problem,) if relative else ())
