"""Groups that become supergroups while an article is on its way to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.models import Chat, ChatKind
from tests.contract.stage import NOW, alert, archive, at, claimed, deliver_all, new, reader

if TYPE_CHECKING:
    from bot.store.protocol import Store


async def fanned_out(store: Store, chats: list[int], *, moves: dict[int, tuple[int, int]]) -> None:
    """Expand the one fan-out chat by chat as a publisher does; ``moves``: after so many pages."""
    pages = 0
    while (fan_out := await store.next_fan_out(at(pages), "worker", 15)) is not None:
        cursor = fan_out.cursor
        while True:
            page = await store.followers(["ai"], cursor, 1)
            drafts = [alert(f.chat.id, str(f.chat.id), article=fan_out.article.id) for f in page]
            cursor = page[-1].chat.id if page else None
            await store.expand(fan_out.id, drafts, cursor, at(pages))
            pages += 1
            assert pages < 5 * len(chats)
            if pages in moves:
                await store.migrate_chat(*moves[pages])
            if cursor is None:
                break


@pytest.mark.parametrize("page", range(1, 5))
@pytest.mark.parametrize("new_id", [-1005, -2, 9])
async def test_a_chat_that_moves_during_a_fan_out_gets_the_article_once(
    store: Store, page: int, new_id: int
) -> None:
    chats = [-9, -5, -3, 4]
    await archive(store, new("a"))
    for chat in chats:
        await reader(store, chat, "ai")

    await fanned_out(store, chats, moves={page: (-5, new_id)})

    assert sorted(claim.chat_id for claim in await claimed(store)) == sorted([-9, -3, 4, new_id])
    assert (await store.outbox())[0] == 4


async def test_what_both_the_group_and_its_supergroup_were_queued_goes_out_once(
    store: Store,
) -> None:
    [stored] = await archive(store, new("a", deliver=False))
    for chat in (-5, -1005):
        await store.meet(Chat(chat, ChatKind.GROUP))
    await store.enqueue([alert(c, str(c), article=stored.id) for c in (-5, -1005)], NOW)
    await store.enqueue([alert(-5, "own")], NOW)

    await store.migrate_chat(-5, -1005)

    assert await deliver_all(store) == ["-1005", "own"]


async def test_a_list_of_held_posts_counts_as_one_post(store: Store) -> None:
    articles = await archive(store, *(new(name, deliver=False) for name in "abc"))
    await store.enqueue([alert(-7, "p", article=a.id, held=True) for a in articles], NOW)
    assert await store.posted_since(-7, NOW) == []

    ids = [item.id for item in await store.waiting(-7, 9)]
    await store.merge(-7, ids[:2], alert(-7, "list"), at(60))
    assert await store.posted_since(-7, NOW) == [at(60)]
    await store.release(ids[2:], at(70))

    assert await store.posted_since(-7, NOW) == [at(60), at(70)]
