"""Updates by webhook: handled, then answered with 200; and the probes of the web port."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from structlog.testing import CapturingLogger
from yarl import URL

from bot.demo.botapi import BotApi
from bot.errors import StoreError, TelegramError, XeberciError
from bot.lanes import Lanes
from bot.readiness import Readiness
from bot.store import open_store
from bot.telegram import Telegram
from bot.web import MAX_BODY, WebPort
from bot.webhook import SECRET_HEADER, Webhook, parse, secret_token
from tests.functional.delivery_stage import now, until
from tests.functional.newsroom import Newsroom, running, stage
from tests.functional.program import xeberci

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from bot.lanes import Update
    from bot.store.protocol import Store

SECRET = "gizli-soz_1"
PATH = "/tg/xeberci"


@dataclass
class Hook:
    """A worker that takes updates, and a caller of it."""

    port: WebPort
    webhook: Webhook
    log: CapturingLogger
    session: aiohttp.ClientSession

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port.port}"

    async def post(
        self, body: object, *, secret: str | None = SECRET, path: str = PATH, **more: Any
    ) -> int:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {} if secret is None else {SECRET_HEADER: secret}
        async with self.session.post(self.url + path, data=data, headers=headers, **more) as answer:
            return answer.status

    async def get(self, path: str) -> tuple[int, str]:
        async with self.session.get(self.url + path) as answer:
            return answer.status, await answer.text()

    def lines(self, level: str) -> list[str]:
        return [str(call.args[0]) for call in self.log.calls if call.method_name == level]


@asynccontextmanager
async def hook(
    store: Store,
    handle: Callable[[Update], Awaitable[None]],
    *,
    owner: str = "a",
    server: BotApi | None = None,
) -> AsyncIterator[Hook]:
    """A worker behind a port; with a ``server`` it sets the webhook there."""
    log = CapturingLogger()
    lanes = Lanes(handle, store, owner=owner, clock=now, log=log)
    port = WebPort("127.0.0.1:0", Readiness(()), hook=f"https://x{PATH}")
    await port.open(("127.0.0.1", 0), shared=False)
    telegram = Telegram(server.url if server else "http://127.0.0.1:9", "123456:demo")
    webhook = Webhook(
        telegram,
        lanes,
        url=f"http://127.0.0.1:{port.port}{PATH}",
        secret=SECRET,
        allowed_updates=["message"],
        log=log,
    )
    port.updates = webhook.answer
    task = asyncio.create_task(webhook.run()) if server else None
    async with aiohttp.ClientSession() as session:
        try:
            yield Hook(port, webhook, log, session)
        finally:
            await port.stop_listening()
            await webhook.drain(2.0)
            await port.close()
            await telegram.close()
            if task:
                await task


@pytest.fixture
async def server() -> AsyncIterator[BotApi]:
    api = BotApi()
    await api.start()
    yield api
    await api.stop()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = open_store("", tmp_path)
    await opened.open(exclusive=True)
    yield opened
    await opened.close()


class Taken:
    """A handler that notes what it was given."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def __call__(self, update: Update) -> None:
        self.texts.append(update["message"]["text"])


def message(update_id: int, text: str, chat_id: int = 7) -> dict[str, Any]:
    return {"update_id": update_id, "message": {"chat": {"id": chat_id}, "text": text}}


# -- the route ----------------------------------------------------------------------------


async def test_an_update_is_answered_after_it_was_handled(store: Store) -> None:
    go, taken = asyncio.Event(), Taken()

    async def handle(update: Update) -> None:
        await go.wait()
        await taken(update)

    async with hook(store, handle) as worker:
        posted = asyncio.create_task(worker.post(message(1, "salam")))
        await asyncio.sleep(0.1)
        assert not posted.done()
        go.set()
        assert await posted == 200
    assert taken.texts == ["salam"]


async def test_without_the_secret_nothing_is_taken(store: Store) -> None:
    taken = Taken()
    async with hook(store, taken) as worker:
        assert await worker.post(b"x" * (MAX_BODY + 1), secret="wrong") == 403
        for secret in (None, "", "gizli", SECRET + "x", "ə"):
            assert await worker.post(message(1, "salam"), secret=secret) == 403
        assert len(worker.lines("warning")) == 1
        assert SECRET not in str(worker.log.calls)
    assert taken.texts == []


