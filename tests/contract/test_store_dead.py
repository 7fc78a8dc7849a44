"""Deliveries that were set aside: shown, queued again, forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.models import Chat, DeliveryKind
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
)

if TYPE_CHECKING:
    from bot.models import Claim
    from bot.store.protocol import Store


async def dead(store: Store, *chats: int) -> list[Claim]:
    """Set a message to each of these chats aside."""
    await store.enqueue([alert(chat, f"dead {chat}") for chat in chats], NOW)
    claims = await claimed(store)
    for claim in claims:
        await store.set_aside(claim, "400: can't parse entities", at(3))
    return claims


async def test_a_dead_letter_tells_what_it_was_and_why(store: Store) -> None:
    [stored] = await archive(store, new("a", deliver=False))
    await store.enqueue([alert(1, "x", article=stored.id, topic="ai")], NOW)
    [claim] = await claimed(store)
    await store.put_back(claim, NOW, failed=True)
    [claim] = await claimed(store)

    await store.set_aside(claim, "400", at(3))

    [letter] = await store.dead_letters(None, 9)
    assert (letter.reason, letter.at) == ("400", at(3))
    assert letter.delivery == claim.delivery
    assert letter.delivery.attempts == 1
    assert await store.outbox() == (0, None)


async def test_dead_letters_come_by_delivery_page_by_page(store: Store) -> None:
    ids = [claim.delivery.id for claim in await dead(store, 1, 2, 3)]

    first = await store.dead_letters(None, 2)
    rest = await store.dead_letters(first[-1].delivery.id, 2)

    assert [letter.delivery.id for letter in (*first, *rest)] == sorted(ids)
    assert await store.dead_letters(rest[-1].delivery.id, 2) == []


async def test_a_dead_letter_is_queued_again_behind_what_waits(store: Store) -> None:
    [claim] = await dead(store, 1)
    await store.enqueue([alert(1, "waits")], at(4))

    assert await store.retry_dead([claim.delivery.id, 12345], at(60)) == 1
    assert await store.retry_dead([claim.delivery.id], at(60)) == 0

    assert await store.dead_letters(None, 9) == []
    queued = await store.waiting(1, 9)
    assert [item.attempts for item in queued] == [0, 0]
    assert queued[1].queued_at == at(60)
    assert queued[1].message == claim.delivery.message
    assert await deliver_all(store, at(61)) == ["waits", "dead 1"]


async def test_the_late_answer_to_a_dead_letter_does_not_take_the_one_queued_again(
    store: Store,
) -> None:
    [claim] = await dead(store, 1)
    await store.retry_dead([claim.delivery.id], at(60))

    await store.acknowledge([sent(claim, at(61))])
    await store.set_aside(claim, "late", at(61))

    assert await deliver_all(store, at(62)) == ["dead 1"]


async def test_an_answer_that_was_set_aside_goes_before_bulk_again(store: Store) -> None:
    await store.enqueue([reply(1, "r")], NOW)
    [claim] = await claimed(store)
    await store.set_aside(claim, "400", NOW)
    await store.enqueue([alert(2, "bulk")], NOW)

    await store.retry_dead([claim.delivery.id], NOW)

    again, _ = await claimed(store)
    assert (text_of(again), again.delivery.kind) == ("r", DeliveryKind.REPLY)


async def test_a_letter_to_a_disabled_chat_stays_dead(store: Store) -> None:
    first, second = await dead(store, 1, 2)
    await store.meet(Chat(1))
    await store.disable_chat(1, "blocked", NOW)

    assert await store.retry_dead([first.delivery.id, second.delivery.id], NOW) == 1

    assert [letter.delivery.chat_id for letter in await store.dead_letters(None, 9)] == [1]
    assert await deliver_all(store) == ["dead 2"]


async def test_dead_letters_are_forgotten_when_asked(store: Store) -> None:
    first, second = await dead(store, 1, 2)

    assert await store.drop_dead([first.delivery.id, 12345]) == 1
    assert await store.drop_dead([first.delivery.id]) == 0
    assert await store.drop_dead([]) == 0

    assert [letter.delivery.id for letter in await store.dead_letters(None, 9)] == [
        second.delivery.id
    ]


async def test_an_article_that_was_set_aside_stays_told(store: Store) -> None:
    [stored] = await archive(store, new("a", deliver=False))
    await store.enqueue([alert(1, "x", article=stored.id)], NOW)
    [claim] = await claimed(store)
    await store.set_aside(claim, "400", NOW)

    assert await store.enqueue([alert(1, "x", article=stored.id)], NOW) == 0
    assert await store.retry_dead([claim.delivery.id], NOW) == 1


async def test_dead_letters_move_with_their_chat(store: Store) -> None:
    await dead(store, -5)

    await store.migrate_chat(-5, -1005)

    [letter] = await store.dead_letters(None, 9)
    assert letter.delivery.chat_id == -1005
    assert '"chat_id":-1005' in letter.delivery.message.payload.replace(" ", "")
