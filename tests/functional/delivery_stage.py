"""A sender over the embedded store and the stand-in Bot API server, for tests of delivery."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from structlog.testing import CapturingLogger

from bot.demo.botapi import BotApi
from bot.gate import RateGate
from bot.limits import DeliveryLimits
from bot.models import Chat, ChatKind, Claim, DeliveryKind, Draft, Message
from bot.replies import Replies
from bot.sender import Sender
from bot.store import open_store
from bot.telegram import Telegram

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from bot.store.protocol import Store

FREE = DeliveryLimits(
    messages_per_second=0, chat_interval_s=0, group_per_minute=0, merge_after=0, in_flight=4
)


def now() -> datetime:
    return datetime.now(UTC)


def draft(
    chat_id: int, text: str, kind: DeliveryKind = DeliveryKind.ALERT, **more: object
) -> Draft:
    payload = json.dumps({"chat_id": chat_id, "text": text, **more})
    return Draft(chat_id, kind, Message("sendMessage", payload))


@dataclass(slots=True)
class Stage:
    """Everything that a test of delivery touches."""

    server: BotApi
    store: Store
    telegram: Telegram
    gate: RateGate
    sender: Sender
    replies: Replies
    log: CapturingLogger

    async def reader(self, chat_id: int) -> int:
        """Somebody who has started the bot."""
        self.server.person(f"Oxucu {chat_id}", id=chat_id).chat.started = True
        await self.store.meet(Chat(chat_id))
        return chat_id

    async def room(self, chat_id: int, kind: ChatKind = ChatKind.SUPERGROUP) -> int:
        """A group or channel where the bot may write."""
        name = f"Otaq {chat_id}"
        if kind is ChatKind.CHANNEL:
            self.server.channel(name, id=chat_id)
        else:
            self.server.supergroup(name, id=chat_id)
        await self.store.meet(Chat(chat_id, kind))
        return chat_id

    async def queue(self, *drafts: Draft) -> None:
        await self.store.enqueue(drafts, now())
        self.sender.wake()

    def texts(self, chat_id: int) -> list[str]:
        """What the bot wrote in a chat, as it looks now."""
        return [seen.text for seen in self.server.timeline(chat_id) if seen.from_bot]

    def sends(self, chat_id: int | None = None) -> list[Any]:
        """The sends that arrived, refused ones included."""
        return [
            call
            for call in self.server.calls
            if call.method == "sendMessage" and chat_id in {None, call.chat_id}
        ]

    def told(self, level: str, words: str) -> list[str]:
        """The lines of the log at this level with these words."""
        return [
            str(call.args[0])
            for call in self.log.calls
            if call.method_name == level and words in f"{call.args} {call.kwargs}"
        ]

    async def empty(self, timeout_s: float = 8.0) -> None:
        """Wait until the outbox is empty."""
        await until_async(self._is_empty, timeout_s)

    async def _is_empty(self) -> bool:
        return (await self.store.outbox())[0] == 0


async def until(met: Callable[[], object], timeout_s: float = 8.0) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(timeout_s):
        while not met():
            await asyncio.sleep(0.005)


async def until_async(met: Callable[[], Awaitable[bool]], timeout_s: float = 8.0) -> None:
    """Wait until something that has to be asked for holds."""
    async with asyncio.timeout(timeout_s):
        while not await met():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def delivery(
    folder: Path,
    settings: DeliveryLimits = FREE,
    *,
    merge: Callable[[Claim], Awaitable[bool]] | None = None,
    start: bool = True,
    **server_options: Any,
) -> AsyncIterator[Stage]:
    """Give a stage whose sender runs (``start``: from the beginning)."""
    server = BotApi(**server_options)
    await server.start()
    store = open_store("", folder)
    await store.open(exclusive=True)
    telegram = Telegram(server.url, server.token)
    gate = RateGate(settings.messages_per_second)
    log = CapturingLogger()
    sender = Sender(store, telegram, gate, settings, owner="test", clock=now, log=log, merge=merge)
    replies = Replies(store, telegram, gate, clock=now, log=log, wake=sender.wake)
    running = asyncio.create_task(sender.run()) if start else None
    try:
        yield Stage(server, store, telegram, gate, sender, replies, log)
    finally:
        if running is not None:
            await sender.drain(2.0)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        await telegram.close()
        await server.stop()
        await store.close()
