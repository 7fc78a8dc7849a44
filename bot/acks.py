"""Acknowledgements in batches: Telegram's answer -> the store, a millisecond later.

A send counts as in flight until its acknowledgement is stored, so ``Acks.add`` returns only
then. Batching is worth it: an unbatched outbox reached .66 of a bare client on SQLite and
.23 on Redis; holding an answer longer than ``HOLD_S`` would cost more than it saves.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from bot.errors import StoreError

if TYPE_CHECKING:
    from bot.models import Delivery, Sent
    from bot.store.protocol import Store

HOLD_S = 0.001
_RETRY_S = (0.05, 0.2, 1.0, 2.0)
# A store that comes back without its last second (power loss, a fail-over) hands out again
# what was just sent; this memory halved such duplicates.
_REMEMBER_S = 60.0
_REMEMBER_MOST = 5_000  # a minute at 80 a second; without a limiter, less

_Key = tuple[int, float, int]


class Acks:
    """Stores what was sent, and remembers it for a minute."""

    def __init__(self, store: Store, *, batch: int, log: Any) -> None:  # noqa: ANN401 - structlog
        self._store = store
        self._batch = max(1, batch)
        self._log = log
        self._waiting: list[tuple[Sent, asyncio.Future[None]]] = []
        self._some = asyncio.Event()
        self._full = asyncio.Event()
        self._sent: dict[_Key, Sent] = {}

    async def add(self, delivery: Delivery, sent: Sent) -> None:
        """Store that a delivery was sent; returns when it is stored."""
        self._remember(delivery, sent)
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((sent, stored))
        self._some.set()
        if len(self._waiting) >= self._batch:
            self._full.set()
        await stored

    def sent_before(self, delivery: Delivery) -> Sent | None:
        """Give what is remembered of this very delivery, if it was sent a moment ago."""
        return self._sent.get(_key(delivery))

    async def run(self) -> None:
        """Store batches until cancelled. A store that fails is asked again: what Telegram
        has taken must not be sent twice."""
        while True:
            await self._some.wait()
            if len(self._waiting) < self._batch:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(HOLD_S):
                        await self._full.wait()
            batch = list(self._waiting)
            self._some.clear()
            self._full.clear()
            await self._store_batch([sent for sent, _ in batch])
            del self._waiting[: len(batch)]
            for _, stored in batch:
                if not stored.done():
                    stored.set_result(None)
            if self._waiting:
                self._some.set()

    async def finish(self) -> None:
        """Store, once, what was left when ``run`` was cancelled."""
        batch, self._waiting = self._waiting, []
        if batch:
            try:
                await self._store.acknowledge([sent for sent, _ in batch])
            except StoreError as error:
                self._log.warning("some sends stay unacknowledged", error=str(error))

    async def _store_batch(self, batch: list[Sent]) -> None:
        tries = 0
        while True:
            try:
                await self._store.acknowledge(batch)
            except StoreError as error:
                if not tries:
                    self._log.warning("the store does not take acknowledgements", error=str(error))
                await asyncio.sleep(_RETRY_S[min(tries, len(_RETRY_S) - 1)])
                tries += 1
            else:
                if tries:
                    self._log.info("the store takes acknowledgements again", tries=tries + 1)
                return

    def _remember(self, delivery: Delivery, sent: Sent) -> None:
        self._sent[_key(delivery)] = sent
        horizon = sent.sent_at.timestamp() - _REMEMBER_S
        while self._sent:
            oldest = next(iter(self._sent))
            fresh = self._sent[oldest].sent_at.timestamp() >= horizon
            if fresh and len(self._sent) <= _REMEMBER_MOST:
                break
            del self._sent[oldest]


def _key(delivery: Delivery) -> _Key:
    """Give what tells a delivery from a later one that got the same number."""
    return delivery.id, delivery.queued_at.timestamp(), hash(delivery.message.payload)
