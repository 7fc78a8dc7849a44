"""A broadcast to many chats, the workers of the moment, and what arrived."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.demo.botapi import BotApi
from bot.models import Chat
from tests.faults.delivery_worker import at_work, deliver
from tests.faults.processes import Worker, fork
from tests.functional.delivery_stage import FREE, draft, now

if TYPE_CHECKING:
    import random
    import signal
    from collections.abc import AsyncIterator

    from bot.models import Doubt
    from tests.faults.places import Place

CHATS = 40
IN_FLIGHT = FREE.in_flight


@dataclass(slots=True)
class Broadcast:
    """A server that keeps what arrived, a queue, and workers by name."""

    server: BotApi
    place: Place
    messages: int
    workers: dict[str, Worker] = field(default_factory=dict)
    _sent: int = 0
    _looked_at: int = 0

    @property
    def total(self) -> int:
        return CHATS * self.messages

    async def fill(self, doubt: Doubt | None) -> None:
        async with self.place.opened() as store:
            for chat in range(1, CHATS + 1):
                self.server.person(f"Oxucu {chat}", id=chat).chat.started = True
                await store.meet(Chat(chat) if doubt is None else Chat(chat, on_doubt=doubt))
            for number in range(self.messages):
                drafts = [draft(chat, f"{number}") for chat in range(1, CHATS + 1)]
                await store.enqueue(drafts, now())

    async def start(self, name: str = "worker") -> None:
        """Start a worker, and wait until something is sent."""
        before = self.sent()
        self.workers[name] = fork(
            deliver,
            self.server.url,
            self.server.token,
            self.place.url,
            str(self.place.folder),
            name,
        )
        if before < self.total:
            await self.until_sent(before + 1)
        process = str(self.workers[name].process.pid)
        mark = at_work(str(self.place.folder), name)
        async with asyncio.timeout(20):  # another worker may have sent that
            while not mark.exists() or mark.read_text(encoding="ascii") != process:
                await asyncio.sleep(0.002)

    async def end(self, sign: signal.Signals, name: str = "worker") -> int:
        return await self.workers[name].end(sign)

    def sent(self) -> int:
        """Count the sends that Telegram took, repeated ones included."""
        calls = self.server.calls
        # The newest calls are not answered yet: they are looked at again.
        while self._looked_at < len(calls) - 4 * IN_FLIGHT:
            self._sent += calls[self._looked_at].ok
            self._looked_at += 1
        return self._sent + sum(call.ok for call in calls[self._looked_at :])

    async def until_sent(self, count: int, timeout_s: float = 30.0) -> None:
        async with asyncio.timeout(timeout_s):
            while self.sent() < count:
                await asyncio.sleep(0.002)

    async def finish(self, timeout_s: float = 60.0) -> None:
        """Wait until nothing is queued any more."""
        async with asyncio.timeout(timeout_s):
            while await self.left():
                await asyncio.sleep(0.02)

    async def left(self) -> int:
        async with self.place.opened() as store:
            return (await store.outbox())[0]

    # -- what arrived -------------------------------------------------------------------

    def arrived(self, chat: int) -> list[int]:
        return [int(seen.text) for seen in self.server.timeline(chat) if seen.from_bot]

    def _all(self) -> list[list[int]]:
        return [self.arrived(chat) for chat in range(1, CHATS + 1)]

    def lost(self) -> int:
        return sum(self.messages - len(set(texts)) for texts in self._all())

    def duplicates(self) -> int:
        return sum(len(texts) - len(set(texts)) for texts in self._all())

    def out_of_order(self) -> int:
        """Count chats whose messages, each taken where it first came, are not in order."""
        return sum(list(dict.fromkeys(texts)) != sorted(set(texts)) for texts in self._all())


@asynccontextmanager
async def broadcast(
    place: Place, messages: int, *, doubt: Doubt | None = None
) -> AsyncIterator[Broadcast]:
    """Give a broadcast whose messages are queued and whose workers do not run yet."""
    server = BotApi(latency_s=0.004)
    await server.start()
    cast = Broadcast(server, place, messages)
    try:
        await cast.fill(doubt)
        yield cast
    finally:
        for worker in cast.workers.values():
            await worker.kill()
        await server.stop()


def points(cast: Broadcast, times: int, chance: random.Random) -> list[int]:
    """Give so many points of a broadcast, in order, none of them at its very end."""
    return sorted(chance.sample(range(1, cast.total - 60), times))
