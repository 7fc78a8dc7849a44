"""Finding out where a site's news is: asks what ``bot.sources.finder`` suggests, politely.

What a person named is asked whatever robots.txt says; what the bot finds by itself obeys it.
One address is asked after the other, through the guard, and none any more once a site says
that it is asked too much or does not answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from bot import links
from bot.errors import FetchError, ForbiddenAddressError, ParseError
from bot.sources import finder
from bot.sources.finder import Candidate, Finding, Way
from bot.sources.reading import Kind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from bot.sources.reading import ReadContext, Reading
    from bot.sources.response import Response
    from bot.sources.robots import Robots
    from bot.sources.sandbox import Sandbox

MAX_ASKED = 32
CHILDREN_TRIED = 2
_BUSY = frozenset({429, 503})
_GOOD = frozenset({Kind.FEED, Kind.SITEMAP, Kind.WORDPRESS})


class Fetches(Protocol):
    """What can fetch: ``Fetcher``, or ``PoliteFetcher`` where several runs share the hosts."""

    async def fetch(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        accept: str | None = None,
    ) -> Response:
        """Give the document at an address."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking a candidate: an answer with its reading, or why there is none.

    ``ends``: the site is not to be asked any more now. Of a sitemap index ``reading`` is that of
    the child with the newest articles.
    """

    candidate: Candidate
    response: Response | None = None
    reading: Reading | None = None
    problem: str = ""
    ends: bool = False
    index: bool = False

    @property
    def finding(self) -> Finding | None:
        """What it is worth, if it reads as a source."""
        return finder.finding(self.candidate, self.reading) if self.reading else None


class Scout:
    """Asks candidates and reads what they answer."""

    def __init__(self, fetcher: Fetches, sandbox: Sandbox, robots: Robots) -> None:
        self._fetcher = fetcher
        self._sandbox = sandbox
        self._robots = robots

    async def given(self, url: str, context: ReadContext) -> Asked:
        """Ask an address that a person named; raises FetchError or ParseError.

        A page that is no list of articles is told as what it states, unless somebody knows
        (``expect``) what it should be.
        """
        response = await self._fetcher.fetch(url)
        seek = context.expect is None
        reading = await self._read(response, replace(context, seek=seek))
        return await self.with_child(Asked(Candidate(url, Way.GIVEN), response, reading), context)

    async def explore(
        self,
        url: str,
        page: Asked | None,
        context: ReadContext,
        *,
        told: Callable[[Asked], None],
    ) -> list[Asked]:
        """Ask everything that may be a source of the site of ``url``; gives what reads.

        ``page`` is what ``url`` answered, if it did; ``told`` hears of each that was asked.
        """
        found: dict[str, Asked] = {}
        async for asked in self._all(url, page, context):
            told(asked)
            if asked.finding is not None:
                found.setdefault(_answered(asked), asked)
        return list(found.values())

    async def settle(
        self, url: str, page: Asked | None, context: ReadContext, *, listing: bool
    ) -> Asked | None:
        """Give what to poll in the place of ``url``: the first that is good enough.

        A page that reads as a list of articles stays one if it states no feed, unless it is the
        site's front page, for which usual paths are tried. ``listing``: whether a list of
        articles will do.
        """
        kind = page.reading.kind if page and page.reading else None
        stated_only = kind is Kind.LISTING and page is not None and not _is_front(page)
        second: list[Asked] = []
        async for asked in self._all(url, page, context, stated_only=stated_only):
            found = asked.finding
            if found is None or (found.kind is Kind.LISTING and not listing):
                continue
            if found.titled and found.kind in _GOOD:
                return asked
            second.append(asked)
        ranked = finder.best_first([f for one in second if (f := one.finding)], context.now)
        return next((one for f in ranked for one in second if one.finding == f), None)

    async def with_child(self, asked: Asked, context: ReadContext) -> Asked:
        """Give what was asked, of an index with the reading of its newest sitemap."""
        if asked.reading is None or asked.reading.kind is not Kind.INDEX:
            return asked
        for address in asked.reading.children[:CHILDREN_TRIED]:
            child = await self._ask(Candidate(address, asked.candidate.way), context)
            if child.finding is not None and child.reading is not None:
                return replace(asked, reading=child.reading, index=True)
            if child.ends:
                break
        return replace(asked, problem="an index whose sitemaps hold no articles")

    async def _all(
        self, url: str, page: Asked | None, context: ReadContext, *, stated_only: bool = False
    ) -> AsyncIterator[Asked]:
        """Ask one candidate after the other, the page itself last."""
        if page is None and finder.front(url) not in {url, f"{url}/"}:
            page = await self._ask(
                Candidate(finder.front(url), Way.USUAL), replace(context, seek=True)
            )
            if page.reading is None:
                yield page
                if page.ends:
                    return
        async for asked in self._suggested(url, page, context, stated_only=stated_only):
            yield asked
        if page is not None and page.reading is not None:
            yield await self._as_listing(page, context)

    async def _suggested(
        self, url: str, page: Asked | None, context: ReadContext, *, stated_only: bool
    ) -> AsyncIterator[Asked]:
        """Ask for feeds, then for other things, until the site wants to be left alone."""
        reading = page.reading if page else None
        base = page.response.url if page and page.response else url
        candidates = finder.feed_candidates(base, reading)
        if stated_only:
            candidates = [one for one in candidates if one.way is Way.STATED]
        asked_of = {url}
        async for asked in self._in_turn(candidates, asked_of, context):
            yield asked
            if asked.ends:
                return
        if stated_only:
            return
        others = finder.other_candidates(base, reading, await self._sitemaps(base))
        async for asked in self._in_turn(others, asked_of, context):
            yield asked
            if asked.ends:
                return

    async def _in_turn(
        self, candidates: Sequence[Candidate], asked_of: set[str], context: ReadContext
    ) -> AsyncIterator[Asked]:
        for candidate in candidates:
            if candidate.url in asked_of or len(asked_of) > MAX_ASKED:
                continue
            asked = await self._ask(candidate, context)
            asked_of |= {candidate.url, _answered(asked)}
            if asked.reading is not None and finder.is_html(asked.reading):
                yield replace(asked, reading=None, problem="an HTML page")
            else:
                yield await self.with_child(asked, context)

    async def _as_listing(self, page: Asked, context: ReadContext) -> Asked:
        """Give a front page as the list of articles that it is, though it may look like one."""
        if page.response is None or page.reading is None:
            return page
        if page.reading.kind is not Kind.PAGE or not _is_front(page):
            return page
        try:
            reading = await self._read(page.response, replace(context, expect=Kind.LISTING))
        except ParseError as error:
            return replace(page, problem=str(error))
        return replace(page, reading=reading)

    async def _sitemaps(self, url: str) -> tuple[str, ...]:
        try:
            return await self._robots.sitemaps(url)
        except FetchError:
            return ()

    async def _ask(self, candidate: Candidate, context: ReadContext) -> Asked:
        """Ask an address that the bot found by itself; a failure is a value."""
        try:
            if not await self._robots.allowed(candidate.url):
                return Asked(candidate, problem="robots.txt forbids it")
            response = await self._fetcher.fetch(candidate.url)
        except ForbiddenAddressError as error:
            return Asked(candidate, problem=_bare(error, candidate))
        except FetchError as error:
            elsewhere = candidate.way in {Way.STATED, Way.LINKED} and error.status is None
            ends = error.status in _BUSY or (error.status is None and not elsewhere)
            return Asked(candidate, problem=_bare(error, candidate), ends=ends)
        if response.permanent_to is not None:
            candidate = replace(candidate, url=response.permanent_to)
        try:
            return Asked(candidate, response, await self._read(response, context))
        except ParseError as error:
            return Asked(candidate, response, problem=str(error))

    async def _read(self, response: Response, context: ReadContext) -> Reading:
        return await self._sandbox.read(
            response.body,
            url=response.url,
            content_type=response.content_type,
            context=context,
        )


def _answered(asked: Asked) -> str:
    return asked.response.url if asked.response else asked.candidate.url


def _is_front(asked: Asked) -> bool:
    # A front page may lead on to that of a language: /az/.
    return links.is_front(_answered(asked)) or links.is_front(asked.candidate.url)


def _bare(error: FetchError, candidate: Candidate) -> str:
    return str(error).removeprefix(f"{candidate.url}: ")
