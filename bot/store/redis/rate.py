"""The whole bot's rate, shared by all workers, on the server's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.models import Places
from bot.store.redis.room import Room

if TYPE_CHECKING:
    from bot.store.redis.connection import RedisConnection, Reply

_SECOND_US = 1_000_000


class RedisRate:
    """The ``SharedRate`` of one Redis.

    A call that runs twice because its reply was lost takes places that nobody uses, or notes a
    flood wait twice: neither harms.
    """

    def __init__(self, redis: RedisConnection) -> None:
        self._redis = redis

    async def reserve(self, interval_us: int, count: int) -> Places:
        """Take the next ``count`` places, ``interval_us`` apart; none lies before now."""
        return _places(await self._redis.run("reserve", interval_us, count))

    async def note_flood(self, chat_id: int, wait_s: float, *, group: bool) -> Places:
        """Note a 429, of any worker: three chats' within a second hold bulk."""
        wait_us = round(wait_s * _SECOND_US)
        return _places(await self._redis.run("note_flood", chat_id, wait_us, int(group)))


class RateRoom(Room):
    """The rate that the workers share."""

    @property
    def shared_rate(self) -> RedisRate:
        """The rate that the workers of this store share."""
        return RedisRate(self._redis)


def _places(reply: Reply) -> Places:
    now_us, first_us, bulk_until_us = map(int, reply)
    return Places(now_us=now_us, first_us=first_us, bulk_until_us=bulk_until_us)
