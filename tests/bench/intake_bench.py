"""Updates by webhook: the whole way of ``/abune``, beside an empty handler of aiohttp.

Each update is another person's, follows a topic in the store, and is answered by a message. The
load and the Bot API that takes the answers are one process more.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from bot import config
from bot.archive import Archive
from bot.desk import Desk, settle
from bot.leases import Leases
from bot.patience import Patience
from bot.readiness import Readiness
from bot.search.index import SearchIndex
from bot.store import open_store
from bot.web import WebPort
from bot.webhook import SECRET_HEADER, secret_token
from handlers import register
from tests.bench.figures import quantile, say
from tests.bench.loopback import TEXT, TOKEN, served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from multiprocessing.connection import Connection

UPDATES = 6_000
WARM_UP = 500
CONNECTIONS = 16
TOPICS = ("DeepSeek", "süni zəka", "iPhone 18", "Samsung", "kvant kompüteri", "OpenAI", "Bakı")
BOT = {"id": 123456, "is_bot": True, "first_name": "Xəbərçi", "username": "xeberci_bot"}


def main() -> None:
    """Print the figures."""
    asyncio.run(_figures())


async def _figures() -> None:
    async with _empty() as port:
        empty = await _measure(port, "/tg", "")
    with served(api) as server, tempfile.TemporaryDirectory() as folder:
        async with _bot(server.url, Path(folder)) as port:
            whole = await _measure(port, "/tg", secret_token("", TOKEN))
    say("updates by webhook, an effect and an answer", whole, "≥ 1,000/s, p99 < 50 ms", empty)


# -- what is measured ---------------------------------------------------------------------


@asynccontextmanager
async def _empty() -> AsyncIterator[int]:
    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.Response()

    app = web.Application()
    app.router.add_post("/tg", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


@asynccontextmanager
async def _bot(api_url: str, folder: Path) -> AsyncIterator[int]:
    telegram = {"api_url": api_url, "mode": "webhook", "webhook_url": "https://bot.az/tg"}
    environment = {
        "BOT_TOKEN": TOKEN,
        "XEBERCI_DATA_DIR": str(folder),
        "XEBERCI_TELEGRAM": json.dumps(telegram),
        "XEBERCI_WEB__LISTEN": "127.0.0.1:0",
        "XEBERCI_DELIVERY__MESSAGES_PER_SECOND": "0",
    }
    settings = config.load(None, environment)
    store = open_store("", folder)
    await store.open(exclusive=True)
    index = SearchIndex(folder / "search")
    index.open()
    archive = Archive(store, index, _now)
    leases = Leases(store, "bench", clock=_now, lease_s=15, shared=False)
    desk = Desk(
        settings, store, archive, owner="bench", leases=leases, patience=Patience(), clock=_now
    )
    await desk.open(BOT, register)
    await settle()
    port = WebPort("", Readiness(()), hook="https://bot.az/tg")
    port.updates = desk.updates
    await port.open(("127.0.0.1", 0), shared=False)
    running = asyncio.create_task(desk.intake.run())
    yield port.port
    await port.stop_listening()
    await desk.drain()
    await running
    await port.close()
    await desk.close()
    index.close()
    await store.close()


def _now() -> datetime:
    return datetime.now(UTC)


# -- the other side -----------------------------------------------------------------------


def api(pipe: Connection) -> None:
    """Take every call, and give a message for each that is no getMe."""
    message = {"message_id": 7, "date": 1_763_000_000, "chat": {"id": 1, "type": "private"}}
    sent = json.dumps({"ok": True, "result": message | {"text": TEXT}}).encode()
    me = json.dumps({"ok": True, "result": BOT}).encode()

    async def answer(request: web.BaseRequest) -> web.Response:
        await request.read()
        body = me if request.path.endswith("/getMe") else sent
        return web.Response(body=body, content_type="application/json")

    async def serve() -> None:
        runner = web.ServerRunner(web.Server(answer, access_log=None))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        pipe.send(f"http://127.0.0.1:{runner.addresses[0][1]}")
        await asyncio.get_running_loop().run_in_executor(None, pipe.recv)

    asyncio.run(serve())


# -- the load -----------------------------------------------------------------------------


async def _measure(port: int, path: str, secret: str) -> str:
    with served(load, port, path, secret) as loading:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, loading.pipe.recv)  # warmed up
        cpu = time.process_time()
        loading.pipe.send("go")
        wall_s, taken = await loop.run_in_executor(None, loading.pipe.recv)
        cpu = time.process_time() - cpu
        loading.told = "done"
    middle, late = (quantile(taken, part) * 1000 for part in (0.5, 0.99))
    rate = len(taken) / wall_s
    return (
        f"{rate:,.0f}/s, p50 {middle:.1f} ms, p99 {late:.1f} ms, "
        f"{cpu / len(taken) * 1e6:,.0f} µs CPU each"
    )


def load(pipe: Connection, port: int, path: str, secret: str) -> None:
    """Post updates over some connections, as Telegram does: the next when one is answered."""
    pipe.send("")

    async def run() -> None:
        requests = [_request(number, path, secret) for number in range(WARM_UP + UPDATES)]
        await _post_all(port, requests[:WARM_UP])
        pipe.send("warm")
        await asyncio.get_running_loop().run_in_executor(None, pipe.recv)
        began = time.perf_counter()
        taken = await _post_all(port, requests[WARM_UP:])
        pipe.send((time.perf_counter() - began, taken))

    asyncio.run(run())


async def _post_all(port: int, requests: list[bytes]) -> list[float]:
    taken: list[float] = []
    waiting = iter(requests)

    async def post() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in waiting:
            began = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode())
            taken.append(time.perf_counter() - began)
        writer.close()

    await asyncio.gather(*(post() for _ in range(CONNECTIONS)))
    return taken


def _request(number: int, path: str, secret: str) -> bytes:
    person = {"id": 10_000 + number, "is_bot": False, "first_name": "Oxucu"}
    text = f"/abune {TOPICS[number % len(TOPICS)]}"
    update = {
        "update_id": 1_000_000 + number,
        "message": {
            "message_id": 5,
            "date": 1_763_000_000,
            "chat": {"id": person["id"], "type": "private", "first_name": "Oxucu"},
            "from": person,
            "text": text,
            "entities": [{"type": "bot_command", "offset": 0, "length": 6}],
        },
    }
    body = json.dumps(update, ensure_ascii=False).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"{SECRET_HEADER}: {secret}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


if __name__ == "__main__":
    main()
