"""The embedded store: one SQLite file, called directly in the loop."""

from bot.store.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
