"""A daily digest comes once a local date, whatever happens to the clock, the zone and the runs."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from bot.models import Article, Chat, ChatKind, NewArticle, SourceState
from bot.publisher import Publisher, PublisherSettings
from bot.store import open_store
from bot.subscriptions import Defaults, Subscriptions
from bot.texts import load_texts
from tests.contract.redis_fixtures import shared_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.store.protocol import Store

CHAT = Chat(7, zone="Europe/Berlin")
SOURCE = SourceState("sayt.az", "https://sayt.az/feed")


@pytest.fixture(params=["sqlite", "redis"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    url = ""
    if request.param == "redis":
        server = shared_server()
        server.ask("FLUSHALL")
        url = server.url
    made = open_store(url, tmp_path)
    await made.open(exclusive=True)
    yield made
    await made.close()


@dataclass
class Days:
    """Publishers on a store, a clock, and a chat's digests by the local date of their coming."""

    store: Store
    now: datetime
    sent: Counter[str] = field(default_factory=Counter)
    _updates: int = 0
    _looks: int = 0

    def __post_init__(self) -> None:
        settings, texts = (
            PublisherSettings((), "Asia/Baku", "az", "xeberci_bot", "test"),
            load_texts(),
        )
        self.publishers = [
            Publisher(self.store, texts, settings, clock=lambda: self.now, queued=lambda: None)
            for _ in range(2)
        ]

    async def choose(self, hour: str, zone: str | None = None) -> None:
        """Set the hour, as ``/icmal`` does."""
        self._updates += 1
        chats = Subscriptions(self.store, Defaults(), lambda: self.now)
        known = await chats.chat(CHAT.id, ChatKind.PRIVATE)
        await chats.set_digest(known, hour, zone, self._updates)

    async def pass_time(self, hours: float) -> None:
        """Let time pass, with news now and then and two runs that look at the hour."""
        until = self.now + timedelta(hours=hours)
        while self.now < until:
            self.now += timedelta(minutes=30)
            await self.look()

    async def look(self) -> None:
        if self._looks % 8 == 0:
            address = f"https://sayt.az/{self._looks}"
            article = Article(address, f"Xəbər {self._looks}", published=self.now)
            new = NewArticle(article, (address,), deliver=False)
            await self.store.commit([new], SOURCE, self.now)
        self._looks += 1
        await asyncio.gather(*(publisher.send_digests() for publisher in self.publishers))
        queued = await self.store.waiting(CHAT.id, 10)
        if queued:
            chat = await self.store.chat(CHAT.id)
            assert chat is not None
            self.sent[f"{self.now.astimezone(ZoneInfo(chat.zone)):%m-%d}"] += len(queued)
            await self.store.drop([delivery.id for delivery in queued])


async def days(store: Store, start: str) -> Days:
    await store.meet(CHAT)
    return Days(store, datetime.fromisoformat(start).replace(tzinfo=UTC))


@pytest.mark.parametrize("hour", ["01:30", "02:30", "03:00", "09:00"])
@pytest.mark.parametrize("start", ["2026-03-27 12:00", "2026-10-23 12:00"])
async def test_both_changes_of_summer_time(store: Store, hour: str, start: str) -> None:
    home = await days(store, start)
    await home.choose(hour)
    await home.pass_time(72)
    assert list(home.sent.values()) == [1, 1, 1]


async def test_a_zone_changed_after_todays_digest(store: Store) -> None:
    home = await days(store, "2026-11-23 06:00")
    await home.choose("09:00", "Asia/Baku")
    await home.choose("10:30", "Asia/Baku")
    await home.pass_time(1)
    assert home.sent == {"11-23": 1}
    await home.choose("09:00", "Europe/London")
    await home.pass_time(12)
    assert home.sent == {"11-23": 1}
    await home.pass_time(24)
    assert home.sent == {"11-23": 1, "11-24": 1}


@pytest.mark.parametrize("step_h", [-3, -1, 1, 3])
async def test_a_clock_that_was_set(store: Store, step_h: int) -> None:
    home = await days(store, "2026-11-23 07:30")
    await home.choose("09:00")
    await home.pass_time(1)
    assert home.sent == {"11-23": 1}
    home.now += timedelta(hours=step_h)
    await home.pass_time(6)
    home.now -= timedelta(hours=step_h)
    await home.pass_time(6)
    assert home.sent == {"11-23": 1}
    await home.pass_time(24)
    assert home.sent == {"11-23": 1, "11-24": 1}


async def test_the_hour_passed_by_a_clock_that_was_set_forward_and_back(store: Store) -> None:
    home = await days(store, "2026-11-23 07:30")
    await home.choose("09:00")
    home.now += timedelta(hours=1)
    await home.look()
    home.now -= timedelta(hours=1)
    await home.pass_time(12)
    assert home.sent == {"11-23": 1}


async def test_a_digest_that_was_due_while_nothing_ran(store: Store) -> None:
    home = await days(store, "2026-11-23 07:30")
    await home.choose("09:00")
    await home.look()
    home.now += timedelta(hours=3)
    await home.pass_time(3)
    assert home.sent == {"11-23": 1}
