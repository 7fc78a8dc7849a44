"""A broadcast whose worker is killed, or told to stop, again and again.

``SOAK=1`` takes the full count; the short run has the same shape.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.demo.botapi import BotApi
from bot.models import Chat
from bot.store import open_store
from tests.functional.delivery_stage import draft, now

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

import pytest

SOAK = bool(os.environ.get("SOAK"))
IN_FLIGHT = 4
CHATS = 40


@dataclass(slots=True)
class Broadcast:
    """A server, a queue, and the worker of the moment."""

    server: BotApi
    folder: Path
    messages: int
    process: asyncio.subprocess.Process | None = field(default=None)

    async def fill(self) -> None:
        store = open_store("", self.folder)
        await store.open()
        for chat in range(1, CHATS + 1):
            self.server.person(f"Oxucu {chat}", id=chat).chat.started = True
            await store.meet(Chat(chat))
        for number in range(self.messages):
            await store.enqueue([draft(chat, f"{number}") for chat in range(1, CHATS + 1)], now())
        await store.close()

    async def start(self) -> None:
        """Start a worker, and wait until it sends."""
        before = self.sent()
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.faults.delivery_worker"),
            *(self.server.url, self.server.token, str(self.folder), str(IN_FLIGHT)),
            stdout=asyncio.subprocess.DEVNULL,
        )
        if before < self.total():
            await self.until_sent(before + 1)

    async def end(self, sign: signal.Signals) -> int:
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(sign)
        async with asyncio.timeout(10):
            return await self.process.wait()

    def sent(self) -> int:
        return sum(call.ok for call in self.server.calls)

    def total(self) -> int:
        return CHATS * self.messages

    async def until_sent(self, count: int) -> None:
        async with asyncio.timeout(30):
            while self.sent() < count:
                await asyncio.sleep(0.002)

    def arrived(self, chat: int) -> list[int]:
        return [int(seen.text) for seen in self.server.timeline(chat) if seen.from_bot]

    def lost(self) -> int:
        return sum(self.messages - len(set(self.arrived(chat))) for chat in range(1, CHATS + 1))

    def duplicates(self) -> int:
        return sum(len(texts) - len(set(texts)) for texts in map(self.arrived, range(1, CHATS + 1)))

    def out_of_order(self) -> int:
        """Chats whose messages, each taken where it first came, are not in order."""
        return sum(
            list(dict.fromkeys(texts)) != sorted(set(texts))
            for texts in map(self.arrived, range(1, CHATS + 1))
        )

    async def left(self) -> int:
        store = open_store("", self.folder)
        await store.open()
        try:
            return (await store.outbox())[0]
        finally:
            await store.close()


@pytest.fixture
async def broadcast(tmp_path: Path) -> AsyncIterator[Broadcast]:
    server = BotApi(latency_s=0.004)
    await server.start()
    cast = Broadcast(server, tmp_path, messages=150 if SOAK else 15)
    await cast.fill()
    yield cast
    if cast.process is not None and cast.process.returncode is None:
        cast.process.kill()
        await cast.process.wait()
    await server.stop()


async def run(broadcast: Broadcast, times: int, sign: signal.Signals) -> list[int]:
    """End the worker so often, at random points of the broadcast; then let one finish."""
    chance = random.Random(4)
    points = sorted(chance.sample(range(1, broadcast.total() - 60), times))
    codes = []
    for point in points:
        await broadcast.start()
        await broadcast.until_sent(point)
        await asyncio.sleep(chance.random() * 0.01)
        codes.append(await broadcast.end(sign))
    await broadcast.start()
    await broadcast.until_sent(broadcast.total())
    async with asyncio.timeout(30):
        while await broadcast.left():
            await asyncio.sleep(0.05)
    codes.append(await broadcast.end(signal.SIGTERM))
    return codes


async def test_a_killed_worker_loses_nothing_and_repeats_at_most_what_was_in_flight(
    broadcast: Broadcast,
) -> None:
    kills = 100 if SOAK else 3
    await run(broadcast, kills, signal.SIGKILL)
    assert broadcast.lost() == 0
    assert broadcast.out_of_order() == 0
    assert broadcast.duplicates() <= kills * IN_FLIGHT


async def test_a_worker_told_to_stop_loses_nothing_and_repeats_nothing(
    broadcast: Broadcast,
) -> None:
    codes = await run(broadcast, 50 if SOAK else 2, signal.SIGTERM)
    assert set(codes) == {0}
    assert broadcast.lost() == 0
    assert broadcast.out_of_order() == 0
    assert broadcast.duplicates() == 0
