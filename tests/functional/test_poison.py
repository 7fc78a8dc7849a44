"""An article, or a digest, that nobody can make anything of: the others go on without it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from bot import cards
from bot.models import Article, Chat, NewArticle, SourceState, Subscription
from bot.publisher import MAX_ATTEMPTS, Publisher, PublisherSettings
from bot.search.analyser import topic_key
from bot.store import open_store
from bot.texts import load_texts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.store.protocol import Store

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SOURCE = SourceState("sayt.az", "https://sayt.az/feed")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    made = open_store("", tmp_path)
    await made.open()
    yield made
    await made.close()


def publisher(store: Store, now: datetime) -> Publisher:
    settings = PublisherSettings((), "Asia/Baku", "az", "xeberci_bot", "test", lease_s=1)
    return Publisher(store, load_texts(), settings, clock=lambda: now, queued=lambda: None)


async def archive(store: Store, *titles: str) -> None:
    articles = [
        Article(f"https://sayt.az/{n}", title, published=NOON) for n, title in enumerate(titles)
    ]
    new = [NewArticle(article, (article.url,), deliver=True) for article in articles]
    await store.commit(new, SOURCE, NOON)


async def test_an_article_that_cannot_be_published_is_given_up_and_stops_no_other(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = cards.alert

    def poisoned(article: object, *rest: object, **more: object) -> object:
        if "zəhər" in str(article):
            raise RuntimeError("oops")
        return made(article, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("bot.cards.alert", poisoned)
    await store.meet(Chat(7))
    await store.follow(Subscription(7, topic_key("DeepSeek"), "DeepSeek"))
    await archive(store, "DeepSeek zəhər", "DeepSeek xəbər")
    now, desk = NOON, publisher(store, NOON)
    with capture_logs() as lines:
        for _ in range(MAX_ATTEMPTS):
            desk._clock = lambda now=now: now  # type: ignore[misc]
            while await desk._publish():
                pass
            now += timedelta(seconds=2)
    (queued,) = await store.waiting(7, 10)
    assert "DeepSeek xəbər" in queued.message.payload
    assert await store.next_fan_out(now + timedelta(hours=1), "another", 1) is None
    assert [line["given_up"] for line in lines if "given_up" in line] == [False] * 4 + [True]


async def test_a_digest_that_cannot_be_made_holds_up_no_other(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = cards.daily

    def poisoned(items: object, chat: Chat, *rest: object) -> object:
        if chat.id == 7:
            raise RuntimeError("oops")
        return made(items, chat, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr("bot.cards.daily", poisoned)
    for chat_id in (7, 8):
        chat = Chat(chat_id, digest_at="16:00", next_digest_at=NOON)
        await store.meet(chat)
        await store.save_chat(chat)
    await archive(store, "Xəbər")
    await publisher(store, NOON + timedelta(minutes=1)).send_digests()
    assert [len(await store.waiting(chat_id, 10)) for chat_id in (7, 8)] == [0, 1]
    broken = await store.chat(7)
    assert broken is not None
    assert broken.next_digest_at == NOON + timedelta(days=1)
