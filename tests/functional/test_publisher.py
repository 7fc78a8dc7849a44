"""What is queued for whom and when: articles, a clock that the test moves, a real store."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from bot.models import (
    Article,
    Chat,
    ChatKind,
    DeliveryKind,
    Mode,
    NewArticle,
    SourceState,
    Subscription,
)
from bot.planner import ChannelRule, next_digest
from bot.publisher import Publisher, PublisherSettings
from bot.search.analyser import topic_key
from bot.store import open_store
from bot.texts import load_texts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.models import Delivery
    from bot.store.protocol import Store

BAKU = ZoneInfo("Asia/Baku")
CHANNEL = -1001
NOON = datetime(2026, 11, 23, 12, tzinfo=BAKU)


@dataclass
class Desk:
    """A publisher on a store, with a clock."""

    store: Store
    now: datetime = NOON
    rules: tuple[ChannelRule, ...] = ()
    publisher: Publisher = field(init=False)
    _articles: int = 0

    def __post_init__(self) -> None:
        options = PublisherSettings(self.rules, "Asia/Baku", "az", "xeberci_bot", "test")
        self.publisher = Publisher(
            self.store, load_texts(), options, clock=lambda: self.now, queued=lambda: None
        )

    async def publish(self, *titles: str, source: str = "sayt.az") -> None:
        """Archive articles and expand their fan-outs, oldest first."""
        for title in titles:
            self._articles += 1
            article = Article(
                f"https://{source}/{self._articles}",
                title,
                text="Şirkət yeniliyi bu gün təqdim edib.",
                published=self.now.astimezone(UTC),
                source=source,
            )
            new = NewArticle(article, (article.url,), deliver=True)
            await self.store.commit([new], SourceState(source, f"https://{source}/"), self.now)
            await self.fan_out()
            self.now += timedelta(seconds=1)

    async def fan_out(self) -> None:
        while (job := await self.store.next_fan_out(self.now, "test", 15)) is not None:
            await self.publisher._expand(job)

    async def follow(self, chat: Chat, *topics: str, mode: Mode = Mode.INSTANT) -> None:
        await self.store.meet(chat)
        await self.store.save_chat(chat)
        for topic in topics:
            await self.store.follow(Subscription(chat.id, topic_key(topic), topic, mode))

    async def queue(self, chat_id: int) -> list[Delivery]:
        return await self.store.waiting(chat_id, 100)

    async def due(self, chat_id: int) -> list[str]:
        """Give the first lines of what may go out now."""
        return [first_line(d) for d in await self.queue(chat_id) if not d.held]


def first_line(delivery: Delivery) -> str:
    text: str = json.loads(delivery.message.payload)["text"]
    return text.splitlines()[0].removeprefix("<b>").removesuffix("</b>")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    made = open_store("", tmp_path)
    await made.open()
    yield made
    await made.close()


def chat(**changes: object) -> Chat:
    return Chat(**({"id": 7, "zone": "Asia/Baku"} | changes))  # type: ignore[arg-type]


async def channel(store: Store, **rule: object) -> Desk:
    await store.meet(Chat(CHANNEL, ChatKind.CHANNEL, zone="Asia/Baku"))
    made = ChannelRule(CHANNEL, CHANNEL, **rule)  # type: ignore[arg-type]
    return Desk(store, rules=(made,))


async def test_the_third_alert_of_a_topic_within_an_hour_offers_the_daily_digest(
    store: Store,
) -> None:
    desk = Desk(store)
    await desk.follow(chat(id=1), "DeepSeek", "Samsung")
    await desk.publish("DeepSeek bir", "DeepSeek iki", "Samsung bir", "DeepSeek üç")
    desk.now += timedelta(hours=2)
    await desk.publish("DeepSeek dörd")
    offered = [first_line(d) for d in await desk.queue(1) if "İcmala keçir" in d.message.payload]
    assert offered == ["DeepSeek üç"]


async def test_only_followers_of_the_topic_are_alerted(store: Store) -> None:
    desk = Desk(store)
    await desk.follow(chat(id=1), "DeepSeek")
    await desk.follow(chat(id=2), "Samsung")
    await desk.publish("DeepSeek yeni model buraxdı")
    assert await desk.due(1) == ["DeepSeek yeni model buraxdı"]
    assert await desk.due(2) == []


async def test_two_matching_topics_are_one_alert(store: Store) -> None:
    desk = Desk(store)
    await desk.follow(chat(), "DeepSeek", "süni intellekt")
    await desk.publish("DeepSeek süni zəkanı ucuzlaşdırdı")
    assert len(await desk.queue(7)) == 1


async def test_a_topic_kept_for_the_digest_alerts_nobody(store: Store) -> None:
    desk = Desk(store)
    await desk.follow(chat(), "DeepSeek", mode=Mode.DIGEST)
    await desk.publish("DeepSeek yeni model buraxdı")
    assert await desk.queue(7) == []


async def test_a_paused_topic_is_silent_until_its_pause_ends(store: Store) -> None:
    desk = Desk(store)
    await desk.follow(chat(), "DeepSeek")
    await store.change(7, topic_key("DeepSeek"), paused_until=desk.now + timedelta(days=1))
    await desk.publish("DeepSeek birinci")
    desk.now += timedelta(days=2)
    await desk.publish("DeepSeek ikinci")
    assert await desk.due(7) == ["DeepSeek ikinci"]


async def test_alerts_of_quiet_hours_come_as_one_message(store: Store) -> None:
    desk = Desk(store, now=NOON.replace(hour=23, minute=30))
    await desk.follow(chat(quiet="23:00-08:00"), "DeepSeek")
    await desk.publish("DeepSeek bir", "DeepSeek iki", "DeepSeek üç")
    await desk.publisher.held.release()
    assert await desk.due(7) == []
    desk.now = NOON.replace(day=24, hour=8)
    await desk.publisher.held.release()
    (merged,) = await desk.queue(7)
    text = json.loads(merged.message.payload)["text"]
    assert all(title in text for title in ("DeepSeek bir", "DeepSeek iki", "DeepSeek üç"))


async def test_alerts_wait_no_longer_once_quiet_hours_are_switched_off(store: Store) -> None:
    desk = Desk(store, now=NOON.replace(hour=23, minute=30))
    await desk.follow(chat(quiet="23:00-08:00"), "DeepSeek")
    await desk.publish("DeepSeek bir")
    await store.save_chat(chat(quiet=None))
    await desk.publisher.held.release()
    assert await desk.due(7) == ["DeepSeek bir"]


async def test_many_waiting_alerts_become_one_and_none_is_lost(store: Store) -> None:
    desk = Desk(store)
    await desk.follow(chat(), "DeepSeek")
    titles = [f"DeepSeek {number}-ci xəbər" for number in range(1, 31)]
    await desk.publish(*titles)
    told = ""
    while claims := await store.claim(desk.now, "test", 1, 15):
        if claims[0].waiting > 5 and await desk.publisher.held.merge(claims[0]):
            continue
        told += json.loads(claims[0].delivery.message.payload)["text"]
        await store.drop([claims[0].delivery.id])
        desk.now += timedelta(minutes=1)
    assert [title for title in titles if title not in told] == []


async def test_a_channel_gets_its_topics_and_sources_only(store: Store) -> None:
    desk = await channel(store, topics=(topic_key("süni zəka"),), sources=("sayt.az",))
    await desk.publish("Süni zəkanın yeni modeli", "Samsung telefonu")
    await desk.publish("Süni zəka başqa saytda", source="basqa.az")
    assert await desk.due(CHANNEL) == ["Süni zəkanın yeni modeli"]


async def test_a_channels_cap_lets_so_many_go_in_an_hour(store: Store) -> None:
    desk = await channel(store, max_per_hour=2)
    await desk.publish("Bir", "İki", "Üç")
    await desk.publisher.held.release()
    assert len(await desk.due(CHANNEL)) == 2
    desk.now += timedelta(minutes=61)
    await desk.publisher.held.release()
    assert len(await desk.due(CHANNEL)) == 3


async def test_a_post_that_waited_six_hours_is_dropped(store: Store) -> None:
    desk = await channel(store, max_per_hour=1)
    await desk.publish("Bir", "İki")
    await desk.publisher.held.release()
    desk.now += timedelta(hours=7)
    await desk.publisher.held.release()
    assert len(await desk.queue(CHANNEL)) == 1


async def test_a_channels_quiet_hours_end_with_one_list(store: Store) -> None:
    desk = await channel(store, quiet="23:00-08:00")
    desk.now = NOON.replace(hour=23, minute=10)
    await desk.publish("Gecə bir", "Gecə iki")
    assert await desk.due(CHANNEL) == []
    desk.now = NOON.replace(day=24, hour=8, minute=1)
    await desk.publisher.held.release()
    (merged,) = await desk.queue(CHANNEL)
    payload = json.loads(merged.message.payload)
    assert payload["chat_id"] == CHANNEL
    assert "Gecə bir" in payload["text"]
    assert "Gecə iki" in payload["text"]


async def test_the_daily_digest_tells_the_day_once(store: Store) -> None:
    desk = Desk(store)
    await desk.follow(daily(desk, "13:00"), "DeepSeek", mode=Mode.DIGEST)
    await desk.publish("DeepSeek yeni model buraxdı", "Samsung telefonu")
    await desk.publisher.send_digests()
    assert await desk.queue(7) == []
    desk.now = NOON.replace(hour=13)
    for _ in range(3):
        await desk.publisher.send_digests()
        desk.now += timedelta(minutes=5)
    (digest,) = await desk.queue(7)
    text = json.loads(digest.message.payload)["text"]
    assert digest.kind is DeliveryKind.DIGEST
    assert "DeepSeek yeni model buraxdı" in text
    assert "Samsung" not in text


async def test_a_chat_that_follows_nothing_gets_the_days_top_stories(store: Store) -> None:
    desk = Desk(store)
    await desk.follow(daily(desk, "13:00"))
    await desk.publish("Bir xəbər", "Başqa xəbər")
    desk.now = NOON.replace(hour=13)
    await desk.publisher.send_digests()
    (digest,) = await desk.queue(7)
    assert "Başqa xəbər" in json.loads(digest.message.payload)["text"]


async def test_nothing_new_is_no_digest_and_the_next_day_is_another(store: Store) -> None:
    desk = Desk(store)
    await desk.follow(daily(desk, "13:00"), "DeepSeek", mode=Mode.DIGEST)
    desk.now = NOON.replace(hour=13)
    await desk.publisher.send_digests()
    assert await desk.queue(7) == []
    desk.now += timedelta(hours=6)
    await desk.publish("DeepSeek axşam xəbəri")
    desk.now = NOON.replace(day=24, hour=13)
    await desk.publisher.send_digests()
    assert len(await desk.queue(7)) == 1


async def test_a_story_that_was_alerted_is_not_told_again(store: Store) -> None:
    desk = Desk(store)
    await desk.follow(daily(desk, "13:00"), "DeepSeek")
    await desk.publish("DeepSeek yeni model buraxdı")
    desk.now = NOON.replace(hour=13)
    await desk.publisher.send_digests()
    assert [d.kind for d in await desk.queue(7)] == [DeliveryKind.ALERT]


async def test_an_import_is_never_in_a_digest(store: Store) -> None:
    desk = Desk(store)
    await desk.follow(daily(desk, "13:00"))
    old = Article("https://sayt.az/x", "İdxal edilmiş", source="sayt.az")
    await store.commit([NewArticle(old, ("x",), deliver=False)], None, desk.now)
    desk.now = NOON.replace(hour=13)
    await desk.publisher.send_digests()
    assert await desk.queue(7) == []


async def test_a_late_digest_tells_its_true_window(store: Store) -> None:
    desk = Desk(store)
    await desk.follow(daily(desk, "13:00"))
    await desk.publish("Bir xəbər")
    desk.now = NOON.replace(hour=16, minute=20)
    await desk.publisher.send_digests()
    (digest,) = await desk.queue(7)
    assert "23.11.2026 16:20" in json.loads(digest.message.payload)["text"]


def daily(desk: Desk, at: str) -> Chat:
    due = next_digest(at, "Asia/Baku", desk.now, None)
    return chat(digest_at=at, next_digest_at=due)
