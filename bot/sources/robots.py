"""What a site's robots.txt lets the bot find by itself (RFC 9309). Kept per host for a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from protego import Protego

from bot.errors import FetchError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.sources.response import Response

PRODUCT = "Xeberci"
_KEPT_S = 86_400.0
_KEPT_FAILED_S = 8.0  # for the pages that come at once; later ones may meet a server that is back
_MAX_HOSTS = 1_000
_MAX_CHARS = 512_000


class Fetches(Protocol):
    """What can fetch: ``bot.sources.fetcher.Fetcher``."""

    async def fetch(self, url: str, *, accept: str | None = None) -> Response:
        """Give the document at an address."""
        ...


@dataclass(frozen=True, slots=True)
class _Rules:
    """A host's rules, or the failure for which nobody may be asked for now."""

    parsed: Protego | FetchError
    until: float


class Robots:
    """Answers whether an address may be fetched."""

    def __init__(
        self, fetcher: Fetches, clock: Callable[[], datetime], *, product: str = PRODUCT
    ) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._product = product
        self._hosts: dict[str, _Rules] = {}

    async def allowed(self, url: str) -> bool:
        """Tell whether robots.txt of the address's host allows it.

        No robots.txt allows everything; where a server fails (5xx, no answer) nobody knows, and
        as RFC 9309 has it nothing is allowed: that is a FetchError.
        """
        return (await self._rules(url)).can_fetch(url, self._product)

    async def sitemaps(self, url: str) -> tuple[str, ...]:
        """Give the sitemaps that robots.txt of the address's host names; FetchError as above."""
        return tuple(dict.fromkeys((await self._rules(url)).sitemaps))

    async def _rules(self, url: str) -> Protego:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        now = self._clock().timestamp()
        rules = self._hosts.get(origin)
        if rules is None or rules.until <= now:
            rules = await self._load(origin, now)
            if len(self._hosts) >= _MAX_HOSTS:
                self._hosts.clear()
            self._hosts[origin] = rules
        if isinstance(rules.parsed, FetchError):
            raise rules.parsed
        return rules.parsed

    async def _load(self, origin: str, now: float) -> _Rules:
        try:
            response = await self._fetcher.fetch(f"{origin}/robots.txt", accept="text/plain, */*")
        except FetchError as error:
            missing = error.status is not None and 400 <= error.status < 500  # noqa: PLR2004
            if missing and error.status != 429:  # noqa: PLR2004 - asked too often: wait
                return _Rules(Protego.parse(""), now + _KEPT_S)
            # Without its status: a page is not gone because robots.txt answers 410 or 503.
            return _Rules(FetchError(str(error)), now + _KEPT_FAILED_S)
        text = response.body[:_MAX_CHARS].decode("utf-8", errors="replace")
        return _Rules(Protego.parse(text), now + _KEPT_S)
