"""A full outbox and a sender over it, on either store, and the bare client to compare with."""

from __future__ import annotations

import asyncio
import json
import tempfile
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import structlog

from bot.gate import RateGate
from bot.limits import DeliveryLimits
from bot.models import Chat, ChatKind, DeliveryKind, Draft, Message
from bot.sender import Sender
from bot.store import open_store
from bot.store.protocol import BATCH
from bot.telegram import Telegram
from tests.bench.figures import Figure, timed
from tests.bench.loopback import TEXT, TOKEN
from tests.contract.redis_fixtures import RedisServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence

    from bot.store.protocol import Store

FREE = DeliveryLimits(
    messages_per_second=0, chat_interval_s=0, group_per_minute=0, merge_after=0, in_flight=16
)


def now() -> datetime:
    return datetime.now(UTC)


def payload(chat_id: int) -> str:
    return json.dumps({"chat_id": chat_id, "text": TEXT, "parse_mode": "HTML"}, ensure_ascii=False)


# -- stores ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Home:
    """An empty store's address, and its server where it has one."""

    url: str
    folder: Path
    redis: RedisServer | None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Store]:
        store = open_store(self.url, self.folder)
        await store.open(exclusive=True)  # as a run does
        try:
            yield store
        finally:
            await store.close()


@contextmanager
def home(kind: str) -> Iterator[Home]:
    """Give a store on the disk, or on a redis-server of its own as an operator has it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if kind == "sqlite":
            yield Home("", folder, None)
        else:
            server = stack.enter_context(RedisServer(tcp=True, appendfsync="everysec"))
            yield Home(server.url, folder, server)


async def fill(store: Store, ids: range, each: int, kind: ChatKind = ChatKind.PRIVATE) -> None:
    """Meet chats and queue so many messages for each."""
    for chat in ids:
        await store.meet(Chat(chat, kind))
    for _ in range(each):
        for first in range(0, len(ids), BATCH):
            drafts = [
                Draft(chat, DeliveryKind.POST, Message("sendMessage", payload(chat)))
                for chat in ids[first : first + BATCH]
            ]
            await store.enqueue(drafts, now())


# -- clients -----------------------------------------------------------------------------------


async def hammer(count: int, in_flight: int, send: Callable[[int], Awaitable[object]]) -> None:
    """Send so many, so many at once."""
    numbers = iter(range(count))

    async def work() -> None:
        for number in numbers:
            await send(number)

    await asyncio.gather(*(work() for _ in range(in_flight)))


async def bare(
    url: str, count: int, in_flight: int, chats: Sequence[int] = range(1, 1001)
) -> Figure:
    """Send with nothing but aiohttp."""
    address = f"{url}/bot{TOKEN}/sendMessage"
    headers = {"Content-Type": "application/json"}
    async with aiohttp.ClientSession() as session:

        async def send(number: int) -> None:
            body = payload(chats[number % len(chats)]).encode()
            async with session.post(address, data=body, headers=headers) as answer:
                json.loads(await answer.read())

        await hammer(200, in_flight, send)
        return await timed(count, hammer(count, in_flight, send))


async def drain(
    store: Store, url: str, total: int, settings: DeliveryLimits, owner: str = "bench"
) -> Figure:
    """Claim, send and acknowledge everything that is queued."""
    telegram = Telegram(url, TOKEN, pool=settings.in_flight + 8)
    gate = RateGate(settings.messages_per_second, shared=store.shared_rate)
    sender = Sender(
        store, telegram, gate, settings, owner=owner, clock=now, log=structlog.get_logger()
    )

    async def drained() -> None:
        running = asyncio.create_task(sender.run())
        while sender.outcomes["sent"] < total:
            await asyncio.sleep(0.005)
        await sender.drain(5)
        await running

    figure = await timed(total, drained())
    await telegram.close()
    left, _ = await store.outbox()
    if left:
        raise RuntimeError(f"{left} messages left")
    return figure
