"""When each chat may get its next message, kept ready so that claiming never scans.

A row of ``lanes`` holds what a chat waits for: ``free_at`` (the gap between bulk messages),
``hold_until`` (a flood wait, for replies too). ``reply_at`` and ``bulk_at`` follow from
these and from the queue: since when its next reply, its next other message may be claimed;
NULL where none is queued. A ``bulk_at`` that has come is turned to 0 (``wake``), which
moves the chat from the index by time to the index by age of its next delivery
(``bulk_head``): whoever waits is never looked at, whoever may go is found in order.
The few chats that are being sent to right now stay in it and are passed over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

REPLIES = 0
BULK = 1
EDITS = 2  # in no row here: they are looked for where nothing else is ready
# The upsert reckons with what the chat waits for; a chat with an earlier time keeps it.
_NOTE = """
    INSERT INTO lanes (chat_id, {lane}_head, {lane}_at) VALUES (?1, ?2, ?3)
    ON CONFLICT (chat_id) DO UPDATE SET
        {lane}_head = min(coalesce({lane}_head, ?2), ?2),
        {lane}_at = CASE WHEN {wait} <= ?4 THEN 0 ELSE min(coalesce({lane}_at, {wait}), {wait}) END
"""
_NOTE_REPLY = _NOTE.format(lane="reply", wait="max(?3, hold_until)")
_NOTE_BULK = _NOTE.format(lane="bulk", wait="max(?3, hold_until, free_at)")

# The next of a chat's bulk messages, where none has an hour of its own.
_NEXT_BULK = """
    UPDATE lanes SET
        free_at = max(free_at, ?2),
        (bulk_head, bulk_at) = (
            SELECT place, iif(max(?2, free_at, hold_until) <= ?3, 0, max(?2, free_at, hold_until))
            FROM outbox INDEXED BY outbox_queue
            WHERE chat_id = ?1 AND lane = 1 AND held = 0 ORDER BY place LIMIT 1)
    WHERE chat_id = ?1
