"""The whole program under load: many channels at once, and a person who asks while 50,000 wait."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections import Counter
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp

from bot.demo.site import load_stories
from bot.models import Article, NewArticle
from bot.store import open_store
from tests.bench.figures import family, pss_mib, quantile, say
from tests.bench.loopback import TOKEN, served, strict
from tests.bench.outbox import bare, fill, now
from tests.functional.newsroom import NewsSite, Story

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ITEMS = 50
CHANNELS = 1000
LATENCY_S = 0.04
IN_FLIGHT = 32
QUEUED = 50_000
PEOPLE = 10_000
ASKED = 20
QUERY = "DeepSeek"


@asynccontextmanager
async def program(
    folder: Path, url: str, **settings: object
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run ``xeberci run`` until the block ends."""
    environment = {
        "BOT_TOKEN": TOKEN,
        "XEBERCI_DATA_DIR": str(folder),
        "XEBERCI_TELEGRAM": json.dumps({"api_url": url}),
        "XEBERCI_FETCH": json.dumps({"pace": "fixed", "allow_private": ["127.0.0.1"]}),
    }
    environment |= {f"XEBERCI_{name.upper()}": json.dumps(v) for name, v in settings.items()}
    with (folder / "log").open("wb") as log:
        bot = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.cli", "run"), env=os.environ | environment, stderr=log
        )
        try:
            yield bot
        finally:
            bot.terminate()
            await bot.wait()


class Town:
    """The stand-in's people, who live in another process."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url = url
        self._session = session

    async def ask(self, command: str, **arguments: object) -> Any:
        async with self._session.post(f"{self._url}/_control/{command}", json=arguments) as answer:
            return await answer.json()


async def channels(url: str) -> float:
    """Bring out 50 items in one poll for 1,000 channels; gives the seconds of the last poll."""
    site = NewsSite()
    await site.start()
    site.publish("Köhnə")
    source = {"name": "sayt.az", "url": f"{site.url}/feed", "every": "2s"}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with (
            aiohttp.ClientSession() as session,
            program(
                folder,
                url,
                sources=[source],
                channels=[{"chat": -number} for number in range(1, CHANNELS + 1)],
                delivery={"messages_per_second": 0, "chat_interval": 0, "in_flight": IN_FLIGHT},
            ),
        ):
            town = Town(url, session)
            while sum(path == "/feed" for path, _ in site.requests) < 2:
                await asyncio.sleep(0.05)
            site.publish(*(Story(f"Xəbər {number:02}") for number in range(ITEMS)))
            published = time.time()
            deadline = published + 300
            last = -CHANNELS
            while time.time() < deadline:
                await asyncio.sleep(1)
                if len(await town.ask("timeline", chat_id=last)) >= ITEMS:
                    break
            await asyncio.sleep(1)
    await site.stop()
    return published


def many_channels() -> None:
    """Print what arrived where, and how fast."""
    with served(strict, 0, CHANNELS, 0, LATENCY_S) as server:
        plain = asyncio.run(bare_to_channels(server.url))
        published = asyncio.run(channels(server.url))
        taken, _ = server.end()
    posts = [(at, chat, line) for at, chat, line in taken if line.startswith("Xəbər")]
    posts = [post for post in posts if post[0] >= published]
    times = [at for at, _, _ in posts]
    rate = len(posts) / (max(times) - min(times))
    counted = Counter((chat, line) for _, chat, line in posts)
    say(
        f"{ITEMS} items x {CHANNELS:,} channels",
        f"{len(counted):,} arrived, {len(posts) - len(counted)} twice",
        f"{ITEMS * CHANNELS:,}, 0 twice",
    )
    say("  messages/s, 40 ms latency, 32 in flight", f"{rate:,.0f}", "at least 620", plain)


async def bare_to_channels(url: str) -> str:
    """Give the rate of bare aiohttp against the same server."""
    figure = await bare(url, 4000, IN_FLIGHT, chats=[-1])
    return f"bare aiohttp {figure.rate:,.0f}, the latency allows {IN_FLIGHT / LATENCY_S:,.0f}"


async def fill_folder(folder: Path) -> None:
    """Archive the demo's stories and queue a broadcast."""
    store = open_store("", folder)
    await store.open()
    stories = [
        Article(f"https://sayt.az/{number}", story.title, story.text, now(), "sayt.az")
        for number, story in enumerate(load_stories())
    ]
    await store.commit([NewArticle(a, (a.url,), deliver=False) for a in stories], None, now())
    await fill(store, range(1, PEOPLE + 1), QUEUED // PEOPLE)
    await store.close()


async def queries_meanwhile(url: str, folder: Path) -> tuple[float, list[float]]:
    """Give the memory while so much is queued, and how long a person's queries took."""
    site = NewsSite()
    await site.start()
    site.publish(Story("Kəsilmiş xəbər", cut=True))
    source = {"name": "sayt.az", "url": f"{site.url}/feed", "backlog": 1, "every": "2s"}
    taken, used = [], 0.0
    async with (
        aiohttp.ClientSession() as session,
        program(folder, url, sources=[source]) as bot,
    ):
        town = Town(url, session)
        while not await town.ask("calls", method="getUpdates"):
            await asyncio.sleep(0.1)
        await asyncio.sleep(5)
        # Each asks once: somebody who asks more than five times in five seconds meets Telegram's
        # own limit of a chat.
        for person in range(PEOPLE + 1, PEOPLE + ASKED + 1):
            began = time.perf_counter()
            await town.ask("send", person=person, text=QUERY)
            while not any(m["from_bot"] for m in await town.ask("timeline", chat_id=person)):
                await asyncio.sleep(0.005)
            taken.append(time.perf_counter() - began)
            await asyncio.sleep(0.3)
        used = sum(pss_mib(pid) for pid in family(bot.pid))
    await site.stop()
    return used, taken


def query_meanwhile() -> None:
    """Print memory and answers while 50,000 messages wait, and with an empty queue."""
    found = {}
    for queued in (QUEUED, 0):
        with tempfile.TemporaryDirectory() as name, served(strict, PEOPLE + ASKED, 0, 30) as server:
            folder = Path(name)
            if queued:
                asyncio.run(fill_folder(folder))
            found[queued] = asyncio.run(queries_meanwhile(server.url, folder))
            server.end()
    used, taken = found[QUEUED]
    idle, quick = found[0]
    say(
        f"memory, {QUEUED:,} queued, workers included",
        f"{used:.0f} MiB PSS",
        "under 170 MiB",
        f"nothing queued {idle:.0f} MiB",
    )
    say(
        "  a person's query meanwhile",
        f"p50 {quantile(taken, 0.5) * 1000:.0f} ms, most {max(taken) * 1000:.0f} ms",
        "at most 1000 ms",
        f"nothing queued {quantile(quick, 0.5) * 1000:.0f} ms",
    )


def main() -> None:
    """Print the figures."""
    query_meanwhile()
    many_channels()
