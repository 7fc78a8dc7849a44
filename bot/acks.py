"""Acknowledgements in batches: Telegram's answer -> the store, some milliseconds later.

A send counts as in flight until its acknowledgement is stored, so ``Acks.add`` returns only
then. Batching is worth it: an unbatched outbox reached .66 of a bare client on SQLite and
.23 on Redis. A batch is stored when it is full, when no answer came for ``GAP_S``, and after
``HOLD_S`` at the latest: where answers come in a row it grows, and a lone one hardly waits.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

from bot.errors import StoreError

if TYPE_CHECKING:
    from datetime import datetime

    from bot.models import Delivery, Sent
    from bot.store.protocol import Store

GAP_S = 0.0005
HOLD_S = 0.002  # at 40 ms of latency and 32 in flight, 4 ms took a tenth of the rate, 2 ms none
_RETRY_S = (0.05, 0.2, 1.0, 2.0)
# A store that comes back without its last second (power loss, a fail-over) hands out again
# what was just sent; this memory halved such duplicates.
_REMEMBER_S = 60.0
_REMEMBER_MOST = 5_000  # a minute at 80 a second; without a limiter, less


class Acks:
    """Stores what was sent, and remembers it for a minute."""

    def __init__(self, store: Store, *, batch: int, log: Any) -> None:  # noqa: ANN401 - structlog
        self._store = store
        self._batch = max(1, batch)
        self._log = log
        self._waiting: list[tuple[Sent, asyncio.Future[None]]] = []
        self._due = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._first_at = 0.0
        self._last_at = 0.0
        # By number, with what tells a delivery from a later one that got the same number.
        self._sent: dict[int, tuple[datetime, int, Sent]] = {}
        self._order: deque[tuple[float, int]] = deque()

    async def add(self, delivery: Delivery, sent: Sent) -> None:
        """Store that a delivery was sent; returns when it is stored."""
        loop = asyncio.get_running_loop()
        self._remember(delivery, sent, loop.time())
        stored: asyncio.Future[None] = loop.create_future()
        self._waiting.append((sent, stored))
        self._last_at = loop.time()
        if len(self._waiting) >= self._batch:
            self._due.set()
        elif self._timer is None:
            self._first_at = self._last_at
            self._timer = loop.call_later(GAP_S, self._look)
        await stored

    def sent_before(self, delivery: Delivery) -> Sent | None:
        """Give what is remembered of this very delivery, if it was sent a moment ago."""
        known = self._sent.get(delivery.id)
        if known is None:
            return None
        queued_at, payload, sent = known
        same = queued_at == delivery.queued_at and payload == hash(delivery.message.payload)
        return sent if same else None

    async def run(self) -> None:
        """Store batches until cancelled. A store that fails is asked again: what Telegram
        has taken must not be sent twice."""
        while True:
            await self._due.wait()
            self._due.clear()
            batch = list(self._waiting)
            await self._store_batch([sent for sent, _ in batch])
            del self._waiting[: len(batch)]
            for _, stored in batch:
                if not stored.done():
                    stored.set_result(None)
            if self._waiting:
                self._due.set()

    async def finish(self) -> None:
        """Store, once, what was left when ``run`` was cancelled."""
        if self._timer is not None:
            self._timer.cancel()
        batch, self._waiting = self._waiting, []
        if batch:
            try:
                await self._store.acknowledge([sent for sent, _ in batch])
            except StoreError as error:
                self._log.warning("some sends stay unacknowledged", error=str(error))

    def _look(self) -> None:
        """Store the batch, unless answers come in a row and it has not waited long."""
        self._timer = None
        if not self._waiting:
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        quiet_at = min(self._last_at + GAP_S, self._first_at + HOLD_S)
        if now < quiet_at:
            self._timer = loop.call_at(quiet_at, self._look)
        else:
            self._due.set()

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

    def _remember(self, delivery: Delivery, sent: Sent, now: float) -> None:
        self._sent[delivery.id] = (delivery.queued_at, hash(delivery.message.payload), sent)
        self._order.append((now, delivery.id))
        while self._order[0][0] < now - _REMEMBER_S or len(self._order) > _REMEMBER_MOST:
            self._sent.pop(self._order.popleft()[1], None)
