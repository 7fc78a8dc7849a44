"""The application: build the parts, run them in one TaskGroup, stop them in a fixed order.

Starting: store, index, sources, identity (getMe), handlers, then everything runs. Sources are
polled from the first moment; what needs the bot's name (posts carry deep links) waits for
getMe. Stopping: updates first, then ticks, then what is being sent (``DRAIN_S``), then
connections, workers and the store.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import socket
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog
from telegram import Update
from telegram.ext import ApplicationBuilder, ExtBot

from bot.archive import Archive
from bot.context import CONTEXT_TYPES, Services, serve
from bot.errors import TelegramError, XeberciError
from bot.intake import Intake
from bot.limits import DeliveryLimits, RateGate
from bot.models import Chat, ChatKind
from bot.pages import Pages, PageSource
from bot.planner import ChannelRule, channel_key
from bot.poller import Poller, PollerSettings
from bot.publisher import Publisher, PublisherSettings
from bot.refusals import Kind
from bot.replies import Replies
from bot.scheduler import Scheduler
from bot.search.analyser import topic_key
from bot.search.index import SearchIndex
from bot.sender import Sender
from bot.sources.fetcher import Fetcher
from bot.sources.robots import Robots
from bot.sources.sandbox import Sandbox
from bot.store import open_store
from bot.subscriptions import Defaults, Subscriptions
from bot.telegram import CallError, Telegram
from bot.texts import load_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from bot.config import Settings, SourceSettings
    from bot.context import XApplication
    from bot.store.protocol import Store

    Register = Callable[[XApplication], None]
    Clock = Callable[[], datetime]

SOURCES_TICK_S = 0.25  # sources may ask for two seconds: a quarter late is as good as exact
HELD_TICK_S = 2.0
DIGESTS_TICK_S = 5.0
PROJECTION_TICK_S = 2.0
HOUSEKEEPING_TICK_S = 3600.0
POLLS_AT_ONCE = 16
DRAIN_S = 6.0
IDENTITY_AGAIN_S = 5.0
ALLOWED_UPDATES = ("message", "callback_query", "inline_query", "my_chat_member")
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
        self.publisher: Publisher | None = None
        self.sender: Sender | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Run until ``stop`` is set, then stop in order.

        What ends a background task ends the run with it, as an exception group.
        """
        if not self.settings.sources:
            log.warning(NO_SOURCES)
        async with AsyncExitStack() as stack:
            self.store = await self._open_store(stack)
            self._open_parts(stack)
            await self.poller.open()
            async with asyncio.TaskGroup() as group:
                self._group = group
                try:
                    self._start_polling()
                    identity = await _unless(stop, self._identity())
                    if identity is not None:
                        await self._serve(stack, identity, stop)
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

    def _open_parts(self, stack: AsyncExitStack) -> None:
        settings, store, clock = self.settings, self.store, self._clock
        index = SearchIndex(settings.data_dir / "search")
        index.open()
        stack.callback(index.close)
        self.archive = Archive(store, index, clock)
        fetch = settings.fetch
        fetcher = Fetcher(allow_private=fetch.allow_private, max_bytes=fetch.max_bytes)
        stack.push_async_callback(fetcher.close)
        sandbox = Sandbox()
        stack.push_async_callback(sandbox.close)
        self.telegram = Telegram(settings.telegram.api_url, settings.token)
        stack.push_async_callback(self.telegram.close)
        self.gate = RateGate(settings.delivery.messages_per_second)
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
        if self.publisher is not None:
            self.publisher.wake()

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

    async def _identity(self) -> dict[str, Any]:
        """Give what getMe says; only a wrong token at the start ends the program."""
        told = False
        while True:
            try:
                identity: dict[str, Any] = await self.telegram.call("getMe", {})
            except CallError as error:
                if error.outcome.kind is Kind.REVOKED or error.outcome.status == 404:  # noqa: PLR2004
                    raise TelegramError(
                        "Telegram does not know this token: copy it again from @BotFather "
                        "(/mybots, API Token) into BOT_TOKEN"
                    ) from None
                if not told:
                    log.warning(f"Telegram does not answer, trying on: {error}")
                    told = True
                await asyncio.sleep(error.outcome.retry_after_s or IDENTITY_AGAIN_S)
            else:
                return identity

    async def _serve(
        self, stack: AsyncExitStack, identity: dict[str, Any], stop: asyncio.Event
    ) -> None:
        """Publish, send and answer until ``stop``."""
        settings, store, clock = self.settings, self.store, self._clock
        texts = load_texts()
        username = str(identity["username"])
        replies = Replies(
            store,
            self.telegram,
            self.gate,
            clock=clock,
            log=structlog.get_logger("xeberci.replies"),
            wake=self._queued,
        )
        services = Services(
            archive=self.archive,
            subscriptions=Subscriptions(store, Defaults(zone=settings.timezone), clock),
            replies=replies,
            texts=texts,
            clock=clock,
            bot_username=username,
            bot_id=int(identity["id"]),
        )
        application = await self._application(stack, services)
        rules = await self._channels()
        self.publisher = publisher = Publisher(
            store,
            texts,
            PublisherSettings(rules, settings.timezone, "az", username, self._owner),
            clock=clock,
            queued=self._queued,
        )
        delivery = settings.delivery
        self.sender = sender = Sender(
            store,
            self.telegram,
            self.gate,
            DeliveryLimits(
                messages_per_second=delivery.messages_per_second,
                chat_interval_s=delivery.chat_interval,
                group_per_minute=delivery.group_per_minute,
                merge_after=delivery.merge_after,
                in_flight=delivery.in_flight,
                lease_s=delivery.lease,
            ),
            owner=self._owner,
            clock=clock,
            merge=publisher.merge,
            log=structlog.get_logger("xeberci.sender"),
        )
        bot = application.bot

        async def handle(update: dict[str, Any]) -> None:
            await application.process_update(Update.de_json(update, bot))

        intake = Intake(
            self.telegram,
            handle,
            allowed_updates=ALLOWED_UPDATES,
            log=structlog.get_logger("xeberci.intake"),
        )
        self._start(publisher.run(), "publisher")
        self._start(sender.run(), "sender")
        self._start(intake.run(), "intake")
        self.scheduler.every(HELD_TICK_S, "held", publisher.release_held)
        self.scheduler.every(DIGESTS_TICK_S, "digests", publisher.send_digests)
        log.info(f"@{username} is at work", sources=len(settings.sources), channels=len(rules))
        self.ready.set()
        await stop.wait()
        log.info("stopping")
        async with asyncio.TaskGroup() as drains:
            drains.create_task(intake.drain(DRAIN_S))
            drains.create_task(sender.drain(DRAIN_S))

    def _queued(self) -> None:
        if self.sender is not None:
            self.sender.wake()

    async def _application(self, stack: AsyncExitStack, services: Services) -> XApplication:
        request = self.telegram.request
        api_url = self.settings.telegram.api_url
        bot: ExtBot[None] = ExtBot(
            self.settings.token,
            base_url=f"{api_url}/bot",
            base_file_url=f"{api_url}/file/bot",
            request=request,
            get_updates_request=request,
        )
        application: XApplication = (
            ApplicationBuilder()
            .bot(bot)
            .context_types(CONTEXT_TYPES)
            .updater(None)
            .job_queue(None)
            .build()
        )
        serve(application, services)
        self._register(application)
        await application.initialize()
        stack.push_async_callback(application.shutdown)
        return application

    async def _channels(self) -> tuple[ChannelRule, ...]:
        """Meet the configured channels: one that refused is tried again after a restart."""
        rules = []
        for channel in self.settings.channels:
            key = channel_key(channel.chat)
            await self.store.meet(
                Chat(key, ChatKind.CHANNEL, str(channel.chat), zone=self.settings.timezone)
            )
            rules.append(
                ChannelRule(
                    key,
                    channel.chat,
                    topics=tuple(filter(None, map(topic_key, channel.topics))),
                    sources=tuple(channel.sources),
                    max_per_hour=channel.max_per_hour,
                    quiet=channel.quiet,
                )
            )
        return tuple(rules)


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
