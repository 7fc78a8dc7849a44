"""Feeds and pages read a second, in this process and through the worker, beside bare libraries.

The bare library finds elements or text; ours also says what is in them: dates, credits, authors,
categories, images, related stories, identities, and what is no article.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import feedparser
import trafilatura

from bot.demo.site import load_stories
from bot.sources import document
from bot.sources.reading import ReadContext
from bot.sources.sandbox import Sandbox
from tests.bench.figures import say

if TYPE_CHECKING:
    from collections.abc import Callable

CONTEXT = ReadContext(
    now=datetime(2026, 11, 23, 12, tzinfo=UTC), zone=ZoneInfo("Asia/Baku"), source="sayt.az"
)
VARIANTS = 4  # no two in a row are the same
LEAST_S = 0.5
TURNS = 3
FEEDS = ((10, 1), (30, 6), (100, 12))  # items, sentences of each
PAGES = ((8, 5), (30, 100), (60, 900))  # paragraphs, links and scripts round them


@dataclass(frozen=True, slots=True)
class Sample:
    """Documents of one size, and what they are."""

    name: str
    url: str
    content_type: str
    bodies: tuple[bytes, ...]
    bare: Callable[[bytes], object]


def main() -> None:
    """Print the figures."""
    rng = random.Random(2026)
    for sample in (*_feeds(rng), *_pages(rng)):
        ours, bare = _rates(sample)
        worker = asyncio.run(_through_worker(sample))
        name = "feedparser" if sample.bare is feedparser.parse else "trafilatura"
        share = f"{ours:,.0f}/s, {ours / bare:.2f} of bare; worker {worker:,.0f}/s"
        say(sample.name, share, beside=f"{name} {bare:,.0f}/s")


def _read(body: bytes, sample: Sample) -> object:
    return document.read(
        body, url=sample.url, content_type=sample.content_type, context=CONTEXT
    ).articles


def _rates(sample: Sample) -> tuple[float, float]:
    """Give how many documents ours and the bare library read a second of computing.

    By turns, the best turn of each: a busy machine slows both, but not both alike.
    """
    best = [math.inf, math.inf]
    reads = (lambda body: _read(body, sample), sample.bare)
    if not all(read(body) for body in sample.bodies for read in reads):
        raise AssertionError(f"{sample.name}: nothing was read")
    began = time.process_time()
    while time.process_time() - began < LEAST_S:
        for place, read in enumerate(reads):
            start = time.process_time()
            for body in sample.bodies:
                read(body)
            best[place] = min(best[place], time.process_time() - start)
    return VARIANTS / best[0], VARIANTS / best[1]


async def _through_worker(sample: Sample) -> float:
    """Give how many documents a worker reads a second, by the clock on the wall."""

    async def each() -> None:
        for body in sample.bodies:
            await sandbox.read(
                body, url=sample.url, content_type=sample.content_type, context=CONTEXT
            )

    async with Sandbox() as sandbox:
        await each()
        best = math.inf
        for _ in range(TURNS):
            start = time.monotonic()
            await each()
            best = min(best, time.monotonic() - start)
        return VARIANTS / best


# -- documents ----------------------------------------------------------------------------


def _sentences() -> list[str]:
    stories = load_stories()
    return [
        s.strip(". ") + "."
        for story in stories
        for s in story.text.replace("\n", " ").split(". ")
        if s.strip()
    ]


def _feeds(rng: random.Random) -> list[Sample]:
    found = []
    for items, sentences in FEEDS:
        bodies = tuple(_feed(rng, items, sentences) for _ in range(VARIANTS))
        size = len(bodies[0]) >> 10
        found.append(
            Sample(
                f"feed, {items} items, {size} KiB",
                "https://sayt.az/feed",
                "application/rss+xml; charset=utf-8",
                bodies,
                feedparser.parse,
            )
        )
    return found


def _feed(rng: random.Random, items: int, sentences: int) -> bytes:
    pool, titles = _sentences(), [story.title for story in load_stories()]
    made = []
    for _ in range(items):
        number = rng.randrange(10**6)
        text = "".join(f"<p>{escape(rng.choice(pool))}</p>" for _ in range(sentences))
        made.append(
            f"<item><title>{escape(rng.choice(titles))} {number}</title>"
            f"<link>https://sayt.az/{number}?utm_source=rss</link>"
            f"<guid isPermaLink='false'>{number}</guid><category>Texnologiya</category>"
            f"<dc:creator>Aysel Məmmədova</dc:creator>"
            f"<pubDate>Mon, 23 Nov 2026 {number % 12:02}:05:00 +0400</pubDate>"
            f"<enclosure url='https://sayt.az/{number}.webp' type='image/jpeg'/>"
            f"<description><![CDATA[{text}]]></description></item>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Sayt</title>'
        f"<link>https://sayt.az</link>{''.join(made)}</channel></rss>"
    ).encode()


def _pages(rng: random.Random) -> list[Sample]:
    found = []
    for named in (True, False):
        for paragraphs, around in PAGES:
            bodies = tuple(_page(rng, paragraphs, around, named=named) for _ in range(VARIANTS))
            what = "usual names" if named else "no known names"
            found.append(
                Sample(
                    f"page, {len(bodies[0]) >> 10} KiB, {what}",
                    "https://sayt.az/bolme/xeber-1",
                    "text/html; charset=utf-8",
                    bodies,
                    _extracted,
                )
            )
    return found


def _extracted(body: bytes) -> object:
    return trafilatura.bare_extraction(body, with_metadata=True)


def _page(rng: random.Random, paragraphs: int, around: int, *, named: bool) -> bytes:
    pool, story = _sentences(), rng.choice(load_stories())
    title = escape(f"{story.title} {rng.randrange(10**6)}")
    text = "".join(f"<p>{escape(' '.join(rng.sample(pool, 3)))}</p>\n" for _ in range(paragraphs))
    links = "".join(
        f"<li class='menu-item'><a href='/bolme/{n}'><img src='/{n}.jpg' alt=''>"
        f"{escape(rng.choice(pool)[:60])}</a></li>\n<script>var a{n} = {{'x': {n}}};</script>"
        for n in range(around)
    )
    facts = json.dumps(
        {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": title,
            "datePublished": "2026-11-23T14:05:00+04:00",
            "author": {"@type": "Person", "name": "Aysel Məmmədova"},
            "image": "https://sayt.az/1.jpg",
        }
    )
    body = f'<div class="{"entry-content" if named else "x9f"}">{text}</div>'
    return (
        f"<!doctype html><html lang='az'><head><title>{title} - Sayt</title>"
        f"<meta property='og:title' content='{title}'>"
        f"<script type='application/ld+json'>{facts}</script></head><body>"
        f"<nav><ul>{links}</ul></nav><main><h1>{title}</h1><time>23.11.2026 14:05</time>"
        f"{body}<p>Mənbə: APA</p></main><footer><ul>{links[: len(links) // 4]}</ul>"
        "© Sayt, 2026</footer></body></html>"
    ).encode()
