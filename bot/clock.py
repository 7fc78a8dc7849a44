"""The clock of a run: it goes evenly, and is set only once what waits by it was seen to.

Time is counted from the monotonic clock. The wall clock (or that of the store, where several
workers share one) is compared with it: small differences are followed, a step is taken when
``Watch`` has moved along whatever waits for a time of day. Otherwise a clock set back by an hour
would hold each chat, each page and each source for an hour.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bot.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.store.protocol import Store

STEP_S = 2.0  # what a clock may be off without anybody having set it
LOOK_S = 1.0
ASK_S = 30.0  # between two looks at the clock of a shared store
_SLOW_S = 0.5  # an answer that took longer says too little about when it was given
_ASKED_AT_START = 3

log = structlog.get_logger("xeberci.clock")


class Clock:
    """Gives the time of day in UTC."""

    def __init__(
        self,
        *,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.wall = wall
        self.monotonic = monotonic
        self._offset_s = wall() - monotonic()

    def __call__(self) -> datetime:
        """Give the time."""
        return datetime.fromtimestamp(self._offset_s + self.monotonic(), UTC)

    def compare(self, true_s: float, at: float) -> float:
        """Note that it was ``true_s`` at a monotonic time; gives the step that is yet to be
        taken, 0 where there is none."""
        off_s = true_s - at - self._offset_s
        if abs(off_s) >= STEP_S:
            return off_s
        self._offset_s += off_s
        return 0.0

    def step(self, by_s: float) -> None:
        """Set the clock."""
        self._offset_s += by_s


class Watch:
    """Keeps a clock right. ``set_back`` tells the store of a step back, ``stepped`` then the
    parts of this run of any step."""

    def __init__(
        self,
        clock: Clock,
        store: Store,
        *,
        take: Callable[[str], Awaitable[bool]],
        set_back: Callable[[datetime, float], Awaitable[None]],
        stepped: Callable[[float], None],
    ) -> None:
        self._clock = clock
        self._store = store
        self._take = take
        self._set_back = set_back
        self._stepped = stepped
        self._ask_at = 0.0
        self._gap_s = clock.wall() - clock.monotonic()

    async def start(self) -> None:
        """Take the time of a shared store, before anything is done by it."""
        for _ in range(_ASKED_AT_START):
            true = await self._asked()
            if true is not None:
                self._clock.step(self._clock.compare(*true))
                return

    async def run(self) -> None:
        """Look once a second until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await self.look()
            except StoreError as error:
                log.debug("the clock could not be compared", error=str(error))

    async def look(self) -> None:
        """Compare the clock once, and set it where it is off by a step."""
        clock = self._clock
        gap_s = clock.wall() - clock.monotonic()
        jumped = abs(gap_s - self._gap_s) >= STEP_S
        if jumped:
            # This machine slept, or its clock was set: also its idea of elapsed time may be off.
            self._ask_at = 0.0
        true = await self._asked()
        by_s = clock.compare(*true) if true is not None else 0.0
        if by_s:
            await self._set(by_s)
        elif jumped:
            self._stepped(0.0)
        self._gap_s = gap_s

    async def _set(self, by_s: float) -> None:
        # Set forward, what waits is due at once: early by what it had left. Set back, it would
        # wait for that much longer. Of several workers that see it one tells the store.
        if by_s < 0 and await self._take("tick:clock"):
            await self._set_back(self._clock() + timedelta(seconds=by_s), -by_s)
        self._clock.step(by_s)
        log.warning("the clock was set", by_s=round(by_s, 1))
        self._stepped(by_s)

    async def _asked(self) -> tuple[float, float] | None:
        """Give the true time and when it was so; None where it is not known now."""
        clock = self._clock
        before = clock.monotonic()
        if before < self._ask_at:
            return None
        told = await self._store.time()
        after = clock.monotonic()
        if told is None:
            return clock.wall(), clock.monotonic()
        if after - before > _SLOW_S:
            return None
        self._ask_at = after + ASK_S
        return told.timestamp(), (before + after) / 2


def last_answer(polled: list[datetime | None]) -> datetime | None:
    """Give the newest of these times; what lies ahead of the clock tells that it was set back."""
    return max((at for at in polled if at is not None), default=None)


def behind_s(last: datetime | None, now: datetime) -> float:
    """Give by how much the clock was set back since something was noted; 0: it was not."""
    if last is None or last - now < timedelta(seconds=STEP_S):
        return 0.0
    return (last - now).total_seconds()


def elapsed() -> datetime:
    """Give a time that nobody sets: for what only has to wait."""
    return datetime.fromtimestamp(time.monotonic(), UTC)
