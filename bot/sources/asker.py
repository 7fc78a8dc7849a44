"""One poll's questions: what a source's address gives, found out anew where that is needed.

the address that is known -> its document -> or, where that is none, finding out from the
configured address. A sitemap index is asked with the sitemap that holds the newest articles.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.errors import FetchError, ParseError
from bot.sources import finder
from bot.sources.finder import Way
from bot.sources.reading import Kind, Reading
from bot.sources.scout import CHILDREN_TRIED, Asked, Scout

if TYPE_CHECKING:
    from bot.config import SourceSettings
    from bot.models import SourceState
    from bot.sources.reading import ReadContext
    from bot.sources.response import Response
    from bot.sources.robots import Robots
    from bot.sources.sandbox import Sandbox
    from bot.sources.scout import Fetches

NOT_MODIFIED = 304
MISSING = 404
GONE = 410
PATIENT_FAILURES = 3  # before a list of articles will do in the place of a feed
_FOR_PROGRAMS = frozenset({Kind.FEED, Kind.SITEMAP, Kind.INDEX, Kind.WORDPRESS})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source gave: from which address and of which kind, and how that was come by.

    ``reading`` is None where the server said that nothing changed. ``found`` is None unless
    the address was found out just now.
    """

    url: str
    kind: str
    response: Response
    reading: Reading | None
    found: Way | None = None


@dataclass(slots=True)
class _Held:
    """Validators of a document, and the children of an index, for the next time."""

    etag: str | None
    last_modified: str | None
    children: tuple[str, ...] = ()


class Asker:
    """Asks sources: one address a poll where it is known, more where it has to be found out."""

    def __init__(self, fetcher: Fetches, sandbox: Sandbox, robots: Robots) -> None:
        self._fetcher = fetcher
        self._sandbox = sandbox
        self._robots = robots
        self._scout = Scout(fetcher, sandbox, robots)
        self._held: dict[str, _Held] = {}  # of indexes and their children

    async def ask(self, source: SourceSettings, state: SourceState, context: ReadContext) -> Answer:
        """Give what a source has; raises FetchError or ParseError where it has nothing.

        With ``kind`` given its address is asked and nothing is found out.
        """
        url = state.found_url or source.url
        if source.kind:
            context = replace(context, expect=Kind(source.kind))
            return await self._document(url, source.kind, state, context)
        page: Asked | None = None
        try:
            answer = await self._document(url, state.found_kind, state, replace(context, seek=True))
        except FetchError as error:
            if not _is_lost(error, state):
                raise
            cause: FetchError | ParseError = error
        else:
            reading = answer.reading
            if reading is None or not finder.is_html(reading):
                return answer
            if reading.kind is Kind.LISTING and state.found_kind == Kind.LISTING:
                return answer
            cause = _no_source(reading)
            if url == source.url:
                page = Asked(finder.Candidate(url, Way.GIVEN), answer.response, reading)
        return await self._find_out(source, state, context, page=page, cause=cause)

    async def _find_out(
        self,
        source: SourceSettings,
        state: SourceState,
        context: ReadContext,
        *,
        page: Asked | None,
        cause: FetchError | ParseError,
    ) -> Answer:
        """Give what is found in the place of an address that is none; raises ``cause``."""
        settled = page is not None and page.finding is not None
        if not settled and not finder.looks_again(state.failures):
            raise cause
        moved = state.found_url is not None and state.found_url != source.url
        if page is None and moved:
            page = await self._configured(source, context)
            if page is not None and page.reading and not finder.is_html(page.reading):
                return _answer(page)
        found = await self._scout.settle(
            source.url, page, context, listing=_listing_will_do(state, cause, moved=moved)
        )
        if found is None:
            raise cause
        return _answer(found)

    async def _configured(self, source: SourceSettings, context: ReadContext) -> Asked | None:
        try:
            return await self._scout.given(source.url, context)
        except (FetchError, ParseError):
            return None

    async def _document(
        self, url: str, kind: str | None, state: SourceState, context: ReadContext
    ) -> Answer:
        """Ask one address, an index with its newest sitemap."""
        held = self._held.get(url)
        if held is None or not held.children:
            held = _Held(state.etag, state.last_modified)
        response = await self._fetcher.fetch(url, etag=held.etag, last_modified=held.last_modified)
        if response.status == NOT_MODIFIED:
            if not held.children:
                return Answer(url, kind or "", response, None)
            children = held.children
        else:
            reading = await self._read(response, context)
            if reading.kind is not Kind.INDEX:
                return Answer(url, reading.kind, response, reading)
            children = reading.children
            self._held[url] = _Held(response.etag, response.last_modified, children)
        # The index's validators are kept here: unchanged, it still has sitemaps that change.
        answered = replace(response, status=200, etag=None, last_modified=None)
        return Answer(url, Kind.INDEX, answered, await self._newest(children, context))

    async def _newest(self, children: tuple[str, ...], context: ReadContext) -> Reading:
        """Give the articles of the sitemap that has the newest; none where it is unchanged."""
        for url in children[:CHILDREN_TRIED]:
            if not await self._robots.allowed(url):
                raise ParseError(f"{url}: robots.txt forbids this sitemap of the index")
            held = self._held.get(url) or _Held(None, None)
            response = await self._fetcher.fetch(
                url, etag=held.etag, last_modified=held.last_modified
            )
            if response.status == NOT_MODIFIED:
                return Reading(Kind.SITEMAP)
            reading = await self._read(response, replace(context, expect=Kind.SITEMAP, seek=False))
            self._held[url] = _Held(response.etag, response.last_modified)
            if reading.items:
                return reading
        return Reading(Kind.SITEMAP)

    async def _read(self, response: Response, context: ReadContext) -> Reading:
        return await self._sandbox.read(
            response.body,
            url=response.url,
            content_type=response.content_type,
            context=context,
        )


def _is_lost(error: FetchError, state: SourceState) -> bool:
    """Whether an answer says that the source is elsewhere: a 410 of what was read stops it."""
    moved = state.found_url is not None and state.found_url != state.url
    return error.status == MISSING or (error.status == GONE and (state.polled_at is None or moved))


def _listing_will_do(state: SourceState, cause: FetchError | ParseError, *, moved: bool) -> bool:
    """Whether a list of articles may take the source's place.

    Where a feed was read, HTML is a failure that may pass; a list is second best.
    """
    if state.found_kind not in _FOR_PROGRAMS:
        return True
    gone = isinstance(cause, FetchError) and cause.status == GONE
    return moved and (gone or state.failures >= PATIENT_FAILURES)


def _no_source(reading: Reading) -> ParseError:
    if reading.items and reading.kind is Kind.PAGE:
        return ParseError("is an article's page, neither a feed nor a list of articles")
    if reading.kind is Kind.LISTING:
        return ParseError("is an HTML page in the place of a feed")
    reason = reading.problems[0] if reading.problems else "neither a feed nor a list of articles"
    return ParseError(reason)


def _answer(asked: Asked) -> Answer:
    if asked.response is None or asked.reading is None:
        raise ParseError(asked.problem)
    if asked.index:
        response = replace(asked.response, etag=None, last_modified=None)
        return Answer(asked.candidate.url, Kind.INDEX, response, asked.reading, asked.candidate.way)
    return Answer(
        asked.candidate.url,
        asked.reading.kind,
        asked.response,
        asked.reading,
        asked.candidate.way,
    )
