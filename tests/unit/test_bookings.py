"""Places booked in a rate that several workers share, without an event loop."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.bookings import Bookings
from bot.limits import SECOND_US, Place
from bot.models import Places

AHEAD = 10**12  # the store's clock is another than the workers'
TRIP_US = 1_000


@dataclass(slots=True)
class Rate:
    """The store's side: the next place that is free."""

    next_us: int = 0

    def reserve(self, interval_us: int, count: int, now_us: int) -> Places:
        first_us = max(self.next_us, now_us + AHEAD)
        self.next_us = first_us + interval_us * count
        return Places(now_us + AHEAD, first_us)


@dataclass(slots=True)
class Worker:
    """One of several that always have something to send."""

    rate: Rate
    per_second: float
    bookings: Bookings = field(init=False)

    def __post_init__(self) -> None:
        self.bookings = Bookings.per_second(self.per_second)

    def book(self, now_us: int, waiting: int = 8) -> None:
        wanted = self.bookings.wanted(waiting, now_us)
        if wanted:
            spacing_us = self.bookings.spacing_us(wanted, now_us)
            places = self.rate.reserve(spacing_us, wanted, now_us)
            self.bookings.booked(places, wanted, spacing_us, now_us + TRIP_US)


def arrivals(
    workers: list[Worker], delays_us: list[int], late_us: list[int] | None = None
) -> list[int]:
    """Let the workers send so many calls; give when each arrives where the rate is judged."""
    numbers = count()
    # (when, tie, worker, place to answer or None for a call's turn)
    events: list[tuple[int, int, int, Place | None]] = [
        (0, next(numbers), who, None) for who in range(len(workers))
    ]
    arrived: list[int] = []
    late = iter(late_us or [])
    remaining = iter(delays_us)
    while events:
        now, _, who, place = heapq.heappop(events)
        worker = workers[who]
        if place is not None:
            worker.bookings.answered(place, now)
            continue
        worker.book(now)
        wait_us = worker.bookings.wait_us(now)
        if wait_us is None or wait_us > 0:
            later = TRIP_US if wait_us is None else wait_us + next(late, 0)
            heapq.heappush(events, (now + later, next(numbers), who, None))
            continue
        delay = next(remaining, None)
        if delay is None:
            break
        taken = worker.bookings.take(now)
        arrived.append(now + 2_000 + delay)
        heapq.heappush(events, (now + 4_000 + delay, next(numbers), who, taken))
        heapq.heappush(events, (now, next(numbers), who, None))
    return sorted(arrived)


def most_in_a_second(times: list[int]) -> int:
    return max(sum(1 for t in times if start <= t < start + SECOND_US) for start in times)


@settings(max_examples=40)
@given(
    workers=st.integers(1, 4),
    delays=st.lists(st.integers(0, 45_000), min_size=120, max_size=160),
    late=st.lists(st.integers(0, 15_000), max_size=200),
)
def test_several_workers_never_crowd_a_second_however_the_network_squeezes(
    workers: int, delays: list[int], late: list[int]
) -> None:
    rate = Rate()
    times = arrivals([Worker(rate, 30) for _ in range(workers)], [0, 0, 0, 0, *delays], late)
    assert most_in_a_second(times) <= 30


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_a_quiet_network_gives_the_whole_rate(workers: int) -> None:
    rate = Rate()
    times = arrivals([Worker(rate, 30) for _ in range(workers)], [300] * 600)
    assert (len(times) - 1) * SECOND_US / (times[-1] - times[0]) >= 30 * 0.975


@pytest.mark.parametrize("per_second", [0.25, 0.5, 1, 1.5, 7.5, 1000])
def test_any_rate_is_kept(per_second: float) -> None:
    rate = Rate()
    times = arrivals([Worker(rate, per_second), Worker(rate, per_second)], [0] * 50)
    assert (len(times) - 1) * SECOND_US / (times[-1] - times[0]) <= per_second
    assert times[-1] - times[0] <= 1.05 * 49 * SECOND_US / per_second


def test_a_place_whose_time_went_by_is_lost_and_never_made_up() -> None:
    worker = Worker(Rate(), 30)
    worker.book(0)
    assert worker.bookings.wait_us(SECOND_US) is None
    worker.book(SECOND_US)
    assert worker.bookings.wait_us(SECOND_US + TRIP_US) == 0
    worker.bookings.take(SECOND_US + TRIP_US)
    assert (worker.bookings.wait_us(SECOND_US + TRIP_US) or 0) > 30_000


def test_few_places_are_booked_ahead_and_no_more_than_are_waited_for() -> None:
    bookings = Bookings.per_second(30)
    assert bookings.wanted(100, 0) * bookings.interval_us <= 150_000
    assert bookings.wanted(2, 0) == 2
    assert bookings.wanted(0, 0) == 0
    assert Bookings.per_second(0.1).wanted(100, 0) == 1


def test_a_store_whose_clock_jumps_does_not_stop_the_sending() -> None:
    bookings = Bookings.per_second(30)
    bookings.booked(Places(AHEAD, AHEAD), 1, 34_000, 1_000)
    assert bookings.wait_us(1_000) == 0
    bookings.forget()
    for clock in (AHEAD - 3_600 * SECOND_US, AHEAD + 7_200 * SECOND_US):
        bookings.booked(Places(clock, clock + 5_000), 1, 34_000, 2_000)
        assert bookings.wait_us(2_000) == 5_000
        bookings.forget()
