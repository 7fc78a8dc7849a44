"""Chats, what they follow, and the list of followed topics.

Keys: ``chats`` (hash: id -> JSON of ``records.chat_row``), ``chat-ids`` (sorted set: score and
member are the id), ``disabled`` (set), ``due`` (sorted set: enabled chats by ``next_digest_at``),
``subs:CHAT`` (hash: topic -> JSON of [id, title, mode, paused_until]), ``followers:TOPIC`` (sorted
set as ``chat-ids``), ``topics`` (hash: key -> title).
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.errors import StoreError
from bot.models import Followed, Subscription, Topic
from bot.store.records import (
    chat_row,
    row_chat,
    row_subscription,
    storable,
    subscription_row,
    to_ms,
    to_ms_or_none,
)
from bot.store.redis.room import KEYS, Room, asked_by, optional, packed

if TYPE_CHECKING:
    from datetime import datetime

    from bot.models import Chat, Mode

_CHATS = f"{KEYS}chats"
_ANYTHING = "*"  # whatever is stored now, it is overwritten


class ChatRoom(Room):
    """The steps on chats, subscriptions and topics."""

    async def chat(self, chat_id: int) -> Chat | None:
        """Give a chat and its settings."""
        body = await self._redis.command("HGET", _CHATS, chat_id)
        return None if body is None else _chat(body)

    async def meet(self, chat: Chat) -> Chat:
        """Give the chat as stored; a new one is stored, a disabled one enabled again."""
        # Every update of every chat comes by here and changes nothing as a rule: a read is
        # then enough. Else what was read must still be there when it is changed.
        body = await self._redis.command("HGET", _CHATS, chat.id)
        wanted = chat
        while True:
            if body is not None:
                stored = _chat(body)
                wanted = replace(stored, kind=chat.kind, title=storable(chat.title), disabled=None)
                if wanted == stored:
                    return stored
            found = await self._put(wanted, expected=body or "")
            if found == packed(chat_row(wanted)):
                return _chat(found)
            body = found

    async def save_chat(self, chat: Chat, update_id: int | None = None) -> Chat:
        """Store a chat's settings as given."""
        return _chat(await self._put(chat, update_id=update_id))

    async def _put(
        self, chat: Chat, *, expected: str = _ANYTHING, update_id: int | None = None
    ) -> str:
        body: str = await self._redis.run(
            "put_chat",
            optional(update_id),
            f"save_chat {chat.id}",
            expected,
            chat.id,
            packed(chat_row(chat)),
            "" if chat.disabled is None else "1",
            optional(to_ms_or_none(chat.next_digest_at)),
        )
        return body

    async def chats(self, after: int | None, limit: int) -> list[Chat]:
        """Give all chats by id, page by page."""
        return await self._listed("chat-ids", "-inf" if after is None else f"({after}", limit)

    async def due_digests(self, now: datetime, limit: int) -> list[Chat]:
        """Give enabled chats whose ``next_digest_at`` has come, earliest first."""
        return await self._listed("due", "-inf", limit, str(to_ms(now)))

    async def _listed(self, key: str, first: str, limit: int, last: str = "+inf") -> list[Chat]:
        bodies = await self._redis.run("chats_of", key, first, last, limit)
        return [_chat(body) for body in bodies if body is not None]

    async def follow(self, subscription: Subscription, update_id: int | None = None) -> Followed:
        """Follow a topic; one already followed takes the mode and pause given."""
        chat_id, topic, title, mode, paused_until = subscription_row(subscription)
        result = await self._redis.run(
            "follow",
            asked_by(update_id),
            f"follow {chat_id} {topic}",
            chat_id,
            topic,
            title,
            mode,
            packed(paused_until),
        )
        if not result:
            raise StoreError(f"chat {chat_id} was never met")
        row, created = json.loads(result)
        return Followed(row_subscription(row), created)

    async def unfollow(
        self, chat_id: int, topic: str, update_id: int | None = None
    ) -> Subscription | None:
        """Stop following; gives what was followed, or None."""
        topic = storable(topic)
        result = await self._redis.run(
            "unfollow", asked_by(update_id), f"unfollow {chat_id} {topic}", chat_id, topic
        )
        return _subscription(result)

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
        topic = storable(topic)
        result = await self._redis.run(
            "change",
            asked_by(update_id),
            f"change {chat_id} {topic}",
            chat_id,
            topic,
            optional(mode),
            packed(to_ms_or_none(paused_until)),
        )
        return _subscription(result)

    async def subscriptions(self, chat_id: int) -> list[Subscription]:
        """Give what a chat follows, oldest first."""
        fields = await self._redis.command("HGETALL", f"{KEYS}subs:{chat_id}")
        numbered = sorted((*json.loads(body), topic) for topic, body in fields.items())
        return [
            row_subscription((chat_id, topic, title, mode, paused_until))
            for _, title, mode, paused_until, topic in numbered
        ]

    async def topics(self) -> tuple[int, list[Topic]]:
        """Give all followed topics, once each, and the version of that list."""
        # The version first: a list newer than its version is read again, never missed.
        version, fields = await self._redis.commands(
            [("HGET", f"{KEYS}counters", "topics"), ("HGETALL", f"{KEYS}topics")]
        )
        return int(version or 0), [Topic(key, title) for key, title in sorted(fields.items())]

    async def topics_version(self) -> int:
        """Give the version of the list of followed topics."""
        return int(await self._redis.command("HGET", f"{KEYS}counters", "topics") or 0)


def _chat(body: str) -> Chat:
    return row_chat(json.loads(body))


def _subscription(result: str) -> Subscription | None:
    row = json.loads(result)
    return None if row is None else row_subscription(row)
