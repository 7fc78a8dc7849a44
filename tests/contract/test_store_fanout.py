from __future__ import annotations

from typing import TYPE_CHECKING

from bot.models import Chat, Subscription
from tests.contract.stage import NOW, alert, archive, at, deliver_all, new, reader

if TYPE_CHECKING:
    from bot.models import FanOut
    from bot.store.protocol import Store


async def begun(store: Store, seconds: float = 0) -> FanOut:
    fan_out = await store.next_fan_out(at(seconds), "worker", 15)
    assert fan_out is not None
    return fan_out


async def test_fan_outs_come_oldest_article_first_and_one_worker_each(store: Store) -> None:
    await archive(
        store,
        new("young", age_s=1),
        new("old", age_s=9),
        new("twin", age_s=9),
        new("kept", deliver=False),
    )

    order = [(await begun(store)).article.article.title for _ in range(3)]

    assert order == ["old", "twin", "young"]
    assert await store.next_fan_out(NOW, "other", 15) is None


async def test_a_fan_out_of_a_dead_worker_goes_on_where_it_was(store: Store) -> None:
    await archive(store, new("a"))
    fan_out = await begun(store)
    assert fan_out.cursor is None
    await store.expand(fan_out.id, [alert(3, article=fan_out.article.id)], 3, at(10))

    assert await store.next_fan_out(at(20), "other", 15) is None
    taken_over = await begun(store, 26)

    assert taken_over.id == fan_out.id
    assert taken_over.cursor == 3


async def test_a_finished_fan_out_is_gone(store: Store) -> None:
    await archive(store, new("a"))
    fan_out = await begun(store)

    assert await store.expand(fan_out.id, [alert(1, article=fan_out.article.id)], None, NOW) == 1

    assert await store.next_fan_out(at(99), "w", 15) is None
    assert await store.expand(fan_out.id, [alert(2)], None, NOW) == 0


async def test_a_repeated_batch_adds_nothing_and_never_moves_back(store: Store) -> None:
    await archive(store, new("a"))
    fan_out = await begun(store)
    batch = [alert(chat_id, str(chat_id), article=fan_out.article.id) for chat_id in (1, 2)]

    assert await store.expand(fan_out.id, batch, 2, NOW) == 2
    await store.expand(fan_out.id, [], 5, NOW)
    assert await store.expand(fan_out.id, batch, 2, NOW) == 0

    assert (await begun(store, 99)).cursor == 5
    assert sorted(await deliver_all(store)) == ["1", "2"]


async def test_a_chat_gets_an_article_once_also_after_it_was_sent(store: Store) -> None:
    [stored] = await archive(store, new("a", deliver=False))
    drafts = [alert(1, "x", article=stored.id)] * 2

    assert await store.enqueue(drafts, NOW) == 1
    assert await deliver_all(store) == ["x"]
    assert await store.enqueue(drafts, NOW) == 0

    assert await store.told(1, [stored.id, 99]) == {stored.id}
    assert await store.told(2, [stored.id]) == set()


async def test_the_alerts_of_a_chat_are_counted_by_topic_and_time(store: Store) -> None:
    stored = await archive(store, *(new(name, deliver=False) for name in "abcd"))
    a, b, c, d = (one.id for one in stored)
    await store.enqueue([alert(1, article=a, topic="ai")], at(-7200))
    await store.enqueue([alert(1, article=b, topic="ai"), alert(2, article=b)], at(-60))
    await store.enqueue([alert(1, article=c, topic="ai"), alert(1, article=d, topic="tesla")], NOW)
    await store.enqueue([alert(3, article=d, topic="ai", held=True)], NOW)
    await deliver_all(store)

    counted = {(1, "ai"): 2, (1, "tesla"): 1}
    assert await store.alerted_since([1, 2, 3], at(-3600)) == counted
    assert await store.alerted_since([2], at(-3600)) == {}
    assert (await store.alerted_since([1], at(-9000)))[1, "ai"] == 3


async def test_disabled_chats_are_passed_over(store: Store) -> None:
    await reader(store, 1, "ai")
    await store.disable_chat(1, "blocked", NOW)
    await store.disable_chat(-100, "kicked", NOW)

    assert await store.enqueue([alert(1), alert(-100), alert(2)], NOW) == 1
    assert await store.followers(["ai"], None, 10) == []


async def test_followers_come_by_chat_id_with_their_matching_subscriptions(
    store: Store,
) -> None:
    await reader(store, 7, "ai", "tesla")
    await reader(store, -5, "tesla", "other")
    await reader(store, 3, "ai")
    await reader(store, 4, "other")

    found = await store.followers(["ai", "tesla", "nobody"], None, 10)

    assert [item.chat.id for item in found] == [-5, 3, 7]
    assert [{sub.topic for sub in item.subscriptions} for item in found] == [
        {"tesla"},
        {"ai"},
        {"ai", "tesla"},
    ]
    assert found[1].chat == Chat(3)
    assert found[1].subscriptions == (Subscription(3, "ai", "Ai"),)


async def test_pages_of_followers_neither_repeat_nor_skip(store: Store) -> None:
    for chat_id in range(1, 12):
        await reader(store, chat_id, *(["ai"] if chat_id % 2 else ["ai", "tesla"]))

    seen: list[int] = []
    after = None
    while page := await store.followers(["tesla", "ai"], after, 4):
        assert len(page) <= 4
        after = page[-1].chat.id
        seen += [item.chat.id for item in page]

    assert seen == list(range(1, 12))


async def test_marks_of_what_was_told_are_forgotten_after_a_month(store: Store) -> None:
    [stored] = await archive(store, new("a", deliver=False))
    await store.enqueue([alert(1, article=stored.id)], NOW)

    await store.housekeeping(at(20 * 86_400))
    assert await store.told(1, [stored.id]) == {stored.id}

    await store.housekeeping(at(40 * 86_400))
    assert await store.told(1, [stored.id]) == set()


async def test_an_article_still_on_its_way_is_never_forgotten(store: Store) -> None:
    await archive(store, new("a"))
    fan_out = await begun(store)
    drafts = [alert(1, article=fan_out.article.id)]
    await store.expand(fan_out.id, drafts, 1, NOW)

    await store.housekeeping(at(40 * 86_400))

    assert await store.expand(fan_out.id, drafts, 1, at(40 * 86_400)) == 0
