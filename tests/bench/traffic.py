"""A week of news as generated traffic: what each source publishes when, and how its server is.

Everything comes from a fixed seed, so that two pollers are asked the same questions.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle

from bot.errors import FetchError
from bot.models import Article
from bot.sources import catalogue
from bot.sources.reading import Hints, Item, Kind, Reading
from bot.sources.response import Response

BEGIN = datetime(2026, 11, 15, 20, tzinfo=UTC)  # a Monday's midnight in Baku
DAYS = 8  # the first one for the pollers to settle
SEED = 2026
_DAY_S = 86_400
_WEEKEND = 0.55
# How a day's news is spread over its hours: little at night, most before noon.
_HOURS = (8, 5, 3, 2, 2, 3, 6, 14, 40, 68, 78, 82, 76, 70, 74, 76, 74, 66, 52, 42, 36, 30, 22, 14)
_OUTAGES = 8
_OUTAGE_S = (1_200.0, 18_000.0)
_BUSY = 503


@dataclass(frozen=True, slots=True)
class Manners:
    """How a server answers."""

    etag: bool = False
    modified: bool = False
    max_age_s: float | None = None
    ttl_s: float | None = None


_WORDPRESS = Manners(etag=True, modified=True)
_STATIC = Manners(modified=True)
_CARELESS = Manners()  # everything, always
_DEFAULT = ((40, 20, _WORDPRESS), (120, 25, _STATIC), (60, 15, _CARELESS))
# items on a weekday, items in the feed, manners
_KNOWN = {
    "technote.az": (12, 20, _STATIC),
    "qafqazinfo.az": (220, 50, _CARELESS),
    "apa.az": (260, 40, Manners(etag=True, max_age_s=60.0)),
    "azertag.az": (300, 50, _CARELESS),
    "modern.az": (240, 30, Manners(etag=True)),
    "report.az": (320, 50, Manners(etag=True, max_age_s=300.0)),
    "trend.az": (180, 30, Manners(modified=True, ttl_s=3_600.0)),
    "oxu.az": (260, 30, Manners(etag=True, max_age_s=120.0)),
    "banker.az": (25, 10, _WORDPRESS),
    "infocity.az": (14, 10, _WORDPRESS),
    "techxeber.az": (8, 10, _WORDPRESS),
    "fed.az": (70, 20, _STATIC),
    "marja.az": (60, 20, _STATIC),
    "sonxeber.az": (140, 25, _CARELESS),
    "iqtisadiyyat.az": (35, 10, _WORDPRESS),
    "olke.az": (110, 20, Manners(etag=True, max_age_s=600.0)),
    "baku.ws": (150, 20, _WORDPRESS),
    "musavat.com": (160, 30, _STATIC),
    "metbuat.az": (200, 40, _CARELESS),
}


@dataclass(slots=True)
class Site:
    """One source: its articles in order, its outages, and who asked it how often."""

    name: str
    url: str
    kind: str
    depth: int
    manners: Manners
    published: list[float] = field(default_factory=list)  # seconds from BEGIN
    outages: list[tuple[float, float, float | None]] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)

    def is_away(self, at: float) -> bool:
        """Whether it answers nobody."""
        return any(start <= at < end for start, end, _ in self.outages)

    def back_at(self, at: float) -> float | None:
        """When it answers again, if it is away."""
        return max((end for start, end, _ in self.outages if start <= at < end), default=None)

    def count(self, at: float) -> int:
        """How many articles it has published so far."""
        return bisect_right(self.published, at)

    def answer(self, at: float, etag: str | None, last_modified: str | None) -> Response:
        """Answer a request as its server does."""
        for start, end, retry_after_s in self.outages:
            if start <= at < end and retry_after_s is None:
                raise FetchError(f"{self.url}: the connection was refused")
            if start <= at < end:
                raise FetchError(
                    f"{self.url}: status 503", status=_BUSY, retry_after_s=retry_after_s
                )
        count, manners = self.count(at), self.manners
        version = f'"{count}"'
        unchanged = version == etag if manners.etag else version == last_modified
        return Response(
            304 if unchanged else 200,
            self.url,
            body=b"" if unchanged else f"{self.name} {count}".encode(),
            etag=version if manners.etag else None,
            last_modified=version if manners.modified else None,
            max_age_s=manners.max_age_s,
        )

    def reading(self, count: int) -> Reading:
        """Give what its feed holds after so many articles, the newest first."""
        return Reading(
            Kind(self.kind or "feed"),
            items=tuple(reversed(self.items[max(0, count - self.depth) : count])),
            hints=Hints(ttl_s=self.manners.ttl_s),
        )


def sites() -> list[Site]:
    """Give every source of the catalogue with its traffic."""
    rng = random.Random(SEED)
    others = cycle(_DEFAULT)
    found = []
    for entry in catalogue.load():
        a_day, depth, manners = _KNOWN.get(entry.name) or next(others)
        site = Site(entry.name, entry.url, entry.kind, depth, manners)
        site.published = _moments(rng, a_day)
        site.items = [_item(site, number) for number in range(len(site.published))]
        found.append(site)
    for number in range(_OUTAGES):
        start = rng.uniform(_DAY_S, (DAYS - 0.5) * _DAY_S)
        outage = (start, start + rng.uniform(*_OUTAGE_S), 600.0 if number % 2 else None)
        rng.choice(found).outages.append(outage)
    return found


def _moments(rng: random.Random, a_day: int) -> list[float]:
    """Give when the articles of ``DAYS`` days appear."""
    found: list[float] = []
    for day in range(DAYS):
        weekend = (BEGIN + timedelta(days=day, hours=4)).weekday() >= 5
        whole_day = a_day * rng.uniform(0.85, 1.15) * (_WEEKEND if weekend else 1.0)
        for hour, share in enumerate(_HOURS):
            rate = whole_day * share / sum(_HOURS) / 3600
            at = rng.expovariate(rate)
            while at < 3600:
                found.append(day * _DAY_S + hour * 3600 + at)
                at += rng.expovariate(rate)
    return found


def _item(site: Site, number: int) -> Item:
    when = BEGIN + timedelta(seconds=site.published[number])
    url = f"https://{site.name}/{number}"
    article = Article(url, f"{site.name} {number}", text="Xəbər.", published=when, source=site.name)
    return Item(article, (url,), whole=True)
