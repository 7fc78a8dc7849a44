"""Articles' own pages: what a feed cut short is fetched -> read -> put in the article's place.

The article is in the store already. One whose fan-out waits is tried until its deadline and then
goes out with what the feed had; the pages of what is only archived come last. Pages are fetched
newest first and articles go out oldest first: those of one source that come within ``TOGETHER_S``
are put in place together.

Where several runs share the store, one of them has a host's pages for as long as it fetches some:
what it has fetched and not yet put in place is fetched again by another if it dies.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot.az.language import is_kept, language_of
from bot.errors import FetchError, ForbiddenAddressError, ParseError, StoreError
from bot.leases import host_of
from bot.sources.reading import Kind, ReadContext, is_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from bot.leases import Leases, PoliteFetcher
    from bot.models import Article, StoredArticle
    from bot.patience import Patience
    from bot.sources.robots import Robots
    from bot.sources.sandbox import Sandbox
    from bot.store.protocol import Store

AT_ONCE = 8
TOGETHER_S = 3.0
TRY_AGAIN_S = 10.0
IDLE_S = 60.0
SHARED_IDLE_S = 5.0  # whoever read an article may have died before its page was fetched
PAGES_LOOKED_AT = 200
LOOK_AGAIN_S = 1.0  # at what another run fetches just now
STORE_AGAIN_S = 1.0
FINAL_STATUSES = frozenset({401, 403, 404, 405, 410, 451})

log = structlog.get_logger("xeberci.pages")


@dataclass(frozen=True, slots=True)
class PageSource:
    """What the pages of a source need: how it is read, and what of it is not to be delivered."""

    profile: str | None
    max_age_s: float
    language: str = ""


@dataclass(frozen=True, slots=True)
class _Fetched:
    """A page that was had, or given up (None), and waits for others of its source.

    ``at``: since when, by the loop's clock, which nobody sets.
    """

    stored: StoredArticle
    improved: Article | None
    at: float


class Pages:
    """Fetches the pages of articles that their feed cut short."""

    def __init__(
        self,
        store: Store,
        fetcher: PoliteFetcher,
        sandbox: Sandbox,
        robots: Robots,
        *,
        zone: ZoneInfo,
        sources: Mapping[str, PageSource],
        leases: Leases,
        patience: Patience,
        clock: Callable[[], datetime],
        improved: Callable[[], None],
    ) -> None:
        self._store = store
        self._fetcher = fetcher
        self._sandbox = sandbox
        self._robots = robots
        self._zone = zone
        self._sources = sources
        self._leases = leases
        self._patience = patience
        self._clock = clock
        self._improved = improved
        self._wake = asyncio.Event()
        self._busy: dict[int, asyncio.Task[None]] = {}
        self._hosts: set[str] = set()
        self._ours: set[str] = set()  # hosts whose lease this run has
        self._tried: dict[int, float] = {}
        self._fetched: dict[int, _Fetched] = {}
        self._done: set[int] = set()  # since the store was last asked what is wanted

    def wake(self) -> None:
        """Say that there may be new pages to fetch."""
        self._wake.set()

    async def run(self) -> None:
        """Fetch pages until cancelled, one at a time per host."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._wake.clear()
                try:
                    waits_s = await self._start(group)
                except StoreError as error:
                    self._patience.failed("pages", error)
                    await asyncio.sleep(STORE_AGAIN_S)
                    continue
                self._patience.done("pages")
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), waits_s)

    async def _start(self, group: asyncio.TaskGroup) -> float:
        """Start what can be started; gives how long to wait before looking again."""
        self._done.clear()
        wanted = await self._store.pages_wanted(limit=PAGES_LOOKED_AT)
        taken, refused = await self._take_hosts(wanted)
        if taken:  # another run may have put some of these in place meanwhile
            wanted = await self._store.pages_wanted(limit=PAGES_LOOKED_AT)
        waits_s = await self._settle(wanted, self._clock())
        if refused:
            waits_s = min(waits_s, LOOK_AGAIN_S)
        now = _elapsed()
        for stored, page_by in wanted:
            if len(self._busy) >= AT_ONCE:
                break
            host = _host(stored)
            again = self._tried.get(stored.id)
            under_way = stored.id in self._busy or stored.id in self._fetched
            if under_way or stored.id in self._done or host in self._hosts:
                continue
            if host not in self._ours:
                continue
            if again is not None and again > now:
                waits_s = min(waits_s, again - now + 0.01)
                continue
            self._hosts.add(host)
            task = group.create_task(self._fetch(stored, page_by, host))
            self._busy[stored.id] = task
        await self._leave_hosts(wanted)
        return waits_s

    async def _take_hosts(
        self, wanted: Sequence[tuple[StoredArticle, datetime]]
    ) -> tuple[bool, bool]:
        """Take the hosts of wanted pages; gives whether one was, and whether one was not."""
        refused: set[str] = set()
        before = len(self._ours)
        for stored, _ in wanted:
            host = _host(stored)
            if host in refused or (host in self._ours and not self._leases.shared):
                continue
            if await self._leases.take(f"pages:{host}"):
                self._ours.add(host)
            else:
                # Lost, it may be, by a run that stood still: what it fetched counts for nothing.
                self._ours.discard(host)
                refused.add(host)
        for number in [n for n, page in self._fetched.items() if _host(page.stored) in refused]:
            del self._fetched[number]
        return self._leases.shared and len(self._ours) > before, bool(refused)

    async def _leave_hosts(self, wanted: Sequence[tuple[StoredArticle, datetime]]) -> None:
        """Leave the hosts of which nothing is wanted any more."""
        kept = {_host(stored) for stored, _ in wanted if stored.id not in self._done}
        kept |= {_host(page.stored) for page in self._fetched.values()} | self._hosts
        for host in self._ours - kept:
            self._ours.discard(host)
            await self._leases.leave(f"pages:{host}")

    async def _settle(
        self, wanted: Sequence[tuple[StoredArticle, datetime]], now: datetime
    ) -> float:
        """Put in place what need wait no longer, oldest first; gives how long the rest waits."""
        expected = {
            stored.article.source
            for stored, page_by in wanted
            if page_by > now and stored.id not in self._fetched and stored.id not in self._tried
        }
        waits_s = SHARED_IDLE_S if self._leases.shared else IDLE_S
        ready: set[str] = set()
        for page in self._fetched.values():
            left_s = TOGETHER_S - (_elapsed() - page.at)
            if page.stored.article.source not in expected or left_s <= 0:
                ready.add(page.stored.article.source)
            else:
                waits_s = min(waits_s, left_s)
        settled = [p for p in self._fetched.values() if p.stored.article.source in ready]
        for page in sorted(settled, key=lambda p: (p.stored.when, p.stored.id)):
            await self._put(page, now)
        return waits_s

    async def _put(self, page: _Fetched, now: datetime) -> None:
        improved = page.improved
        # A feed's own date was weighed at the poll; only a page's date is news.
        dated = improved if page.stored.article.published is None else None
        deliver = dated is None or self._young(dated, now)
        deliver = deliver and (improved is None or self._kept(improved))
        await self._store.improve(page.stored.id, improved, deliver=deliver, now=now)
        self._done.add(page.stored.id)
        self._fetched.pop(page.stored.id, None)
        self._improved()

    async def _fetch(self, stored: StoredArticle, page_by: datetime, host: str) -> None:
        try:
            page, reason, final = await self._page(stored.article)
            now = self._clock()
            if page is None and not final and now + timedelta(seconds=TRY_AGAIN_S) < page_by:
                self._tried[stored.id] = _elapsed() + TRY_AGAIN_S
                return
            if page is None:
                log.info(f"{stored.article.source}: {reason}; the feed's text is used")
            self._tried.pop(stored.id, None)
            improved = combine(stored.article, page, self._zone, now) if page else None
            # Put in place by ``_start``: if the store is away, then when it is back.
            waited_s = 0.0 if page_by > now else TOGETHER_S
            self._fetched[stored.id] = _Fetched(stored, improved, _elapsed() - waited_s)
        finally:
            self._busy.pop(stored.id, None)
            self._hosts.discard(host)
            self._wake.set()

    async def _page(self, article: Article) -> tuple[Article | None, str, bool]:
        """Give the article on its page; or None, why, and whether that is final."""
        try:
            if await self._robots.allowed(article.url):
                return await self._read(article), "", False
            reason, final = f"{article.url}: robots.txt forbids the page", True
        except ForbiddenAddressError as error:
            reason, final = str(error), True
        except FetchError as error:
            reason, final = str(error), error.status in FINAL_STATUSES
        except ParseError as error:
            reason, final = f"{article.url}: {error}", True
        except StoreError as error:  # it knows whose turn it is at a host
            reason, final = str(error), False
        except Exception:
            log.exception(f"{article.source}: {article.url}: a page that nobody can read")
            reason, final = f"{article.url}: cannot be read", True
        return None, reason, final

    async def _read(self, article: Article) -> Article:
        source = self._sources.get(article.source)
        response = await self._fetcher.fetch(article.url)
        reading = await self._sandbox.read(
            response.body,
            url=response.url,
            content_type=response.content_type,
            context=ReadContext(
                now=self._clock(),
                zone=self._zone,
                source=article.source,
                profile=source.profile if source else None,
                expect=Kind.PAGE,
            ),
        )
        if reading.kind is not Kind.PAGE or not reading.articles:
            raise ParseError("no article on the page")
        return reading.articles[0]

    def _kept(self, article: Article) -> bool:
        """Whether the page's text is in the language that its source is limited to."""
        source = self._sources.get(article.source)
        wanted = source.language if source else ""
        return not wanted or is_kept(language_of(article.title, article.text), wanted)

    def _young(self, article: Article, now: datetime) -> bool:
        """Whether the page's date lets an article be delivered whose feed gave it none."""
        source = self._sources.get(article.source)
        if source is None or article.published is None:
            return True
        return article.published >= now - timedelta(seconds=source.max_age_s)


def _host(stored: StoredArticle) -> str:
    return host_of(stored.article.url)


def _elapsed() -> float:
    return asyncio.get_running_loop().time()


def combine(item: Article, page: Article, zone: ZoneInfo, now: datetime) -> Article:
    """Give a feed's item completed by its page.

    The feed's title and time beat the page's (a day without a time yields to a full one); the
    longer text wins, and the page's where both are whole: it was asked again; what either is
    silent about comes from the other.
    """
    both_whole = is_whole(item.text) and is_whole(page.text)
    published = item.published or page.published
    if (
        item.published is not None
        and page.published is not None
        and is_midnight(item.published.astimezone(zone))
        and page.published.astimezone(zone).date() == item.published.astimezone(zone).date()
        and page.published <= now
    ):
        published = page.published
    return replace(
        item,
        text=page.text if both_whole or len(page.text) >= len(item.text) else item.text,
        published=published,
        category=item.category or page.category,
        author=item.author or page.author,
        credit=page.credit or item.credit,
        image=page.image or item.image,
        summary=item.summary or page.summary,
        related=page.related or item.related,
    )


def is_midnight(when: datetime) -> bool:
    """Whether a local time is a date alone, as sources without hours give it."""
    return when.hour == when.minute == when.second == 0
