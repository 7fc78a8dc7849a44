"""What a clock that was wrong for a while leaves behind: the embedded store has the machine's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.models import Chat
from bot.store import open_store
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
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.store.protocol import Store

WRONG = NOW + timedelta(days=400)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    made = open_store("", tmp_path)
    await made.open(exclusive=True)
    yield made
    await made.close()


async def test_waits_that_a_wrong_clock_left_end_with_housekeeping(store: Store) -> None:
    await store.enqueue([alert(1, "a"), alert(1, "b"), alert(2, "c"), reply(3, "r")], WRONG)
    answer, first, second = await claimed(store, WRONG)
    await store.acknowledge([sent(first, WRONG, gap_s=3)])
    await store.put_back(second, WRONG, failed=False, flood=True)
    await store.put_back(answer, WRONG, failed=True)
    await store.enqueue([alert(4, "hour", not_before=WRONG)], NOW)
    assert await texts(store, at(60)) == []

    await store.housekeeping(at(60))

    assert sorted(await deliver_all(store, at(60))) == ["b", "c", "hour", "r"]


async def test_what_may_be_waited_for_is_left_alone_by_housekeeping(store: Store) -> None:
    await store.enqueue([alert(1, "a"), alert(2, "b"), alert(3, "c", not_before=at(86_400))], NOW)
    first, _ = await claimed(store)
    await store.put_back(first, at(86_400), failed=False, flood=True)

    await store.housekeeping(at(60))

    assert await texts(store, at(60)) == ["b"]
    assert sorted(await deliver_all(store, at(86_400))) == ["a", "b", "c"]


async def test_fan_outs_and_digests_of_a_wrong_clock_come_at_last(store: Store) -> None:
    await archive(store, new("a", page_by=WRONG))
    chat = await reader(store, 1, "ai")
    await store.save_chat(replace(chat, digest_at="09:00", next_digest_at=WRONG))
    tomorrow = await store.meet(Chat(2))
    due = at(86_400)
    await store.save_chat(replace(tomorrow, digest_at="12:00", next_digest_at=due))
    assert await store.next_fan_out(at(60), "w", 15) is None

    await store.housekeeping(at(60))

    assert await store.next_fan_out(at(60), "w", 15)
    assert [chat.id for chat in await store.due_digests(at(60), 9)] == [1]
    assert [chat.id for chat in await store.due_digests(due, 9)] == [1, 2]


async def test_a_piece_of_work_leased_by_a_wrong_clock_is_free_after_housekeeping(
    store: Store,
) -> None:
    await store.lease("poll", "dead", WRONG, 15)
    await archive(store, new("a"))
    assert await store.next_fan_out(WRONG, "dead", 15)

    await store.housekeeping(at(60))

    assert await store.lease("poll", "alive", at(60), 15)
    assert await store.next_fan_out(at(60), "alive", 15)
