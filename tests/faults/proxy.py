"""A TCP proxy between a bot and its Redis, on loopback, that cuts replies or goes away.

A request is carried to the server, and carried out there; where ``cut`` says so its reply is
thrown away and the connection is closed, as by a network that fails at the worst moment.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Self

_CHUNK = 65536
_NAME = re.compile(rb"\*\d+\r\n\$\d+\r\n([A-Za-z]+)\r\n")
# What a client says before its first request.
_GREETINGS = frozenset({"HELLO", "AUTH", "CLIENT", "SELECT", "PING", "INFO"})


def first_tries() -> Callable[[bytes], bool]:
    """Give what cuts the reply to each request the first time that it is made."""
    seen: set[bytes] = set()

    def cut(request: bytes) -> bool:
        mark = hashlib.sha256(request).digest()
        fresh = mark not in seen
        seen.add(mark)
        return fresh

    return cut


class Proxy:
    """Stands before a Unix socket; counts the replies that it carried or threw away (``turns``)
    and those that it threw away (``cuts``)."""

    def __init__(self, target: Path, cut: Callable[[bytes], bool] | None = None) -> None:
        self.cuts = 0
        self.turns = 0
        self.port = 0
        self._target = target
        self._cut = cut
        self._server: asyncio.Server | None = None
        self._links: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The store.url of the server behind."""
        return f"redis://127.0.0.1:{self.port}/0"

    async def start(self) -> None:
        """Listen; again after ``stop`` on the same port."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Refuse connections and cut those that there are."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for link in list(self._links):
            link.cancel()
        await asyncio.gather(*self._links, return_exceptions=True)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = asyncio.ensure_future(self._carry(reader, writer))
        self._links.add(link)
        link.add_done_callback(self._links.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            up_reader, up_writer = await asyncio.open_unix_connection(str(self._target))
        except OSError:
            writer.transport.abort()
            return
        request = bytearray()

        async def there() -> None:
            while data := await reader.read(_CHUNK):
                request.extend(data)
                up_writer.write(data)
                await up_writer.drain()

        async def back() -> None:
            while data := await up_reader.read(_CHUNK):
                asked = bytes(request)
                request.clear()
                self.turns += bool(asked)
                if asked and self._cuts(asked):
                    self.cuts += 1
                    return
                writer.write(data)
                await writer.drain()

        ways = [asyncio.ensure_future(there()), asyncio.ensure_future(back())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            writer.transport.abort()
            up_writer.transport.abort()

    def _cuts(self, request: bytes) -> bool:
        if self._cut is None:
            return False
        name = _NAME.match(request)
        greets = name is not None and name[1].decode().upper() in _GREETINGS
        return not greets and self._cut(request)
