"""Articles, their identities, the log that projections read, and the state of sources."""

# ruff: noqa: S608 - only names of columns and tables are put in; values are bound

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
from bot.store.sqlite.room import Room, counter, select_in, take_numbers

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from bot.models import Article, NewArticle, SourceState
    from bot.store.records import Row

_TOO_LARGE = 2**63
COLUMNS = "id, seq, first_seen, body, story"


def row_article(row: Row) -> StoredArticle:
    """Give the article of a row of ``COLUMNS``."""
    return StoredArticle(
        id=row[0],
        seq=row[1],
        first_seen=from_ms(row[2]),
        article=load_article(row[3]),
        placed=row[4],
    )


class ArticleRoom(Room):
    """The archive's steps."""

    async def sources(self) -> dict[str, SourceState]:
        """Give what is remembered of each source, by name."""
        rows = await self._db.read(
            lambda db: db.execute("SELECT name, state FROM sources").fetchall()
        )
        return {name: load_source(state) for name, state in rows}

    async def save_source(self, state: SourceState) -> None:
        """Remember a poll that brought no articles."""
        await self._db.write(lambda db: _save_source(db, state))

    async def known(self, keys: Iterable[str]) -> dict[str, int]:
        """Give the article ids of those identity keys that the archive knows."""
        wanted = {storable(key): key for key in keys}
        rows = await self._db.read(
            lambda db: list(
                select_in(
                    db, "SELECT key, article_id FROM article_keys WHERE key IN {}", list(wanted)
                )
            )
        )
        return {wanted[key]: article_id for key, article_id in rows}

    async def commit(
        self, articles: Sequence[NewArticle], state: SourceState | None, now: datetime
    ) -> list[StoredArticle]:
        """Archive articles, queue their fan-out and save the source; gives the new ones."""
        return await self._db.write(lambda db: _commit(db, articles, state, now))

    async def improve(
        self, article_id: int, article: Article | None, *, deliver: bool, now: datetime
    ) -> StoredArticle | None:
        """Put an article's fetched page in place of what the feed had; None: nothing came."""
        return await self._db.write(
            lambda db: _improve(db, article_id, article, deliver=deliver, now=to_ms(now))
        )

    async def pages_wanted(self, limit: int) -> list[tuple[StoredArticle, datetime]]:
        """Give the articles whose pages are still to be fetched, each with its ``page_by``."""
        rows = await self._db.read(lambda db: _pages_wanted(db, limit))
        return [(row_article(row[:-1]), from_ms(row[-1])) for row in rows]

    async def articles(self, ids: Sequence[int]) -> list[StoredArticle]:
        """Give the articles with these ids, in this order."""
        # Ids come from links that anybody can write: SQLite takes none beyond 64 bits.
        asked = [number for number in ids if abs(number) < _TOO_LARGE]
        rows = await self._db.read(
            lambda db: {
                row[0]: row
                for row in select_in(db, f"SELECT {COLUMNS} FROM articles WHERE id IN {{}}", asked)
            }
        )
        return [row_article(rows[number]) for number in ids if number in rows]

    async def log_after(self, seq: int, limit: int) -> list[StoredArticle]:
        """Give the log's entries after ``seq``, in order."""
        return await self._listed("WHERE seq > ? ORDER BY seq LIMIT ?", seq, limit)

    async def last_seq(self) -> int:
        """Give the newest place in the log; 0 for an empty archive."""
        return await self._db.read(lambda db: counter(db, "seq"))

    async def newest(self, limit: int, offset: int = 0) -> list[StoredArticle]:
        """Give the articles by the time that readers see, newest first."""
        return await self._listed("ORDER BY shown DESC, id DESC LIMIT ? OFFSET ?", limit, offset)

    async def oldest(self, limit: int, after: StoredArticle | None = None) -> list[StoredArticle]:
        """Give the articles by the time that readers see, oldest first, page by page."""
        if after is None:
            return await self._listed("ORDER BY shown, id LIMIT ?", limit)
        return await self._listed(
            "WHERE (shown, id) > (?, ?) ORDER BY shown, id LIMIT ?",
            to_ms(after.when),
            after.id,
            limit,
        )

    async def archived_between(
        self, after: datetime, until: datetime, limit: int
    ) -> list[StoredArticle]:
        """Give what was first seen in (after, until], newest first."""
        return await self._listed(
            "WHERE imported = 0 AND first_seen > ? AND first_seen <= ? "
            "ORDER BY first_seen DESC, id DESC LIMIT ?",
            to_ms(after),
            to_ms(until),
            limit,
        )

    async def count(self) -> int:
        """Count the articles of the archive."""
        # Nothing is ever taken out, so the last id would do, but for a gap after a restore.
        return await self._db.read(
            lambda db: int(db.execute("SELECT count(*) FROM articles").fetchone()[0])
        )

    async def _listed(self, tail: str, *parameters: int) -> list[StoredArticle]:
        rows = await self._db.read(
            lambda db: db.execute(
                f"SELECT {COLUMNS} FROM articles {tail}",
                parameters,
            ).fetchall()
        )
        return [row_article(row) for row in rows]


def _save_source(db: sqlite3.Connection, state: SourceState) -> None:
    db.execute(
        "INSERT INTO sources VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET state = excluded.state",
        (state.name, dump_source(state)),
    )


