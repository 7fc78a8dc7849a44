"""The whole program, killed while it works: nothing is lost, and a stop is an orderly one."""

from __future__ import annotations

import asyncio
import random
import re
import signal
import socket
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.faults.places import KINDS, SOAK, place
from tests.faults.programs import IN_FLIGHT, Programs, programs, with_channel
from tests.functional.newsroom import stage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bot.demo.botapi import BotApi
    from bot.demo.people import Person
    from tests.faults.conftest import Note

ARTICLES = 60


def look(bots: Programs, kills: int, note: Note) -> None:
    """Look whether each article came, in order, and few came twice."""
    told = Counter(bots.titles())
    firsts = list(dict.fromkeys(bots.titles()))
    note(
        rounds=kills,
        messages=ARTICLES,
        lost=ARTICLES - len(told),
        duplicated=told.total() - len(told),
        at_most=kills * IN_FLIGHT,
        out_of_order=int(firsts != sorted(firsts)),
    )
    assert len(told) == ARTICLES
    assert told.total() - ARTICLES <= kills * IN_FLIGHT
    assert firsts == sorted(firsts)


async def test_a_broadcast_survives_two_kills(tmp_path: Path, note: Note) -> None:
    async with (
        stage(tmp_path, "Köhnə", prepare=with_channel) as (site, api, _),
        place("sqlite", tmp_path) as home,
        programs(home, site, api) as bots,
    ):
        await bots.start()
        await bots.polled()
        site.publish(*(f"Xəbər {number:02}" for number in range(ARTICLES)))
        for count in (10, 30):
            await bots.posted(count)
            await bots.end(signal.SIGKILL)
            await bots.start()
        await bots.posted(ARTICLES)
        assert await bots.end(signal.SIGTERM) == 0
        look(bots, 2, note)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_subscription_whose_answer_was_cut_off_is_there_and_answered(
    tmp_path: Path, kind: str
) -> None:
    async with (
        stage(tmp_path, "Köhnə", prepare=with_channel) as (site, api, _),
        place(kind, tmp_path) as home,
        programs(home, site, api) as bots,
    ):
        aysel = api.person("Aysel")
        await bots.start()
        await bots.polled()
        api.fail("sendMessage", chat_id=aysel.id, hang=True)
        await aysel.send("/abune DeepSeek")
        async with asyncio.timeout(10):
            while not any(c.method == "sendMessage" for c in api.calls):
                await asyncio.sleep(0.01)
        await bots.end(signal.SIGKILL)
        api.faults.clear()
        await bots.start()
        answer = await api.wait_for(aysel.id, lambda s: "abunə oldunuz" in s.text, 15)
        assert "DeepSeek" in answer.text
        site.publish("DeepSeek yeni model buraxdı")
        await api.wait_for(aysel.id, lambda s: "Mövzu: DeepSeek" in s.text, 15)
        assert await bots.end(signal.SIGTERM) == 0


async def test_two_programs_on_one_store_share_the_work_and_survive_each_other(
    tmp_path: Path, note: Note
) -> None:
    kills = 20 if SOAK else 2
    chance = random.Random(12)
    async with (
        stage(tmp_path, "Köhnə", prepare=with_channel) as (site, api, _),
        place("redis", tmp_path) as home,
        programs(home, site, api) as bots,
    ):
        for name in ("one", "two"):
            await bots.start(name)
        await bots.polled(4)
        for kill in range(kills):
            fresh = range(kill * ARTICLES // kills, (kill + 1) * ARTICLES // kills)
            site.publish(*(f"Xəbər {number:02}" for number in fresh))
            await bots.posted(chance.choice(fresh))
            name = chance.choice(("one", "two"))
            await bots.end(signal.SIGKILL, name)
            await bots.start(name)
        await bots.posted(ARTICLES)
        for name in ("one", "two"):
            assert await bots.end(signal.SIGTERM, name) == 0
        look(bots, kills, note)


async def test_rolling_restarts_drop_no_update_that_came_by_webhook(
    tmp_path: Path, note: Note
) -> None:
    rounds = 10 if SOAK else 1
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        listen = f"127.0.0.1:{probe.getsockname()[1]}"
    async with (
        stage(tmp_path, "Köhnə", prepare=with_channel) as (site, api, _),
        place("redis", tmp_path) as home,
        programs(
            home,
            site,
            api,
            telegram={
                "api_url": api.url,
                "mode": "webhook",
                "webhook_url": f"http://{listen}/xeberci",
            },
            web={"listen": listen},
        ) as bots,
    ):
        people = [api.person(f"Oxucu {number}") for number in range(5)]
        names = ("one", "two")
        for name in names:
            await listening(bots, api, name)
        sent = 0
        for _ in range(rounds):
            for name in names:
                for _ in range(4):
                    for person in people:
                        sent += 1
                        await person.send(f"/abune Mövzu{sent}")
                    await asyncio.sleep(0.02)
                assert await bots.end(signal.SIGTERM, name) == 0
                await listening(bots, api, name)
        async with asyncio.timeout(20):
            while len(set(followed(api, people))) < sent:
                await asyncio.sleep(0.02)
        for name in names:
            assert await bots.end(signal.SIGTERM, name) == 0
        told = Counter(followed(api, people))
        note(
            rounds=rounds * len(names),
            messages=sent,
            lost=sent - len(told),
            duplicated=told.total() - len(told),
        )
        async with home.opened() as store:
            kept = [s.topic for p in people for s in await store.subscriptions(p.id)]
        assert len(kept) == len(set(kept)) == sent
        assert len(told) == told.total() == sent


async def listening(bots: Programs, api: BotApi, name: str) -> None:
    """Start a bot and wait until it takes updates."""
    calls = len(api.calls)
    await bots.start(name)
    async with asyncio.timeout(20):
        while all(call.method != "setWebhook" for call in api.calls[calls:]):
            await asyncio.sleep(0.01)


def followed(api: BotApi, people: Sequence[Person]) -> list[str]:
    """Give the topics of all answers, each as often as it was told."""
    seen = [seen for person in people for seen in api.timeline(person.id) if seen.from_bot]
    return [found[0] for message in seen if (found := re.search(r"Mövzu\d+", message.text))]
