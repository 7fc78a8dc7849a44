"""The whole program, killed while it works: nothing is lost, and a stop is an orderly one."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from tests.functional.newsroom import TOKEN, stage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot import config
    from bot.demo.botapi import BotApi

CHANNEL_ID = -1001000000001
ARTICLES = 60
IN_FLIGHT = 4


@asynccontextmanager
async def program(options: config.Settings) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run ``xeberci run`` with this configuration; killed at the end if it still runs."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("XEBERCI_")} | {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "BOT_TOKEN": TOKEN,
        "XEBERCI_DATA_DIR": str(options.data_dir),
        "XEBERCI_TELEGRAM__API_URL": options.telegram.api_url,
        "XEBERCI_FETCH": json.dumps({"pace": "fixed", "allow_private": ["127.0.0.1"]}),
        "XEBERCI_SOURCES": json.dumps(
            [{"name": "sayt.az", "url": options.sources[0].url, "every": "200ms"}]
        ),
        "XEBERCI_CHANNELS": json.dumps([{"chat": CHANNEL_ID}]),
        "XEBERCI_DELIVERY": json.dumps(
            {"messages_per_second": 0, "chat_interval": 0, "in_flight": IN_FLIGHT}
        ),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.cli", "run"),
        env=environment,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def with_channel(api: BotApi) -> dict[str, Any]:
    api.channel("Xəbərlər", id=CHANNEL_ID)
    return {}


def titles(api: BotApi, chat_id: int = CHANNEL_ID) -> list[str]:
    return [seen.text.splitlines()[0] for seen in api.timeline(chat_id) if seen.from_bot]


async def posted(api: BotApi, count: int) -> None:
    async with asyncio.timeout(30):
        while len(set(titles(api))) < count:
            await asyncio.sleep(0.01)


async def test_a_broadcast_survives_two_kills(tmp_path: Path) -> None:
    async with stage(tmp_path, "Köhnə", prepare=with_channel) as (site, api, options):
        async with program(options) as bot:
            await polled(site)
            site.publish(*(f"Xəbər {number:02}" for number in range(ARTICLES)))
            await posted(api, 10)
            bot.send_signal(signal.SIGKILL)
            await bot.wait()
        async with program(options) as bot:
            await posted(api, 30)
            bot.send_signal(signal.SIGKILL)
            await bot.wait()
        async with program(options) as bot:
            await posted(api, ARTICLES)
            bot.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(bot.wait(), 10) == 0
    told = Counter(titles(api))
    assert len(told) == ARTICLES
    assert sum(told.values()) - ARTICLES <= 2 * IN_FLIGHT
    firsts = list(dict.fromkeys(titles(api)))
    assert firsts == sorted(firsts)


async def test_a_subscription_whose_answer_was_cut_off_is_there_and_answered(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path, "Köhnə", prepare=with_channel) as (site, api, options):
        aysel = api.person("Aysel")
        async with program(options) as bot:
            await polled(site)
            api.fail("sendMessage", chat_id=aysel.id, hang=True)
            await aysel.send("/abune DeepSeek")
            async with asyncio.timeout(10):
                while not any(c.method == "sendMessage" for c in api.calls):
                    await asyncio.sleep(0.01)
            bot.send_signal(signal.SIGKILL)
            await bot.wait()
        api.faults.clear()
        async with program(options) as bot:
            answer = await api.wait_for(aysel.id, lambda s: "abunə oldunuz" in s.text, 15)
            assert "DeepSeek" in answer.text
            site.publish("DeepSeek yeni model buraxdı")
            await api.wait_for(aysel.id, lambda s: "Mövzu: DeepSeek" in s.text, 15)
            bot.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(bot.wait(), 10) == 0


async def polled(site: Any) -> None:
    """Wait until the bot has seen the site's first state twice, so what follows is new."""
    async with asyncio.timeout(15):
        while sum(path == "/feed" for path, _ in site.requests) < 2:
            await asyncio.sleep(0.01)
