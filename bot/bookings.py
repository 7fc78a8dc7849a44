"""Places in a rate that several workers share: booked ahead at the store, used in time. No I/O.

A booked place belongs to its worker alone, so nobody else can fill its moment: it is used when it
comes, or a little late, or it is lost. What arrives late crowds the second behind it; whoever
caused that makes room by booking its next places wider apart.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.limits import MOST_LATE_US, SECOND_US, Place, spacing_us

if TYPE_CHECKING:
    from bot.models import Places

# 30 places an interval apart span a second and so much more, which the lateness of calls may
# take away (``_FREE_US``) before room has to be made for it.
_MARGIN_PER_MILLE = 20
_FREE_US = 8_000
_USABLE_US = 20_000  # a place this late is used, a later one is lost
# Booked at once: few enough that another worker's answer to a person does not wait behind them.
_AHEAD_US = 140_000
_CLOCK_STEP_US = 250_000


@dataclass(slots=True)
class Bookings:
    """This worker's places, in microseconds of its own monotonic clock."""

    interval_us: int
    _booked: deque[int] = field(default_factory=deque)
    _used: deque[tuple[int, Place]] = field(default_factory=deque)
    _wider: deque[tuple[int, int]] = field(default_factory=deque)
    _fastest_us: int = SECOND_US
    _offset_us: int | None = None

    @classmethod
    def per_second(cls, rate: float) -> Bookings:
        """Make it for so many calls a second of all workers together."""
        return cls(spacing_us(rate, _MARGIN_PER_MILLE))

    def wanted(self, waiting: int, now_us: int) -> int:
        """Give how many places to book now for so many callers; 0: none yet."""
        self._lose(now_us)
        most = max(1, _AHEAD_US // self.interval_us)
        have = len(self._booked)
        return max(0, min(waiting, most) - have) if have <= most // 3 else 0

    def spacing_us(self, count: int, now_us: int) -> int:
        """Give how far apart to book so many places."""
        wider_us = self._owed_us(now_us)
        if not wider_us:
            return self.interval_us
        self._wider.append((now_us, wider_us))
        return self.interval_us + -(-wider_us // count)

    def booked(self, places: Places, count: int, spacing_us: int, now_us: int) -> None:
        """Note places that the store gave a moment ago."""
        offset = now_us - places.now_us
        if (
            self._offset_us is None
            or not self._offset_us < offset < self._offset_us + _CLOCK_STEP_US
        ):
            self._offset_us = offset
        else:
            # The quickest answer tells the clocks' distance best; they drift, so it fades.
            self._offset_us += (offset - self._offset_us) // 64
        first_us = places.first_us + self._offset_us
        self._booked.extend(first_us + number * spacing_us for number in range(count))

    def wait_us(self, now_us: int) -> int | None:
        """Give how long the next call has to wait for its place; None: none is booked."""
        self._lose(now_us)
        return max(0, self._booked[0] - now_us) if self._booked else None

    def take(self, now_us: int) -> Place:
        """Note a call that goes now, in the place that has come."""
        place = Place(now_us)
        self._used.append((self._booked.popleft(), place))
        return place

    def answered(self, place: Place, now_us: int) -> None:
        """Note that a call was answered, or given up."""
        place.took_us = now_us - place.at_us
        self._fastest_us = min(place.took_us, self._fastest_us + self._fastest_us // 256 + 1)

    def forget(self) -> None:
        """Give up what is booked."""
        self._booked.clear()

    def _lose(self, now_us: int) -> None:
        while self._booked and self._booked[0] < now_us - _USABLE_US:
            self._booked.popleft()

    def _owed_us(self, now_us: int) -> int:
        """Give how much room the late calls of the last second still need."""
        horizon = now_us - SECOND_US
        while self._used and self._used[0][1].at_us < horizon:
            self._used.popleft()
        while self._wider and self._wider[0][0] < horizon:
            self._wider.popleft()
        owed_us = 0
        for due_us, place in self._used:
            took_us = now_us - place.at_us if place.took_us is None else place.took_us
            late_us = place.at_us - due_us + min(max(0, took_us - self._fastest_us), MOST_LATE_US)
            if late_us > _FREE_US:
                made_us = sum(wider for at, wider in self._wider if at >= place.at_us)
                owed_us = max(owed_us, late_us - _FREE_US - made_us)
        return owed_us
