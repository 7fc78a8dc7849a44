"""Deadlines of many calls at once."""

from __future__ import annotations

import asyncio

import pytest

from bot.deadlines import Deadlines


async def within(deadlines: Deadlines, seconds: float) -> str:
    try:
        with deadlines.call():
            await asyncio.sleep(seconds)
    except TimeoutError:
        return "late"
    return "in time"


async def test_who_is_late_is_cut_off_and_nobody_else() -> None:
    deadlines = Deadlines(0.05)
    assert await asyncio.gather(*(within(deadlines, s) for s in (0, 5, 0.01, 5, 0))) == [
        "in time",
        "late",
        "in time",
        "late",
        "in time",
    ]
    first = asyncio.create_task(within(deadlines, 5))
    await asyncio.sleep(0.02)
    second = asyncio.create_task(within(deadlines, 5))
    assert [await first, await second] == ["late", "late"]
    assert await within(deadlines, 0) == "in time"


async def test_a_cancellation_from_outside_stays_one() -> None:
    task = asyncio.create_task(within(Deadlines(5), 9))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_cancellation_from_outside_wins_over_lateness() -> None:
    call = Deadlines(5).call()

    async def work() -> None:
        with call:
            await asyncio.sleep(9)

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    call.cut()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_outer_timeout_that_is_shorter_holds() -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(within(Deadlines(5), 9), 0.01)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_an_error_of_the_call_goes_through() -> None:
    with pytest.raises(KeyError), Deadlines(5).call():
        raise KeyError
