"""Where a site's news may be, decided without asking anybody."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import links
from bot.models import Article
from bot.sources import finder, markup
from bot.sources.feed_links import linked_feeds, stated_feeds, wordpress_posts
from bot.sources.finder import Candidate, Finding, Way, Worth
from bot.sources.reading import Item, Kind, Reading

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PAGE = "https://sayt.az/elm/"


def stated(head: str, url: str = PAGE) -> tuple[str, ...]:
    root = markup.parse(f"<html><head>{head}</head><body><p>x</p></body></html>")
    assert root is not None
    return stated_feeds(root, url=url)


def linked(body: str) -> tuple[str, ...]:
    root = markup.parse(f"<html><body>{body}</body></html>")
    assert root is not None
    return linked_feeds(root, url=PAGE)


def link(href: str, kind: str = "application/rss+xml", rel: str = "alternate") -> str:
    return f'<link rel="{rel}" type="{kind}" href="{href}">'


@pytest.mark.parametrize(
    "kind",
    [
        "application/rss+xml",
        "application/atom+xml",
        "application/feed+json",
        "application/rdf+xml",
        "text/xml",
        "APPLICATION/RSS+XML; charset=utf-8",
    ],
)
def test_a_feed_is_stated_by_its_type(kind: str) -> None:
    assert stated(link("/x?id=7", kind)) == ("https://sayt.az/x?id=7",)


@pytest.mark.parametrize(
    "element",
    [
        link("/oembed?u=1", "application/json+oembed"),
        link("/wp-json/wp/v2/pages/12", "application/json"),
        link("/en/", "text/html"),
        '<link rel="alternate" hreflang="ru" href="/ru/">',
        '<link rel="alternate stylesheet" type="text/css" href="/a.css">',
        link("/comments/feed/"),
        link("", "application/rss+xml"),
        link("javascript:void(0)"),
    ],
)
def test_what_is_stated_as_something_else_is_no_feed(element: str) -> None:
    assert stated(element) == ()


def test_addresses_are_made_whole_against_the_base_of_the_page() -> None:
    assert stated('<base href="//cdn.sayt.az/x/">' + link("feed")) == (
        "https://cdn.sayt.az/x/feed",
    )
    assert stated(link("//sayt.az/rss#top")) == ("https://sayt.az/rss",)
    assert stated(link("feed")) == ("https://sayt.az/elm/feed",)


def test_the_feed_of_the_pages_own_place_comes_first() -> None:
    head = link("/feed/") + link("/elm/feed/")
    assert stated(head)[0] == "https://sayt.az/elm/feed/"
    assert stated(head, "https://sayt.az/")[0] == "https://sayt.az/feed/"


def test_links_that_look_like_feeds_are_found_within_the_site() -> None:
    body = (
        '<a href="/rss.xml">RSS</a><a href="/xeber/feed-yeni">x</a><a href="https://o.az/rss">o</a>'
        '<a href="/?feed=rss2">w</a><a href="/comments/feed">c</a><a href="/rss">r</a>'
        '<a href="https://[">broken</a>'
    )
    assert linked(body) == (
        "https://sayt.az/rss.xml",
        "https://sayt.az/?feed=rss2",
        "https://sayt.az/rss",
    )


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=20), st.text(max_size=20))))
def test_whatever_a_page_states_no_exception_leaves(said: list[tuple[str, str, str]]) -> None:
    elements = "".join(
        "<a>x</a>" if "a" in title else '<link rel="alternate">' for *_, title in said
    )
    root = markup.parse(f"<html><body><p>x</p>{elements}</body></html>")
    assert root is not None
    for node, (href, kind, title) in zip(root.iter("a", "link"), said, strict=False):
        for name, value in (("href", href), ("type", kind), ("title", title)):
            with suppress(ValueError):  # what XML cannot hold, no page has
                node.attrib[name] = value
    for found in (stated_feeds(root, url=PAGE), linked_feeds(root, url=PAGE)):
        assert all(links.is_absolute(address) for address in found)


def test_wordpress_says_where_its_posts_are() -> None:
    for href, posts in (
        ("https://sayt.az/wp-json/", "https://sayt.az/wp-json/wp/v2/posts"),
        ("/index.php?rest_route=/", "https://sayt.az/index.php?rest_route=/wp/v2/posts"),
    ):
        root = markup.parse(
            f'<html><head><link rel="https://api.w.org/" href="{href}"></head></html>'
        )
        assert root is not None
        assert wordpress_posts(root, url=PAGE) == posts


def test_what_a_page_states_is_asked_before_usual_paths_and_each_once() -> None:
    reading = Reading(
        Kind.LISTING, feeds=("https://sayt.az/rss",), linked=("https://sayt.az/feed",)
    )
    found = finder.feed_candidates(PAGE, reading)
    assert [one.way for one in found[:3]] == [Way.STATED, Way.LINKED, Way.USUAL]
    urls = [one.url for one in found]
    assert len(urls) == len(set(urls))
    assert {"https://sayt.az/rss.xml", "https://sayt.az/atom.xml"} <= set(urls)


def test_of_many_sitemaps_those_of_news_are_asked() -> None:
    named = [f"https://sayt.az/tags-{n}.xml" for n in range(9)] + ["https://sayt.az/news.xml"]
    found = finder.other_candidates(PAGE, None, named)
    assert found[0] == Candidate("https://sayt.az/news.xml", Way.ROBOTS)
    assert sum(one.way is Way.ROBOTS for one in found) == finder.MAX_SITEMAPS


def reading(
    kind: Kind, *, whole: int = 0, cut: int = 0, age: timedelta, title: str = "T"
) -> Finding:
    items = tuple(
        Item(Article(f"https://sayt.az/{n}", title, published=NOW - age), (str(n),), n < whole)
        for n in range(whole + cut)
    )
    found = finder.finding(Candidate("https://sayt.az/x", Way.USUAL), Reading(kind, items))
    assert found is not None
    return found


def test_findings_come_in_the_order_of_their_worth_and_stale_ones_last() -> None:
    fresh = timedelta(hours=1)
    order = [
        reading(Kind.FEED, whole=5, cut=1, age=fresh),
        reading(Kind.FEED, whole=1, cut=5, age=fresh),
        reading(Kind.SITEMAP, cut=3, age=fresh),
        reading(Kind.WORDPRESS, whole=3, age=fresh),
        reading(Kind.LISTING, cut=3, age=fresh),
        reading(Kind.SITEMAP, cut=3, age=fresh, title=""),
        reading(Kind.FEED, age=fresh),
        reading(Kind.FEED, whole=5, age=timedelta(days=400)),
    ]
    assert finder.best_first(order[::-1], NOW) == order
    assert [found.worth for found in order[:7]] == list(Worth)


def test_of_two_alike_the_one_that_the_page_states_is_best() -> None:
    usual = reading(Kind.FEED, whole=2, age=timedelta(hours=1))
    told = replace(usual, candidate=Candidate("https://sayt.az/y", Way.STATED))
    assert finder.best_first([usual, told], NOW)[0] == told


def test_an_articles_page_is_no_finding() -> None:
    assert finder.finding(Candidate(PAGE, Way.GIVEN), Reading(Kind.PAGE)) is None
