"""The Redis store: its rooms under one roof, its life, and its housekeeping."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.errors import HalfFilledError, StoreError
from bot.store.records import EPOCH, storable, to_ms
from bot.store.redis.articles import ArticleRoom
from bot.store.redis.chats import ChatRoom
from bot.store.redis.claims import ClaimRoom
from bot.store.redis.fanouts import FanOutRoom
from bot.store.redis.moves import MoveRoom
from bot.store.redis.moving import MovingRoom
from bot.store.redis.outbox import OutboxRoom
from bot.store.redis.rate import RateRoom
from bot.store.redis.room import KEYS
from bot.store.redis.setback import SetBackRoom
from bot.store.redis.stories import StoryRoom
from bot.store.redis.workers import WorkerRoom

if TYPE_CHECKING:
    from datetime import datetime

VERSION = 2  # of what the keys mean; 2 has stories
# Nothing is fanned out that long after it was archived, so nothing could come twice.
_TOLD_KEPT = timedelta(days=30)
_PHRASES_KEPT = timedelta(days=90)
_STEP = 500  # records a script


class RedisStore(
    ArticleRoom,
    ChatRoom,
    FanOutRoom,
    StoryRoom,
    OutboxRoom,
    ClaimRoom,
    MoveRoom,
    RateRoom,
    WorkerRoom,
    SetBackRoom,
    MovingRoom,
):
    """The ``Store`` of one bot on any number of machines, in one Redis."""

    async def open(self, *, exclusive: bool = False) -> None:
        """Connect and check the version. Any number of runs may share the store, so that
        ``exclusive`` neither refuses one nor ends leases: those of the dead run out. It
        does refuse a half-filled store."""
        await self._redis.open()
        try:
            found = int(await self._redis.run("open", VERSION, uuid.uuid4().hex))
            if found > VERSION:
                raise StoreError(
                    f"the store was written by a newer version of xeberci (layout {found}, this "
                    f"version knows {VERSION}): install that version, or name another store.url"
                )
            if exclusive and await self.half_filled():
                raise HalfFilledError
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Let go of all connections; may be called twice."""
        await self._redis.close()

    async def check(self) -> None:
        """Raise ``StoreError`` unless the store answers and can be written to."""
        await self._redis.command("HINCRBY", f"{KEYS}counters", "seq", 0)

    async def time(self) -> datetime:
        """Give the server's clock, which all workers go by."""
        seconds, microseconds = await self._redis.command("TIME")
        return EPOCH + timedelta(seconds=int(seconds), microseconds=int(microseconds))

    async def housekeeping(self, now: datetime) -> None:
        """Forget what no longer matters, a short step at a time."""
        before = to_ms(now - _PHRASES_KEPT)
        while await self._redis.run("phrases_forget", before, _STEP) == _STEP:
            pass
        while await self._redis.run("edits_expire", to_ms(now), _STEP) == _STEP:
            pass
        last = await self._redis.run("articles_settled", to_ms(now - _TOLD_KEPT))
        await self.forget_told(now - _TOLD_KEPT, int(last))

    async def keep_phrase(self, key: str, text: str, now: datetime) -> None:
        """Remember a text behind a short key."""
        await self._redis.run("phrases_keep", key, storable(text), to_ms(now))

    async def phrase(self, key: str) -> str | None:
        """Give the text behind a key."""
        found = await self._redis.command("HGET", f"{KEYS}phrases", key)
        return None if found is None else str(found)
