"""A news site on loopback that a test writes as it goes, and the whole bot beside it."""

from __future__ import annotations

import asyncio
import html
import json
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot import config
from bot.app import App
from bot.demo.botapi import BotApi
from handlers import register

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

TOKEN = "123456:test"
Prepare = Callable[["BotApi"], dict[str, Any]]
LONG = (
    "Şirkət yeni məhsulunu bu gün keçirilən tədbirdə təqdim edib. Cihazın qiyməti 799 dollardan "
    "başlayır və satışa dekabrın 5-də çıxarılacaq. Mütəxəssislər yeniliyin bazardakı rəqabəti "
    "gücləndirəcəyini bildirirlər. Əvvəlki nəsil ötən il 12 milyon ədəd satılmışdı. Şirkət "
    "növbəti rübdə gəlirin 8 faiz artacağını gözləyir. İstehsalın əsas hissəsi Vyetnamdakı "
    "zavodda aparılır. Yeni model üç rəngdə təklif olunacaq."
)


@dataclass
class Story:
    """An article of the test's site."""

    title: str
    text: str = LONG
    age: timedelta = timedelta(minutes=1)
    slug: str = ""
    cut: bool = False
    category: str = "Texnologiya"


@dataclass
class NewsSite:
    """A feed at ``/feed`` and pages at ``/p/SLUG``; ``answers`` overrides a path's answer."""

    stories: list[Story] = field(default_factory=list)
    answers: dict[str, Callable[[web.Request], web.StreamResponse]] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    url: str = ""
    _runner: web.AppRunner | None = None

    def publish(self, *stories: Story | str) -> None:
        """Bring out stories: what the feed lists first is what came last."""
        for story in stories:
            made = Story(story) if isinstance(story, str) else story
            made.slug = made.slug or f"x{len(self.stories)}"
            self.stories.insert(0, made)

    def address(self, story: Story) -> str:
        return f"{self.url}/p/{story.slug}"

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((request.path, dict(request.headers)))
        if (override := self.answers.get(request.path)) is not None:
            return override(request)
        if request.path == "/feed":
            return web.Response(text=self.feed(), content_type="application/rss+xml")
        for story in self.stories:
            if request.path == f"/p/{story.slug}":
                return web.Response(text=page(story), content_type="text/html")
        return web.Response(status=404)

    def feed(self) -> str:
        now = datetime.now(UTC)
        items = "".join(
            f"<item><title>{html.escape(s.title)}</title><link>{self.address(s)}</link>"
            f"<pubDate>{format_datetime(now - s.age)}</pubDate>"
            f"<category>{s.category}</category>"
            f"<description>{html.escape(s.text[:80] + '...' if s.cut else s.text)}"
            "</description></item>"
            for s in self.stories
        )
        return (
            f'<?xml version="1.0"?><rss version="2.0"><channel><title>X</title>'
            f"<link>{self.url}/</link>{items}</channel></rss>"
        )


def page(story: Story) -> str:
    paragraphs = "".join(f"<p>{html.escape(p)}</p>" for p in story.text.split("\n\n"))
    return (
        f'<!DOCTYPE html><html lang="az"><head><meta charset="utf-8"><title>{story.title}</title>'
        f'<meta property="og:type" content="article">'
        f'<meta property="og:title" content="{html.escape(story.title)}"></head>'
        f"<body><article><h1>{html.escape(story.title)}</h1>{paragraphs}"
        "<p>Mənbə: Reuters</p></article></body></html>"
    )


@dataclass
class Newsroom:
    """The site, the stand-in Bot API server and the running bot."""

    site: NewsSite
    api: BotApi
    app: App

    async def first_poll(self) -> None:
        async with asyncio.timeout(10):
            await self.app.poller.first_poll.wait()

    async def archived(self, count: int) -> None:
        async with asyncio.timeout(10):
            while await self.app.store.count() < count:
                await asyncio.sleep(0.02)

    async def posts(self, chat_id: int, count: int) -> list[str]:
        """Wait for so many messages in a chat and give their texts."""
        async with asyncio.timeout(10):
            while len(self.api.timeline(chat_id)) < count:
                await asyncio.sleep(0.02)
        return [seen.text for seen in self.api.timeline(chat_id)]


def settings(folder: Path, site_url: str, api_url: str, **overrides: Any) -> config.Settings:
    """Give a configuration with one source, polled every fifth of a second."""
    source = {"name": "sayt.az", "url": f"{site_url}/feed", "every": "200ms"}
    source |= overrides.pop("source", {})
    more = [
        {"name": extra["name"], "url": site_url + extra["path"], "every": "200ms"}
        for extra in overrides.pop("more_sources", [])
    ]
    values: dict[str, Any] = {
        "telegram": {"api_url": api_url},
        "fetch": {"pace": "fixed", "allow_private": ["127.0.0.1"]},
        "sources": [source, *more],
        "delivery": {"chat_interval": 0, "messages_per_second": 0},
    } | overrides
    env = {f"XEBERCI_{name.upper()}": json.dumps(value) for name, value in values.items()}
    env |= {"BOT_TOKEN": TOKEN, "XEBERCI_DATA_DIR": str(folder)}
    return config.load(None, env)


@asynccontextmanager
async def stage(
    folder: Path, *stories: Story | str, prepare: Prepare | None = None, **overrides: Any
) -> AsyncIterator[tuple[NewsSite, BotApi, config.Settings]]:
    """Set up a site with these stories, the server and a configuration; no bot runs yet.

    ``prepare`` makes rooms on the server and gives more of the configuration.
    """
    site, api = NewsSite(), BotApi(token=TOKEN)
    await site.start()
    await api.start()
    site.publish(*stories)
    if prepare is not None:
        overrides |= prepare(api)
    try:
        yield site, api, settings(folder, site.url, api.url, **overrides)
    finally:
        await api.stop()
        await site.stop()


@asynccontextmanager
async def newsroom(
    folder: Path, *stories: Story | str, **overrides: Any
) -> AsyncIterator[Newsroom]:
    """Run the bot on a stage until the block ends."""
    async with (
        stage(folder, *stories, **overrides) as (site, api, options),
        running(options) as app,
    ):
        yield Newsroom(site, api, app)


@asynccontextmanager
async def running(options: config.Settings) -> AsyncIterator[App]:
    """Run a bot until the block ends, then stop it as SIGTERM does."""
    app, stop = App(options, register), asyncio.Event()
    task = asyncio.create_task(app.run(stop))
    ready = asyncio.create_task(app.ready.wait())
    await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED, timeout=15)
    if task.done():
        ready.cancel()
        task.result()
    try:
        yield app
    finally:
        stop.set()
        await task
