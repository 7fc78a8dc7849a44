from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.models import Article
from bot.sources.backfill import is_short, missed, starts
from bot.sources.reading import Item, Kind, Reading

NOW = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
SINCE = NOW - timedelta(hours=1)
BAKU = ZoneInfo("Asia/Baku")


def item(name: str, minutes_ago: float | None = None) -> Item:
    published = None if minutes_ago is None else NOW - timedelta(minutes=minutes_ago)
    return Item(Article(f"https://sayt.az/{name}", name, published=published), (name,), whole=False)


def places(url: str, **more: str) -> list[str]:
    return [address for address, _ in starts(url, Reading(Kind.FEED, home=more.get("home")))]


def test_a_document_is_short_where_it_reaches_not_back_to_the_last_poll() -> None:
    news = [item("a", 10), item("b", 50)]
    assert is_short(news, {}, SINCE, BAKU)
    assert is_short([item("a"), item("b")], {}, SINCE, BAKU)
    assert not is_short(news, {"b": 1}, SINCE, BAKU)
    assert not is_short([*news, item("c", 70)], {}, SINCE, BAKU)
    assert not is_short(news, {}, None, BAKU)
    assert not is_short([], {}, SINCE, BAKU)


def test_a_day_without_a_time_may_have_been_any_time_of_it() -> None:
    midnight = datetime(2026, 11, 24, tzinfo=BAKU)
    today = Item(Article("https://sayt.az/a", "a", published=midnight), ("a",), whole=False)
    assert is_short([today], {}, SINCE, BAKU)


def test_the_list_is_the_feeds_home_or_its_front_page_and_a_sections_own() -> None:
    assert places("https://sayt.az/feed", home="https://sayt.az/xeber") == [
        "https://sayt.az/xeber",
        "https://sayt.az/",
    ]
    assert places("https://sayt.az/rss/all.xml") == ["https://sayt.az/"]
    assert places("https://sayt.az/texno/feed/", home="https://sayt.az/") == [
        "https://sayt.az/texno/"
    ]


def test_a_list_goes_on_where_it_says() -> None:
    reading = Reading(Kind.LISTING, next_url="https://sayt.az/?page=2")
    assert starts("https://sayt.az/", reading) == [("https://sayt.az/?page=2", Kind.LISTING)]
    assert starts("https://sayt.az/", Reading(Kind.LISTING)) == []
    assert starts("https://sayt.az/", Reading(Kind.SITEMAP)) == []


def test_a_page_adds_what_is_new_and_without_a_date_only_above_what_is_known() -> None:
    page = [item("feed"), item("a"), item("b", 40), item("known"), item("below"), item("c", 50)]
    new, done = missed(page, {"feed"}, {"known": 1}, SINCE, BAKU)
    assert [one.keys[0] for one in new] == ["a", "b", "c"]
    assert done


def test_what_is_pinned_above_the_news_hides_none_of_it() -> None:
    page = [item("pinned"), item("feed"), item("a"), item("known"), item("below")]
    new, done = missed(page, {"feed"}, {"pinned": 1, "known": 2}, SINCE, BAKU)
    assert [one.keys[0] for one in new] == ["a"]
    assert done


def test_a_page_of_what_is_older_is_the_last() -> None:
    assert missed([item("a", 70), item("b", 90)], set(), {}, SINCE, BAKU) == ([], True)
    new, done = missed([item("pinned", 900), item("a", 10)], set(), {}, SINCE, BAKU)
    assert [one.keys[0] for one in new] == ["a"]
    assert not done
