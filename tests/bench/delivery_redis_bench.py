"""What a store costs: round trips, a fan-out to 100,000 chats, workers side by side."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import sqlite3
import statistics
import time
from dataclasses import replace
from multiprocessing import get_context
from typing import TYPE_CHECKING, cast

import structlog

from bot.gate import RateGate
from bot.models import Article, Chat, NewArticle, Sent, Subscription
from bot.publisher import Publisher, PublisherSettings
from bot.sender import Sender
from bot.store import open_store
from bot.store.protocol import BATCH
from bot.telegram import Telegram
from bot.texts import load_texts
from tests.bench.figures import say
from tests.bench.loopback import TOKEN, canned, served
from tests.bench.outbox import FREE, Home, drain, fill, home, now, payload
from tests.contract.stage import SOURCE
from tests.faults.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from multiprocessing.connection import Connection

    from bot.limits import DeliveryLimits
    from bot.store.protocol import Store

CHATS = 100_000
TOPIC = "deepseek"


# -- round trips -------------------------------------------------------------------------------


async def round_trips(url: str, batch: int, total: int = 3000) -> tuple[float, float]:
    """Give the round trips of a delivery: of the store's steps alone, in batches, and of a
    sender that has so many in flight."""
    counted: list[float] = []
    with home("redis") as place:
        assert place.redis is not None
        async with place.opened() as store:
            await fill(store, range(1, 1001), 2 * total // 1000)
        async with Proxy(place.redis.socket) as proxy:
            store = open_store(proxy.url, place.folder)
            await store.open(exclusive=True)
            before = proxy.turns
            for _ in range(total // batch):
                claims = await store.claim(now(), "bench", batch, 15.0)
                at = now()
                await store.acknowledge(
                    [Sent(claim.delivery.id, claim.chat_id, 1, at, at) for claim in claims]
                )
            counted.append((proxy.turns - before) / total)
            before = proxy.turns
            left, _ = await store.outbox()
            await drain(store, url, left, replace(FREE, in_flight=batch))
            counted.append((proxy.turns - before) / left)
            await store.close()
    return counted[0], counted[1]


def bookkeeping(url: str) -> None:
    """Print the round trips."""
    steps, whole = asyncio.run(round_trips(url, 10))
    say("round trips a delivery, batches of 10", f"{steps:.2f}", "at most .4", "unbatched 2")
    say("  a sender with 10 in flight", f"{whole:.2f}", "at most .4")


# -- fan-out -----------------------------------------------------------------------------------


async def followers(store: Store) -> None:
    """Let 100,000 chats follow one topic."""
    for first in range(1, CHATS + 1, 200):
        await asyncio.gather(
            *(follower(store, chat) for chat in range(first, min(first + 200, CHATS + 1)))
        )


async def follower(store: Store, chat: int) -> None:
    await store.meet(Chat(chat))
    await store.follow(Subscription(chat, TOPIC, "DeepSeek"))


class Watched:
    """A store that adds up the time of the steps that a fan-out takes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.took_s = 0.0

    def __getattr__(self, name: str) -> Callable[..., Awaitable[object]]:
        step = getattr(self._store, name)

        async def watched(*values: object) -> object:
            began = time.perf_counter()
            try:
                return await step(*values)
            finally:
                self.took_s += time.perf_counter() - began

        return watched


async def fan_out(place: Home) -> tuple[float, float, float]:
    """Give the microseconds a chat of a whole fan-out, of its store's steps alone, and the longest
    script in ms."""
    async with place.opened() as store:
        await followers(store)
        article = Article("https://sayt.az/1", "DeepSeek yeni model buraxdı", "Mətn. " * 50)
        await store.commit([NewArticle(article, ("k",), deliver=True)], SOURCE, now())
        if place.redis is not None:
            place.redis.ask("CONFIG", "SET", "slowlog-log-slower-than", "500")
            place.redis.ask("CONFIG", "SET", "slowlog-max-len", "100000")
            place.redis.ask("SLOWLOG", "RESET")
        settings = PublisherSettings((), "Asia/Baku", "az", "xeberci_bot", "bench")
        watched = Watched(store)
        steps = cast("Store", watched)
        publisher = Publisher(steps, load_texts(), settings, clock=now, queued=lambda: None)
        began = time.perf_counter()
        job = await steps.next_fan_out(now(), "bench", 15.0)
        assert job is not None
        await publisher._expand(job)
        took_s = time.perf_counter() - began
        queued, _ = await store.outbox()
        if queued != CHATS:
            raise RuntimeError(f"{queued} queued")
    return took_s / CHATS * 1e6, watched.took_s / CHATS * 1e6, longest_ms(place)


def longest_ms(place: Home) -> float:
    """Give the longest command since the slow log was emptied."""
    if place.redis is None:
        return 0.0
    told = slow_log(place.redis.ask("SLOWLOG", "GET", "-1"))
    return max(told, default=0) / 1000


def slow_log(answer: bytes) -> list[int]:
    """Give the microseconds of the entries: each begins with its id, its time, what it took."""
    return [int(us) for us in re.findall(rb"\*6\r\n:\d+\r\n:\d+\r\n:(\d+)\r\n", answer)]


