"""Moving house: everything out of a file as plain rows, and into another.

The heads of ``lanes`` are not moved: they are worked out anew from what was put in, whatever
came first.
"""

# ruff: noqa: S608 - only names of columns and tables are put in; values are bound

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import TYPE_CHECKING

from bot.store.records import SECTIONS
from bot.store.sqlite.lanes import settle
from bot.store.sqlite.room import Room

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from bot.store.records import Row

_STEP = 500  # rows a transaction

# Where a section comes from, if not from the table of its name.
_FROM = {
    "counters": """(SELECT name, value FROM counters
        UNION ALL SELECT 'article', coalesce(
            (SELECT seq FROM sqlite_sequence WHERE name = 'articles'), 0)
        UNION ALL SELECT 'subscription', coalesce((SELECT max(id) FROM subscriptions), 0))""",
    # One that waits for nothing says nothing; there are such only for speed.
    "lanes": "(SELECT * FROM lanes WHERE free_at > 0 OR hold_until > 0)",
}
_KEYS = {"told": 2, "update_marks": 2}  # fields of the key, if not one
_COLUMNS = {"updates": {"update_id": "id"}, "fan_outs": {"started": "owner"}}  # named otherwise


class MovingRoom(Room):
    """The steps of moving to another store."""

    async def hold_still(self) -> None:
        """Refuse beside a ``run``, and let none begin until this is closed."""
        await self._db.open(exclusive=True)

    async def identity(self) -> str:
        """Give the id of what is stored."""
        return str(await self._db.read(lambda db: _fact(db, "identity")))

    async def begin_filling(self, identity: str) -> None:
        """Take the identity of another store, whose records come next."""

        def step(db: sqlite3.Connection) -> None:
            db.execute("UPDATE facts SET value = ? WHERE name = 'identity'", (identity,))
            db.execute("INSERT OR REPLACE INTO facts VALUES ('filling', '1')")

        await self._db.write(step)

    async def end_filling(self) -> None:
        """Note that all records are there."""
        await self._db.write(lambda db: db.execute("DELETE FROM facts WHERE name = 'filling'"))

    async def half_filled(self) -> bool:
        """Whether records are still missing: the move was cut short, or goes on."""
        return await self._db.read(lambda db: _fact(db, "filling")) is not None

    async def counts(self) -> dict[str, int]:
        """Count the records of each section."""
        return {section: await self._count(_FROM.get(section, section)) for section in SECTIONS}

    async def _count(self, table: str) -> int:
        return await self._db.read(
            lambda db: int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
        )

    async def dump(
        self, section: str, after: str | None, limit: int
    ) -> tuple[list[Row], str | None]:
        """Give the records of a section, page by page, in the order of their keys."""
        columns, keys = _columns(section), _keys(section)
        wanted = ", ".join("owner IS NOT NULL" if name == "owner" else name for name in columns)
        start: list[object] = [] if after is None else json.loads(after)
        behind = f"WHERE ({', '.join(keys)}) > ({', '.join('?' * len(keys))})" if start else ""
        query = f"""SELECT {wanted} FROM {_FROM.get(section, section)} {behind}
                    ORDER BY {", ".join(keys)} LIMIT ?"""
        rows: list[Row] = await self._db.read(
            lambda db: db.execute(query, (*start, limit)).fetchall()
        )
        if len(rows) < limit:
            return rows, None
        return rows, json.dumps(rows[-1][: len(keys)])

    async def load(self, section: str, rows: Sequence[Row]) -> None:
        """Put records of ``dump`` in; one that is there already is replaced."""
        await self._db.write(lambda db: _load(db, section, rows))

    async def clear(self) -> None:
        """Throw away everything that is stored, step by step; the identity stays."""
        for section in SECTIONS:
            keys = ", ".join(_keys(section))
            statement = f"""DELETE FROM {section} WHERE ({keys}) IN
                            (SELECT {keys} FROM {section} LIMIT {_STEP})"""
            done = _STEP
            while done == _STEP:
                done = await self._db.write(partial(_changes, statement))
                await asyncio.sleep(0)
        await self._db.write(_begin_counting)


def _changes(statement: str, db: sqlite3.Connection) -> int:
    return db.execute(statement).rowcount


def _columns(section: str) -> list[str]:
    """Give the columns that hold the fields of a section."""
    own = _COLUMNS.get(section, {})
    return [own.get(field, field) for field in SECTIONS[section]]


def _keys(section: str) -> list[str]:
    return _columns(section)[: _KEYS.get(section, 1)]


def _fact(db: sqlite3.Connection, name: str) -> str | None:
    row = db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def _begin_counting(db: sqlite3.Connection) -> None:
    for name in ("seq", "delivery", "topics"):
        db.execute("INSERT OR REPLACE INTO counters VALUES (?, 0)", (name,))
    db.execute("DELETE FROM sqlite_sequence")


def _load(db: sqlite3.Connection, section: str, rows: Sequence[Row]) -> None:
    if section == "counters":
        for name, value in rows:
            _set_counter(db, name, value)
        return
    columns = _columns(section)
    # A fan-out that was begun gets an owner, though nobody: half of the followers have it.
    marks = ("CASE WHEN ? THEN '' END" if name == "owner" else "?" for name in columns)
    db.executemany(
        f"INSERT OR REPLACE INTO {section} ({', '.join(columns)}) VALUES ({', '.join(marks)})",
        rows,
    )
    if section in {"outbox", "lanes"}:
        place = columns.index("chat_id")
        for chat_id in {row[place] for row in rows}:
            settle(db, chat_id)


def _set_counter(db: sqlite3.Connection, name: str, value: int) -> None:
    if name == "article":
        db.execute("DELETE FROM sqlite_sequence WHERE name = 'articles'")
        db.execute("INSERT INTO sqlite_sequence VALUES ('articles', ?)", (value,))
    elif name != "subscription":  # the next one is numbered behind the last that is there
        db.execute("INSERT OR REPLACE INTO counters VALUES (?, ?)", (name, value))
