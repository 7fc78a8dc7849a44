"""Chats, what they follow, and the list of followed topics."""

# ruff: noqa: S608 - only names of columns and tables are put in; values are bound

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.errors import StoreError
from bot.models import Followed, Topic
from bot.store.records import (
    chat_row,
    row_chat,
    row_subscription,
    storable,
    subscription_row,
    to_ms,
    to_ms_or_none,
)
from bot.store.sqlite.room import BEFORE_ALL, Room, counter, mark, marked, take_numbers

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from bot.models import Chat, Mode, Subscription

CHAT = (
    "id, kind, title, language, zone, digest_at, quiet, thread_id, disabled, "
    "last_digest_at, next_digest_at, on_doubt"
)
SUBSCRIPTION = "chat_id, topic, title, mode, paused_until"


class ChatRoom(Room):
    """The steps on chats, subscriptions and topics."""

    async def chat(self, chat_id: int) -> Chat | None:
        """Give a chat and its settings."""
        return await self._db.read(lambda db: find_chat(db, chat_id))

    async def meet(self, chat: Chat) -> Chat:
        """Give the chat as stored; a new one is stored, a disabled one enabled again."""
        # Every update of every chat comes by here and changes nothing as a rule: a
        # read is then enough.
        stored = await self._db.read(lambda db: find_chat(db, chat.id))
        if stored is not None and _is_current(stored, chat):
            return stored
        return await self._db.write(lambda db: _meet(db, chat))

    async def save_chat(self, chat: Chat, update_id: int | None = None) -> Chat:
        """Store a chat's settings as given."""
        return await self._db.write(lambda db: _save(db, chat, update_id))

    async def chats(self, after: int | None, limit: int) -> list[Chat]:
        """Give all chats by id, page by page."""
        rows = await self._db.read(
            lambda db: db.execute(
                f"SELECT {CHAT} FROM chats WHERE id > ? ORDER BY id LIMIT ?",
                (BEFORE_ALL if after is None else after, limit),
            ).fetchall()
        )
        return [row_chat(row) for row in rows]

    async def follow(self, subscription: Subscription, update_id: int | None = None) -> Followed:
        """Follow a topic; one already followed takes the mode and pause given."""
        return await self._db.write(lambda db: _follow(db, subscription, update_id))

    async def unfollow(
        self, chat_id: int, topic: str, update_id: int | None = None
    ) -> Subscription | None:
        """Stop following; gives what was followed, or None."""
        return await self._db.write(lambda db: _unfollow(db, chat_id, storable(topic), update_id))

    async def change(
        self,
        chat_id: int,
        topic: str,
        *,
        mode: Mode | None = None,
        paused_until: datetime | None = None,
        update_id: int | None = None,
    ) -> Subscription | None:
        """Set a subscription's mode (where given) and its pause (None: not paused)."""
        return await self._db.write(
            lambda db: _change(db, chat_id, storable(topic), mode, paused_until, update_id)
        )

    async def subscriptions(self, chat_id: int) -> list[Subscription]:
        """Give what a chat follows, oldest first."""
        rows = await self._db.read(
            lambda db: db.execute(
                f"SELECT {SUBSCRIPTION} FROM subscriptions WHERE chat_id = ? ORDER BY id",
                (chat_id,),
            ).fetchall()
        )
        return [row_subscription(row) for row in rows]

    async def topics(self) -> tuple[int, list[Topic]]:
        """Give all followed topics, once each, and the version of that list."""

        def step(db: sqlite3.Connection) -> tuple[int, list[Topic]]:
            # The version first: a list newer than its version is read again, never missed.
            version = counter(db, "topics")
            rows = db.execute("SELECT key, title FROM topics ORDER BY key").fetchall()
            return version, [Topic(key, title) for key, title in rows]

        return await self._db.read(step)

    async def topics_version(self) -> int:
        """Give the version of the list of followed topics."""
        return await self._db.read(lambda db: counter(db, "topics"))

    async def due_digests(self, now: datetime, limit: int) -> list[Chat]:
        """Give enabled chats whose ``next_digest_at`` has come, earliest first."""
        rows = await self._db.read(
            lambda db: db.execute(
                f"""SELECT {CHAT} FROM chats
                    WHERE next_digest_at <= ? AND disabled IS NULL
                    ORDER BY next_digest_at LIMIT ?""",
                (to_ms(now), limit),
            ).fetchall()
        )
        return [row_chat(row) for row in rows]


def find_chat(db: sqlite3.Connection, chat_id: int) -> Chat | None:
    """Give a chat, or None."""
    row = db.execute(f"SELECT {CHAT} FROM chats WHERE id = ?", (chat_id,)).fetchone()
    return None if row is None else row_chat(row)


