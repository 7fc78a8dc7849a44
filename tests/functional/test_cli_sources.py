"""The ``sources`` commands as an operator runs them, against a site on loopback."""

from __future__ import annotations

import tomllib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import web

from tests.functional.newsroom import LONG, NewsSite, Story
from tests.functional.program import xeberci

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

PRIVATE = '["127.0.0.1"]'


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def answer(text: str, kind: str = "text/html") -> Callable[[web.Request], web.Response]:
    return lambda _: web.Response(text=text, content_type=kind)


def front(head: str = "", count: int = 4) -> str:
    cards = "".join(
        f'<div class="card"><a href="/p/{n}"><h3>Bu gün baş verən {n}-ci hadisə</h3></a></div>'
        for n in range(count)
    )
    return f"<!doctype html><html><head><title>S</title>{head}</head><body>{cards}</body></html>"


@asynccontextmanager
async def a_site(*stories: Story) -> AsyncIterator[NewsSite]:
    site = NewsSite()
    await site.start()
    site.publish(*stories)
    try:
        yield site
    finally:
        await site.stop()


async def run(folder: Path, *arguments: str, **env: str) -> tuple[int | None, str, str]:
    given = {"XEBERCI_FETCH__ALLOW_PRIVATE": PRIVATE} | env
    ran = await xeberci(folder, "sources", *arguments, **given)
    return ran.status, ran.out, ran.err


async def test_find_prints_lines_that_can_be_appended_to_the_configuration(tmp_path: Path) -> None:
    async with a_site(Story("Birinci xəbər"), Story("İkinci xəbər")) as site:
        site.answers["/"] = answer(
            front('<link rel="alternate" type="application/rss+xml" href="/feed">')
        )
        status, out, err = await run(tmp_path, "find", site.url)
    assert status == 0
    (source,) = tomllib.loads(out)["sources"]
    assert source == {"name": "127.0.0.1", "url": f"{site.url}/feed"}
    assert "2 items" in out
    assert "whole texts" in out
    assert '#kind = "listing"' in out  # the page itself, as another choice
    assert "/rss.xml: status 404" in err


async def test_find_puts_a_feed_with_whole_texts_before_one_that_cuts(tmp_path: Path) -> None:
    async with a_site(Story("Birinci xəbər")) as site:
        cut = NewsSite(url=site.url)
        cut.publish(Story("Birinci xəbər", cut=True))
        site.answers["/"] = answer(
            front('<link rel="alternate" type="application/rss+xml" href="/qisa">')
        )
        site.answers["/qisa"] = answer(cut.feed(), "application/rss+xml")
        status, out, _ = await run(tmp_path, "find", f"{site.url}/")
    assert status == 0
    assert tomllib.loads(out)["sources"][0]["url"] == f"{site.url}/feed"
    assert f'#url = "{site.url}/qisa"' in out


async def test_find_shows_a_feed_at_two_addresses_once(tmp_path: Path) -> None:
    async with a_site(Story("Birinci xəbər")) as site:
        site.answers["/"] = answer(front())
        site.answers["/rss.xml"] = answer(site.feed(), "application/rss+xml")
        _, out, err = await run(tmp_path, "find", site.url)
    assert "/rss.xml: feed" in err
    assert f"{site.url}/feed" in out
    assert "/rss.xml" not in out


async def test_find_names_what_was_tried_where_there_is_nothing(tmp_path: Path) -> None:
    async with a_site() as site:
        site.answers["/"] = answer("<html><body><p>Tezliklə açılacaq.</p></body></html>")
        site.answers["/feed"] = lambda _: web.Response(status=404)
        status, out, err = await run(tmp_path, "find", site.url)
    assert (status, out) == (1, "")
    last = err.splitlines()[-1]
    assert "no source was found" in last
    assert f"{site.url}/sitemap.xml" in last


