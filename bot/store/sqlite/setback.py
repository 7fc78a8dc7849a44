"""What waits for a time, moved along with a clock that was set back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.store.records import to_ms
from bot.store.sqlite.room import Room

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

# Each moves what lies ahead of ?1 by ?2. A bulk_at of 0 says that its time has come.
_MOVES = (
    "UPDATE leases SET until = until - ?2 WHERE until > ?1",
    """UPDATE lanes SET
           free_at = iif(free_at > ?1, free_at - ?2, free_at),
           hold_until = iif(hold_until > ?1, hold_until - ?2, hold_until),
           reply_at = iif(reply_at > ?1, reply_at - ?2, reply_at),
           bulk_at = iif(bulk_at > ?1, bulk_at - ?2, bulk_at)
       WHERE max(free_at, hold_until, coalesce(reply_at, 0), coalesce(bulk_at, 0)) > ?1""",
    "UPDATE outbox SET not_before = not_before - ?2 WHERE not_before > ?1",
    "UPDATE fan_outs SET not_before = not_before - ?2 WHERE not_before > ?1",
    "UPDATE fan_outs SET lease_until = lease_until - ?2 WHERE lease_until > ?1",
    "UPDATE edit_jobs SET not_before = not_before - ?2 WHERE not_before > ?1",
    "UPDATE edit_jobs SET lease_until = lease_until - ?2 WHERE lease_until > ?1",
    "UPDATE articles SET page_by = page_by - ?2 WHERE page_by > ?1",
)


class SetBackRoom(Room):
    """The step after a clock was set back."""

    async def set_back(self, now: datetime, by_s: float) -> None:
        """Let whatever waits for a time come so much earlier."""
        by = round(by_s * 1000)
        await self._db.write(lambda db: _move(db, to_ms(now), by))
        self._leases.set_back(by)
        self._turns.set_back(by)


def _move(db: sqlite3.Connection, now: int, by: int) -> None:
    for statement in _MOVES:
        db.execute(statement, (now, by))
