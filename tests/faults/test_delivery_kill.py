"""A broadcast whose worker is killed, or told to stop, again and again.

``SOAK=1`` takes the full count; the short run has the same shape.
"""

from __future__ import annotations

import asyncio
import random
import signal
from typing import TYPE_CHECKING

import pytest

from bot.models import Doubt
from tests.faults.broadcast import IN_FLIGHT, Broadcast, broadcast, points
from tests.faults.places import KINDS, SOAK, place

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.conftest import Note

MESSAGES = 150 if SOAK else 15


async def interrupted(cast: Broadcast, times: int, sign: signal.Signals) -> list[int]:
    """End the worker so often, at random points of the broadcast; then let one finish."""
    chance = random.Random(4)
    codes = []
    for point in points(cast, times, chance):
        await cast.start()
        await cast.until_sent(point)
        await asyncio.sleep(chance.random() * 0.01)
        codes.append(await cast.end(sign))
    await cast.start()
    await cast.finish()
    codes.append(await cast.end(signal.SIGTERM))
    return codes


@pytest.mark.parametrize("kind", KINDS)
async def test_a_killed_worker_loses_nothing_and_repeats_at_most_what_was_in_flight(
    tmp_path: Path, kind: str, note: Note
) -> None:
    kills = 100 if SOAK else 3
    async with place(kind, tmp_path) as home, broadcast(home, MESSAGES) as cast:
        await interrupted(cast, kills, signal.SIGKILL)
        note(
            rounds=kills,
            messages=cast.total,
            lost=cast.lost(),
            duplicated=cast.duplicates(),
            at_most=kills * IN_FLIGHT,
            out_of_order=cast.out_of_order(),
        )
        assert cast.lost() == 0
        assert cast.out_of_order() == 0
        assert cast.duplicates() <= kills * IN_FLIGHT


@pytest.mark.parametrize("kind", KINDS)
async def test_a_worker_told_to_stop_loses_nothing_and_repeats_nothing(
    tmp_path: Path, kind: str, note: Note
) -> None:
    stops = 50 if SOAK else 2
    async with place(kind, tmp_path) as home, broadcast(home, MESSAGES) as cast:
        codes = await interrupted(cast, stops, signal.SIGTERM)
        note(
            rounds=stops,
            messages=cast.total,
            lost=cast.lost(),
            duplicated=cast.duplicates(),
            out_of_order=cast.out_of_order(),
        )
        assert set(codes) == {0}
        assert cast.lost() == 0
        assert cast.out_of_order() == 0
        assert cast.duplicates() == 0


@pytest.mark.parametrize("kind", KINDS)
async def test_a_chat_that_wants_nothing_twice_gets_nothing_twice(
    tmp_path: Path, kind: str, note: Note
) -> None:
    kills = 50 if SOAK else 2
    async with (
        place(kind, tmp_path) as home,
        broadcast(home, MESSAGES, doubt=Doubt.SKIP) as cast,
    ):
        await interrupted(cast, kills, signal.SIGKILL)
        note(
            rounds=kills,
            messages=cast.total,
            lost=cast.lost(),
            duplicated=cast.duplicates(),
            at_most=kills * IN_FLIGHT,
            out_of_order=cast.out_of_order(),
        )
        assert cast.duplicates() == 0
        assert cast.out_of_order() == 0
        assert cast.lost() <= kills * IN_FLIGHT


async def test_two_workers_that_are_killed_and_stopped_in_turn_lose_nothing(
    tmp_path: Path, note: Note
) -> None:
    ends = 100 if SOAK else 4
    chance = random.Random(6)
    kills = 0
    async with place("redis", tmp_path) as home, broadcast(home, MESSAGES) as cast:
        await cast.start("one")
        await cast.start("two")
        for number, point in enumerate(points(cast, ends, chance)):
            await cast.until_sent(point)
            name, sign = chance.choice(("one", "two")), signal.SIGTERM
            if number % 2 == 0:
                sign, kills = signal.SIGKILL, kills + 1
            status = await cast.end(sign, name)
            assert status == (0 if sign is signal.SIGTERM else -signal.SIGKILL)
            await cast.start(name)
        await cast.finish()
        for name in cast.workers:
            assert await cast.end(signal.SIGTERM, name) == 0
        note(
            rounds=ends,
            messages=cast.total,
            lost=cast.lost(),
            duplicated=cast.duplicates(),
            at_most=kills * IN_FLIGHT,
            out_of_order=cast.out_of_order(),
        )
        assert cast.lost() == 0
        assert cast.out_of_order() == 0
        assert cast.duplicates() <= kills * IN_FLIGHT
