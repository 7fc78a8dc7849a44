"""When each chat may get its next message, kept ready so that claiming never scans.

A row of ``lanes`` holds what a chat waits for: ``free_at`` (the gap between bulk
messages), ``hold_until`` (a flood wait, for replies too), ``lease_until`` (a worker
sends to it right now, the delivery ``leased``). ``reply_at`` and ``bulk_at`` follow from
these and from the queue: since when its next reply, its next other message may be claimed;
NULL where none is queued. A ``bulk_at`` that has come is turned to 0 (``wake``), which
moves the chat from the index by time to the index by age of its next delivery
(``bulk_head``): whoever waits is never looked at, whoever may go is found in order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

REPLIES = 0
BULK = 1
# The upsert reckons with what the chat waits for; a chat with an earlier time keeps it.
_NOTE = """
    INSERT INTO lanes (chat_id, {lane}_head, {lane}_at) VALUES (?1, ?2, ?3)
    ON CONFLICT (chat_id) DO UPDATE SET
        {lane}_head = min(coalesce({lane}_head, ?2), ?2),
        {lane}_at = CASE WHEN {wait} <= ?4 THEN 0 ELSE min(coalesce({lane}_at, {wait}), {wait}) END
"""
_NOTE_REPLY = _NOTE.format(lane="reply", wait="max(?3, hold_until, lease_until)")
_NOTE_BULK = _NOTE.format(lane="bulk", wait="max(?3, hold_until, lease_until, free_at)")

_WAKE = 2_000  # chats a step: after an outage all wait at once, and a step must stay short


def note_queued(
    db: sqlite3.Connection, lane: int, rows: Iterable[tuple[int, int, int]], now: int
) -> None:
    """Tell the chats that something was queued: (chat id, place, not before) a message."""
    db.executemany(
        _NOTE_REPLY if lane == REPLIES else _NOTE_BULK,
        [(chat_id, place, not_before, now) for chat_id, place, not_before in rows],
    )


def settle(db: sqlite3.Connection, chat_id: int, now: int = 0) -> None:
    """Work out anew, from the queue, when the chat may be claimed."""
    lane = db.execute(
        "SELECT free_at, hold_until, lease_until FROM lanes WHERE chat_id = ?", (chat_id,)
    ).fetchone()
    if lane is None:
        # All that was ever queued for it was held.
        db.execute("INSERT INTO lanes (chat_id) VALUES (?)", (chat_id,))
        lane = (0, 0, 0)
    free_at, hold_until, lease_until = lane
    reply_head, reply_at = _head(db, chat_id, REPLIES, now)
    bulk_head, bulk_at = _head(db, chat_id, BULK, now)
    if reply_at is not None:
        reply_at = max(reply_at, hold_until, lease_until)
    if bulk_at is not None:
        bulk_at = max(bulk_at, hold_until, lease_until, free_at)
        if bulk_at <= now:
            bulk_at = 0
    db.execute(
        """UPDATE lanes SET reply_head = ?, reply_at = ?, bulk_head = ?, bulk_at = ?
           WHERE chat_id = ?""",
        (reply_head, reply_at, bulk_head, bulk_at, chat_id),
    )


def _head(
    db: sqlite3.Connection, chat_id: int, lane: int, now: int
) -> tuple[int, int] | tuple[None, None]:
    first = db.execute(
        """SELECT place, not_before FROM outbox
           WHERE chat_id = ? AND lane = ? AND held = 0 ORDER BY place LIMIT 1""",
        (chat_id, lane),
    ).fetchone()
    if first is None:
        return None, None
    if first[1] > now:
        # Rare: the first in line waits for its hour, so another may come before it.
        first = db.execute(
            """SELECT place, not_before FROM outbox
               WHERE chat_id = ? AND lane = ? AND held = 0
               ORDER BY max(not_before, ?), place LIMIT 1""",
            (chat_id, lane, now),
        ).fetchone()
    place, not_before = first
    return place, not_before


def wake(db: sqlite3.Connection, now: int) -> None:
    """Make claimable the chats whose time has come."""
    db.execute(
        """UPDATE lanes SET bulk_at = 0 WHERE chat_id IN (
               SELECT chat_id FROM lanes WHERE bulk_at > 0 AND bulk_at <= ?
               ORDER BY bulk_at LIMIT ?)""",
        (now, _WAKE),
    )


def ready(db: sqlite3.Connection, now: int, limit: int) -> list[tuple[int, int]]:
    """Give (chat id, lane) of up to ``limit`` chats to claim: replies first, then by age."""
    found: dict[int, int] = {}
    for (chat_id,) in db.execute(
        "SELECT chat_id FROM lanes WHERE reply_at <= ? ORDER BY reply_head LIMIT ?", (now, limit)
    ):
        found[chat_id] = REPLIES
    # Chats met above may be among these, so all ``limit`` rows are asked for.
    for (chat_id,) in db.execute(
        "SELECT chat_id FROM lanes WHERE bulk_at = 0 ORDER BY bulk_head LIMIT ?", (limit,)
    ):
        if len(found) == limit:
            break
        found.setdefault(chat_id, BULK)
    return list(found.items())


def lease(db: sqlite3.Connection, chat_id: int, delivery_id: int, owner: str, until: int) -> None:
    """Give the chat to a worker until a deadline."""
    db.execute(
        """UPDATE lanes SET owner = ?, leased = ?, lease_until = ?,
               reply_at = max(reply_at, ?), bulk_at = max(bulk_at, ?)
           WHERE chat_id = ?""",
        (owner, delivery_id, until, until, until, chat_id),
    )


def end_lease(
    db: sqlite3.Connection, chat_id: int, delivery_id: int, *, free_at: int = 0, hold_until: int = 0
) -> bool:
    """End the lease of a chat if it is for this delivery; gives whether it was.

    The caller settles the chat after it.
    """
    ended = db.execute(
        """UPDATE lanes SET owner = NULL, leased = NULL, lease_until = 0,
               free_at = max(free_at, ?), hold_until = max(hold_until, ?)
           WHERE chat_id = ? AND leased = ?""",
        (free_at, hold_until, chat_id, delivery_id),
    ).rowcount
    return ended > 0


def end_all_leases(db: sqlite3.Connection) -> None:
    """Give back what dead workers held."""
    chats = db.execute("SELECT chat_id FROM lanes WHERE leased IS NOT NULL").fetchall()
    db.execute(
        """UPDATE lanes SET owner = NULL, leased = NULL, lease_until = 0
           WHERE leased IS NOT NULL"""
    )
    for (chat_id,) in chats:
        settle(db, chat_id)
    db.execute("UPDATE fan_outs SET lease_until = 0 WHERE lease_until > 0")
