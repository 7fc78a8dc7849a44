"""What an HTML page says about where its feeds are. No I/O here; runs in a worker.

Stated are ``<link rel=alternate>`` of a feed's type and WordPress's interface; linked is what
stands in the page's own links and looks like a feed.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

from bot import links

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.sources.markup import Element

MAX_FEEDS = 8
MAX_LINKS = 5_000  # looked at; a page may have a million
WORDPRESS_POSTS = "wp/v2/posts"
_FEED_TYPES = frozenset(
    {
        "application/rss+xml",
        "application/atom+xml",
        "application/rdf+xml",
        "application/feed+json",
        "application/rss",
        "application/atom",
        "text/rss+xml",
        "application/xml",
        "text/xml",
        "application/x.atom+xml",
    }
)
_VAGUE_TYPES = frozenset({"", "application/json", "text/html"})
_FEED_PATH = re.compile(
    r"(?:^|[/._-])(?:rss|feeds?|atom|rdf)(?:2|2\.0)?(?:[/._-]?(?:xml|json|php|aspx?|rss))?/?$"
    r"|/(?:rss|feeds?|atom)/[\w./-]+\.(?:xml|rss|json)$|\.(?:rss|atom|rdf)$",
    re.IGNORECASE,
)
_FEED_QUERY = re.compile(
    r"(?:^|&)(?:feed=(?:rss2?|atom|rdf)|format=(?:feed|rss|atom))", re.IGNORECASE
)
_COMMENTS = re.compile(r"comment|şərh|serh|коммент", re.IGNORECASE)


def stated_feeds(root: Element, *, url: str | None) -> tuple[str, ...]:
    """Give the feeds that a page states, the nearest to the page first, comments' never.

    Nearest is the feed whose address goes on from the page's own: a category's page states the
    whole site's feed and the category's.
    """
    base = _base(root, url)
    found: list[str] = []
    for node in islice(root.iter("link"), MAX_LINKS):
        relation = (node.get("rel") or "").lower().split()
        kind = (node.get("type") or "").partition(";")[0].strip().lower()
        href = node.get("href") or ""
        if not {"alternate", "feed"} & set(relation) or not href.strip():
            continue
        vague = kind in _VAGUE_TYPES and (_looks_like_feed(href) or "feed" in relation)
        if (kind in _FEED_TYPES or vague) and not _COMMENTS.search(
            f"{unquote(href)} {node.get('title') or ''}"
        ):
            address = links.absolute(href, base)
            if address:
                found.append(address.partition("#")[0])
    own = _folder(url or base or "")
    order = sorted(dict.fromkeys(found), key=lambda feed: _distance(feed, own))
    return tuple(order[:MAX_FEEDS])


def wordpress_posts(root: Element, *, url: str | None) -> str | None:
    """Give where WordPress's posts are, if the page says that it is made by WordPress."""
    base = _base(root, url)
    for node in islice(root.iter("link"), MAX_LINKS):
        if (node.get("rel") or "").strip().lower() == "https://api.w.org/":
            address = links.absolute(node.get("href") or "", base)
            if address and "rest_route=" in address:
                return f"{address.rstrip('/')}/{WORDPRESS_POSTS}"
            return urljoin(address.rstrip("/") + "/", WORDPRESS_POSTS) if address else None
    return None


def linked_feeds(root: Element, *, url: str | None) -> tuple[str, ...]:
    """Give the links of a page, within its site, that look like feeds."""
    base = _base(root, url)
    found = dict.fromkeys(
        address.partition("#")[0]
        for href in _hrefs(root)
        if _looks_like_feed(href)
        and not _COMMENTS.search(unquote(href))
        and (address := links.absolute(href, base)) is not None
        and (url is None or links.same_site(address, url))
    )
    return tuple(list(found)[:MAX_FEEDS])


def _hrefs(root: Element) -> Iterator[str]:
    return (node.get("href") or "" for node in islice(root.iter("a"), MAX_LINKS))


def _looks_like_feed(href: str) -> bool:
    try:
        parts = urlsplit(href.strip())
    except ValueError:
        return False
    return bool(_FEED_PATH.search(parts.path) or _FEED_QUERY.search(parts.query))


def _base(root: Element, url: str | None) -> str | None:
    for node in root.iter("base"):
        href = links.absolute(node.get("href") or "", url)
        if href:
            return href
    return url


def _folder(url: str) -> str:
    """Give the path that goes on in what belongs to a page: ``/elm/`` of ``/elm``."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return "/"
    return f"{path.rstrip('/')}/"


def _distance(feed: str, own: str) -> int:
    """Say how far a feed is from a page: 0 within its folder, 1 elsewhere."""
    try:
        path = urlsplit(feed).path
    except ValueError:
        return 1
    return 0 if own != "/" and path.startswith(own) else 1
