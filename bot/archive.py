"""The archive as people ask it: query -> search index -> articles from the store.

The index is a projection of the store's log: ``catch_up`` feeds it, whoever wrote the log.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from bot.models import Found, Hit
from bot.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from datetime import datetime

    from bot.models import StoredArticle
    from bot.search.index import SearchIndex
    from bot.store.protocol import Store

PROJECTED_AT_ONCE = 100  # an article costs about a millisecond to analyse
REBUILT_AT_ONCE = 1000  # each batch is a commit, which costs as much as some dozen articles
RELATED_LOOKED_AT = 2  # times the limit: some of them tell one story
FAR_BEHIND = 2000  # an index so far behind the log is being rebuilt, which somebody may wait for


class Archive:
    """Search, newest and related over the store's articles."""

    def __init__(self, store: Store, index: SearchIndex, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._index = index
        self._clock = clock
        self._catching_up = asyncio.Lock()

    async def search(self, query: str, limit: int = 5, offset: int = 0) -> Found:
        """Give a page of what answers the query, best first (CONTRACT §1, "search")."""
        answer = self._index.search(query, limit=limit, offset=offset, now=self._clock())
        articles = {a.id: a for a in await self._store.articles(answer.ids)}
        hits = tuple(
            Hit(articles[article_id], score)
            for article_id, score in zip(answer.ids, answer.scores, strict=True)
            if article_id in articles
        )
        return Found(query, hits, answer.total, answer.suggestion, answer.spellings)

    async def newest(self, limit: int = 5, offset: int = 0) -> Found:
        """Give a page of the archive by the time that readers see, newest first."""
        articles = await self._store.newest(limit, offset)
        hits = tuple(Hit(article, 0.0) for article in articles)
        return Found("", hits, await self._store.count())

    async def article(self, article_id: int) -> StoredArticle | None:
        """Give an article by its id."""
        found = await self._store.articles([article_id])
        return found[0] if found else None

    async def related(self, article_id: int, limit: int = 5) -> list[StoredArticle]:
        """Give the stories nearest to an article, never the same story again."""
        article = await self.article(article_id)
        if article is None:
            return []
        near = self._index.related(article, limit=limit * RELATED_LOOKED_AT)
        told, others = {article.story}, []
        for other in await self._store.articles(near):
            if other.story not in told:
                told.add(other.story)
                others.append(other)
        return others[:limit]

    async def catch_up(self) -> int:
        """Bring the index up to the store's log; gives how many articles it took."""
        async with self._catching_up:
            behind = await self._store.last_seq() - self._index.checkpoint
            if behind < FAR_BEHIND:
                return await self._project(PROJECTED_AT_ONCE)
            with Progress("search index rebuilt", behind) as progress:
                return await self._project(REBUILT_AT_ONCE, progress)

    async def _project(self, at_once: int, progress: Progress | None = None) -> int:
        taken, began = 0, self._index.checkpoint
        while batch := await self._store.log_after(self._index.checkpoint, at_once):
            await _to_its_end(asyncio.to_thread(self._index.add, batch))
            taken += len(batch)
            if progress is not None:
                progress.show(self._index.checkpoint - began)
        return taken


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Await what a thread does; a cancelled caller waits for the thread all the same.

    Nobody may close the index while a thread writes to it.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
