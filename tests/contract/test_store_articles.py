from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from bot.models import Article, Credit, NewArticle, Related, SourceState
from tests.contract.stage import NOW, SOURCE, archive, at, new

if TYPE_CHECKING:
    from bot.models import StoredArticle
    from bot.store.protocol import Store

WHOLE = Article(
    url="https://technote.az/süni-zəka?a=1",
    title="DeepSeek “süni zəka” 🤖",
    text="Birinci abzas.\n\nİkinci abzas.",
    published=datetime(2025, 2, 3, 0, 0, tzinfo=timezone(timedelta(hours=4))),
    source="technote.az",
    category="Süni İntellekt",
    author="A. Müəllif",
    credit=Credit("Tomshardware", "https://tomshardware.com"),
    image="https://technote.az/1.jpg",
    summary="Qısa",
    related=(Related("Bənzər", "https://technote.az/b"),),
)


def names(articles: list[StoredArticle]) -> list[str]:
    return [stored.article.title for stored in articles]


async def test_an_article_comes_back_as_it_went_in(store: Store) -> None:
    [stored] = await archive(store, NewArticle(WHOLE, ("k",), deliver=False))

    [found] = await store.articles([stored.id])

    assert found == stored
    assert found.article == WHOLE
    assert found.article.published is not None
    assert found.article.published.utcoffset() == timedelta(hours=4)
    assert found.first_seen == NOW


async def test_an_article_known_by_any_key_is_not_new_and_gets_further_names(
    store: Store,
) -> None:
    [first] = await archive(store, new("a", "link-a", "guid"))

    again = await archive(store, new("moved", "link-b", "guid"))

    assert again == []
    assert await store.known(["link-a", "link-b", "guid", "other"]) == {
        "link-a": first.id,
        "link-b": first.id,
        "guid": first.id,
    }


async def test_a_batch_names_the_same_article_twice_and_it_is_new_once(store: Store) -> None:
    stored = await archive(store, new("a", "k1", "k2"), new("b", "k3"), new("c", "k2", "k4"))

    assert names(stored) == ["a", "b"]
    assert (await store.known(["k4"]))["k4"] == stored[0].id
    assert await store.count() == 2


async def test_text_that_utf8_cannot_hold_is_archived_all_the_same(store: Store) -> None:
    broken = "https://x.az/\udcff"
    await archive(store, NewArticle(Article(url=broken, title="\ud83d"), (broken,), deliver=True))

    assert list(await store.known([broken])) == [broken]
    assert await store.count() == 1


async def test_the_log_gives_every_article_once_in_order(store: Store) -> None:
    assert await store.last_seq() == 0
    await archive(store, new("a"), new("b"))
    await archive(store, new("c"))

    first = await store.log_after(0, 2)
    rest = await store.log_after(first[-1].seq, 10)

    assert names(first + rest) == ["a", "b", "c"]
    assert rest[-1].seq == await store.last_seq()


async def test_articles_are_listed_by_the_time_readers_see(store: Store) -> None:
    await archive(store, new("old", age_s=90), new("undated", age_s=None), new("mid", age_s=60))

    assert names(await store.newest(2)) == ["undated", "mid"]
    assert names(await store.newest(2, 2)) == ["old"]
    first = await store.oldest(2)
    assert names(first) == ["old", "mid"]
    assert names(await store.oldest(2, first[-1])) == ["undated"]


async def test_pages_of_articles_of_one_time_neither_repeat_nor_skip(store: Store) -> None:
    await archive(store, *(new(f"n{number}", age_s=5) for number in range(7)))

    seen, page = [], await store.oldest(3)
    while page:
        seen += names(page)
        page = await store.oldest(3, page[-1])

    assert sorted(seen) == [f"n{number}" for number in range(7)]


async def test_unknown_ids_are_left_out_and_the_order_asked_is_kept(store: Store) -> None:
    one, two = await archive(store, new("a"), new("b"))

    assert names(await store.articles([two.id, 999_999, 10**30, one.id])) == ["b", "a"]


async def test_what_was_first_seen_in_a_window_leaves_out_imports(store: Store) -> None:
    await store.commit([new("before")], SOURCE, NOW)
    await store.commit([new("in")], SOURCE, at(10))
    await store.commit([new("imported")], None, at(10))
    await store.commit([new("end")], SOURCE, at(20))
    await store.commit([new("late")], SOURCE, at(21))

    assert names(await store.archived_between(NOW, at(20), 10)) == ["end", "in"]
    assert names(await store.archived_between(NOW, at(20), 1)) == ["end"]


async def test_a_source_is_remembered_byte_for_byte_with_its_articles(store: Store) -> None:
    state = SourceState(
        "technote.az",
        "https://technote.az/feed",
        etag='W/"ə\udcff"',
        last_modified="Mon",
        next_poll_at=at(300),
        polled_at=NOW,
        failures=2,
        error="502",
        failing_since=at(-60),
        found_url="https://technote.az/rss.xml",
        redirects=1,
        items_per_hour=1.5,
        ttl_s=1800.0,
        skip_hours=(1, 2),
        skip_days=(6,),
    )
    await store.commit([new("a")], state, NOW)
    assert await store.sources() == {"technote.az": state}

    await store.save_source(replace(state, failures=3))
    assert (await store.sources())["technote.az"].failures == 3


async def test_an_article_that_waits_for_its_page_goes_out_improved(store: Store) -> None:
    [stored] = await archive(store, new("a", page_by=at(60)))
    assert await store.next_fan_out(NOW, "w", 15) is None
    assert await store.pages_wanted(10) == [(stored, at(60))]

    better = replace(stored.article, text="whole", published=at(-500))
    improved = await store.improve(stored.id, better, deliver=True, now=at(5))

    assert improved is not None
    assert improved.article == better
    assert improved.id == stored.id
    assert await store.log_after(stored.seq, 10) == [improved]
    assert await store.pages_wanted(10) == []
    fan_out = await store.next_fan_out(at(5), "w", 15)
    assert fan_out is not None
    assert fan_out.article == improved


async def test_an_article_whose_page_never_comes_goes_out_with_what_there_is(
    store: Store,
) -> None:
    waiting, refused = await archive(
        store, new("a", page_by=at(60), age_s=9), new("b", page_by=at(60))
    )

    same = await store.improve(refused.id, None, deliver=True, now=at(1))
    assert same == refused
    assert await store.last_seq() == refused.seq
    early = await store.next_fan_out(at(1), "w", 15)
    late = await store.next_fan_out(at(60), "w", 15)

    assert early is not None
    assert early.article == refused
    assert late is not None
    assert late.article == waiting


async def test_an_article_whose_page_says_that_it_is_old_is_not_sent(store: Store) -> None:
    [stored] = await archive(store, new("a", page_by=at(60)))

    await store.improve(stored.id, stored.article, deliver=False, now=at(1))

    assert await store.next_fan_out(at(100), "w", 15) is None
    assert await store.improve(12345, None, deliver=True, now=NOW) is None


async def test_pages_of_what_waits_come_before_pages_of_what_is_only_archived(
    store: Store,
) -> None:
    await archive(
        store,
        new("archived-new", page_by=at(60), deliver=False),
        new("archived-old", page_by=at(60), deliver=False, age_s=50),
        new("waits-old", page_by=at(60), age_s=90),
        new("waits-new", page_by=at(60), age_s=80),
        new("whole"),
    )

    wanted = [stored.article.title for stored, _ in await store.pages_wanted(10)]

    assert wanted == ["waits-new", "waits-old", "archived-new", "archived-old"]
    assert len(await store.pages_wanted(3)) == 3
