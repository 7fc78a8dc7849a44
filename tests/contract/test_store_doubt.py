"""Messages that may have arrived: what a chat that wants none twice can go by."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.models import Chat, ChatKind, Doubt
from tests.contract.stage import NOW, alert, at, claimed, deliver_all, sent, text_of

if TYPE_CHECKING:
    from bot.models import Claim
    from bot.store.protocol import Store
    from tests.contract.stage import Opener


async def skipping(store: Store, chat_id: int = 1, *texts: str) -> Claim:
    """Give the first claim of a chat that wants no message twice."""
    chat = await store.meet(Chat(chat_id))
    await store.save_chat(replace(chat, on_doubt=Doubt.SKIP))
    await store.enqueue([alert(chat_id, text) for text in texts or ("x",)], NOW)
    [claim] = await claimed(store)
    return claim


async def test_a_claim_tells_what_its_chat_wants(store: Store) -> None:
    claim = await skipping(store)
    await store.enqueue([alert(2)], NOW)
    [other] = await claimed(store)

    assert (claim.on_doubt, claim.in_doubt) == (Doubt.SKIP, False)
    assert (other.on_doubt, other.in_doubt) == (Doubt.REPEAT, False)


async def test_what_a_worker_was_sending_when_it_died_is_in_doubt(store: Store) -> None:
    claim = await skipping(store, 1, "a", "b")
    assert await store.mark_sending(claim)

    [again] = await claimed(store, at(15))

    assert (text_of(again), again.in_doubt) == ("a", True)
    await store.acknowledge([sent(again, at(15))])
    [following] = await claimed(store, at(15))
    assert (text_of(following), following.in_doubt) == ("b", False)


async def test_what_was_only_claimed_is_not_in_doubt(store: Store) -> None:
    await skipping(store)

    [again] = await claimed(store, at(15))

    assert not again.in_doubt


async def test_the_doubt_outlives_a_restart(opener: Opener) -> None:
    before = opener()
    await before.open(exclusive=True)
    await store_marked(before)
    await before.close()
    after = opener()
    await after.open(exclusive=True)

    [again] = await claimed(after, at(15))
    assert again.in_doubt
    await after.close()


async def store_marked(store: Store) -> None:
    assert await store.mark_sending(await skipping(store))


@pytest.mark.parametrize("failed", [False, True])
async def test_what_was_put_back_is_not_in_doubt(store: Store, *, failed: bool) -> None:
    claim = await skipping(store)
    await store.mark_sending(claim)
    await store.put_back(claim, at(1), failed=failed)

    [again] = await claimed(store, at(1))

    assert not again.in_doubt


async def test_a_chat_that_wants_all_again_is_never_in_doubt(store: Store) -> None:
    claim = await skipping(store)
    await store.mark_sending(claim)
    chat = await store.chat(1)
    assert chat
    await store.save_chat(replace(chat, on_doubt=Doubt.REPEAT))

    [again] = await claimed(store, at(15))

    assert (again.on_doubt, again.in_doubt) == (Doubt.REPEAT, False)


async def test_a_late_worker_may_not_send_what_another_has(store: Store) -> None:
    late = await skipping(store)
    [taken] = await claimed(store, at(15))

    assert not await store.mark_sending(late)
    assert await store.mark_sending(taken)
    await store.acknowledge([sent(taken, at(16))])
    assert not await store.mark_sending(taken)


async def test_a_late_worker_takes_no_doubt_away(store: Store) -> None:
    late = await skipping(store)
    [taken] = await claimed(store, at(15))
    await store.mark_sending(taken)

    await store.put_back(late, at(16), failed=False)

    assert await claimed(store, at(29)) == []
    [again] = await claimed(store, at(30))
    assert again.in_doubt


async def test_what_a_group_refused_when_it_moved_is_not_in_doubt(store: Store) -> None:
    claim = await skipping(store, -5)
    await store.mark_sending(claim)

    await store.migrate_chat(-5, -1005)

    [moved] = await claimed(store)
    assert (moved.chat_id, moved.in_doubt) == (-1005, False)
    assert (moved.chat_kind, moved.on_doubt) == (ChatKind.SUPERGROUP, Doubt.SKIP)
    assert await store.outbox() != (0, None)


async def test_what_is_in_doubt_can_be_sent_all_the_same(store: Store) -> None:
    await store.mark_sending(await skipping(store))

    assert await deliver_all(store, at(15)) == ["x"]
