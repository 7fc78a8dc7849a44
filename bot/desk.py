"""The Telegram side: identity, handlers, publisher, sender and intake, as one part of the app.

A module of its own because python-telegram-bot takes a third of a second to import: the app
imports it in a thread while the sources are already being asked.
"""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any

import structlog
from telegram import Update
from telegram.ext import ApplicationBuilder, ExtBot

from bot.az.lexicon import lexicon
from bot.context import CONTEXT_TYPES, Services, serve
from bot.errors import StoreError, TelegramError
from bot.gate import RateGate
from bot.intake import Intake
from bot.lanes import Lanes
from bot.limits import DeliveryLimits
from bot.models import Chat, ChatKind
from bot.planner import ChannelRule, channel_key
from bot.publisher import Publisher, PublisherSettings
from bot.refusals import Kind
from bot.replies import Replies
from bot.search.analyser import topic_key
from bot.sender import Sender
from bot.subscriptions import Defaults, Subscriptions
from bot.telegram import CallError, Telegram
from bot.texts import DEFAULT, load_texts
from bot.webhook import Webhook, secret_token

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from bot.archive import Archive
    from bot.config import DeliverySettings, Settings
    from bot.context import XApplication
    from bot.leases import Leases
    from bot.patience import Patience
    from bot.store.protocol import Store
    from bot.web import Answer

    Register = Callable[[XApplication], None]

DRAIN_S = 6.0
IDENTITY_AGAIN_S = 5.0
NOT_FOUND = 404
ANSWER_S = 2.0
CONNECTIONS_FOR_ANSWERS = 24  # beside those that bulk may take
ALLOWED_UPDATES = ("message", "callback_query", "inline_query", "my_chat_member")

log = structlog.get_logger("xeberci")


