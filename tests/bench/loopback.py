"""Bot API servers on loopback, each in a process of its own: what clients are measured against."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.demo.botapi import BotApi
from bot.demo.faults import Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

TOKEN = "123456:demo"
TEXT = "<b>DeepSeek öz süni zəka modelinə daha çox resurs sərf edib</b>\n\n" + "Xəbər. " * 40

_TAG = re.compile(r"<[^>]+>")


@dataclass(slots=True)
class Served:
    """A server of another process: where it is, and what it told when it was asked to end."""

    url: str
    pipe: Connection
    told: Any = None

    def end(self) -> Any:
        """Stop it; gives what it tells."""
        self.pipe.send("end")
        self.told = self.pipe.recv()
        return self.told


@contextmanager
def served(target: Callable[..., None], *arguments: object) -> Iterator[Served]:
    """Give a server that runs meanwhile."""
    here, there = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=target, args=(there, *arguments), daemon=True)
    process.start()
    server = Served(here.recv(), here)
    try:
        yield server
    finally:
        if server.told is None:
            process.terminate()
        process.join(5)


def canned(pipe: Connection, latency_s: float = 0.0) -> None:
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
        pipe.send("ended")

    asyncio.run(serve())


def strict(
    pipe: Connection, people: int, channels: int, per_second: int = 0, latency_s: float = 0.0
) -> None:
    """Serve as Telegram does; tell at the end what arrived: (time, chat, first line) of what was
    taken, and how often it said 429. ``per_second`` 0: no limits. Channels are -1, -2, ..."""

    async def serve() -> None:
        limits = Limits(per_second=per_second) if per_second else None
        api = BotApi(TOKEN, limits=limits, latency_s=latency_s)
        for chat in range(1, people + 1):
            api.person(f"Oxucu {chat}", id=chat).chat.started = True
        for chat in range(1, channels + 1):
            api.channel(f"Kanal {chat}", id=-chat)
        await api.start()
        pipe.send(api.url)
        await asyncio.get_running_loop().run_in_executor(None, pipe.recv)
        taken = [
            (
                call.at,
                call.chat_id,
                _TAG.sub("", str(call.params.get("text", ""))).split("\n", 1)[0],
            )
            for call in api.calls
            if call.ok and call.method == "sendMessage"
        ]
        pipe.send((taken, sum(call.error_code == 429 for call in api.calls)))
        await api.stop()

    asyncio.run(serve())