async def test_a_body_may_have_a_mebibyte_and_no_byte_more(store: Store) -> None:
    async def chunks(size: int) -> AsyncIterator[bytes]:
        for start in range(0, size, 65_536):
            yield b" " * min(65_536, size - start)

    taken = Taken()
    async with hook(store, taken) as worker:
        update = json.dumps(message(1, "böyük")).encode()
        assert await worker.post(update.ljust(MAX_BODY)) == 200
        assert await worker.post(update.ljust(MAX_BODY + 1)) == 413
        async with worker.session.post(
            worker.url + PATH, data=chunks(MAX_BODY + 1), headers={SECRET_HEADER: SECRET}
        ) as answer:
            assert answer.status == 413
    assert taken.texts == ["böyük"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"[" * 100_000,
        b"{}",
        b'{"update_id": "1"}',
        b'{"update_id": true}',
        b'{"update_id": -1}',
        b'{"update_id": 9223372036854775808}',
    ],
)
def test_what_has_no_number_is_no_update(body: bytes) -> None:
    assert parse(body) is None


async def test_what_is_no_update_is_refused_and_told_once(store: Store) -> None:
    async with hook(store, Taken()) as worker:
        assert await worker.post(b"{") == 400
        assert await worker.post([]) == 400
        assert len(worker.lines("warning")) == 1


async def test_there_is_nothing_elsewhere(store: Store) -> None:
    async with hook(store, Taken()) as worker:
        assert await worker.post(message(1, "x"), path="/") == 404
        assert await worker.post(message(1, "x"), path=PATH + "/") == 404
        assert (await worker.get("/metrics"))[0] == 404
        assert (await worker.get(PATH))[0] == 405


@pytest.mark.parametrize(
    "path", ["", "/", "/123:ABC-d_e", "/a%20b/ə", "/{x}", "/a%2Fb", "/tg/?bot=1"]
)
async def test_any_path_can_be_the_webhooks(path: str) -> None:
    port = WebPort("", Readiness(()), hook=f"https://bot.az{path}")
    await port.open(("127.0.0.1", 0), shared=False)
    called = URL(
        f"http://127.0.0.1:{port.port}{URL(f'https://bot.az{path}').raw_path_qs}", encoded=True
    )
    async with aiohttp.ClientSession() as session, session.post(called) as answer:
        assert answer.status == 503  # nobody takes updates yet
    await port.close()


async def test_an_update_that_cannot_be_handled_does_not_come_for_ever(store: Store) -> None:
    async def fail(_: Update) -> None:
        raise ValueError

    async with hook(store, fail) as worker:
        assert await worker.post({"update_id": 1}) == 200
        assert len(worker.lines("exception")) == 1


