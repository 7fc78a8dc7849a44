"""``dead``: what was set aside, beside a running bot: shown, queued again, or forgotten."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.errors import XeberciError
from bot.store import open_store
from bot.store.protocol import BATCH

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from bot.config import Settings
    from bot.models import DeadLetter, Delivery
    from bot.store.protocol import Store

ACTIONS = ("list", "retry", "drop")


def handle(settings: Settings, action: str, number: int | None) -> int:
    """Do what is asked with one dead letter, or with all."""
    return asyncio.run(_handle(settings, action, number))


async def _handle(settings: Settings, action: str, number: int | None) -> int:
    store = open_store(settings.store.url, settings.data_dir)
    await store.open()
    try:
        if action == "list":
            return await _list(store, settings, number)
        ids = [letter.delivery.id async for page in _pages(store, number) for letter in page]
        if action == "drop":
            dropped = sum([await store.drop_dead(part) for part in _parts(ids)])
            print(f"{dropped} dropped")
            return 0
        return await _retry(store, ids, number)
    finally:
        await store.close()


async def _retry(store: Store, ids: Sequence[int], number: int | None) -> int:
    now = await store.time() or datetime.now(UTC)
    queued = sum([await store.retry_dead(part, now) for part in _parts(ids)])
    if queued < len(ids) and number is not None:
        raise XeberciError(f"dead letter {number}: {_GETS_NOTHING}")
    print(f"{queued} queued again")
    if queued < len(ids):
        print(f"xeberci: {len(ids) - queued} stay: {_GETS_NOTHING}", file=sys.stderr)
    return 0


_GETS_NOTHING = (
    "the chat gets nothing now (it blocked the bot, or is gone); retry when it wrote to the bot "
    "again, or drop"
)


async def _list(store: Store, settings: Settings, number: int | None) -> int:
    shown = 0
    async for page in _pages(store, number):
        ids = [letter.delivery.article_id for letter in page if letter.delivery.article_id]
        found = await store.articles(list(dict.fromkeys(ids)))
        titles = {stored.id: stored.article.title for stored in found}
        for letter in page:
            print(line_of(letter, what(letter.delivery, titles), settings))
        shown += len(page)
    if not shown:
        print("xeberci: nothing was set aside", file=sys.stderr)
    return 0


def line_of(letter: DeadLetter, what: str, settings: Settings) -> str:
    """Give a letter as id, time, chat, kind, what it is and why, with tabs in between."""
    delivery = letter.delivery
    when = letter.at.astimezone(settings.zone).isoformat(sep=" ", timespec="seconds")
    fields = (delivery.id, when, delivery.chat_id, delivery.kind, what, letter.reason)
    return "\t".join(" ".join(str(field).split()) or "-" for field in fields)


def what(delivery: Delivery, titles: dict[int, str]) -> str:
    """Give what a person knows a delivery by: the article's title, else the method."""
    title = titles.get(delivery.article_id) if delivery.article_id is not None else None
    return title or delivery.message.method


async def _pages(store: Store, number: int | None) -> AsyncIterator[list[DeadLetter]]:
    """Give the letters meant: the one with this number, or all."""
    if number is not None:
        page = await store.dead_letters(number - 1, 1)
        if not page or page[0].delivery.id != number:
            raise XeberciError(
                f"there is no dead letter {number}: xeberci dead list shows what there is"
            )
        yield page
        return
    after = None
    while page := await store.dead_letters(after, BATCH):
        yield page
        after = page[-1].delivery.id


def _parts(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]
