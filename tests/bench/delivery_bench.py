"""Delivery, beside bare aiohttp and beside PTB as it comes: ``main`` prints the figures.

The server answers from a process of its own: a canned answer where the client is
measured, the strict stand-in where its limits are.
"""

from __future__ import annotations

import asyncio
import json
import logging
import multiprocessing
import tempfile
import time
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import structlog
from aiohttp import web
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.demo.botapi import BotApi
from bot.demo.faults import Limits
from bot.limits import DeliveryLimits, RateGate
from bot.models import Chat, ChatKind, DeliveryKind, Draft, Message
from bot.replies import Replies
from bot.sender import Sender
from bot.store import open_store
from bot.telegram import Telegram

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from multiprocessing.connection import Connection

    from bot.store.protocol import Store

TOKEN = "123456:demo"
TEXT = "<b>DeepSeek öz süni zəka modelinə daha çox resurs sərf edib</b>\n\n" + "Xəbər. " * 40
FREE = DeliveryLimits(
    messages_per_second=0, chat_interval_s=0, group_per_minute=0, merge_after=0, in_flight=16
)


# -- servers, each in its own process --------------------------------------------------------


def serve_canned(pipe: Connection, latency_s: float) -> None:
    """Answer every call with the same message."""
    message = {"message_id": 7, "date": 1_763_000_000, "chat": {"id": 1, "type": "private"}}
    body = json.dumps({"ok": True, "result": message | {"text": TEXT}}).encode()

    async def answer(request: web.BaseRequest) -> web.Response:
        await request.read()
        if latency_s:
            await asyncio.sleep(latency_s)
        return web.Response(body=body, content_type="application/json")

    async def serve() -> None:
        runner = web.ServerRunner(web.Server(answer, access_log=None))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        pipe.send(f"http://127.0.0.1:{runner.addresses[0][1]}")
        await asyncio.get_running_loop().run_in_executor(None, pipe.recv)
        pipe.send(None)

    asyncio.run(serve())


def serve_strict(pipe: Connection, chats: int) -> None:
    """Serve as Telegram does, its limits included; tell at the end what arrived."""

    async def serve() -> None:
        api = BotApi(TOKEN, limits=Limits(per_second=30))
        for chat in range(1, chats + 1):
            api.person(f"Oxucu {chat}", id=chat).chat.started = True
        await api.start()
        pipe.send(api.url)
        await asyncio.get_running_loop().run_in_executor(None, pipe.recv)
        times = [call.at for call in api.calls if call.ok]
        pipe.send((times, sum(call.error_code == 429 for call in api.calls)))
        await api.stop()

    asyncio.run(serve())


@dataclass(slots=True)
class Served:
    """A server of another process: where it is, and what it told when it was asked to end."""

    url: str
    pipe: Connection
    told: tuple[list[float], int] | None = None

    def end(self) -> None:
        self.pipe.send("end")
        self.told = self.pipe.recv()


@contextmanager
def served(target: Callable[..., None], argument: float) -> Iterator[Served]:
    """Give a server that runs meanwhile."""
    here, there = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=target, args=(there, argument), daemon=True)
    process.start()
    server = Served(here.recv(), here)
    try:
        yield server
    finally:
        if server.told is None:
            process.terminate()
        process.join(5)


# -- clients ---------------------------------------------------------------------------------


async def hammer(count: int, in_flight: int, send: Callable[[int], Awaitable[object]]) -> None:
    """Send so many, so many at once."""
    numbers = iter(range(count))

    async def work() -> None:
        for number in numbers:
            await send(number)

    await asyncio.gather(*(work() for _ in range(in_flight)))


@dataclass(frozen=True, slots=True)
class Figure:
    """What a run took."""

    count: int
    wall_s: float
    cpu_s: float

    @property
    def rate(self) -> float:
        return self.count / self.wall_s

    @property
    def cpu_us(self) -> float:
        return self.cpu_s / self.count * 1e6

    def __str__(self) -> str:
        return f"{self.rate:7.0f} messages/s, {self.cpu_us:5.0f} µs CPU each"