async def test_an_update_comes_again_where_the_store_fails(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.webhook.STORE_PATIENCE_S", 0.02)
    failing, taken = True, Taken()

    async def handle(update: Update) -> None:
        if failing:
            raise StoreError("away")
        await taken(update)

    async with hook(store, handle) as worker:
        assert await worker.post(message(1, "salam")) == 503
        failing = False
        monkeypatch.setattr("bot.webhook.STORE_PATIENCE_S", 5.0)
        assert await worker.post(message(1, "salam")) == 200
        assert await worker.post(message(1, "salam")) == 200
    assert taken.texts == ["salam"]


async def test_an_update_that_takes_long_comes_again_and_is_handled_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.webhook.STORE_PATIENCE_S", 0.05)
    monkeypatch.setattr("bot.webhook.PATIENCE_S", 0.1)
    go, taken = asyncio.Event(), Taken()

    async def handle(update: Update) -> None:
        await go.wait()
        await taken(update)

    async with hook(store, handle) as worker, hook(store, handle, owner="b") as other:
        assert await worker.post(message(1, "uzun")) == 503
        assert await worker.post(message(1, "uzun")) == 503
        assert await other.post(message(1, "uzun")) == 503
        go.set()
        await until(lambda: taken.texts)
        monkeypatch.setattr("bot.webhook.PATIENCE_S", 5.0)
        assert await other.post(message(1, "uzun")) == 200
        assert await worker.post(message(1, "uzun")) == 200
    assert taken.texts == ["uzun"]


async def test_two_workers_handle_an_update_once_and_a_chat_in_order(store: Store) -> None:
    taken = Taken()

    async def handle(update: Update) -> None:
        await asyncio.sleep(0.05)
        await taken(update)

    async with hook(store, handle) as one, hook(store, handle, owner="b") as two:
        posts = [asyncio.create_task(one.post(message(1, "1")))]
        await asyncio.sleep(0.02)
        posts += [asyncio.create_task(two.post(message(n, str(n)))) for n in (1, 2)]
        assert await asyncio.gather(*posts) == [200, 200, 200]
    assert taken.texts == ["1", "2"]


async def test_a_stop_finishes_what_is_handled_and_sends_the_rest_back(store: Store) -> None:
    go, taken = asyncio.Event(), Taken()

    async def handle(update: Update) -> None:
        await go.wait()
        await taken(update)

    async with hook(store, handle) as worker:
        assert await worker.post(message(0, "x"), secret="y") == 403  # a connection to keep
        first = asyncio.create_task(worker.post(message(1, "1")))
        behind = asyncio.create_task(worker.post(message(2, "2")))
        await asyncio.sleep(0.05)
        draining = asyncio.create_task(worker.webhook.drain(5))
        await asyncio.sleep(0.05)
        assert await worker.post(message(3, "3")) == 503
        go.set()
        await draining
        assert (await first, await behind) == (200, 503)
    assert taken.texts == ["1"]


# -- Telegram's side ----------------------------------------------------------------------


async def test_the_webhook_is_set_with_all_that_telegram_must_know(
    server: BotApi, store: Store
) -> None:
    await server.person("Aygün").send("gözləyən")
    taken = Taken()
    async with hook(store, taken, server=server) as worker:
        await until(lambda: taken.texts == ["gözləyən"])
        url = worker.webhook._url
    call = server.calls[0]
    assert [call.method for call in server.calls] == ["setWebhook", "getWebhookInfo"]
    assert call.params == {
        "url": url,
        "secret_token": SECRET,
        "allowed_updates": ["message"],
        "max_connections": 64,
    }
    assert server.rejected == []
    assert server.stage.updates.webhook  # a stop leaves it


async def test_an_address_that_telegram_refuses_ends_the_bot_with_a_line(
    server: BotApi, store: Store
) -> None:
    server.fail(
        "setWebhook",
        error_code=400,
        description="Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443",
    )
    async with hook(store, Taken()) as worker:
        worker.webhook._telegram = telegram = Telegram(server.url, server.token)
        with pytest.raises(ExceptionGroup) as raised:
            await worker.webhook.run()
        await telegram.close()
    assert raised.group_contains(TelegramError, match=r"telegram\.webhook_url: .*only on ports")


async def test_a_webhook_is_set_when_telegram_answers_again(
    server: BotApi, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.trouble.PAUSES_S", (0.02,))
    monkeypatch.setattr("bot.webhook._REFUSED_AGAIN_S", 0.02)
    server.fail("setWebhook", times=2, error_code=502)
    server.fail(
        "setWebhook",
        error_code=400,
        description="Bad Request: bad webhook: Failed to resolve host: Name or service not known",
    )
    taken = Taken()
    await server.person("Aygün").send("salam")
    async with hook(store, taken, server=server) as worker:
        await until(lambda: taken.texts == ["salam"])
        assert worker.lines("info") == ["updates come in again"]
        assert len(worker.lines("warning")) == 1


async def test_what_telegram_knows_of_the_webhook_is_told_here(
    server: BotApi, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.webhook.WATCH_S", 0.05)
    async with hook(store, Taken(), server=server) as worker:
        await until(lambda: len(server.calls) > 2)
        assert worker.lines("warning") == []
        worker.port.updates = None  # as behind a proxy whose bot is down
        await server.person("Aygün").send("salam")
        await until(lambda: worker.lines("warning"))
        assert "webhook_url" in worker.lines("warning")[0]
        telegram = Telegram(server.url, server.token)
        await telegram.call("deleteWebhook", {})
        await telegram.close()
        await until(lambda: worker.lines("error"))
        calls = len(server.calls)
        await until(lambda: len(server.calls) > calls + 2)
        assert len(worker.lines("error")) == 1


def test_the_secret_is_the_configured_one_or_the_same_in_every_worker() -> None:
    assert secret_token("mine", "123456:demo") == "mine"
    derived = secret_token("", "123456:demo")
    assert derived == secret_token("", "123456:demo") != secret_token("", "123456:other")
    assert len(derived) == 64
    assert derived.isalnum()


# -- the port -----------------------------------------------------------------------------


async def test_a_port_in_use_is_told_in_a_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        for shared in (False, True):
            port = WebPort(f"127.0.0.1:{number}", Readiness(()))
            with pytest.raises(XeberciError, match=r"^web\.listen: 127\.0\.0\.1:\d+ cannot be"):
                await port.open(("127.0.0.1", number), shared=shared)


@pytest.mark.parametrize("host", ["203.0.113.7", "no-such-host.invalid"])
async def test_a_place_that_is_not_here_is_told_in_a_line(host: str) -> None:
    port = WebPort(f"{host}:8080", Readiness(()))
    with pytest.raises(XeberciError, match=r"^web\.listen: .* cannot be used: "):
        await port.open((host, 8080), shared=False)


async def test_workers_of_one_machine_may_share_a_port() -> None:
    ports = [WebPort("", Readiness(())) for _ in range(2)]
    await ports[0].open(("127.0.0.1", 0), shared=True)
    await ports[1].open(("127.0.0.1", ports[0].port), shared=True)
    for port in ports:
        await port.close()


async def test_a_bot_is_ready_when_sources_store_and_telegram_are(store: Store) -> None:
    polled, silent = asyncio.Event(), "Telegram does not answer: timed out"
    readiness = Readiness(["sayt.az"])
    assert await readiness.reasons() == [
        "the store did not answer yet",
        "Telegram did not answer yet",
    ]
    readiness.store, readiness.polled = store, polled
    assert await readiness.reasons() == ["no source was polled yet", "Telegram did not answer yet"]

    async def why() -> str:
        return silent

    readiness.telegram = why
    polled.set()
    assert await readiness.reasons() == [silent]
    silent = ""
    assert await readiness.reasons() == []
    readiness.stopping = True
    assert await readiness.reasons() == ["the bot is stopping"]


async def test_a_bot_without_sources_does_not_wait_for_a_poll_and_a_closed_store_is_told(
    store: Store,
) -> None:
    readiness = Readiness(())
    readiness.store = store
    assert await readiness.reasons() == ["Telegram did not answer yet"]
    await store.close()
    assert "closed" in (await readiness.reasons())[0]


# -- the whole bot ------------------------------------------------------------------------


async def test_the_whole_bot_answers_by_webhook_and_tells_how_it_is(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        listen = f"127.0.0.1:{free.getsockname()[1]}"
    async with stage(tmp_path, "Xəbər", web={"listen": listen}) as (site, api, polling):
        telegram = polling.telegram.model_copy(
            update={"mode": "webhook", "webhook_url": f"http://{listen}/tg"}
        )
        settings = polling.model_copy(update={"telegram": telegram})
        person = api.person("Aygün")
        async with running(settings) as app, aiohttp.ClientSession() as session:
            room = Newsroom(site, api, app)
            await room.first_poll()
            await person.send("/abune DeepSeek")
            assert len(await room.posts(person.id, 2)) == 2
            async with session.get(f"http://{listen}/healthz") as answer:
                assert answer.status == 200
            async with session.get(f"http://{listen}/readyz") as answer:
                assert (answer.status, await answer.json()) == (200, {"ready": True})
            api.revoke_token()
            await asyncio.sleep(2.1)
            async with session.get(f"http://{listen}/readyz") as answer:
                assert answer.status == 503
                assert "Telegram does not answer" in (await answer.json())["reason"]
            api.restore_token()
        await person.send("/abuneliklerim")
        async with running(settings) as app:
            posts = await Newsroom(site, api, app).posts(person.id, 4)
    assert "DeepSeek" in posts[3]
    assert [call.method for call in api.calls].count("setWebhook") == 2
    assert "deleteWebhook" not in [call.method for call in api.calls]


async def test_a_bot_that_cannot_listen_or_be_called_ends_with_one_line(
    tmp_path: Path, server: BotApi
) -> None:
    server.fail(
        "setWebhook",
        error_code=400,
        description="Bad Request: bad webhook: An HTTPS URL must be provided for webhook",
    )
    environment = {
        "BOT_TOKEN": server.token,
        "XEBERCI_SOURCES": "[]",
        "XEBERCI_TELEGRAM__API_URL": server.url,
        "XEBERCI_TELEGRAM__MODE": "webhook",
        "XEBERCI_TELEGRAM__WEBHOOK_URL": "http://bot.az/tg",
    }
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        ran = await xeberci(tmp_path, "run", XEBERCI_WEB__LISTEN=listen, **environment)
    assert ran.status == 1
    assert ran.err.splitlines()[-1].startswith(f"xeberci: web.listen: {listen} cannot be used: ")
    ran = await xeberci(tmp_path, "run", XEBERCI_WEB__LISTEN=listen, **environment)
    assert ran.status == 1
    assert "telegram.webhook_url: Bad Request" in ran.err.splitlines()[-1]
