"""The demo's stage: sample site, stand-in Bot API server and the bot itself, over HTTP.

The bot is the one that ``run`` starts, with a configuration of its own and a data folder that
goes with the demo.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot import config
from bot.app import App
from bot.demo.botapi import BotApi
from bot.demo.site import Site, load_stories

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bot.context import XApplication
    from bot.demo.people import Person
    from bot.demo.places import Room

TOKEN = "123456:demo"  # noqa: S105 - of the stand-in server
CHANNEL = "@xeberci_demo"
POLL_EVERY = "2s"


@dataclass(frozen=True, slots=True)
class Theatre:
    """Everything on stage: the site, the server, the bot, a reader and a channel."""

    site: Site
    api: BotApi
    app: App
    reader: Person
    channel: Room


@asynccontextmanager
async def open_theatre(register: Callable[[XApplication], None]) -> AsyncIterator[Theatre]:
    """Set everything up, run the bot, and take it down again."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="xeberci-demo-"))
        site = Site(load_stories(), zone=ZoneInfo("Asia/Baku"), clock=lambda: datetime.now(UTC))
        await site.start()
        stack.push_async_callback(site.stop)
        api = BotApi(token=TOKEN, username="xeberci_bot")
        await api.start()
        stack.push_async_callback(api.stop)
        reader = api.person("Aysel")
        owner = api.person("Redaktor")
        channel = api.channel("Texnologiya xəbərləri", owner=owner, username=CHANNEL[1:])
        app = App(_settings(folder, site.url, api.url), register)
        stop = asyncio.Event()
        running = asyncio.create_task(app.run(stop))
        stack.push_async_callback(_stopped, running, stop)
        ready = asyncio.create_task(app.ready.wait())
        await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            ready.cancel()
            await running
        yield Theatre(site, api, app, reader, channel)


async def _stopped(running: asyncio.Task[None], stop: asyncio.Event) -> None:
    stop.set()
    await running


def _settings(folder: str, site_url: str, api_url: str) -> config.Settings:
    source = {
        "name": "numune.az",
        "url": f"{site_url}/feed",
        "every": POLL_EVERY,
        "backlog": 1,
        "profile": "technote.az",
    }
    return config.load(
        None,
        {
            "BOT_TOKEN": TOKEN,
            "XEBERCI_DATA_DIR": folder,
            "XEBERCI_TELEGRAM__API_URL": api_url,
            "XEBERCI_FETCH": json.dumps({"pace": "fixed", "allow_private": ["127.0.0.1"]}),
            "XEBERCI_SOURCES": json.dumps([source]),
            "XEBERCI_CHANNELS": json.dumps([{"chat": CHANNEL}]),
        },
    )