async def timed(count: int, run: Awaitable[object]) -> Figure:
    wall, cpu = time.perf_counter(), time.process_time()
    await run
    return Figure(count, time.perf_counter() - wall, time.process_time() - cpu)


def payload(chat_id: int) -> str:
    return json.dumps({"chat_id": chat_id, "text": TEXT, "parse_mode": "HTML"}, ensure_ascii=False)


async def bare(url: str, count: int, in_flight: int) -> Figure:
    address = f"{url}/bot{TOKEN}/sendMessage"
    headers = {"Content-Type": "application/json"}
    async with aiohttp.ClientSession() as session:

        async def send(number: int) -> None:
            body = payload(number + 1).encode()
            async with session.post(address, data=body, headers=headers) as answer:
                json.loads(await answer.read())

        await hammer(200, in_flight, send)
        return await timed(count, hammer(count, in_flight, send))


async def ready(url: str, count: int, in_flight: int) -> Figure:
    telegram = Telegram(url, TOKEN)
    await hammer(200, in_flight, lambda n: telegram.post("sendMessage", payload(n + 1)))
    figure = await timed(
        count, hammer(count, in_flight, lambda n: telegram.post("sendMessage", payload(n + 1)))
    )
    await telegram.close()
    return figure


async def through_ptb(url: str, count: int, in_flight: int, *, ours: bool) -> Figure:
    telegram = Telegram(url, TOKEN)
    request = telegram.request if ours else HTTPXRequest(connection_pool_size=256)
    bot = Bot(TOKEN, base_url=f"{url}/bot", request=request)
    await request.initialize()

    async def send(number: int) -> None:
        await bot.send_message(number + 1, TEXT, parse_mode="HTML")

    await hammer(100, in_flight, send)
    figure = await timed(count, hammer(count, in_flight, send))
    await request.shutdown()
    await telegram.close()
    return figure


@asynccontextmanager
async def full_outbox(
    url: str, chats: int, each: int, settings: DeliveryLimits, kind: ChatKind
) -> AsyncIterator[tuple[Store, Sender, Replies]]:
    """Give a store with so many messages queued, and a sender that does not run yet."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store("", Path(folder))
        await store.open(exclusive=True)
        sign = -1 if kind is ChatKind.CHANNEL else 1
        ids = [sign * chat for chat in range(1, chats + 1)]
        for chat in ids:
            await store.meet(Chat(chat, kind))
        for _ in range(each):
            for first in range(0, chats, 500):
                drafts = [
                    Draft(chat, DeliveryKind.POST, Message("sendMessage", payload(chat)))
                    for chat in ids[first : first + 500]
                ]
                await store.enqueue(drafts, datetime.now(UTC))
        telegram = Telegram(url, TOKEN, pool=settings.in_flight + 8)
        gate = RateGate(settings.messages_per_second)
        log = structlog.get_logger()
        sender = Sender(store, telegram, gate, settings, owner="bench", clock=now, log=log)
        try:
            yield store, sender, Replies(store, telegram, gate, clock=now, log=log)
        finally:
            await telegram.close()
            await store.close()


def now() -> datetime:
    return datetime.now(UTC)


async def outbox(
    url: str, chats: int, each: int, settings: DeliveryLimits, kind: ChatKind = ChatKind.PRIVATE
) -> Figure:
    """Claim, send and acknowledge everything of a full outbox."""
    total = chats * each
    async with full_outbox(url, chats, each, settings, kind) as (store, sender, _):

        async def drained() -> None:
            running = asyncio.create_task(sender.run())
            while sender.outcomes["sent"] < total:
                await asyncio.sleep(0.005)
            await sender.drain(5)
            await running

        figure = await timed(total, drained())
        left, _ = await store.outbox()
        if left:
            raise RuntimeError(f"{left} messages left")
        return figure


async def replies_meanwhile(url: str, queued: int, replies: int) -> tuple[list[float], float]:
    """Answer people while so much is queued; give the waits, and the rate of all sends."""
    settings = replace(FREE, messages_per_second=30, in_flight=8)
    async with full_outbox(url, queued, 1, settings, ChatKind.PRIVATE) as (_, sender, answers):
        running = asyncio.create_task(sender.run())
        waits = []
        await asyncio.sleep(1)
        started, before = time.perf_counter(), sender.outcomes["sent"]
        for number in range(replies):
            asked = time.perf_counter()
            await answers.send(number + 1, TEXT)
            waits.append(time.perf_counter() - asked)
            await asyncio.sleep(0.15)
        sent = sender.outcomes["sent"] - before + replies
        rate = sent / (time.perf_counter() - started)
        await sender.drain(5)
        await running
        return waits, rate


# -- figures ---------------------------------------------------------------------------------


def say(line: str) -> None:
    print(line, flush=True)


def clients() -> None:
    """Ours and PTB's beside bare aiohttp, 16 in flight, in turns."""
    with served(serve_canned, 0.0) as server:
        for turn in range(2):
            plain = asyncio.run(bare(server.url, 3000, 16))
            posts = asyncio.run(ready(server.url, 3000, 16))
            ours = asyncio.run(through_ptb(server.url, 2000, 16, ours=True))
            theirs = asyncio.run(through_ptb(server.url, 600, 16, ours=False))
            say(f"turn {turn + 1}")
            say(f"  bare aiohttp                 {plain}")
            say(f"  ready JSON, our request      {posts}")
            say(f"  PTB over our request         {ours}")
            say(f"  PTB's default                {theirs}")
            say(
                f"  PTB ours ÷ default           {ours.rate / theirs.rate:.2f} (reach 3), "
                f"CPU {ours.cpu_us / theirs.cpu_us:.2f} (reach .33)"
            )


