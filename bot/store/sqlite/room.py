"""What the rooms of the SQLite store share: the file, leases, counters, update marks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.store.sqlite.database import Database
from bot.store.sqlite.leases import ChatLeases, Turns

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

BEFORE_ALL = -(2**63)  # below every id
_IN = 500  # below the 999 parameters that the oldest SQLite takes


class Room:
    """A part of the store: its methods are steps on the one file."""

    def __init__(self, path: Path) -> None:
        self._db = Database(path)
        self._leases = ChatLeases()
        self._turns = Turns()


def take_numbers(db: sqlite3.Connection, name: str, count: int) -> int:
    """Take ``count`` numbers of a counter; gives the first."""
    db.execute("UPDATE counters SET value = value + ? WHERE name = ?", (count, name))
    return counter(db, name) - count + 1


def counter(db: sqlite3.Connection, name: str) -> int:
    """Give the last number that was taken of a counter."""
    row: tuple[int] = db.execute("SELECT value FROM counters WHERE name = ?", (name,)).fetchone()
    return row[0]


def select_in(
    db: sqlite3.Connection, query: str, values: Iterable[object], *first: object
) -> Iterator[Any]:
    """Give the rows of a query whose ``{}`` stands for a list, after ``first`` parameters."""
    listed = list(values)
    for start in range(0, len(listed), _IN):
        part = listed[start : start + _IN]
        marks = ",".join("?" * len(part))
        yield from db.execute(query.format(f"({marks})"), (*first, *part)).fetchall()


def marked(db: sqlite3.Connection, update_id: int | None, step: str) -> str | None:
    """Give what the step gave when this update first asked for it, or None."""
    if update_id is None:
        return None
    row = db.execute(
        "SELECT result FROM update_marks WHERE update_id = ? AND step = ?", (update_id, step)
    ).fetchone()
    return None if row is None else str(row[0])


def mark(db: sqlite3.Connection, update_id: int | None, step: str, result: str) -> None:
    """Remember what the step gave to this update."""
    if update_id is not None:
        db.execute(
            "INSERT INTO update_marks (update_id, step, result) VALUES (?, ?, ?)",
            (update_id, step, result),
        )


def unique(values: Sequence[int]) -> list[int]:
    """Give the values once each, in order."""
    return list(dict.fromkeys(values))
