"""Polls a second, of which nine in ten are answered 304, beside the bare client's requests.

Each tenth brings a feed of 20 items, one of them new. The servers are a process of their own.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from pathlib import Path

import aiohttp
import structlog

from tests.bench.figures import Figure, say, timed
from tests.bench.loopback import served
from tests.bench.polling import addresses, each_in_turn, feeds, polls

WARM_UP = 640
POLLS = 1_920


class Bare:
    """What asks with aiohttp alone and remembers a validator."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session, self._url = session, url
        self._etag = ""

    async def ask(self) -> None:
        """Ask once, and read what is answered."""
        headers = {"If-None-Match": self._etag} if self._etag else {}
        async with self._session.get(self._url, headers=headers) as answer:
            await answer.read()
            self._etag = answer.headers["ETag"]


async def _bare(port: int) -> Figure:
    connector = aiohttp.TCPConnector(limit=64, limit_per_host=1)
    async with aiohttp.ClientSession(connector=connector) as session:
        asks = [Bare(session, url).ask for url in addresses(port)]
        await each_in_turn(WARM_UP, asks)
        return await timed(POLLS, each_in_turn(POLLS, asks))


async def _whole(port: int, folder: Path) -> tuple[Figure, float]:
    async with polls(port, folder) as running:
        await running.run(WARM_UP)
        before_s = running.workers_cpu_s()
        figure = await timed(POLLS, running.run(POLLS))
        return figure, running.workers_cpu_s() - before_s


def main() -> None:
    """Print the figures."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with served(feeds) as server:
        bare = asyncio.run(_bare(int(server.url)))
    with served(feeds) as server, tempfile.TemporaryDirectory() as folder:
        whole, workers_s = asyncio.run(_whole(int(server.url), Path(folder)))
    say("polls, 90 % of them 304", whole, beside=f"bare aiohttp {bare}")
    core = POLLS / (whole.cpu_s + workers_s)
    say("a core, parsing included", f"{core:,.0f}/s", beside=f"{POLLS / bare.cpu_s:,.0f}/s")
    say("a core, without parsing", f"{POLLS / whole.cpu_s:,.0f}/s")
    say("CPU of a poll: the bot's / the client's", f"{whole.cpu_s / bare.cpu_s:.2f}")
    say("CPU of parsing, each feed", f"{workers_s / (POLLS / 10) * 1000:.1f} ms")
