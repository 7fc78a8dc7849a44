"""Pages in the manner of different sites: each gives exactly the article beside it.

``fullstory.html`` is what a reader's browser gets, ``fullstory.json`` the one article: share
lines, captions, tags, comments, advertisements and other stories stand on the pages and not
in the articles.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot import links
from bot.errors import ParseError
from bot.jsonl import as_dict
from bot.sources import document
from bot.sources.reading import Kind, ReadContext

PAGES = Path(__file__).parents[1] / "fixtures" / "sources" / "pages"
CONTEXT = ReadContext(now=datetime(2026, 11, 23, 12, tzinfo=UTC), zone=ZoneInfo("Asia/Baku"))


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.html")), ids=lambda page: page.stem)
def test_a_page_gives_the_article_that_its_readers_see(page: Path) -> None:
    wanted = json.loads(page.with_suffix(".json").read_text("utf-8"))
    reading = document.read(
        page.read_bytes(), url=wanted["url"], content_type="text/html", context=CONTEXT
    )
    assert reading.kind is Kind.PAGE
    (item,) = reading.items
    assert as_dict(item.article) == wanted


def test_an_amp_page_without_a_canonical_link_is_the_article_that_the_feed_named() -> None:
    feed = """<rss version="2.0"><channel><title>Cənub</title><item>
    <title>Lənkəranda çay yığımı rekord həddə çatıb</title>
    <link>https://www.cenub.example/aqrar/cay-yigimi/?utm_source=rss</link></item></channel></rss>"""
    page = (PAGES / "amp.html").read_bytes()
    (item,) = document.read(
        feed.encode(), url="https://cenub.example/rss", content_type=None, context=CONTEXT
    ).items
    for twin in (
        "https://cenub.example/aqrar/cay-yigimi/amp/",
        "https://amp.cenub.example/aqrar/cay-yigimi",
        "https://m.cenub.example/aqrar/cay-yigimi/?amp=1",
        "http://cenub.example/aqrar/cay-yigimi?amp",
    ):
        reading = document.read(page, url=twin, content_type="text/html", context=CONTEXT)
        (other,) = reading.items
        assert set(other.keys) & set(item.keys), twin
        assert links.identity(other.article.url) == links.identity(item.article.url)


@pytest.mark.parametrize(
    "title", ["Səhifə tapılmadı", "404 - Səhifə tapılmadı | Misal.az", "Xəbər tapılmadı!"]
)
def test_a_page_that_says_it_is_not_there_is_no_article(title: str) -> None:
    text = (PAGES / "wordpress.html").read_text("utf-8")
    gone = text.replace("Kəpəzbank rəqəmsal kart təqdim etdi | İqtisad Xəbər", title)
    with pytest.raises(ParseError, match="not found"):
        document.read(
            gone.encode(),
            url="https://iqtisad.example/yoxdur",
            content_type="text/html",
            context=CONTEXT,
        )
