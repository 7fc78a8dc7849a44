"""Articles, their identities, the log that projections read, and the state of sources.

``lua/articles_rows.lua`` names the keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.models import StoredArticle
from bot.store.records import (
    dump_article,
    dump_source,
    from_ms,
    load_article,
    load_source,
    storable,
    to_ms,
    to_ms_or_none,
)
from bot.store.redis.room import KEYS, Room, optional, token

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from bot.models import Article, NewArticle, SourceState
    from bot.store.redis.connection import Value

_PART = 500
_IMPORTED = 100  # articles a script
ARTICLES = f"{KEYS}articles"


def stored_article(article_id: int | str, value: str) -> StoredArticle:
    """Give the article of a value of the hash ``xeberci:articles``."""
    return _with_page_by(article_id, value)[0]


class ArticleRoom(Room):
    """The archive's steps."""

    async def sources(self) -> dict[str, SourceState]:
        """Give what is remembered of each source, by name."""
        found = await self._redis.command("HGETALL", f"{KEYS}sources")
        return {name: load_source(state) for name, state in sorted(found.items())}

    async def save_source(self, state: SourceState) -> None:
        """Remember a poll that brought no articles."""
        await self._redis.command("HSET", f"{KEYS}sources", state.name, dump_source(state))

    async def known(self, keys: Iterable[str]) -> dict[str, int]:
        """Give the article ids of those identity keys that the archive knows."""
        wanted = {storable(key): key for key in keys}
        asked = list(wanted)
        parts = [asked[start : start + _PART] for start in range(0, len(asked), _PART)]
        replies = await self._redis.commands(
            [("HMGET", f"{KEYS}article-keys", *part) for part in parts]
        )
        return {
            wanted[key]: int(article_id)
            for part, reply in zip(parts, replies, strict=True)
            for key, article_id in zip(part, reply, strict=True)
            if article_id is not None
        }

    async def commit(
        self, articles: Sequence[NewArticle], state: SourceState | None, now: datetime
    ) -> list[StoredArticle]:
        """Archive articles, queue their fan-out and save the source; gives the new ones."""
        if state is not None:
            return await self._commit(articles, state, now)
        # An import has nothing that must come together with its articles, and five hundred of
        # them would keep all workers waiting for 17 ms.
        stored: list[StoredArticle] = []
        for start in range(0, len(articles), _IMPORTED):
            stored += await self._commit(articles[start : start + _IMPORTED], None, now)
        return stored

    async def _commit(
        self, articles: Sequence[NewArticle], state: SourceState | None, now: datetime
    ) -> list[StoredArticle]:
        bodies = [dump_article(new.article) for new in articles]
        imported = int(state is None)
        words: list[Value] = []
        for new, body in zip(articles, bodies, strict=True):
            keys = [storable(key) for key in dict.fromkeys(new.keys)]
            shown = to_ms(new.article.published or now)
            page_by = optional(to_ms_or_none(new.page_by))
            value = f",{shown},{to_ms(now)},{imported},{page_by}\n{body}"
            mark = storable(new.mark)
            words += [len(keys), *keys, shown, int(new.deliver), page_by, mark, value]
        source = ("", "") if state is None else (state.name, dump_source(state))
        reply = await self._redis.run("articles_commit", token(), to_ms(now), *source, *words)
        seen = from_ms(to_ms(now))
        stored = []
        for entry in reply.split():
            place, article_id, seq = map(int, entry.split(":"))
            stored.append(StoredArticle(article_id, seq, load_article(bodies[place]), seen))
        return stored

    async def improve(
        self, article_id: int, article: Article | None, *, deliver: bool, now: datetime
    ) -> StoredArticle | None:
        """Put an article's fetched page in place of what the feed had; None: nothing came."""
        shown = to_ms_or_none(article.published) if article else None
        value = await self._redis.run(
            "articles_improve",
            article_id,
            to_ms(now),
            int(deliver),
            optional(shown),
            dump_article(article) if article else "",
        )
        return None if value is None else stored_article(article_id, value)

    async def pages_wanted(self, limit: int) -> list[tuple[StoredArticle, datetime]]:
        """Give the articles whose pages are still to be fetched, each with its ``page_by``."""
        rows = await self._redis.run("articles_pages", limit)
        found = [_with_page_by(*row) for row in paired(rows)]
        return [(stored, by) for stored, by in found if by is not None]

    async def articles(self, ids: Sequence[int]) -> list[StoredArticle]:
        """Give the articles with these ids, in this order."""
        parts = [ids[start : start + _PART] for start in range(0, len(ids), _PART)]
        replies = await self._redis.commands([("HMGET", ARTICLES, *part) for part in parts])
        return [
            stored_article(article_id, value)
            for part, reply in zip(parts, replies, strict=True)
            for article_id, value in zip(part, reply, strict=True)
            if value is not None
        ]

    async def log_after(self, seq: int, limit: int) -> list[StoredArticle]:
        """Give the log's entries after ``seq``, in order."""
        return await self._articles_of("articles_log", seq, limit)

    async def last_seq(self) -> int:
        """Give the newest place in the log; 0 for an empty archive."""
        return int(await self._redis.command("HGET", f"{KEYS}counters", "seq") or 0)

    async def newest(self, limit: int, offset: int = 0) -> list[StoredArticle]:
        """Give the articles by the time that readers see, newest first."""
        return await self._articles_of("articles_newest", offset, limit)

    async def oldest(self, limit: int, after: StoredArticle | None = None) -> list[StoredArticle]:
        """Give the articles by the time that readers see, oldest first, page by page."""
        place = () if after is None else (to_ms(after.when), after.id)
        return await self._articles_of("articles_oldest", limit, *place)

    async def archived_between(
        self, after: datetime, until: datetime, limit: int
    ) -> list[StoredArticle]:
        """Give what was first seen in (after, until], newest first."""
        return await self._articles_of("articles_between", to_ms(after), to_ms(until), limit)

    async def count(self) -> int:
        """Count the articles of the archive."""
        return int(await self._redis.command("HLEN", ARTICLES))

    async def _articles_of(self, script: str, *values: int) -> list[StoredArticle]:
        return [stored_article(*row) for row in paired(await self._redis.run(script, *values))]


def paired(flat: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Give ids with their values, from what a script answers."""
    return zip(flat[::2], flat[1::2], strict=True)


def _with_page_by(article_id: int | str, value: str) -> tuple[StoredArticle, datetime | None]:
    head, _, body = value.partition("\n")
    seq, _, first_seen, _, *story, page_by = head.split(",")
    stored = StoredArticle(
        id=int(article_id),
        seq=int(seq),
        article=load_article(body),
        first_seen=from_ms(int(first_seen)),
        placed=int(story[0]) if story else None,
    )
    return stored, from_ms(int(page_by)) if page_by else None
