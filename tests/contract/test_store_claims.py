from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.models import Chat, ChatKind
from tests.contract.stage import (
    NOW,
    alert,
    archive,
    at,
    claimed,
    deliver_all,
    new,
    reply,
    sent,
    text_of,
    texts,
)

if TYPE_CHECKING:
    from bot.store.protocol import Store


async def test_each_free_chat_gives_its_oldest_message_and_the_longest_waiting_goes_first(
    store: Store,
) -> None:
    await store.enqueue([alert(2, "2a"), alert(1, "1a"), alert(2, "2b"), alert(1, "1b")], NOW)

    assert await texts(store) == ["2a", "1a"]
    assert await texts(store) == []


async def test_a_claim_tells_all_about_its_message(store: Store) -> None:
    [stored] = await archive(store, new("a", deliver=False))
    await store.meet(Chat(-7, kind=ChatKind.SUPERGROUP))
    await store.enqueue([alert(-7, "x", article=stored.id)], NOW)

    [claim] = await claimed(store)

    assert claim.chat_id == claim.delivery.chat_id == -7
    assert claim.chat_kind is ChatKind.SUPERGROUP
    assert claim.waiting == 1
    assert claim.lease_until == at(15)
    assert claim.delivery.article_id == stored.id
    assert claim.delivery.queued_at == NOW
    assert claim.delivery.message.method == "sendMessage"


async def test_no_more_chats_are_leased_than_asked_for(store: Store) -> None:
    await store.enqueue([alert(chat_id, str(chat_id)) for chat_id in range(1, 6)], NOW)

    assert await texts(store, limit=2) == ["1", "2"]
    assert await texts(store, limit=2) == ["3", "4"]


async def test_replies_go_before_everything(store: Store) -> None:
    await store.enqueue([alert(1, "old"), alert(2, "alert"), reply(2, "r2"), reply(3, "r3")], NOW)

    assert await texts(store, limit=2) == ["r2", "r3"]
    assert await texts(store) == ["old"]


async def test_a_chat_waits_for_its_gap_and_a_reply_does_not(store: Store) -> None:
    await store.enqueue([alert(1, "a"), alert(1, "b")], NOW)
    [claim] = await claimed(store)
    await store.acknowledge([sent(claim, gap_s=3)])
    await store.enqueue([alert(1, "c"), reply(1, "r")], at(1))

    [answer] = await claimed(store, at(2))
    assert text_of(answer) == "r"
    await store.acknowledge([sent(answer, at(2))])
    assert await texts(store, at(2.9)) == []
    assert await texts(store, at(3)) == ["b"]


async def test_the_gap_is_kept_when_the_queue_ran_empty(store: Store) -> None:
    await store.enqueue([alert(1, "a")], NOW)
    [claim] = await claimed(store)
    await store.acknowledge([sent(claim, gap_s=3)])
    await store.enqueue([alert(1, "b")], at(1))

    assert await store.next_due(at(1)) == at(3)
    assert await texts(store, at(1)) == []
    assert await texts(store, at(3)) == ["b"]


async def test_a_flood_wait_holds_the_whole_chat_and_no_other(store: Store) -> None:
    await store.enqueue([alert(1, "a"), alert(2, "b")], NOW)
    first, _ = await claimed(store)
    await store.put_back(first, at(30), failed=False, flood=True)
    await store.enqueue([reply(1, "r"), reply(2, "r2"), alert(3, "c")], at(1))

    assert await texts(store, at(20)) == ["r2", "c"]
    assert await texts(store, at(30)) == ["r"]


async def test_a_message_put_back_stays_first_and_counts_failures_only(store: Store) -> None:
    await store.enqueue([alert(1, "a"), alert(1, "b")], NOW)
    [claim] = await claimed(store)
    await store.put_back(claim, at(5), failed=True)
    await store.enqueue([reply(1, "r")], NOW)

    [answer] = await claimed(store, at(1))
    assert text_of(answer) == "r"
    await store.acknowledge([sent(answer, at(1))])
    assert await claimed(store, at(4)) == []
    [again] = await claimed(store, at(5))
    assert (text_of(again), again.delivery.attempts) == ("a", 1)
    await store.put_back(again, at(6), failed=False)
    [third] = await claimed(store, at(6))
    assert (text_of(third), third.delivery.attempts) == ("a", 1)


async def test_a_reply_put_back_is_not_tried_again_before_its_time(store: Store) -> None:
    await store.enqueue([reply(1, "r"), reply(1, "later")], NOW)
    [claim] = await claimed(store)
    await store.put_back(claim, at(5), failed=True)

    assert await texts(store, at(4)) == []
    assert await texts(store, at(5)) == ["r"]


async def test_an_expired_lease_is_taken_over_and_the_late_worker_does_no_harm(
    store: Store,
) -> None:
    await store.enqueue([alert(1, "a"), alert(1, "b")], NOW)
    [late] = await claimed(store)
    assert await texts(store, at(14)) == []
    [taken] = await claimed(store, at(15))
    assert text_of(taken) == "a"
    await store.acknowledge([sent(taken, at(16))])
    [second] = await claimed(store, at(16))
    assert text_of(second) == "b"

    await store.acknowledge([sent(late, at(17))])
    await store.put_back(late, at(99), failed=True, flood=True)
    await store.set_aside(late, "late", at(17))

    assert await texts(store, at(18)) == []
    await store.acknowledge([sent(second, at(18))])
    assert await store.outbox() == (0, None)


