"""What several workers agree on: pieces of work, and which updates were handled.

Of one file there is one worker, so nobody is ever in its way; leases are in a table all the
same, for commands beside it to see that it is alive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.models import Turn
from bot.store.records import to_ms
from bot.store.sqlite.room import Room

if TYPE_CHECKING:
    from datetime import datetime

    from bot.store.protocol import SharedRate


class WorkerRoom(Room):
    """The steps between workers."""

    @property
    def shared_rate(self) -> SharedRate | None:
        """None: one worker has the whole rate."""
        return None

    async def time(self) -> datetime | None:
        """None: one worker goes by its own clock."""
        return None

    async def lease(self, name: str, owner: str, now: datetime, lease_s: float) -> bool:
        """Take a piece of work, or keep it; False while another owner has it."""
        at = to_ms(now)
        taken = await self._db.write(
            lambda db: (
                db.execute(
                    """INSERT INTO leases VALUES (?1, ?2, ?3) ON CONFLICT (name) DO UPDATE
                   SET owner = excluded.owner, until = excluded.until
                   WHERE owner = excluded.owner OR until <= ?4""",
                    (name, owner, at + round(lease_s * 1000), at),
                ).rowcount
            )
        )
        return taken > 0

    async def leave(self, name: str, owner: str) -> None:
        """Give a piece of work back; another owner's is left alone."""
        await self._db.write(
            lambda db: db.execute("DELETE FROM leases WHERE name = ? AND owner = ?", (name, owner))
        )

    async def leases(self, prefix: str, now: datetime) -> dict[str, str]:
        """Give the owners of the leases that hold, by name, of names with this prefix."""
        rows = await self._db.read(
            lambda db: db.execute(
                "SELECT name, owner FROM leases WHERE until > ? AND name >= ? ORDER BY name",
                (to_ms(now), prefix),
            ).fetchall()
        )
        return {name: owner for name, owner in rows if name.startswith(prefix)}

    async def begin_update(
        self, update_id: int, lane: int, owner: str, now: datetime, lease_s: float
    ) -> Turn:
        """Take an update and its chat, unless it was handled or the chat is another's."""
        if await self._db.read(
            lambda db: db.execute("SELECT 1 FROM updates WHERE id = ?", (update_id,)).fetchone()
        ):
            return Turn.DONE
        at = to_ms(now)
        if self._turns.take(lane, owner, at, at + round(lease_s * 1000)):
            return Turn.HANDLE
        return Turn.WAIT

    async def end_update(self, update_id: int, lane: int, owner: str, now: datetime) -> None:
        """Note that an update was handled, and let go of its chat."""
        await self._db.write(
            lambda db: db.execute(
                "INSERT OR IGNORE INTO updates VALUES (?, ?)", (update_id, to_ms(now))
            )
        )
        self._turns.end(lane, owner)

    async def let_go(self, lane: int, owner: str) -> None:
        """Let go of a chat whose update was not handled after all."""
        self._turns.end(lane, owner)
