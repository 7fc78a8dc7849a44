"""Articles on their way to followers, batch by batch, and the daily digests."""

from __future__ import annotations

import heapq
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from bot.models import FanOut, Follower
from bot.store.records import row_chat, row_subscription, storable, to_ms, to_ms_or_none
from bot.store.sqlite.articles import row_article
from bot.store.sqlite.edits import expand_edit, next_edit
from bot.store.sqlite.queue import queue
from bot.store.sqlite.room import BEFORE_ALL, Room

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from bot.models import Chat, Draft
    from bot.store.records import Row

_FOLLOWERS = """
    SELECT c.id, c.kind, c.title, c.language, c.zone, c.digest_at, c.quiet, c.thread_id,
           c.disabled, c.last_digest_at, c.next_digest_at, c.on_doubt,
           s.chat_id, s.topic, s.title, s.mode, s.paused_until
    FROM subscriptions s CROSS JOIN chats c ON c.id = s.chat_id
    WHERE s.topic = ? AND s.chat_id > ? AND c.disabled IS NULL
    ORDER BY s.chat_id
"""
_CHAT_FIELDS = 12
_chat_of: Callable[[Row], int] = itemgetter(0)


class FanOutRoom(Room):
    """The publisher's steps."""

    async def next_fan_out(self, now: datetime, owner: str, lease_s: float) -> FanOut | None:
        """Lease the oldest unfinished fan-out that nobody works on."""
        lease_ms = round(lease_s * 1000)
        at = to_ms(now)
        return await self._db.write(
            lambda db: _next(db, at, owner, lease_ms) or next_edit(db, at, owner, lease_ms)
        )

    async def followers(
        self, topics: Sequence[str], after: int | None, limit: int
    ) -> list[Follower]:
        """Give enabled chats that follow any of the topics, by chat id, page by page."""
        return await self._db.read(lambda db: _followers(db, topics, after, limit))

    async def expand(
        self, fan_out_id: int, drafts: Sequence[Draft], cursor: int | None, now: datetime
    ) -> int:
        """Queue a batch of a fan-out and move its cursor; None finishes it."""
        if fan_out_id < 0:
            at = to_ms(now)
            return await self._db.write(
                lambda db: expand_edit(
                    db,
                    fan_out_id,
                    drafts,
                    cursor,
                    now,
                    lambda chat, delivery: self._leases.holds(chat, delivery, at),
                )
            )
        return await self._db.write(lambda db: _expand(db, fan_out_id, drafts, cursor, now))

    async def commit_digest(
        self, chat: Chat, drafts: Sequence[Draft], next_at: datetime | None, now: datetime
    ) -> bool:
        """Queue a chat's digest and set the next one, unless that was done already."""
        return await self._db.write(lambda db: _commit_digest(db, chat, drafts, next_at, now))


def _next(db: sqlite3.Connection, now: int, owner: str, lease_ms: int) -> FanOut | None:
    row = db.execute(
        """SELECT f.id, f.cursor, a.id, a.seq, a.first_seen, a.body, a.story
           FROM fan_outs f CROSS JOIN articles a ON a.id = f.article_id
           WHERE f.lease_until <= ?1 AND f.not_before <= ?1 ORDER BY f.shown, f.id LIMIT 1""",
        (now,),
    ).fetchone()
    if row is None:
        return None
    fan_out_id, cursor, *article = row
    db.execute(
        "UPDATE fan_outs SET owner = ?, lease_ms = ?, lease_until = ? WHERE id = ?",
        (owner, lease_ms, now + lease_ms, fan_out_id),
    )
    return FanOut(id=fan_out_id, article=row_article(article), cursor=cursor)


def _followers(
    db: sqlite3.Connection, topics: Sequence[str], after: int | None, limit: int
) -> list[Follower]:
    start = BEFORE_ALL if after is None else after
    # One cursor a topic, each in the order of chat ids and read only as far as the page goes.
    cursors = [db.execute(_FOLLOWERS, (storable(topic), start)) for topic in dict.fromkeys(topics)]
    try:
        rows: Iterable[Row] = (
            cursors[0] if len(cursors) == 1 else heapq.merge(*cursors, key=_chat_of)
        )
        found: list[Follower] = []
        for _, group in groupby(rows, key=_chat_of):
            if len(found) == limit:
                break
            own = list(group)
            found.append(
                Follower(
                    chat=row_chat(own[0][:_CHAT_FIELDS]),
                    subscriptions=tuple(row_subscription(row[_CHAT_FIELDS:]) for row in own),
                )
            )
        return found
    finally:
        # A cursor left open would keep its snapshot, and the log file from being emptied.
        for cursor in cursors:
            cursor.close()


def _expand(
    db: sqlite3.Connection,
    fan_out_id: int,
    drafts: Sequence[Draft],
    cursor: int | None,
    now: datetime,
) -> int:
    row = db.execute("SELECT 1 FROM fan_outs WHERE id = ?", (fan_out_id,)).fetchone()
    if row is None:
        return 0  # another worker finished it, after this one's lease had run out
    queued = queue(db, drafts, now)
    if cursor is None:
        _finish(db, fan_out_id)
    else:
        # Whoever brings a batch is at work: the lease begins anew.
        db.execute(
            """UPDATE fan_outs SET cursor = max(coalesce(cursor, ?1), ?1),
                   lease_until = ?2 + lease_ms WHERE id = ?3""",
            (cursor, to_ms(now), fan_out_id),
        )
    return queued


def _finish(db: sqlite3.Connection, fan_out_id: int) -> None:
    # A chat that was given an id behind the cursor meanwhile is still to be served: what is
    # between there and the end is passed over, for it was told.
    again = db.execute(
        """UPDATE fan_outs SET cursor = behind - 1, behind = NULL, lease_until = 0
           WHERE id = ? AND behind IS NOT NULL""",
        (fan_out_id,),
    ).rowcount
    if not again:
        db.execute("DELETE FROM fan_outs WHERE id = ?", (fan_out_id,))


def _commit_digest(
    db: sqlite3.Connection,
    chat: Chat,
    drafts: Sequence[Draft],
    next_at: datetime | None,
    now: datetime,
) -> bool:
    moved = db.execute(
        """UPDATE chats SET last_digest_at = ?, next_digest_at = ?
           WHERE id = ? AND next_digest_at IS ? AND disabled IS NULL""",
        (to_ms(now), to_ms_or_none(next_at), chat.id, to_ms_or_none(chat.next_digest_at)),
    ).rowcount
    if not moved:
        return False
    queue(db, drafts, now)
    return True
