"""What reading a document gives: articles, identities, hints for the pace. No I/O here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from bot import links
from bot.sources.budget import Budget

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from bot.models import Article

WHOLE_CHARS = 400
_CUT = re.compile(r"(?:\.\.\.|…|\[…\]|\[\.\.\.\])$")
_QUOTES = "\"'”“»’"
_CLOSERS = _QUOTES + ")]*_"
_ENDS = (".", "!", "?")


class Kind(StrEnum):
    """What a document turned out to be."""

    FEED = "feed"
    LISTING = "listing"
    PAGE = "page"
    SITEMAP = "sitemap"
    INDEX = "sitemap index"
    WORDPRESS = "wordpress"


@dataclass(frozen=True, slots=True)
class ReadContext:
    """What a reader needs to know beside the bytes.

    ``source`` is the configured source that is polled, if any; ``sources`` gives the
    configured names by host (without ``www.``) for documents that come from elsewhere.
    ``expect`` is what the document should be, where somebody knows: HTML in a feed's place is
    refused then, a page or listing is taken for what it should be as far as it can be.
    ``max_bytes`` is what a document may be that is compressed in itself (``sitemap.xml.gz``);
    ``budget`` is the time that the items of a document may take.
    With ``seek`` somebody looks for a source: each HTML page gives a reading, a page without
    articles an empty one, because it may name feeds.
    """

    now: datetime
    zone: ZoneInfo
    source: str | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    profile: str | None = None
    expect: Kind | None = None
    max_bytes: int = 8 << 20
    budget: Budget = field(default_factory=Budget)
    seek: bool = False

    def source_of(self, url: str) -> str:
        """Give the name of the configured source that matches, else the host without www."""
        if self.source:
            return self.source
        name = links.host(url)
        return self.sources.get(name) or self.sources.get(links.site(url)) or name


@dataclass(frozen=True, slots=True)
class Hints:
    """What a feed says about its own pace; ``None`` or empty where it says nothing."""

    ttl_s: float | None = None
    update_s: float | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()  # Monday is 0


@dataclass(frozen=True, slots=True)
class Item:
    """An article with its identity keys, and whether its text needs no visit to its page.

    An article without a title (an entry of a plain sitemap) is only an address: its page says
    the rest.
    """

    article: Article
    keys: tuple[str, ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What a document holds, in its own order.

    ``problems`` names what was left out, a line each; ``next_url`` is a listing's next page,
    ``children`` are an index's sitemaps, the one that holds the newest articles first. ``feeds``
    are what an HTML page states as its feeds (``<link rel=alternate>``), the nearest first, and
    ``linked`` what it links that looks like one; ``posts`` is where its WordPress has them.
    ``home`` is the page that a feed says it is the feed of.
    """

    kind: Kind
    items: tuple[Item, ...] = ()
    problems: tuple[str, ...] = ()
    hints: Hints = field(default_factory=Hints)
    title: str = ""
    next_url: str | None = None
    children: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    linked: tuple[str, ...] = ()
    posts: str | None = None
    home: str | None = None

    @property
    def articles(self) -> tuple[Article, ...]:
        """The articles alone, without those that only their pages could name."""
        return tuple(item.article for item in self.items if item.article.title)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a person who asked for this document's articles has to be told, a line each."""
        untitled = sum(not item.article.title for item in self.items)
        if self.kind is Kind.INDEX:
            count = len(self.children)
            newest = f"; the newest is {self.children[0]}" if count else ""
            return (
                *self.problems,
                f"a sitemap index: the articles are in its {count} sitemaps{newest}",
            )
        if untitled:
            entries = "1 entry has" if untitled == 1 else f"{untitled} entries have"
            return (*self.problems, f"{entries} no title: only the page could give it")
        return self.problems


def is_whole(text: str) -> bool:
    """Tell whether a text is the whole article: 400 characters or more, not cut off.

    Cut off is what ends in ``...`` or without a sentence's end.
    """
    bare = text.rstrip().rstrip(_CLOSERS)
    return len(text.rstrip()) >= WHOLE_CHARS and not is_cut(text) and bare.endswith(_ENDS)


def is_cut(text: str, *, alone: bool = False) -> bool:
    """Tell whether a text ends in an ellipsis, or with ``alone`` whether it is nothing else."""
    match = _CUT.search(text.rstrip().rstrip(_QUOTES))
    return match is not None and (not alone or match.start() == 0)
