"""Any number of runs on one Redis: they share the work, and none is special."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.search.lock import is_kept
from tests.contract.redis_fixtures import RedisServer
from tests.functional.newsroom import Newsroom, NewsSite, Story, newsroom, running, stage
from tests.functional.program import xeberci
from tests.functional.runs import program

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from bot.app import App
    from bot.demo.botapi import BotApi

CHANNEL_ID = -1001000000001
LEASE = "60s"  # longer than any test: who waits for one to end fails
DELIVERY = {"chat_interval": 0, "messages_per_second": 0, "lease": LEASE}


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@dataclass
class BusySite(NewsSite):
    """A site that takes its time, and counts how many ask it at once."""

    now: int = 0
    most: int = 0
    asked_at: list[float] = field(default_factory=list)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.now += 1
        self.most = max(self.most, self.now)
        self.asked_at.append(asyncio.get_running_loop().time())
        try:
            await asyncio.sleep(0.03)
            return await super()._answer(request)
        finally:
            self.now -= 1


def with_channel(api: BotApi) -> dict[str, Any]:
    api.channel("Xəbərlər", id=CHANNEL_ID)
    return {"channels": [{"chat": CHANNEL_ID}]}


@asynccontextmanager
async def two(
    folder: Path, redis: RedisServer, *stories: Story | str, **overrides: Any
) -> AsyncIterator[tuple[Newsroom, App]]:
    """Run two bots on one Redis, one site and one server."""
    settings = {"store": {"url": redis.url}, "delivery": DELIVERY, "prepare": with_channel}
    async with (
        newsroom(folder, *stories, **(settings | overrides)) as room,
        running(room.app.settings) as other,
    ):
        yield room, other


async def test_an_article_goes_out_once_and_in_order(tmp_path: Path, redis: RedisServer) -> None:
    async with two(tmp_path, redis) as (room, _):
        await room.first_poll()
        for start in range(0, 40, 8):
            room.site.publish(*(f"Xəbər {number:02}" for number in range(start, start + 8)))
            await asyncio.sleep(0.2)
        posts = await room.posts(CHANNEL_ID, 40)
    assert [post.splitlines()[0] for post in posts] == [f"Xəbər {n:02}" for n in range(40)]
    assert room.api.rejected == []


async def test_pages_are_asked_for_once_and_go_out_in_order(
    tmp_path: Path, redis: RedisServer
) -> None:
    async with two(tmp_path, redis) as (room, _):
        await room.first_poll()
        room.site.publish(*(Story(f"Kəsik {n}", cut=True, slug=f"k{n}") for n in range(8)))
        posts = await room.posts(CHANNEL_ID, 8)
        asked = [path for path, _ in room.site.requests if path.startswith("/p/")]
    assert sorted(asked) == [f"/p/k{n}" for n in range(8)]
    assert sorted(post.splitlines()[0] for post in posts) == [f"Kəsik {n}" for n in range(8)]


async def test_a_host_is_asked_once_at_a_time_and_at_its_pace(
    tmp_path: Path, redis: RedisServer
) -> None:
    site = BusySite()
    await site.start()
    overrides: dict[str, Any] = {
        "store": {"url": redis.url},
        "delivery": DELIVERY,
        "sources": [
            {"name": name, "url": f"{site.url}/{name}", "every": "500ms"} for name in ("bir", "iki")
        ],
    }
    for name in ("bir", "iki"):
        site.answers[f"/{name}"] = lambda _: tagged(site)
    try:
        async with stage(tmp_path, **overrides) as (_, _, options), AsyncExitStack() as runs:
            for _ in range(3):
                await runs.enter_async_context(running(options))
            site.publish(*(Story(f"Kəsik {n}", cut=True) for n in range(5)))
            before, began = len(feeds(site)), site.asked_at[-1]
            async with asyncio.timeout(20):
                while len(feeds(site)) < before + 12:
                    await asyncio.sleep(0.02)
            passed_s = site.asked_at[-1] - began
    finally:
        await site.stop()
    assert site.most == 1
    assert len(feeds(site)) - before <= 2 * (passed_s / 0.5 + 2)
    # What one run was told of a source is what the others ask with.
    assert sum(headers.get("If-None-Match") is None for _, headers in feeds(site)) <= 2


def feeds(site: NewsSite) -> list[tuple[str, dict[str, str]]]:
    return [(path, headers) for path, headers in site.requests if path in {"/bir", "/iki"}]


def tagged(site: NewsSite) -> web.Response:
    return web.Response(
        text=site.feed(),
        content_type="application/rss+xml",
        headers={"ETag": f'"{len(site.stories)}"'},
    )


async def test_one_that_stops_leaves_its_work_to_the_other_at_once(
    tmp_path: Path, redis: RedisServer
) -> None:
    settings: dict[str, Any] = {"store": {"url": redis.url}, "delivery": DELIVERY}
    async with (
        stage(tmp_path, prepare=with_channel, **settings) as (site, api, options),
        AsyncExitStack() as later,
    ):
        async with running(options) as first:
            await Newsroom(site, api, first).first_poll()
            second = await later.enter_async_context(running(options))
            site.publish(Story("Birinci", cut=True))
            await Newsroom(site, api, first).posts(CHANNEL_ID, 1)
        site.publish(Story("İkinci", cut=True))
        aysel = api.person("Aysel")
        await aysel.send("/abune DeepSeek")
        await Newsroom(site, api, second).posts(CHANNEL_ID, 2)
        await api.wait_for(aysel.id, lambda s: "abunə oldunuz" in s.text, 10)


async def test_each_has_an_index_of_its_own_that_finds_what_was_imported(
    tmp_path: Path, redis: RedisServer
) -> None:
    async with two(tmp_path, redis, "DeepSeek yeni model buraxdı") as (room, other):
        await room.archived(1)
        file = tmp_path / "köhnə.jsonl"
        file.write_text('{"url": "https://a.az/1", "title": "Kvant kompüteri"}\n')
        env = {"XEBERCI_DATA_DIR": str(tmp_path), "XEBERCI_STORE__URL": redis.url}
        assert (await xeberci(tmp_path, "import", str(file), **env)).status == 0
        for app in (room.app, other):
            async with asyncio.timeout(10):
                while not (await app.archive.search("kvant")).hits:
                    await asyncio.sleep(0.05)
            assert (await app.archive.search("deepseek")).total == 1
        found = await xeberci(tmp_path, "search", "kvant", "--json", **env)
        assert [hit["url"] for hit in found.json[0]["hits"]] == ["https://a.az/1"]
        assert is_kept(tmp_path / "search")
        assert is_kept(tmp_path / "search-2")
    assert not is_kept(tmp_path / "search")


async def test_two_that_release_held_posts_keep_to_the_cap_of_the_hour(
    tmp_path: Path, redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.app.HELD_TICK_S", 0.1)

    def capped(api: BotApi) -> dict[str, Any]:
        api.channel("Xəbərlər", id=CHANNEL_ID)
        return {"channels": [{"chat": CHANNEL_ID, "max_per_hour": 3}]}

    async with two(tmp_path, redis, prepare=capped) as (room, _):
        await room.first_poll()
        room.site.publish(*(f"Xəbər {number}" for number in range(9)))
        await room.posts(CHANNEL_ID, 3)
        await asyncio.sleep(0.5)
        assert len(room.api.timeline(CHANNEL_ID)) == 3


async def test_a_store_that_goes_away_is_told_once_and_everything_goes_on_when_it_is_back(
    tmp_path: Path, redis: RedisServer
) -> None:
    with capture_logs() as lines:
        async with two(tmp_path, redis) as (room, _):
            await room.first_poll()
            room.site.publish("Əvvəl")
            await room.posts(CHANNEL_ID, 1)
            redis.kill()
            await asyncio.sleep(7)
            room.site.publish("Sonra")
            redis.start()
            async with asyncio.timeout(20):
                await room.posts(CHANNEL_ID, 2)
    about = [line["event"] for line in lines if line["log_level"] in {"warning", "error"}]
    # A line a run, and one each of what has Telegram's answers in its hands.
    assert 0 < len(about) <= 6, about


async def test_a_store_that_is_not_there_yet_is_waited_for(
    tmp_path: Path, redis: RedisServer
) -> None:
    redis.kill()
    settings: dict[str, Any] = {"store": {"url": redis.url}, "delivery": DELIVERY}

    async def bring_it() -> None:
        async with asyncio.timeout(10):
            while not said(lines):
                await asyncio.sleep(0.05)
        redis.start()

    with capture_logs() as lines:
        async with stage(tmp_path, prepare=with_channel, **settings) as (_, _, options):
            bringing = asyncio.create_task(bring_it())
            async with running(options) as app:
                await bringing
                assert app.ready.is_set()
    assert len(said(lines)) == 1


def said(lines: list[Any]) -> list[str]:
    return [line["event"] for line in lines if "cannot be reached" in line["event"]]


async def test_the_doctor_tells_of_a_store_that_is_away_and_of_one_that_is_there(
    tmp_path: Path, redis: RedisServer
) -> None:
    env = {"XEBERCI_DATA_DIR": str(tmp_path), "XEBERCI_STORE__URL": redis.url}
    assert "ok store" in (await xeberci(tmp_path, "doctor", **env)).out
    redis.kill()
    away = await xeberci(tmp_path, "doctor", **env)
    assert away.status == 1
    (line,) = [line for line in away.out.splitlines() if " store" in line]
    assert line.startswith(f"xəta store: the store {redis.url}?db=0 cannot be reached")


async def test_a_run_stops_in_time_while_the_store_is_away(
    tmp_path: Path, redis: RedisServer
) -> None:
    settings: dict[str, Any] = {"store": {"url": redis.url}, "delivery": DELIVERY}
    async with stage(tmp_path, prepare=with_channel, **settings) as (site, api, options):
        async with program(options) as bot:
            await bot.said("is at work")
            redis.kill()
            site.publish("Yolda olan")
            await api.person("Aysel").send("/abune DeepSeek")
            await bot.said("cannot be reached")
            assert await bot.stop() == 0
        async with program(options, "waiting") as bot:
            await bot.said("cannot be reached")
            assert await bot.stop() == 0
