"""Putting messages into the outbox, with the rule that a chat gets an article once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.models import Delivery, DeliveryKind, Message
from bot.store.records import from_ms, storable, to_ms, to_ms_or_none
from bot.store.sqlite.lanes import BULK, EDITS, REPLIES, note_queued, settle_all
from bot.store.sqlite.room import select_in, take_numbers

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from bot.models import Draft
    from bot.store.records import Row

DELIVERY = "id, chat_id, kind, method, payload, article_id, topic, queued_at, attempts, held"
DELIVERY_FIELDS = 10
ENDLESS_FIRST = 2**50  # by so much edits that nothing ends (channels') come before the others

_INSERT = """
    INSERT INTO outbox (id, chat_id, lane, place, held, kind, not_before, queued_at,
                        article_id, topic, method, payload, story, expires_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
# article_id is left out where it is the story.
_TELL = """
    INSERT INTO told (story, chat_id, at, topic, article_id, kind)
    VALUES (coalesce(?10, ?8), ?1, iif(?4, NULL, ?7), ?9, iif(?10 IS NULL, NULL, ?8), ?5)
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
    if kind is DeliveryKind.EDIT:
        return EDITS
    return REPLIES if kind is DeliveryKind.REPLY else BULK


def queue(db: sqlite3.Connection, drafts: Sequence[Draft], now: datetime) -> int:
    """Queue what may be queued; gives how many that were."""
    drafts = _allowed(db, drafts)
    if not drafts:
        return 0
    add(db, drafts, now, take_numbers(db, "delivery", len(drafts)))
    return len(drafts)


def add(db: sqlite3.Connection, drafts: Sequence[Draft], now: datetime, first: int) -> None:
    """Queue drafts whatever was told, numbered from ``first``; an edit tells nothing new."""
    at = to_ms(now)
    rows = [_row(number, number, draft, at) for number, draft in enumerate(drafts, first)]
    db.executemany(
        _TELL,
        [(*row[1:10], row[12]) for row in rows if row[8] is not None and row[2] != EDITS],
    )
    db.executemany(_INSERT, rows)
    for lane in (REPLIES, BULK):
        queued = [(row[1], row[0], row[6]) for row in rows if row[2] == lane and not row[4]]
        note_queued(db, lane, queued, at)


def insert(db: sqlite3.Connection, number: int, place: int, draft: Draft, queued_at: int) -> None:
    """Write a delivery's row; its chat's lane is the caller's."""
    db.execute(_INSERT, _row(number, place, draft, queued_at))


def _row(number: int, place: int, draft: Draft, queued_at: int) -> Row:
    is_edit = draft.kind is DeliveryKind.EDIT  # which waits for nothing but the others
    return (
        number,
        draft.chat_id,
        lane_of(draft.kind),
        place - ENDLESS_FIRST if is_edit and draft.expires_at is None else place,
        int(draft.held and not is_edit),
        str(draft.kind),
        0 if is_edit else _not_before(draft, queued_at),
        queued_at,
        draft.article_id,
        None if draft.topic is None else storable(draft.topic),
        draft.message.method,
        storable(draft.message.payload),
        None if draft.story == draft.article_id else draft.story,
        to_ms_or_none(draft.expires_at),
    )


def _not_before(draft: Draft, now: int) -> int:
    if draft.not_before is None:
        return 0
    not_before = to_ms(draft.not_before)
    return not_before if not_before > now else 0


def disabled_among(db: sqlite3.Connection, drafts: Sequence[Draft]) -> set[int]:
    """Give the disabled ones among the chats of these drafts."""
    chats = {draft.chat_id for draft in drafts}
    query = "SELECT id FROM chats WHERE disabled IS NOT NULL AND id IN {}"
    return {chat_id for (chat_id,) in select_in(db, query, chats)}


def _story(draft: Draft) -> int | None:
    """Give what the draft's chat is told once, if anything."""
    if draft.article_id is None or draft.kind is DeliveryKind.EDIT:
        return None
    return draft.article_id if draft.story is None else draft.story


def _allowed(db: sqlite3.Connection, drafts: Sequence[Draft]) -> list[Draft]:
    """Give the drafts without those for disabled chats and of stories told before."""
    disabled = disabled_among(db, drafts)
    asked: dict[int, list[int]] = {}
    for draft in drafts:
        if (story := _story(draft)) is not None:
            asked.setdefault(story, []).append(draft.chat_id)
    query = "SELECT chat_id FROM told WHERE story = ? AND chat_id IN {}"
    told = {
        (story, chat_id)
        for story, chats in asked.items()
        for (chat_id,) in select_in(db, query, chats, story)
    }
    allowed = []
    for draft in drafts:
        if draft.chat_id in disabled:
            continue
        if (story := _story(draft)) is not None:
            pair = (story, draft.chat_id)
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
