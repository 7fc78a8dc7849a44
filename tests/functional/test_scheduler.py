from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.patience import Patience
from bot.scheduler import Scheduler

if TYPE_CHECKING:
    import pytest


async def test_a_tick_that_a_stop_cuts_off_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def wait_for_a_store_that_is_away() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    scheduler = Scheduler(Patience())
    scheduler.every(60, "digests", wait_for_a_store_that_is_away)
    scheduler.start()
    await asyncio.wait_for(begun.wait(), 5)
    scheduler.stop()
    await asyncio.wait_for(ended.wait(), 5)
    await asyncio.sleep(0)

    assert [record for record in caplog.records if record.exc_info] == []
