"""Stories: which articles tell them, who was told, and what documents say of articles now.

``lua/articles_rows.lua``, ``lua/lanes.lua`` and ``lua/edits.lua`` name the keys.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.models import DeliveryKind, Told
from bot.store.protocol import REVISIONS
from bot.store.records import (
    dump_article,
    from_ms,
    row_chat,
    storable,
    to_ms_or_none,
)
from bot.store.redis.articles import paired, stored_article
from bot.store.redis.room import KEYS, Room, optional, token

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from bot.models import Article, StoredArticle

_MARKS = f"{KEYS}article-marks"
_PART = 500
_KINDS = {str(kind): kind for kind in DeliveryKind}
_FIELDS = 7  # of one in sent_to.lua's answer
NO_MESSAGE = "-"


class StoryRoom(Room):
    """The steps on stories."""

    async def marks(self, article_ids: Sequence[int]) -> dict[int, str]:
        """Give what the documents last said of these articles."""
        parts = [article_ids[start : start + _PART] for start in range(0, len(article_ids), _PART)]
        replies = await self._redis.commands([("HMGET", _MARKS, *part) for part in parts])
        return {
            number: mark
            for part, reply in zip(parts, replies, strict=True)
            for number, mark in zip(part, reply, strict=True)
            if mark is not None
        }

    async def keep_marks(self, marks: Mapping[int, str]) -> None:
        """Note what documents say of articles, without revising these."""
        words = [word for number, mark in marks.items() for word in (number, storable(mark))]
        if words:
            await self._redis.command("HSET", _MARKS, *words)

    async def revise(
        self,
        article_id: int,
        article: Article | None,
        mark: str,
        now: datetime,  # noqa: ARG002 - an edit may begin at once
        page_by: datetime | None = None,
    ) -> StoredArticle | None:
        """Put what a document says now in place of what it said; None: nothing changed."""
        value = await self._redis.run(
            "articles_revise",
            token(),
            article_id,
            storable(mark),
            optional(to_ms_or_none(page_by)),
            REVISIONS,
            optional(to_ms_or_none(article.published) if article else None),
            dump_article(article) if article else "",
        )
        return None if value is None else stored_article(article_id, value)

    async def place(self, article_id: int, story: int, now: datetime) -> StoredArticle | None:  # noqa: ARG002
        """Note which story an article tells."""
        value = await self._redis.run("articles_place", article_id, story)
        return None if value is None else stored_article(article_id, value)

    async def members(self, story: int) -> list[StoredArticle]:
        """Give the articles of a story by id, its first one first."""
        rows = await self._redis.run("articles_members", story)
        return [stored_article(*row) for row in paired(rows)]

    async def queue_edit(self, story: int, article_id: int | None, now: datetime) -> None:  # noqa: ARG002
        """Let what was sent of a story be changed."""
        await self._redis.run("queue_edit", story, optional(article_id))

    async def sent_to(
        self, story: int, after: int | None, limit: int, only: Collection[int] = ()
    ) -> tuple[list[Told], int | None]:
        """Give what chats were told of a story: channels first, page by page."""
        cursor, *flat = await self._redis.run("sent_to", story, optional(after), limit, *only)
        told = [_told(*flat[place : place + _FIELDS]) for place in range(0, len(flat), _FIELDS)]
        return told, int(cursor) if cursor else None


def _told(chat: str, kind: str, article: str, message: str, at: str, topic: str, body: str) -> Told:
    return Told(
        chat_id=int(chat),
        article_id=int(article),
        kind=_KINDS[kind],
        message_id=None if message == NO_MESSAGE else int(message),
        at=from_ms(int(at)) if at else None,
        topic=topic or None,
        chat=row_chat(json.loads(body)) if body else None,
    )
