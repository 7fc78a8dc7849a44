"""The catalogue for a simulated week, through the real poller, beside pollers of a fixed beat.

The clock, the servers and the memory are the bench's; when to ask, what is new and what a server
wants is the bot's own. Delays go from publication to the commit that queues an article.
"""

from __future__ import annotations

import asyncio
import logging
import statistics
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

import structlog

from bot.config import SourceSettings
from bot.leases import Leases
from bot.models import StoredArticle
from bot.patience import Patience
from bot.poller import Poller, PollerSettings
from tests.bench.figures import quantile, say
from tests.bench.traffic import BEGIN, DAYS, Site, sites

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from bot.leases import PoliteFetcher
    from bot.models import NewArticle, SourceState
    from bot.sources.reading import Reading
    from bot.sources.response import Response
    from bot.sources.robots import Robots
    from bot.sources.sandbox import Sandbox
    from bot.store.protocol import Store

SETTLED_S = 86_400.0
END_S = DAYS * 86_400.0
WEEK_DAYS = DAYS - 1
FIXED_S = 300.0
TICK_S = 0.25  # the app looks that often


@dataclass(slots=True)
class Told:
    """What came of a week."""

    requests: int = 0
    unchanged: int = 0
    delays: list[float] = field(default_factory=list)
    after_outage: list[float] = field(default_factory=list)  # since the server was back
    lost: int = 0

    def see(self, site: Site, published: float, at: float) -> None:
        """Count an article that is queued now."""
        back = site.back_at(published)
        if published < SETTLED_S:
            return
        if back is None:
            self.delays.append(at - published)
        else:
            self.after_outage.append(at - back)

    def add(self, other: Told) -> None:
        """Count another source's week in."""
        self.requests += other.requests
        self.unchanged += other.unchanged
        self.delays += other.delays
        self.after_outage += other.after_outage
        self.lost += other.lost

    def of(self, sources: int) -> str:
        """Tell it in words, requests for each of so many sources."""
        minutes = [delay / 60 for delay in self.delays]
        return (
            f"{self.requests / WEEK_DAYS / sources:,.0f} a day, "
            f"mean {statistics.fmean(minutes):.1f} min, p95 {quantile(minutes, 0.95):.1f}"
        )

    def outages(self) -> str:
        """Tell what became of what was published while a server was away."""
        minutes = statistics.fmean(self.after_outage) / 60
        return f"queued {minutes:.0f} min after it is back, {self.lost} lost"


class World:
    """The clock, the network and the memory of the poller, one object each ``Protocol``."""

    def __init__(self, found: Sequence[Site]) -> None:
        self.at = 0.0
        self.told = {site.name: Told() for site in found}
        self._sites = {site.name: site for site in found}
        self._by_url = {site.url: site for site in found}
        self.states: dict[str, SourceState] = {}
        self._known: dict[str, int] = {}
        self._marks: dict[int, str] = {}

    def now(self) -> datetime:
        return BEGIN + timedelta(seconds=self.at)

    async def fetch(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        accept: str | None = None,
    ) -> Response:
        del accept
        site = self._by_url[url]
        told = self.told[site.name]
        told.requests += self.at >= SETTLED_S
        response = site.answer(self.at, etag, last_modified)
        told.unchanged += response.unchanged and self.at >= SETTLED_S
        return response

    async def read(self, data: bytes, **_: object) -> Reading:
        name, count = data.decode().split()
        return self._sites[name].reading(int(count))

    def knows(self, key: str) -> bool:
        return key in self._known

    async def sources(self) -> dict[str, SourceState]:
        return dict(self.states)

    async def save_source(self, state: SourceState) -> None:
        self.states[state.name] = state

    async def known(self, keys: Iterable[str]) -> dict[str, int]:
        return {key: self._known[key] for key in keys if key in self._known}

    async def marks(self, article_ids: Sequence[int]) -> dict[int, str]:
        return {number: self._marks[number] for number in article_ids}

    async def keep_marks(self, marks: Mapping[int, str]) -> None:
        self._marks.update(marks)

    async def articles(self, ids: Sequence[int]) -> list[StoredArticle]:
        if ids:
            raise AssertionError("no article changes in this world")
        return []

    async def commit(
        self, articles: Sequence[NewArticle], state: SourceState | None, now: datetime
    ) -> list[StoredArticle]:
        stored = []
        for new in articles:
            number = len(self._known)
            self._known[new.keys[0]] = number
            self._marks[number] = new.mark
            stored.append(StoredArticle(number, number, new.article, now))
            if new.deliver and new.article.published is not None:
                name = new.article.source
                published_s = (new.article.published - BEGIN).total_seconds()
                self.told[name].see(self._sites[name], published_s, self.at)
        if state is not None:
            self.states[state.name] = state
        return stored