class Desk:
    """Everything that talks to Telegram. ``open`` comes before the other methods."""

    publisher: Publisher
    sender: Sender
    intake: Intake | Webhook

    def __init__(
        self,
        settings: Settings,
        store: Store,
        archive: Archive,
        *,
        owner: str,
        clock: Callable[[], datetime],
        leases: Leases,
        patience: Patience,
    ) -> None:
        self._leases = leases
        self._patience = patience
        self._settings = settings
        self._store = store
        self._archive = archive
        self._owner = owner
        self._clock = clock
        self._telegram = Telegram(
            settings.telegram.api_url,
            settings.token,
            pool=settings.delivery.in_flight + CONNECTIONS_FOR_ANSWERS,
        )
        self._gate = RateGate(settings.delivery.messages_per_second, shared=store.shared_rate)
        self._application: XApplication | None = None

    async def identity(self) -> dict[str, Any]:
        """Give what getMe says; only a wrong token ends the program, the network is waited for."""
        told = False
        while True:
            try:
                identity: dict[str, Any] = await self._telegram.call("getMe", {})
            except CallError as error:
                if error.outcome.kind is Kind.REVOKED or error.outcome.status == NOT_FOUND:
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

    async def open(self, identity: dict[str, Any], register: Register) -> None:
        """Build what needs the bot's name: posts carry deep links to it."""
        settings, store, clock = self._settings, self._store, self._clock
        texts = load_texts()
        username = str(identity["username"])
        replies = Replies(
            store,
            self._telegram,
            self._gate,
            clock=clock,
            log=structlog.get_logger("xeberci.replies"),
            wake=self._queued,
        )
        services = Services(
            archive=self._archive,
            subscriptions=Subscriptions(store, Defaults(zone=settings.timezone), clock),
            replies=replies,
            texts=texts,
            clock=clock,
            bot_username=username,
            bot_id=int(identity["id"]),
            zone=settings.timezone,
        )
        self.publisher = Publisher(
            store,
            texts,
            PublisherSettings(
                await self._channels(),
                settings.timezone,
                DEFAULT,
                username,
                self._owner,
                settings.delivery.lease,
            ),
            clock=clock,
            queued=self._queued,
            patience=self._patience,
            leases=self._leases,
        )
        self.sender = Sender(
            store,
            self._telegram,
            self._gate,
            limits(settings.delivery),
            owner=self._owner,
            clock=clock,
            merge=self.publisher.held.merge,
            log=structlog.get_logger("xeberci.sender"),
        )
        self._application = application = await self._handlers(services, register)

        async def handle(update: dict[str, Any]) -> None:
            await application.process_update(Update.de_json(update, application.bot))
            # PTB keeps a handler's exceptions to itself.
            if update["update_id"] in services.unstored:
                services.unstored.discard(update["update_id"])
                raise StoreError("the effect of an update is not stored yet")

        self.intake = self._intake(handle)

    def _intake(self, handle: Callable[[dict[str, Any]], Awaitable[None]]) -> Intake | Webhook:
        settings, log = self._settings, structlog.get_logger("xeberci.intake")
        lease_s = settings.delivery.lease
        lanes = Lanes(
            handle, self._store, owner=self._owner, clock=self._clock, lease_s=lease_s, log=log
        )
        if settings.telegram.mode == "webhook":
            configured = settings.telegram.webhook_secret.get_secret_value()
            return Webhook(
                self._telegram,
                lanes,
                url=settings.telegram.webhook_url,
                secret=secret_token(configured, settings.token),
                allowed_updates=ALLOWED_UPDATES,
                log=log,
            )
        return Intake(
            self._telegram,
            lanes,
            self._leases,
            allowed_updates=ALLOWED_UPDATES,
            lease_s=lease_s,
            log=log,
        )

    @property
    def updates(self) -> Answer | None:
        """What answers the webhook; None where updates are polled for."""
        return self.intake.answer if isinstance(self.intake, Webhook) else None

    async def why_silent(self) -> str:
        """Give why Telegram does not answer, or an empty text where it does."""
        try:
            await self._telegram.call("getMe", {}, timeout_s=ANSWER_S)
        except CallError as error:
            return f"Telegram does not answer: {error.outcome.reason}"
        return ""

    async def drain(self) -> None:
        """Take in nothing more, finish what is handled and what is being sent."""
        async with asyncio.TaskGroup() as drains:
            drains.create_task(self.intake.drain(DRAIN_S))
            drains.create_task(self.sender.drain(DRAIN_S))

    async def close(self) -> None:
        """Let go of the connections."""
        if self._application is not None:
            await self._application.shutdown()
        await self._telegram.close()

    def _queued(self) -> None:
        self.sender.wake()

    async def _handlers(self, services: Services, register: Register) -> XApplication:
        request = self._telegram.request
        api_url = self._settings.telegram.api_url
        bot: ExtBot[None] = ExtBot(
            self._settings.token,
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
        register(application)
        await application.initialize()
        return application

    async def _channels(self) -> tuple[ChannelRule, ...]:
        """Meet the configured channels: one that refused is tried again after a restart."""
        rules = []
        for channel in self._settings.channels:
            key = channel_key(channel.chat)
            await self._store.meet(
                Chat(key, ChatKind.CHANNEL, str(channel.chat), zone=self._settings.timezone)
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


async def settle() -> None:
    """Do at the start what would hold up the loop later.

    The first topic loads the words, a third of a second; and each full collection walked through
    all that stays for good, 80 ms and more.
    """
    await asyncio.to_thread(lexicon)
    gc.freeze()


def limits(delivery: DeliverySettings) -> DeliveryLimits:
    """Give the section [delivery] of the configuration as the sender wants it."""
    return DeliveryLimits(
        messages_per_second=delivery.messages_per_second,
        chat_interval_s=delivery.chat_interval,
        group_per_minute=delivery.group_per_minute,
        merge_after=delivery.merge_after,
        in_flight=delivery.in_flight,
        lease_s=delivery.lease,
    )
