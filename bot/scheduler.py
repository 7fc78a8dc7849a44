"""A few ticks of the clock: who is due is a question to the store, never a job of its own."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.patience import Patience

log = structlog.get_logger("xeberci.scheduler")


class Scheduler:
    """Runs named actions every so often; one that fails is logged and runs again next time.

    An action never runs twice at once, and one that comes late runs all the same:
    APScheduler's default drops what is more than a second late.
    """

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    def every(self, seconds: float, name: str, action: Callable[[], Awaitable[object]]) -> None:
        """Run an action every so many seconds (a fraction is fine), first at once."""

        async def tick() -> None:
            try:
                await action()
            except asyncio.CancelledError:
                # By ``stop`` alone; APScheduler would tell of it with a traceback.
                return
            except StoreError as error:
                self._patience.failed(name, error)
            except Exception:
                log.exception("a tick failed; the next one tries again", tick=name)
            else:
                self._patience.done(name)

        self._scheduler.add_job(
            tick,
            IntervalTrigger(seconds=seconds, timezone=UTC),
            id=name,
            next_run_time=datetime.now(UTC),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )

    def start(self) -> None:
        """Begin ticking on the running loop."""
        self._scheduler.start()

    def rearm(self) -> None:
        """Begin all beats anew: APScheduler sleeps until a time of day, and the clock was set."""
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=datetime.now(UTC))

    def stop(self) -> None:
        """Tick no more; a tick that is under way is cancelled."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
