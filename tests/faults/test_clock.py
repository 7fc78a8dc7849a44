"""The whole program while its clock is set: nothing waits for it, each digest comes once."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from glob import glob
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from bot.app import DIGESTS_TICK_S
from bot.store.redis.store import RedisStore
from tests.contract.redis_fixtures import RedisServer
from tests.functional.newsroom import Newsroom, Story, running, stage
from tests.functional.runs import program

if TYPE_CHECKING:
    from pathlib import Path

    from bot.app import App
    from bot.demo.botapi import BotApi
    from tests.functional.runs import Run

BAKU = ZoneInfo("Asia/Baku")
CHANNEL_ID = -1001000000001
HOUR_S = 3600.0
SOON_S = 10.0


@pytest.fixture
def faketime() -> str:
    """Give the library that lies about the time; without it skip, but never in CI."""
    found = glob("/usr/lib/*/faketime/libfaketimeMT.so.1")  # noqa: PTH207 - one absolute pattern
    if not found and (program_path := shutil.which("faketime")):
        found = glob(f"{os.path.dirname(program_path)}/../lib/faketime/libfaketimeMT.so.1")  # noqa: PTH120, PTH207
    if found:
        return found[0]
    reason = "there is no libfaketime here: install the package faketime"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@dataclass
class FakeClock:
    """The wall clock of a running program, which a test sets; its monotonic clock goes on."""

    library: str
    folder: Path
    offset_s: float = 0.0

    @property
    def file(self) -> Path:
        return self.folder / "time"

    @property
    def env(self) -> dict[str, str]:
        # Python sleeps until a monotonic time, which libfaketime takes for one of the faked clock.
        (self.folder / "sitecustomize.py").write_text(
            "import select, time\ntime.sleep = lambda s: select.select([], [], [], s) and None\n",
            encoding="utf-8",
        )
        return {
            "PYTHONPATH": os.pathsep.join([str(self.folder), *filter(None, sys.path)]),
            "LD_PRELOAD": self.library,
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": "1",  # a second: else the file is read at each look
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",  # else whoever waits for the interpreter spins
        }

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.offset_s)

    def turn(self, by_s: float) -> None:
        """Set the clock forward, or back."""
        self.offset_s += by_s
        whole = self.file.with_suffix(".new")
        whole.write_text(f"{self.offset_s:+.3f}\n", encoding="utf-8")
        whole.replace(self.file)

    def turn_to(self, clock: str) -> None:
        """Set the clock to the nearest such time of day in Baku."""
        hour, minute, second = map(int, clock.split(":"))
        now = self.now().astimezone(BAKU)
        wanted = now.replace(hour=hour, minute=minute, second=second, microsecond=0)
        off = (wanted - now + timedelta(hours=12)) % timedelta(days=1) - timedelta(hours=12)
        self.turn(off.total_seconds())


def with_channel(api: BotApi) -> dict[str, Any]:
    api.channel("Xəbərlər", id=CHANNEL_ID)
    return {"channels": [{"chat": CHANNEL_ID}]}


def digests(api: BotApi, chat_id: int) -> list[str]:
    return [s.text for s in api.timeline(chat_id) if s.text.startswith("Gündəlik icmal\n")]


async def test_an_hour_forward_and_back_holds_up_nothing_and_repeats_no_digest(
    tmp_path: Path, faketime: str
) -> None:
    clock = FakeClock(faketime, tmp_path)
    clock.turn_to("08:50:00")
    async with stage(tmp_path, "Köhnə xəbər", prepare=with_channel) as (site, api, options):
        aysel, leyla, nigar = map(api.person, ("Aysel", "Leyla", "Nigar"))

        async def delivered(title: str) -> None:
            site.publish(Story(f"DeepSeek: {title}"))
            for chat_id in (CHANNEL_ID, aysel.id):
                await api.wait_for(chat_id, lambda s: title in s.text, SOON_S)

        async with program(options, env=clock.env, delivery={"chat_interval": 1}) as bot:
            await bot.said("is at work")
            await leyla.send("/icmal 09:00")
            await nigar.send("/icmal 09:30")
            await aysel.send("/abune DeepSeek")
            await api.wait_for(aysel.id, lambda s: "abunə oldunuz" in s.text, SOON_S)
            for person in (leyla, nigar):
                await api.wait_for(person.id, lambda s: "hər gün saat" in s.text, SOON_S)
            await delivered("səhər xəbəri")
            clock.turn_to("08:59:57")
            await had_digest(api, leyla.id)
            clock.turn(HOUR_S)
            await had_digest(api, nigar.id)
            await delivered("saat irəli çəkilib")
            for times in (1, 2):
                clock.turn(-HOUR_S)
                await told(bot, 2 + times)
                await delivered(f"saat {times} dəfə geri çəkilib")
            clock.turn_to("09:29:57")
            await told(bot, 5)
            await delivered("yenə onun yarısı olur")
            await asyncio.sleep(DIGESTS_TICK_S + 1)
            assert await bot.stop() == 0
        assert [len(digests(api, person.id)) for person in (leyla, nigar)] == [1, 1]


async def had_digest(api: BotApi, chat_id: int) -> None:
    """Wait for a daily digest that is due."""
    async with asyncio.timeout(30):
        while not digests(api, chat_id):
            await asyncio.sleep(0.05)


async def told(bot: Run, count: int) -> None:
    """Wait until so many steps of the clock were noticed."""
    async with asyncio.timeout(SOON_S):
        while len(bot.lines("the clock was set")) < count:
            await asyncio.sleep(0.05)


async def test_the_clock_of_a_redis_that_was_set_holds_up_none_of_its_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.clock.ASK_S", 1.0)
    off = timedelta()
    told = RedisStore.time

    async def time(store: RedisStore) -> datetime:
        return await told(store) + off

    monkeypatch.setattr(RedisStore, "time", time)
    with RedisServer() as redis:
        settings: dict[str, Any] = {
            "store": {"url": redis.url},
            "delivery": {"chat_interval": 1, "messages_per_second": 30},
        }
        async with (
            stage(tmp_path, "Köhnə xəbər", prepare=with_channel, **settings) as room,
            running(room[2]) as one,
            running(room[2]) as two,
        ):
            site, api, _ = room
            await Newsroom(site, api, one).archived(1)
            nigar = api.person("Nigar")
            for number, by_s in enumerate((0, HOUR_S, -HOUR_S, -HOUR_S, HOUR_S)):
                off += timedelta(seconds=by_s)
                for app in (one, two):
                    await set_right(app, off)
                site.publish(Story(f"Xəbər {number}"))
                await seen(api, CHANNEL_ID, f"Xəbər {number}")
                await nigar.send(f"/abune mövzu {number}")
                await seen(api, nigar.id, f"“mövzu {number}” mövzusuna abunə oldunuz")
    assert len(api.timeline(CHANNEL_ID)) == 5


async def set_right(app: App, off: timedelta) -> None:
    async with asyncio.timeout(SOON_S):
        while abs(app._clock() - datetime.now(UTC) - off) > timedelta(seconds=5):
            await asyncio.sleep(0.05)


async def seen(api: BotApi, chat_id: int, text: str) -> None:
    await api.wait_for(chat_id, lambda s: text in s.text, SOON_S)
