"""Leasing chats with their next delivery, and what may become of a claim."""

# ruff: noqa: S608 - only names of columns and tables are put in; values are bound

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.models import ChatKind, Claim, DeliveryKind
from bot.store.records import from_ms, storable, to_ms
from bot.store.sqlite import lanes
from bot.store.sqlite.queue import DELIVERY, insert, remove, row_delivery
from bot.store.sqlite.room import Room, select_in, take_numbers, unique

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime

    from bot.models import Draft, Sent


class ClaimRoom(Room):
    """The sender's steps."""

    async def claim(self, now: datetime, owner: str, limit: int, lease_s: float) -> list[Claim]:
        """Lease up to ``limit`` free chats and give each one's next due delivery."""
        until = to_ms(now) + round(lease_s * 1000)
        return await self._db.write(lambda db: _claim(db, to_ms(now), owner, limit, until))

    async def next_due(self, now: datetime) -> datetime | None:
        """Give when ``claim`` will next find something; None if nothing is queued."""
        at = await self._db.read(_next_due)
        return None if at is None else max(now, from_ms(at))

    async def acknowledge(self, sent: Sequence[Sent]) -> None:
        """Take sent deliveries out of the queue and free their chats at ``free_at``."""
        await self._db.write(lambda db: _acknowledge(db, sent))

    async def put_back(
        self, claim: Claim, free_at: datetime, *, failed: bool, flood: bool = False
    ) -> None:
        """End a claim without success: the delivery stays first until ``free_at``."""
        # A reply that failed holds its chat as a flood does: it must not be tried again
        # at once, and what was asked for later must not overtake it.
        holds = flood or claim.delivery.kind is DeliveryKind.REPLY
        await self._db.write(
            lambda db: _put_back(db, claim, to_ms(free_at), failed=failed, holds=holds)
        )

    async def set_aside(self, claim: Claim, reason: str, now: datetime) -> None:
        """Move a delivery to the dead letters and free its chat."""
        await self._db.write(lambda db: _set_aside(db, claim, reason, to_ms(now)))

    async def merge(self, chat_id: int, ids: Sequence[int], draft: Draft, now: datetime) -> bool:
        """Replace queued deliveries of a chat by one in the place of the first."""
        return await self._db.write(lambda db: _merge(db, chat_id, unique(ids), draft, to_ms(now)))


def _claim(db: sqlite3.Connection, now: int, owner: str, limit: int, until: int) -> list[Claim]:
    lanes.wake(db, now)
    claims = []
    for chat_id, lane in lanes.ready(db, now, limit):
        row = db.execute(
            f"""SELECT {DELIVERY} FROM outbox WHERE id = (
                    SELECT id FROM outbox INDEXED BY outbox_queue
                    WHERE chat_id = ? AND lane = ? AND held = 0 AND not_before <= ?
                    ORDER BY place LIMIT 1)""",
            (chat_id, lane, now),
        ).fetchone()
        if row is None:
            lanes.settle(db, chat_id, now)
            continue
        delivery = row_delivery(row)
        waiting, kind = db.execute(
            """SELECT count(*), (SELECT kind FROM chats WHERE id = ?1) FROM outbox
               WHERE chat_id = ?1 AND lane = ?2 AND held = 0 AND kind = 'alert'
                 AND not_before <= ?3""",
            (chat_id, lanes.BULK, now),
        ).fetchone()
        lanes.lease(db, chat_id, delivery.id, owner, until)
        claims.append(
            Claim(
                chat_id=chat_id,
                delivery=delivery,
                chat_kind=ChatKind(kind) if kind else _guessed(chat_id),
                waiting=waiting,
                lease_until=from_ms(until),
            )
        )
    return claims


def _guessed(chat_id: int) -> ChatKind:
    # A chat nobody met is an address of the configuration: groups are the slower guess.
    return ChatKind.PRIVATE if chat_id > 0 else ChatKind.GROUP


def _next_due(db: sqlite3.Connection) -> int | None:
    reply: int | None = db.execute(
        "SELECT min(reply_at) FROM lanes WHERE reply_at IS NOT NULL"
    ).fetchone()[0]
    if db.execute("SELECT 1 FROM lanes WHERE bulk_at = 0 LIMIT 1").fetchone():
        return 0
    bulk: int | None = db.execute("SELECT min(bulk_at) FROM lanes WHERE bulk_at > 0").fetchone()[0]
    return min((at for at in (reply, bulk) if at is not None), default=None)


def _acknowledge(db: sqlite3.Connection, sent: Sequence[Sent]) -> None:
    for item in sent:
        gone = db.execute("DELETE FROM outbox WHERE id = ?", (item.delivery_id,)).rowcount
        ended = lanes.end_lease(db, item.chat_id, item.delivery_id, free_at=to_ms(item.free_at))
        if gone or ended:
            lanes.settle(db, item.chat_id, to_ms(item.sent_at))


def _put_back(
    db: sqlite3.Connection, claim: Claim, free_at: int, *, failed: bool, holds: bool
) -> None:
    number, chat_id = claim.delivery.id, claim.chat_id
    if failed:
        db.execute("UPDATE outbox SET attempts = attempts + 1 WHERE id = ?", (number,))
    if lanes.end_lease(db, chat_id, number, free_at=free_at, hold_until=free_at if holds else 0):
        lanes.settle(db, chat_id)


def _set_aside(db: sqlite3.Connection, claim: Claim, reason: str, now: int) -> None:
    number = claim.delivery.id
    db.execute(
        """INSERT INTO dead (id, chat_id, kind, method, payload, article_id, topic, queued_at,
                             attempts, reason, at)
           SELECT id, chat_id, kind, method, payload, article_id, topic, queued_at, attempts, ?, ?
           FROM outbox WHERE id = ?""",
        (storable(reason), now, number),
    )
    remove(db, [number], now)


def _merge(
    db: sqlite3.Connection, chat_id: int, ids: Sequence[int], draft: Draft, now: int
) -> bool:
    rows = list(
        select_in(
            db,
            "SELECT place, queued_at FROM outbox WHERE chat_id = ? AND id IN {}",
            ids,
            chat_id,
        )
    )
    if not ids or len(rows) != len(ids):
        return False
    remove(db, ids, now)
    place, queued_at = min(rows)
    # A new id, not the first one's: a worker that lost its lease on that one may still
    # acknowledge it, and must not take the merged message with it.
    insert(db, take_numbers(db, "delivery", 1), place, draft, queued_at)
    lanes.settle(db, chat_id, now)
    return True
