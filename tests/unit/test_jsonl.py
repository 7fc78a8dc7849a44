"""Articles as JSON Lines: written whole, read line by line with clear errors."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import jsonl
from bot.models import Article, Credit, Related

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BAKU = ZoneInfo("Asia/Baku")
FULL = Article(
    url="https://misal.az/a",
    title="Yeni model çıxdı – FOTO",
    text="Bir.\n\nİki.",
    published=datetime(2026, 11, 23, 11, tzinfo=BAKU),
    source="misal.az",
    category="Süni zəka",
    author="Leyla Məmmədova, Rauf Əliyev",
    credit=Credit("APA", "https://apa.az"),
    image="https://misal.az/a.jpg",
    summary="Qısa.",
    related=(Related("Başqa xəbər", "https://misal.az/b"),),
)


def read(*lines: bytes | str) -> list[Article | jsonl.LineError]:
    return list(jsonl.read_lines(lines, now=NOW, zone=BAKU))


def with_(**changes: object) -> str:
    return json.dumps({"url": "https://misal.az/a", "title": "Başlıq"} | changes)


def test_an_article_is_one_line_with_every_key_in_order() -> None:
    line = jsonl.write_article(Article(url="https://misal.az/a", title="Başlıq\nsətri"))
    assert "\n" not in line
    assert "Başlıq" in line
    assert list(json.loads(line)) == [
        "url", "title", "text", "published", "source", "category", "author", "credit", "image",
        "summary", "related",
    ]  # fmt: skip


def test_what_was_written_is_read_back() -> None:
    assert read(jsonl.write_article(FULL)) == [FULL]


def test_url_and_title_are_enough() -> None:
    assert read(with_()) == [Article(url="https://misal.az/a", title="Başlıq", source="misal.az")]


def test_blank_lines_and_a_byte_order_mark_are_skipped() -> None:
    assert len(read("\ufeff" + with_(), "", "  \n", with_().encode() + b"\r\n")) == 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "no JSON"),
        ("salam", "no JSON"),
        (b"\xff\xfe", "not UTF-8"),
        ("[]", "no JSON object"),
        ("null", "no JSON object"),
        ('"a"', "no JSON object"),
        ("{}", "url is missing"),
        ('{"url": "https://misal.az/a"}', "title is missing"),
        (with_(title=""), "title is empty"),
        (with_(title=None), "title is missing"),
        (with_(title=7), "title is no string"),
        (with_(url="/a"), "url is no whole"),
        (with_(url="ftp://misal.az"), "url is no whole"),
        (with_(text=["a"]), "text is no string"),
        (with_(published="dünən"), "published is no RFC 3339 time"),
        (with_(published=1700000000), "published is no string"),
        (with_(published="9999-99-99"), "published is no RFC 3339 time"),
        (with_(credit=7), "credit is no object"),
        (with_(credit={"name": 7}), "credit.name is no string"),
        (with_(related={}), "related is no list"),
        (with_(related=["a"]), "related holds"),
        ("[" * 100_000, "no JSON"),
        ('{"url": ' + "1" * 5000 + "}", "no"),
    ],
)
def test_a_bad_line_is_told_with_its_number_and_the_next_is_read(
    line: str | bytes, reason: str
) -> None:
    found = read(with_(), line, with_())
    assert [isinstance(entry, Article) for entry in found] == [True, False, True]
    assert str(found[1]).startswith(f"line 2: {reason}")
    assert "\n" not in str(found[1])


def test_a_time_without_an_offset_is_in_the_zone() -> None:
    (found,) = read(with_(published="2026-11-20T10:00:00"))
    assert isinstance(found, Article)
    assert found.published == datetime(2026, 11, 20, 6, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-11-23T12:00:00Z", "2026-11-23T16:00:00+04:00"])
def test_offsets_of_either_kind_are_read(text: str) -> None:
    (found,) = read(with_(published=text))
    assert isinstance(found, Article)
    assert found.published == NOW


def test_a_time_ahead_is_now() -> None:
    ahead = (NOW + timedelta(hours=9)).isoformat()
    (found,) = read(with_(published=ahead))
    assert isinstance(found, Article)
    assert found.published == NOW
    soon = NOW + timedelta(minutes=4)
    (found,) = read(with_(published=soon.isoformat()))
    assert isinstance(found, Article)
    assert found.published == soon


def test_title_and_text_stay_as_they_are() -> None:
    (found,) = read(with_(title="Yeni <b>model</b> &amp; - FOTO", text="<p>Mənbə: APA</p>"))
    assert isinstance(found, Article)
    assert found.title == "Yeni <b>model</b> &amp; - FOTO"
    assert found.text == "<p>Mənbə: APA</p>"


def test_what_no_encoding_can_hold_is_replaced() -> None:
    (found,) = read('{"url": "https://misal.az/a", "title": "a\\ud800b\\u0000c"}')
    assert isinstance(found, Article)
    assert found.title.encode() == "a\ufffdb\ufffdc".encode()


def test_unknown_keys_and_nulls_are_no_mistake() -> None:
    found = read(with_(credit=None, related=None, text=None, archived="2026"))
    assert isinstance(found[0], Article)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_no_value_raises(value: object) -> None:
    keys = ("url", "title", "text", "published", "credit", "related", "source")
    for key in keys:
        read(with_(**{key: value}))


@given(st.text(max_size=60))
def test_no_text_raises(text: str) -> None:
    assert len(read(text)) <= 1
