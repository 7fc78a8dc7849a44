"""Whatever happens to two archives, one in SQLite and one in Redis, they answer the same."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contract.stage import KINDS, SOURCE, at, new

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.models import NewArticle
    from bot.store.protocol import Store

_KEYS = [f"k{number}" for number in range(12)]

ARTICLES = st.builds(
    lambda name, keys, age_s, deliver, wait_s: new(
        name, *keys, age_s=age_s, deliver=deliver, page_by=None if wait_s is None else at(wait_s)
    ),
    st.sampled_from(["a", "b", "ə"]),
    st.lists(st.sampled_from(_KEYS), min_size=1, max_size=3),
    st.sampled_from([None, -5, 0, 0, 5, 60]),
    st.booleans(),
    st.sampled_from([None, None, 5, 60]),
)
STEPS = st.one_of(
    st.tuples(st.just("commit"), st.lists(ARTICLES, max_size=4), st.booleans()),
    st.tuples(
        st.just("improve"),
        st.integers(1, 6),
        st.none() | st.tuples(st.sampled_from(["", "whole"]), st.sampled_from([None, 0, 30])),
        st.booleans(),
    ),
    st.tuples(st.just("take")),
    st.tuples(st.just("finish")),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0, 0, 1, 20]), STEPS), max_size=12))
def test_two_archives_that_were_told_the_same_answer_the_same(
    story: list[tuple[int, tuple[Any, ...]]],
) -> None:
    asyncio.run(_play(story))


async def _play(story: list[tuple[int, tuple[Any, ...]]]) -> None:
    async with AsyncExitStack() as stack:
        stores = []
        for opener in KINDS.values():
            store = (await stack.enter_async_context(opener()))()
            await store.open()
            stack.push_async_callback(store.close)
            stores.append(store)
        now_s, taken = 0, []
        for wait_s, (name, *values) in story:
            now_s += wait_s
            if name == "commit":
                await _alike(stores, _commit, *values, now_s)
            elif name == "improve":
                await _alike(stores, _improve, *values, now_s)
            elif name == "take":
                taken = [await store.next_fan_out(at(now_s), "w", 15) for store in stores]
                first, second = [found and (found.article, found.cursor) for found in taken]
                assert first == second
            elif taken and all(taken):
                for store, found in zip(stores, taken, strict=True):
                    assert found is not None
                    await store.expand(found.id, [], None, at(now_s))
            await _alike(stores, _all_that_can_be_seen)


async def _alike(stores: list[Store], ask: Callable[..., Awaitable[Any]], *values: Any) -> None:
    first, *others = [await ask(store, *values) for store in stores]
    for other in others:
        assert other == first


async def _commit(store: Store, articles: list[NewArticle], imported: bool, now_s: int) -> Any:  # noqa: FBT001
    return await store.commit(articles, None if imported else SOURCE, at(now_s))


async def _improve(
    store: Store,
    number: int,
    page: tuple[str, int | None] | None,
    deliver: bool,  # noqa: FBT001
    now_s: int,
) -> Any:
    article = None
    if page is not None:
        text, age_s = page
        article = replace(new("page", age_s=age_s).article, text=text)
    return await store.improve(number, article, deliver=deliver, now=at(now_s))


async def _all_that_can_be_seen(store: Store) -> Any:
    oldest, page = [], await store.oldest(2)
    while page:
        oldest.append(page)
        page = await store.oldest(2, page[-1])
    return (
        await store.count(),
        await store.last_seq(),
        await store.known(_KEYS),
        [await store.newest(3, offset) for offset in range(0, 9, 2)],
        oldest,
        [await store.log_after(seq, 3) for seq in range(0, 12, 3)],
        [await store.pages_wanted(limit) for limit in (1, 2, 9)],
        [await store.archived_between(at(a), at(b), 4) for a, b in ((-1, 0), (0, 40), (20, 21))],
        await store.articles([3, 1, 99, 2]),
    )