async def test_find_obeys_robots_txt_and_asks_the_named_page_all_the_same(tmp_path: Path) -> None:
    async with a_site(Story("Birinci xəbər")) as site:
        site.answers["/robots.txt"] = answer("User-agent: *\nDisallow: /\n", "text/plain")
        site.answers["/"] = answer(front())
        status, out, err = await run(tmp_path, "find", site.url)
        asked = {path for path, _ in site.requests}
    assert status == 0
    assert 'kind = "listing"' in out
    assert asked == {"/", "/robots.txt"}
    assert "robots.txt forbids it" in err


async def test_find_refuses_a_private_address_in_one_line(tmp_path: Path) -> None:
    status, out, err = await run(
        tmp_path, "find", "http://[::ffff:10.0.0.1]/", XEBERCI_FETCH__ALLOW_PRIVATE="[]"
    )
    assert (status, out) == (1, "")
    (line,) = err.splitlines()
    assert "http://[::ffff:10.0.0.1]/" in line
    assert "private" in line
    assert "[fetch] allow_private" in line


async def test_test_shows_what_would_be_read_as_readers_see_it(tmp_path: Path) -> None:
    async with a_site(Story("Birinci xəbər", cut=True), Story("İkinci xəbər")) as site:
        status, out, _ = await run(tmp_path, "test", f"{site.url}/feed")
        pages = [path for path, _ in site.requests if path.startswith("/p/")]
    assert status == 0
    lines = out.splitlines()
    assert "kind: feed" in lines
    assert "items: 2" in lines
    assert "texts: 1 whole, 1 to be completed by their pages" in lines
    assert "zone: Asia/Baku" in lines
    assert any(line.endswith("\tBirinci xəbər") and "\tcut\t" in line for line in lines)
    assert len(pages) == 1  # the one that was cut
    assert LONG.split(". ")[0] in out
    assert "Mənbə: Reuters · 127.0.0.1" in out  # what only the page says


async def test_test_of_a_site_finds_out_first(tmp_path: Path) -> None:
    async with a_site(Story("Birinci xəbər")) as site:
        site.answers["/"] = answer(front())
        status, out, _ = await run(tmp_path, "test", f"{site.url}/")
    assert status == 0
    assert f"address: {site.url}/feed" in out
    assert "found out: a usual path" in out


async def test_test_of_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    async with a_site() as site:
        site.answers["/feed"] = lambda _: web.Response(status=503)
        status, out, err = await run(tmp_path, "test", f"{site.url}/feed")
        assert (status, out) == (1, "")
        assert err.splitlines() == [f"xeberci: {site.url}/feed: status 503"]
    status, out, err = await run(tmp_path, "test", "yoxdur")
    assert (status, out) == (1, "")
    assert "no source is named 'yoxdur'" in err


async def test_list_shows_the_catalogue_without_a_configuration(tmp_path: Path) -> None:
    status, out, err = await run(tmp_path, "list")
    assert (status, err) == (0, "")
    lines = [line.split("\t") for line in out.splitlines()]
    assert lines[0][:3] == ["mənbə", "technote.az", "new"]
    known = {line[1]: line[2] for line in lines if line[0] == "kataloq"}
    assert known["azertag.az"] == "unverified"
    assert len(known) >= 19
    assert names_in(tmp_path) == []  # looking makes nothing


async def test_a_source_of_the_catalogue_is_verified_by_being_read(tmp_path: Path) -> None:
    async with a_site(Story("Birinci xəbər")) as site:
        (tmp_path / "xeberci.toml").write_text(
            f'[[sources]]\nname = "oxu.az"\nurl = "{site.url}/feed"\n', encoding="utf-8"
        )
        status, _, _ = await run(tmp_path, "test", "oxu.az")
    assert status == 0
    _, out, _ = await run(tmp_path, "list")
    # It was another address that was read: that says nothing about the catalogue's.
    assert "kataloq\toxu.az\tunverified" in out


async def test_the_commands_say_what_they_need(tmp_path: Path) -> None:
    status, _, err = await run(tmp_path, "find")
    assert status != 0
    assert "needs an address" in err
    assert len(err.splitlines()) == 1
