"""A stand-in Bot API server and a bare client for it, for tests that need both."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp

from bot.demo.botapi import BotApi


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_763_000_000.0

    def __call__(self) -> float:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += seconds


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the server: HTTP status and JSON body."""

    status: int
    body: dict[str, Any]

    @property
    def result(self) -> Any:
        assert self.body["ok"], self.body
        return self.body["result"]

    @property
    def error(self) -> str:
        assert not self.body["ok"], self.body
        description: str = self.body["description"]
        return description


class Client:
    """Calls methods over HTTP, as JSON or as a form."""

    def __init__(self, server: BotApi) -> None:
        self.server = server
        self.session = aiohttp.ClientSession()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.session.close()

    async def __call__(self, method: str, **params: object) -> Reply:
        return await self._post(method, json=params)

    async def form(self, method: str, **params: str) -> Reply:
        return await self._post(method, data=params)

    async def upload(self, method: str, data: aiohttp.FormData) -> Reply:
        return await self._post(method, data=data)

    async def _post(self, method: str, **body: Any) -> Reply:
        url = f"{self.server.url}/bot{self.server.token}/{method}"
        async with self.session.post(url, **body) as answer:
            return Reply(answer.status, await answer.json())


@asynccontextmanager
async def running(**options: Any) -> AsyncIterator[tuple[BotApi, Client]]:
    """Give a server that listens, and a client of it; ``options`` are those of `BotApi`."""
    server = BotApi(**options)
    await server.start()
    try:
        async with Client(server) as client:
            yield server, client
    finally:
        await server.stop()


async def until(condition: Callable[[], object]) -> None:
    """Wait until something holds, five seconds at most."""
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)
