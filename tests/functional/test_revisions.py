"""What a poll finds changed: marks learnt, articles revised, nothing believed for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.models import Article, NewArticle, SourceState, StoredArticle
from bot.revisions import document, known_items, mark_of, revise
from bot.sources.reading import Item
from bot.store import open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.store.protocol import Store

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FEED = document("APA", "feed", "https://apa.az/feed")
URL = "https://apa.az/1"
TEXT = "Şirkət yeniliyi bu gün təqdim edib. " * 15


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    made = open_store("", tmp_path)
    await made.open()
    yield made
    await made.close()


def item(title: str = "Başlıq", text: str = TEXT, *, whole: bool = True) -> Item:
    return Item(Article(URL, title, text.strip(), NOW, "APA"), (URL,), whole)


async def archive(store: Store, known: Item, *, marked: bool = True) -> StoredArticle:
    mark = mark_of(known, FEED) if marked else ""
    new = NewArticle(known.article, known.keys, deliver=False, mark=mark)
    (stored,) = await store.commit([new], SourceState("APA", "https://apa.az/feed"), NOW)
    return stored


async def see(store: Store, said: Item, *, source: str = "APA", by: str = FEED) -> list[str]:
    items = known_items([said], await store.known(said.keys))
    return [a.article.title for a in await revise(store, source, by, items, NOW)]


async def current(store: Store) -> Article:
    return (await store.articles([1]))[0].article


async def test_what_says_the_same_is_left_alone(store: Store) -> None:
    await archive(store, item())
    assert await see(store, item("Başlıq ", TEXT.replace(" ", "\n "))) == []
    assert await store.last_seq() == 1


async def test_another_title_or_text_takes_the_place_of_what_was_there(store: Store) -> None:
    await archive(store, item())
    assert await see(store, item("Yeni başlıq")) == ["Yeni başlıq"]
    assert await see(store, item("Yeni başlıq", "Başqa mətn. " * 40)) == ["Yeni başlıq"]
    article = await current(store)
    assert article.text.startswith("Başqa mətn.")
    assert await see(store, item("Yeni başlıq", "Başqa mətn. " * 40)) == []


async def test_an_article_keeps_the_time_at_which_it_was_published(store: Store) -> None:
    await archive(store, item())
    said = item("Yeni başlıq")
    later = replace(said, article=replace(said.article, published=NOW + timedelta(hours=3)))
    assert await see(store, later) == ["Yeni başlıq"]
    assert (await current(store)).published == NOW


async def test_what_nobody_marked_and_another_document_says_is_only_learnt(store: Store) -> None:
    await archive(store, item(), marked=False)
    assert await see(store, item("Yeni başlıq")) == []
    listing = document("APA", "listing", "https://apa.az/")
    assert await see(store, item("Qısa başlıq", ""), by=listing) == []
    assert await see(store, item("Başqa qısa başlıq", ""), by=listing) == ["Başqa qısa başlıq"]
    assert (await current(store)).text == TEXT.strip()


async def test_another_source_changes_nothing(store: Store) -> None:
    await archive(store, item())
    other = document("Report", "feed", "https://report.az/feed")
    assert await see(store, item("Özgə başlıq"), source="Report", by=other) == []
    assert await see(store, item("Yeni başlıq")) == ["Yeni başlıq"]


async def test_what_is_cut_is_read_on_its_page_again_and_keeps_its_text_meanwhile(
    store: Store,
) -> None:
    stored = await archive(store, item("Başlıq", "Şirkət yeniliyi...", whole=False))
    whole = replace(stored.article, text=TEXT.strip())
    await store.improve(stored.id, whole, deliver=False, now=NOW)
    said = item("Yeni başlıq", "Şirkət yeniliyi dünən...", whole=False)
    assert await see(store, said) == ["Yeni başlıq"]
    assert (await current(store)).text == TEXT.strip()
    ((wanted, page_by),) = await store.pages_wanted(10)
    assert (wanted.id, page_by) == (1, NOW + timedelta(minutes=1))


async def test_an_entry_without_a_title_says_nothing(store: Store) -> None:
    await archive(store, item())
    assert await see(store, item("", "")) == []
