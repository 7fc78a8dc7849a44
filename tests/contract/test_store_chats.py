from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.errors import StoreError
from bot.models import Chat, ChatKind, Mode, Subscription, Topic
from tests.contract.stage import NOW, alert, at, deliver_all, reader

if TYPE_CHECKING:
    from bot.store.protocol import Store

AI = Subscription(1, "suni zeka", "Süni zəka")


async def test_meeting_a_chat_again_keeps_its_settings_and_enables_it(store: Store) -> None:
    met = await store.meet(Chat(1, title="Old"))
    await store.save_chat(replace(met, digest_at="09:00", language="en"))
    await store.disable_chat(1, "blocked", NOW)

    again = await store.meet(Chat(1, kind=ChatKind.SUPERGROUP, title="New"))

    assert again == Chat(1, kind=ChatKind.SUPERGROUP, title="New", digest_at="09:00", language="en")
    assert await store.chat(1) == again
    assert await store.chat(2) is None


async def test_a_chats_settings_are_stored_as_given(store: Store) -> None:
    chat = Chat(
        -100123,
        kind=ChatKind.CHANNEL,
        title="Kanal",
        language="ru",
        zone="Europe/Berlin",
        digest_at="07:30",
        quiet="23:00-08:00",
        thread_id=7,
        last_digest_at=at(-60),
        next_digest_at=at(60),
    )

    assert await store.save_chat(chat) == chat
    assert await store.chat(chat.id) == chat


async def test_chats_are_listed_by_id_page_by_page(store: Store) -> None:
    for chat_id in (5, -3, 9):
        await store.meet(Chat(chat_id))

    assert [chat.id for chat in await store.chats(None, 2)] == [-3, 5]
    assert [chat.id for chat in await store.chats(5, 2)] == [9]


async def test_following_twice_keeps_the_title_and_takes_the_new_mode(store: Store) -> None:
    await reader(store, 1)
    assert (await store.follow(AI)).created

    again = await store.follow(replace(AI, title="SUNI ZEKA", mode=Mode.DIGEST))

    assert not again.created
    assert again.subscription == replace(AI, mode=Mode.DIGEST)
    assert await store.subscriptions(1) == [again.subscription]


async def test_a_chat_that_was_never_met_cannot_follow(store: Store) -> None:
    with pytest.raises(StoreError):
        await store.follow(AI)


async def test_subscriptions_are_listed_oldest_first(store: Store) -> None:
    await reader(store, 1, "b", "a", "c")
    await store.unfollow(1, "b")
    await store.follow(Subscription(1, "b", "B"))

    assert [item.topic for item in await store.subscriptions(1)] == ["a", "c", "b"]


async def test_unfollowing_gives_what_was_followed(store: Store) -> None:
    await reader(store, 1)
    await store.follow(AI)

    assert await store.unfollow(1, AI.topic) == AI
    assert await store.unfollow(1, AI.topic) is None
    assert await store.subscriptions(1) == []


async def test_a_subscription_changes_its_mode_and_pause(store: Store) -> None:
    await reader(store, 1)
    await store.follow(AI)

    paused = await store.change(1, AI.topic, paused_until=at(86_400))
    assert paused == replace(AI, paused_until=at(86_400))
    assert await store.change(1, AI.topic, mode=Mode.DIGEST) == replace(AI, mode=Mode.DIGEST)
    assert await store.change(1, "nothing", mode=Mode.DIGEST) is None


async def test_the_list_of_topics_has_each_once_and_a_version_that_changes_with_it(
    store: Store,
) -> None:
    await reader(store, 1, "ai")
    version, topics = await store.topics()
    assert topics == [Topic("ai", "Ai")]

    await reader(store, 2, "ai")
    await store.unfollow(1, "ai")
    assert await store.topics() == (version, topics)
    assert await store.topics_version() == version

    await store.unfollow(2, "ai")
    later, topics = await store.topics()
    assert topics == []
    assert later != version


