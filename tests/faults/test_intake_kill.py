"""A bot killed while it handles updates: none is lost, none has its effect twice.

``SOAK=1`` takes the full count; the short run has the same shape.
"""

from __future__ import annotations

import asyncio
import json
import random
import signal
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from bot.demo.botapi import BotApi
from bot.models import Chat
from tests.faults.intake_worker import take_in
from tests.faults.places import KINDS, SOAK, Place, place
from tests.faults.processes import Worker, fork
from tests.functional.delivery_stage import now

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.store.protocol import Store
    from tests.faults.conftest import Note

PEOPLE = range(1, 7)
TIMES = 20 if SOAK else 2
DEADLINE_S = 30


@dataclass(slots=True)
class Talk:
    """People who write to a bot, each message a number of its own."""

    server: BotApi
    home: Place
    chance: random.Random
    sent: int = 0

    def start(self, owner: str) -> Worker:
        """A worker that has begun to poll, unless another one does."""
        server = self.server
        return fork(take_in, server.url, server.token, self.home.url, str(self.home.folder), owner)

    async def polled(self, calls: int) -> None:
        """Wait for a call of getUpdates after so many calls."""
        async with asyncio.timeout(DEADLINE_S):
            while all(call.method != "getUpdates" for call in self.server.calls[calls:]):
                await asyncio.sleep(0.005)

    async def write(self) -> None:
        """Let everybody write, and wait until some were answered."""
        goal = len(self.answers()) + self.chance.randint(1, 25)
        for _ in range(5):
            for chat in PEOPLE:
                self.sent += 1
                await self.server.person("", id=chat).send(f"{self.sent}")
        async with asyncio.timeout(DEADLINE_S):
            while len(self.answers()) < goal:
                await asyncio.sleep(0.001)

    async def all_answered(self) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while len(set(self.answers())) < self.sent:
                await asyncio.sleep(0.01)

    def answers(self) -> list[str]:
        seen = [seen for chat in PEOPLE for seen in self.server.timeline(chat)]
        return [message.text for message in seen if message.from_bot]

    async def effects(self, note: Note) -> Counter[str]:
        """Count the effects that are stored, by what they say."""
        found: Counter[str] = Counter()
        async with self.home.opened() as store:
            for chat in PEOPLE:
                for item in await store.waiting(chat, 10_000):
                    found[json.loads(item.message.payload)["text"]] += 1
        lost, repeated = self.sent - len(found), found.total() - len(found)
        note(rounds=TIMES, messages=self.sent, lost=lost, duplicated=repeated)
        return found

    def expected(self) -> dict[str, int]:
        return {f"effect {number}": 1 for number in range(1, self.sent + 1)}


@asynccontextmanager
async def talk(kind: str, folder: Path) -> AsyncIterator[Talk]:
    server = BotApi(latency_s=0.004)
    await server.start()
    async with place(kind, folder) as home:
        async with home.opened() as store:
            for chat in PEOPLE:
                server.person(f"Oxucu {chat}", id=chat)
                await store.meet(Chat(chat))
        yield Talk(server, home, random.Random(7))
    await server.stop()


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
@pytest.mark.parametrize("kind", KINDS)
async def test_no_update_is_lost_and_none_has_its_effect_twice(
    tmp_path: Path, kind: str, sign: signal.Signals, note: Note
) -> None:
    codes = []
    async with talk(kind, tmp_path) as people:
        for life in range(TIMES):
            calls = len(people.server.calls)
            worker = people.start(f"life {life}")
            await people.polled(calls)
            await people.write()
            codes.append(await worker.end(sign))
        worker = people.start("last life")
        await people.all_answered()
        codes.append(await worker.end(signal.SIGTERM))
        assert await people.effects(note) == people.expected()
        if sign is signal.SIGTERM:
            assert set(codes) == {0}
            assert len(people.answers()) == people.sent


async def test_when_the_worker_that_polls_is_killed_another_goes_on(
    tmp_path: Path, note: Note
) -> None:
    async with talk("redis", tmp_path) as people, people.home.opened() as store:
        workers = {name: people.start(name) for name in ("one", "two")}
        for life in range(TIMES):
            name = await polling(store, workers)
            await people.write()
            await workers.pop(name).end(signal.SIGKILL)
            workers[f"life {life}"] = people.start(f"life {life}")
        await people.all_answered()
        for worker in workers.values():
            assert await worker.end(signal.SIGTERM) == 0
        assert await people.effects(note) == people.expected()


async def polling(store: Store, workers: dict[str, Worker]) -> str:
    """Wait until one of those that live polls, and give its name."""
    async with asyncio.timeout(DEADLINE_S):
        while (name := (await store.leases("poll", now())).get("poll", "")) not in workers:
            await asyncio.sleep(0.01)
    return name
