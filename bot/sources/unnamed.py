"""Addresses without a title, as plain sitemaps have them: their pages say what they are.

Of many the newest few are asked at each poll, politely; a page that is no article (a category,
an imprint) is not asked again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot import links
from bot.errors import FetchError, ParseError
from bot.sources.reading import Item, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.sources.reading import ReadContext
    from bot.sources.robots import Robots
    from bot.sources.sandbox import Sandbox
    from bot.sources.scout import Fetches

AT_ONCE = 10
MAX_REMEMBERED = 20_000
_LATER = frozenset({None, 408, 425, 429, 500, 502, 503, 504})


class Unnamed:
    """Names what has no title by its page."""

    def __init__(self, fetcher: Fetches, sandbox: Sandbox, robots: Robots) -> None:
        self._fetcher = fetcher
        self._sandbox = sandbox
        self._robots = robots
        self._no_articles: set[str] = set()

    async def named(
        self, items: Iterable[Item], context: ReadContext, *, max_age_s: float
    ) -> tuple[list[Item], bool]:
        """Give the items that have a title, and those newest others whose page gives one.

        What its sitemap dates before ``max_age_s`` is left alone. Gives also whether some are
        still to be asked for.
        """
        given = list(items)
        found = [item for item in given if item.article.title]
        wanted = [
            item
            for item in given
            if not item.article.title and item.keys[0] not in self._no_articles
        ]
        oldest = context.now - timedelta(seconds=max_age_s)
        newest = _newest(wanted, oldest)
        left = len(newest) > AT_ONCE
        for item in newest[:AT_ONCE]:
            try:
                named = await self._named(item, context)
            except FetchError as error:
                if error.status in _LATER:
                    left = True
                    continue
                named = None
            except ParseError:
                named = None
            if named is not None:
                found.append(named)
            else:
                if len(self._no_articles) >= MAX_REMEMBERED:
                    self._no_articles.clear()
                self._no_articles.add(item.keys[0])
        return found, left

    async def _named(self, item: Item, context: ReadContext) -> Item | None:
        url = item.article.url
        if not await self._robots.allowed(url):
            return None
        response = await self._fetcher.fetch(url)
        reading = await self._sandbox.read(
            response.body,
            url=response.url,
            content_type=response.content_type,
            context=replace(context, expect=Kind.PAGE, seek=False),
        )
        if not reading.articles:
            return None
        page = reading.articles[0]
        # The page's own date: a sitemap's says when it was changed.
        article = replace(page, url=url, published=page.published or item.article.published)
        keys = dict.fromkeys((*item.keys, links.identity(page.url)))
        return Item(article, tuple(keys), whole=True)


def _newest(items: list[Item], oldest: datetime) -> list[Item]:
    """Give the items that are young enough, the newest first, those without a date last."""

    def changed(item: Item) -> datetime:
        return item.article.published or oldest

    return sorted((item for item in items if changed(item) >= oldest), key=changed, reverse=True)
