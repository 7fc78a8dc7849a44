"""What a poll decides, without a loop: what is committed, in which order, and what is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.config import SourceSettings
from bot.models import Article, Credit, SourceState
from bot.pages import combine
from bot.poller import follow_redirect, gained_name, in_language, items_per_hour, on_the_beat, plan
from bot.sources.pace import interval_s
from bot.sources.reading import Item

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BAKU = ZoneInfo("Asia/Baku")
SOURCE = SourceSettings(name="sayt.az", url="https://sayt.az/feed")


def item(name: str, *, hours: float | None = 1, whole: bool = True) -> Item:
    published = None if hours is None else NOW - timedelta(hours=hours)
    article = Article(f"https://sayt.az/{name}", name, published=published, source="sayt.az")
    return Item(article, (f"sayt.az/{name}",), whole)


def titles(items: list[Item], *, first: bool = False, **changes: object) -> list[tuple[str, bool]]:
    source = SOURCE.model_copy(update=changes)
    return [
        (new.article.title, new.deliver) for new in plan(items, source, first_poll=first, now=NOW)
    ]


def test_what_is_new_goes_out_oldest_first() -> None:
    feed = [item("c", hours=1), item("b", hours=2), item("a", hours=3)]
    assert titles(feed) == [("a", True), ("b", True), ("c", True)]


def test_a_feed_without_dates_goes_out_from_its_end() -> None:
    feed = [item("c", hours=None), item("b", hours=None), item("a", hours=None)]
    assert [title for title, _ in titles(feed)] == ["a", "b", "c"]


def test_the_first_poll_delivers_the_newest_backlog_only() -> None:
    feed = [item(name, hours=n) for n, name in enumerate("dcba", start=1)]
    delivered = [title for title, deliver in titles(feed, first=True, backlog=2) if deliver]
    assert delivered == ["c", "d"]


def test_an_article_older_than_max_age_is_archived_only() -> None:
    assert titles([item("a", hours=49), item("b", hours=47)]) == [("a", False), ("b", True)]


def test_an_item_that_was_cut_waits_a_minute_for_its_page() -> None:
    cut, whole = plan(
        [item("whole"), item("cut", hours=2, whole=False)], SOURCE, first_poll=False, now=NOW
    )
    assert cut.page_by == NOW + timedelta(seconds=60)
    assert whole.page_by is None


def test_a_known_item_with_another_address_gains_a_name() -> None:
    seen = replace(item("a"), keys=("sayt.az/a", "sayt.az/a-yeni"))
    assert gained_name(seen, {"sayt.az/a": 7})
    assert not gained_name(seen, {"sayt.az/a": 7, "sayt.az/a-yeni": 7})
    assert not gained_name(seen, {})


def test_the_third_redirect_in_a_row_to_one_address_is_followed_for_good() -> None:
    state = SourceState("sayt.az", "https://sayt.az/feed")
    for _ in range(2):
        state = follow_redirect(state, "https://sayt.az/rss")
        assert state.found_url is None
    assert follow_redirect(state, "https://sayt.az/rss").found_url == "https://sayt.az/rss"


def test_an_answer_without_a_redirect_starts_the_count_anew() -> None:
    state = SourceState("sayt.az", "https://sayt.az/feed")
    for target in ("https://a.az/", "https://a.az/", None, "https://a.az/", "https://b.az/"):
        state = follow_redirect(state, target)
    assert (state.found_url, state.redirects) == (None, 1)


def test_a_new_source_is_polled_at_each_interval_and_slows_down_within_a_day() -> None:
    state = SourceState("sayt.az", "https://sayt.az/feed")
    rate = items_per_hour(state, 300, 0, NOW)
    assert interval_s(300, rate) == pytest.approx(300)
    for minutes in range(0, 24 * 60, 10):
        now = NOW + timedelta(minutes=minutes)
        state = replace(state, polled_at=now - timedelta(minutes=10), items_per_hour=rate)
        rate = items_per_hour(state, 300, 0, now)
    assert interval_s(300, rate) > 800


def test_the_rate_of_a_source_follows_what_it_brings() -> None:
    state = SourceState(
        "sayt.az", "https://sayt.az/feed", polled_at=NOW - timedelta(minutes=30), items_per_hour=4
    )
    assert items_per_hour(state, 300, 10, NOW) > state.items_per_hour
    assert items_per_hour(state, 300, 0, NOW) < state.items_per_hour


def test_polls_keep_the_beat_although_each_is_a_little_late() -> None:
    late = NOW + timedelta(seconds=0.2)
    at = on_the_beat(late + timedelta(seconds=2), late, NOW, 2.0)
    assert at == NOW + timedelta(seconds=2)


def test_what_a_server_asks_for_counts_from_its_answer() -> None:
    late = NOW + timedelta(seconds=0.2)
    asked = late + timedelta(seconds=30)
    assert on_the_beat(asked, late, NOW, 2.0) == asked


def test_a_poll_that_took_longer_than_its_interval_starts_a_new_beat() -> None:
    late = NOW + timedelta(seconds=9)
    at = late + timedelta(seconds=2)
    assert on_the_beat(at, late, NOW, 2.0) == at


def test_a_page_completes_what_its_feed_said() -> None:
    fed = replace(item("a").article, text="Qısa mətn...", category="Elm")
    page = Article(
        "https://sayt.az/amp/a",
        "Başqa başlıq",
        text="Uzun mətn. " * 20,
        published=NOW,
        category="Texnologiya",
        author="Aytən",
        credit=Credit("Reuters"),
    )
    whole = combine(fed, page, BAKU, NOW)
    assert (whole.url, whole.title, whole.category) == (fed.url, "a", "Elm")
    assert (whole.text, whole.author, whole.credit) == (page.text, "Aytən", Credit("Reuters"))
    assert whole.published == fed.published


def test_a_day_without_hours_takes_the_hours_of_its_page() -> None:
    day = datetime(2026, 11, 23, tzinfo=BAKU)
    fed = replace(item("a").article, published=day)
    page = replace(fed, published=NOW - timedelta(minutes=5))
    assert combine(fed, page, BAKU, NOW).published == page.published
    elsewhere = replace(page, published=NOW - timedelta(days=1))
    assert combine(fed, elsewhere, BAKU, NOW).published == day


def test_a_source_limited_to_a_language_keeps_that_and_what_is_too_short_to_tell() -> None:
    items = [
        item("Bakıda yeni texnopark açılıb"),
        item("В Баку открылся новый технопарк"),
        item("New technology park opens in Baku"),
        item("iPhone 17"),
    ]
    assert in_language(items, "") == items
    assert in_language(items, "az") == [items[0], items[3]]
    assert in_language(items, "ru") == [items[1], items[3]]