def bare_rows(kind: str, place: Home) -> float:
    """Give the microseconds a chat of nothing but writing such rows, 500 a transaction."""
    texts = [payload(chat) for chat in range(1, CHATS + 1)]
    began = time.perf_counter()
    if kind == "sqlite":
        database = sqlite3.connect(place.folder / "bare.sqlite3")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, chat INTEGER, body TEXT)")
        database.execute("CREATE INDEX chats ON rows (chat)")
        for first in range(0, CHATS, BATCH):
            with database:
                database.executemany(
                    "INSERT INTO rows (chat, body) VALUES (?, ?)",
                    list(enumerate(texts[first : first + BATCH], first)),
                )
        database.close()
    else:
        asyncio.run(bare_hashes(place, texts))
    return (time.perf_counter() - began) / CHATS * 1e6


async def bare_hashes(place: Home, texts: list[str]) -> None:
    """Write each text into a Redis hash and its number into a list, 1,000 commands a pipeline."""
    from redis.asyncio import Redis  # noqa: PLC0415 - only here

    client = Redis.from_url(place.url)
    for first in range(0, CHATS, BATCH):
        async with client.pipeline(transaction=True) as pipeline:
            for number, text in enumerate(texts[first : first + BATCH], first):
                pipeline.hset("bare", str(number), text)
                pipeline.rpush(f"bare:{number}", number)
            await pipeline.execute()
    await client.aclose()


def fan_outs() -> None:
    """Print what a fan-out costs on both stores."""
    for kind in ("sqlite", "redis"):
        with home(kind) as place:
            us, steps_us, longest = asyncio.run(fan_out(place))
            rows = bare_rows(kind, place)
        beside = f"such rows alone {rows:.1f} µs"
        what = f"fan-out to {CHATS:,} chats on {kind}"
        say(what, f"{steps_us:.1f} µs a chat", "at most 35", beside)
        say("  matching and layout besides", f"{us - steps_us:.1f} µs a chat")
        if kind == "redis":
            say("  longest script", f"{longest:.1f} ms", "at most 10")


# -- several workers ---------------------------------------------------------------------------


def worker(pipe: Connection, place: Home, url: str, in_flight: int) -> None:
    """Share the work on an outbox, in a process of its own; tell how many were sent."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    asyncio.run(share(pipe, place, url, replace(FREE, in_flight=in_flight)))


async def share(pipe: Connection, place: Home, url: str, settings: DeliveryLimits) -> None:
    async with place.opened() as store:
        telegram = Telegram(url, TOKEN, pool=settings.in_flight + 8)
        owner, log = f"worker-{os.getpid()}", structlog.get_logger()
        sender = Sender(store, telegram, RateGate(0), settings, owner=owner, clock=now, log=log)
        pipe.send("ready")
        await asyncio.get_running_loop().run_in_executor(None, pipe.recv)
        running = asyncio.create_task(sender.run())
        while (await store.outbox())[0]:
            await asyncio.sleep(0.02)
        pipe.send(sender.outcomes["sent"])
        await sender.drain(5)
        await running
        await telegram.close()


def together(count: int, url: str, in_flight: int, total: int) -> float:
    """Give the messages a second of so many workers on one Redis."""
    context = get_context("spawn")
    with home("redis") as place:
        asyncio.run(prepare(place, total))
        unserved = replace(place, redis=None)  # the server stays here
        pipes = []
        processes = []
        for _ in range(count):
            here, there = context.Pipe()
            process = context.Process(
                target=worker, args=(there, unserved, url, in_flight), daemon=True
            )
            process.start()
            pipes.append(here)
            processes.append(process)
        for pipe in pipes:
            pipe.recv()
        began = time.perf_counter()
        for pipe in pipes:
            pipe.send("go")
        sent = [pipe.recv() for pipe in pipes]
        took_s = time.perf_counter() - began
        for process in processes:
            process.join(10)
    if sum(sent) != total:
        raise RuntimeError(f"{sum(sent)} sent instead of {total}")
    return total / took_s


async def prepare(place: Home, total: int) -> None:
    async with place.opened() as store:
        await fill(store, range(1, 1001), total // 1000)


def side_by_side() -> None:
    """Print two workers beside one, bound by the cores and bound by Telegram's latency."""
    cores = os.cpu_count() or 1
    for latency_s, in_flight, total in ((0.0, 16, 6000), (0.04, 8, 3000)):
        with served(canned, latency_s) as server:
            one = statistics.median(together(1, server.url, in_flight, total) for _ in range(2))
            two = statistics.median(together(2, server.url, in_flight, total) for _ in range(2))
        what = f"two workers ÷ one, {latency_s * 1000:.0f} ms of latency"
        beside = f"one worker {one:,.0f}/s with {in_flight} in flight, {cores} cores for all"
        say(what, f"{two / one:.2f}", "1.7 where cores allow", beside)


def main() -> None:
    """Print the figures."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with served(canned) as server:
        bookkeeping(server.url)
    fan_outs()
    side_by_side()
