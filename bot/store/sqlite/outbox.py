"""The outbox beside sending: queuing, held messages, and what becomes of a chat's queue."""

# ruff: noqa: S608 - only names of columns and tables are put in; values are bound

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING

from bot.models import Standing
from bot.store.records import from_ms, from_ms_or_none, to_ms
from bot.store.sqlite.lanes import REPLIES, hold, settle, settle_all
from bot.store.sqlite.queue import DELIVERY, insert, queue, remove, row_delivery
from bot.store.sqlite.room import Room, mark, marked, select_in, take_numbers, unique

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime

    from bot.models import Delivery, Draft

_AGE = """
    SELECT (SELECT count(*) FROM outbox),
           (SELECT queued_at FROM outbox WHERE id = (SELECT min(id) FROM outbox)),
           (SELECT min(queued_at) FROM outbox WHERE place < id)
"""
_STANDING = """
    SELECT (SELECT hold_until FROM lanes WHERE chat_id = :chat),
           EXISTS (SELECT 1 FROM outbox WHERE chat_id = :chat AND lane = :replies AND held = 0)
"""


class OutboxRoom(Room):
    """The steps on what waits."""

    async def enqueue(
        self, drafts: Sequence[Draft], now: datetime, update_id: int | None = None
    ) -> int:
        """Queue messages; a chat gets an article once, a disabled chat nothing."""
        return await self._db.write(lambda db: _enqueue(db, drafts, now, update_id))

    async def waiting(self, chat_id: int, limit: int) -> list[Delivery]:
        """Give a chat's queued deliveries in order, held ones included."""
        rows = await self._db.read(
            lambda db: db.execute(
                f"SELECT {DELIVERY} FROM outbox WHERE chat_id = ? ORDER BY lane, place LIMIT ?",
                (chat_id, limit),
            ).fetchall()
        )
        return [row_delivery(row) for row in rows]

    async def standing(self, chat_id: int) -> Standing:
        """Give how a chat stands with answers."""
        held_until, behind = await self._db.read(
            lambda db: db.execute(_STANDING, {"chat": chat_id, "replies": REPLIES}).fetchone()
        )
        return Standing(from_ms_or_none(held_until or None), bool(behind))

    async def hold(self, chat_id: int, until: datetime) -> None:
        """Let a chat wait, with its replies, no shorter than it does already."""
        await self._db.write(lambda db: _hold(db, chat_id, to_ms(until)))

    async def chats_with_held(self) -> list[int]:
        """Give the chats that have held deliveries."""
        rows = await self._db.read(
            lambda db: db.execute(
                "SELECT DISTINCT chat_id FROM outbox WHERE held = 1 ORDER BY chat_id"
            ).fetchall()
        )
        return [chat_id for (chat_id,) in rows]

    async def release(self, ids: Sequence[int], now: datetime) -> None:
        """Let held deliveries go out, in the order given."""
        await self._db.write(lambda db: _release(db, unique(ids), to_ms(now)))

    async def drop(self, ids: Sequence[int]) -> None:
        """Take deliveries out of the queue unsent."""
        for chat_id in await self._db.write(lambda db: remove(db, unique(ids))):
            self._leases.end(chat_id, ids)

    async def merge(self, chat_id: int, ids: Sequence[int], draft: Draft, now: datetime) -> bool:
        """Replace queued deliveries of a chat by one in the place of the first."""
        merged = await self._db.write(
            lambda db: _merge(db, chat_id, unique(ids), draft, to_ms(now))
        )
        if merged:
            self._leases.end(chat_id, ids)
        return merged

    async def posted_since(self, chat_id: int, since: datetime) -> list[datetime]:
        """Give when the chat got, or was let have, articles since then."""
        rows = await self._db.read(
            lambda db: db.execute(
                "SELECT at FROM told WHERE chat_id = ? AND at >= ? ORDER BY at",
                (chat_id, to_ms(since)),
            ).fetchall()
        )
        return [from_ms(at) for (at,) in rows]

    async def told(self, chat_id: int, article_ids: Sequence[int]) -> set[int]:
        """Give which of these articles' stories were ever queued for the chat."""
        return await self._db.read(lambda db: _told(db, chat_id, article_ids))

    async def alerted_since(
        self, chat_ids: Sequence[int], since: datetime
    ) -> dict[tuple[int, str], int]:
        """Count the alerts that each of these chats got, or was let have, about each topic."""
        rows = await self._db.read(
            lambda db: list(
                select_in(
                    db,
                    "SELECT chat_id, topic FROM told "
                    "WHERE at >= ? AND topic IS NOT NULL AND chat_id IN {}",
                    unique(chat_ids),
                    to_ms(since),
                )
            )
        )
        return Counter(rows)

    async def outbox(self) -> tuple[int, datetime | None]:
        """Count queued messages and give when the oldest was queued."""
        count, *oldest = await self._db.read(lambda db: db.execute(_AGE).fetchone())
        return count, from_ms_or_none(min((at for at in oldest if at is not None), default=None))


