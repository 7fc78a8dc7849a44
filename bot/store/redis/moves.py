"""What happens to a whole chat: it goes away, or becomes another."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.models import Chat, ChatKind
from bot.store.records import chat_row, readdress, row_chat, to_ms_or_none, united
from bot.store.redis.deliveries import moved
from bot.store.redis.room import KEYS, Room, optional, packed

if TYPE_CHECKING:
    from datetime import datetime

    from bot.store.redis.connection import Value

_CHATS = f"{KEYS}chats"
_STEP = 250  # deliveries a step; hardly any group has as many waiting


class MoveRoom(Room):
    """The steps on a chat as a whole."""

    async def disable_chat(self, chat_id: int, reason: str, now: datetime) -> None:  # noqa: ARG002
        """Send nothing more to a chat: its queue is dropped, its settings are kept."""
        done = ""
        while done != "done":
            body = await self._redis.command("HGET", _CHATS, chat_id)
            # Never met, yet written to: what comes for it later has to be passed over too.
            kind = ChatKind.PRIVATE if chat_id > 0 else ChatKind.CHANNEL
            chat = Chat(chat_id, kind=kind) if body is None else row_chat(json.loads(body))
            disabled = packed(chat_row(replace(chat, disabled=reason)))
            done = await self._redis.run("disable_chat", chat_id, body or "", disabled)

    async def migrate_chat(self, old: int, new: int) -> None:
        """Give everything of a group to the supergroup that it became."""
        done = "done" if old == new else ""
        while done != "done":
            group, met = await self._redis.command("HMGET", _CHATS, old, new)
            old_chat = _chat(group)
            chat = united(old_chat, _chat(met), new) if old_chat else None
            letters = await self._letters(old, new)
            deliveries = await self._deliveries(old, new)
            done = await self._redis.run(
                "migrate_chat",
                old,
                new,
                group or "",
                met or "",
                packed(chat_row(chat)) if chat else "",
                optional(to_ms_or_none(chat.next_digest_at)) if chat else "",
                len(deliveries) // 2,
                *deliveries,
                *letters,
            )

    async def _deliveries(self, old: int, new: int) -> list[Value]:
        """Give id and new record of what waits for a chat."""
        flat = await self._redis.run("waiting", old, _STEP)
        words: list[Value] = []
        for number, record in zip(flat[::4], flat[3::4], strict=True):
            words += (number, _readdressed(record, old, new))
        return words

    async def _letters(self, old: int, new: int) -> list[Value]:
        """Give id, value and new value of a chat's dead letters."""
        words: list[Value] = []
        first = "-inf"
        while flat := await self._redis.run("dead_letters", first, _STEP):
            for number, value in zip(flat[::2], flat[1::2], strict=True):
                *head, record = value.split("\n", 2)
                if record.startswith(f'["{old}",'):
                    words += (number, value, "\n".join([*head, _readdressed(record, old, new)]))
            first = f"({flat[-2]}"
        return words


def _readdressed(record: str, old: int, new: int) -> str:
    return moved(record, new, readdress(record.partition("\n")[2], old, new))


def _chat(body: str | None) -> Chat | None:
    return None if body is None else row_chat(json.loads(body))
