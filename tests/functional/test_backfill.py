"""After an outage: what the feed no longer holds comes from the listing pages, once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from tests.functional.newsroom import NewsSite, Story, running, settings, stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.app import App
    from bot.demo.botapi import BotApi

CHANNEL = -1001000000077
IN_FEED = 5
ON_PAGE = 6
NAMES = (
    "Bakıda süni zəka forumu keçirildi",
    "Telegram yeni funksiya təqdim etdi",
    "Samsung qatlanan telefonun qiymətini açıqladı",
    "NASA Aya enəcək modulu sınaqdan çıxardı",
    "Elektromobillərin idxalı iki dəfə artıb",
    "Azərkosmos peyk üçün müqavilə imzaladı",
    "Naxçıvanda günəş stansiyası işə düşdü",
    "Google axtarışda reklam qaydalarını dəyişdi",
    "Fransa uşaqlara sosial şəbəkəni qadağan etdi",
    "Tesla robotaksi sayını azaltdı",
    "Gəncədə texnopark üçün yer ayrıldı",
    "Netflix oyun studiyasını bağladı",
)


def with_channel(api: BotApi) -> dict[str, Any]:
    api.channel("Xəbərlər", id=CHANNEL)
    return {"channels": [{"chat": CHANNEL}]}


def cut_short(site: NewsSite) -> None:
    """Let the feed hold its newest few only."""

    def feed(_: web.Request) -> web.Response:
        newest = NewsSite(site.stories[:IN_FEED], url=site.url)
        return web.Response(text=newest.feed(), content_type="application/rss+xml")

    site.answers["/feed"] = feed


def listed(site: NewsSite, *, dated: bool) -> None:
    """Let the front page list everything, some a page."""

    def card(story: Story) -> str:
        at = datetime.now(UTC) - story.age
        when = f'<time datetime="{at.isoformat()}">{at:%d.%m.%Y %H:%M}</time>' if dated else ""
        return f'<div class="card"><a href="/p/{story.slug}"><h3>{story.title}</h3></a>{when}</div>'

    def front(request: web.Request) -> web.Response:
        number = int(request.query.get("page", "1"))
        part = site.stories[(number - 1) * ON_PAGE : number * ON_PAGE]
        cards = "".join(map(card, part))
        more = f'<a rel="next" href="/?page={number + 1}">Növbəti</a>'
        text = f"<!doctype html><html><head><title>S</title></head><body>{cards}{more}</body>"
        return web.Response(text=text, content_type="text/html")

    site.answers["/"] = front


async def archived(app: App, count: int) -> None:
    async with asyncio.timeout(10):
        while await app.store.count() < count:
            await asyncio.sleep(0.02)


def old_stories() -> list[Story]:
    return [Story(f"Köhnə xəbər, {n}-ci", age=timedelta(days=5, hours=9 - n)) for n in range(6)]


def came_out_now(site: NewsSite) -> None:
    """Bring out a dozen since the last poll, a few milliseconds apart."""
    for number, name in enumerate(NAMES):
        site.publish(Story(name, age=timedelta(seconds=-20 - number), slug=f"yeni{number}"))


@pytest.mark.parametrize("dated", [True, False])
async def test_what_the_feed_lost_meanwhile_is_delivered_from_the_listing_pages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, dated: bool
) -> None:
    async with stage(tmp_path, *old_stories(), prepare=with_channel) as (site, api, _):
        cut_short(site)
        listed(site, dated=dated)
        options = settings(
            tmp_path, site.url, api.url, channels=[{"chat": CHANNEL}], source={"max_age": "48h"}
        )
        async with running(options) as app:
            await archived(app, IN_FEED)
        assert not [path for path, _ in site.requests if path == "/"]
        await asyncio.sleep(0.01)
        came_out_now(site)
        async with running(options) as app:
            await archived(app, IN_FEED + len(NAMES))
            async with asyncio.timeout(15):
                while len(api.timeline(CHANNEL)) < len(NAMES):
                    await asyncio.sleep(0.02)
            await asyncio.sleep(0.5)
            newest = await app.store.newest(100)
    asked = [path for path, _ in site.requests if path == "/"]
    told = [seen.text.splitlines()[0] for seen in api.timeline(CHANNEL)]
    assert sorted(told) == sorted(NAMES)
    assert len(newest) == IN_FEED + len(NAMES)
    assert len(asked) == 3
    out = capsys.readouterr()
    line = "sayt.az: 7 articles from its listing pages, which its feed no longer holds"
    assert (out.out + out.err).count(line) == 1
    assert all(stored.article.text for stored in newest if stored.article.title in NAMES)


def forbidden(site: NewsSite) -> None:
    site.answers["/robots.txt"] = lambda _: web.Response(text="User-agent: *\nDisallow: /")


def broken(site: NewsSite) -> None:
    site.answers["/"] = lambda _: web.Response(status=500)


def no_list(site: NewsSite) -> None:
    site.answers["/"] = lambda _: web.Response(text="<p>Salam", content_type="text/html")


@pytest.mark.parametrize("spoil", [forbidden, broken, no_list])
async def test_a_list_that_cannot_be_read_never_hurts_the_poll(
    tmp_path: Path, spoil: Callable[[NewsSite], None]
) -> None:
    async with stage(tmp_path, *old_stories(), prepare=with_channel) as (site, api, _):
        cut_short(site)
        listed(site, dated=True)
        spoil(site)
        options = settings(tmp_path, site.url, api.url, channels=[{"chat": CHANNEL}])
        async with running(options) as app:
            await archived(app, IN_FEED)
        came_out_now(site)
        async with running(options) as app:
            await archived(app, 2 * IN_FEED)
            state = (await app.store.sources())["sayt.az"]
            async with asyncio.timeout(15):
                while len(api.timeline(CHANNEL)) < IN_FEED:
                    await asyncio.sleep(0.02)
    assert state.failures == 0
    assert [path for path, _ in site.requests].count("/") == (spoil is not forbidden)
