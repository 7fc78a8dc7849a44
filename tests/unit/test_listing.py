"""Listing pages give a story a card."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.errors import ParseError
from bot.sources import document
from bot.sources.reading import Kind, ReadContext, Reading

FIXTURES = Path(__file__).parents[1] / "fixtures" / "sources"
LISTING = (FIXTURES / "listing.html").read_text("utf-8")
CONTEXT = ReadContext(now=datetime(2026, 11, 23, 12, tzinfo=UTC), zone=ZoneInfo("Asia/Baku"))
CARD = (
    '<a class="post-card" href="/suni-zeka-ve-elm/{slug}"><img src="/k/{slug}.jpg" alt="">'
    '<h3>{title}</h3><span class="date">0{day}.02.2026</span></a>'
)
TITLES = (
    "Robot aşbaz işə başlayıb",
    "Yeni çip enerjiyə qənaət edir",
    "Proqramlaşdırma kursu açılır",
)


def read(text: str, url: str | None) -> Reading:
    reading = document.read(text.encode(), url=url, content_type="text/html", context=CONTEXT)
    assert reading.kind is Kind.LISTING
    return reading


def technote(**changes: str) -> str:
    cards = "".join(
        CARD.format(slug=f"xeber-{number}", title=title, day=number)
        for number, title in enumerate(TITLES, start=1)
    )
    text = (
        "<!DOCTYPE html><html><head><title>Technote.az</title></head><body><header><nav>"
        '<a href="/suni-zeka-ve-elm">Süni İntellekt</a></nav></header>'
        f"<main>{cards}</main></body></html>"
    )
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


def test_every_card_is_a_story_in_the_order_of_the_page() -> None:
    reading = read(LISTING, "https://misal.az/")
    assert [article.title for article in reading.articles] == [
        "Robot aşbaz Bakıda işə başlayıb",
        "Yeni çip enerji sərfini yarıya qədər azaldır",
        "Məktəblilər üçün proqramlaşdırma kursu açılır",
    ]
    assert [article.url for article in reading.articles] == [
        "https://misal.az/texno/robot-asbaz",
        "https://misal.az/texno/yeni-cip",
        "https://misal.az/texno/kurs",
    ]
    assert reading.next_url == "https://misal.az/sehife/2"


def test_a_card_gives_date_category_image_and_summary() -> None:
    first, second, third = read(LISTING, "https://misal.az/").articles
    assert first.published == datetime(2026, 11, 23, 6, tzinfo=UTC)
    assert first.category == "Süni zəka"
    assert first.image == "https://misal.az/sekil/1.jpg"
    assert first.summary is not None
    assert first.summary.startswith("Restoranda")
    assert second.published == datetime(2026, 11, 23, 8, 18, tzinfo=UTC)
    assert third.published == datetime(2026, 11, 22, 5, 5, tzinfo=UTC)
    assert {first.source, second.source} == {"misal.az"}


def test_stories_of_a_listing_are_never_whole() -> None:
    assert not any(item.whole for item in read(LISTING, "https://misal.az/").items)
    assert read(LISTING, "https://misal.az/").items[0].keys == ("misal.az/texno/robot-asbaz",)


@pytest.mark.parametrize("url", ["https://technote.az/", "https://technote.az/suni-zeka-ve-elm"])
def test_technotes_listing_is_read_by_its_profile(url: str) -> None:
    articles = read(technote(), url).articles
    assert [article.title for article in articles] == list(TITLES)
    assert [article.published and article.published.isoformat() for article in articles] == [
        f"2026-02-0{day}T00:00:00+04:00" for day in (1, 2, 3)
    ]


def test_a_listing_on_another_host_links_that_host() -> None:
    articles = read(technote(), "http://127.0.0.1:8000/").articles
    assert articles[0].url == "http://127.0.0.1:8000/suni-zeka-ve-elm/xeber-1"
    assert articles[0].source == "127.0.0.1"


def test_class_names_may_change() -> None:
    for text in (re.sub(r' class="[^"]*"', "", technote()), technote(**{"post-card": "kart"})):
        assert [a.title for a in read(text, "https://technote.az/").articles] == list(TITLES)
    bare = re.sub(r"<(/?)(main|h3|span)\b", r"<\1div", re.sub(r' class="[^"]*"', "", technote()))
    assert [a.title for a in read(bare, "https://misal.az/").articles] == list(TITLES)


def test_without_an_address_only_whole_links_count() -> None:
    with pytest.raises(ParseError, match="--url"):
        read(technote(), None)
    mixed = technote(**{'href="/suni-zeka-ve-elm/': 'href="https://technote.az/suni-zeka-ve-elm/'})
    reading = read(mixed, None)
    assert [article.title for article in reading.articles] == list(TITLES)
    assert reading.problems == (
        "1 links stay relative and were left out: give the address with --url",
    )


def test_the_base_element_is_an_address() -> None:
    text = technote(**{"<title>": '<base href="https://technote.az/"><title>'})
    assert read(text, None).articles[0].url == "https://technote.az/suni-zeka-ve-elm/xeber-1"


def test_a_category_page_with_long_summaries_is_a_listing() -> None:
    cards = "".join(
        f'<div class="kart"><a href="/t/{n}"><h2>{title}</h2></a>'
        f"<p>{title} xəbərinin uzun təsviri: hadisə barədə ətraflı məlumat növbəti səhifədədir. "
        "Mütəxəssislər bunun bazara ciddi təsir edəcəyini düşünürlər.</p></div>"
        for n, title in enumerate(TITLES * 3)
    )
    text = f"<html><title>Süni zəka | Misal</title><h1>Süni zəka bölməsi</h1>{cards}</html>"
    assert len(read(text, "https://misal.az/suni-zeka").items) == len(TITLES * 3)


def test_what_a_document_should_be_counts() -> None:
    def expecting(kind: Kind) -> ReadContext:
        return ReadContext(now=CONTEXT.now, zone=CONTEXT.zone, expect=kind)

    data = LISTING.encode()
    url = "https://misal.az/texno"
    listing = document.read(data, url=url, content_type=None, context=expecting(Kind.LISTING))
    assert len(listing.items) == 3
    with pytest.raises(ParseError, match="place of a feed"):
        document.read(data, url=url, content_type=None, context=expecting(Kind.FEED))
    with pytest.raises(ParseError, match="without an article's text"):
        document.read(data, url=url, content_type=None, context=expecting(Kind.PAGE))


def test_a_table_gives_dates_and_a_short_class_the_category() -> None:
    rows = "".join(
        f'<tr><td>0{day}.11.2025 10:30</td><td><span class="cat">İKT</span>'
        f'<a href="/x/{day}">{title}</a></td></tr>'
        for day, title in enumerate(TITLES, start=1)
    )
    found = read(f"<html><body><table>{rows}</table></body></html>", "https://misal.az/").articles
    assert [(one.category, one.published and one.published.day) for one in found] == [
        ("İKT", 1), ("İKT", 2), ("İKT", 3),
    ]  # fmt: skip


SOUP = (FIXTURES / "div_listing.html").read_text("utf-8")
SOUP_URL = "https://misal.example/xeberler?page=2"


def test_cards_of_bare_divs_are_stories_and_menus_tags_and_promotion_are_not() -> None:
    reading = document.read(SOUP.encode(), url=SOUP_URL, content_type=None, context=CONTEXT)
    assert reading.kind is Kind.LISTING
    found = [
        (article.url.rpartition("/")[2], article.title, article.image)
        for article in reading.articles
    ]
    assert found == [
        ("101", "Bakıda yeni park salınır", "https://cdn.misal.example/101.jpg"),
        (
            "102",
            "Gəncədə məktəb təmir olunur, şagirdlər qayıdır",
            "https://misal.example/p/102-900.jpg",
        ),
        ("103", "Şəkidə ipək festivalı keçirilib", "https://misal.example/p/103.jpg"),
        ("104", "Lerikdə uzunömürlülər muzeyi açılıb", "https://misal.example/p/104.jpg"),
        ("105", "Naftalanda sanatoriya genişlənir", "https://misal.example/p/105.jpg"),
    ]


def test_dates_in_cards_are_read_in_every_shape() -> None:
    reading = document.read(SOUP.encode(), url=SOUP_URL, content_type=None, context=CONTEXT)
    dates = [article.published for article in reading.articles]
    assert [date and date.isoformat()[5:16] for date in dates] == [
        "11-23T12:18",
        "11-22T09:05",
        "11-19T14:00",
        "10-28T00:00",
        "02-21T19:22",
    ]


def test_the_link_to_the_next_page_is_known_by_its_words() -> None:
    reading = document.read(SOUP.encode(), url=SOUP_URL, content_type=None, context=CONTEXT)
    assert reading.next_url == "https://misal.example/xeberler?page=3"


def test_a_wrapper_that_is_called_a_menu_hides_nothing() -> None:
    text = SOUP.replace("<body>", '<body><div class="menu-wrap">')
    reading = document.read(text.encode(), url=SOUP_URL, content_type=None, context=CONTEXT)
    assert {article.url.rpartition("/")[2] for article in reading.articles} >= {"101", "105"}
