"""What reading a document gives: articles, identities, hints for the pace. No I/O here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from bot import links

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


@dataclass(frozen=True, slots=True)
class ReadContext:
    """What a reader needs to know beside the bytes.

    ``source`` is the configured source that is polled, if any; ``sources`` gives the
    configured names by host (without ``www.``) for documents that come from elsewhere.
    ``expect`` is what the document should be, where somebody knows: HTML in a feed's place is
    refused then, a page or listing is taken for what it should be as far as it can be.
    """

    now: datetime
    zone: ZoneInfo
    source: str | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    profile: str | None = None
    expect: Kind | None = None

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
    """An article with its identity keys, and whether its text needs no visit to its page."""

    article: Article
    keys: tuple[str, ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What a document holds, in its own order.

    ``problems`` names what was left out, a line each; ``next_url`` is a listing's next page.
    """

    kind: Kind
    items: tuple[Item, ...] = ()
    problems: tuple[str, ...] = ()
    hints: Hints = field(default_factory=Hints)
    title: str = ""
    next_url: str | None = None

    @property
    def articles(self) -> tuple[Article, ...]:
        """The articles alone."""
        return tuple(item.article for item in self.items)


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