async def polled(found: Sequence[Site], every_s: float) -> dict[str, Told]:
    """Give each source's week with the bot's poller."""
    world = World(found)
    anything = cast("Any", world)
    store: Store = anything
    fetcher: PoliteFetcher = anything
    sandbox: Sandbox = anything
    robots: Robots = anything
    settings = PollerSettings(
        tuple(
            SourceSettings.model_validate(
                {"name": site.name, "url": site.url, "kind": site.kind, "every": f"{every_s:g}s"}
            )
            for site in found
        ),
        ZoneInfo("Asia/Baku"),
        "adaptive",
    )
    poller = Poller(
        store,
        fetcher,
        sandbox,
        robots,
        settings,
        leases=Leases(store, "bench", clock=world.now, lease_s=15, shared=False),
        patience=Patience(),
        clock=world.now,
        committed=lambda: None,
    )
    await poller.open()
    while world.at < END_S:
        for source in poller.take_due():
            await poller.poll(source)
        soonest = min(s.next_poll_at for s in world.states.values() if s.next_poll_at)
        wait_s = (soonest - BEGIN).total_seconds() - world.at
        world.at += max(1, -(-wait_s // TICK_S)) * TICK_S
    for site in found:
        due = range(site.count(SETTLED_S), site.count(END_S - 3_600))
        world.told[site.name].lost = sum(not world.knows(site.items[n].keys[0]) for n in due)
    return world.told


def fixed(site: Site, beat_s: float, phase: float) -> Told:
    """Give a source's week with a poller that asks every so often, whatever it is answered."""
    told = Told()
    seen = site.count(0)
    at = phase * beat_s
    while at < END_S:
        counted = at >= SETTLED_S
        told.requests += counted
        if not site.is_away(at):
            count = site.count(at)
            told.unchanged += counted and count == seen
            had = max(seen, count - site.depth)
            for published in site.published[had:count]:
                told.see(site, published, at)
            told.lost += sum(p >= SETTLED_S for p in site.published[seen:had])
            seen = count
        at += beat_s
    return told


def total(weeks: Iterable[Told]) -> Told:
    """Give several weeks as one."""
    told = Told()
    for week in weeks:
        told.add(week)
    return told


def main() -> None:
    """Print the figures."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
        cache_logger_on_first_use=False,
    )
    found = sites()
    count = len(found)
    phases = {site.name: (number + 0.5) / count for number, site in enumerate(found)}

    def beat(of: Sequence[Site], every_s: float) -> Told:
        return total(fixed(site, every_s, phases[site.name]) for site in of)

    articles = sum(site.count(END_S) - site.count(SETTLED_S) for site in found)
    print(f"{count} sources, {articles:,} articles in 7 days; requests a day are of each source")
    five = beat(found, FIXED_S)
    free = [site for site in found if not (site.manners.max_age_s or site.manners.ttl_s)]
    for every_s in (FIXED_S, 120.0):
        weeks = asyncio.run(polled(found, every_s))
        whole = total(weeks.values())
        even_s = WEEK_DAYS * 86_400 * count / whole.requests
        name = f'every = "{every_s / 60:g}m"'
        say(f"{name}, all", whole.of(count), beside=f"each 5 min: {five.of(count)}")
        even = beat(found, even_s).of(count)
        say(f"  as many requests, each {even_s / 60:.1f} min", even)
        own = total(weeks[site.name] for site in free).of(len(free))
        other = beat(free, FIXED_S).of(len(free))
        say(f"  {len(free)} whose server asks for no wait", own, beside=other)
        say("  published while its server was away", whole.outages(), beside=five.outages())
