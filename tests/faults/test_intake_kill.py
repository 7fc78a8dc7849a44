"""A bot killed while it handles updates: none is lost, none has its effect twice.

``SOAK=1`` takes the full count; the short run has the same shape.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from bot.demo.botapi import BotApi
from bot.models import Chat
from bot.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

SOAK = bool(os.environ.get("SOAK"))
PEOPLE = 6


async def start(server: BotApi, folder: Path) -> asyncio.subprocess.Process:
    """A bot that has begun to poll."""
    calls = len(server.calls)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.intake_worker"),
        *(server.url, server.token, str(folder)),
        stdout=asyncio.subprocess.DEVNULL,
    )
    async with asyncio.timeout(20):
        while all(call.method != "getUpdates" for call in server.calls[calls:]):
            await asyncio.sleep(0.005)  # another process polls
    return process


async def end(process: asyncio.subprocess.Process, sign: signal.Signals) -> int:
    process.send_signal(sign)
    async with asyncio.timeout(10):
        return await process.wait()


def answers(server: BotApi) -> list[str]:
    return [
        seen.text
        for chat in range(1, PEOPLE + 1)
        for seen in server.timeline(chat)
        if seen.from_bot
    ]


async def effects(folder: Path) -> Counter[str]:
    store = open_store("", folder)
    await store.open()
    found: Counter[str] = Counter()
    for chat in range(1, PEOPLE + 1):
        for item in await store.waiting(chat, 10_000):
            found[json.loads(item.message.payload)["text"]] += 1
    await store.close()
    return found


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
async def test_no_update_is_lost_and_none_has_its_effect_twice(
    tmp_path: Path, sign: signal.Signals
) -> None:
    times = 20 if SOAK else 2
    chance = random.Random(7)
    server = BotApi(latency_s=0.004)
    await server.start()
    store = open_store("", tmp_path)
    await store.open()
    people = [server.person(f"Oxucu {chat}", id=chat) for chat in range(1, PEOPLE + 1)]
    for person in people:
        await store.meet(Chat(person.id))
    await store.close()
    sent = 0
    codes = []
    for _ in range(times):
        process = await start(server, tmp_path)
        before = len(answers(server))
        for _ in range(5):
            for person in people:
                sent += 1
                await person.send(f"{sent}")
        async with asyncio.timeout(20):
            goal = before + chance.randint(1, 25)
            while len(answers(server)) < goal:
                await asyncio.sleep(0.001)
        codes.append(await end(process, sign))
    process = await start(server, tmp_path)
    async with asyncio.timeout(20):
        while len(set(answers(server))) < sent:
            await asyncio.sleep(0.01)
    codes.append(await end(process, signal.SIGTERM))
    await server.stop()
    assert await effects(tmp_path) == {f"effect {number}": 1 for number in range(1, sent + 1)}
    if sign is signal.SIGTERM:
        assert set(codes) == {0}
        assert len(answers(server)) == sent
