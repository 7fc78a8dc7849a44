from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.models import Chat, ChatKind, DeliveryKind, Message, Standing, Subscription
from tests.contract.stage import (
    NOW,
    alert,
    archive,
    at,
    claimed,
    deliver_all,
    new,
    reader,
    reply,
    sent,
    texts,
)

if TYPE_CHECKING:
    from bot.models import Draft
    from bot.store.protocol import Store

CHANNEL = -100


def post(text: str, article: int, *, held: bool = False) -> Draft:
    return alert(CHANNEL, text, kind=DeliveryKind.POST, article=article, held=held)


async def ids(store: Store, chat_id: int) -> dict[str, int]:
    waiting = await store.waiting(chat_id, 99)
    return {item.message.payload.split('"')[-2]: item.id for item in waiting}


async def test_held_messages_wait_until_they_are_released_in_the_order_given(
    store: Store,
) -> None:
    await store.enqueue([alert(1, text, held=True) for text in "abc"], NOW)
    await store.enqueue([alert(1, "free")], NOW)
    assert await store.chats_with_held() == [1]
    assert await deliver_all(store) == ["free"]

    by_text = await ids(store, 1)
    await store.release([by_text["c"], by_text["a"], 999], at(1))
    await store.release([by_text["c"]], at(2))

    assert await deliver_all(store, at(2)) == ["c", "a"]
    assert [item.held for item in await store.waiting(1, 9)] == [True]


async def test_what_was_held_goes_out_as_one_message(store: Store) -> None:
    await store.enqueue([alert(1, text, held=True) for text in "abc"], NOW)

    assert await store.merge(1, list((await ids(store, 1)).values()), alert(1, "abc"), at(1))

    assert await store.next_due(at(1)) == at(1)
    assert await deliver_all(store, at(1)) == ["abc"]


async def test_a_message_that_utf8_cannot_hold_goes_out_all_the_same(store: Store) -> None:
    broken = alert(1, "x")
    payload = '{"chat_id": 1, "text": "\ud83d"}'
    await store.enqueue([replace(broken, message=Message("sendMessage", payload))], NOW)

    assert await deliver_all(store) == ["?"]


async def test_dropped_messages_are_not_sent(store: Store) -> None:
    await store.enqueue([alert(1, "a"), alert(1, "b"), alert(1, "c", held=True)], NOW)
    by_text = await ids(store, 1)

    await store.drop([by_text["a"], by_text["c"], 999])

    assert await deliver_all(store) == ["b"]
    assert await store.chats_with_held() == []


async def test_what_waits_is_listed_in_order_with_what_is_held(store: Store) -> None:
    await store.enqueue([alert(1, "a"), alert(1, "b", held=True), alert(2, "x")], NOW)
    await store.enqueue([reply(1, "r")], NOW)

    assert list(await ids(store, 1)) == ["r", "a", "b"]
    assert len(await store.waiting(1, 2)) == 2


async def test_a_cap_counts_what_went_out_and_not_what_is_held(store: Store) -> None:
    one, two, three = await archive(store, *(new(name, deliver=False) for name in ("a", "b", "c")))
    await store.enqueue([post("a", one.id)], at(-100))
    await store.enqueue([post("b", two.id), post("c", three.id, held=True)], at(-50))

    assert await store.posted_since(CHANNEL, at(-60)) == [at(-50)]
    assert await store.posted_since(CHANNEL, at(-3600)) == [at(-100), at(-50)]

    await store.release([(await ids(store, CHANNEL))["c"]], NOW)
    assert await store.posted_since(CHANNEL, at(-60)) == [at(-50), NOW]
    await deliver_all(store)
    assert len(await store.posted_since(CHANNEL, at(-60))) == 2


async def test_the_queue_is_counted_with_its_age(store: Store) -> None:
    assert await store.outbox() == (0, None)
    await store.enqueue([alert(1, "a"), alert(1, "b")], NOW)
    await store.enqueue([alert(2, held=True)], at(5))
    assert await store.outbox() == (3, NOW)

    await store.merge(1, [item.id for item in await store.waiting(1, 9)], alert(1), at(9))
    assert await store.outbox() == (2, NOW)
    await deliver_all(store)
    assert await store.outbox() == (1, at(5))


async def test_a_disabled_chat_loses_its_queue_and_keeps_its_settings(store: Store) -> None:
    chat = await reader(store, 1, "ai")
    await store.enqueue([alert(1, "a"), alert(1, "b", held=True), reply(1), alert(2, "x")], NOW)
    claims = await claimed(store, limit=1)

    await store.disable_chat(1, "blocked", NOW)
    await store.acknowledge([sent(claim) for claim in claims])

    assert await store.chat(1) == replace(chat, disabled="blocked")
    assert await store.waiting(1, 9) == []
    assert len(await store.subscriptions(1)) == 1
    assert await deliver_all(store) == ["x"]


async def test_a_chat_that_comes_back_is_sent_to_again(store: Store) -> None:
    await store.disable_chat(1, "blocked", NOW)
    await store.meet(Chat(1))

    assert await store.enqueue([alert(1, "back")], NOW) == 1
    assert await deliver_all(store) == ["back"]


async def test_migration_unites_the_group_with_the_supergroup_met_before(store: Store) -> None:
    group = await store.save_chat(
        Chat(-5, kind=ChatKind.GROUP, language="en", digest_at="09:00", next_digest_at=at(9))
    )
    await reader(store, -5, "ai", "tesla")
    await store.meet(Chat(-1005, kind=ChatKind.SUPERGROUP, title="New"))
    await store.follow(Subscription(-1005, "tesla", "TESLA"))
    [stored] = await archive(store, new("a", deliver=False))
    await store.enqueue([alert(-5, "x", article=stored.id)], NOW)

    await store.migrate_chat(-5, -1005)

    assert await store.chat(-5) is None
    assert await store.chat(-1005) == replace(
        group, id=-1005, kind=ChatKind.SUPERGROUP, title="New"
    )
    assert {(item.topic, item.title) for item in await store.subscriptions(-1005)} == {
        ("ai", "Ai"),
        ("tesla", "TESLA"),
    }
    assert await store.told(-1005, [stored.id]) == {stored.id}
    found = await store.followers(["ai", "tesla"], None, 9)
    assert [item.chat.id for item in found] == [-1005]


async def test_a_flood_wait_moves_with_the_chat(store: Store) -> None:
    await store.enqueue([alert(-5, "x")], NOW)
    [claim] = await claimed(store)
    await store.put_back(claim, at(30), failed=False, flood=True)

    await store.migrate_chat(-5, -1005)

    assert await texts(store, at(29)) == []
    assert await texts(store, at(30)) == ["x"]


async def test_a_chat_that_an_answer_met_flooded_waits_with_answers_and_bulk(store: Store) -> None:
    await store.hold(1, at(20))
    await store.enqueue([alert(1, "bulk"), reply(1, "cavab")], NOW)
    await store.hold(1, at(10))

    assert (await store.standing(1)).held_until == at(20)
    assert await texts(store, at(19)) == []
    assert await texts(store, at(20)) == ["cavab"]


async def test_an_answer_that_waits_or_is_on_its_way_is_known_to_stand_before_the_next(
    store: Store,
) -> None:
    assert await store.standing(1) == Standing()
    await store.enqueue([alert(1, "bulk")], NOW)
    assert not (await store.standing(1)).behind
    await store.enqueue([reply(1, "cavab")], NOW)
    assert (await store.standing(1)).behind

    [claim] = await claimed(store)
    assert (await store.standing(1)).behind
    await store.acknowledge([sent(claim)])
    assert not (await store.standing(1)).behind
