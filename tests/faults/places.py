"""Where the workers of a fault test keep their state: a folder, and the store's address."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.store import open_store
from tests.contract.redis_fixtures import RedisServer, shared_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.store.protocol import Store

SOAK = bool(os.environ.get("SOAK"))
KINDS = ("sqlite", "redis")


@dataclass(frozen=True, slots=True)
class Place:
    """A store that several processes may open."""

    url: str
    folder: Path

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Store]:
        store = open_store(self.url, self.folder)
        await store.open()
        try:
            yield store
        finally:
            await store.close()


@asynccontextmanager
async def place(kind: str, folder: Path) -> AsyncIterator[Place]:
    """Give an empty store of a kind; its Redis is not ended by these tests."""
    if kind == "sqlite":
        yield Place("", folder)
        return
    server = shared_server()
    server.ask("FLUSHALL")
    yield Place(server.url, folder)


@asynccontextmanager
async def own_redis(folder: Path, **config: str) -> AsyncIterator[tuple[RedisServer, Place]]:
    """Give a Redis that a test may kill, and the place behind it."""
    with RedisServer(tcp=False, **config) as server:
        yield server, Place(server.url, folder)
