"""An article from its source to people, over HTTP on both sides."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.errors import TelegramError
from tests.functional.newsroom import Newsroom, Story, newsroom, running, stage

if TYPE_CHECKING:
    from pathlib import Path

    from bot.demo.botapi import BotApi
    from bot.demo.places import Room


async def test_the_first_poll_fills_the_archive_and_delivers_nothing(tmp_path: Path) -> None:
    async with newsroom(tmp_path, "Birinci xəbər", "İkinci xəbər", prepare=with_channel) as room:
        await room.archived(2)
        room.site.publish("Üçüncü xəbər")
        assert len(await room.posts(CHANNEL_ID, 1)) == 1
        assert room.api.timeline(CHANNEL_ID)[0].text.startswith("Üçüncü xəbər\n\n")


async def test_a_backlog_goes_out_oldest_first(tmp_path: Path) -> None:
    stories = [Story(f"Xəbər {n}", age=timedelta(hours=9 - n)) for n in range(6)]
    async with newsroom(tmp_path, *stories, prepare=with_channel, source={"backlog": 3}) as room:
        posts = await room.posts(CHANNEL_ID, 3)
    assert [post.splitlines()[0] for post in posts] == ["Xəbər 3", "Xəbər 4", "Xəbər 5"]


async def test_a_cut_item_goes_out_with_the_text_of_its_page(tmp_path: Path) -> None:
    async with newsroom(tmp_path, prepare=with_channel) as room:
        await room.first_poll()
        room.site.publish(Story("Kəsilmiş xəbər", cut=True))
        post = (await room.posts(CHANNEL_ID, 1))[0]
    assert "799 dollardan" in post
    assert "Mənbə: Reuters · sayt.az" in post


async def test_cut_items_of_one_poll_go_out_oldest_first(tmp_path: Path) -> None:
    async with newsroom(tmp_path, prepare=with_channel) as room:
        await room.first_poll()
        room.site.publish(
            *(Story(f"Kəsik {n}", cut=True, age=timedelta(minutes=9 - n)) for n in range(4))
        )
        posts = await room.posts(CHANNEL_ID, 4)
    assert [post.splitlines()[0] for post in posts] == [f"Kəsik {n}" for n in range(4)]


async def test_a_page_is_asked_for_once(tmp_path: Path) -> None:
    async with newsroom(tmp_path, prepare=with_channel) as room:
        await room.first_poll()
        room.site.publish(*(Story(f"Kəsik {n}", cut=True, slug=f"k{n}") for n in range(8)))
        await room.posts(CHANNEL_ID, 8)
        asked = [path for path, _ in room.site.requests if path.startswith("/p/")]
    assert sorted(asked) == [f"/p/k{n}" for n in range(8)]


async def test_a_page_waits_for_a_robots_file_that_cannot_be_had_for_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.pages.TRY_AGAIN_S", 0.1)
    monkeypatch.setattr("bot.sources.robots._KEPT_FAILED_S", 0.05)
    async with newsroom(tmp_path, prepare=with_channel) as room:
        await room.first_poll()
        room.site.answers["/robots.txt"] = lambda _: web.Response(status=503)
        room.site.publish(Story("Kəsilmiş xəbər", cut=True))
        async with asyncio.timeout(5):
            while "/robots.txt" not in [path for path, _ in room.site.requests]:
                await asyncio.sleep(0.02)
        del room.site.answers["/robots.txt"]
        post = (await room.posts(CHANNEL_ID, 1))[0]
    assert "799 dollardan" in post


async def test_a_page_that_does_not_come_holds_no_other_article(tmp_path: Path) -> None:
    async with newsroom(tmp_path, prepare=with_channel) as room:
        await room.first_poll()
        room.site.answers["/p/yavas"] = lambda _: web.Response(status=503)
        room.site.publish(Story("Səhifəsi gəlməyən", cut=True, slug="yavas"), Story("Tam xəbər"))
        room.site.publish(Story("Kəsik xəbər", cut=True))
        posts = await room.posts(CHANNEL_ID, 2)
    assert {post.splitlines()[0] for post in posts} == {"Tam xəbər", "Kəsik xəbər"}


async def test_an_item_whose_page_is_gone_goes_out_with_what_the_feed_had(tmp_path: Path) -> None:
    async with newsroom(tmp_path, prepare=with_channel) as room:
        await room.first_poll()
        room.site.answers["/p/yox"] = lambda _: web.Response(status=404)
        room.site.publish(Story("Səhifəsi olmayan xəbər", cut=True, slug="yox"))
        post = (await room.posts(CHANNEL_ID, 1))[0]
    assert post.startswith("Səhifəsi olmayan xəbər")


async def test_what_is_old_at_first_sight_is_archived_only(tmp_path: Path) -> None:
    async with newsroom(tmp_path, prepare=with_channel, source={"max_age": "1h"}) as room:
        await room.first_poll()
        room.site.publish(Story("Köhnə", age=timedelta(hours=2)), Story("Təzə"))
        posts = await room.posts(CHANNEL_ID, 1)
        await room.archived(2)
    assert posts[0].startswith("Təzə")


async def test_a_follower_is_alerted_once_however_many_topics_match(tmp_path: Path) -> None:
    async with newsroom(tmp_path) as room:
        await room.first_poll()
        aysel = room.api.person("Aysel")
        for number, text in enumerate(("/abune DeepSeek", "/abune süni zəka"), start=1):
            await aysel.send(text)
            await room.posts(aysel.id, 2 * number)
        room.site.publish(Story("DeepSeek süni zəkanı ucuzlaşdırdı"), "Başqa mövzuda xəbər")
        await room.api.wait_for(aysel.id, lambda s: "Mövzu:" in s.text)
        room.site.publish(Story("DeepSeek yenə xəbərdə"))
        await room.api.wait_for(aysel.id, lambda s: "yenə" in s.text)
    alerts = [s for s in room.api.timeline(aysel.id) if "Mövzu:" in s.text]
    assert [alert.text.splitlines()[0] for alert in alerts] == [
        "DeepSeek süni zəkanı ucuzlaşdırdı",
        "DeepSeek yenə xəbərdə",
    ]
    assert room.api.rejected == []
    assert room.api.warnings == []


async def test_a_restart_delivers_what_appeared_meanwhile_and_nothing_twice(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path, "Köhnə xəbər", prepare=with_channel) as (site, api, options):
        async with running(options) as app:
            room = Newsroom(site, api, app)
            await room.archived(1)
            site.publish("Birinci")
            await room.posts(CHANNEL_ID, 1)
        site.publish("Fasilədə çıxan")
        async with running(options) as app:
            posts = await Newsroom(site, api, app).posts(CHANNEL_ID, 2)
    assert [post.splitlines()[0] for post in posts] == ["Birinci", "Fasilədə çıxan"]


async def test_a_dead_source_is_told_once_and_stops_nobody(tmp_path: Path) -> None:
    def two_sources(api: BotApi) -> dict[str, Any]:
        return with_channel(api) | {"more_sources": [{"name": "ölü.az", "path": "/olu"}]}

    async with stage(tmp_path, prepare=two_sources) as (site, api, options):
        site.answers["/olu"] = lambda _: web.Response(text="<html><p>yox</p></html>", status=500)
        with capture_logs() as lines:
            async with running(options) as app:
                room = Newsroom(site, api, app)
                await room.first_poll()
                for number in range(3):
                    site.publish(f"Xəbər {number}")
                    await room.posts(CHANNEL_ID, number + 1)
    told = [line["event"] for line in lines if line["event"].startswith("ölü.az")]
    assert told == [f"ölü.az: {site.url}/olu: status 500"]


async def test_a_source_that_is_gone_is_told_once_and_asked_no_more(tmp_path: Path) -> None:
    with capture_logs() as lines:
        async with newsroom(tmp_path) as room:
            await room.first_poll()
            room.site.answers["/feed"] = lambda _: web.Response(status=410)
            async with asyncio.timeout(5):
                while not any("410" in line["event"] for line in lines):
                    await asyncio.sleep(0.02)
            asked = len(room.site.requests)
            await asyncio.sleep(0.6)
            assert len(room.site.requests) == asked
    told = [line["event"] for line in lines if "410" in line["event"]]
    assert told == ["sayt.az: 410 Gone: it is not asked again until its line changes"]


async def test_validators_are_echoed_and_a_304_brings_nothing(tmp_path: Path) -> None:
    async with stage(tmp_path, "Bir", prepare=with_channel) as (site, api, options):

        def conditional(request: web.Request) -> web.Response:
            tag = f'"{len(site.stories)}"'
            if request.headers.get("If-None-Match") == tag:
                return web.Response(status=304)
            return web.Response(
                text=site.feed(), content_type="application/rss+xml", headers={"ETag": tag}
            )

        site.answers["/feed"] = conditional
        async with running(options) as app:
            room = Newsroom(site, api, app)
            await room.archived(1)
            site.publish("İki")
            await room.posts(CHANNEL_ID, 1)
    asked = [headers.get("If-None-Match") for path, headers in site.requests if path == "/feed"]
    assert asked[0] is None
    assert '"1"' in asked
    assert None not in asked[1:]


async def test_a_wrong_token_ends_the_program_with_a_line(tmp_path: Path) -> None:
    async with stage(tmp_path) as (_, api, options):
        api.revoke_token()
        with pytest.raises(ExceptionGroup) as caught:
            async with running(options):
                pass
    assert caught.group_contains(TelegramError, match="BotFather")


CHANNEL_ID = -1001000000001


def with_channel(api: BotApi) -> dict[str, Any]:
    api.channel("Xəbərlər", id=CHANNEL_ID)
    return {"channels": [{"chat": CHANNEL_ID}]}


async def test_a_channel_that_took_the_rights_away_posts_again_once_it_gave_them_back(
    tmp_path: Path,
) -> None:
    rooms: list[Room] = []

    def named(api: BotApi) -> dict[str, Any]:
        owner = api.person("Redaktor")
        rooms.append(api.channel("Xəbərlər", id=CHANNEL_ID, username="xeberler_az", owner=owner))
        return {"channels": [{"chat": "@xeberler_az"}]}

    async with newsroom(tmp_path, prepare=named) as room:
        await room.first_poll()
        (channel,) = rooms
        owner = room.api.person("Redaktor", id=next(iter(channel.chat.members)))
        await channel.set_bot(owner, "left")
        room.site.publish("Heç yerə getməyən")
        await refused(room)
        await channel.set_bot(owner, "administrator")
        await asyncio.sleep(0.5)
        room.site.publish("Yenə dərc olunan")
        posts = await room.posts(CHANNEL_ID, 1)
    assert posts[-1].startswith("Yenə dərc olunan")
    sends = [call for call in room.api.rejected if call.method == "sendMessage"]
    assert len(sends) == 1


async def refused(room: Newsroom) -> None:
    async with asyncio.timeout(10):
        while not room.api.rejected:
            await asyncio.sleep(0.02)
