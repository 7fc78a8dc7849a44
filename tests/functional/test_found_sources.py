"""The running bot on a source whose address is a site: what it keeps, tells and delivers."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from aiohttp import web

from tests.functional.newsroom import NewsSite, running, settings, stage
from tests.functional.program import xeberci
from tests.functional.test_cli_sources import answer, front

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from bot.app import App
    from bot.models import SourceState

STATED = '<link rel="alternate" type="application/rss+xml" href="/xeberler.rss">'


async def archived(app: App, count: int) -> None:
    async with asyncio.timeout(10):
        while await app.store.count() < count:
            await asyncio.sleep(0.02)


async def state_of(app: App) -> SourceState:
    return (await app.store.sources())["sayt.az"]


def feed_at(site: NewsSite, path: str) -> None:
    site.answers[path] = lambda _: web.Response(
        text=site.feed(), content_type="application/rss+xml"
    )


async def test_what_was_found_is_kept_told_once_and_asked_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with stage(tmp_path, "Birinci xəbər", "İkinci xəbər") as (site, api, _):
        site.answers["/"] = answer(front(STATED))
        feed_at(site, "/xeberler.rss")
        options = settings(tmp_path, site.url, api.url, source={"url": f"{site.url}/"})
        async with running(options) as app:
            await archived(app, 2)
            site.publish("Üçüncü xəbər")
            await archived(app, 3)
            state = await state_of(app)
        site.requests.clear()
        async with running(options) as app:
            site.publish("Dördüncü xəbər")
            await archived(app, 4)
    assert state.found_url == f"{site.url}/xeberler.rss"
    assert state.found_kind == "feed"
    assert {path for path, _ in site.requests} == {"/xeberler.rss"}
    out = capsys.readouterr()
    told = [line for line in (out.out + out.err).splitlines() if "found out" in line]
    assert len(told) == 1
    assert "sayt.az: found out: reads the feed at" in told[0]


async def test_the_list_beside_a_running_bot_shows_how_sources_are(tmp_path: Path) -> None:
    async with stage(tmp_path / "data", "Birinci xəbər") as (site, api, _):
        site.answers["/"] = answer(front(STATED))
        feed_at(site, "/xeberler.rss")
        site.answers["/sinir"] = lambda _: web.Response(status=503)
        given = [
            {"name": "sayt.az", "url": f"{site.url}/", "every": "1m"},
            {"name": "xarab.az", "url": f"{site.url}/sinir", "every": "1m"},
        ]
        options = settings(tmp_path / "data", site.url, api.url, sources=given)
        async with running(options) as app:
            await archived(app, 1)
            async with asyncio.timeout(10):
                while not (await app.store.sources())["xarab.az"].failures:
                    await asyncio.sleep(0.02)
            ran = await xeberci(tmp_path, "sources", "list", XEBERCI_SOURCES=json.dumps(given))
    assert ran.status == 0
    fine, broken = (line.split("\t") for line in ran.out.splitlines() if line.startswith("mənbə"))
    assert fine[1:4] == ["sayt.az", "ok", f"{site.url}/"]
    assert fine[4] == f"asks {site.url}/xeberler.rss"
    assert [field.split()[0] for field in fine[5:7]] == ["last", "next"]
    assert fine[7].endswith("items/h")
    assert broken[1:3] == ["xarab.az", "failing"]
    assert "status 503" in broken[-1]


async def test_a_feed_that_moves_is_followed_and_nothing_old_is_delivered(tmp_path: Path) -> None:
    async with stage(tmp_path, "Birinci xəbər") as (site, api, _):
        options = settings(tmp_path, site.url, api.url)
        async with running(options) as app:
            await archived(app, 1)
            gone = {"/feed": lambda _: web.Response(status=404)}
            site.answers |= gone | {"/": answer(front(STATED))}
            feed_at(site, "/xeberler.rss")
            site.publish("İkinci xəbər")
            await archived(app, 2)
            state = await state_of(app)
    assert state.found_url == f"{site.url}/xeberler.rss"
    assert state.failures == 0


async def test_a_plain_sitemap_is_read_by_its_pages(tmp_path: Path) -> None:
    async with stage(tmp_path, "Birinci xəbər", "İkinci xəbər") as (site, api, _):

        def urls(_: web.Request) -> web.Response:
            entries = [site.address(story) for story in site.stories] + [f"{site.url}/haqqimizda"]
            body = "".join(f"<url><loc>{entry}</loc></url>" for entry in entries)
            text = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</urlset>'
            return web.Response(text=text, content_type="application/xml")

        site.answers["/sitemap.xml"] = urls
        source = {"url": f"{site.url}/sitemap.xml", "kind": "sitemap"}
        async with running(settings(tmp_path, site.url, api.url, source=source)) as app:
            await archived(app, 2)
            found = await app.store.newest(10)
    assert {one.article.title for one in found} == {"Birinci xəbər", "İkinci xəbər"}
