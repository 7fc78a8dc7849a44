"""The application: build the parts, run them in one TaskGroup, stop them in a fixed order.

Starting: store, clock, index, sources; then the Telegram side (``bot.desk``), which may have to
wait for Telegram while sources are polled all the same. Stopping: updates and sends are drained,
then ticks and background tasks end and leave what they had to other runs on the same store, then
connections, workers, index and store close.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import secrets
import signal
import socket
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog

from bot.archive import Archive
from bot.clock import Clock, Watch, behind_s, elapsed, last_answer
from bot.errors import StoreAwayError, StoreError, XeberciError
from bot.leases import Leases, PoliteFetcher
from bot.operators import Operators
from bot.pages import Pages, PageSource
from bot.patience import Patience, unless
from bot.poller import Poller, PollerSettings, moved
from bot.readiness import Readiness
from bot.scheduler import Scheduler
from bot.search.folders import open_index
from bot.sources.fetcher import Fetcher
from bot.sources.robots import Robots
from bot.sources.sandbox import Sandbox
from bot.store import open_store
from bot.store.addresses import is_redis

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from datetime import datetime

    from bot.config import Settings, SourceSettings
    from bot.desk import Desk, Register
    from bot.store.protocol import Store
    from bot.web import WebPort

SOURCES_TICK_S = 0.25  # sources may ask for two seconds: a quarter late is as good as exact
HELD_TICK_S = 2.0
DIGESTS_TICK_S = 5.0
PROJECTION_TICK_S = 2.0
HOUSEKEEPING_TICK_S = 3600.0
POLLS_AT_ONCE = 16
INDEX_WAIT_S = 60.0
STORE_AGAIN_S = 2.0
SHORT_WAIT = timedelta(minutes=1)  # what a clock that was set back need not shorten
NO_SOURCES = "no sources: nothing will be polled; add [[sources]] to the configuration"

log = structlog.get_logger("xeberci")


def run(settings: Settings, register: Register) -> int:
    """Run the bot until SIGINT or SIGTERM; gives the exit status."""
    return asyncio.run(_run(settings, register))


async def _run(settings: Settings, register: Register) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    app = App(settings, register)
    try:
        await app.run(stop)
    except ExceptionGroup as group:
        # What a person can mend is told in a line; anything else keeps its traceback.
        if mendable := group.subgroup(XeberciError):
            raise _leaf(mendable) from None
        raise
    return 0


def _leaf(group: ExceptionGroup[Exception]) -> Exception:
    first = group.exceptions[0]
    return _leaf(first) if isinstance(first, ExceptionGroup) else first


class App:
    """The whole bot. ``clock`` is for tests; ``ready`` is set once it listens."""

    def __init__(
        self,
        settings: Settings,
        register: Register,
        *,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self.settings = settings
        self.ready = asyncio.Event()
        self._register = register
        self._true_clock = Clock()
        self._clock = clock or self._true_clock
        self._owner = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        self._patience = Patience()
        self._background: set[asyncio.Task[None]] = set()
        self._desk: Desk | None = None
        self._web: WebPort | None = None
        self._readiness = Readiness([source.name for source in settings.sources])

    async def run(self, stop: asyncio.Event) -> None:
        """Run until ``stop`` is set, then stop in order.

        What ends a background task ends the run with it, as an exception group.
        """
        if not self.settings.sources:
            log.warning(NO_SOURCES)
        async with AsyncExitStack() as stack:
            if not await unless(stop, self._open(stack)):
                return
            async with asyncio.TaskGroup() as group:
                self._group = group
                try:
                    self._start_working()
                    await self._serve(stack, stop)
                finally:
                    self.scheduler.stop()
                    for task in self._background:
                        task.cancel()
        log.info("stopped")

    async def _open(self, stack: AsyncExitStack) -> bool:
        """Open all parts but the Telegram side; whatever is away is waited for."""
        # A store that several share may be away for long: probes should be answered
        # meanwhile. Where it is a file, a second run should be told that, not of its port.
        shared = is_redis(self.settings.store.url)
        if shared:
            await self._open_web(stack, shared=True)
        self.store = self._readiness.store = await self._open_store(stack)
        if not shared:
            await self._open_web(stack, shared=False)
        await self._open_clock(stack)
        await self._open_index(stack)
        self._open_parts(stack)
        self._readiness.polled = self.poller.first_poll
        await self._patience.insist("sources", self.poller.open)
        return True

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = self._group.create_task(work, name=name)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    # -- building -----------------------------------------------------------------------

    async def _open_store(self, stack: AsyncExitStack) -> Store:
        """Open the store; one that does not answer is waited for, as Telegram is."""
        settings = self.settings
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        store = open_store(settings.store.url, settings.data_dir)
        stack.push_async_callback(store.close)
        told = False
        while True:
            try:
                await store.open(exclusive=True)
            except StoreAwayError as error:
                if not told:
                    log.warning(f"{error}; trying on")
                    told = True
                await asyncio.sleep(STORE_AGAIN_S)
            else:
                return store

    async def _open_clock(self, stack: AsyncExitStack) -> None:
        """Agree with other runs on the time and on who does what."""
        store = self.store
        self.leases = Leases(
            store,
            self._owner,
            clock=self._clock,
            lease_s=self.settings.delivery.lease,
            shared=store.shared_rate is not None,
        )
        stack.push_async_callback(self.leases.close)
        self._watch = Watch(
            self._true_clock,
            store,
            take=self.leases.take,
            set_back=self._set_back,
            stepped=self._clock_stepped,
        )
        await self._patience.insist("clock", self._watch.start)
        await self._patience.insist("clock", self._catch_up_with_clock)

    async def _catch_up_with_clock(self) -> None:
        """See to what waits where the clock was set back while nothing ran."""
        states = await self.store.sources()
        by_s = behind_s(last_answer([s.polled_at for s in states.values()]), self._clock())
        if by_s and self._clock is self._true_clock:
            log.warning("the clock was set back meanwhile", by_s=round(by_s))
            await self._set_back(self._clock(), by_s)

    async def _open_index(self, stack: AsyncExitStack) -> None:
        """Open the index, after a search that just brings it up to the log."""
        index = await self._patience.insist(
            "search index",
            lambda: open_index(
                self.settings.data_dir,
                self.store,
                several=self.leases.shared,
                wait_s=INDEX_WAIT_S,
            ),
        )
        stack.callback(index.close)
        self.archive = Archive(self.store, index, self._clock)

    def _open_parts(self, stack: AsyncExitStack) -> None:
        settings, store, clock = self.settings, self.store, self._clock
        fetch = settings.fetch
        fetcher = Fetcher(allow_private=fetch.allow_private, max_bytes=fetch.max_bytes, clock=clock)
        stack.push_async_callback(fetcher.close)
        polite = PoliteFetcher(fetcher, self.leases)
        sandbox = Sandbox()
        stack.push_async_callback(sandbox.close)
        robots = Robots(polite, elapsed)
        self.poller = Poller(
            store,
            polite,
            sandbox,
            robots,
            PollerSettings(tuple(settings.sources), settings.zone, fetch.pace),
            leases=self.leases,
            patience=self._patience,
            clock=clock,
            committed=self._committed,
            operators=Operators(
                store, settings.admins, settings.zone, clock=clock, queued=self._queued
            ),
        )
        self.pages = Pages(
            store,
            polite,
            sandbox,
            robots,
            zone=settings.zone,
            sources={
                s.name: PageSource(s.profile or None, s.max_age, s.language)
                for s in settings.sources
            },
            leases=self.leases,
            patience=self._patience,
            clock=clock,
            improved=self._committed,
        )
        self._projecting = asyncio.Event()
        self.scheduler = Scheduler(self._patience)

    async def _open_web(self, stack: AsyncExitStack, *, shared: bool) -> None:
        """Listen early: until the Telegram side is there, updates are sent back to come again."""
        settings = self.settings
        if (place := settings.web.place) is None:
            return
        module = await asyncio.to_thread(importlib.import_module, "bot.web")
        telegram = settings.telegram
        hook = telegram.webhook_url if telegram.mode == "webhook" else ""
        self._web = port = module.WebPort(settings.web.listen, self._readiness, hook=hook)
        stack.push_async_callback(port.close)
        await port.open(place, shared=shared)

    def _committed(self) -> None:
        """Tell everyone downstream that the log has grown."""
        self._projecting.set()
        self.pages.wake()
        if self._desk is not None:
            self._desk.publisher.wake()

    def _queued(self) -> None:
        if self._desk is not None:
            self._desk.sender.wake()

    # -- the clock ----------------------------------------------------------------------

    async def _set_back(self, now: datetime, by_s: float) -> None:
        """Tell the store that the clock was set back: what waits by it comes earlier."""
        if self.leases.shared:  # by now others may have taken leases by the clock as it is
            now += SHORT_WAIT
        await self.store.set_back(now, by_s)
        by = timedelta(seconds=-by_s)
        for state in (await self.store.sources()).values():
            await self.store.save_source(moved(state, by))

    def _clock_stepped(self, by_s: float) -> None:
        """Look anew at what was found to wait for a time of day."""
        self.poller.stepped(by_s)
        self.leases.doubt()
        self.pages.wake()
        self.scheduler.rearm()
        if self._desk is not None:
            self._desk.publisher.wake()
            self._desk.sender.wake()

    # -- sources ------------------------------------------------------------------------

    def _start_working(self) -> None:
        slots = asyncio.Semaphore(POLLS_AT_ONCE)

        async def poll(source: SourceSettings) -> None:
            async with slots:
                await self.poller.poll(source)

        async def poll_due() -> None:
            for source in self.poller.take_due():
                self._start(poll(source), f"poll {source.name}")

        async def keep_house() -> None:
            await self.store.housekeeping(self._clock())

        self.scheduler.every(SOURCES_TICK_S, "sources", poll_due)
        self._every(HOUSEKEEPING_TICK_S, "housekeeping", keep_house)
        self.scheduler.start()
        if self._clock is self._true_clock:
            self._start(self._watch.run(), "clock")
        if self.leases.shared:
            self._start(self._live(), "leases")
        self._start(self.pages.run(), "pages")
        self._start(self._project(), "search index")

    def _every(self, seconds: float, name: str, action: Callable[[], Awaitable[None]]) -> None:
        """Let one of the runs on this store do something every so often."""

        async def ours() -> None:
            if await self.leases.take(f"tick:{name}"):
                await action()

        self.scheduler.every(seconds, name, ours)

    async def _live(self) -> None:
        """Show that this run is alive, and renew what it has."""
        await self._patience.insist("leases", lambda: self.leases.take(f"worker:{self._owner}"))
        await self.leases.run()

    async def _project(self) -> None:
        """Keep the index up to the log, also for what other processes put there."""
        while True:
            self._projecting.clear()
            try:
                await self.archive.catch_up()
            except StoreError as error:
                self._patience.failed("search index", error)
            except Exception:
                log.exception("the search index could not be brought up to the log; trying on")
            else:
                self._patience.done("search index")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._projecting.wait(), PROJECTION_TICK_S)

    # -- Telegram -----------------------------------------------------------------------

    async def _serve(self, stack: AsyncExitStack, stop: asyncio.Event) -> None:
        """Publish, send and answer until ``stop``."""
        module = await asyncio.to_thread(importlib.import_module, "bot.desk")
        desk: Desk = module.Desk(
            self.settings,
            self.store,
            self.archive,
            owner=self._owner,
            clock=self._clock,
            leases=self.leases,
            patience=self._patience,
        )
        stack.push_async_callback(desk.close)
        identity = await unless(stop, desk.identity())
        if identity is None:
            return
        opening = self._patience.insist("chats", lambda: desk.open(identity, self._register))
        await unless(stop, opening)
        if stop.is_set():
            return
        self._desk = desk
        self._start(desk.publisher.run(), "publisher")
        self._start(desk.sender.run(), "sender")
        self._start(desk.intake.run(), "intake")
        self._start(module.settle(), "settling")
        self._readiness.telegram = desk.why_silent
        if self._web is not None:
            self._web.updates = desk.updates
        self._every(HELD_TICK_S, "held", desk.publisher.held.release)
        self._every(DIGESTS_TICK_S, "digests", desk.publisher.send_digests)
        settings = self.settings
        log.info(
            f"@{identity['username']} is at work",
            sources=len(settings.sources),
            channels=len(settings.channels),
        )
        self.ready.set()
        await stop.wait()
        log.info("stopping")
        self._readiness.stopping = True
        if self._web is not None:
            await self._web.stop_listening()
        await desk.drain()
