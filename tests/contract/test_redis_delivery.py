"""Delivery from Redis: the rate that workers share, and what takes more than one short script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.store.redis.rate import RedisRate
from tests.contract.stage import KINDS, NOW, alert, archive, at, claimed, deliver_all, new, reply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.store.protocol import Store

INTERVAL_US = 33_834


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    async with KINDS["redis"]() as opener:
        made = opener()
        await made.open()
        yield made
        await made.close()


@pytest.fixture
def rate(store: Store) -> RedisRate:
    assert isinstance(store.shared_rate, RedisRate)
    return store.shared_rate


async def test_places_are_given_once_and_none_lies_in_the_past(rate: RedisRate) -> None:
    first = await rate.reserve(INTERVAL_US, 5)
    second = await rate.reserve(INTERVAL_US, 1)

    assert first.first_us == first.now_us
    assert second.first_us == max(second.now_us, first.first_us + 5 * INTERVAL_US)


async def test_a_flood_wait_takes_no_place(rate: RedisRate) -> None:
    first = await rate.reserve(INTERVAL_US, 3)
    noted = await rate.note_flood(1, 30, group=False)
    after = await rate.reserve(INTERVAL_US, 1)

    assert noted.first_us == after.first_us == first.first_us + 3 * INTERVAL_US


async def test_floods_of_three_chats_hold_bulk_for_the_shortest_wait(rate: RedisRate) -> None:
    for chat_id, wait_s in ((1, 30), (1, 20), (-1005, 7)):
        assert (await rate.note_flood(chat_id, wait_s, group=False)).bulk_until_us == 0
    third = await rate.note_flood(3, 9.5, group=False)

    assert third.bulk_until_us == third.now_us + 7_000_000
    assert (await rate.reserve(INTERVAL_US, 1)).bulk_until_us == third.bulk_until_us


async def test_floods_of_groups_hold_no_bulk(rate: RedisRate) -> None:
    for chat_id in range(-1, -6, -1):
        assert (await rate.note_flood(chat_id, 30, group=True)).bulk_until_us == 0


async def test_all_chats_wake_after_an_outage_step_by_step(store: Store) -> None:
    for first in range(1, 1501, 500):
        await store.enqueue([alert(chat) for chat in range(first, first + 500)], NOW)
    while await claimed(store, limit=500):
        pass

    await store.enqueue([reply(7, "answer")], at(60))

    assert len(await deliver_all(store, at(60))) == 1501


async def test_a_long_queue_moves_whole_and_in_order(store: Store) -> None:
    texts = [str(number) for number in range(1200)]
    for first in range(0, 1200, 400):
        await store.enqueue([alert(-5, text) for text in texts[first : first + 400]], NOW)
    await store.enqueue([alert(-5, "last", held=True), alert(-5, "hour", not_before=at(9))], NOW)

    await store.migrate_chat(-5, -1005)

    assert await store.waiting(-5, 9) == []
    assert await store.chats_with_held() == [-1005]
    assert await deliver_all(store) == texts
    assert await deliver_all(store, at(9)) == ["hour"]


async def test_a_long_queue_is_dropped_whole(store: Store) -> None:
    for _ in range(6):
        await store.enqueue([alert(1) for _ in range(400)], NOW)
    await store.enqueue([alert(2, "other")], NOW)

    await store.disable_chat(1, "blocked", NOW)

    assert (await store.outbox())[0] == 1
    assert await deliver_all(store) == ["other"]


async def test_a_batch_in_parts_is_told_once_when_it_is_repeated(store: Store) -> None:
    await archive(store, new("a"))
    fan_out = await store.next_fan_out(NOW, "worker", 15)
    assert fan_out
    drafts = [alert(chat, article=fan_out.article.id) for chat in range(1, 501)]

    # A worker that died after the first part.
    await store.expand(fan_out.id, drafts[:200], 0, NOW)
    assert await store.expand(fan_out.id, drafts, None, NOW) == 300

    assert (await store.outbox())[0] == 500
    assert await store.next_fan_out(at(60), "worker", 15) is None


async def test_a_cursor_of_64_bits_is_kept_to_the_last_digit(store: Store) -> None:
    await archive(store, new("a"))
    fan_out = await store.next_fan_out(NOW, "worker", 15)
    assert fan_out
    for cursor in (-(2**62), -(2**62) + 1, -(2**62)):
        await store.expand(fan_out.id, [], cursor, NOW)

    again = await store.next_fan_out(at(60), "worker", 15)
    assert again
    assert again.cursor == -(2**62) + 1


async def test_what_was_told_is_forgotten_chat_by_chat(store: Store) -> None:
    one, two = await archive(store, new("a", deliver=False), new("b", deliver=False))
    await store.enqueue([alert(chat, article=one.id) for chat in range(1, 500)], NOW)
    await store.enqueue([alert(7, article=two.id)], at(20 * 86_400))

    await store.housekeeping(at(40 * 86_400))

    assert await store.told(1, [one.id]) == set()
    assert await store.told(7, [one.id, two.id]) == {two.id}
    await store.enqueue([alert(1, article=two.id)], at(40 * 86_400))
    assert await store.told(1, [one.id, two.id]) == {two.id}
