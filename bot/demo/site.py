"""A sample news site on loopback: a feed with cut descriptions, a listing and article pages.

Its shape is that of a real Azerbaijani site (``dd.M.yyyy`` dates without a zone, credits below
the text), so what the demo shows is what such a site would give.
"""

from __future__ import annotations

import html
import tomllib
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources
from typing import TYPE_CHECKING

from aiohttp import web

from bot.az import fold

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from zoneinfo import ZoneInfo

CUT_CHARS = 180


@dataclass(frozen=True, slots=True)
class Story:
    """An article of the sample site. ``hours``: its age at the start; None: not yet out."""

    slug: str
    category: str
    title: str
    text: str
    author: str
    hours: float | None = None
    credit: str = ""
    credit_url: str = ""


def load_stories() -> list[Story]:
    """Give the stories that ship with the demo."""
    data = resources.files("bot.demo").joinpath("articles.toml").read_text(encoding="utf-8")
    return [Story(**item) for item in tomllib.loads(data)["article"]]


class Site:
    """Serves stories on 127.0.0.1; ``publish`` brings out the next one that is not yet out."""

    def __init__(
        self, stories: list[Story], *, zone: ZoneInfo, clock: Callable[[], datetime]
    ) -> None:
        self._zone = zone
        self._clock = clock
        now = clock()
        self._out = [
            (now - timedelta(hours=story.hours), story)
            for story in stories
            if story.hours is not None
        ]
        self._waiting = [story for story in stories if story.hours is None]
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def start(self) -> None:
        """Listen on a free port; ``url`` says where."""
        app = web.Application()
        app.router.add_get("/feed", self._feed)
        app.router.add_get("/", self._listing)
        app.router.add_get("/robots.txt", self._robots)
        app.router.add_get("/{category}/{slug}", self._page)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"

    async def stop(self) -> None:
        """Close the port."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def publish(self) -> Story | None:
        """Bring out the next story; None when all are out."""
        if not self._waiting:
            return None
        story = self._waiting.pop(0)
        self._out.append((self._clock(), story))
        return story

    def _newest_first(self) -> list[tuple[datetime, Story]]:
        return sorted(self._out, key=lambda item: item[0], reverse=True)

    async def _robots(self, _: web.Request) -> web.Response:
        return web.Response(text="User-agent: *\nAllow: /\n")

    async def _feed(self, request: web.Request) -> web.Response:
        items = "".join(self._item(when, story) for when, story in self._newest_first())
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
            f"<title>Nümunə</title><link>{self.url}/</link><language>az</language>"
            f"{items}</channel></rss>"
        )
        etag = f'"{len(self._out)}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        return web.Response(text=body, content_type="application/rss+xml", headers={"ETag": etag})

    def _item(self, when: datetime, story: Story) -> str:
        local = when.astimezone(self._zone)
        date = f"{local:%d}.{local.month}.{local:%Y %H:%M:%S}"
        return (
            f"<item><title>{html.escape(story.title)}</title>"
            f"<link>{self._address(story)}</link>"
            f"<category>{html.escape(story.category)}</category><pubDate>{date}</pubDate>"
            f"<description>{html.escape(story.text.strip()[:CUT_CHARS])}...</description></item>"
        )

    async def _listing(self, _: web.Request) -> web.Response:
        cards = "".join(self._card(when, story) for when, story in self._newest_first())
        return _html("Nümunə", f"<main>{cards}</main>")

    async def _page(self, request: web.Request) -> web.Response:
        for when, story in self._out:
            if story.slug == request.match_info["slug"]:
                return _html(f"{story.title} | Nümunə", self._article(when, story))
        raise web.HTTPNotFound

    def _article(self, when: datetime, story: Story) -> str:
        paragraphs = "".join(
            f"<p>{html.escape(part)}</p>" for part in story.text.strip().split("\n\n")
        )
        credit = html.escape(story.credit)
        if story.credit_url:
            credit = f'<a href="{html.escape(story.credit_url)}">{credit}</a>'
        related = "".join(
            self._card(at, other)
            for at, other in self._newest_first()
            if other.category == story.category and other is not story
        )
        return (
            f'<main><article><h2>{html.escape(story.title)}</h2><div class="meta">'
            f'<a class="category" href="/{_folder(story)}">{html.escape(story.category)}</a>'
            f'<span class="date">{when.astimezone(self._zone):%d.%m.%Y}</span>'
            f'<span class="author">{html.escape(story.author)}</span></div>'
            f'<div class="content">{paragraphs}</div>'
            + (f'<p class="source">Mənbə: {credit}</p>' if credit else "")
            + '<button type="button">Linki kopyala</button></article>'
            f"<section><h4>Oxşar xəbərlər</h4>{related}</section></main>"
        )

    def _card(self, when: datetime, story: Story) -> str:
        return (
            f'<a class="post-card" href="/{_folder(story)}/{story.slug}">'
            f"<h3>{html.escape(story.title)}</h3>"
            f'<span class="date">{when.astimezone(self._zone):%d.%m.%Y}</span></a>'
        )

    def _address(self, story: Story) -> str:
        return f"{self.url}/{_folder(story)}/{story.slug}"


def _folder(story: Story) -> str:
    return fold(story.category).replace(" ", "-")


def _html(title: str, body: str) -> web.Response:
    return web.Response(
        text=(
            '<!DOCTYPE html><html lang="az"><head><meta charset="utf-8">'
            f'<title>{html.escape(title)}</title><link rel="alternate" '
            'type="application/rss+xml" href="/feed" title="Nümunə"></head>'
            f"<body>{body}</body></html>"
        ),
        content_type="text/html",
    )
