"""A bot's delivery alone, in a process of its own that a test may kill.

``python -m tests.faults.delivery_worker API_URL TOKEN FOLDER IN_FLIGHT``; SIGTERM drains.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from dataclasses import replace
from pathlib import Path

import structlog

from bot.limits import RateGate
from bot.sender import Sender
from bot.store import open_store
from bot.telegram import Telegram
from tests.functional.delivery_stage import FREE, now


async def work(api_url: str, token: str, folder: str, in_flight: int) -> None:
    store = open_store("", Path(folder))
    await store.open(exclusive=True)
    telegram = Telegram(api_url, token)
    settings = replace(FREE, in_flight=in_flight)
    sender = Sender(
        store,
        telegram,
        RateGate(0),
        settings,
        owner="worker",
        clock=now,
        log=structlog.get_logger(),
    )
    running = asyncio.create_task(sender.run())
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    stopping = asyncio.create_task(told.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    await sender.drain(8)
    await running
    await telegram.close()
    await store.close()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
