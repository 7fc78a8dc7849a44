"""The Redis store: its rooms under one roof, its life, and its housekeeping."""

from __future__ import annotations

from bot.store.redis.articles import ArticleRoom


class RedisStore(ArticleRoom):
    """The ``Store`` of one bot on any number of machines, in one Redis."""

    async def open(self, *, exclusive: bool = False) -> None:  # noqa: ARG002 - see below
        """Connect and check versions; ``exclusive`` refuses nobody: workers share the store."""
        await self._redis.open()

    async def close(self) -> None:
        """Let go of all connections; may be called twice."""
        await self._redis.close()
