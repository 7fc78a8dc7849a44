"""The SQLite store: its rooms under one roof, its life, and its housekeeping."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from bot.errors import HalfFilledError
from bot.store.records import storable, to_ms
from bot.store.sqlite import lanes
from bot.store.sqlite.articles import ArticleRoom
from bot.store.sqlite.chats import ChatRoom
from bot.store.sqlite.claims import ClaimRoom
from bot.store.sqlite.dead import DeadRoom
from bot.store.sqlite.fanouts import FanOutRoom
from bot.store.sqlite.moves import MoveRoom
from bot.store.sqlite.moving import MovingRoom
from bot.store.sqlite.setback import SetBackRoom
from bot.store.sqlite.stories import StoryRoom
from bot.store.sqlite.workers import WorkerRoom

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

# Telegram redelivers an update for a day at most.
_MARKS_KEPT = timedelta(hours=48)
# Nothing is fanned out that long after it was archived, so nothing could come twice.
_TOLD_KEPT = timedelta(days=30)
_PHRASES_KEPT = timedelta(days=90)
# Nothing waits longer: a day at most for a digest's hour or for what Telegram asks. What does
# was reckoned with a clock that has been set right since.
_LONGEST_WAIT = timedelta(hours=48)
_STEP = 500  # rows a transaction: the loop goes on in between


class SqliteStore(
    ArticleRoom,
    ChatRoom,
    FanOutRoom,
    StoryRoom,
    ClaimRoom,
    DeadRoom,
    MoveRoom,
    WorkerRoom,
    SetBackRoom,
    MovingRoom,
):
    """The ``Store`` of one bot on one machine, in one file."""

    async def open(self, *, exclusive: bool = False) -> None:
        """Connect and migrate; ``exclusive`` refuses beside another ``run``, ends leases."""
        await self._db.open(exclusive=exclusive)
        if exclusive:
            if await self.half_filled():
                await self.close()
                raise HalfFilledError
            await self._db.write(_end_leases)

    async def close(self) -> None:
        """Let go of the file and the lock; may be called twice."""
        self._leases.clear()
        self._turns.clear()
        await self._db.close()

    async def check(self) -> None:
        """Raise ``StoreError`` unless the store answers and can be written to."""
        await self._db.write(
            lambda db: db.execute("UPDATE counters SET value = value WHERE name = 'seq'")
        )

    async def housekeeping(self, now: datetime) -> None:
        """Forget what no longer matters, a short step at a time."""
        at = to_ms(now)
        await self._in_steps(
            "UPDATE update_marks SET at = ? WHERE (update_id, step) IN "
            "(SELECT update_id, step FROM update_marks WHERE at IS NULL LIMIT ?)",
            at,
        )
        await self._in_steps(
            "DELETE FROM update_marks WHERE (update_id, step) IN "
            "(SELECT update_id, step FROM update_marks WHERE at < ? LIMIT ?)",
            at - _ms(_MARKS_KEPT),
        )
        await self._in_steps(
            "DELETE FROM updates WHERE id IN (SELECT id FROM updates WHERE at < ? LIMIT ?)",
            at - _ms(_MARKS_KEPT),
        )
        await self._in_steps(
            "DELETE FROM phrases WHERE key IN (SELECT key FROM phrases WHERE at < ? LIMIT ?)",
            at - _ms(_PHRASES_KEPT),
        )
        await self.drop_expired(at)
        latest = at + _ms(_LONGEST_WAIT)
        waiting = await self._db.read(lambda db: lanes.waiting_beyond(db, latest))
        for start in range(0, len(waiting), _STEP):
            chats = waiting[start : start + _STEP]
            await self._db.write(partial(lanes.end_waits, chats=chats, latest=latest, now=at))
            await asyncio.sleep(0)
        await self._db.write(lambda db: _end_waits(db, latest, at))
        last = await self._db.read(lambda db: _last_told(db, at - _ms(_TOLD_KEPT)))
        await self._in_steps(
            "DELETE FROM told WHERE (story, chat_id) IN "
            "(SELECT story, chat_id FROM told WHERE story <= ? AND kind IS NOT 'post' LIMIT ?)",
            last,
        )

    async def keep_phrase(self, key: str, text: str, now: datetime) -> None:
        """Remember a text behind a short key."""
        await self._db.write(
            lambda db: db.execute(
                """INSERT INTO phrases VALUES (?, ?, ?)
                   ON CONFLICT (key) DO UPDATE SET text = excluded.text, at = excluded.at""",
                (key, storable(text), to_ms(now)),
            )
        )

    async def phrase(self, key: str) -> str | None:
        """Give the text behind a key."""
        row = await self._db.read(
            lambda db: db.execute("SELECT text FROM phrases WHERE key = ?", (key,)).fetchone()
        )
        return None if row is None else row[0]

    async def _in_steps(self, statement: str, parameter: int) -> None:
        done = _STEP
        while done == _STEP:
            done = await self._db.write(
                lambda db: db.execute(statement, (parameter, _STEP)).rowcount
            )
            await asyncio.sleep(0)


def _end_leases(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM leases")
    db.execute("UPDATE fan_outs SET lease_until = 0 WHERE lease_until > 0")
    db.execute("UPDATE edit_jobs SET lease_until = 0 WHERE lease_until > 0")


def _end_waits(db: sqlite3.Connection, latest: int, now: int) -> None:
    db.execute("UPDATE leases SET until = 0 WHERE until > ?", (latest,))
    db.execute("UPDATE fan_outs SET lease_until = 0 WHERE lease_until > ?", (latest,))
    db.execute("UPDATE fan_outs SET not_before = ? WHERE not_before > ?", (now, latest))
    db.execute("UPDATE edit_jobs SET lease_until = 0 WHERE lease_until > ?", (latest,))
    db.execute("UPDATE edit_jobs SET not_before = 0 WHERE not_before > ?", (latest,))
    # Whoever is due now gets what there is, and the next one at its hour.
    db.execute(
        "UPDATE chats SET next_digest_at = ? WHERE next_digest_at > ? AND disabled IS NULL",
        (now, latest),
    )


def _ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)


def _last_told(db: sqlite3.Connection, before: int) -> int:
    """Give the last article first seen before then and no longer on its way to anybody."""
    old = db.execute(
        "SELECT id FROM articles WHERE imported = 0 AND first_seen < ? "
        "ORDER BY first_seen DESC, id DESC LIMIT 1",
        (before,),
    ).fetchone()
    under_way = db.execute("SELECT min(article_id) FROM fan_outs").fetchone()[0]
    last = old[0] if old else 0
    return last if under_way is None else min(last, under_way - 1)
