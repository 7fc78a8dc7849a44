"""Where the workers of a fault test keep their state: a folder, and the store's address."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.store import open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.store.protocol import Store

SOAK = bool(os.environ.get("SOAK"))
KINDS = ("sqlite",)


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
    """Give an empty store of a kind."""
    assert kind in KINDS
    yield Place("", folder)
