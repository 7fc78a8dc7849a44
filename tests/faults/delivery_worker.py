"""A bot's delivery alone, for a process of its own that a test may kill; SIGTERM drains."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import replace
from pathlib import Path

import structlog

from bot.gate import RateGate
from bot.sender import Sender
from bot.store import open_store
from bot.telegram import Telegram
from tests.functional.delivery_stage import FREE, now

LEASE_S = 1.0


def deliver(api_url: str, token: str, store_url: str, folder: str, owner: str) -> None:
    """Send what is queued until SIGTERM."""
    asyncio.run(_deliver(api_url, token, store_url, folder, owner))


def at_work(folder: str, owner: str) -> Path:
    """Give the file that says which process of this name is at work, and drains if told to stop."""
    return Path(folder) / f"{owner}.at-work"


async def _deliver(api_url: str, token: str, store_url: str, folder: str, owner: str) -> None:
    store = open_store(store_url, Path(folder))
    await store.open(exclusive=True)
    telegram = Telegram(api_url, token)
    sender = Sender(
        store,
        telegram,
        RateGate(0),
        replace(FREE, lease_s=LEASE_S),
        owner=owner,
        clock=now,
        log=structlog.get_logger(),
    )
    running = asyncio.create_task(sender.run())
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    at_work(folder, owner).write_text(str(os.getpid()), encoding="ascii")
    stopping = asyncio.create_task(told.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    await sender.drain(8)
    await running
    await telegram.close()
    await store.close()
