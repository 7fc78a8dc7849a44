"""Who does what, where several runs share a store: leases, renewed while they are held.

A run that dies holds its leases no longer than ``lease_s``; one that stops leaves them at once.
On a store of its own a run has nobody to agree with: then nothing is asked.
"""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.errors import StoreError
from bot.links import DEFAULT_PORTS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime

    from bot.sources.fetcher import Fetcher
    from bot.sources.response import Response
    from bot.store.protocol import Store

RENEWALS = 3  # within a lease
LEAVE_S = 1.0  # a store that is away must not hold up a stop
_AGAIN_S = (0.02, 0.05, 0.1, 0.25)


@dataclass(slots=True)
class _Turn:
    """What the tasks of this run wait for before they ask the store."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    wanted: int = 0


class Leases:
    """The pieces of work that this run has."""

    def __init__(
        self,
        store: Store,
        owner: str,
        *,
        clock: Callable[[], datetime],
        lease_s: float,
        shared: bool,
    ) -> None:
        self._store = store
        self._owner = owner
        self._clock = clock
        self._lease_s = lease_s
        self.shared = shared
        self._held: dict[str, float] = {}  # until when it is ours, by the loop's clock
        self._turns: dict[str, _Turn] = {}

    async def take(self, name: str) -> bool:
        """Take a piece of work, or keep it; False while another run has it."""
        if not self.shared:
            return True
        now = asyncio.get_running_loop().time()
        # The last renewal speaks for itself, up to the next one but one.
        if self._held.get(name, 0.0) - now > self._lease_s * (1 - 2 / RENEWALS):
            return True
        return await self._ask(name)

    async def leave(self, name: str) -> None:
        """Give a piece of work to whoever wants it."""
        if self._held.pop(name, None) is not None:
            with contextlib.suppress(StoreError, TimeoutError):  # then it ends by itself
                async with asyncio.timeout(LEAVE_S):
                    await self._store.leave(name, self._owner)

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncIterator[bool]:
        """Have a piece of work for the block, if nobody else has it: gives whether."""
        taken = await self.take(name)
        try:
            yield taken
        finally:
            if taken:
                await self.leave(name)

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[None]:
        """Have for the block what is everybody's in turn; waits for it."""
        if not self.shared:
            yield
            return
        turn = self._turns.setdefault(name, _Turn())
        turn.wanted += 1
        try:
            async with turn.lock:
                tries = 0
                while not await self.take(name):
                    await asyncio.sleep(_AGAIN_S[min(tries, len(_AGAIN_S) - 1)])
                    tries += 1
                try:
                    yield
                finally:
                    await self.leave(name)
        finally:
            turn.wanted -= 1
            if not turn.wanted:
                del self._turns[name]

    async def renew(self) -> None:
        """Renew once what is held; what another run has got meanwhile is held no longer."""
        for name in list(self._held):
            if await self._ask(name) and name not in self._held:
                await self._store.leave(name, self._owner)  # left while it was being renewed

    async def run(self) -> None:
        """Renew until cancelled. A store that is away renews nothing, and gives to nobody."""
        while True:
            await asyncio.sleep(self._lease_s / RENEWALS)
            try:
                await self.renew()
            except StoreError:
                continue

    def doubt(self) -> None:
        """Ask anew for what is held: this machine may have slept."""
        self._held = dict.fromkeys(self._held, 0.0)

    async def close(self) -> None:
        """Leave everything, so that the others go on at once. A store that is away is not
        waited for: the leases end by themselves."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LEAVE_S):
                await asyncio.gather(*(self.leave(name) for name in list(self._held)))

    async def _ask(self, name: str) -> bool:
        loop = asyncio.get_running_loop()
        known, asked_at = name in self._held, loop.time()
        taken = await self._store.lease(name, self._owner, self._clock(), self._lease_s)
        if not taken:
            self._held.pop(name, None)
        elif not known or name in self._held:
            self._held[name] = asked_at + self._lease_s
        return taken


class PoliteFetcher:
    """A fetcher that asks a host once at a time, however many runs share the store."""

    def __init__(self, fetcher: Fetcher, leases: Leases) -> None:
        self._fetcher = fetcher
        self._leases = leases

    async def fetch(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        accept: str | None = None,
    ) -> Response:
        """Give the document at an address, as ``Fetcher.fetch`` does."""
        async with self._leases.turn(f"host:{host_of(url)}"):
            return await self._fetcher.fetch(
                url, etag=etag, last_modified=last_modified, accept=accept
            )


def host_of(url: str) -> str:
    """Give host and port of an address, as leases name them."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""  # no address: nobody will be asked
    return f"{parts.hostname}:{port or DEFAULT_PORTS.get(parts.scheme, parts.scheme)}"
