"""What is queued of a story and of its changes: a clock that the test moves, a real store."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.archive import Archive
from bot.models import (
    Article,
    Chat,
    ChatKind,
    Delivery,
    DeliveryKind,
    Mode,
    NewArticle,
    Sent,
    SourceState,
    StoredArticle,
    Subscription,
)
from bot.planner import ChannelRule, next_digest
from bot.publisher import Publisher, PublisherSettings
from bot.search.analyser import topic_key
from bot.store.protocol import REVISIONS
from bot.stories import Stories
from bot.texts import load_texts
from tests.contract.stage import KINDS
from tests.functional.test_stories import AGAIN, FIRST, OTHER, THIRD, Item

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.store.protocol import Store

CHANNEL = -1001
NOON = datetime(2026, 11, 23, 8, tzinfo=UTC)


@dataclass
class Desk:
    """A publisher on a store, with a clock, and a Telegram that takes everything."""

    store: Store
    rules: tuple[ChannelRule, ...] = ()
    now: datetime = NOON
    publisher: Publisher = field(init=False)
    shown: dict[tuple[int, int], str] = field(default_factory=dict)
    edits: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        options = PublisherSettings(self.rules, "Asia/Baku", "az", "xeberci_bot", "test")
        self.publisher = Publisher(
            self.store, load_texts(), options, clock=lambda: self.now, queued=lambda: None
        )

    async def follow(self, chat_id: int, topic: str = "Samsung", **settings: str) -> None:
        await self.store.meet(Chat(chat_id))
        await self.store.save_chat(Chat(chat_id, **settings))  # type: ignore[arg-type]
        await self.store.follow(Subscription(chat_id, topic_key(topic), topic))

    async def read(self, source: str, item: Item, **how: bool) -> StoredArticle:
        """Archive an article as a poll does, and publish what there is."""
        url = f"https://{source.lower()}.az/{item.slug}"
        article = Article(url, item.title, item.text, self.now, source)
        new = NewArticle(article, (url,), deliver=how.get("deliver", True), mark="1")
        state = None if how.get("imported") else SourceState(source, f"https://{source}/")
        (stored,) = await self.store.commit([new], state, self.now)
        await self.publish()
        return stored

    async def change(self, stored: StoredArticle, title: str, mark: str = "2") -> None:
        article = replace(stored.article, title=title)
        await self.store.revise(stored.id, article, mark, self.now)
        await self.publish()

    async def publish(self) -> None:
        while await self.publisher._publish():
            pass

    async def send(self, at_once: int = 10) -> None:
        """Send what is ready, and note what the chats show."""
        while claims := await self.store.claim(self.now, "test", at_once, 15):
            for claim in claims:
                payload = json.loads(claim.delivery.message.payload)
                message_id = payload.get("message_id") or len(self.shown) + 100
                self.shown[claim.chat_id, message_id] = payload["text"]
                if claim.delivery.message.method == "editMessageText":
                    self.edits.append(claim.chat_id)
                sent = Sent(claim.delivery.id, claim.chat_id, message_id, self.now, self.now)
                await self.store.acknowledge([sent])

    async def waiting(self, chat_id: int) -> list[Delivery]:
        return await self.store.waiting(chat_id, 100)

    def texts(self, chat_id: int) -> list[str]:
        return [text for (chat, _), text in self.shown.items() if chat == chat_id]


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    async with KINDS[request.param]() as opener:
        made = opener()
        await made.open()
        yield made
        await made.close()


async def channel(store: Store, **rule: object) -> Desk:
    await store.meet(Chat(CHANNEL, ChatKind.CHANNEL, zone="Asia/Baku"))
    return Desk(store, (ChannelRule(CHANNEL, CHANNEL, **rule),))  # type: ignore[arg-type]


async def test_channels_are_edited_first_and_chats_not_after_half_an_hour(store: Store) -> None:
    desk = await channel(store)
    await desk.follow(1)
    await desk.read("APA", FIRST)
    await desk.send()
    await desk.read("Report", AGAIN)
    await desk.send()
    assert desk.edits == [CHANNEL, 1]
    await desk.read("Trend", THIRD)
    desk.now += timedelta(minutes=31)
    await desk.send()
    assert desk.edits == [CHANNEL, 1, CHANNEL]
    assert await store.outbox() == (0, None)


async def test_a_channels_edit_waits_for_no_chats_edit(store: Store) -> None:
    desk = await channel(store)
    await desk.follow(1)
    await desk.follow(2)
    first = await desk.read("APA", FIRST)
    second = await desk.read("APA", OTHER)
    await desk.send()
    await desk.change(first, f"{FIRST.title}, {OTHER.title}")
    await desk.change(second, f"{OTHER.title}, {FIRST.title}")
    await desk.send(at_once=1)
    assert desk.edits[:2] == [CHANNEL, CHANNEL]
    assert sorted(desk.edits[2:]) == [1, 1, 2, 2]


async def test_a_fresh_message_goes_before_an_edit(store: Store) -> None:
    desk = await channel(store)
    await desk.read("APA", FIRST)
    await desk.send()
    await desk.read("Report", AGAIN)
    await desk.read("Report", OTHER)
    (claim,) = await store.claim(desk.now, "test", 10, 15)
    assert claim.delivery.kind is DeliveryKind.POST


async def test_what_still_waits_is_rewritten(store: Store) -> None:
    desk = await channel(store, max_per_hour=1)
    await desk.follow(1, quiet="00:00-23:59")
    await desk.read("APA", FIRST)
    await desk.read("Report", AGAIN)
    for chat_id in (1, CHANNEL):
        (delivery,) = await desk.waiting(chat_id)
        assert "Digər mənbələr: " in json.loads(delivery.message.payload)["text"]
        assert delivery.message.method == "sendMessage"
        assert delivery.held


async def test_a_list_stays_as_it_is(store: Store) -> None:
    desk = Desk(store)
    await desk.follow(1, quiet="08:00-13:00")
    await desk.read("APA", FIRST)
    await desk.read("APA", OTHER)
    desk.now += timedelta(hours=2)
    await desk.publisher.held.release()
    await desk.send()
    assert "2 yeni xəbər" in desk.texts(1)[0]
    await desk.read("Report", AGAIN)
    await desk.send()
    assert desk.edits == []
    assert len(desk.texts(1)) == 1


async def test_imported_and_old_articles_join_no_story(store: Store) -> None:
    desk = await channel(store)
    await desk.read("APA", FIRST)
    await desk.send()
    await desk.read("Report", AGAIN, imported=True, deliver=False)
    desk.now += timedelta(hours=49)
    await desk.read("Trend", THIRD)
    await desk.send()
    assert desk.edits == []
    assert len(desk.texts(CHANNEL)) == 2


async def test_an_archived_article_joins_and_alerts_nobody(store: Store) -> None:
    desk = await channel(store)
    await desk.read("APA", FIRST)
    await desk.send()
    await desk.read("Report", AGAIN, deliver=False)
    await desk.send()
    assert desk.edits == [CHANNEL]
    assert "Digər mənbələr: " in desk.texts(CHANNEL)[0]


async def test_one_that_waited_for_its_page_is_named_under_those_that_came_first(
    store: Store,
) -> None:
    desk = await channel(store)
    brief = replace(FIRST, text=FIRST.text[:200])
    article = Article("https://apa.az/x1", brief.title, brief.text, desk.now, "APA")
    new = NewArticle(article, (article.url,), deliver=True, page_by=desk.now + timedelta(minutes=1))
    (late,) = await store.commit([new], SourceState("APA", "https://apa.az/"), desk.now)
    await desk.read("Report", AGAIN)
    await desk.send()
    whole = replace(article, text=FIRST.text)
    await store.improve(late.id, whole, deliver=True, now=desk.now)
    await desk.publish()
    await desk.send()
    (text,) = desk.texts(CHANNEL)
    assert AGAIN.title in text
    assert 'Digər mənbələr: <a href="https://apa.az/x1">APA</a>' in text


async def test_revisions_edit_channels_always_and_chats_for_two_days(store: Store) -> None:
    desk = await channel(store)
    await desk.follow(1)
    stored = await desk.read("APA", FIRST)
    await desk.send()
    desk.now += timedelta(hours=47)
    await desk.change(stored, "Samsung zavodu bu il tikəcək", "2")
    await desk.send()
    assert sorted(desk.edits) == [CHANNEL, 1]
    desk.now += timedelta(hours=2)
    await desk.change(stored, "Samsung zavodu gələn il tikəcək", "3")
    await desk.send()
    assert desk.edits[2:] == [CHANNEL]


async def test_a_document_that_changes_all_the_time_is_believed_five_times(store: Store) -> None:
    desk = await channel(store)
    stored = await desk.read("APA", FIRST)
    await desk.send()
    for number in range(2 * REVISIONS):
        await desk.change(stored, f"{FIRST.title}, {number}", str(number + 2))
        await desk.send()
    assert desk.edits == [CHANNEL] * REVISIONS


async def test_only_those_who_were_told_of_a_changed_article_see_it_change(store: Store) -> None:
    desk = Desk(store)
    await desk.follow(1)
    await desk.follow(2, "avadanlıq")
    await desk.read("APA", FIRST)
    second = await desk.read("Report", AGAIN)
    await desk.send()
    await desk.send()
    desk.edits.clear()
    await desk.change(second, "Samsung çip zavoduna avadanlıq gətirir")
    await desk.send()
    assert desk.edits == [2]


async def test_the_most_covered_held_post_goes_first(store: Store) -> None:
    desk = await channel(store, max_per_hour=1)
    await desk.read("APA", OTHER)
    await desk.read("APA", FIRST)
    await desk.read("Report", AGAIN)
    await desk.publisher.held.release()
    await desk.send()
    assert FIRST.title in desk.texts(CHANNEL)[0]
    assert len(desk.texts(CHANNEL)) == 1


async def test_a_daily_digest_tells_each_story_once_the_most_covered_first(store: Store) -> None:
    desk = Desk(store)
    await desk.follow(1)
    settings = Chat(1, digest_at="13:00", next_digest_at=None)
    due = next_digest("13:00", settings.zone, desk.now, None)
    await store.save_chat(replace(settings, next_digest_at=due))
    await store.follow(Subscription(1, topic_key("Samsung"), "Samsung", Mode.DIGEST))
    await desk.read("APA", FIRST)
    await desk.read("Report", AGAIN)
    desk.now += timedelta(minutes=1)
    await desk.read("APA", OTHER)
    desk.now = due + timedelta(seconds=5)
    await desk.publisher.send_digests()
    await desk.send()
    (text,) = desk.texts(1)
    assert text.index(FIRST.title) < text.index(OTHER.title)
    assert AGAIN.title not in text


async def test_another_run_goes_on_with_the_stories(store: Store) -> None:
    first = await channel(store)
    await first.read("APA", FIRST)
    await first.send()
    second = Desk(store, first.rules, first.now + timedelta(hours=1))
    await second.read("Report", AGAIN)
    await first.publish()
    third = await first.read("Trend", THIRD)
    assert [a.id for a in await store.members(1)] == [1, 2, third.id]


async def test_a_run_that_died_before_it_stored_a_story_is_made_up_for(store: Store) -> None:
    desk = await channel(store)
    await desk.read("APA", FIRST)
    await desk.send()
    # The edit was queued and carried out, the article's story not yet stored.
    await store.queue_edit(1, None, desk.now)
    await desk.publish()
    await desk.read("Report", AGAIN)
    await desk.send()
    assert "Digər mənbələr: " in desk.texts(CHANNEL)[0]


async def test_an_article_that_cannot_be_compared_goes_out_all_the_same(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_self: Stories, _stored: StoredArticle) -> int:
        raise RecursionError

    desk = await channel(store)
    await desk.read("APA", FIRST)
    with monkeypatch.context() as patch:
        patch.setattr(Stories, "place", broken)
        await desk.read("Report", AGAIN)
    await desk.read("Trend", OTHER)
    await desk.send()
    assert len(desk.texts(CHANNEL)) == 3


class NearAll:
    """An index that finds everything near everything."""

    def related(self, article: StoredArticle, *, limit: int) -> list[int]:
        return [number for number in range(1, 9) if number != article.id][:limit]


async def test_similar_news_never_shows_the_same_story(store: Store) -> None:
    desk = Desk(store)
    for source, item in (("APA", FIRST), ("Report", AGAIN), ("Trend", THIRD), ("APA", OTHER)):
        await desk.read(source, item)
    archive = Archive(store, NearAll(), lambda: desk.now)  # type: ignore[arg-type]
    assert [a.article.title for a in await archive.related(1)] == [OTHER.title]
    assert [a.article.title for a in await archive.related(4)] == [FIRST.title]
