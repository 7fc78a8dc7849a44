"""The gate that every counted call passes: evenly spaced, people's replies first.

Where several workers share a store they share the rate too: places are then booked there, a few
at a time, and used in time. While that store is away only answers to people pass, and each
worker keeps the rate of its own by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections import deque
from typing import TYPE_CHECKING

from bot.bookings import Bookings
from bot.errors import StoreError
from bot.limits import SECOND_US, FloodWatch, Gcra, Place, Window

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.models import Places
    from bot.store.protocol import SharedRate

_BOOKING_TIMEOUT_S = 0.5
_AGAIN_S = 1.0  # between two tries to book while the store is away
_FREE = Place()  # where there is no limit


class RateGate:
    """Lets calls through. One timer; ``clock`` gives monotonic seconds (the loop's by default)."""

    def __init__(
        self,
        per_second: float,
        *,
        shared: SharedRate | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._limited = per_second > 0
        self._rate = Gcra.per_second(per_second)
        self._window = Window(math.ceil(per_second))
        self._shared = shared
        self._bookings: Bookings | None = None
        if shared is not None and self._limited:
            self._bookings = Bookings.per_second(per_second)
        self._booking: asyncio.Task[None] | None = None
        self._away_until: float | None = None  # the store is away: when to ask it again
        self._clock = clock
        self._urgent: deque[asyncio.Future[Place | None]] = deque()
        self._bulk: deque[asyncio.Future[Place | None]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False
        self.floods = FloodWatch()

    def now(self) -> float:
        """Give the gate's own time, in seconds."""
        return self._clock() if self._clock is not None else asyncio.get_running_loop().time()

    async def wait(self, *, urgent: bool = False) -> Place | None:
        """Wait for a place; tell ``answered`` when its call is over.

        None, for bulk only: it is held or the gate is closed, try again later.
        """
        if not urgent and (self._closed or self.floods.bulk_until > self.now()):
            return None
        if not self._limited:
            return _FREE
        now_us = self._now_us()
        behind = self._urgent if urgent else self._urgent or self._bulk or self._away
        if not behind and self._wait_us(now_us) == 0:
            return self._take(now_us)
        place: asyncio.Future[Place | None] = asyncio.get_running_loop().create_future()
        (self._urgent if urgent else self._bulk).append(place)
        self._arm(now_us)
        return await place

    def answered(self, place: Place | None) -> None:
        """Note that a call which had a place was answered, or given up."""
        if place is not None and place.at_us:
            (self._window if self._bookings is None else self._bookings).answered(
                place, self._now_us()
            )

    def unused(self, place: Place | None) -> None:
        """Note that no call was made in a place: it tells nothing of how fast calls are."""
        if place is not None:
            place.took_us = 0

    async def flood(self, chat_id: int, wait_s: float, *, group: bool) -> bool:
        """Note a 429; True if it makes bulk wait from now on, in all workers."""
        held = self.floods.note(chat_id, wait_s, self.now(), group=group)
        if held:
            self._turn_away_bulk()
        if self._shared is not None and not group:
            with contextlib.suppress(StoreError, TimeoutError):
                async with asyncio.timeout(_BOOKING_TIMEOUT_S):
                    places = await self._shared.note_flood(chat_id, wait_s, group=group)
                held = self._hold(places) or held
        return held

    def close(self) -> None:
        """Let no bulk through any more; replies still pass."""
        self._closed = True
        self._turn_away_bulk()

    def _now_us(self) -> int:
        return round(self.now() * SECOND_US)

    def _wait_us(self, now_us: int) -> int | None:
        """Give how long the next call has to wait; None: until places are booked."""
        if self._bookings is not None and not self._away:
            return self._bookings.wait_us(now_us)
        return max(self._rate.wait_us(now_us), self._window.wait_us(now_us))

    def _take(self, now_us: int) -> Place:
        if self._bookings is not None and not self._away:
            return self._bookings.take(now_us)
        self._rate.take(now_us)
        return self._window.take(now_us)

    def _turn_away_bulk(self) -> None:
        while self._bulk:
            waiting = self._bulk.popleft()
            if not waiting.done():
                waiting.set_result(None)

    def _arm(self, now_us: int) -> None:
        """Set the timer for the next one; see that places are booked."""
        self._book(now_us)
        wait_us = self._wait_us(now_us)
        if self._away_until is not None and not self._urgent:  # until it is time to ask again
            wait_us = round(self._away_until * SECOND_US) - now_us if not self._booking else None
        if wait_us is None:
            return
        loop = asyncio.get_running_loop()
        at = loop.time() + wait_us / SECOND_US
        if self._timer is not None and self._timer.when() > at:  # it was bulk's: answers go first
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer = loop.call_at(at, self._admit)

    def _admit(self) -> None:
        """Let in who may go now."""
        self._timer = None
        now_us = self._now_us()
        while (served := self._served()) and self._wait_us(now_us) == 0:
            waiting = served.popleft()
            if not waiting.done():  # a caller that gave up takes no place
                waiting.set_result(self._take(now_us))
        if self._urgent or self._bulk:
            self._arm(now_us)

    def _served(self) -> deque[asyncio.Future[Place | None]]:
        """Give those whose turn it is; bulk never passes unbooked where the rate is shared."""
        return self._urgent if self._urgent or self._away else self._bulk

    # -- the rate that workers share ----------------------------------------------------------

    @property
    def _away(self) -> bool:
        return self._away_until is not None

    def _book(self, now_us: int) -> None:
        if self._bookings is None or self._booking is not None:
            return
        if self._away_until is not None and now_us < self._away_until * SECOND_US:
            return
        if count := self._bookings.wanted(len(self._urgent) + len(self._bulk), now_us):
            self._booking = asyncio.get_running_loop().create_task(self._reserve(count))

    async def _reserve(self, count: int) -> None:
        """Book so many places, for whoever comes first when they come."""
        assert self._shared is not None  # noqa: S101 - so says the caller, to the type checker
        assert self._bookings is not None  # noqa: S101
        spacing_us = self._bookings.spacing_us(count, self._now_us())
        try:
            async with asyncio.timeout(_BOOKING_TIMEOUT_S):
                places = await self._shared.reserve(spacing_us, count)
        except (StoreError, TimeoutError):
            self._bookings.forget()
            self._away_until = self.now() + _AGAIN_S
        else:
            self._away_until = None
            self._bookings.booked(places, count, spacing_us, self._now_us())
            self._hold(places)
        finally:
            self._booking = None
        if self._timer is None:
            self._admit()

    def _hold(self, places: Places) -> bool:
        """Hold bulk where the workers together were flooded; True if it was not held yet."""
        wait_s = (places.bulk_until_us - places.now_us) / SECOND_US
        if places.bulk_until_us == 0 or wait_s <= 0:
            return False
        now = self.now()
        held_before = self.floods.bulk_until > now
        self.floods.bulk_until = max(self.floods.bulk_until, now + wait_s)
        self._turn_away_bulk()
        return not held_before
