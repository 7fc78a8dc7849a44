"""What the parts of a run do while the store is away: wait, and tell it once.

Whatever is under way stays as it is in the store, so a part only has to begin its step again.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from bot.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

T = TypeVar("T")

_PAUSES_S = (0.2, 0.5, 1.0, 2.0)

log = structlog.get_logger("xeberci.store")


class Patience:
    """Which parts of the run wait for the store: the first tells of it, and so does the last."""

    def __init__(self) -> None:
        self._waiting: set[str] = set()

    def failed(self, part: str, error: StoreError) -> None:
        """Note that a part's step failed."""
        if not self._waiting:
            log.warning(f"{error}; trying on", part=part)
        self._waiting.add(part)

    def done(self, part: str) -> None:
        """Note that a part's step was done."""
        if part in self._waiting:
            self._waiting.remove(part)
            if not self._waiting:
                log.info("the store answers again")

    async def insist(self, part: str, step: Callable[[], Awaitable[T]]) -> T:
        """Give what a step gives, once the store lets it."""
        tries = 0
        while True:
            try:
                result = await step()
            except StoreError as error:
                self.failed(part, error)
                await asyncio.sleep(_PAUSES_S[min(tries, len(_PAUSES_S) - 1)])
                tries += 1
            else:
                self.done(part)
                return result


async def unless(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """Give what the work gives, or None if ``stop`` comes first."""
    working = asyncio.ensure_future(work)
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        working.cancel()
        stopping.cancel()
        await asyncio.gather(working, stopping, return_exceptions=True)
