"""Stories: which articles tell them, who was told, and what documents say of articles now."""

# ruff: noqa: S608 - only names of columns and tables are put in; values are bound

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.models import DeliveryKind, Told
from bot.store.protocol import REVISIONS
from bot.store.records import from_ms_or_none, row_chat, storable, to_ms
from bot.store.sqlite.articles import (
    COLUMNS,
    article_row,
    find_article,
    note_change,
    queue_edit,
    replace_article,
    row_article,
)
from bot.store.sqlite.room import BEFORE_ALL, Room, select_in, take_numbers

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from bot.models import Article, StoredArticle
    from bot.store.records import Row

_TOLD = """
    SELECT t.chat_id, coalesce(t.article_id, t.story), t.kind, t.message_id, t.at, t.topic,
           c.id, c.kind, c.title, c.language, c.zone, c.digest_at, c.quiet, c.thread_id,
           c.disabled, c.last_digest_at, c.next_digest_at, c.on_doubt
    FROM told t LEFT JOIN chats c ON c.id = t.chat_id
    WHERE t.story = ?
"""
_TOLD_FIELDS = 6
_POSTS = f"{_TOLD} AND t.kind = 'post' AND t.chat_id > ? ORDER BY t.chat_id LIMIT ?"
_OTHERS = f"{_TOLD} AND t.kind IS NOT 'post' AND t.chat_id > ? ORDER BY t.chat_id LIMIT ?"
# Cursors: chat ids, those of channels so much lower.
_CHANNELS = 2**64
_KINDS = {str(kind): kind for kind in DeliveryKind}


class StoryRoom(Room):
    """The steps on stories."""

    async def marks(self, article_ids: Sequence[int]) -> dict[int, str]:
        """Give what the documents last said of these articles."""
        query = "SELECT article_id, mark FROM article_marks WHERE article_id IN {}"
        return dict(await self._db.read(lambda db: list(select_in(db, query, article_ids))))

    async def keep_marks(self, marks: Mapping[int, str]) -> None:
        """Note what documents say of articles, without revising these."""
        if marks:
            await self._db.write(lambda db: _keep_marks(db, marks.items()))

    async def revise(
        self,
        article_id: int,
        article: Article | None,
        mark: str,
        now: datetime,  # noqa: ARG002 - an edit may begin at once
        page_by: datetime | None = None,
    ) -> StoredArticle | None:
        """Put what a document says now in place of what it said; None: nothing changed."""
        by = None if page_by is None else to_ms(page_by)
        return await self._db.write(lambda db: _revise(db, article_id, article, mark, by))

    async def place(self, article_id: int, story: int, now: datetime) -> StoredArticle | None:  # noqa: ARG002
        """Note which story an article tells."""
        return await self._db.write(lambda db: _place(db, article_id, story))

    async def members(self, story: int) -> list[StoredArticle]:
        """Give the articles of a story by id, its first one first."""
        rows = await self._db.read(
            lambda db: db.execute(
                f"""SELECT {COLUMNS} FROM articles WHERE id = ?1 AND coalesce(story, id) = ?1
                    UNION ALL SELECT * FROM (SELECT {COLUMNS} FROM articles
                    WHERE story = ?1 AND story <> id ORDER BY id)""",
                (story,),
            ).fetchall()
        )
        return sorted(map(row_article, rows), key=lambda stored: stored.id)

    async def queue_edit(self, story: int, article_id: int | None, now: datetime) -> None:  # noqa: ARG002
        """Let what was sent of a story be changed."""
        await self._db.write(lambda db: queue_edit(db, story, article_id))

    async def sent_to(
        self, story: int, after: int | None, limit: int, only: Collection[int] = ()
    ) -> tuple[list[Told], int | None]:
        """Give what chats were told of a story: channels first, page by page."""
        if only:
            rows = await self._db.read(
                lambda db: list(select_in(db, _TOLD + " AND t.chat_id IN {}", only, story))
            )
            rows.sort(key=lambda row: (row[2] != DeliveryKind.POST, row[0]))
            return [_row_told(row) for row in rows], None
        return await self._db.read(lambda db: _page(db, story, after, limit))


def _keep_marks(db: sqlite3.Connection, marks: Iterable[tuple[int, str]]) -> None:
    db.executemany(
        """INSERT INTO article_marks (article_id, mark) VALUES (?, ?)
           ON CONFLICT (article_id) DO UPDATE SET mark = excluded.mark""",
        [(number, storable(mark)) for number, mark in marks],
    )


def _revise(
    db: sqlite3.Connection, article_id: int, article: Article | None, mark: str, page_by: int | None
) -> StoredArticle | None:
    row = article_row(db, article_id)
    if row is None:
        return None
    _keep_marks(db, [(article_id, mark)])
    if not _revise_once_more(db, article_id):
        return None
    changed = article is not None and replace_article(db, row, article)
    if page_by is not None:
        db.execute("UPDATE articles SET page_by = ? WHERE id = ?", (page_by, article_id))
    elif not changed:
        return None
    db.execute(
        "UPDATE article_marks SET revisions = revisions + 1 WHERE article_id = ?", (article_id,)
    )
    if article is not None and changed:
        note_change(db, row, article)
    return find_article(db, article_id)


def _revise_once_more(db: sqlite3.Connection, article_id: int) -> bool:
    found = db.execute("SELECT revisions FROM article_marks WHERE article_id = ?", (article_id,))
    return int(found.fetchone()[0]) < REVISIONS


def _place(db: sqlite3.Connection, article_id: int, story: int) -> StoredArticle | None:
    row = article_row(db, article_id)
    if row is not None and row[4] != story:
        db.execute("UPDATE articles SET story = ? WHERE id = ?", (story, article_id))
        if (row[4] or article_id) != story:
            seq = take_numbers(db, "seq", 1)
            db.execute("UPDATE articles SET seq = ? WHERE id = ?", (seq, article_id))
    return find_article(db, article_id)


def _page(
    db: sqlite3.Connection, story: int, after: int | None, limit: int
) -> tuple[list[Told], int | None]:
    rows: list[Row] = []
    others = after if after is not None and after > -(2**63) else None
    if others is None:
        first = BEFORE_ALL if after is None else after + _CHANNELS
        rows += db.execute(_POSTS, (story, first, limit)).fetchall()
        if len(rows) == limit:
            return [_row_told(row) for row in rows], rows[-1][0] - _CHANNELS
    room = limit - len(rows)
    start = BEFORE_ALL if others is None else others
    found = db.execute(_OTHERS, (story, start, room)).fetchall()
    told = [_row_told(row) for row in rows + found]
    return told, found[-1][0] if len(found) == room else None


def _row_told(row: Row) -> Told:
    chat_id, article_id, kind, message_id, at, topic = row[:_TOLD_FIELDS]
    return Told(
        chat_id=chat_id,
        article_id=article_id,
        kind=_KINDS[kind] if kind else DeliveryKind.ALERT,
        message_id=message_id,
        at=from_ms_or_none(at),
        topic=topic,
        chat=None if row[_TOLD_FIELDS] is None else row_chat(row[_TOLD_FIELDS:]),
    )
