"""Several workers: pieces of work, and updates that are handled once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.models import Chat, Turn
from tests.contract.stage import NOW, at

if TYPE_CHECKING:
    from bot.store.protocol import Store
    from tests.contract.stage import Opener


async def test_a_piece_of_work_has_one_owner_until_its_lease_ends(store: Store) -> None:
    assert await store.lease("poll", "a", NOW, 15)
    assert not await store.lease("poll", "b", at(14.9), 15)
    assert await store.lease("source:technote.az", "b", NOW, 15)

    assert await store.lease("poll", "b", at(15), 15)
    assert not await store.lease("poll", "a", at(16), 15)


async def test_an_owner_keeps_its_piece_of_work_by_taking_it_again(store: Store) -> None:
    assert await store.lease("poll", "a", NOW, 15)
    assert await store.lease("poll", "a", at(10), 15)

    assert not await store.lease("poll", "b", at(24), 15)
    assert await store.lease("poll", "b", at(25), 15)


async def test_what_is_given_back_is_free_and_what_others_have_is_not(store: Store) -> None:
    await store.lease("poll", "a", NOW, 15)

    await store.leave("poll", "b")
    assert not await store.lease("poll", "b", NOW, 15)
    await store.leave("poll", "a")
    await store.leave("poll", "a")

    assert await store.lease("poll", "b", NOW, 15)


async def test_the_workers_that_are_alive_are_known_by_their_leases(store: Store) -> None:
    await store.lease("worker:a", "a", NOW, 15)
    await store.lease("worker:b", "b", at(10), 15)
    await store.lease("workers", "c", NOW, 15)
    await store.lease("poll", "a", NOW, 15)

    assert await store.leases("worker:", at(14)) == {"worker:a": "a", "worker:b": "b"}
    assert await store.leases("worker:", at(15)) == {"worker:b": "b"}
    assert await store.leases("source:", NOW) == {}


async def test_leases_are_seen_beside_the_worker_that_has_them(
    opener: Opener, store: Store
) -> None:
    await store.lease("worker:a", "a", NOW, 15)
    beside = opener()
    await beside.open()

    assert await beside.leases("worker:", NOW) == {"worker:a": "a"}
    await beside.close()


async def test_an_update_is_handled_once(store: Store) -> None:
    assert await store.begin_update(7, 1, "a", NOW, 15) is Turn.HANDLE
    await store.end_update(7, 1, "a", NOW)

    assert await store.begin_update(7, 1, "a", at(1), 15) is Turn.DONE
    assert await store.begin_update(7, 1, "b", at(1), 15) is Turn.DONE
    assert await store.begin_update(8, 1, "b", at(1), 15) is Turn.HANDLE


async def test_what_was_handled_is_known_after_opening_again(opener: Opener) -> None:
    before = opener()
    await before.open()
    await before.begin_update(7, 1, "a", NOW, 15)
    await before.end_update(7, 1, "a", NOW)
    await before.close()
    after = opener()
    await after.open()

    assert await after.begin_update(7, 1, "b", at(1), 15) is Turn.DONE
    await after.close()


async def test_of_a_chat_one_worker_handles_updates_at_a_time(store: Store) -> None:
    assert await store.begin_update(7, 1, "a", NOW, 15) is Turn.HANDLE

    assert await store.begin_update(8, 1, "b", NOW, 15) is Turn.WAIT
    assert await store.begin_update(7, 1, "b", NOW, 15) is Turn.WAIT
    assert await store.begin_update(9, 2, "b", NOW, 15) is Turn.HANDLE
    assert await store.begin_update(7, 1, "a", NOW, 15) is Turn.HANDLE
    await store.end_update(7, 1, "a", NOW)
    assert await store.begin_update(8, 1, "b", NOW, 15) is Turn.HANDLE


async def test_a_chat_is_free_when_its_worker_died_or_gave_up(store: Store) -> None:
    await store.begin_update(7, 1, "a", NOW, 15)
    assert await store.begin_update(7, 1, "b", at(15), 15) is Turn.HANDLE

    await store.let_go(1, "a")
    assert await store.begin_update(7, 1, "c", at(16), 15) is Turn.WAIT
    await store.let_go(1, "b")
    assert await store.begin_update(7, 1, "c", at(16), 15) is Turn.HANDLE


async def test_a_late_end_lets_go_of_no_other_workers_chat(store: Store) -> None:
    await store.begin_update(7, 1, "a", NOW, 15)
    await store.begin_update(8, 1, "b", at(15), 15)

    await store.end_update(7, 1, "a", at(16))

    assert await store.begin_update(9, 1, "a", at(16), 15) is Turn.WAIT
    assert await store.begin_update(7, 1, "b", at(16), 15) is Turn.DONE


async def test_housekeeping_keeps_the_updates_of_two_days(store: Store) -> None:
    await store.begin_update(7, 1, "a", NOW, 15)
    await store.end_update(7, 1, "a", NOW)

    await store.housekeeping(NOW + timedelta(hours=47))

    assert await store.begin_update(7, 1, "a", NOW + timedelta(hours=47), 15) is Turn.DONE


async def test_a_chat_that_wants_no_doubtful_message_twice_says_so(store: Store) -> None:
    chat = await store.meet(Chat(1))
    assert str(chat.on_doubt) == "repeat"
