"""What keeps the bot from its work, for ``/readyz``: sources, store, Telegram."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from bot.store.protocol import Store

_KEPT_S = 2.0  # probes come every few seconds, from several sides
_CHECK_S = 2.0  # who probes does not wait for long


class Readiness:
    """Looks when it is asked; what is None did not come up yet. ``telegram`` gives why Telegram
    does not answer, or an empty text.

    A first poll counts whoever made it: another worker, or the run before this one.
    """

    def __init__(self, sources: Collection[str]) -> None:
        self.store: Store | None = None
        self.polled: asyncio.Event | None = None
        self.telegram: Callable[[], Awaitable[str]] | None = None
        self.stopping = False
        self._sources = set(sources)
        self._known: list[str] = []
        self._known_until = 0.0
        self._looking = asyncio.Lock()

    async def reasons(self) -> list[str]:
        """Give the reasons, looked for at most every two seconds."""
        if self.stopping:
            return ["the bot is stopping"]
        async with self._looking:
            loop = asyncio.get_running_loop()
            if loop.time() >= self._known_until:
                found = await asyncio.gather(
                    self._within(self._sources_reason(), "the store does not answer"),
                    self._within(self._store_reason(), "the store does not answer"),
                    self._within(self._telegram_reason(), "Telegram does not answer"),
                )
                self._known = list(dict.fromkeys(reason for reason in found if reason))
                # What is missing is looked for each time: whoever waits for it should know soon.
                self._known_until = loop.time() + (0.0 if self._known else _KEPT_S)
            return self._known

    async def _within(self, check: Awaitable[str], late: str) -> str:
        try:
            async with asyncio.timeout(_CHECK_S):
                return await check
        except TimeoutError:
            return late

    async def _sources_reason(self) -> str:
        if self.store is None or not self._sources or (self.polled and self.polled.is_set()):
            return ""
        try:
            states = await self.store.sources()
        except StoreError:
            return ""  # the other check says so
        if any(state.polled_at and name in self._sources for name, state in states.items()):
            return ""
        return "no source was polled yet"

    async def _store_reason(self) -> str:
        if self.store is None:
            return "the store did not answer yet"
        try:
            await self.store.check()
        except StoreError as error:
            return str(error)
        return ""

    async def _telegram_reason(self) -> str:
        if self.telegram is None:
            return "Telegram did not answer yet"
        return await self.telegram()
