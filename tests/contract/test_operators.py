"""What operators are told of their sources: once, whatever restarts and however many runs."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

import pytest

from bot.config import SourceSettings
from bot.errors import FetchError
from bot.leases import Leases
from bot.operators import Operators
from bot.patience import Patience
from bot.poller import Poller, PollerSettings
from bot.sources.response import Response
from bot.sources.robots import Robots
from bot.sources.sandbox import Sandbox
from bot.store.records import dump_source, load_source
from tests.contract.stage import NOW, SOURCE

if TYPE_CHECKING:
    from bot.leases import PoliteFetcher
    from bot.models import SourceState
    from bot.store.protocol import Store

ADMINS = (7, 8)
FEED = b"""<rss version="2.0"><channel><title>Sayt</title>
<item><title>Salam</title><link>https://sayt.az/a</link></item></channel></rss>"""


class Run:
    """Runs of the bot after one another, on one store, beside one server and one clock."""

    def __init__(self, store: Store, admins: tuple[int, ...] = ADMINS) -> None:
        self.store = store
        self.admins = admins
        self.now = NOW
        self.status = 200
        self.path = "/feed"

    def clock(self) -> datetime:
        return self.now

    async def fetch(self, url: str, **_: object) -> Response:
        if self.status != 200 or not url.endswith("/feed"):
            raise FetchError(f"{url}: status {self.status}", status=self.status)
        return Response(200, url, body=FEED, content_type="application/rss+xml")

    async def poll(self, *, hours: float = 0.0, owner: str = "one") -> None:
        """Let hours pass, then start anew and poll what is due."""
        self.now += timedelta(hours=hours)
        source = SourceSettings.model_validate(
            {"name": "sayt.az", "url": f"https://sayt.az{self.path}", "every": "2m", "kind": "feed"}
        )
        fetcher = cast("PoliteFetcher", self)
        poller = Poller(
            self.store,
            fetcher,
            Sandbox(inline=True),
            Robots(fetcher, self.clock),
            PollerSettings((source,), ZoneInfo("Asia/Baku"), "fixed"),
            leases=Leases(self.store, owner, clock=self.clock, lease_s=15, shared=True),
            patience=Patience(),
            clock=self.clock,
            committed=lambda: None,
            operators=Operators(
                self.store,
                self.admins,
                ZoneInfo("Asia/Baku"),
                clock=self.clock,
                queued=lambda: None,
            ),
        )
        await poller.open()
        for due in poller.take_due():
            await poller.poll(due)

    async def told(self, admin: int = ADMINS[0]) -> list[str]:
        waiting = await self.store.waiting(admin, 100)
        assert {one.kind for one in waiting} <= {"notice"}
        return [json.loads(one.message.payload)["text"] for one in waiting]


@pytest.fixture
def run(store: Store) -> Run:
    return Run(store)


async def test_a_day_of_failures_is_told_once_and_the_end_of_it_once(run: Run) -> None:
    await run.poll()
    run.status = 500
    await run.poll(hours=1)
    await run.poll(hours=23.9)
    assert await run.told() == []
    await run.poll(hours=0.5)
    await run.poll(hours=1, owner="two")
    await run.poll(hours=30)
    told = await run.told()
    assert len(told) == 1
    assert "sayt.az" in told[0]
    assert "23.11.2026, saat 17:00-dən" in told[0]
    assert "status 500" in told[0]
    assert len(await run.told(ADMINS[1])) == 1
    run.status = 200
    await run.poll(hours=1)
    await run.poll(hours=1, owner="two")
    assert len(await run.told()) == 2
    run.status = 500
    await run.poll(hours=1)
    await run.poll(hours=25)
    assert len(await run.told()) == 3


async def test_a_failure_of_some_hours_is_told_nobody(run: Run) -> None:
    await run.poll()
    run.status = 503
    await run.poll(hours=1)
    await run.poll(hours=20)
    run.status = 200
    await run.poll(hours=1)
    assert await run.told() == []


async def test_a_source_that_is_gone_is_told_at_once_and_again_when_its_new_line_answers(
    run: Run,
) -> None:
    await run.poll()
    run.status = 410
    await run.poll(hours=1)
    await run.poll(hours=30, owner="two")
    told = await run.told()
    assert len(told) == 1
    assert "410" in told[0]
    assert "https://sayt.az/feed" in told[0]
    run.status, run.path = 200, "/yeni/feed"
    await run.poll(hours=1)
    await run.poll(hours=1)
    assert len(await run.told()) == 2


async def test_without_operators_nothing_is_marked_as_told(run: Run) -> None:
    run.admins = ()
    run.status = 500
    await run.poll()
    await run.poll(hours=25)
    assert (await run.store.sources())["sayt.az"].told_at is None
    run.admins = ADMINS
    await run.poll(hours=1)
    assert len(await run.told()) == 1


def test_a_state_of_an_older_version_was_told_nobody() -> None:
    state: SourceState = load_source(dump_source(SOURCE))
    assert state == SOURCE
    older = json.loads(dump_source(SOURCE))
    del older["told_at"]
    assert load_source(json.dumps(older)).told_at is None
