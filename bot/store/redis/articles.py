"""Articles, their identities, the log that projections read, and the state of sources."""

from __future__ import annotations

from bot.store.redis.room import Room


class ArticleRoom(Room):
    """The archive's steps."""
