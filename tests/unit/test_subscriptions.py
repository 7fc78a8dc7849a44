"""What a chat follows and when its news come, over the embedded store."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.buttons import ref
from bot.models import ChatKind, Mode
from bot.store import open_store
from bot.store.protocol import Store
from bot.subscriptions import Defaults, Subscriptions

NOON = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)  # 12:00 in Baku


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = open_store("", tmp_path)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def service(store: Store, clock: Clock) -> Subscriptions:
    return Subscriptions(store, Defaults(), clock)


async def test_looking_at_a_chat_stores_nothing(service: Subscriptions, store: Store) -> None:
    chat = await service.chat(1, ChatKind.PRIVATE)
    assert (chat.language, chat.zone) == ("az", "Asia/Baku")
    assert await store.chat(1) is None


async def test_a_topic_is_followed_at_once_and_once(service: Subscriptions) -> None:
    chat = await service.chat(1, ChatKind.PRIVATE)
    first = await service.follow(chat, "DeepSeek", 10)
    again = await service.follow(chat, "deepseek-in", 11)
    assert (first.created, again.created) == (True, False)
    assert [(s.title, s.mode) for s in await service.all(1)] == [("DeepSeek", Mode.INSTANT)]


async def test_a_redelivered_follow_is_answered_as_the_first_time(service: Subscriptions) -> None:
    chat = await service.chat(1, ChatKind.PRIVATE)
    first = await service.follow(chat, "DeepSeek", 10)
    assert await service.follow(chat, "DeepSeek", 10) == first


async def test_a_redelivered_follow_does_not_undo_what_came_later(service: Subscriptions) -> None:
    chat = await service.chat(1, ChatKind.PRIVATE)
    followed = await service.follow(chat, "DeepSeek", 10)
    await service.unfollow(1, "DeepSeek", 11)
    assert await service.follow(chat, "DeepSeek", 10) == followed
    assert await service.all(1) == []


async def test_a_button_keeps_the_mode_a_command_asks_for_alerts(service: Subscriptions) -> None:
    chat = await service.chat(1, ChatKind.PRIVATE)
    topic = (await service.follow(chat, "Tesla", 10)).subscription.topic
    await service.to_digest(chat, topic, 11)
    assert (await service.follow(chat, "Tesla", 12)).subscription.mode is Mode.DIGEST
    asked = await service.follow(chat, "Tesla", 13, mode=Mode.INSTANT)
    assert asked.subscription.mode is Mode.INSTANT


async def test_alerts_go_where_the_group_last_followed(
    service: Subscriptions, store: Store
) -> None:
    chat = await service.chat(-5, ChatKind.SUPERGROUP, "Redaksiya")
    await service.follow(chat, "Tesla", 10, thread_id=7)
    await service.follow(chat, "Apple", 11, thread_id=9)
    stored = await store.chat(-5)
    assert stored is not None
    assert stored.thread_id == 9


async def test_the_first_topic_in_the_digest_sets_nine_o_clock(service: Subscriptions) -> None:
    chat = await service.chat(1, ChatKind.PRIVATE)
    topic = (await service.follow(chat, "Tesla", 10)).subscription.topic
    result = await service.to_digest(chat, topic, 11)
    assert result is not None
    subscription, chat = result
    assert (subscription.mode, chat.digest_at) == (Mode.DIGEST, "09:00")
    assert chat.next_digest_at == NOON + timedelta(hours=21)


async def test_an_hour_that_is_set_stays_when_a_topic_joins_the_digest(
    service: Subscriptions,
) -> None:
    chat = await service.set_digest(await service.chat(1, ChatKind.PRIVATE), "18:30", None, 9)
    topic = (await service.follow(chat, "Tesla", 10)).subscription.topic
    result = await service.to_digest(chat, topic, 11)
    assert result is not None
    assert result[1].digest_at == "18:30"


async def test_an_hour_still_ahead_today_means_today(service: Subscriptions) -> None:
    chat = await service.chat(1, ChatKind.PRIVATE)
    set_chat = await service.set_digest(chat, "18:30", None, 10)
    assert set_chat.next_digest_at == NOON + timedelta(hours=6, minutes=30)


async def test_an_hour_counts_in_its_zone_which_the_chat_keeps(service: Subscriptions) -> None:
    chat = await service.chat(1, ChatKind.PRIVATE)
    there = await service.set_digest(chat, "18:30", "Europe/Berlin", 10)
    assert there.next_digest_at == datetime(2026, 11, 24, 17, 30, tzinfo=UTC)
    assert (await service.set_digest(there, "19:00", None, 11)).zone == "Europe/Berlin"


async def test_no_hour_no_digest(service: Subscriptions) -> None:
    chat = await service.set_digest(await service.chat(1, ChatKind.PRIVATE), "18:30", None, 10)
    off = await service.set_digest(chat, None, None, 11)
    assert (off.digest_at, off.next_digest_at) == (None, None)


async def test_a_topic_rests_for_a_day(service: Subscriptions) -> None:
    chat = await service.chat(1, ChatKind.PRIVATE)
    topic = (await service.follow(chat, "Tesla", 10)).subscription.topic
    paused = await service.pause(1, topic, 11)
    assert paused is not None
    assert paused.paused_until == NOON + timedelta(days=1)
    resumed = await service.resume(1, topic, 12)
    assert resumed is not None
    assert resumed.paused_until is None


async def test_what_was_removed_can_be_brought_back_as_it_was(service: Subscriptions) -> None:
    chat = await service.chat(1, ChatKind.PRIVATE)
    topic = (await service.follow(chat, "kvant  kompüteri", 10)).subscription.topic
    gone = await service.unfollow_ref(1, ref(topic), 11)
    assert gone is not None
    title = await service.recall(ref(topic))
    assert title == gone.title
    back = await service.restore(chat, title, Mode.DIGEST, 12)
    assert (back.topic, back.title, back.mode) == (topic, gone.title, Mode.DIGEST)


async def test_a_redelivered_removal_gives_what_was_removed_a_new_one_nothing(
    service: Subscriptions,
) -> None:
    chat = await service.chat(1, ChatKind.PRIVATE)
    topic = (await service.follow(chat, "Tesla", 10)).subscription.topic
    gone = await service.unfollow_ref(1, ref(topic), 11)
    assert await service.unfollow_ref(1, ref(topic), 11) == gone
    assert await service.unfollow_ref(1, ref(topic), 12) is None


async def test_a_name_of_another_chats_topic_names_nothing_here(service: Subscriptions) -> None:
    chat = await service.chat(1, ChatKind.PRIVATE)
    topic = (await service.follow(chat, "Tesla", 10)).subscription.topic
    assert await service.by_ref(1, ref(topic)) is not None
    assert await service.by_ref(2, ref(topic)) is None


async def test_a_chat_that_comes_back_is_served_again(service: Subscriptions, store: Store) -> None:
    await service.meet(1, ChatKind.PRIVATE)
    await service.leave(1, "blocked")
    stored = await store.chat(1)
    assert stored is not None
    assert stored.disabled
    assert (await service.chat(1, ChatKind.PRIVATE)).disabled is None


async def test_leaving_a_chat_never_met_is_nothing(service: Subscriptions, store: Store) -> None:
    await service.leave(99, "blocked")
    assert await store.chat(99) is None
