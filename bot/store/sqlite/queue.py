"""Putting messages into the outbox, with the rule that a chat gets an article once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.models import Delivery, DeliveryKind, Message
from bot.store.records import from_ms, storable, to_ms
from bot.store.sqlite.lanes import BULK, REPLIES, note_queued, settle_all
from bot.store.sqlite.room import select_in, take_numbers

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from bot.models import Draft
    from bot.store.records import Row

DELIVERY = "id, chat_id, kind, method, payload, article_id, topic, queued_at, attempts, held"
DELIVERY_FIELDS = 10

_INSERT = """
    INSERT INTO outbox (id, chat_id, lane, place, held, kind, not_before, queued_at,
                        article_id, topic, method, payload)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_KINDS = {str(kind): kind for kind in DeliveryKind}


def row_delivery(row: Row) -> Delivery:
    """Give the delivery of a row of ``DELIVERY``."""
    return Delivery(
        id=row[0],
        chat_id=row[1],
        kind=_KINDS[row[2]],
        message=Message(row[3], row[4]),
        article_id=row[5],
        topic=row[6],
        queued_at=from_ms(row[7]),
        attempts=row[8],
        held=bool(row[9]),
    )


def lane_of(kind: DeliveryKind) -> int:
    """Give the lane that a kind of delivery travels in."""
    return REPLIES if kind is DeliveryKind.REPLY else BULK


def queue(db: sqlite3.Connection, drafts: Sequence[Draft], now: datetime) -> int:
    """Queue what may be queued; gives how many that were."""
    drafts = _allowed(db, drafts)
    if not drafts:
        return 0
    at = to_ms(now)
    first = take_numbers(db, "delivery", len(drafts))
    rows = [_row(number, number, draft, at) for number, draft in enumerate(drafts, first)]
    db.executemany(
        "INSERT INTO told (article_id, chat_id, at, topic) VALUES (?8, ?1, iif(?4, NULL, ?7), ?9)",
        [row[1:10] for row in rows if row[8] is not None],
    )
    db.executemany(_INSERT, rows)
    for lane in (REPLIES, BULK):
        queued = [(row[1], row[0], row[6]) for row in rows if row[2] == lane and not row[4]]
        note_queued(db, lane, queued, at)
    return len(drafts)


def insert(db: sqlite3.Connection, number: int, place: int, draft: Draft, queued_at: int) -> None:
    """Write a delivery's row; its chat's lane is the caller's."""
    db.execute(_INSERT, _row(number, place, draft, queued_at))


def _row(number: int, place: int, draft: Draft, queued_at: int) -> Row:
    return (
        number,
        draft.chat_id,
        lane_of(draft.kind),
        place,
        int(draft.held),
        str(draft.kind),
        _not_before(draft, queued_at),
        queued_at,
        draft.article_id,
        None if draft.topic is None else storable(draft.topic),
        draft.message.method,
        storable(draft.message.payload),
    )


def _not_before(draft: Draft, now: int) -> int:
    if draft.not_before is None:
        return 0
    not_before = to_ms(draft.not_before)
    return not_before if not_before > now else 0


def _allowed(db: sqlite3.Connection, drafts: Sequence[Draft]) -> list[Draft]:
    """Give the drafts without those for disabled chats and for articles told before."""
    chats = {draft.chat_id for draft in drafts}
    disabled = {
        chat_id
        for (chat_id,) in select_in(
            db, "SELECT id FROM chats WHERE disabled IS NOT NULL AND id IN {}", chats
        )
    }
    told: set[tuple[int | None, int]] = set()
    for article_id in {draft.article_id for draft in drafts} - {None}:
        asked = [draft.chat_id for draft in drafts if draft.article_id == article_id]
        told.update(
            (article_id, chat_id)
            for (chat_id,) in select_in(
                db,
                "SELECT chat_id FROM told WHERE article_id = ? AND chat_id IN {}",
                asked,
                article_id,
            )
        )
    allowed = []
    for draft in drafts:
        if draft.chat_id in disabled:
            continue
        if draft.article_id is not None:
            pair = (draft.article_id, draft.chat_id)
            if pair in told:
                continue
            told.add(pair)
        allowed.append(draft)
    return allowed


def remove(db: sqlite3.Connection, ids: Iterable[int], now: int = 0) -> set[int]:
    """Take deliveries out of the queue and settle their chats; gives these.

    Their leases are the caller's, once it has succeeded.
    """
    rows = list(select_in(db, "SELECT id, chat_id FROM outbox WHERE id IN {}", ids))
    db.executemany("DELETE FROM outbox WHERE id = ?", [(number,) for number, _ in rows])
    chats = {chat_id for _, chat_id in rows}
    settle_all(db, chats, now)
    return chats