async def test_acknowledging_twice_is_once(store: Store) -> None:
    await store.enqueue([alert(1, "a"), alert(1, "b")], NOW)
    [claim] = await claimed(store)
    await store.acknowledge([sent(claim)])
    await store.acknowledge([sent(claim)])

    assert await deliver_all(store) == ["b"]


async def test_a_message_set_aside_frees_its_chat(store: Store) -> None:
    await store.enqueue([alert(1, "poison"), alert(1, "b")], NOW)
    [claim] = await claimed(store)

    await store.set_aside(claim, "400", NOW)

    assert await deliver_all(store) == ["b"]


async def test_a_message_waits_for_its_hour_and_holds_no_other(store: Store) -> None:
    await store.enqueue(
        [alert(1, "at 20", not_before=at(20)), alert(1, "at 10", not_before=at(10))], NOW
    )
    assert await store.next_due(NOW) == at(10)
    await store.enqueue([alert(1, "now")], NOW)

    assert await deliver_all(store) == ["now"]
    assert await store.next_due(NOW) == at(10)
    assert await deliver_all(store, at(10)) == ["at 10"]
    assert await deliver_all(store, at(19)) == []
    assert await deliver_all(store, at(20)) == ["at 20"]


async def test_messages_whose_hour_came_go_in_the_order_of_queuing(store: Store) -> None:
    await store.enqueue(
        [alert(1, "first", not_before=at(20)), alert(1, "second", not_before=at(10))], NOW
    )

    assert await deliver_all(store, at(30)) == ["first", "second"]


async def test_next_due_knows_when_something_can_be_claimed(store: Store) -> None:
    assert await store.next_due(NOW) is None
    await store.enqueue([alert(1, "held", held=True)], NOW)
    assert await store.next_due(NOW) is None

    await store.enqueue([alert(1, "a"), alert(1, "b")], NOW)
    assert await store.next_due(at(1)) == at(1)
    [claim] = await claimed(store)
    assert await store.next_due(at(1)) == at(15)
    await store.acknowledge([sent(claim, gap_s=3)])
    assert await store.next_due(at(1)) == at(3)
    assert await store.next_due(at(7)) == at(7)


async def test_waiting_alerts_are_counted_and_merged_in_the_place_of_the_first(
    store: Store,
) -> None:
    await store.enqueue(
        [alert(1, "a"), alert(1, "b"), alert(1, "c"), alert(1, "later", not_before=at(60))], NOW
    )
    await store.enqueue([alert(1, "held", held=True), reply(2, "r")], NOW)
    _, claim = await claimed(store)
    assert claim.waiting == 3
    queued = [item.id for item in await store.waiting(1, 2)]
    await store.enqueue([alert(1, "d")], NOW)

    assert await store.merge(1, queued, alert(1, "a+b"), NOW)
    assert not await store.merge(1, queued, alert(1, "a+b"), NOW)

    assert await deliver_all(store) == ["a+b", "c", "d"]


async def test_a_late_acknowledgement_of_a_part_does_not_take_the_merged_message(
    store: Store,
) -> None:
    await store.enqueue([alert(1, "a"), alert(1, "b")], NOW)
    [late] = await claimed(store)
    ids = [item.id for item in await store.waiting(1, 9)]
    assert await store.merge(1, ids, alert(1, "a+b"), at(20))

    await store.acknowledge([sent(late, at(21))])

    assert await deliver_all(store, at(22)) == ["a+b"]


async def test_merging_is_refused_when_a_part_was_sent_or_is_another_chats(store: Store) -> None:
    await store.enqueue([alert(1, "a"), alert(1, "b"), alert(2, "x")], NOW)
    first, other = await claimed(store)
    ids = [item.id for item in await store.waiting(1, 9)]
    assert not await store.merge(1, [*ids, other.delivery.id], alert(1, "m"), NOW)
    await store.acknowledge([sent(first)])

    assert not await store.merge(1, ids, alert(1, "m"), NOW)

    await store.acknowledge([sent(other)])
    assert await deliver_all(store) == ["b"]


async def test_articles_of_a_merged_message_stay_told(store: Store) -> None:
    one, two = await archive(store, new("a", deliver=False), new("b", deliver=False))
    drafts = [alert(1, "a", article=one.id), alert(1, "b", article=two.id)]
    await store.enqueue(drafts, NOW)
    await store.merge(1, [item.id for item in await store.waiting(1, 9)], alert(1, "m"), NOW)

    assert await store.enqueue(drafts, NOW) == 0
    assert await store.told(1, [one.id, two.id]) == {one.id, two.id}


async def test_a_group_that_became_a_supergroup_loses_nothing(store: Store) -> None:
    await store.enqueue([alert(-5, "a"), alert(-5, "b"), alert(-5, "held", held=True)], NOW)
    [claim] = await claimed(store)

    await store.migrate_chat(-5, -1005)
    await store.migrate_chat(-5, -1005)

    assert await store.waiting(-5, 9) == []
    [moved] = await claimed(store)
    assert (moved.chat_id, moved.delivery.id) == (-1005, claim.delivery.id)
    assert json.loads(moved.delivery.message.payload)["chat_id"] == -1005
    await store.acknowledge([sent(moved)])
    assert await deliver_all(store) == ["b"]
    assert await store.chats_with_held() == [-1005]
