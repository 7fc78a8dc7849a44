"""The application: build the parts, run them in one TaskGroup, stop them in a fixed order.

Starting: store, index, sources; then the Telegram side (``bot.desk``), which may have to wait
for Telegram while sources are polled all the same. Stopping: updates and sends are drained,
then ticks and background tasks end, then connections, workers, index and store close.
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
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog

from bot.archive import Archive
from bot.errors import IndexBusyError, XeberciError
from bot.pages import Pages, PageSource
from bot.poller import Poller, PollerSettings
from bot.scheduler import Scheduler
from bot.search.index import SearchIndex
from bot.sources.fetcher import Fetcher
from bot.sources.robots import Robots
from bot.sources.sandbox import Sandbox
from bot.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from bot.config import Settings, SourceSettings
    from bot.desk import Desk, Register
    from bot.store.protocol import Store

    Clock = Callable[[], datetime]

SOURCES_TICK_S = 0.25  # sources may ask for two seconds: a quarter late is as good as exact
HELD_TICK_S = 2.0
DIGESTS_TICK_S = 5.0
PROJECTION_TICK_S = 2.0
HOUSEKEEPING_TICK_S = 3600.0
POLLS_AT_ONCE = 16
INDEX_WAIT_S = 60.0
INDEX_AGAIN_S = 0.1
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


def _now() -> datetime:
    return datetime.now(UTC)


class App:
    """The whole bot. ``clock`` is for tests; ``ready`` is set once it listens."""

    def __init__(self, settings: Settings, register: Register, *, clock: Clock = _now) -> None:
        self.settings = settings
        self.ready = asyncio.Event()
        self._register = register
        self._clock = clock
        self._owner = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        self._background: set[asyncio.Task[None]] = set()
        self._desk: Desk | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Run until ``stop`` is set, then stop in order.

        What ends a background task ends the run with it, as an exception group.
        """
        if not self.settings.sources:
            log.warning(NO_SOURCES)
        async with AsyncExitStack() as stack:
            self.store = await self._open_store(stack)
            await self._open_index(stack)
            self._open_parts(stack)
            await self.poller.open()
            async with asyncio.TaskGroup() as group:
                self._group = group
                try:
                    self._start_polling()
                    await self._serve(stack, stop)
                finally:
                    self.scheduler.stop()
                    for task in self._background:
                        task.cancel()
        log.info("stopped")

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = self._group.create_task(work, name=name)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    # -- building -----------------------------------------------------------------------

    async def _open_store(self, stack: AsyncExitStack) -> Store:
        settings = self.settings
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        store = open_store(settings.store.url, settings.data_dir)
        stack.push_async_callback(store.close)
        await store.open(exclusive=True)
        return store

    async def _open_index(self, stack: AsyncExitStack) -> None:
        """Open the index, after a search that just brings it up to the log."""
        index = SearchIndex(self.settings.data_dir / "search")
        for _ in range(int(INDEX_WAIT_S / INDEX_AGAIN_S)):
            with contextlib.suppress(IndexBusyError):
                index.open()
                break
            await asyncio.sleep(INDEX_AGAIN_S)
        else:
            index.open()
        stack.callback(index.close)
        self.archive = Archive(self.store, index, self._clock)

    def _open_parts(self, stack: AsyncExitStack) -> None:
        settings, store, clock = self.settings, self.store, self._clock
        fetch = settings.fetch
        fetcher = Fetcher(allow_private=fetch.allow_private, max_bytes=fetch.max_bytes)
        stack.push_async_callback(fetcher.close)
        sandbox = Sandbox()
        stack.push_async_callback(sandbox.close)
        self.poller = Poller(
            store,
            fetcher,
            sandbox,
            PollerSettings(tuple(settings.sources), settings.zone, fetch.pace),
            clock=clock,
            committed=self._committed,
        )
        self.pages = Pages(
            store,
            fetcher,
            sandbox,
            Robots(fetcher, clock),
            zone=settings.zone,
            sources={s.name: PageSource(s.profile or None, s.max_age) for s in settings.sources},
            clock=clock,
            improved=self._committed,
        )
        self._projecting = asyncio.Event()
        self.scheduler = Scheduler()

    def _committed(self) -> None:
        """Tell everyone downstream that the log has grown."""
        self._projecting.set()
        self.pages.wake()
        if self._desk is not None:
            self._desk.publisher.wake()

    # -- sources ------------------------------------------------------------------------

    def _start_polling(self) -> None:
        slots = asyncio.Semaphore(POLLS_AT_ONCE)

        async def poll(source: SourceSettings) -> None:
            async with slots:
                await self.poller.poll(source)

        async def poll_due() -> None:
            for source in self.poller.take_due():
                self._start(poll(source), f"poll {source.name}")

        self.scheduler.every(SOURCES_TICK_S, "sources", poll_due)
        self.scheduler.every(
            HOUSEKEEPING_TICK_S, "housekeeping", lambda: self.store.housekeeping(self._clock())
        )
        self.scheduler.start()
        self._start(self.pages.run(), "pages")
        self._start(self._project(), "search index")

    async def _project(self) -> None:
        """Keep the index up to the log, also for what other processes put there."""
        while True:
            self._projecting.clear()
            await self.archive.catch_up()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._projecting.wait(), PROJECTION_TICK_S)

    # -- Telegram -----------------------------------------------------------------------

    async def _serve(self, stack: AsyncExitStack, stop: asyncio.Event) -> None:
        """Publish, send and answer until ``stop``."""
        module = await asyncio.to_thread(importlib.import_module, "bot.desk")
        desk: Desk = module.Desk(
            self.settings, self.store, self.archive, owner=self._owner, clock=self._clock
        )
        stack.push_async_callback(desk.close)
        identity = await _unless(stop, desk.identity())
        if identity is None:
            return
        await desk.open(identity, self._register)
        self._desk = desk
        self._start(desk.publisher.run(), "publisher")
        self._start(desk.sender.run(), "sender")
        self._start(desk.intake.run(), "intake")
        self.scheduler.every(HELD_TICK_S, "held", desk.publisher.release_held)
        self.scheduler.every(DIGESTS_TICK_S, "digests", desk.publisher.send_digests)
        settings = self.settings
        log.info(
            f"@{identity['username']} is at work",
            sources=len(settings.sources),
            channels=len(settings.channels),
        )
        self.ready.set()
        await stop.wait()
        log.info("stopping")
        await desk.drain()


async def _unless(
    stop: asyncio.Event, work: Coroutine[Any, Any, dict[str, Any]]
) -> dict[str, Any] | None:
    """Give what the work gives, or None if ``stop`` comes first."""
    working = asyncio.ensure_future(work)
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        working.cancel()
        stopping.cancel()
