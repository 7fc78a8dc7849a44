"""Two stores told the same answer the same: random steps of people on SQLite and on Redis."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import StoreError
from bot.models import Chat, ChatKind, Doubt, Mode, Subscription
from tests.contract.stage import KINDS, NOW, at

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.store.protocol import Store

CHATS = st.sampled_from([1, 2, -(10**15)])
TOPICS = st.sampled_from(["ai", "süni zəka", "a:b\n\"'\\/{}", ""])
TITLES = st.sampled_from(["Ai", "AI \udce9", "“Ə”", ""])
MODES = st.sampled_from([None, *Mode])
PAUSES = st.sampled_from([None, at(60), at(250_000_000_000)])
UPDATES = st.sampled_from([None, None, None, 1, 2])
DUES = st.sampled_from([None, at(-5), at(5)])

STEPS = st.one_of(
    st.tuples(st.just("meet"), CHATS, TITLES, st.sampled_from(list(ChatKind))),
    st.tuples(st.just("save"), CHATS, DUES, st.sampled_from(list(Doubt)), UPDATES),
    st.tuples(st.just("follow"), CHATS, TOPICS, TITLES, MODES, PAUSES, UPDATES),
    st.tuples(st.just("follow"), CHATS, TOPICS, TITLES, MODES, PAUSES, UPDATES),
    st.tuples(st.just("unfollow"), CHATS, TOPICS, UPDATES),
    st.tuples(st.just("change"), CHATS, TOPICS, MODES, PAUSES, UPDATES),
    st.tuples(st.just("disable"), CHATS),
)


async def meet(store: Store, chat_id: int, title: str, kind: ChatKind) -> object:
    return await store.meet(Chat(chat_id, kind=kind, title=title))


async def save(store: Store, chat_id: int, due: Any, on_doubt: Doubt, update: int | None) -> object:
    chat = Chat(chat_id, title="saved", next_digest_at=due, on_doubt=on_doubt)
    return await store.save_chat(chat, update)


async def follow(store: Store, chat_id: int, topic: str, title: str, *rest: Any) -> object:
    mode, pause, update = rest
    wanted = Subscription(chat_id, topic, title, mode or Mode.INSTANT, pause)
    try:
        return await store.follow(wanted, update)
    except StoreError as error:
        return str(error)


async def unfollow(store: Store, chat_id: int, topic: str, update: int | None) -> object:
    return await store.unfollow(chat_id, topic, update)


async def change(store: Store, chat_id: int, topic: str, *rest: Any) -> object:
    mode, pause, update = rest
    return await store.change(chat_id, topic, mode=mode, paused_until=pause, update_id=update)


async def disable(store: Store, chat_id: int) -> None:
    await store.disable_chat(chat_id, "blocked", NOW)


DOES: dict[str, Callable[..., Awaitable[object]]] = {
    "meet": meet,
    "save": save,
    "follow": follow,
    "unfollow": unfollow,
    "change": change,
    "disable": disable,
}


async def told(store: Store) -> list[object]:
    """Give all that a store says about people."""
    chats = await store.chats(None, 9)
    return [
        chats,
        await store.chats(-5, 1),
        [await store.subscriptions(chat.id) for chat in chats],
        await store.topics(),
        await store.topics_version(),
        await store.due_digests(NOW, 9),
        await store.due_digests(at(60), 1),
        await store.followers(["ai", "süni zəka", ""], None, 9),
    ]


@settings(max_examples=25, deadline=None)
@given(steps=st.lists(STEPS, min_size=1, max_size=25))
def test_both_stores_say_the_same_after_the_same_steps(steps: list[tuple[Any, ...]]) -> None:
    async def side_by_side() -> None:
        async with AsyncExitStack() as stack:
            stores: list[Store] = []
            for kind in KINDS.values():
                stores.append((await stack.enter_async_context(kind()))())
                stack.push_async_callback(stores[-1].close)
                await stores[-1].open()
            for name, *values in steps:
                gave, *others = [await DOES[name](store, *values) for store in stores]
                assert all(other == gave for other in others), (name, values)
            said = [await told(store) for store in stores]
            assert all(other == said[0] for other in said)

    asyncio.run(side_by_side())