def _commit(
    db: sqlite3.Connection,
    articles: Sequence[NewArticle],
    state: SourceState | None,
    now: datetime,
) -> list[StoredArticle]:
    stored = []
    for new in articles:
        keys = [storable(key) for key in dict.fromkeys(new.keys)]
        owners = dict(
            select_in(db, "SELECT key, article_id FROM article_keys WHERE key IN {}", keys)
        )
        if owners:
            # The oldest name decides: keys come in the order of their worth.
            article_id = next(owners[key] for key in keys if key in owners)
        else:
            archived = _archive(db, new, now, imported=state is None)
            article_id = archived.id
            stored.append(archived)
        db.executemany(
            "INSERT INTO article_keys VALUES (?, ?)",
            [(key, article_id) for key in keys if key not in owners],
        )
    if state is not None:
        _save_source(db, state)
    return stored


def _archive(
    db: sqlite3.Connection, new: NewArticle, now: datetime, *, imported: bool
) -> StoredArticle:
    seq = take_numbers(db, "seq", 1)
    shown = to_ms(new.article.published or now)
    body = dump_article(new.article)
    article_id = db.execute(
        """INSERT INTO articles (seq, shown, first_seen, imported, page_by, body)
           VALUES (?, ?, ?, ?, ?, ?)""",
        (seq, shown, to_ms(now), imported, to_ms_or_none(new.page_by), body),
    ).lastrowid
    if new.deliver:
        db.execute(
            "INSERT INTO fan_outs (article_id, shown, not_before) VALUES (?, ?, ?)",
            (article_id, shown, to_ms_or_none(new.page_by) or 0),
        )
    if new.mark:
        db.execute(
            "INSERT OR REPLACE INTO article_marks (article_id, mark) VALUES (?, ?)",
            (article_id, storable(new.mark)),
        )
    return row_article((article_id, seq, to_ms(now), body, None))


def _improve(
    db: sqlite3.Connection, article_id: int, article: Article | None, *, deliver: bool, now: int
) -> StoredArticle | None:
    row = article_row(db, article_id)
    if row is None:
        return None
    replaced = article is not None and replace_article(db, row, article)
    if article is not None and replaced and _was_revised(db, article_id):
        note_change(db, row, article)
    db.execute("UPDATE articles SET page_by = NULL WHERE id = ?", (article_id,))
    if deliver:
        db.execute(
            "UPDATE fan_outs SET not_before = min(not_before, ?) WHERE article_id = ?",
            (now, article_id),
        )
    else:
        # One that somebody began goes on: half of the followers have it already.
        db.execute("DELETE FROM fan_outs WHERE article_id = ? AND owner IS NULL", (article_id,))
    return find_article(db, article_id)


def replace_article(db: sqlite3.Connection, row: Row, article: Article) -> bool:
    """Put an article in the place of another (a row of ``COLUMNS``); False where they are alike."""
    shown = to_ms(article.published) if article.published else row[2]
    body = dump_article(article)
    if body == row[3]:
        return False
    db.execute(
        "UPDATE articles SET seq = ?, shown = ?, body = ? WHERE id = ?",
        (take_numbers(db, "seq", 1), shown, body, row[0]),
    )
    db.execute("UPDATE fan_outs SET shown = ? WHERE article_id = ?", (shown, row[0]))
    return True


def note_change(db: sqlite3.Connection, row: Row, article: Article) -> None:
    """Queue an edit where an article in place of another (a row of ``COLUMNS``) reads otherwise."""
    before = load_article(row[3])
    if (before.title, before.text) != (article.title, article.text):
        queue_edit(db, row[4] or row[0], row[0])


def queue_edit(db: sqlite3.Connection, story: int, article_id: int | None) -> None:
    """Queue an edit, unless one that does the same was not begun yet."""
    db.execute(
        """INSERT INTO edit_jobs (id, story, article_id)
           SELECT ?1, ?2, ?3 WHERE NOT EXISTS (
               SELECT 1 FROM edit_jobs WHERE story = ?2 AND owner IS NULL AND chosen IS NULL
                 AND (article_id IS NULL OR article_id = ?3))""",
        (-take_numbers(db, "edit", 1), story, article_id),
    )


def _was_revised(db: sqlite3.Connection, article_id: int) -> bool:
    found = db.execute(
        "SELECT 1 FROM article_marks WHERE article_id = ? AND revisions > 0", (article_id,)
    )
    return found.fetchone() is not None


def find_article(db: sqlite3.Connection, article_id: int) -> StoredArticle | None:
    """Give an article, or None."""
    row = article_row(db, article_id)
    return None if row is None else row_article(row)


def article_row(db: sqlite3.Connection, article_id: int) -> Row | None:
    """Give an article's row of ``COLUMNS``."""
    row: Row | None = db.execute(
        f"SELECT {COLUMNS} FROM articles WHERE id = ?", (article_id,)
    ).fetchone()
    return row


def _pages_wanted(db: sqlite3.Connection, limit: int) -> list[Row]:
    rows: list[Row] = db.execute(
        f"""SELECT {COLUMNS}, page_by FROM articles
            WHERE id IN (SELECT article_id FROM fan_outs WHERE owner IS NULL)
              AND page_by IS NOT NULL
            ORDER BY shown DESC, id DESC LIMIT ?""",
        (limit,),
    ).fetchall()
    rows += db.execute(
        f"""SELECT {COLUMNS}, page_by FROM articles
            WHERE page_by IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM fan_outs WHERE article_id = articles.id AND owner IS NULL)
            ORDER BY shown DESC, id DESC LIMIT ?""",
        (limit - len(rows),),
    ).fetchall()
    return rows
