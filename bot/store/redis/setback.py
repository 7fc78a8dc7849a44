"""What waits for a time, moved along with a clock that was set back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.store.records import to_ms
from bot.store.redis.room import Room, token

if TYPE_CHECKING:
    from datetime import datetime

_STEP = 200  # chats or pages a script


class SetBackRoom(Room):
    """The step after the server's clock was set back. Each part of it is done once; a chat that
    is missed because of a kill in between waits for as long as the clock went back."""

    async def set_back(self, now: datetime, by_s: float) -> None:
        """Let whatever waits for a time come so much earlier."""
        at, by = to_ms(now), round(by_s * 1000)
        await self._redis.run("setback", token(), at, by)
        cursor = "0"
        while True:
            cursor = await self._redis.run("setback_lanes", token(), at, by, cursor, _STEP)
            if cursor == "0":
                break
        place = 0
        while place >= 0:
            place = await self._redis.run("setback_pages", token(), at, by, place, _STEP)
