"""Whatever comes, a document is read or refused in a line; a header says something or nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import links
from bot.errors import FetchError, ParseError
from bot.sources import charset, document
from bot.sources.guard import Guard, literal, normalise_host
from bot.sources.inflate import Body
from bot.sources.reading import Kind, ReadContext, Reading
from bot.sources.response import max_age_s, seconds_until
from bot.sources.times import read_time

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Baku")
URL = "https://misal.az/feed"
FEW = settings(max_examples=120, deadline=None)
MANY = settings(max_examples=300, deadline=None)

PIECES = (
    *("<rss>", "<rss version='2.0'>", "<channel>", "<item>", "</item>", "<title>", "</title>"),
    *("<link>", "</link>", "<guid isPermaLink=''>", "</guid>", "<pubDate>", "</pubDate>", "<feed>"),
    *("<entry>", "</entry>", "<id>", "<updated>", "<link href='/a'/>", "<content type='xhtml'>"),
    *("<content:encoded>", "<media:content url='//a.az/b.jpg'/>", "<enclosure url='a'/>", "<ttl>"),
    *("<skipHours><hour>", "<sy:updatePeriod>", "<![CDATA[", "]]>", "<!--", "-->", "<?xml", "?>"),
    *(
        "<!DOCTYPE a [<!ENTITY b 'c'>]>",
        "&b;",
        "&#x110000;",
        "&#0;",
        "&nbsp;",
        "&",
        "&amp;lt;p&gt;",
    ),
    *("<urlset>", "<url>", "<loc>", "</loc>", "<news:title>", "<lastmod>", "<sitemapindex>"),
    *(
        "<sitemap>",
        "<html>",
        "<body>",
        "<h1>",
        "</h1>",
        "<p>",
        "</p>",
        "<a href='/xeber/1'>",
        "</a>",
    ),
    *(
        "<article>",
        "<div class='entry-content'>",
        "</div>",
        "<time datetime='x'>",
        "<base href='['>",
    ),
    *("<link rel=canonical href='http://['>", "<meta property='og:title' content='", "'>", "<br>"),
    *(
        "<script type='application/ld+json'>",
        '{"@type":"NewsArticle","headline":',
        "</script>",
        "{",
    ),
    *(
        "https://misal.az/1",
        "http://[",
        "//",
        "\u0000",
        "\u202e",
        "\ud7ff",
        "İ",
        "Mənbə: X",
        "\n",
        " ",
    ),
    *("20.11.2026 10:00", "Mon, 99 Xyz 99999 99:99:99 +9999", "9" * 400, "Dünən", "a" * 500),
    *("Oxşar xəbərlər", "APA-ya istinadən xəbər verir.", "<table><tr><td>", "<ul><li>", "<svg>"),
)
SOUP = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=40).map("".join)
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.sampled_from(PIECES),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                (
                    "items",
                    "id",
                    "url",
                    "title",
                    "content",
                    "rendered",
                    "link",
                    "date_gmt",
                    "version",
                    "authors",
                    "name",
                    "tags",
                    "image",
                    "attachments",
                    "content_html",
                    "content_text",
                    "_embedded",
                    "author",
                    "wp:term",
                    "yoast_head_json",
                    "guid",
                    "status",
                    "excerpt",
                    "_links",
                    "self",
                    "href",
                    "code",
                    "message",
                    "summary",
                    "date_published",
                    "schema",
                    "@graph",
                    "@type",
                    "articleSection",
                    "feed_url",
                    "external_url",
                )
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)
KINDS = st.sampled_from((None, *Kind))
ADDRESSES = st.sampled_from((None, URL, "https://misal.az/", "https://misal.az/xeber/1.html"))


def read(data: bytes, url: str | None = URL, expect: Kind | None = None) -> Reading | None:
    """Read a document; a refusal is one short line."""
    context = ReadContext(now=NOW, zone=ZONE, expect=expect)
    try:
        reading = document.read(data, url=url, content_type=None, context=context)
    except ParseError as error:
        assert "\n" not in str(error)  # noqa: PT017
        return None
    for item in reading.items:
        assert links.is_absolute(item.article.url)
        assert item.keys
        published = item.article.published
        assert published is None or published.tzinfo is not None
    return reading


@FEW
@given(SOUP, ADDRESSES, KINDS)
def test_markup_in_any_order_is_read_or_refused(soup: str, url: str | None, kind: Kind) -> None:
    read(soup.encode(errors="surrogatepass"), url, kind)


@pytest.mark.parametrize("root", ["<rss><channel>", "<feed>", "<urlset>", "<html><body>"])
@FEW
@given(soup=SOUP)
def test_markup_under_a_root_is_read_or_refused(root: str, soup: str) -> None:
    read((root + soup).encode(errors="surrogatepass"))


@FEW
@given(VALUES)
def test_json_of_any_shape_is_read_or_refused(value: object) -> None:
    read(json.dumps(value).encode())
    read(json.dumps({"version": "https://jsonfeed.org/version/1", "items": [value]}).encode())
    read(json.dumps([{"id": 1, "link": URL, "date_gmt": value, "title": value}]).encode())


@MANY
@given(st.binary(max_size=300), st.text(max_size=40))
def test_bytes_of_any_kind_are_text_without_controls(data: bytes, content_type: str) -> None:
    for head in (b"", b"\xff\xfe", b"\xfe\xff", b"<?xml encoding='gb18030'?>", b"\x1f\x8b"):
        text = charset.decode(head + data, content_type)
        assert "\0" not in text
        text.encode()
    read(data)


@MANY
@given(st.binary(max_size=200), st.sampled_from(("gzip", "deflate", "br", "gzip, br", "", "zstd")))
def test_bodies_of_any_bytes_are_undone_or_refused(data: bytes, encoding: str) -> None:
    try:
        body = Body(encoding, 1000)
        body.feed(data)
    except FetchError as error:
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert len(body.value()) <= 1000


@MANY
@given(st.text(max_size=60) | st.from_regex(r"(max-age|no-cache|s-maxage)\s?=?\s?\S{0,30}"))
def test_cache_control_says_something_or_nothing(text: str) -> None:
    said = max_age_s(text)
    assert said is None or said >= 0


@MANY
@given(
    st.text(max_size=60)
    | st.from_regex(
        r"(Mon|Xyz)?,? ?\d{1,12} (Nov|Feb|13) \d{1,12} \d{1,9}:\d{1,9}:\d{1,9} (GMT|[+-]\d{1,9})"
    )
)
def test_headers_of_time_say_something_or_nothing(text: str) -> None:
    said = seconds_until(text, now=NOW)
    assert said is None or said >= 0


@MANY
@given(
    st.text(max_size=60)
    | st.from_regex(r"\d{1,30}[./-]\d{1,30}[./-]\d{1,30}([T ]\d{1,9}:\d{1,9}([+-]\d{1,9})?)?")
    | st.lists(st.sampled_from(("Dünən", "noyabr", "31", "2026", ":", "/", "əvvəl", "99999999999",
                                "saat", "UTC", "+04", "Fev", "|", ",")), max_size=9).map(" ".join)
)  # fmt: skip
def test_dates_are_instants_or_nothing(text: str) -> None:
    at = read_time(text, now=NOW, zone=ZONE)
    assert at is None or at.tzinfo is not None


HOSTS = st.text(max_size=30) | st.from_regex(r"(0x[0-9a-f]{0,9}|\d{0,12})(\.\d{0,12}){0,5}\.?") | (
    st.ip_addresses().map(str)
)  # fmt: skip


@MANY
@given(HOSTS, st.sampled_from(("http://{}/", "{}", "https://a@{}:80/", "//{}", "http://[{}]/")))
def test_addresses_of_any_kind_are_judged(host: str, shape: str) -> None:
    address = shape.format(host)
    normalise_host(host)
    literal(host)
    try:
        Guard(["misal.az"]).check_url(address)
    except FetchError:
        pass
    else:
        assert links.is_absolute(address)


@MANY
@given(HOSTS, st.sampled_from(("http://{}/", "{}", "/a/{}", "https://a@{}:80/", "?{}&utm_a=b#c")))
def test_links_of_any_kind_are_cleaned(text: str, shape: str) -> None:
    address = shape.format(text)
    for base in (None, URL, "http://["):
        clean = links.clean(address, base)
        absolute = links.absolute(address, base)
        assert absolute is None or links.is_absolute(absolute)
        links.identity(clean)
        links.same_site(clean, URL)
        links.is_front(clean)
