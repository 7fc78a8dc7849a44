"""Where a site's news may be, and which of it is best. Pure: no I/O here.

page -> what it states and links, usual paths, robots.txt's sitemaps -> candidates in the order
of asking; what was read of them -> findings, best first. ``bot.sources.scout`` does the asking.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot import links
from bot.sources.reading import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.sources.reading import Reading

FEED_PATHS = (
    *("/feed", "/feed/", "/rss", "/rss.xml", "/rss/", "/atom.xml", "/feed.xml", "/feed.json"),
    *("/feeds/index.rss", "/index.xml", "/rss.php"),
)
EDITION_PATHS = ("/feed", "/rss", "/rss.xml")
POSTS_PATH = "/wp-json/wp/v2/posts"
SITEMAP_PATHS = ("/news-sitemap.xml", "/sitemap-news.xml", "/sitemap.xml", "/sitemap_index.xml")
MAX_SITEMAPS = 6
STALE = timedelta(days=30)
_EDITION = re.compile(r"(/(?:az|aze|ru|en|tr))(?:/|$)", re.IGNORECASE)


class Way(StrEnum):
    """How an address was come by."""

    GIVEN = "the address itself"
    STATED = "stated by the page"
    LINKED = "linked on the page"
    USUAL = "a usual path"
    ROBOTS = "named by robots.txt"


class Worth(IntEnum):
    """What a finding is worth; less is better."""

    WHOLE_FEED = 0
    CUT_FEED = 1
    NEWS_SITEMAP = 2
    WORDPRESS = 3
    LISTING = 4
    SITEMAP = 5
    EMPTY = 6


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address to ask, and how it was come by."""

    url: str
    way: Way


@dataclass(frozen=True, slots=True)
class Finding:
    """An address that reads: what it is, how much, how new."""

    candidate: Candidate
    kind: Kind
    items: int
    whole: int
    titled: int
    newest: datetime | None

    @property
    def url(self) -> str:
        """The address to configure."""
        return self.candidate.url

    @property
    def worth(self) -> Worth:
        """What it is worth as a source."""
        if not self.items:
            return Worth.EMPTY
        if self.kind is Kind.FEED:
            # One brief item among whole ones is a photo story, not a feed that cuts.
            return Worth.WHOLE_FEED if self.whole * 2 > self.items else Worth.CUT_FEED
        if self.kind is Kind.WORDPRESS:
            return Worth.WORDPRESS
        if self.kind is Kind.LISTING:
            return Worth.LISTING
        return Worth.NEWS_SITEMAP if self.titled else Worth.SITEMAP


def feed_candidates(page: str, reading: Reading | None) -> list[Candidate]:
    """Give where the feeds of a page's site may be, the likeliest first."""
    stated = reading.feeds if reading else ()
    linked = reading.linked if reading else ()
    return _once(
        [
            *(Candidate(url, Way.STATED) for url in stated),
            *(Candidate(url, Way.LINKED) for url in linked),
            *(Candidate(url, Way.USUAL) for url in _usual(page, _of_edition(page))),
            *(Candidate(url, Way.USUAL) for url in _usual(page, FEED_PATHS)),
        ]
    )


def other_candidates(
    page: str, reading: Reading | None, sitemaps: Iterable[str]
) -> list[Candidate]:
    """Give where else a site's news may be: its sitemaps, and WordPress's posts."""
    named = list(dict.fromkeys(map(links.clean, sitemaps)))
    # Of many, those that may hold news: robots.txt lists images, tags and videos too.
    named.sort(key=lambda url: "news" not in url.lower() and "xeber" not in url.lower())
    posts = reading.posts if reading else None
    return _once(
        [
            *(Candidate(url, Way.ROBOTS) for url in named[:MAX_SITEMAPS] if links.is_absolute(url)),
            *(Candidate(url, Way.USUAL) for url in _usual(page, SITEMAP_PATHS)),
            *([Candidate(posts, Way.STATED)] if posts else []),
            *(Candidate(url, Way.USUAL) for url in _usual(page, (POSTS_PATH,))),
        ]
    )


def front(url: str) -> str:
    """Give the front page of an address's site."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


def finding(candidate: Candidate, reading: Reading) -> Finding | None:
    """Give what a reading is worth; None for an article's page."""
    if reading.kind in {Kind.PAGE, Kind.INDEX}:
        return None
    dates = [item.article.published for item in reading.items if item.article.published]
    return Finding(
        candidate,
        reading.kind,
        items=len(reading.items),
        whole=sum(item.whole for item in reading.items),
        titled=sum(bool(item.article.title) for item in reading.items),
        newest=max(dates, default=None),
    )


def best_first(findings: Sequence[Finding], now: datetime) -> list[Finding]:
    """Give findings in the order of their worth; a feed that nobody feeds any more comes late."""

    def rank(found: Finding) -> tuple[bool, Worth, int]:
        stale = found.newest is not None and found.newest < now - STALE
        return stale, found.worth, list(Way).index(found.candidate.way)

    return sorted(findings, key=rank)


def is_html(reading: Reading) -> bool:
    """Tell whether a reading comes from an HTML page: from nothing that is made for readers."""
    return reading.kind in {Kind.LISTING, Kind.PAGE}


def looks_again(failures: int) -> bool:
    """Tell whether to find out anew after so many failures in a row: ever more rarely.

    At the first, second, fourth, eighth ... failure: polls that fail back off themselves.
    """
    count = failures + 1
    return count & (count - 1) == 0


def _usual(page: str, paths: Iterable[str]) -> list[str]:
    parts = urlsplit(page)
    return [f"{parts.scheme}://{parts.netloc}{path}" for path in paths]


def _of_edition(page: str) -> list[str]:
    """Give the usual paths of an edition in one language: ``/az/rss``."""
    edition = _EDITION.match(urlsplit(page).path)
    return [f"{edition[1]}{path}" for path in EDITION_PATHS] if edition else []


def _once(candidates: Iterable[Candidate]) -> list[Candidate]:
    first: dict[str, Candidate] = {}
    for candidate in candidates:
        first.setdefault(candidate.url, candidate)
    return list(first.values())
