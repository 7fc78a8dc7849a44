"""What the contract's scenarios are told with: a clock's hands, articles, chats, messages.

``KINDS`` names the stores that the suite runs on; each gives an opener, which makes
stores on the same data, as processes beside or after one another have them.
"""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeAlias

from bot.models import (
    Article,
    Chat,
    Claim,
    DeliveryKind,
    Draft,
    Message,
    NewArticle,
    Sent,
    SourceState,
    StoredArticle,
    Subscription,
)
from bot.store import open_store
from bot.store.addresses import redis_address
from bot.store.redis.store import RedisStore
from tests.contract.redis_fixtures import RepeatingConnection, shared_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from bot.store.protocol import Store

    Opener: TypeAlias = Callable[[], Store]

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SOURCE = SourceState("technote.az", "https://technote.az/feed")


@asynccontextmanager
async def _sqlite() -> AsyncIterator[Opener]:
    with TemporaryDirectory() as folder:
        yield lambda: open_store("", Path(folder))


@asynccontextmanager
async def _redis() -> AsyncIterator[Opener]:
    server = shared_server()
    server.ask("FLUSHALL")
    yield lambda: open_store(server.url, Path())


@asynccontextmanager
async def _redis_without_replies() -> AsyncIterator[Opener]:
    server = shared_server()
    server.ask("FLUSHALL")

    def made() -> Store:
        store = RedisStore(redis_address(server.url))
        store._redis = RepeatingConnection(store._redis.address)
        return store

    yield made


KINDS: dict[str, Callable[[], AbstractAsyncContextManager[Opener]]] = {
    "sqlite": _sqlite,
    "redis": _redis,
}
# The same again, of which each step runs twice, because its first reply never came.
REPEATED = {"redis-repeated": _redis_without_replies}


def at(seconds: float) -> datetime:
    """Give the time so many seconds after ``NOW``."""
    return NOW + timedelta(seconds=seconds)


def new(
    name: str,
    *keys: str,
    age_s: float | None = 0,
    deliver: bool = True,
    page_by: datetime | None = None,
) -> NewArticle:
    """Give an article for the archive, published ``age_s`` before ``NOW`` (None: undated)."""
    published = None if age_s is None else at(-age_s)
    article = Article(url=f"https://technote.az/{name}", title=name, published=published)
    return NewArticle(article, keys or (name,), deliver, page_by)


async def archive(store: Store, *articles: NewArticle) -> list[StoredArticle]:
    """Commit articles as a poll of the one source does."""
    return await store.commit(articles, SOURCE, NOW)


async def reader(store: Store, chat_id: int, *topics: str) -> Chat:
    """Meet a chat and let it follow topics."""
    chat = await store.meet(Chat(chat_id))
    for topic in topics:
        await store.follow(Subscription(chat_id, topic, topic.title()))
    return chat


def alert(
    chat_id: int,
    text: str = "",
    *,
    kind: DeliveryKind = DeliveryKind.ALERT,
    article: int | None = None,
    not_before: datetime | None = None,
    held: bool = False,
    topic: str | None = None,
    story: int | None = None,
    expires_at: datetime | None = None,
) -> Draft:
    """Give a message for a chat."""
    payload = json.dumps({"chat_id": chat_id, "text": text})
    return Draft(
        chat_id,
        kind,
        Message("sendMessage", payload),
        article_id=article,
        not_before=not_before,
        held=held,
        topic=topic,
        story=story,
        expires_at=expires_at,
    )


def reply(chat_id: int, text: str = "") -> Draft:
    """Give an answer for a chat."""
    return alert(chat_id, text, kind=DeliveryKind.REPLY)


def text_of(claim: Claim) -> str:
    """Give what a claimed message says."""
    return str(json.loads(claim.delivery.message.payload)["text"])


async def claimed(store: Store, now: datetime = NOW, limit: int = 100) -> list[Claim]:
    """Claim as one worker does, for 15 seconds."""
    return await store.claim(now, "worker", limit, 15)


async def texts(store: Store, now: datetime = NOW, limit: int = 100) -> list[str]:
    """Give what a worker would send now (it then holds these chats)."""
    return [text_of(claim) for claim in await claimed(store, now, limit)]


def sent(claim: Claim, now: datetime = NOW, gap_s: float = 0) -> Sent:
    """Give Telegram's answer to a claimed message."""
    return Sent(claim.delivery.id, claim.chat_id, 1, now, now + timedelta(seconds=gap_s))


async def deliver_all(store: Store, now: datetime = NOW) -> list[str]:
    """Send everything that is due, and give it in the order of sending."""
    said = []
    while claims := await claimed(store, now):
        said += [text_of(claim) for claim in claims]
        await store.acknowledge([sent(claim, now) for claim in claims])
    return said
