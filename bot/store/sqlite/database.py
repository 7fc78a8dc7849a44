"""A SQLite file: its connection, its transactions, its errors in words.

A step is a plain function of the connection. It runs at once, in the loop, in one
transaction; where another process holds the file it is tried again after an awaited
pause, so that the loop never stands still for longer than ``_BUSY_MS``. Moving the log
into the file waits for the disk (25 to 100 ms for 4 MB), so a thread does that.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import time
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from bot.errors import StoreError
from bot.store.sqlite.lock import RunLock
from bot.store.sqlite.schema import VERSION, migrate, version_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")

_BUSY_MS = 20
_PAUSE_S = 0.01
_LONG_STEP_S = 0.002
_DEADLINE_S = 5.0
_CHECKPOINT_ROWS = 2_000  # about 4 MB of log
_LONG_LOG_PAGES = 8_000  # 32 MB
_PRIMARY = 0xFF  # the low byte of an extended result code

_PRAGMAS = (
    f"PRAGMA busy_timeout = {_BUSY_MS}",
    "PRAGMA journal_mode = WAL",
    # What a step wrote is in the kernel when the step returns, so a kill -9 loses nothing.
    # A power loss can take back the steps since the last checkpoint, whole ones from
    # the end, never a half: articles come again with the next poll, messages are sent
    # twice, and a follow of the last seconds is gone. FULL would wait for the disk at each
    # step, in the loop: 1.1 ms instead of .09 for a follow on an SSD, far more on a card.
    "PRAGMA synchronous = NORMAL",
    # Debian's build overwrites what is deleted, which for a queue is most of what it does.
    "PRAGMA secure_delete = FAST",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -8000",
    "PRAGMA journal_size_limit = 67108864",
    # The loop's own checkpoint is only for bursts that outrun the thread.
    "PRAGMA wal_autocheckpoint = 64000",
)


class Database:
    """A SQLite file that is opened, stepped through, and closed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = RunLock(path.with_name(path.name + ".lock"))
        self._connection: sqlite3.Connection | None = None
        self._exclusive = False
        self._aside = _thread()
        self._checkpoint: Future[int] | None = None
        self._rows_at_checkpoint = 0

    async def open(self, *, exclusive: bool) -> None:
        """Connect and migrate; ``exclusive`` takes the lock of the one ``run``."""
        self._exclusive = exclusive
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if exclusive:
                self._lock.take()
            # What people follow is nobody else's business.
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            if self._connection is None:
                self._rows_at_checkpoint = 0
                self._connection = sqlite3.connect(
                    self.path, timeout=0, isolation_level=None, cached_statements=256
                )
            for pragma in _PRAGMAS:
                await self._retried(partial(_run, pragma))
            if await self._retried(version_of) != VERSION:
                await self.write(migrate)
        except OSError as error:
            await self.close()
            raise StoreError(
                f"the store {self.path} cannot be opened: {error.strerror}: check the path "
                "and its rights"
            ) from error
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Let go of the file and of the lock; may be called twice."""
        if self._checkpoint is not None:
            await asyncio.wait([asyncio.wrap_future(self._checkpoint)])
            self._checkpoint = None
            self._aside.shutdown()
            self._aside = _thread()
        if self._connection is not None:
            # Closing may try a last checkpoint; what it cannot write stays in the log file.
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None
        self._lock.release()

    async def read(self, step: Callable[[sqlite3.Connection], T]) -> T:
        """Give what a step reads."""
        return await self._retried(step)

    async def write(self, step: Callable[[sqlite3.Connection], T]) -> T:
        """Run a step in one transaction: all of it is done when this returns, or nothing."""

        def transaction(db: sqlite3.Connection) -> T:
            db.execute("BEGIN IMMEDIATE")
            try:
                result = step(db)
                db.execute("COMMIT")
            except BaseException:
                # On a full disk SQLite has already rolled back; a second ROLLBACK
                # would fail and hide the real error.
                if db.in_transaction:
                    with contextlib.suppress(sqlite3.Error):
                        db.execute("ROLLBACK")
                raise
            return result

        began = time.monotonic()
        result = await self._retried(transaction)
        self._move_log()
        took_s = time.monotonic() - began
        if took_s > _LONG_STEP_S and not self._exclusive:
            # An import beside the running bot writes without a pause otherwise, and kept it
            # from the file for half a second.
            await asyncio.sleep(min(took_s, _BUSY_MS / 1000))
        return result

    def _move_log(self) -> None:
        if self._connection is None or (self._checkpoint and not self._checkpoint.done()):
            return
        rows = self._connection.total_changes
        if rows - self._rows_at_checkpoint < _CHECKPOINT_ROWS:
            return
        self._rows_at_checkpoint = rows
        if self._checkpoint and self._checkpoint.result() > _LONG_LOG_PAGES:
            # Under steady writing the thread is always a few pages behind, and the log
            # only starts anew when none is left: these few are moved here.
            with contextlib.suppress(sqlite3.Error):
                _checkpoint(self._connection)
        self._checkpoint = self._aside.submit(_checkpoint_aside, self.path)

    async def _retried(self, step: Callable[[sqlite3.Connection], T]) -> T:
        deadline = time.monotonic() + _DEADLINE_S
        while True:
            if self._connection is None:
                raise StoreError(f"the store {self.path} is closed")
            try:
                return step(self._connection)
            except sqlite3.Error as error:
                if not _is_busy(error) or time.monotonic() > deadline:
                    raise self._explained(error) from error
            await asyncio.sleep(_PAUSE_S)

    def _explained(self, error: sqlite3.Error) -> StoreError:
        code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
        advice = _ADVICE.get(code)
        if advice is None:
            return StoreError(f"the store {self.path} failed: {error}")
        return StoreError(f"the store {self.path} {advice} ({error})")


def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="checkpoint")  # started when first used


def _checkpoint(db: sqlite3.Connection) -> int:
    """Move what can be moved from the log into the file; gives the pages of the log."""
    _, pages, _ = db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return int(pages)


def _checkpoint_aside(path: Path) -> int:
    try:
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA synchronous = NORMAL")
            return _checkpoint(db)
    except sqlite3.Error:
        return 0  # what did not succeed now does so the next time


def _run(pragma: str, db: sqlite3.Connection) -> None:
    db.execute(pragma).fetchall()


def _is_busy(error: sqlite3.Error) -> bool:
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


_ADVICE = {
    sqlite3.SQLITE_BUSY: "is kept busy by another process: end it, or wait",
    sqlite3.SQLITE_LOCKED: "is kept busy by another process: end it, or wait",
    sqlite3.SQLITE_FULL: "cannot grow: make room on its disk",
    sqlite3.SQLITE_IOERR: "cannot be read or written: check its disk, and the room on it",
    sqlite3.SQLITE_READONLY: "cannot be written: check the rights of the file and its folder",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: check the path and its rights",
    sqlite3.SQLITE_CORRUPT: "is damaged: restore a backup",
    sqlite3.SQLITE_NOTADB: "is no SQLite file: name another data_dir or store.url",
}
