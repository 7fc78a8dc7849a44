"""WordPress's posts, with and without what they link, and what it says in their place."""

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


def read(value: object) -> Reading:
    data = value if isinstance(value, str) else json.dumps(value)
    url = "https://misal.az/wp-json/wp/v2/posts"
    return document.read(data.encode(), url=url, content_type=None, context=CONTEXT)


def post(number: int = 7, **said: object) -> dict[str, object]:
    return {
        "id": number,
        "date": "2026-11-20T14:00:00",
        "date_gmt": "2026-11-20T10:00:00",
        "guid": {"rendered": f"https://misal.az/?p={number}"},
        "status": "publish",
        "link": f"https://misal.az/xeber-{number}/",
        "title": {"rendered": "Yeni &#8220;model&#8221; &#8211; FOTO"},
        "content": {"rendered": "<p>Birinci.</p>\n<p>İkinci.</p>", "protected": False},
        "excerpt": {"rendered": "<p>Qısa təsvir.</p>", "protected": False},
        "author": 1,
        "categories": [3],
        **said,
    }


def article(**said: object) -> Article:
    (found,) = read([{**post(), **said}]).articles
    return found


EMBEDDED = {
    "author": [{"id": 1, "name": "Leyla"}],
    "wp:featuredmedia": [{"source_url": "https://misal.az/a.webp"}],
    "wp:term": [
        [{"taxonomy": "category", "name": "Elm &amp; texnika"}],
        [{"taxonomy": "post_tag", "name": "teq"}],
    ],
}


def test_a_post_gives_all_that_it_says_itself() -> None:
    assert article() == Article(
        url="https://misal.az/xeber-7/",
        title="Yeni “model”",
        text="Birinci.\n\nİkinci.",
        published=datetime(2026, 11, 20, 10, tzinfo=UTC),
        source="misal.az",
        summary="Qısa təsvir.",
    )


def test_what_is_embedded_gives_author_category_and_image() -> None:
    found = article(_embedded=EMBEDDED)
    assert (found.author, found.category) == ("Leyla", "Elm & texnika")
    assert found.image == "https://misal.az/a.webp"


def test_what_could_not_be_embedded_says_nothing() -> None:
    missing = {"code": "rest_user_invalid_id", "message": "Invalid user ID."}
    found = article(_embedded={"author": [missing], "wp:featuredmedia": [missing]})
    assert (found.author, found.image) == (None, None)


def test_an_account_of_the_system_is_no_author() -> None:
    assert article(_embedded={"author": [{"name": "admin"}]}).author is None


def test_a_local_date_counts_where_no_other_stands() -> None:
    found = article(date_gmt=None)
    assert found.published == datetime(2026, 11, 20, 10, tzinfo=UTC)


def test_a_protected_post_has_a_title_and_no_text() -> None:
    form = {"rendered": "<form>Parol</form>", "protected": True}
    excerpt = {"rendered": "There is no excerpt.", "protected": True}
    found = article(title={"rendered": "Qorunur: Sirr"}, content=form, excerpt=excerpt)
    assert (found.title, found.text, found.summary) == ("Sirr", "", None)


@pytest.mark.parametrize("status", ["draft", "private", "future", "trash"])
def test_what_is_not_published_is_no_article(status: str) -> None:
    assert read([post(status=status)]).items == ()


def test_a_single_post_is_read_as_well() -> None:
    assert len(read(post()).articles) == 1


def test_a_site_without_posts_is_no_failure() -> None:
    reading = read([])
    assert (reading.kind, reading.items, reading.remarks) == (Kind.WORDPRESS, (), ())


def test_a_guid_joins_a_changed_address() -> None:
    (first,) = read([post()]).items
    (second,) = read([post(link="https://misal.az/teze/")]).items
    assert set(first.keys) & set(second.keys) == {"guid:misal.az:https://misal.az/?p=7"}


def test_a_post_without_a_link_is_at_its_guid() -> None:
    assert article(link="").url == "https://misal.az/?p=7"


def test_posts_without_an_address_are_told_once() -> None:
    reading = read([post(link="", guid={}), post(8)])
    assert len(reading.articles) == 1
    assert reading.remarks == ("1 item without an address was left out",)


def test_an_error_is_told_in_its_own_words() -> None:
    said = {"code": "rest_no_route", "message": "No route was <b>found</b>.", "data": {}}
    with pytest.raises(ParseError, match=r"rest_no_route: No route was found\."):
        read(said)


@pytest.mark.parametrize(
    "complaint",
    [
        "<br />\n<b>Warning</b>:  foo in <b>/a.php</b> on line <b>3</b><br />\n",
        "\nPHP Notice: foo in /a.php on line 3\n\nWarning: bar in /b.php on line 4\n",
    ],
)
def test_what_php_printed_before_the_posts_does_no_harm(complaint: str) -> None:
    assert len(read(complaint + json.dumps([post()])).articles) == 1


def test_posts_that_end_too_early_are_told() -> None:
    with pytest.raises(ParseError, match="damaged JSON"):
        read(json.dumps([post()])[:-20])
