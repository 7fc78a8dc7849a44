"""Good manners: a real poller and fetcher at a server that keeps the score, on a fake clock."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web

from bot.config import SourceSettings
from bot.leases import Leases, PoliteFetcher
from bot.patience import Patience
from bot.poller import Poller, PollerSettings
from bot.sources.fetcher import USER_AGENT, Fetcher
from bot.sources.robots import Robots
from bot.sources.sandbox import Sandbox
from bot.store import open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from bot.models import SourceState
    from bot.store.protocol import Store

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
EVERY_S = 120.0
MINUTE = 60.0
HOUR = 3600.0
DAY = 86_400.0
SY = "http://purl.org/rss/1.0/modules/syndication/"


def feed(hints: str = "", *names: str) -> str:
    items = "".join(
        f"<item><title>{name}</title><link>https://sayt.az/{number}</link></item>"
        for number, name in enumerate(names or ("Salam",))
    )
    channel = f"<channel><title>S</title>{hints}{items}</channel>"
    return f'<rss version="2.0" xmlns:sy="{SY}">{channel}</rss>'


class Server:
    """Answers on loopback, and keeps what it was asked for and how many asked at once."""

    def __init__(self) -> None:
        self.url = ""
        self.seen: list[web.Request] = []
        self.paths: dict[str, Callable[[web.Request], web.Response]] = {}
        self.takes_s = 0.0
        self.busy = self.busiest = 0

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request)
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        try:
            await asyncio.sleep(self.takes_s)
            answer = self.paths.get(request.path)
            return answer(request) if answer else web.Response(status=404)
        finally:
            self.busy -= 1

    def says(self, body: str = "", status: int = 200, path: str = "/feed", **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        text = body or (feed() if status == 200 else "")
        self.paths[path] = lambda _: web.Response(
            text=text, status=status, headers={"Content-Type": "application/rss+xml"} | named
        )

    def asked(self, path: str = "/feed") -> list[web.Request]:
        return [request for request in self.seen if request.path == path]

    @property
    def last(self) -> web.Request:
        return self.seen[-1]


class Bench:
    """A poller on a server, its clock in the test's hands."""

    def __init__(self, server: Server, store: Store, stack: AsyncExitStack) -> None:
        self.server = server
        self.store = store
        self.stack = stack
        self.now = NOW
        self.sources: list[dict[str, Any]] = [self.line()]
        self.started = False
        self.poller: Poller

    def line(self, path: str = "/feed", name: str = "sayt.az", **more: Any) -> dict[str, Any]:
        url = self.server.url + path
        return {"name": name, "url": url, "every": f"{EVERY_S:g}s", "kind": "feed"} | more

    def clock(self) -> datetime:
        return self.now

    async def start(self) -> None:
        """Start the bot's half anew, as a restart does."""
        fetcher = Fetcher(
            allow_private=["127.0.0.1"], private_spacing_s=0, clock=self.clock, timeout_s=5
        )
        self.stack.push_async_callback(fetcher.close)
        leases = Leases(self.store, "one", clock=self.clock, lease_s=15, shared=False)
        polite = PoliteFetcher(fetcher, leases)
        sources = tuple(SourceSettings.model_validate(line) for line in self.sources)
        self.poller = Poller(
            self.store,
            polite,
            Sandbox(inline=True),
            Robots(polite, self.clock),
            PollerSettings(sources, ZoneInfo("Asia/Baku"), "fixed"),
            leases=leases,
            patience=Patience(),
            clock=self.clock,
            committed=lambda: None,
        )
        await self.poller.open()
        self.started = True

    async def poll(self) -> float:
        """Go to when something is due and poll it; gives the seconds until it is asked again."""
        if not self.started:
            await self.start()
        at = (await self.state()).next_poll_at
        self.now = max(self.now, at) if at else self.now
        due = self.poller.take_due()
        await asyncio.gather(*(self.poller.poll(source) for source in due))
        at = (await self.state()).next_poll_at
        assert at is not None
        return (at - self.now).total_seconds()

    async def state(self, name: str = "sayt.az") -> SourceState:
        return self.poller._states[name]


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.serve)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    made.says()
    yield made
    await runner.cleanup()


@pytest.fixture
async def bench(server: Server, tmp_path: Path) -> AsyncIterator[Bench]:
    async with AsyncExitStack() as stack:
        store = open_store("", tmp_path)
        await store.open()
        stack.push_async_callback(store.close)
        yield Bench(server, store, stack)


def validators(request: web.Request) -> tuple[str | None, str | None]:
    return request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since")