"""

_WAKE = 500  # chats a step: after an outage all wait at once, and a step must stay short


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
        "SELECT free_at, hold_until FROM lanes WHERE chat_id = ?", (chat_id,)
    ).fetchone()
    if lane is None:
        # All that was ever queued for it was held.
        db.execute("INSERT INTO lanes (chat_id) VALUES (?)", (chat_id,))
        lane = (0, 0)
    free_at, hold_until = lane
    reply_head, reply_at = _head(db, chat_id, REPLIES, now)
    bulk_head, bulk_at = _head(db, chat_id, BULK, now)
    if reply_at is not None:
        reply_at = max(reply_at, hold_until)
    if bulk_at is not None:
        bulk_at = max(bulk_at, hold_until, free_at)
        if bulk_at <= now:
            bulk_at = 0
    db.execute(
        """UPDATE lanes SET reply_head = ?, reply_at = ?, bulk_head = ?, bulk_at = ?
           WHERE chat_id = ?""",
        (reply_head, reply_at, bulk_head, bulk_at, chat_id),
    )


def settle_all(db: sqlite3.Connection, chats: Iterable[int], now: int = 0) -> None:
    """Settle several chats."""
    for chat_id in chats:
        settle(db, chat_id, now)


def settle_bulk(db: sqlite3.Connection, sent: Iterable[tuple[int, int, int]]) -> None:
    """Free chats that got a bulk message: (chat id, free at, now) each."""
    if db.execute("SELECT 1 FROM outbox INDEXED BY outbox_timed WHERE not_before > 0").fetchone():
        for chat_id, free_at, now in sent:
            hold(db, chat_id, free_at=free_at)
            settle(db, chat_id, now)
    else:
        db.executemany(_NEXT_BULK, sent)


def hold(db: sqlite3.Connection, chat_id: int, *, free_at: int = 0, hold_until: int = 0) -> None:
    """Let a chat wait, no shorter than it does; the caller settles it."""
    # A chat that only ever got edits here has no row yet.
    db.execute(
        """INSERT INTO lanes (chat_id, free_at, hold_until) VALUES (?1, ?2, ?3)
           ON CONFLICT (chat_id) DO UPDATE SET
               free_at = max(free_at, ?2), hold_until = max(hold_until, ?3)""",
        (chat_id, free_at, hold_until),
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


def has_sleepers(db: sqlite3.Connection, now: int) -> bool:
    """Tell whether there are chats to ``wake``."""
    found = db.execute("SELECT 1 FROM lanes WHERE bulk_at > 0 AND bulk_at <= ? LIMIT 1", (now,))
    return found.fetchone() is not None


def wake(db: sqlite3.Connection, now: int) -> None:
    """Make claimable the chats whose time has come."""
    db.execute(
        """UPDATE lanes SET bulk_at = 0 WHERE chat_id IN (
               SELECT chat_id FROM lanes WHERE bulk_at > 0 AND bulk_at <= ?
               ORDER BY bulk_at LIMIT ?)""",
        (now, _WAKE),
    )


def waiting_beyond(db: sqlite3.Connection, latest: int) -> list[int]:
    """Give the chats that wait for a time later than this."""
    rows = db.execute(
        """SELECT chat_id FROM lanes WHERE free_at > ?1 OR hold_until > ?1
           UNION SELECT chat_id FROM outbox WHERE not_before > ?1""",
        (latest,),
    )
    return [chat_id for (chat_id,) in rows]


def end_waits(db: sqlite3.Connection, chats: Iterable[int], latest: int, now: int) -> None:
    """Let these chats wait for nothing later than this."""
    for chat_id in chats:
        db.execute(
            """UPDATE lanes SET free_at = iif(free_at > ?2, 0, free_at),
                                hold_until = iif(hold_until > ?2, 0, hold_until)
               WHERE chat_id = ?1""",
            (chat_id, latest),
        )
        db.execute(
            "UPDATE outbox SET not_before = 0 WHERE chat_id = ? AND not_before > ?",
            (chat_id, latest),
        )
        settle(db, chat_id, now)


def next_at(db: sqlite3.Connection, leased: Iterable[int]) -> int | None:
    """Give since, or from, when a chat that nobody has may be claimed; 0: since long."""
    busy = set(leased)
    reply = _first_free(db, "reply_at", "reply_at IS NOT NULL ORDER BY reply_at", busy)
    bulk = _first_free(db, "bulk_at", "bulk_at = 0 ORDER BY bulk_head", busy)
    if bulk is None:
        bulk = _first_free(db, "bulk_at", "bulk_at > 0 ORDER BY bulk_at", busy)
    return min((at for at in (reply, bulk) if at is not None), default=None)


def next_edit_at(db: sqlite3.Connection, leased: Iterable[int], now: int) -> int | None:
    """Give from when an edit may go to a chat that nobody has; one that may now is found first."""
    busy = set(leased)
    rows = db.execute(
        """SELECT o.chat_id, max(coalesce(l.free_at, 0), coalesce(l.hold_until, 0))
           FROM outbox o INDEXED BY outbox_edits LEFT JOIN lanes l ON l.chat_id = o.chat_id
           WHERE o.lane = 2 ORDER BY o.place"""
    )
    first = None
    try:
        for chat_id, at in rows:
            if chat_id not in busy and (first is None or at < first):
                first = at
                if at <= now:
                    break
    finally:
        rows.close()
    return first


def _first_free(db: sqlite3.Connection, at: str, where: str, busy: set[int]) -> int | None:
    rows = db.execute(f"SELECT chat_id, {at} FROM lanes WHERE {where}")  # noqa: S608 - ours
    try:
        return next((when for chat_id, when in rows if chat_id not in busy), None)
    finally:
        rows.close()
