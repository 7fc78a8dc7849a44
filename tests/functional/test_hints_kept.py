"""What a feed asks for holds as long as the feed: a 304 repeats none of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from bot.config import SourceSettings
from bot.leases import Leases
from bot.patience import Patience
from bot.poller import Poller, PollerSettings
from bot.sources.response import Response
from bot.sources.sandbox import Sandbox
from bot.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = SourceSettings.model_validate(
    {"name": "sayt.az", "url": "https://sayt.az/feed", "every": "2m"}
)
FEED = b"""<rss version="2.0"><channel><title>Sayt</title><ttl>9</ttl>
<skipHours><hour>14</hour></skipHours>
<item><title>Salam</title><link>https://sayt.az/a</link></item></channel></rss>"""


class _Server:
    """Has one feed, and says so only once."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def clock(self) -> datetime:
        return self.now

    async def fetch(self, url: str, *, etag: str | None = None, **_: object) -> Response:
        if etag == '"1"':
            return Response(304, url)
        return Response(200, url, body=FEED, content_type="application/rss+xml", etag='"1"')


async def test_a_304_asks_for_what_its_feed_asked_for_also_after_a_restart(tmp_path: Path) -> None:
    server = _Server()
    store = open_store("", tmp_path)
    await store.open()

    async def poll() -> datetime:
        """Poll in a run of its own; gives when it wants to ask again."""
        anything = cast("Any", server)
        poller = Poller(
            store,
            anything,
            Sandbox(inline=True),
            anything,
            PollerSettings((SOURCE,), ZoneInfo("Asia/Baku"), "fixed"),
            leases=Leases(store, "test", clock=server.clock, lease_s=15, shared=False),
            patience=Patience(),
            clock=server.clock,
            committed=lambda: None,
        )
        await poller.open()
        await poller.poll(SOURCE)
        wanted = (await store.sources())["sayt.az"].next_poll_at
        assert wanted is not None
        return wanted

    for _ in range(3):
        assert await poll() == server.now + timedelta(minutes=9)
        server.now += timedelta(minutes=10)
    server.now = server.now.replace(hour=13, minute=55)
    assert await poll() == server.now.replace(hour=15, minute=0)
    await store.close()