def _hold(db: sqlite3.Connection, chat_id: int, until: int) -> None:
    hold(db, chat_id, hold_until=until)
    settle(db, chat_id)


def _enqueue(
    db: sqlite3.Connection, drafts: Sequence[Draft], now: datetime, update_id: int | None
) -> int:
    # An update may bring several answers: each is marked by what it says.
    said = "\n".join(
        f"{item.chat_id} {item.message.method} {item.message.payload}" for item in drafts
    )
    step = "enqueue " + hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:16]
    before = marked(db, update_id, step)
    if before is not None:
        return int(before)
    queued = queue(db, drafts, now)
    mark(db, update_id, step, str(queued))
    return queued


def _told(db: sqlite3.Connection, chat_id: int, article_ids: Sequence[int]) -> set[int]:
    placed = select_in(
        db, "SELECT id, story FROM articles WHERE story IS NOT NULL AND id IN {}", article_ids
    )
    stories = {number: number for number in article_ids} | dict(placed)
    query = "SELECT story FROM told WHERE chat_id = ? AND story IN {}"
    told = {story for (story,) in select_in(db, query, set(stories.values()), chat_id)}
    return {number for number, story in stories.items() if story in told}


def _release(db: sqlite3.Connection, ids: Sequence[int], now: int) -> None:
    held = {
        row[0]: row[1:]
        for row in select_in(
            db,
            """SELECT id, chat_id, coalesce(story, article_id) FROM outbox
               WHERE held = 1 AND id IN {}""",
            ids,
        )
    }
    ordered = [number for number in ids if number in held]
    first = take_numbers(db, "delivery", len(ordered))
    db.executemany(
        "UPDATE outbox SET held = 0, not_before = 0, place = ? WHERE id = ?",
        [(place, number) for place, number in enumerate(ordered, first)],
    )
    db.executemany(
        "UPDATE told SET at = ? WHERE story = ? AND chat_id = ?",
        [(now, story, chat_id) for chat_id, story in held.values()],
    )
    settle_all(db, {chat_id for chat_id, _ in held.values()}, now)


def _merge(
    db: sqlite3.Connection, chat_id: int, ids: Sequence[int], draft: Draft, now: int
) -> bool:
    rows = sorted(
        select_in(
            db,
            """SELECT place, queued_at, held, coalesce(story, article_id) FROM outbox
               WHERE chat_id = ? AND id IN {}""",
            ids,
            chat_id,
        )
    )
    if not ids or len(rows) != len(ids):
        return False
    remove(db, ids, now)
    place, queued_at, held, story = rows[0]
    if held and not draft.held:
        # It goes out now, and counts as one: a list is one post to an hourly cap.
        db.execute(
            "UPDATE told SET at = ? WHERE story = ? AND chat_id = ?",
            (now, story, chat_id),
        )
    # A new id, not the first one's: a worker that lost its lease on that one may still
    # acknowledge it, and must not take the merged message with it.
    insert(db, take_numbers(db, "delivery", 1), place, draft, queued_at)
    settle(db, chat_id, now)
    return True
