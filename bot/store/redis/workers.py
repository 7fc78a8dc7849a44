"""Who does what: leases on pieces of work, on updates and on the chats that they belong to.

Keys: ``leases`` (hash: name -> "until owner"), ``update:ID`` (when it was handled; kept 48 hours),
``chat-lease:LANE`` ("until owner"). Times are milliseconds of the clock that the workers share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.models import Turn
from bot.store.records import to_ms
from bot.store.redis.room import Room

if TYPE_CHECKING:
    from datetime import datetime


class WorkerRoom(Room):
    """The steps by which several workers share the work: one round trip each."""

    async def lease(self, name: str, owner: str, now: datetime, lease_s: float) -> bool:
        """Take a piece of work, or keep it; False while another owner has it."""
        return bool(await self._redis.run("lease", name, owner, to_ms(now), _ms(lease_s)))

    async def leave(self, name: str, owner: str) -> None:
        """Give a piece of work back before its lease ends; another owner's is left alone."""
        await self._redis.run("leave", name, owner)

    async def leases(self, prefix: str, now: datetime) -> dict[str, str]:
        """Give the owners of the leases that hold, by name, of names with this prefix."""
        found: list[str] = await self._redis.run("leases", prefix, to_ms(now))
        return dict(zip(found[::2], found[1::2], strict=True))

    async def begin_update(
        self, update_id: int, lane: int, owner: str, now: datetime, lease_s: float
    ) -> Turn:
        """Take an update and its chat, unless it was handled or another has the chat."""
        return Turn(
            await self._redis.run("begin_update", update_id, lane, owner, to_ms(now), _ms(lease_s))
        )

    async def end_update(self, update_id: int, lane: int, owner: str, now: datetime) -> None:
        """Note that an update was handled, and let go of its chat."""
        await self._redis.run("end_update", update_id, lane, owner, to_ms(now))

    async def let_go(self, lane: int, owner: str) -> None:
        """Let go of a chat whose update was not handled after all."""
        await self._redis.run("end_update", "", lane, owner, 0)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