def outbox_beside_bare() -> None:
    """The whole way of a delivery, beside bare aiohttp that sends the same."""
    with served(serve_canned, 0.0) as server:
        for in_flight in (8, 16, 8, 16):
            plain = asyncio.run(bare(server.url, 4000, in_flight))
            settings = replace(FREE, in_flight=in_flight)
            whole = asyncio.run(outbox(server.url, 1000, 4, settings))
            say(
                f"  in_flight {in_flight:2}: outbox {whole}; bare {plain}; "
                f"ratio {whole.rate / plain.rate:.2f} (reach .7)"
            )


def channels() -> None:
    """Items to 1,000 channels at 40 ms of latency, no limiter, 32 in flight."""
    with served(serve_canned, 0.04) as server:
        settings = replace(FREE, in_flight=32)
        plain = asyncio.run(bare(server.url, 5000, 32))
        whole = asyncio.run(outbox(server.url, 1000, 5, settings, ChatKind.CHANNEL))
        say(f"  outbox {whole}; bare {plain} (reach 620, at most 800)")


def limited() -> None:
    """1,000 chats, one message each, where the server allows 30 a second."""
    with served(serve_strict, 1000) as server:
        settings = replace(FREE, messages_per_second=30, chat_interval_s=1.0, in_flight=8)
        asyncio.run(outbox(server.url, 1000, 1, settings))
        server.end()
        assert server.told is not None
        times, refused = server.told
        took = max(times) - min(times)
        most = max(sum(start <= at < start + 1 for at in times) for start in times)
        say(
            f"  {len(times)} delivered in {took:.2f} s (33.3 allowed: {took / 33.3:.3f}, "
            f"reach 1.05), {refused} times 429, at most {most} in a second"
        )


def queued() -> None:
    """A person's answer while 100,000 messages wait."""
    with served(serve_canned, 0.04) as server:
        waits, rate = asyncio.run(replies_meanwhile(server.url, 100_000, 40))
        middle = sorted(waits)[len(waits) // 2]
        say(
            f"  an answer takes {middle * 1000:.0f} ms, at most {max(waits) * 1000:.0f} ms "
            f"(reach 1000; 40 ms are the server's), at {rate:.1f} sends a second in all"
        )


def main() -> None:
    """Print all figures."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    say("One client, 16 in flight:")
    clients()
    say("Claim, send, acknowledge on SQLite:")
    outbox_beside_bare()
    say("1,000 channels, 40 ms:")
    channels()
    say("1,000 chats at 30 a second:")
    limited()
    say("A person's answer while 100,000 messages wait:")
    queued()
