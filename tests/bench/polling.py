"""Sources on loopback that change at every tenth request, and the bot's poller before them."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.config import SourceSettings
from bot.leases import Leases, PoliteFetcher
from bot.patience import Patience
from bot.poller import Poller, PollerSettings
from bot.sources.fetcher import Fetcher
from bot.sources.robots import Robots
from bot.sources.sandbox import Sandbox
from bot.store import open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from multiprocessing.connection import Connection

HOSTS = tuple(f"127.0.0.{number}" for number in range(1, 9))
PATHS = 8
AT_ONCE = 16
CHANGES_EACH = 10
_ITEMS = 20
_TEXT = "Nazirlik bu gün keçirilən iclasda yeni layihənin nəticələrini açıqlayıb. " * 7
_TICKS = os.sysconf("SC_CLK_TCK")


def feeds(pipe: Connection) -> None:
    """Serve a feed at each path of each host; one new item at each tenth request for it."""
    asked: Counter[str] = Counter()
    kept: dict[str, bytes] = {}

    async def answer(request: web.BaseRequest) -> web.Response:
        key = f"{request.host}{request.path}"
        version = asked[key] // CHANGES_EACH
        asked[key] += 1
        etag = f'"{version}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        if asked[key] % CHANGES_EACH == 1:
            kept[key] = _feed(request.host, request.path, version)
        return web.Response(
            body=kept[key], content_type="application/rss+xml", headers={"ETag": etag}
        )

    async def serve() -> None:
        runner = web.ServerRunner(web.Server(answer, access_log=None))
        await runner.setup()
        port = 0
        for host in HOSTS:
            await web.TCPSite(runner, host, port).start()
            port = port or runner.addresses[0][1]
        pipe.send(port)
        await asyncio.get_running_loop().run_in_executor(None, pipe.recv)
        pipe.send("ended")

    asyncio.run(serve())


def _feed(host: str, path: str, version: int) -> bytes:
    items = "".join(
        f"<item><title>{path} xəbəri {number}</title><link>http://{host}{path}/{number}</link>"
        f"<guid>http://{host}{path}/{number}</guid><description>{_TEXT}{number}.</description>"
        "<pubDate>Mon, 23 Nov 2026 12:00:00 +0400</pubDate></item>"
        for number in range(version + _ITEMS, version, -1)
    )
    return f'<rss version="2.0"><channel><title>Sayt</title>{items}</channel></rss>'.encode()


def addresses(port: int) -> list[str]:
    """Give the address of every source."""
    return [f"http://{host}:{port}/{path}" for path in range(PATHS) for host in HOSTS]


async def each_in_turn(count: int, what: Sequence[Callable[[], Awaitable[object]]]) -> None:
    """Call every function in turn, ``AT_ONCE`` of them at once, ``count`` calls in all."""
    left = iter(range(count))

    async def work() -> None:
        for number in left:
            await what[number % len(what)]()

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


class Polls:
    """The poller with its own parts: sockets, a worker that parses, a store on disk."""

    def __init__(self, poller: Poller, sources: list[SourceSettings], sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._polls = [partial(poller.poll, source) for source in sources]

    async def run(self, count: int) -> None:
        """Poll the sources in turn."""
        await each_in_turn(count, self._polls)

    @property
    def workers(self) -> tuple[int, ...]:
        """The processes that parse."""
        return self._sandbox.pids

    def workers_cpu_s(self) -> float:
        """Give what the workers have computed; one that was replaced is forgotten."""
        return sum(_cpu_s(pid) for pid in self._sandbox.pids)


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / _TICKS


def _now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def polls(port: int, folder: Path) -> AsyncIterator[Polls]:
    """Give a poller of all the sources that runs meanwhile."""
    store = open_store("", folder)
    await store.open(exclusive=True)
    leases = Leases(store, "bench", clock=_now, lease_s=15, shared=False)
    sources = [
        SourceSettings.model_validate({"name": f"sayt-{number}", "url": url})
        for number, url in enumerate(addresses(port))
    ]
    async with (
        Fetcher(allow_private=HOSTS, private_spacing_s=0.0) as fetcher,
        Sandbox() as sandbox,
    ):
        polite = PoliteFetcher(fetcher, leases)
        poller = Poller(
            store,
            polite,
            sandbox,
            Robots(polite, _now),
            PollerSettings(tuple(sources), ZoneInfo("Asia/Baku"), "adaptive"),
            leases=leases,
            patience=Patience(),
            clock=_now,
            committed=lambda: None,
        )
        await poller.open()
        yield Polls(poller, sources, sandbox)
    await store.close()
