"""Articles on their way to followers, batch by batch, and the daily digests."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.models import FanOut, FanOutKind, Follower
from bot.store.protocol import AGAIN_S
from bot.store.records import chat_row, row_chat, row_subscription, storable, to_ms, to_ms_or_none
from bot.store.redis.articles import stored_article
from bot.store.redis.deliveries import draft_words, edit_words
from bot.store.redis.room import KEYS, Room, optional, packed, token

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.models import Chat, Draft
    from bot.store.records import Row

_PART = 170  # three scripts a batch, all as short
_EDITS = 50  # which take more looking
_STAYS = "="  # a cursor


class FanOutRoom(Room):
    """The publisher's steps."""

    async def next_fan_out(self, now: datetime, owner: str, lease_s: float) -> FanOut | None:
        """Lease the oldest unfinished fan-out that nobody works on."""
        found = await self._redis.run(
            "next_fan_out", token(), to_ms(now), owner, round(lease_s * 1000)
        )
        if found is None:
            return None
        number, cursor, article_id, value, *edit = found
        revised, chosen = edit or (0, "")
        return FanOut(
            id=int(number),
            article=stored_article(article_id, value),
            cursor=int(cursor) if cursor else None,
            kind=FanOutKind.EDIT if edit else FanOutKind.ARTICLE,
            revised=bool(revised),
            only=tuple(map(int, chosen.split())),
        )

    async def followers(
        self, topics: Sequence[str], after: int | None, limit: int
    ) -> list[Follower]:
        """Give enabled chats that follow any of the topics, by chat id, page by page."""
        asked = list(dict.fromkeys(storable(topic) for topic in topics))
        if not asked:
            return []
        first = "-inf" if after is None else f"({after}"
        rows = json.loads(await self._redis.run("followers", first, limit, *asked))
        return [_follower(asked, *row) for row in rows]

    async def expand(
        self, fan_out_id: int, drafts: Sequence[Draft], cursor: int | None, now: datetime
    ) -> int:
        """Queue a batch of a fan-out and move its cursor; None finishes it."""
        if fan_out_id < 0:
            return await self._expand_edit(-fan_out_id, drafts, cursor, now)
        # In parts, so that no script holds up the other workers; the last moves the cursor. A batch
        # that is repeated, because this ended in between, passes over what was told.
        queued = 0
        for start in range(0, max(1, len(drafts)), _PART):
            last = start + _PART >= len(drafts)
            queued += int(
                await self._redis.run(
                    "expand",
                    token(),
                    fan_out_id,
                    optional(cursor) if last else _STAYS,
                    to_ms(now),
                    *draft_words(drafts[start : start + _PART], now),
                )
            )
        return queued

    async def _expand_edit(
        self, number: int, drafts: Sequence[Draft], cursor: int | None, now: datetime
    ) -> int:
        done = 0
        for start in range(0, max(1, len(drafts)), _EDITS):
            last = start + _EDITS >= len(drafts)
            done += int(
                await self._redis.run(
                    "expand_edit",
                    token(),
                    number,
                    optional(cursor) if last else _STAYS,
                    to_ms(now),
                    round(AGAIN_S * 1000),
                    *edit_words(drafts[start : start + _EDITS], now),
                )
            )
        return done

    async def commit_digest(
        self, chat: Chat, drafts: Sequence[Draft], next_at: datetime | None, now: datetime
    ) -> bool:
        """Queue a chat's digest and set the next one, unless that was done already."""
        step = token()
        words = draft_words(drafts, now)
        while True:
            body = await self._redis.command("HGET", f"{KEYS}chats", chat.id)
            stored = None if body is None else row_chat(json.loads(body))
            if stored is None or stored.disabled or stored.next_digest_at != chat.next_digest_at:
                return False
            served = replace(stored, last_digest_at=now, next_digest_at=next_at)
            done = await self._redis.run(
                "commit_digest",
                step,
                chat.id,
                body,
                packed(chat_row(served)),
                optional(to_ms_or_none(next_at)),
                to_ms(now),
                *words,
            )
            if done == "1":
                return True


def _follower(topics: Sequence[str], chat: Row, *flat: Any) -> Follower:  # noqa: ANN401 - JSON
    number = chat[0]
    subscriptions = []
    for at in range(0, len(flat), 2):
        _, title, mode, paused_until = flat[at + 1]
        row = (number, topics[flat[at]], title, mode, paused_until)
        subscriptions.append(row_subscription(row))
    return Follower(row_chat(chat), tuple(subscriptions))
