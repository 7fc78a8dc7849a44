from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.errors import StoreError
from bot.models import Chat, Subscription
from tests.contract.stage import (
    NOW,
    SOURCE,
    alert,
    archive,
    at,
    claimed,
    deliver_all,
    new,
    reader,
    text_of,
)

if TYPE_CHECKING:
    from bot.store.protocol import Store
    from tests.contract.stage import Opener


async def test_what_was_stored_is_there_after_opening_again(opener: Opener) -> None:
    before = opener()
    await before.open()
    [stored] = await archive(before, new("a"))
    await reader(before, 1, "ai")
    await before.enqueue([alert(1, "x")], NOW)
    await before.close()
    await before.close()

    after = opener()
    await after.open()

    assert await after.newest(9) == [stored]
    assert await after.sources() == {SOURCE.name: SOURCE}
    assert await after.subscriptions(1) == [Subscription(1, "ai", "Ai")]
    assert await deliver_all(after) == ["x"]
    await after.close()


async def test_a_store_is_usable_beside_a_running_one(opener: Opener, store: Store) -> None:
    beside = opener()
    await beside.open()

    async def write(writer: Store, name: str) -> None:
        for number in range(20):
            await writer.commit([new(f"{name}{number}")], None, NOW)
            await asyncio.sleep(0)

    await asyncio.gather(write(store, "a"), write(beside, "b"))

    assert await store.count() == await beside.count() == 40
    log = await store.log_after(0, 99)
    assert sorted({entry.seq for entry in log}) == [entry.seq for entry in log]
    await beside.close()


async def test_a_restart_goes_on_with_what_the_run_before_had_leased(opener: Opener) -> None:
    dead = opener()
    await dead.open(exclusive=True)
    await archive(dead, new("a"))
    await dead.enqueue([alert(1, "x")], NOW)
    assert await claimed(dead)
    assert await dead.next_fan_out(NOW, "dead", 15)
    await dead.close()

    run = opener()
    await run.open(exclusive=True)
    # An embedded store knows that the run before is dead; in a shared one its leases run out.
    later = at(1) if await run.time() is None else at(16)

    assert [text_of(claim) for claim in await claimed(run, later)] == ["x"]
    assert await run.next_fan_out(later, "run", 15)
    await run.close()


async def test_a_store_that_answers_passes_the_check_and_a_closed_one_does_not(
    store: Store,
) -> None:
    await store.check()
    await store.close()

    with pytest.raises(StoreError, match="closed"):
        await store.check()
    with pytest.raises(StoreError):
        await store.meet(Chat(1))


async def test_housekeeping_of_an_empty_store_does_nothing(store: Store) -> None:
    await store.housekeeping(NOW)

    assert await store.count() == 0
