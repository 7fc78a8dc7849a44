"""Leasing chats with their next delivery, and what may become of a claim."""

# ruff: noqa: S608 - only names of columns and tables are put in; values are bound

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from bot.models import ChatKind, Claim, DeliveryKind, Doubt
from bot.store.records import from_ms, to_ms
from bot.store.sqlite import lanes
from bot.store.sqlite.leases import ChatLease
from bot.store.sqlite.outbox import OutboxRoom
from bot.store.sqlite.queue import DELIVERY, DELIVERY_FIELDS, row_delivery

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime

    from bot.models import Sent
    from bot.store.records import Row
    from bot.store.sqlite.leases import ChatLeases

# One statement finds the chats that may be claimed, each one's next delivery, and what the
# sender has to know about both. Chats that are leased stay in the index: there are few.
_NEXT = f"""
    SELECT {", ".join("o." + name for name in DELIVERY.split(", "))},
           o.sending, c.kind, c.on_doubt,
           iif(o.kind = 'alert',
               (SELECT count(*) FROM outbox INDEXED BY outbox_queue
                WHERE chat_id = l.chat_id AND lane = {lanes.BULK} AND held = 0
                  AND kind = 'alert' AND not_before <= :now), 0),
           l.chat_id
    FROM {{chats}} l
    LEFT JOIN outbox o ON o.id = (
        SELECT id FROM outbox INDEXED BY outbox_queue
        WHERE chat_id = l.chat_id AND lane = {{lane}} AND held = 0 AND not_before <= :now
        ORDER BY place LIMIT 1)
    LEFT JOIN chats c ON c.id = l.chat_id
    {{tail}}
"""
_FREE = "chat_id NOT IN (SELECT value FROM json_each(:taken))"
# Replies are in the order of their hour, not of their age: they are sorted before anything
# is looked up for them.
_REPLIES = f"""(SELECT chat_id, reply_head FROM lanes WHERE reply_at <= :now AND {_FREE}
                ORDER BY reply_head LIMIT :limit)"""
_NEXT_REPLIES = _NEXT.format(lane=lanes.REPLIES, chats=_REPLIES, tail="ORDER BY l.reply_head")
_NEXT_BULK = _NEXT.format(
    lane=lanes.BULK,
    chats="lanes",
    tail=f"WHERE l.bulk_at = 0 AND l.{_FREE} ORDER BY l.bulk_head LIMIT :limit",
)

# A chat's edits one by one, and none while it waits for anything.
_NEXT_EDITS = f"""
    SELECT {", ".join("o." + name for name in DELIVERY.split(", "))},
           0, c.kind, c.on_doubt, 0, o.chat_id
    FROM outbox o INDEXED BY outbox_edits
    LEFT JOIN lanes l ON l.chat_id = o.chat_id
    LEFT JOIN chats c ON c.id = o.chat_id
    WHERE o.lane = {lanes.EDITS} AND o.{_FREE}
      AND coalesce(l.free_at, 0) <= :now AND coalesce(l.hold_until, 0) <= :now
      AND NOT EXISTS (SELECT 1 FROM outbox INDEXED BY outbox_queue
                      WHERE chat_id = o.chat_id AND lane = {lanes.EDITS} AND place < o.place)
    ORDER BY o.place LIMIT :limit
"""
_CLAIMED = (
    (lanes.REPLIES, _NEXT_REPLIES),
    (lanes.BULK, _NEXT_BULK),
    (lanes.EDITS, _NEXT_EDITS),
)
_SHOWN = """
    UPDATE told SET message_id = ?1 WHERE (story, chat_id) = (
        SELECT coalesce(story, article_id), chat_id FROM outbox WHERE id = ?2 AND lane < 2)
"""
_EXPIRED = "SELECT id FROM outbox WHERE expires_at <= ? LIMIT 500"

_CHAT_KINDS = {str(kind): kind for kind in ChatKind}
_DOUBTS = {str(doubt): doubt for doubt in Doubt}


