"""A bot killed while it handles updates: none is lost, none has its effect twice.

``SOAK=1`` takes the full count; the short run has the same shape.
"""

from __future__ import annotations

import asyncio
import json
import random
import signal
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from bot.demo.botapi import BotApi
from bot.models import Chat
from tests.faults.intake_worker import take_in
from tests.faults.places import KINDS, SOAK, Place, place
from tests.faults.processes import Worker, fork

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.conftest import Note

PEOPLE = 6


async def start(server: BotApi, home: Place) -> Worker:
    """A bot that has begun to poll."""
    calls = len(server.calls)
    worker = fork(take_in, server.url, server.token, home.url, str(home.folder))
    async with asyncio.timeout(20):
        while all(call.method != "getUpdates" for call in server.calls[calls:]):
            await asyncio.sleep(0.005)  # another process polls
    return worker


def answers(server: BotApi) -> list[str]:
    return [
        seen.text
        for chat in range(1, PEOPLE + 1)
        for seen in server.timeline(chat)
        if seen.from_bot
    ]


async def effects(home: Place) -> Counter[str]:
    found: Counter[str] = Counter()
    async with home.opened() as store:
        for chat in range(1, PEOPLE + 1):
            for item in await store.waiting(chat, 10_000):
                found[json.loads(item.message.payload)["text"]] += 1
    return found


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
@pytest.mark.parametrize("kind", KINDS)
async def test_no_update_is_lost_and_none_has_its_effect_twice(
    tmp_path: Path, kind: str, sign: signal.Signals, note: Note
) -> None:
    times = 20 if SOAK else 2
    chance = random.Random(7)
    server = BotApi(latency_s=0.004)
    await server.start()
    async with place(kind, tmp_path) as home:
        people = [server.person(f"Oxucu {chat}", id=chat) for chat in range(1, PEOPLE + 1)]
        async with home.opened() as store:
            for person in people:
                await store.meet(Chat(person.id))
        sent = 0
        codes = []
        for _ in range(times):
            worker = await start(server, home)
            before = len(answers(server))
            for _ in range(5):
                for person in people:
                    sent += 1
                    await person.send(f"{sent}")
            async with asyncio.timeout(20):
                goal = before + chance.randint(1, 25)
                while len(answers(server)) < goal:
                    await asyncio.sleep(0.001)
            codes.append(await worker.end(sign))
        worker = await start(server, home)
        async with asyncio.timeout(20):
            while len(set(answers(server))) < sent:
                await asyncio.sleep(0.01)
        codes.append(await worker.end(signal.SIGTERM))
        await server.stop()
        done = await effects(home)
    note(
        rounds=times,
        messages=sent,
        lost=sent - len(done),
        duplicated=done.total() - len(done),
    )
    assert done == {f"effect {number}": 1 for number in range(1, sent + 1)}
    if sign is signal.SIGTERM:
        assert set(codes) == {0}
        assert len(answers(server)) == sent
