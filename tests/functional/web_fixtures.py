"""A web that a test writes down: addresses and what they answer, and who asked for what."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from bot.config import SourceSettings
from bot.errors import FetchError
from bot.models import SourceState
from bot.sources.asker import Answer, Asker
from bot.sources.reading import ReadContext
from bot.sources.response import Response
from bot.sources.robots import Robots
from bot.sources.sandbox import Sandbox

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SITE = "https://sayt.az"
TEXT = "Şirkət yeni məhsulunu bu gün keçirilən tədbirdə geniş ictimaiyyətə təqdim edib. " * 7


@dataclass
class FakeWeb:
    """Answers by address: a body, or a status alone; what is not written down is a 404."""

    answers: dict[str, str | int] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    etags: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def fetch(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,  # noqa: ARG002 - the signature is the fetcher's
        accept: str | None = None,  # noqa: ARG002
    ) -> Response:
        """Give what is written down for an address."""
        self.asked.append(url)
        address = self.redirects.get(url, url)
        answer = self.answers.get(address, 404)
        if isinstance(answer, int):
            raise FetchError(f"{url}: status {answer}", status=answer or None)
        held = self.etags.get(address)
        if held is not None and held == etag:
            return Response(304, address, etag=held)
        return Response(200, address, answer.encode(), etag=held)

    def paths(self) -> list[str]:
        """Give what was asked for since the last look, without the site and robots.txt."""
        asked = [url.removeprefix(SITE) for url in self.asked if not url.endswith("/robots.txt")]
        self.asked.clear()
        return asked


def asker(web: FakeWeb) -> Asker:
    """Give an asker that reads here and now."""
    return Asker(web, Sandbox(inline=True), Robots(web, lambda: NOW))


def context() -> ReadContext:
    """Give what reading needs, at noon."""
    return ReadContext(now=NOW, zone=ZoneInfo("Asia/Baku"), source="sayt.az")


def a_source(path: str = "/", **more: str) -> SourceSettings:
    """Give a line of configuration."""
    return SourceSettings.model_validate({"name": "sayt.az", "url": SITE + path} | more)


async def ask(web: FakeWeb, source: SourceSettings, **state: object) -> Answer:
    """Poll a source once, remembered as given."""
    remembered = SourceState(source.name, source.url, **state)  # type: ignore[arg-type]
    return await asker(web).ask(source, remembered, context())


def rss(*titles: str, text: str = TEXT) -> str:
    """Give a feed; each item an hour older."""
    items = "".join(
        f"<item><title>{title}</title><link>{SITE}/p/{number}</link>"
        f"<pubDate>{format_datetime(NOW - timedelta(hours=number))}</pubDate>"
        f"<description>{text}</description></item>"
        for number, title in enumerate(titles, start=1)
    )
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>S</title>{items}</channel></rss>'
    )


def listing(*titles: str, head: str = "", body: str = "") -> str:
    """Give a page that lists stories."""
    cards = "".join(
        f'<div class="card"><a href="/p/{number}"><h3>{title}</h3></a></div>'
        for number, title in enumerate(titles, start=1)
    )
    return (
        f"<!doctype html><html><head><title>S</title>{head}</head><body>{cards}{body}</body></html>"
    )


def states(href: str, kind: str = "application/rss+xml", title: str = "") -> str:
    """Give the element with which a page states a feed."""
    return f'<link rel="alternate" type="{kind}" title="{title}" href="{href}">'


def news_sitemap(*titles: str) -> str:
    """Give a sitemap of news."""
    entries = "".join(
        f"<url><loc>{SITE}/p/{number}</loc><n:news><n:publication_date>"
        f"{(NOW - timedelta(hours=number)).isoformat()}</n:publication_date>"
        f"<n:title>{title}</n:title></n:news></url>"
        for number, title in enumerate(titles, start=1)
    )
    return (
        '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">{entries}</urlset>'
    )


def sitemap_index(*addresses: str) -> str:
    """Give an index of sitemaps."""
    entries = "".join(f"<sitemap><loc>{address}</loc></sitemap>" for address in addresses)
    return (
        '<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        f"{entries}</sitemapindex>"
    )


TITLES = (
    "Yeni telefon bu gün satışa çıxdı",
    "Şirkət böyük investisiya cəlb etdi",
    "Alimlər maraqlı kəşf haqqında danışdı",
    "Bakıda texnologiya sərgisi keçirilir",
)
