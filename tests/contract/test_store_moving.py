"""Moving house: what a store held is in the other one, and goes on there."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.commands.moving import fill, fresh
from bot.errors import HalfFilledError
from bot.models import Chat, ChatKind, DeliveryKind, Doubt, Mode, Subscription
from bot.store.records import SECTIONS, to_ms
from tests.contract.stage import (
    KINDS,
    NOW,
    SOURCE,
    alert,
    archive,
    at,
    claimed,
    deliver_all,
    new,
    reader,
    reply,
    sent,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.store.protocol import Store
    from bot.store.records import Row

TWO_KEYS = {"told", "update_marks"}
ODD = "süni “zəka”\t\n\\ \" ' \x00 \x7f 🎉 :1:{}[]"
FAR = -(10**15)


@pytest.fixture(
    params=[("sqlite", "redis"), ("redis", "sqlite"), ("sqlite", "sqlite")], ids="-".join
)
async def pair(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Store, Store]]:
    async with AsyncExitStack() as stack:
        stores = []
        for kind in request.param:
            opener = await stack.enter_async_context(KINDS[kind]())
            store = opener()
            stack.push_async_callback(store.close)
            await store.open()
            stores.append(store)
        yield stores[0], stores[1]


async def dumped(store: Store, limit: int = 3) -> dict[str, list[Row]]:
    """Give all that a store holds, each section in the order of its keys."""
    found: dict[str, list[Row]] = {}
    for section in SECTIONS:
        keys = 2 if section in TWO_KEYS else 1
        rows: dict[Any, Row] = {}
        cursor = None
        while True:
            page, cursor = await store.dump(section, cursor, limit)
            rows |= {tuple(row[:keys]): tuple(row) for row in page}
            if cursor is None:
                break
        found[section] = [rows[key] for key in sorted(rows)]
    return found


async def populated(store: Store) -> None:
    """Fill a store with a bit of everything, odd things included."""
    await reader(store, 3)
    await store.follow(Subscription(3, "late", "Late"), update_id=77)
    await store.housekeeping(datetime.now(UTC))  # gives the mark its time
    await archive(
        store,
        new("young", "k1", "k2", age_s=1),
        new("old", age_s=9),
        new("undated", age_s=None),
        new("page", page_by=at(60)),
        new(ODD, deliver=False),
    )
    await store.commit([new("imported", age_s=86_400, deliver=False)], None, NOW)
    await store.save_source(replace(SOURCE, name=ODD, etag='W/"\udce9"', items_per_hour=0.1))
    for chat_id, topics in ((FAR, ["ai", "b"]), (3, ["ai"]), (7, ["b", "ai"]), (9, ["gone"])):
        await reader(store, chat_id, *topics)
    await store.unfollow(9, "gone")
    await store.unfollow(7, "b")
    await store.follow(Subscription(7, ODD, ODD, Mode.DIGEST, at(99)))
    await store.follow(Subscription(7, "b", "B"))
    await store.save_chat(
        Chat(
            FAR,
            kind=ChatKind.CHANNEL,
            title=ODD,
            language="ru",
            digest_at="07:30",
            quiet="23:00-08:00",
            thread_id=7,
            last_digest_at=at(-60),
            next_digest_at=at(-1),
            on_doubt=Doubt.SKIP,
        )
    )
    await store.save_chat(Chat(5, next_digest_at=at(-9)))
    await store.save_chat(Chat(6, next_digest_at=at(-5)))
    await store.disable_chat(6, "blocked", NOW)
    await store.keep_phrase("k", ODD, NOW)
    await store.end_update(77, 3, "w", datetime.now(UTC))
    fan_out = await store.next_fan_out(NOW, "w", 15)
    assert fan_out is not None
    drafts = [alert(chat, "alert", article=fan_out.article.id, topic="ai") for chat in (FAR, 3)]
    await store.expand(fan_out.id, drafts, 3, NOW)
    await store.enqueue(
        [
            alert(11, "one"),
            alert(11, "two", not_before=at(30)),
            alert(11, ODD),
            reply(11, "reply"),
            alert(12, "held", kind=DeliveryKind.POST, article=2, held=True),
            alert(12, "held too", held=True),
            alert(13, "dies"),
            alert(14, "waits", kind=DeliveryKind.DIGEST),
            alert(14, "last"),
            alert(15, "fast"),
            alert(15, "slow"),
            alert(-1016, "posted", kind=DeliveryKind.POST, article=5, topic=ODD),
            alert(17, "told by another", article=6, story=5),
            alert(18, "dies too", article=6, story=5),
        ],
        NOW,
    )
    for claim in await claimed(store):
        if text_of(claim) == "posted":
            await store.acknowledge([sent(claim)])
        elif text_of(claim).startswith("dies"):
            await store.set_aside(claim, f"400 {ODD}", NOW)
        elif text_of(claim) == "waits":
            await store.put_back(claim, at(40), failed=True, flood=True)
        elif text_of(claim) == "fast":
            await store.acknowledge([sent(claim, gap_s=20)])
        else:
            await store.put_back(claim, NOW, failed=False)
    await stories(store)


async def stories(store: Store) -> None:
    """Place articles, and leave edits in each state that they may be in."""
    await store.place(2, 1, NOW)
    await store.place(6, 5, NOW)
    await store.place(1, 1, NOW)
    await store.keep_marks({1: ODD, 2: "mark"})
    await store.queue_edit(5, None, NOW)
    again = alert(-1016, "sent meanwhile", article=5)
    await store.expand(-1, [again], None, NOW)
    await store.queue_edit(5, None, NOW)
    edit = alert(-1016, ODD, kind=DeliveryKind.EDIT, article=5, expires_at=at(500))
    await store.expand(-2, [edit], None, NOW)
    await store.queue_edit(5, 6, NOW)
    await store.expand(-3, [again], 17, NOW)
    revised = replace(new("undated", age_s=None).article, title=ODD)
    await store.revise(3, revised, "mark 3", NOW)


async def questions(store: Store) -> list[Any]:
    """Ask a store everything that changes nothing."""
    chats = await store.chats(None, 99)
    log = await store.log_after(0, 99)
    ids = [entry.id for entry in log]
    return [
        chats,
        [await store.subscriptions(chat.id) for chat in chats],
        await store.topics(),
        await store.followers(["ai", "b", ODD], None, 99),
        await store.due_digests(at(60), 9),
        await store.sources(),
        await store.known(["k1", "k2", "old", ODD, "none"]),
        log,
        await store.newest(99),
        await store.oldest(99),
        await store.archived_between(at(-9), at(9), 99),
        await store.pages_wanted(9),
        await store.count(),
        await store.last_seq(),
        await store.outbox(),
        [await store.waiting(chat_id, 99) for chat_id in (FAR, 3, 11, 12, 13, 14, 15, -1016)],
        await store.chats_with_held(),
        [await store.told(chat.id, ids) for chat in [*chats, Chat(12)]],
        [await store.posted_since(chat.id, at(-99)) for chat in [*chats, Chat(12)]],
        await store.alerted_since([FAR, 3, 7], at(-99)),
        [await store.sent_to(number, None, 99) for number in ids],
        [await store.members(number) for number in ids],
        await store.marks(ids),
        await store.dead_letters(None, 99),
        await store.phrase("k"),
        await store.next_due(NOW),
        await store.identity(),
    ]


async def acts(store: Store) -> list[Any]:
    """Let a store go on working, and give what came of it."""
    came: list[Any] = [await deliver_all(store, at(seconds)) for seconds in (0, 10, 25, 35, 45)]
    await store.release([item.id for item in await store.waiting(12, 9)], at(50))
    dead = [letter.delivery.id for letter in await store.dead_letters(None, 9)]
    came.append(await store.retry_dead(dead, at(50)))
    came.append(sorted(await deliver_all(store, at(50))))
    while fan_out := await store.next_fan_out(at(100), "other", 15):
        again = [alert(chat, "again", article=fan_out.article.id) for chat in (FAR, 3, 6, 7)]
        queued = await store.expand(fan_out.id, again, None, at(100))
        # An edit begins anew: where it was is known in the words of the store that it left.
        cursor = fan_out.cursor if fan_out.id > 0 else None
        came.append((fan_out.article, cursor, fan_out.only, fan_out.revised, queued))
    [stored] = await store.commit([new("fresh"), new("other", "k2")], SOURCE, at(101))
    came += [stored.id, stored.seq]
    came.append(await store.follow(Subscription(3, "late", "Later"), update_id=77))
    came.append(await store.follow(Subscription(9, "late", "Later")))
    came.append(await store.begin_update(77, 3, "x", at(100), 15))
    came.append(await store.topics())
    return came


async def test_a_store_that_was_moved_answers_and_goes_on_as_the_one_before(
    pair: tuple[Store, Store],
) -> None:
    before, after = pair
    await populated(before)
    await reader(after, 999, "what was there before")

    counts = await fill(before, after)

    assert counts == await before.counts() == await after.counts()
    assert await dumped(after) == await dumped(before)
    assert await questions(after) == await questions(before)
    assert await acts(after) == await acts(before)


async def test_moving_again_changes_nothing(pair: tuple[Store, Store]) -> None:
    before, after = pair
    await populated(before)
    first = await fill(before, after)
    held = await dumped(after)

    assert await fill(before, after) == first
    assert await dumped(after) == held


async def test_what_goes_there_and_back_is_the_same_to_the_byte() -> None:
    async with KINDS["sqlite"]() as home, KINDS["redis"]() as away, KINDS["sqlite"]() as again:
        stores = [home(), away(), again()]
        for store in stores:
            await store.open()
        await populated(stores[0])

        await fill(stores[0], stores[1])
        await fill(stores[1], stores[2])

        assert await dumped(stores[2], 500) == await dumped(stores[0], 500)
        for store in stores:
            await store.close()


async def test_records_come_in_any_order_and_more_than_once(pair: tuple[Store, Store]) -> None:
    before, after = pair
    await populated(before)
    records = await dumped(before)
    await after.begin_filling(await before.identity())
    for section in reversed(SECTIONS):
        for row in reversed(records[section]):
            await after.load(section, [row])
            await after.load(section, [row])

    assert await dumped(after) == records
    assert await questions(after) == await questions(before)


async def test_a_cleared_store_is_as_a_new_one(store: Store) -> None:
    await populated(store)
    identity = await store.identity()

    await store.clear()

    left = {section: count for section, count in (await store.counts()).items() if count}
    assert left.keys() == {"counters"}
    assert await store.identity() == identity
    [stored] = await archive(store, new("a"))
    assert (stored.id, stored.seq) == (1, 1)
    await reader(store, 1, "ai")
    await store.enqueue([alert(11, "x", article=1)], NOW)
    assert await deliver_all(store) == ["x"]
    assert await store.topics_version() == 1


async def test_no_run_begins_on_a_half_filled_store(store: Store) -> None:
    await store.begin_filling("other")
    assert await store.half_filled()
    with pytest.raises(HalfFilledError, match="migrate-store"):
        await store.open(exclusive=True)
    await store.open()
    await store.end_filling()

    await store.close()
    await store.open(exclusive=True)

    assert not await store.half_filled()
    assert await store.identity() == "other"


def test_marks_of_more_than_two_days_ago_stay_behind_and_none_is_without_a_time() -> None:
    old = to_ms(NOW - timedelta(hours=49))
    rows: list[Row] = [(1, "a", "x", None), (2, "a", "x", old), (3, "a", "x", to_ms(NOW))]

    assert fresh("update_marks", rows, NOW) == [
        (1, "a", "x", to_ms(NOW)),
        (3, "a", "x", to_ms(NOW)),
    ]
    assert fresh("updates", [(1, old), (2, to_ms(NOW))], NOW) == [(2, to_ms(NOW))]
