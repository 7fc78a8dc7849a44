"""What the ``sources`` commands share: the tools to ask with, and how times and ages are shown."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot import links
from bot.errors import XeberciError
from bot.poller import source_names
from bot.sources import catalogue
from bot.sources.fetcher import Fetcher
from bot.sources.reading import ReadContext
from bot.sources.robots import Robots
from bot.sources.sandbox import Sandbox
from bot.sources.scout import Scout

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from zoneinfo import ZoneInfo

    from bot.config import Settings

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


@dataclass(frozen=True, slots=True)
class Kit:
    """A fetcher, a sandbox and a scout with the configuration's limits."""

    settings: Settings
    fetcher: Fetcher
    sandbox: Sandbox
    robots: Robots
    scout: Scout

    def context(self, *, source: str | None = None, profile: str | None = None) -> ReadContext:
        """Give what reading needs to know, as of now."""
        return ReadContext(
            now=datetime.now(UTC),
            zone=self.settings.zone,
            source=source,
            sources=source_names(self.settings.sources),
            profile=profile,
            max_bytes=self.settings.fetch.max_bytes,
        )


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Kit]:
    """Have the tools for a block."""
    fetch = settings.fetch
    async with (
        Fetcher(allow_private=fetch.allow_private, max_bytes=fetch.max_bytes) as fetcher,
        Sandbox() as sandbox,
    ):
        robots = Robots(fetcher, lambda: datetime.now(UTC))
        yield Kit(settings, fetcher, sandbox, robots, Scout(fetcher, sandbox, robots))


def address_of(text: str) -> str:
    """Give the address that a person wrote, also as ``technote.az``."""
    text = text.strip()
    address = text if "://" in text else f"https://{text}"
    if not links.is_absolute(address) or ("://" not in text and "." not in links.host(address)):
        raise XeberciError(f"{text!r} is no web address; it begins with https:// or http://")
    return address


def name_of(url: str) -> str:
    """Give what to call a source: as the catalogue does, else its host."""
    own = links.host(url)
    for entry in catalogue.load():
        if own in {entry.name, links.host(entry.url)}:
            return entry.name
    return own


def age(at: datetime, now: datetime) -> str:
    """Give how long ago something was, roughly."""
    seconds = int((now - at) / timedelta(seconds=1))
    if seconds < _MINUTE:
        return "just now"
    if seconds < 2 * _HOUR:
        return f"{seconds // _MINUTE} min ago"
    if seconds < 2 * _DAY:
        return f"{seconds // _HOUR} h ago"
    return f"{seconds // _DAY} days ago"


def local(at: datetime, zone: ZoneInfo) -> str:
    """Give a time of the configured zone; a date alone without hours, as readers see it."""
    there = at.astimezone(zone)
    if there.hour == there.minute == there.second == 0:
        return there.strftime("%Y-%m-%d")
    return there.strftime("%Y-%m-%d %H:%M")
