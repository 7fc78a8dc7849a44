"""The outbox beside sending: queuing, held messages, what was told, the dead letters."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from bot.store.records import from_ms, storable, to_ms
from bot.store.redis.deliveries import (
    dead_letter,
    delivery,
    draft_words,
    lane_standing,
    unique,
)
from bot.store.redis.room import KEYS, Room, optional, packed, token

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.models import Claim, DeadLetter, Delivery, Draft, Standing

_PART = 300  # records a script


class OutboxRoom(Room):
    """The steps on what waits."""

    async def enqueue(
        self, drafts: Sequence[Draft], now: datetime, update_id: int | None = None
    ) -> int:
        """Queue messages; a chat gets an article once, a disabled chat nothing."""
        # An update may bring several answers: each is marked by what it says.
        said = "\n".join(
            f"{item.chat_id} {item.message.method} {item.message.payload}" for item in drafts
        )
        step = "enqueue " + hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:16]
        return int(
            await self._redis.run(
                "enqueue", token(), optional(update_id), step, to_ms(now), *draft_words(drafts, now)
            )
        )

    async def waiting(self, chat_id: int, limit: int) -> list[Delivery]:
        """Give a chat's queued deliveries in order, held ones included."""
        flat = await self._redis.run("waiting", chat_id, limit)
        return [
            delivery(flat[place], flat[place + 3], flat[place + 2], held=bool(flat[place + 1]))
            for place in range(0, len(flat), 4)
        ]

    async def standing(self, chat_id: int) -> Standing:
        """Give how a chat stands with answers."""
        state = await self._redis.command("HGET", f"{KEYS}lanes", chat_id)
        return lane_standing(state)

    async def hold(self, chat_id: int, until: datetime) -> None:
        """Let a chat wait, with its replies, no shorter than it does already."""
        await self._redis.run("hold", chat_id, to_ms(until))

    async def chats_with_held(self) -> list[int]:
        """Give the chats that have held deliveries."""
        return sorted(map(int, await self._redis.command("SMEMBERS", f"{KEYS}held-chats")))

    async def release(self, ids: Sequence[int], now: datetime) -> None:
        """Let held deliveries go out, in the order given."""
        asked = unique(ids)
        for start in range(0, len(asked), _PART):
            await self._redis.run("release", to_ms(now), *asked[start : start + _PART])

    async def drop(self, ids: Sequence[int]) -> None:
        """Take deliveries out of the queue unsent."""
        asked = unique(ids)
        for start in range(0, len(asked), _PART):
            await self._redis.run("drop", *asked[start : start + _PART])

    async def posted_since(self, chat_id: int, since: datetime) -> list[datetime]:
        """Give when the chat got, or was let have, articles since then."""
        times = await self._redis.run("posted_since", chat_id, to_ms(since))
        return [from_ms(int(at)) for at in times]

    async def told(self, chat_id: int, article_ids: Sequence[int]) -> set[int]:
        """Give which of these articles' stories were ever queued for the chat."""
        told: set[int] = set()
        for start in range(0, len(article_ids), _PART):
            part = article_ids[start : start + _PART]
            found = await self._redis.command("HMGET", f"{KEYS}article-stories", *part)
            stories = [story or number for number, story in zip(part, found, strict=True)]
            scores = await self._redis.command("ZMSCORE", f"{KEYS}told:{chat_id}", *stories)
            pairs = zip(part, scores, strict=True)
            told.update(number for number, score in pairs if score is not None)
        return told

    async def alerted_since(
        self, chat_ids: Sequence[int], since: datetime
    ) -> dict[tuple[int, str], int]:
        """Count the alerts that each of these chats got, or was let have, about each topic."""
        if not chat_ids:
            return {}
        flat = await self._redis.run("alerted_since", to_ms(since), *unique(chat_ids))
        return {
            (int(chat), topic): count
            for chat, topic, count in zip(flat[::3], flat[1::3], flat[2::3], strict=True)
        }

    async def forget_told(self, before: datetime, last_article: int) -> None:
        """Forget what chats were told before then of articles up to that one, step by step."""
        passed = 0
        while passed >= 0:
            passed = await self._redis.run(
                "forget_told", to_ms(before), last_article, _PART, passed
            )

    async def outbox(self) -> tuple[int, datetime | None]:
        """Count queued messages and give when the oldest was queued."""
        count, oldest = await self._redis.run("outbox")
        return count, from_ms(int(oldest)) if oldest else None

    async def set_aside(self, claim: Claim, reason: str, now: datetime) -> None:
        """Move a delivery to the dead letters and free its chat."""
        await self._redis.run("set_aside", claim.delivery.id, packed(storable(reason)), to_ms(now))

    async def dead_letters(self, after: int | None, limit: int) -> list[DeadLetter]:
        """Give what was set aside, by delivery id, page by page."""
        first = "-inf" if after is None else f"({after}"
        flat = await self._redis.run("dead_letters", first, limit)
        return [dead_letter(*pair) for pair in zip(flat[::2], flat[1::2], strict=True)]

    async def retry_dead(self, ids: Sequence[int], now: datetime) -> int:
        """Queue dead letters again, behind what waits; gives how many were queued."""
        asked = sorted(unique(ids))
        count = 0
        for start in range(0, len(asked), _PART):
            part = asked[start : start + _PART]
            count += int(await self._redis.run("retry_dead", token(), to_ms(now), *part))
        return count

    async def drop_dead(self, ids: Sequence[int]) -> int:
        """Forget dead letters; gives how many there were."""
        asked = unique(ids)
        count = 0
        for start in range(0, len(asked), _PART):
            part = asked[start : start + _PART]
            count += int(await self._redis.run("drop_dead", token(), *part))
        return count
