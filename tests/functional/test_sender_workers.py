"""Several workers that deliver from one Redis."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from structlog.testing import CapturingLogger

from bot.demo.botapi import BotApi
from bot.demo.faults import Limits
from bot.gate import RateGate
from bot.models import Chat, DeliveryKind
from bot.replies import Replies
from bot.sender import Sender
from bot.store import open_store
from bot.telegram import Telegram
from tests.contract.redis_fixtures import RedisServer
from tests.functional.delivery_stage import FREE, draft, now, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from bot.limits import DeliveryLimits
    from bot.store.protocol import Store


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@dataclass(slots=True)
class Worker:
    """One of them: its own connections, gate and sender."""

    store: Store
    sender: Sender
    replies: Replies
    running: asyncio.Task[None]


@asynccontextmanager
async def worker(
    name: str, redis: RedisServer, folder: Path, server: BotApi, settings: DeliveryLimits
) -> AsyncIterator[Worker]:
    store = open_store(redis.url, folder)
    await store.open()
    telegram = Telegram(server.url, server.token)
    gate = RateGate(settings.messages_per_second, shared=store.shared_rate)
    log = CapturingLogger()
    sender = Sender(store, telegram, gate, settings, owner=name, clock=now, log=log)
    replies = Replies(store, telegram, gate, clock=now, log=log, wake=sender.wake)
    running = asyncio.create_task(sender.run())
    try:
        yield Worker(store, sender, replies, running)
    finally:
        await sender.drain(2)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await telegram.close()
        await store.close()


@asynccontextmanager
async def team(
    redis: RedisServer, folder: Path, settings: DeliveryLimits, *, chats: int, limits: Limits | None
) -> AsyncIterator[tuple[BotApi, Worker, Worker]]:
    """Two workers, a Telegram, and readers 1, 2, 3, ... of whom the store knows."""
    server = BotApi(limits=limits)
    async with AsyncExitStack() as stack:
        await server.start()
        stack.push_async_callback(server.stop)
        first, second = [
            await stack.enter_async_context(worker(name, redis, folder, server, settings))
            for name in ("first", "second")
        ]
        for chat in range(1, chats + 1):
            server.person(f"Oxucu {chat}", id=chat).chat.started = True
            await first.store.meet(Chat(chat))
        yield server, first, second


def most_in_a_second(times: list[float]) -> int:
    return max(sum(start <= t < start + 1 for t in times) for start in times)


def received(server: BotApi, chat_id: int) -> list[str]:
    return [seen.text for seen in server.timeline(chat_id) if seen.from_bot]


async def test_they_keep_the_rate_together_and_telegram_never_complains(
    redis: RedisServer, tmp_path: Path
) -> None:
    settings = replace(FREE, messages_per_second=30, in_flight=8)
    limits = Limits(per_second=30)
    async with team(redis, tmp_path, settings, chats=70, limits=limits) as (server, first, second):
        await first.store.enqueue([draft(chat, "x") for chat in range(1, 71)], now())
        first.sender.wake()
        second.sender.wake()
        await until(lambda: len(server.calls) > 20)
        assert await second.replies.send(1, "cavab")
        await until(lambda: len(server.calls) == 71)
        assert all(call.ok for call in server.calls)
        assert most_in_a_second([call.at for call in server.calls]) <= 30
        assert first.sender.outcomes["sent"] > 10
        assert second.sender.outcomes["sent"] > 10


async def test_each_message_arrives_once_and_in_order(redis: RedisServer, tmp_path: Path) -> None:
    async with team(redis, tmp_path, FREE, chats=20, limits=None) as (server, first, second):
        for number in range(10):
            drafts = [draft(chat, f"{number}") for chat in range(1, 21)]
            await (first, second)[number % 2].store.enqueue(drafts, now())
        first.sender.wake()
        second.sender.wake()
        await until(lambda: len(server.calls) >= 200)
        await first.sender.drain(2)
        await second.sender.drain(2)
        assert (await first.store.outbox())[0] == 0
        expected = [f"{number}" for number in range(10)]
        assert all(received(server, chat) == expected for chat in range(1, 21))


async def test_the_more_runs_share_a_rate_the_fewer_chats_each_of_them_claims(
    redis: RedisServer, tmp_path: Path
) -> None:
    settings = replace(FREE, messages_per_second=2, in_flight=16, lease_s=4)
    server = BotApi()
    await server.start()
    store = open_store(redis.url, tmp_path)
    await store.open()
    for run in range(2):
        assert await store.lease(f"worker:{run}", f"{run}", now(), 60)
    for chat in range(1, 31):
        server.person(f"Oxucu {chat}", id=chat).chat.started = True
        await store.meet(Chat(chat))
    await store.enqueue([draft(chat, "x") for chat in range(1, 31)], now())
    async with worker("first", redis, tmp_path, server, settings):
        await until(lambda: len(server.calls) >= 2)
        free = await store.claim(now(), "second", 30, 1)
        assert len(free) >= 30 - 2 - 2 * settings.messages_per_second * settings.lease_s / 4 / 2
    await store.close()
    await server.stop()


async def test_floods_of_one_worker_hold_bulk_of_the_other_and_no_answers(
    redis: RedisServer, tmp_path: Path
) -> None:
    settings = replace(FREE, messages_per_second=200)
    async with team(redis, tmp_path, settings, chats=6, limits=None) as (server, first, second):
        await second.sender.drain(2)
        second.running.cancel()
        for chat in (1, 2, 3):
            server.fail("sendMessage", chat_id=chat, error_code=429, parameters={"retry_after": 1})
        await first.store.enqueue([draft(chat, "bulk") for chat in (1, 2, 3)], now())
        first.sender.wake()
        await until(lambda: first.sender.flood_waits["bot"])
        held_at = max(call.at for call in server.calls)
        async with worker("third", redis, tmp_path, server, settings) as third:
            bulk, answer = draft(4, "bulk"), draft(5, "cavab", DeliveryKind.REPLY)
            await third.store.enqueue([bulk, answer], now())
            third.sender.wake()
            await until(lambda: received(server, 5))
            assert received(server, 4) == []
            await until(lambda: all(received(server, chat) for chat in (1, 2, 3, 4)))
        bulk_at = [call.at for call in server.calls if call.chat_id == 4]
        assert bulk_at[0] - held_at >= 0.9


async def test_a_flood_that_an_answer_of_one_worker_met_holds_the_chat_in_the_other(
    redis: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.replies.PATIENCE_S", 0.1)
    async with team(redis, tmp_path, FREE, chats=1, limits=None) as (server, first, second):
        server.fail("sendMessage", chat_id=1, error_code=429, parameters={"retry_after": 1})
        assert await first.replies.send(1, "bir") is None
        assert await second.replies.send(1, "iki") is None
        await second.store.enqueue([draft(1, "bulk")], now())
        second.sender.wake()
        await until(lambda: len(received(server, 1)) == 3)
        assert received(server, 1) == ["bir", "iki", "bulk"]
        refused, *others = [call.at for call in server.calls]
        assert others[0] - refused >= 0.9
