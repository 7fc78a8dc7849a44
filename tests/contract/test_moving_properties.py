"""Whatever a store may hold comes through a move unchanged, to the byte."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.commands.moving import fill
from bot.models import ChatKind, DeliveryKind, Doubt, Mode
from bot.store.records import SECTIONS, Row, storable, to_ms
from tests.contract.stage import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.store.protocol import Store

# What is marked is kept for two days of the real clock.
RECENT = to_ms(datetime.now(UTC) - timedelta(hours=40))

TEXT = st.text(max_size=12).map(storable) | st.sampled_from(["a:b", "x\ny", '“ə” \\/"', "0", " "])
WORD = TEXT.filter(bool)
MS = st.integers(0, 10**14 - 1)  # the year 5138: what Lua prints in full
NUMBER = st.integers(1, 10**9)
CHAT = st.integers(-(10**15), 10**15).filter(bool)
KIND = st.sampled_from([str(kind) for kind in DeliveryKind])
FLAG = st.integers(0, 1)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def table(*fields: st.SearchStrategy[Any], keys: int = 1) -> st.SearchStrategy[list[Row]]:
    """Give rows of these fields, no two with the same key."""
    return st.lists(st.tuples(*fields), max_size=4, unique_by=lambda row: tuple(row[:keys]))


def distinct(rows: Iterable[Row], *places: int) -> list[Row]:
    """Give the rows without those that repeat what is in these places."""
    return list({tuple(row[place] for place in places): row for row in rows}.values())


RECENTLY = st.integers(RECENT, RECENT + 10**6)
CHATS = table(
    CHAT,
    st.sampled_from([str(kind) for kind in ChatKind]),
    TEXT,
    WORD,
    WORD,
    maybe(WORD),
    maybe(WORD),
    maybe(NUMBER),
    maybe(TEXT),
    maybe(MS),
    maybe(MS),
    st.sampled_from([str(doubt) for doubt in Doubt]),
)
MODES = st.sampled_from([str(mode) for mode in Mode])
ARTICLES = table(
    NUMBER, NUMBER, st.integers(-(10**12), 10**13), MS, FLAG, maybe(MS), TEXT, maybe(NUMBER)
)
FAN_OUT = st.tuples(MS, maybe(CHAT), maybe(CHAT), FLAG)
QUEUED = (KIND, maybe(MS), MS, st.integers(0, 4), maybe(NUMBER), maybe(TEXT), WORD, TEXT, FLAG)
OUTBOX = table(NUMBER, CHAT, st.just(0), NUMBER, FLAG, *QUEUED)
FINAL = (maybe(NUMBER), maybe(TEXT), MS, st.integers(0, 9), TEXT, MS)
DEAD = table(NUMBER, CHAT, KIND, WORD, TEXT, *FINAL, st.none())
HOW = st.just((None, None, None)) | st.tuples(maybe(st.integers(4, 9)), KIND, maybe(NUMBER))
TOLD = table(st.integers(1, 3), CHAT, maybe(st.integers(1, 2**42 - 1)), maybe(WORD), HOW, keys=2)
SOME = maybe(st.lists(CHAT, min_size=1, max_size=3).map(json.dumps))
JOBS = table(NUMBER.map(lambda number: -number), NUMBER, maybe(NUMBER), MS, SOME, SOME)
MARKS = table(NUMBER, TEXT, st.integers(0, 5))


def story_of(article: int | None) -> st.SearchStrategy[int | None]:
    """Give the story of a message: only an article has one, and only another's is written."""
    return st.none() if article is None else maybe(NUMBER.filter(lambda story: story != article))


def told_apart(draw: st.DrawFn, row: Row) -> Row:
    """Give a queued row with the lane of its kind, and what only edits have."""
    lane = {"reply": 0, "edit": 2}.get(row[5], 1)
    held, not_before = (0, 0) if lane == 2 else (row[4], row[6] or 0)
    expires_at = draw(maybe(MS)) if lane == 2 else None
    ends = (draw(story_of(row[9])), expires_at)
    return (*row[:2], lane, row[3], held, row[5], not_before, *row[7:14], *ends)


@st.composite
def stores(draw: st.DrawFn) -> dict[str, list[Row]]:
    """Give the records of a store."""
    chats = draw(CHATS)
    known = st.sampled_from([row[0] for row in chats]) if chats else st.nothing()
    follows = table(NUMBER, known, TEXT, TEXT, MODES, maybe(MS))
    articles = distinct(draw(ARTICLES), 1)
    fan_outs: list[Row] = [
        (place, article[0], article[2], *draw(FAN_OUT))
        for place, article in enumerate(sorted(articles), start=1)
    ]
    outbox: list[Row] = [told_apart(draw, row) for row in draw(OUTBOX)]
    return {
        "counters": [
            (name, draw(NUMBER)) for name in ("article", "delivery", "edit", "seq", "topics")
        ],
        "sources": draw(table(TEXT, TEXT)),
        "articles": articles,
        "article_keys": draw(table(TEXT, NUMBER)),
        "article_marks": draw(MARKS),
        "fan_outs": fan_outs,
        "edit_jobs": draw(JOBS),
        "chats": chats,
        "topics": draw(table(TEXT, TEXT)),
        "subscriptions": distinct(draw(follows), 1, 2) if chats else [],
        "outbox": outbox,
        "lanes": [row for row in draw(table(CHAT, MS, MS)) if row[1] or row[2]],
        "told": [(*row[:4], *row[4]) for row in draw(TOLD)],
        "dead": [(*row[:11], draw(story_of(row[5]))) for row in draw(DEAD)],
        "update_marks": draw(table(NUMBER, TEXT, TEXT, RECENTLY, keys=2)),
        "updates": draw(table(NUMBER, RECENTLY)),
        "phrases": draw(table(TEXT, TEXT, MS)),
    }


async def everything(store: Store) -> dict[str, list[Row]]:
    return {section: (await store.dump(section, None, 500))[0] for section in SECTIONS}


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(records=stores())
def test_what_goes_from_a_file_to_redis_and_back_is_the_same(
    records: dict[str, list[Row]],
) -> None:
    async def there_and_back() -> None:
        async with KINDS["sqlite"]() as home, KINDS["redis"]() as away, KINDS["sqlite"]() as again:
            before, between, after = home(), away(), again()
            for store in (before, between, after):
                await store.open()
            for section, rows in records.items():
                await before.load(section, rows)
            held = await everything(before)

            await fill(before, between)
            await fill(between, after)

            assert await everything(after) == held
            for store in (before, between, after):
                await store.close()

    asyncio.run(there_and_back())
