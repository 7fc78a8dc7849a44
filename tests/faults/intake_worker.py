"""A bot's intake alone, for a process of its own that a test may kill; SIGTERM drains.

Each message has one effect, queued with its update's mark, and one answer.
"""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from bot.gate import RateGate
from bot.intake import Intake
from bot.lanes import Lanes
from bot.leases import Leases
from bot.models import DeliveryKind
from bot.replies import Replies
from bot.store import open_store
from bot.telegram import Telegram
from tests.faults.delivery_worker import LEASE_S
from tests.functional.delivery_stage import draft, now

if TYPE_CHECKING:
    from bot.lanes import Update


def take_in(api_url: str, token: str, store_url: str, folder: str, owner: str) -> None:
    """Handle updates until SIGTERM."""
    asyncio.run(_take_in(api_url, token, store_url, folder, owner))


async def _take_in(api_url: str, token: str, store_url: str, folder: str, owner: str) -> None:
    log = structlog.get_logger()
    store = open_store(store_url, Path(folder))
    await store.open(exclusive=True)
    telegram = Telegram(api_url, token)
    replies = Replies(store, telegram, RateGate(0), clock=now, log=log)

    async def handle(update: Update) -> None:
        message = update["message"]
        chat, text = message["chat"]["id"], message["text"]
        effect = draft(chat, f"effect {text}", DeliveryKind.NOTICE)
        await store.enqueue([effect], now(), update["update_id"])
        await asyncio.sleep(0.005)
        await replies.send(chat, f"answer {text}")

    lanes = Lanes(handle, store, owner=owner, clock=now, log=log, lease_s=LEASE_S)
    leases = Leases(store, owner, clock=now, lease_s=LEASE_S, shared=True)
    leases = Leases(store, owner, clock=now, lease_s=LEASE_S, shared=store.shared_rate is not None)
    intake = Intake(telegram, lanes, leases, allowed_updates=["message"], log=log, lease_s=LEASE_S)
    running = asyncio.create_task(intake.run())
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    stopping = asyncio.create_task(told.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    await intake.drain(8)
    await running
    await telegram.close()
    await store.close()