async def test_a_redelivered_update_changes_nothing_and_is_answered_as_before(
    store: Store,
) -> None:
    await reader(store, 1)
    first = await store.follow(AI, update_id=10)
    gone = await store.unfollow(1, AI.topic, update_id=11)

    assert await store.follow(AI, update_id=10) == first
    assert await store.subscriptions(1) == []
    assert await store.unfollow(1, AI.topic, update_id=11) == gone == AI
    assert await store.follow(AI, update_id=12) == first


async def test_a_redelivered_setting_does_not_undo_a_later_one(store: Store) -> None:
    chat = await reader(store, 1, "ai")
    nine = replace(chat, digest_at="09:00")
    assert await store.save_chat(nine, update_id=1) == nine
    paused = await store.change(1, "ai", paused_until=at(60), update_id=1)
    await store.save_chat(replace(chat, digest_at="10:00"), update_id=2)
    await store.change(1, "ai", update_id=2)

    assert await store.save_chat(nine, update_id=1) == nine
    assert await store.change(1, "ai", paused_until=at(99), update_id=1) == paused

    stored = await store.chat(1)
    assert stored is not None
    assert stored.digest_at == "10:00"
    assert (await store.subscriptions(1))[0].paused_until is None


async def test_one_update_may_do_several_things(store: Store) -> None:
    await reader(store, 1)

    await store.follow(AI, update_id=1)
    await store.follow(replace(AI, topic="b", title="B"), update_id=1)
    assert await store.enqueue([alert(1, "x")], NOW, update_id=1) == 1
    assert await store.enqueue([alert(1, "y")], NOW, update_id=1) == 1
    assert await store.enqueue([alert(1, "x")], NOW, update_id=1) == 1

    assert len(await store.subscriptions(1)) == 2
    assert await deliver_all(store) == ["x", "y"]


async def test_update_marks_outlive_two_days_and_no_more(store: Store) -> None:
    await reader(store, 1)
    await store.follow(AI, update_id=1)
    await store.unfollow(1, AI.topic)

    await store.housekeeping(NOW)
    await store.housekeeping(at(47 * 3600))
    await store.follow(AI, update_id=1)
    assert await store.subscriptions(1) == []

    if await store.time() is not None:
        return  # a store with a clock of its own forgets by that
    await store.housekeeping(at(49 * 3600))
    await store.follow(AI, update_id=1)
    assert await store.subscriptions(1) == [AI]


async def test_due_digests_come_earliest_first_and_without_disabled_chats(store: Store) -> None:
    for chat_id, due_s in ((1, -5), (2, -9), (3, 5), (4, -7)):
        await store.save_chat(Chat(chat_id, next_digest_at=at(due_s)))
    await store.save_chat(Chat(5))
    await store.disable_chat(4, "blocked", NOW)

    assert [chat.id for chat in await store.due_digests(NOW, 10)] == [2, 1]
    assert [chat.id for chat in await store.due_digests(NOW, 1)] == [2]
    assert [chat.id for chat in await store.due_digests(at(5), 10)] == [2, 1, 3]


async def test_a_digest_is_served_once_whoever_serves_it(store: Store) -> None:
    chat = await store.save_chat(Chat(1, next_digest_at=NOW))

    assert await store.commit_digest(chat, [alert(1, "digest")], at(86_400), at(3))
    assert not await store.commit_digest(chat, [alert(1, "again")], at(86_400), at(4))

    assert await deliver_all(store, at(5)) == ["digest"]
    served = await store.chat(1)
    assert served == replace(chat, last_digest_at=at(3), next_digest_at=at(86_400))


async def test_a_digest_without_news_still_sets_the_next_one(store: Store) -> None:
    chat = await store.save_chat(Chat(1, next_digest_at=NOW))

    assert await store.commit_digest(chat, [], None, NOW)

    assert await store.due_digests(at(999), 10) == []


async def test_phrases_are_remembered_and_forgotten_after_a_season(store: Store) -> None:
    await store.keep_phrase("k", "süni zəka", NOW)
    assert await store.phrase("k") == "süni zəka"
    assert await store.phrase("other") is None

    await store.keep_phrase("k", "süni zəka", at(80 * 86_400))
    await store.housekeeping(at(100 * 86_400))
    assert await store.phrase("k") == "süni zəka"

    await store.housekeeping(at(200 * 86_400))
    assert await store.phrase("k") is None