class ClaimRoom(OutboxRoom):
    """The sender's steps."""

    async def claim(self, now: datetime, owner: str, limit: int, lease_s: float) -> list[Claim]:  # noqa: ARG002 - one file, one owner
        """Lease up to ``limit`` free chats and give each one's next due delivery."""
        at = to_ms(now)
        if await self._db.read(lambda db: lanes.has_sleepers(db, at)):
            await self._db.write(lambda db: lanes.wake(db, at))
        await self.drop_expired(at)
        until = at + round(lease_s * 1000)
        claims, unsettled = await self._db.read(
            lambda db: _claim(db, self._leases, at, limit, until)
        )
        if unsettled:
            await self._db.write(lambda db: lanes.settle_all(db, unsettled, at))
        return claims

    async def drop_expired(self, at: int) -> None:
        """Drop the edits whose time is over, some at a time."""
        while expired := await self._db.read(lambda db: db.execute(_EXPIRED, (at,)).fetchall()):
            await self.drop([number for (number,) in expired])
            await asyncio.sleep(0)

    async def next_due(self, now: datetime) -> datetime | None:
        """Give when ``claim`` will next find something; None if nothing is queued."""
        leased = self._leases.held(to_ms(now))
        at = await self._db.read(
            lambda db: _first(lanes.next_at(db, leased), lanes.next_edit_at(db, leased, to_ms(now)))
        )
        first = min((at, *leased.values()) if at is not None else leased.values(), default=None)
        return None if first is None else max(now, from_ms(first))

    async def acknowledge(self, sent: Sequence[Sent]) -> None:
        """Take sent deliveries out of the queue and free their chats at ``free_at``."""
        await self._db.write(lambda db: _acknowledge(db, self._leases, sent))
        for item in sent:
            self._leases.end(item.chat_id, (item.delivery_id,))

    async def put_back(
        self, claim: Claim, free_at: datetime, *, failed: bool, flood: bool = False
    ) -> None:
        """End a claim without success: the delivery stays first until ``free_at``."""
        if not self._is_ours(claim):
            return
        # A reply that failed holds its chat as a flood does: it must not be tried again
        # at once, and what was asked for later must not overtake it.
        holds = flood or claim.delivery.kind is DeliveryKind.REPLY
        await self._db.write(
            lambda db: _put_back(db, claim, to_ms(free_at), failed=failed, holds=holds)
        )
        self._leases.end(claim.chat_id)

    async def mark_sending(self, claim: Claim) -> bool:
        """Note that a delivery is about to be handed to Telegram; False: it is not ours."""
        if not self._is_ours(claim):
            return False
        marked = await self._db.write(
            lambda db: (
                db.execute(
                    "UPDATE outbox SET sending = 1 WHERE id = ?", (claim.delivery.id,)
                ).rowcount
            )
        )
        return marked > 0

    def _is_ours(self, claim: Claim) -> bool:
        lease = self._leases.of(claim.chat_id, claim.delivery.id)
        return lease is not None and lease.until == to_ms(claim.lease_until)


def _first(*times: int | None) -> int | None:
    return min((at for at in times if at is not None), default=None)


def _claim(
    db: sqlite3.Connection, leases: ChatLeases, now: int, limit: int, until: int
) -> tuple[list[Claim], list[int]]:
    """Give the claims, and the chats that had nothing after all."""
    taken = list(leases.held(now))
    lease_until = from_ms(until)
    claims: list[Claim] = []
    unsettled: list[int] = []
    for lane, statement in _CLAIMED:
        room = limit - len(claims)
        values = {"now": now, "limit": room, "taken": json.dumps(taken)}
        # All rows first: what is written may not be read on from.
        for row in db.execute(statement, values).fetchall() if room else ():
            chat_id = row[-1]
            if row[0] is None:
                unsettled.append(chat_id)
                continue
            claim = _row_claim(row, lease_until)
            leases.take(chat_id, ChatLease(claim.delivery.id, lane, until))
            taken.append(chat_id)
            claims.append(claim)
    return claims, unsettled


def _row_claim(row: Row, lease_until: datetime) -> Claim:
    sending, kind, on_doubt, waiting, chat_id = row[DELIVERY_FIELDS:]
    return Claim(
        chat_id=chat_id,
        delivery=row_delivery(row),
        chat_kind=_CHAT_KINDS[kind] if kind else _guessed(chat_id),
        waiting=waiting,
        lease_until=lease_until,
        on_doubt=_DOUBTS[on_doubt] if on_doubt else Doubt.REPEAT,
        in_doubt=bool(sending) and on_doubt == Doubt.SKIP,
    )


def _guessed(chat_id: int) -> ChatKind:
    # A chat nobody met is an address of the configuration: groups are the slower guess.
    return ChatKind.PRIVATE if chat_id > 0 else ChatKind.GROUP


def _acknowledge(db: sqlite3.Connection, leases: ChatLeases, sent: Sequence[Sent]) -> None:
    db.executemany(
        _SHOWN,
        [(item.message_id, item.delivery_id) for item in sent if item.message_id is not None],
    )
    db.executemany("DELETE FROM outbox WHERE id = ?", [(item.delivery_id,) for item in sent])
    bulk = []
    for item in sent:
        free_at, now = to_ms(item.free_at), to_ms(item.sent_at)
        lease = leases.of(item.chat_id, item.delivery_id)
        if lease is not None and lease.lane == lanes.EDITS:
            continue
        if lease is not None and lease.lane == lanes.BULK:
            bulk.append((item.chat_id, free_at, now))
        else:
            if lease is not None:
                lanes.hold(db, item.chat_id, free_at=free_at)
            lanes.settle(db, item.chat_id, now)
    lanes.settle_bulk(db, bulk)


def _put_back(
    db: sqlite3.Connection, claim: Claim, free_at: int, *, failed: bool, holds: bool
) -> None:
    if failed or claim.on_doubt is Doubt.SKIP:
        db.execute(
            "UPDATE outbox SET attempts = attempts + ?, sending = 0 WHERE id = ?",
            (int(failed), claim.delivery.id),
        )
    lanes.hold(db, claim.chat_id, free_at=free_at, hold_until=free_at if holds else 0)
    lanes.settle(db, claim.chat_id)
