from __future__ import annotations

from typing import TYPE_CHECKING

from tests.contract.stage import NOW, alert, archive, at, claimed, new, reader, sent, text_of

if TYPE_CHECKING:
    from bot.store.protocol import Store

HOUR = 3600


async def test_gaps_waits_and_later_deliveries_move_with_a_clock_that_was_set_back(
    store: Store,
) -> None:
    for chat_id in (1, 2, 3):
        await reader(store, chat_id)
    await store.enqueue([alert(1, "a"), alert(1, "b"), alert(2, "c")], NOW)
    await store.enqueue([alert(3, "later", not_before=at(60))], NOW)
    for claim in await claimed(store):
        if claim.chat_id == 1:
            await store.acknowledge([sent(claim, NOW, gap_s=5)])
        else:
            await store.put_back(claim, at(30), failed=False, flood=True)

    await store.set_back(at(-HOUR), HOUR)

    found = {}
    for seconds in (4, 5, 29, 30, 59, 60):
        claims = await store.claim(at(seconds - HOUR), "worker", 9, 1000)
        found[seconds] = [text_of(claim) for claim in claims]
    assert found == {4: [], 5: ["b"], 29: [], 30: ["c"], 59: [], 60: ["later"]}


async def test_a_lease_of_a_chat_moves_with_the_clock(store: Store) -> None:
    await reader(store, 1)
    await store.enqueue([alert(1, "a")], NOW)
    assert await claimed(store)

    await store.set_back(at(-HOUR), HOUR)

    assert await claimed(store, at(14 - HOUR)) == []
    assert await claimed(store, at(15 - HOUR))


async def test_leases_of_work_move_with_the_clock(store: Store) -> None:
    assert await store.lease("poll", "one", NOW, 15)

    await store.set_back(at(-HOUR), HOUR)

    assert not await store.lease("poll", "other", at(14 - HOUR), 15)
    assert await store.lease("poll", "other", at(15 - HOUR), 15)


async def test_fan_outs_and_pages_move_with_the_clock(store: Store) -> None:
    waits, taken = await archive(store, new("waits", page_by=at(60)), new("taken"))
    await archive(store, new("archived", page_by=at(90), deliver=False, age_s=5))
    assert await store.next_fan_out(NOW, "w", 15)

    await store.set_back(at(-HOUR), HOUR)

    assert [by for _, by in await store.pages_wanted(9)] == [at(60 - HOUR), at(90 - HOUR)]
    assert await store.next_fan_out(at(14 - HOUR), "w", 1000) is None
    again = await store.next_fan_out(at(15 - HOUR), "w", 1000)
    assert again is not None
    assert again.article == taken
    assert await store.next_fan_out(at(59 - HOUR), "w", 1000) is None
    later = await store.next_fan_out(at(60 - HOUR), "w", 1000)
    assert later is not None
    assert later.article == waits


async def test_what_has_come_already_does_not_move(store: Store) -> None:
    await reader(store, 1)
    await store.enqueue([alert(1, "a", not_before=at(-2 * HOUR)), alert(1, "b")], NOW)

    await store.set_back(at(-HOUR), HOUR)

    assert [text_of(claim) for claim in await claimed(store, at(-HOUR))] == ["a"]