async def test_validators_are_echoed_byte_for_byte_whatever_happens_between(
    server: Server, bench: Bench
) -> None:
    held = ('W/"a, b;  \\x"', "Mon, 23 Nov 2026 9:00:00 +0400")
    server.says(ETag=held[0], Last_Modified=held[1])
    await bench.poll()
    assert validators(server.last) == (None, None)
    for status in (304, 500, 304):
        server.says(status=status)
        await bench.poll()
        assert validators(server.last) == held
    await bench.start()
    await bench.poll()
    assert validators(server.last) == held


async def test_validators_are_replaced_by_each_200_and_dropped_by_one_without(
    server: Server, bench: Bench
) -> None:
    sent = []
    for headers in ({"ETag": '"1"', "Last_Modified": "x"}, {"ETag": '"2"'}, {}, {"ETag": '"4"'}):
        server.says(**cast("Any", headers))
        await bench.poll()
        sent.append(validators(server.last))
    assert sent == [(None, None), ('"1"', "x"), ('"2"', None), (None, None)]


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({}, EVERY_S),
        ({"Cache_Control": "public, max-age=60"}, EVERY_S),
        ({"Cache_Control": "max-age=7200"}, 2 * HOUR),
        ({"Cache_Control": "max-age=864000"}, DAY),
        ({"Cache_Control": "no-cache, max-age=7200"}, EVERY_S),
        ({"Expires": format_datetime(NOW + timedelta(hours=3), usegmt=True)}, 3 * HOUR),
        ({"Expires": format_datetime(NOW + timedelta(days=30), usegmt=True)}, DAY),
        ({"Expires": "0"}, EVERY_S),
        ({"Expires": "-1"}, EVERY_S),
        (
            {
                "Cache_Control": "max-age=600",
                "Expires": format_datetime(NOW + timedelta(hours=3), usegmt=True),
            },
            600.0,
        ),
        ({"Retry_After": "1800"}, 1800.0),
        ({"Retry_After": "9999999"}, DAY),
    ],
)
async def test_headers_are_obeyed_up_to_a_day(
    server: Server, bench: Bench, headers: dict[str, str], wait_s: float
) -> None:
    server.says(**cast("Any", headers))
    assert await bench.poll() == pytest.approx(wait_s)


@pytest.mark.parametrize(
    ("hints", "wait_s"),
    [
        ("<ttl>10</ttl>", 10 * MINUTE),
        ("<ttl>1</ttl>", EVERY_S),
        ("<ttl>1440</ttl>", 15 * MINUTE),
        ("<ttl>salam</ttl>", EVERY_S),
        ("<sy:updatePeriod>daily</sy:updatePeriod>", 15 * MINUTE),
        (
            "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>1</sy:updateFrequency>",
            EVERY_S,
        ),
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", EVERY_S),
        (
            "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>6</sy:updateFrequency>",
            10 * MINUTE,
        ),
        ("<skipHours><hour>12</hour><hour>13</hour></skipHours>", 2 * HOUR),
        ("<skipDays><day>Tuesday</day></skipDays>", 12 * HOUR),
        ("<ttl>10</ttl><sy:updatePeriod>daily</sy:updatePeriod>", 15 * MINUTE),
    ],
)
async def test_what_a_feed_asks_for_is_obeyed_also_after_a_304(
    server: Server, bench: Bench, hints: str, wait_s: float
) -> None:
    server.says(feed(hints), ETag='"1"')
    assert await bench.poll() == pytest.approx(wait_s)
    if "skip" not in hints:
        server.says(status=304)
        assert await bench.poll() == pytest.approx(wait_s)


async def test_a_304_may_ask_for_more_itself(server: Server, bench: Bench) -> None:
    server.says(ETag='"1"')
    await bench.poll()
    server.says(status=304, Cache_Control="max-age=3600")
    assert await bench.poll() == pytest.approx(HOUR)


@pytest.mark.parametrize("status", [429, 503])
async def test_a_busy_server_is_left_alone_ever_longer_and_as_long_as_it_says(
    server: Server, bench: Bench, status: int
) -> None:
    await bench.poll()
    server.says(status=status)
    waits = [await bench.poll() for _ in range(6)]
    assert waits == sorted(waits)
    assert waits[0] >= 2 * EVERY_S
    assert waits[-1] == pytest.approx(30 * MINUTE)
    server.says(status=status, Retry_After="7200")
    assert await bench.poll() == pytest.approx(2 * HOUR)
    at = format_datetime(bench.now + timedelta(hours=5), usegmt=True)
    server.says(status=status, Retry_After=at)
    assert 2.5 * HOUR < await bench.poll() <= 5 * HOUR
    server.says()
    assert await bench.poll() == pytest.approx(EVERY_S)


