"""JSON Feed of both versions, as it is specified and as it is written."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.errors import ParseError
from bot.models import Article
from bot.sources import document
from bot.sources.reading import Kind, ReadContext, Reading

CONTEXT = ReadContext(now=datetime(2026, 11, 23, 12, tzinfo=UTC), zone=ZoneInfo("Asia/Baku"))


def read(feed: object, url: str | None = None) -> Reading:
    data = feed if isinstance(feed, str) else json.dumps(feed, ensure_ascii=False)
    return document.read(data.encode(), url=url, content_type=None, context=CONTEXT)


def feed(*items: object, **said: object) -> dict[str, object]:
    top = {"version": "https://jsonfeed.org/version/1.1", "title": "Misal"}
    return {**top, "home_page_url": "https://misal.az/", "items": list(items), **said}


def article(item: dict[str, object], **said: object) -> Article:
    (found,) = read(feed({"id": "1", "url": "https://misal.az/a", **item}, **said)).articles
    return found


def test_an_item_gives_all_its_fields() -> None:
    found = article(
        {
            "title": "Yeni model çıxdı",
            "content_html": "<p>Birinci.</p><p>İkinci.</p>",
            "summary": "Qısa təsvir.",
            "date_published": "2026-11-20T10:00:00+04:00",
            "tags": ["Elm", "Dünya"],
            "authors": [{"name": "Leyla"}, {"name": "Rauf"}],
            "image": "/a.png",
        }
    )
    assert found == Article(
        url="https://misal.az/a",
        title="Yeni model çıxdı",
        text="Birinci.\n\nİkinci.",
        published=datetime(2026, 11, 20, 6, tzinfo=UTC),
        source="misal.az",
        category="Elm",
        author="Leyla, Rauf",
        image="https://misal.az/a.png",
        summary="Qısa təsvir.",
    )


def test_version_one_names_one_author() -> None:
    version = "https://jsonfeed.org/version/1"
    found = article({"title": "Yeni model", "author": {"name": "Leyla"}}, version=version)
    assert found.author == "Leyla"


def test_a_feeds_author_speaks_for_its_items_unless_it_is_the_site() -> None:
    assert article({"title": "T"}, authors=[{"name": "Leyla"}]).author == "Leyla"
    assert article({"title": "T"}, authors=[{"name": "Misal"}]).author is None


def test_an_account_of_the_system_is_no_author() -> None:
    assert article({"title": "T", "authors": [{"name": "admin"}, {"name": "Ann"}]}).author == "Ann"


def test_plain_text_keeps_what_looks_like_markup() -> None:
    found = article({"title": "5 < 6", "content_text": "Burada 5 < 6.\n\nBu <b> teqdir."})
    assert (found.title, found.text) == ("5 < 6", "Burada 5 < 6.\n\nBu <b> teqdir.")


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"url": "/xeber/1"}, "https://misal.az/xeber/1"),
        ({"url": "//misal.az/2?utm_source=x#y"}, "https://misal.az/2"),
        ({"id": "https://misal.az/3"}, "https://misal.az/3"),
        ({"id": 4, "external_url": "https://basqa.az/4"}, "https://basqa.az/4"),
    ],
)
def test_an_address_is_found(item: dict[str, object], expected: str) -> None:
    (found,) = read(feed({"title": "T", **item})).articles
    assert found.url == expected


def test_items_without_an_address_are_left_out_and_told_once() -> None:
    reading = read(feed({"id": "x", "title": "T"}, {"id": 2, "title": "S"}))
    assert reading.articles == ()
    assert reading.remarks == ("2 items without an address were left out",)


def test_an_item_without_a_title_gets_its_first_sentence() -> None:
    found = article({"content_html": "<p>Bu, başlıqsız xəbərdir. İkinci cümlə.</p>"})
    assert found.title == "Bu, başlıqsız xəbərdir."


def test_an_attached_image_is_an_image_and_a_recording_is_none() -> None:
    sound = {"url": "https://misal.az/a.mp3", "mime_type": "audio/mpeg"}
    picture = {"url": "https://misal.az/a.webp", "mime_type": "image/webp"}
    assert article({"title": "T", "attachments": [sound]}).image is None
    found = article({"title": "T", "attachments": [sound, picture]})
    assert found.image == "https://misal.az/a.webp"


def test_an_id_that_all_items_share_is_no_identity() -> None:
    items = [{"id": "x", "url": f"https://misal.az/{n}", "title": "T"} for n in range(2)]
    assert [item.keys for item in read(feed(*items)).items] == [("misal.az/0",), ("misal.az/1",)]


def test_a_feed_without_items_is_no_failure() -> None:
    reading = read(feed())
    assert (reading.kind, reading.items, reading.remarks) == (Kind.FEED, (), ())


def test_a_feed_is_known_without_its_version() -> None:
    assert read({"items": [{"id": "https://misal.az/a", "title": "T"}]}).kind is Kind.FEED


@pytest.mark.parametrize(
    "text",
    ['{"foo": 1}', "{", '{"version": "https://jsonfeed.org/version/1", "items": 3}', "[[[[", "[1]"],
)
def test_other_json_is_told(text: str) -> None:
    with pytest.raises(ParseError):
        read(text)


@pytest.mark.parametrize("junk", [None, 1, "x", [], {}, {"id": [], "url": {}, "tags": 7}])
def test_items_of_another_shape_cost_only_themselves(junk: object) -> None:
    reading = read(feed(junk, {"id": "https://misal.az/a", "title": "T"}))
    assert [found.url for found in reading.articles] == ["https://misal.az/a"]
