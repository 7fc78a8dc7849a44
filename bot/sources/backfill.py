"""What a document no longer holds: after an outage the pages of its list are read back.

document -> does it reach back to the last poll? -> its list's pages, newest first, until what is
known or older. The pages are asked politely, one after the other; whatever fails ends it, and
the document counts as it is.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import structlog

from bot import links
from bot.errors import FetchError, ParseError
from bot.sources.finder import front
from bot.sources.reading import Kind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from bot.sources.reading import Item, ReadContext, Reading
    from bot.sources.robots import Robots
    from bot.sources.sandbox import Sandbox
    from bot.sources.scout import Fetches

    Known = Callable[[Iterable[str]], Awaitable[Mapping[str, int]]]

MAX_PAGES = 10
MAX_S = 60.0  # what the document itself brought waits meanwhile
_KINDS = frozenset({Kind.FEED, Kind.LISTING, Kind.WORDPRESS})
_NO_SECTION = frozenset({"", "feed", "feeds", "rss", "atom", "wp-json", "wp", "v2", "api"})
_A_DAY = timedelta(days=1)

log = structlog.get_logger("xeberci.poller")


def is_short(
    items: Sequence[Item], known: Mapping[str, int], since: datetime | None, zone: ZoneInfo
) -> bool:
    """Whether a document may have lost articles since it was read last.

    It has not where it still holds something known, or something older than that.
    """
    if since is None or not items:
        return False
    if any(key in known for item in items for key in item.keys):
        return False
    return all(_since(item, since, zone) for item in items)


def starts(url: str, reading: Reading) -> list[tuple[str, Kind]]:
    """Give where the list of a document begins, or goes on, the likeliest first.

    A section's document has its section's list; the front page would bring other things too.
    """
    if reading.kind not in _KINDS:
        return []
    if reading.next_url:
        return [(reading.next_url, reading.kind)]
    if reading.kind is Kind.LISTING:
        return []
    parent = urljoin(f"{url.partition('?')[0].rstrip('/')}", ".")
    section = urlsplit(parent).path.strip("/").rpartition("/")[2].casefold() not in _NO_SECTION
    found = [parent] if section else []
    if reading.home and not (section and links.is_front(reading.home)):
        found.append(reading.home)
    if not section:
        found.append(front(url))
    return [(address, Kind.LISTING) for address in dict.fromkeys(found) if address != url]


def missed(
    page: Sequence[Item],
    have: set[str],
    known: Mapping[str, int],
    since: datetime,
    zone: ZoneInfo,
) -> tuple[list[Item], bool]:
    """Give what a page of the list adds, and whether the page reaches back far enough.

    Without a date only its place says that something is new: above all that is known or older,
    pinned ones above what the document itself still has (``have``) aside.
    """
    found: list[Item] = []
    back = False
    ours = [place for place, item in enumerate(page) if not have.isdisjoint(item.keys)]
    pinned = ours[-1] if ours else -1
    for place, item in enumerate(page):
        is_known = any(key in known for key in item.keys)
        dated = item.article.published is not None
        old = dated and not _since(item, since, zone)
        back = back or ((is_known or old) and place > pinned)
        if is_known or old or (back and not dated) or not have.isdisjoint(item.keys):
            continue
        found.append(item)
    all_old = bool(page) and all(
        item.article.published is not None and not _since(item, since, zone) for item in page
    )
    return found, all_old or any(key in known for item in page for key in item.keys)


def _since(item: Item, since: datetime, zone: ZoneInfo) -> bool:
    """Whether an item may be younger: a day without a time may have been any time of it."""
    published = item.article.published
    if published is None:
        return True
    local = published.astimezone(zone)
    day_alone = local.hour == local.minute == local.second == 0
    return published + (_A_DAY if day_alone else timedelta()) > since


class Backfill:
    """Reads the pages of a list back to the last poll."""

    def __init__(self, fetcher: Fetches, sandbox: Sandbox, robots: Robots) -> None:
        self._fetcher = fetcher
        self._sandbox = sandbox
        self._robots = robots

    async def missed(
        self, url: str, reading: Reading, context: ReadContext, known: Known, since: datetime
    ) -> list[Item]:
        """Give what the list of the document at ``url`` has, and the document no longer."""
        found: list[Item] = []
        try:
            async with asyncio.timeout(MAX_S):
                for address, kind in starts(url, reading):
                    if await self._follow(address, kind, reading, context, known, since, found):
                        break
        except TimeoutError:
            log.info(f"{context.source}: its listing pages take too long; the rest is left out")
        return found

    async def _follow(
        self,
        address: str,
        kind: Kind,
        reading: Reading,
        context: ReadContext,
        known: Known,
        since: datetime,
        found: list[Item],
    ) -> bool:
        """Read pages from an address on into ``found``; False: this is not the list."""
        have = {key for item in reading.items for key in item.keys}
        own = set(have)
        asked: set[str] = set()
        here: str | None = address
        while here is not None and here not in asked and len(asked) < MAX_PAGES:
            asked.add(here)
            page = await self._page(here, kind, context)
            if page is None:
                return len(asked) > 1
            keys = {key for item in page.items for key in item.keys}
            old = await known(keys)
            if len(asked) == 1 and address != reading.next_url and not old and not keys & own:
                return False  # it lists other things
            new, done = missed(page.items, have, old, since, context.zone)
            found += new
            have |= keys
            if done or not page.items:
                break
            here = page.next_url
        return True

    async def _page(self, url: str, kind: Kind, context: ReadContext) -> Reading | None:
        try:
            if not await self._robots.allowed(url):
                reason = "robots.txt forbids it"
            else:
                response = await self._fetcher.fetch(url)
                page = await self._sandbox.read(
                    response.body,
                    url=response.url,
                    content_type=response.content_type,
                    context=replace(context, expect=kind, seek=False),
                )
                if page.kind is kind:
                    return page
                reason = f"is a {page.kind}, no {kind}"
        except (FetchError, ParseError) as error:
            reason = str(error).removeprefix(f"{url}: ")
        log.info(f"{context.source}: what its feed no longer holds is not at {url}: {reason}")
        return None
