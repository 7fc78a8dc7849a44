"""Sitemaps: of news, plain ones, their indexes, and lists of addresses."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.errors import ParseError
from bot.sources import document
from bot.sources.reading import Kind, ReadContext, Reading

CONTEXT = ReadContext(now=datetime(2026, 11, 23, 12, tzinfo=UTC), zone=ZoneInfo("Asia/Baku"))
SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def read(text: str | bytes, url: str | None = None) -> Reading:
    data = text if isinstance(text, bytes) else text.encode()
    return document.read(data, url=url, content_type=None, context=CONTEXT)


def urlset(entries: str, attributes: str = SPACE) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {attributes}>{entries}</urlset>'


def entry(inside: str = "", link: str = "https://misal.az/a") -> str:
    return f"<url><loc>{link}</loc>{inside}</url>"


def news(title: str, prefix: str = "news") -> str:
    said = (
        f"<news:news><news:publication><news:name>Misal</news:name></news:publication>"
        f"<news:publication_date>2026-11-20T10:00:00+04:00</news:publication_date>"
        f"<news:title>{title}</news:title></news:news>"
    )
    return said.replace("news:", f"{prefix}:")


@pytest.mark.parametrize(
    ("attributes", "prefix"),
    [
        (f"{SPACE} {NEWS}", "news"),
        (f"{SPACE} {NEWS.replace('xmlns:news', 'xmlns:n')}", "n"),
        (SPACE, "news"),
        ("", "news"),
    ],
)
def test_an_entry_of_news_is_an_article(attributes: str, prefix: str) -> None:
    text = urlset(entry(news("Yeni &amp;quot;model&amp;quot; - Misal", prefix)), attributes)
    (found,) = read(text).articles
    assert (found.url, found.title) == ("https://misal.az/a", 'Yeni "model"')
    assert found.published == datetime(2026, 11, 20, 6, tzinfo=UTC)


def test_an_address_loses_its_escapes_and_tracking() -> None:
    (found,) = read(urlset(entry(news("T"), "https://misal.az/a?x=1&amp;utm_source=s"))).articles
    assert found.url == "https://misal.az/a?x=1"


def test_an_image_of_an_entry_is_its_image_and_not_its_address() -> None:
    image = "<image:image><image:loc>https://misal.az/i.jpg</image:loc></image:image>"
    (found,) = read(urlset(entry(image + news("T")))).articles
    assert (found.url, found.image) == ("https://misal.az/a", "https://misal.az/i.jpg")


def test_entries_of_a_plain_sitemap_are_addresses_whose_titles_are_missed() -> None:
    reading = read(urlset(entry("<lastmod>2026-11-22</lastmod>") + entry("", "https://misal.az/b")))
    assert [item.article.url for item in reading.items] == [
        "https://misal.az/a",
        "https://misal.az/b",
    ]
    assert reading.articles == ()
    assert reading.remarks == ("2 entries have no title: only the page could give it",)


def test_the_front_page_is_no_article() -> None:
    assert read(urlset(entry("", "https://misal.az/"))).items == ()


def test_an_index_names_its_sitemaps_the_most_promising_first() -> None:
    names = ("category-sitemap.xml", "post-sitemap1.xml", "post-sitemap12.xml", "post-sitemap2.xml")
    children = "".join(f"<sitemap><loc>https://misal.az/{name}</loc></sitemap>" for name in names)
    reading = read(f"<sitemapindex {SPACE}>{children}</sitemapindex>")
    assert reading.kind is Kind.INDEX
    assert [child.rpartition("/")[2] for child in reading.children] == [
        "post-sitemap12.xml",
        "post-sitemap2.xml",
        "post-sitemap1.xml",
        "category-sitemap.xml",
    ]
    (remark,) = reading.remarks
    assert "4 sitemaps" in remark
    assert "https://misal.az/post-sitemap12.xml" in remark


def test_a_sitemap_without_entries_is_no_failure() -> None:
    assert read(urlset("")).remarks == ()
    assert read(f"<urlset {SPACE}/>").items == ()


def test_entries_without_an_address_are_told_once() -> None:
    reading = read(urlset("<url/><url><loc>yol</loc></url>" + entry(news("T"))))
    assert len(reading.articles) == 1
    assert reading.remarks == ("2 items without an address were left out",)


def test_a_compressed_sitemap_is_read() -> None:
    assert len(read(gzip.compress(urlset(entry(news("T"))).encode())).articles) == 1


def test_a_list_of_addresses_is_a_sitemap() -> None:
    reading = read("https://misal.az/a\nhttps://misal.az/b\n")
    assert (reading.kind, len(reading.items)) == (Kind.SITEMAP, 2)


def test_a_cut_sitemap_gives_what_is_whole_and_tells() -> None:
    whole = urlset(entry(news("T")) + entry(news("S"), "https://misal.az/ikinci"))
    reading = read(whole[: whole.index("ikinci") + 3])
    assert [found.url for found in reading.articles] == ["https://misal.az/a"]
    assert reading.remarks == ("the document is cut off: its last item was left out",)


def test_entities_of_html_and_bare_ampersands_do_no_harm() -> None:
    (found,) = read(urlset(entry(news("AT&T&nbsp;və &scaron;")))).articles
    assert found.title == "AT&T və š"


def test_garbage_that_begins_like_a_sitemap_is_told() -> None:
    with pytest.raises(ParseError):
        read("<urlset")
