"""The whole program in processes that a test may kill, on a site and a server of the test's."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from tests.faults.delivery_worker import LEASE_S
from tests.faults.processes import Worker, fork_bot
from tests.functional.newsroom import TOKEN

if TYPE_CHECKING:
    import signal
    from collections.abc import AsyncIterator

    from bot.demo.botapi import BotApi
    from tests.faults.places import Place
    from tests.functional.newsroom import NewsSite

CHANNEL_ID = -1001000000001
IN_FLIGHT = 4


class Programs:
    """Runs of the program that share a configuration, by name."""

    def __init__(self, home: Place, site: NewsSite, api: BotApi, **settings: Any) -> None:
        self._home = home
        self._site = site
        self._api = api
        values: dict[str, Any] = {
            "data_dir": str(home.folder),
            "telegram": {"api_url": api.url},
            "store": {"url": home.url},
            "fetch": {"pace": "fixed", "allow_private": ["127.0.0.1"]},
            "sources": [{"name": "sayt.az", "url": f"{site.url}/feed", "every": "200ms"}],
            "channels": [{"chat": CHANNEL_ID}],
            "delivery": {
                "messages_per_second": 0,
                "chat_interval": 0,
                "in_flight": IN_FLIGHT,
                "lease": f"{LEASE_S}s",
            },
        } | settings
        self._environment = {
            f"XEBERCI_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
            for name, value in values.items()
        } | {"BOT_TOKEN": TOKEN}
        self.running: dict[str, Worker] = {}

    async def start(self, name: str = "bot") -> None:
        """Start one, and wait until it is at work: before, a SIGTERM ends it as any program."""
        before = self._begun()
        self.running[name] = fork_bot(self._home.folder, self._environment)
        async with asyncio.timeout(30):
            while self._begun() == before:
                await asyncio.sleep(0.01)

    def _begun(self) -> int:
        log = self._home.folder / "log"
        return log.read_text(encoding="utf-8").count("is at work") if log.exists() else 0

    async def end(self, sign: signal.Signals, name: str = "bot") -> int:
        return await self.running.pop(name).end(sign)

    async def polled(self, times: int = 2) -> None:
        """Wait until the site was asked so often from now on: what follows is new."""
        before = self.polls()
        async with asyncio.timeout(20):
            while self.polls() < before + times:
                await asyncio.sleep(0.01)

    def polls(self) -> int:
        return sum(path == "/feed" for path, _ in self._site.requests)

    def titles(self) -> list[str]:
        """Give the first lines of what the channel got."""
        seen = [seen for seen in self._api.timeline(CHANNEL_ID) if seen.from_bot]
        return [message.text.splitlines()[0] for message in seen]

    async def posted(self, count: int) -> None:
        """Wait until the channel got so many articles."""
        async with asyncio.timeout(30):
            while len(set(self.titles())) < count:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def programs(
    home: Place, site: NewsSite, api: BotApi, **settings: Any
) -> AsyncIterator[Programs]:
    """Give runs of the program; those that still run at the end are killed."""
    made = Programs(home, site, api, **settings)
    try:
        yield made
    finally:
        for worker in made.running.values():
            await worker.kill()


def with_channel(api: BotApi) -> dict[str, Any]:
    """Make the channel that the programs post to."""
    api.channel("Xəbərlər", id=CHANNEL_ID)
    return {}