async def test_410_stops_a_source_until_its_line_changes(server: Server, bench: Bench) -> None:
    await bench.poll()
    server.says(status=410)
    await bench.poll()
    asked = len(server.seen)
    bench.now += timedelta(days=3)
    assert bench.poller.take_due() == []
    await bench.start()
    assert bench.poller.take_due() == []
    assert len(server.seen) == asked
    server.says(path="/yeni")
    bench.sources = [bench.line("/yeni")]
    await bench.start()
    await bench.poll()
    assert server.last.path == "/yeni"


@pytest.mark.parametrize("status", [301, 308])
async def test_three_permanent_redirects_in_a_row_move_a_source(
    server: Server, bench: Bench, status: int
) -> None:
    server.says(status=status, Location="/yeni")
    server.says(path="/yeni")
    for _ in range(3):
        await bench.poll()
    assert len(server.asked()) == 3
    await bench.start()
    await bench.poll()
    assert len(server.asked()) == 3
    assert len(server.asked("/yeni")) == 4


async def test_a_permanent_redirect_counts_only_in_a_row_and_if_its_target_answers(
    server: Server, bench: Bench
) -> None:
    moved = {"status": 301, "Location": "/yeni"}
    server.says(path="/yeni")
    for step in (moved, moved, {}, moved, moved):
        server.says(**cast("Any", step))
        await bench.poll()
    assert (await bench.state()).found_url is None
    server.says(path="/yeni", status=500)
    await bench.poll()
    assert (await bench.state()).found_url is None


@pytest.mark.parametrize("status", [302, 303, 307])
async def test_a_passing_redirect_is_never_kept(server: Server, bench: Bench, status: int) -> None:
    server.says(status=status, Location="/yeni")
    server.says(path="/yeni")
    for _ in range(5):
        await bench.poll()
    assert len(server.asked()) == 5
    assert (await bench.state()).found_url is None


async def test_no_cookies_no_referrer_and_a_name_with_an_address(
    server: Server, bench: Bench
) -> None:
    server.says(path="/yeni", Set_Cookie="b=2; Path=/")
    server.says(status=302, Location="/yeni", Set_Cookie="a=1; Path=/")
    for _ in range(2):
        await bench.poll()
    assert len(server.seen) == 4
    for request in server.seen:
        assert "Cookie" not in request.headers
        assert "Referer" not in request.headers
        assert request.headers["User-Agent"] == USER_AGENT
        assert {"gzip", "br"} <= set(request.headers["Accept-Encoding"].split(", "))
    assert "Xeberci" in USER_AGENT
    assert "https://" in USER_AGENT


async def test_a_host_and_port_gets_one_request_at_a_time(server: Server, bench: Bench) -> None:
    server.takes_s = 0.02
    bench.sources = [bench.line(name="sayt.az")]
    for number in range(5):
        server.says(path=f"/f{number}")
        bench.sources.append(bench.line(f"/f{number}", name=f"sayt{number}.az"))
    await bench.poll()
    assert len(server.seen) == 6
    assert server.busiest == 1


async def test_overdue_sources_are_spread_and_none_waits_longer_than_its_interval(
    server: Server, bench: Bench
) -> None:
    bench.sources = [bench.line()]
    bench.sources += [bench.line(f"/f{n}", name=f"s{n}.az", every="20s") for n in range(9)]
    for number in range(9):
        server.says(path=f"/f{number}")
    await bench.poll()
    bench.now += timedelta(days=1)
    await bench.start()
    assert len(bench.poller.take_due()) <= 1
    waits = [
        (state.next_poll_at - bench.now).total_seconds()
        for state in bench.poller._states.values()
        if state.next_poll_at
    ]
    assert len({round(wait, 3) for wait in waits}) == 10
    assert max(waits) <= 20


async def test_a_restart_asks_nobody_before_its_time(server: Server, bench: Bench) -> None:
    await bench.poll()
    bench.now += timedelta(seconds=EVERY_S / 2)
    await bench.start()
    assert bench.poller.take_due() == []
    assert len(server.seen) == 1


async def test_robots_are_no_rule_for_the_address_that_a_person_gave_but_for_all_else(
    server: Server, bench: Bench
) -> None:
    server.says("User-agent: *\nDisallow: /", path="/robots.txt")
    await bench.poll()
    assert [request.path for request in server.seen] == ["/feed"]
    bench.sources = [bench.line("/", kind="")]
    head = '<link rel="alternate" type="application/rss+xml" href="/gizli.rss">'
    server.says(f"<!doctype html><html><head><title>S</title>{head}", path="/")
    server.says(path="/gizli.rss")
    await bench.start()
    await bench.poll()
    assert {request.path for request in server.seen} == {"/feed", "/", "/robots.txt"}