def put_chat(db: sqlite3.Connection, chat: Chat) -> None:
    """Write a chat's row as given."""
    db.execute(f"INSERT OR REPLACE INTO chats ({CHAT}) VALUES (?{',?' * 11})", chat_row(chat))


def _is_current(stored: Chat, seen: Chat) -> bool:
    return (
        stored.disabled is None
        and stored.kind is seen.kind
        and stored.title == storable(seen.title)
    )


def _meet(db: sqlite3.Connection, chat: Chat) -> Chat:
    stored = find_chat(db, chat.id)
    if stored is None:
        put_chat(db, chat)
    else:
        db.execute(
            "UPDATE chats SET kind = ?, title = ?, disabled = NULL WHERE id = ?",
            (str(chat.kind), storable(chat.title), chat.id),
        )
    return _the_chat(db, chat.id)


def _the_chat(db: sqlite3.Connection, chat_id: int) -> Chat:
    found = find_chat(db, chat_id)
    if found is None:
        raise StoreError(f"chat {chat_id} was never met")
    return found


def _save(db: sqlite3.Connection, chat: Chat, update_id: int | None) -> Chat:
    step = f"save_chat {chat.id}"
    before = marked(db, update_id, step)
    if before is not None:
        return row_chat(json.loads(before))
    put_chat(db, chat)
    stored = _the_chat(db, chat.id)
    mark(db, update_id, step, json.dumps(chat_row(stored)))
    return stored


def _find(db: sqlite3.Connection, chat_id: int, topic: str) -> Subscription | None:
    row = db.execute(
        f"SELECT {SUBSCRIPTION} FROM subscriptions WHERE topic = ? AND chat_id = ?",
        (topic, chat_id),
    ).fetchone()
    return None if row is None else row_subscription(row)


def _dump(subscription: Subscription | None) -> str:
    return json.dumps(None if subscription is None else subscription_row(subscription))


def _load(result: str) -> Subscription | None:
    row = json.loads(result)
    return None if row is None else row_subscription(row)


def _follow(db: sqlite3.Connection, wanted: Subscription, update_id: int | None) -> Followed:
    chat_id, topic, title, mode, paused_until = subscription_row(wanted)
    step = f"follow {chat_id} {topic}"
    before = marked(db, update_id, step)
    if before is not None:
        row, created = json.loads(before)
        return Followed(row_subscription(row), created)
    _the_chat(db, chat_id)
    created = _find(db, chat_id, topic) is None
    db.execute(
        f"""INSERT INTO subscriptions ({SUBSCRIPTION}) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (topic, chat_id) DO UPDATE
            SET mode = excluded.mode, paused_until = excluded.paused_until""",
        (chat_id, topic, title, mode, paused_until),
    )
    if created:
        add_topic(db, topic, title)
    subscription = _find(db, chat_id, topic) or wanted
    mark(db, update_id, step, json.dumps([subscription_row(subscription), created]))
    return Followed(subscription, created)


def add_topic(db: sqlite3.Connection, topic: str, title: str) -> None:
    """List a topic as followed, if it is not listed yet."""
    added = db.execute("INSERT OR IGNORE INTO topics VALUES (?, ?)", (topic, title)).rowcount
    if added:
        take_numbers(db, "topics", 1)


def _unfollow(
    db: sqlite3.Connection, chat_id: int, topic: str, update_id: int | None
) -> Subscription | None:
    step = f"unfollow {chat_id} {topic}"
    before = marked(db, update_id, step)
    if before is not None:
        return _load(before)
    subscription = _find(db, chat_id, topic)
    if subscription is not None:
        db.execute("DELETE FROM subscriptions WHERE topic = ? AND chat_id = ?", (topic, chat_id))
        gone = db.execute(
            """DELETE FROM topics WHERE key = ?
               AND NOT EXISTS (SELECT 1 FROM subscriptions WHERE topic = ?)""",
            (topic, topic),
        ).rowcount
        if gone:
            take_numbers(db, "topics", 1)
    mark(db, update_id, step, _dump(subscription))
    return subscription


def _change(
    db: sqlite3.Connection,
    chat_id: int,
    topic: str,
    mode: Mode | None,
    paused_until: datetime | None,
    update_id: int | None,
) -> Subscription | None:
    step = f"change {chat_id} {topic}"
    before = marked(db, update_id, step)
    if before is not None:
        return _load(before)
    db.execute(
        """UPDATE subscriptions SET mode = coalesce(?, mode), paused_until = ?
           WHERE topic = ? AND chat_id = ?""",
        (mode and str(mode), to_ms_or_none(paused_until), topic, chat_id),
    )
    subscription = _find(db, chat_id, topic)
    mark(db, update_id, step, _dump(subscription))
    return subscription
