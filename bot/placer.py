"""The log to stories: every new article is placed in the story that it tells, in the log's order.

What is to be delivered is placed when it goes out, with its page; what is only archived as soon
as it is whole, or has waited long enough for its page. Imported and old articles tell none but
their own. One run at a time does this (``bot.publisher`` has the lease); what another run has
placed meanwhile is read from the log, and the last two days of it after a start.
"""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot.sources.reading import is_whole
from bot.stories import SPAN, Stories

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.models import StoredArticle
    from bot.store.protocol import Store

WINDOW_ARTICLES = 5000
READ_AT_ONCE = 500
PLACED_AT_ONCE = 50  # what was only archived must not keep fan-outs waiting
PAGE_PATIENCE = timedelta(minutes=2)
_MILLISECOND = timedelta(milliseconds=1)

log = structlog.get_logger("xeberci.stories")


class Placer:
    """Places articles in stories, and lets what was sent of these be edited."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._stories: Stories | None = None
        self._seq = 0
        self._ready: deque[StoredArticle] = deque()
        self._waiting: dict[int, StoredArticle] = {}  # for their pages
        self._placed: set[int] = set()  # by this run, and stored

    async def catch_up(self) -> bool:
        """Read the log and place some of what nobody has placed; gives whether there is more."""
        stories = self._stories or await self._begin()
        now = self._clock()
        more = await self._read(stories, now) if await self._store.last_seq() > self._seq else False
        for number, stored in list(self._waiting.items()):
            if now - stored.first_seen > PAGE_PATIENCE:
                self._ready.append(self._waiting.pop(number))
        for _ in range(min(len(self._ready), PLACED_AT_ONCE)):
            if self._ready[0].id not in self._placed:  # its fan-out may have come first
                await self._place(stories, self._ready[0], now)
            self._ready.popleft()
        return more or bool(self._ready)

    def forget(self) -> None:
        """Let go of everything: another run places now, and goes by what it finds itself."""
        self._stories = None

    async def placed(self, stored: StoredArticle) -> StoredArticle:
        """Give an article that goes out, placed in its story; ``catch_up`` comes before."""
        stories, now = self._stories or await self._begin(), self._clock()
        if stored.placed is not None or not _is_young(stored, now):
            return stored
        self._waiting.pop(stored.id, None)
        return await self._place(stories, stored, now)

    async def _place(self, stories: Stories, stored: StoredArticle, now: datetime) -> StoredArticle:
        try:
            story = stories.place(stored)
        except Exception:
            log.exception("an article tells a story of its own", article=stored.id)
            story = stored.id
        if story != stored.id:
            # Queued first: killed in between, the next run places it again, and queues nothing.
            await self._store.queue_edit(story, None, now)
            log.info("tells a story again", article=stored.id, story=story)
        placed = await self._store.place(stored.id, story, now)
        self._placed.add(stored.id)
        return placed or stored

    # -- the log ------------------------------------------------------------------------

    async def _begin(self) -> Stories:
        """Build the stories of the last two days as they were found to be."""
        stories, now = Stories(), self._clock()
        self._ready.clear()
        self._waiting.clear()
        self._placed.clear()
        seq = await self._store.last_seq()
        recent = await self._store.archived_between(now - SPAN, now, WINDOW_ARTICLES)
        recent.sort(key=lambda stored: stored.id)
        found = [s for s in recent if s.placed is not None and _is_young(s, now)]
        for start in range(0, len(found), PLACED_AT_ONCE):  # a stop waits for no thread for long
            part = found[start : start + PLACED_AT_ONCE]
            await asyncio.to_thread(_remember, stories, part)
        for stored in recent:
            if stored.placed is None:
                self._take(stored, now)
        self._stories, self._seq = stories, seq
        return stories

    async def _read(self, stories: Stories, now: datetime) -> bool:
        """Take a page of the log; gives whether there is more."""
        page = await self._store.log_after(self._seq, READ_AT_ONCE)
        new = []
        for stored in page:
            if not _is_young(stored, now):
                continue
            if stored.placed is not None:  # by another run, or it was changed since
                _remember(stories, [stored])
            elif self._waiting.pop(stored.id, None) is not None:
                self._ready.append(stored)
            elif stored.id not in self._placed:
                new.append(stored)
        read = await self._read_from_sources(new)
        for stored in new:
            if stored.id in read:
                self._take(stored, now)
        if page:
            self._seq = page[-1].seq
        if len(self._placed) > WINDOW_ARTICLES:
            self._placed = {number for number in self._placed if stories.story(number)}
        return len(page) == READ_AT_ONCE

    async def _read_from_sources(self, new: list[StoredArticle]) -> set[int]:
        """Give which of these were not imported."""
        if not new:
            return set()
        seen = [stored.first_seen for stored in new]
        after, until = min(seen) - _MILLISECOND, max(seen)
        found = await self._store.archived_between(after, until, WINDOW_ARTICLES)
        return {stored.id for stored in found}

    def _take(self, stored: StoredArticle, now: datetime) -> None:
        """Note an article that is to be placed; one that is old tells its own story."""
        if not _is_young(stored, now):
            return
        if is_whole(stored.article.text):
            self._ready.append(stored)
        else:
            self._waiting[stored.id] = stored


def _remember(stories: Stories, found: list[StoredArticle]) -> None:
    for stored in found:
        try:
            stories.remember(stored)
        except Exception:
            log.exception("an article's story gets no further articles", article=stored.id)


def _is_young(stored: StoredArticle, now: datetime) -> bool:
    return now - stored.when <= SPAN
