"""Deliveries that were set aside: shown, queued again, forgotten."""

# ruff: noqa: S608 - only names of columns are put in; values are bound

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.models import DeadLetter, DeliveryKind
from bot.store.records import from_ms, storable, to_ms
from bot.store.sqlite.lanes import EDITS, note_queued
from bot.store.sqlite.queue import lane_of, remove, row_delivery
from bot.store.sqlite.room import BEFORE_ALL, Room, select_in, take_numbers, unique

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime

    from bot.models import Claim

_LETTER = (
    "id, chat_id, kind, method, payload, article_id, topic, queued_at, attempts, 0, reason, at"
)


class DeadRoom(Room):
    """The steps on dead letters."""

    async def set_aside(self, claim: Claim, reason: str, now: datetime) -> None:
        """Move a delivery to the dead letters and free its chat."""
        await self._db.write(lambda db: _set_aside(db, claim.delivery.id, reason, to_ms(now)))
        self._leases.end(claim.chat_id, [claim.delivery.id])

    async def dead_letters(self, after: int | None, limit: int) -> list[DeadLetter]:
        """Give what was set aside, by delivery id, page by page."""
        rows = await self._db.read(
            lambda db: db.execute(
                f"SELECT {_LETTER} FROM dead WHERE id > ? ORDER BY id LIMIT ?",
                (BEFORE_ALL if after is None else after, limit),
            ).fetchall()
        )
        return [DeadLetter(row_delivery(row[:-2]), row[-2], from_ms(row[-1])) for row in rows]

    async def retry_dead(self, ids: Sequence[int], now: datetime) -> int:
        """Queue dead letters again, behind what waits; gives how many were queued."""
        return await self._db.write(lambda db: _retry(db, unique(ids), to_ms(now)))

    async def drop_dead(self, ids: Sequence[int]) -> int:
        """Forget dead letters; gives how many there were."""
        return await self._db.write(lambda db: _drop(db, unique(ids)))


def _set_aside(db: sqlite3.Connection, number: int, reason: str, now: int) -> None:
    db.execute(
        """INSERT INTO dead (id, chat_id, kind, method, payload, article_id, topic, queued_at,
                             attempts, reason, at, story)
           SELECT id, chat_id, kind, method, payload, article_id, topic, queued_at, attempts, ?, ?,
                  story
           FROM outbox WHERE id = ?""",
        (storable(reason), now, number),
    )
    remove(db, [number], now)


def _retry(db: sqlite3.Connection, ids: Sequence[int], now: int) -> int:
    letters = sorted(
        select_in(
            db,
            """SELECT id, chat_id, kind FROM dead WHERE id IN {} AND NOT EXISTS (
                   SELECT 1 FROM chats WHERE id = dead.chat_id AND disabled IS NOT NULL)""",
            ids,
        )
    )
    if not letters:
        return 0
    # New ids: a worker that has lost its lease may still acknowledge the old ones.
    first = take_numbers(db, "delivery", len(letters))
    for number, (letter, chat_id, kind) in enumerate(letters, first):
        lane = lane_of(DeliveryKind(kind))
        db.execute(
            """INSERT INTO outbox (id, chat_id, lane, place, held, kind, not_before, queued_at,
                                   article_id, topic, method, payload, story)
               SELECT ?1, chat_id, ?2, ?1, 0, kind, 0, ?3, article_id, topic, method, payload, story
               FROM dead WHERE id = ?4""",
            (number, lane, now, letter),
        )
        if lane != EDITS:
            note_queued(db, lane, [(chat_id, number, 0)], now)
    return _drop(db, [letter for letter, _, _ in letters])


def _drop(db: sqlite3.Connection, ids: Sequence[int]) -> int:
    return db.executemany("DELETE FROM dead WHERE id = ?", [(number,) for number in ids]).rowcount
