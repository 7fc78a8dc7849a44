"""Clients and outboxes beside bare aiohttp and beside PTB as it comes; the limit of 30 a second.

All clients of a comparison talk to the same server process.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import structlog
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.telegram import Telegram
from tests.bench.figures import Figure, say, timed
from tests.bench.loopback import TEXT, TOKEN, Served, canned, served, strict
from tests.bench.outbox import FREE, bare, drain, fill, hammer, home, payload

TURNS = 2


async def ready(url: str, count: int, in_flight: int) -> Figure:
    """Send ready JSON through our session."""
    telegram = Telegram(url, TOKEN)
    await hammer(200, in_flight, lambda n: telegram.post("sendMessage", payload(n + 1)))
    figure = await timed(
        count, hammer(count, in_flight, lambda n: telegram.post("sendMessage", payload(n + 1)))
    )
    await telegram.close()
    return figure


async def through_ptb(url: str, count: int, in_flight: int, *, ours: bool) -> Figure:
    """Send through PTB, over our request object or over its own."""
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


def clients(server: Served) -> None:
    """Ours and PTB's, 16 in flight, in turns."""
    for _ in range(TURNS):
        plain = asyncio.run(bare(server.url, 3000, 16))
        posts = asyncio.run(ready(server.url, 3000, 16))
        ours = asyncio.run(through_ptb(server.url, 2000, 16, ours=True))
        theirs = asyncio.run(through_ptb(server.url, 600, 16, ours=False))
        say("ready JSON over our request object", posts, "", f"bare aiohttp {plain}")
        say("PTB over our request object", ours, "", f"PTB's default {theirs}")
        say("  messages/s, ours ÷ default", f"{ours.rate / theirs.rate:.2f}", "at least 3")
        say("  CPU, ours ÷ default", f"{ours.cpu_us / theirs.cpu_us:.2f}", "at most .33")


async def outbox_beside_bare(
    server: Served, kind: str, in_flight: int, chats: int = 1000, each: int = 4
) -> tuple[Figure, Figure]:
    """Give the whole way of a delivery, and bare aiohttp sending as many of the same."""
    with home(kind) as place:
        async with place.opened() as store:
            await fill(store, range(1, chats + 1), each)
            plain = await bare(server.url, chats * each, in_flight)
            settings = replace(FREE, in_flight=in_flight)
            return await drain(store, server.url, chats * each, settings), plain


def outboxes(server: Served) -> None:
    """Claim, send, acknowledge on both stores."""
    for kind, asked in (("sqlite", ".7"), ("redis", ".5")):
        for in_flight in (8, 16) * TURNS:
            whole, plain = asyncio.run(outbox_beside_bare(server, kind, in_flight))
            say(f"outbox on {kind}, {in_flight} in flight", whole, "", f"bare aiohttp {plain}")
            say("  outbox ÷ bare", f"{whole.rate / plain.rate:.2f}", f"at least {asked}")


def limited(kind: str, chats: int = 1000) -> None:
    """One message for each of 1,000 chats where the server allows 30 a second."""

    async def send(url: str) -> None:
        with home(kind) as place:
            async with place.opened() as store:
                await fill(store, range(1, chats + 1), 1)
                settings = replace(FREE, messages_per_second=30, chat_interval_s=1.0, in_flight=8)
                await drain(store, url, chats, settings)

    with served(strict, chats, 0, 30) as server:
        asyncio.run(send(server.url))
        taken, refused = server.end()
    times = [at for at, _, _ in taken]
    took = max(times) - min(times)
    most = max(sum(start <= at < start + 1 for at in times) for start in times)
    allowed = chats / 30
    say(f"{chats} chats at 30 a second on {kind}", f"{len(times)} delivered", f"{chats}")
    say("  429 answers", refused, "0")
    say("  time", f"{took:.2f} s", f"at most {allowed * 1.05:.1f} s", f"the limit {allowed:.1f} s")
    say("  most in any second", most, "at most 30")


def main() -> None:
    """Print the figures."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with served(canned) as server:
        clients(server)
        outboxes(server)
    for kind in ("sqlite", "redis"):
        limited(kind)
