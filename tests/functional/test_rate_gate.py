"""Who passes the gate, and when. Its spacing is proved without a loop in the unit tests."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.errors import StoreError
from bot.gate import RateGate
from bot.limits import SECOND_US
from bot.models import Places

if TYPE_CHECKING:
    import pytest


class Passed:
    """Those who passed, in order; those who were turned away."""

    def __init__(self, gate: RateGate) -> None:
        self.gate = gate
        self.order: list[str] = []
        self.turned_away: list[str] = []

    def start(self, name: str, *, urgent: bool = False) -> asyncio.Task[None]:
        return asyncio.create_task(self._go(name, urgent=urgent))

    async def _go(self, name: str, *, urgent: bool) -> None:
        passed = await self.gate.wait(urgent=urgent)
        self.gate.answered(passed)
        (self.order if passed is not None else self.turned_away).append(name)


async def test_replies_pass_before_bulk_that_came_earlier() -> None:
    passed = Passed(RateGate(100))
    tasks = [passed.start("a"), passed.start("b"), passed.start("c")]
    await asyncio.sleep(0)
    tasks += [passed.start("reply 1", urgent=True), passed.start("reply 2", urgent=True)]
    await asyncio.gather(*tasks)
    assert passed.order == ["a", "reply 1", "reply 2", "b", "c"]


async def test_who_gives_up_takes_no_place() -> None:
    passed = Passed(RateGate(20))
    tasks = [passed.start(name) for name in "abcd"]
    await asyncio.sleep(0)
    tasks[1].cancel()
    tasks[2].cancel()
    started = passed.gate.now()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert passed.order == ["a", "d"]
    assert passed.gate.now() - started < 0.1


async def test_no_limit_is_no_wait() -> None:
    gate = RateGate(0)
    places = [await gate.wait() for _ in range(1000)]
    assert None not in places


async def test_three_floods_turn_waiting_bulk_away_and_let_replies_pass() -> None:
    passed = Passed(RateGate(50))
    tasks = [passed.start("a"), passed.start("b"), passed.start("reply", urgent=True)]
    await asyncio.sleep(0)
    for chat in (1, 2, 3):
        await passed.gate.flood(chat, 5, group=False)
    tasks.append(passed.start("c"))
    await asyncio.gather(*tasks)
    assert passed.order == ["a", "reply"]
    assert passed.turned_away == ["b", "c"]


async def test_a_closed_gate_lets_replies_only_through() -> None:
    passed = Passed(RateGate(50))
    tasks = [passed.start("a"), passed.start("b")]
    await asyncio.sleep(0)
    passed.gate.close()
    tasks.append(passed.start("reply", urgent=True))
    await asyncio.gather(*tasks)
    assert passed.order == ["a", "reply"]
    assert passed.turned_away == ["b"]


class Shared:
    """The rate of all workers, as a store keeps it; its clock is another than ours."""

    def __init__(self, *, away: bool = False) -> None:
        self.away = away
        self.calls = 0
        self.held_until_us = 0
        self.floods: list[int] = []
        self._next_us = 0

    @property
    def clock_us(self) -> int:
        return round(asyncio.get_running_loop().time() * SECOND_US) + 10**12

    async def reserve(self, interval_us: int, count: int) -> Places:
        self.calls += 1
        await asyncio.sleep(0)
        if self.away:
            raise StoreError("away")
        now_us = self.clock_us
        first_us = max(now_us, self._next_us)
        self._next_us = first_us + interval_us * count
        return Places(now_us, first_us, self.held_until_us)

    async def note_flood(self, chat_id: int, wait_s: float, *, group: bool) -> Places:
        assert not group
        if self.away:
            raise StoreError("away")
        self.floods.append(chat_id)
        if len(set(self.floods)) >= 3:
            self.held_until_us = self.clock_us + round(wait_s * SECOND_US)
        return Places(self.clock_us, self.clock_us, self.held_until_us)


async def test_two_workers_share_one_rate() -> None:
    shared = Shared()
    first, second = (Passed(RateGate(100, shared=shared)) for _ in range(2))
    started = first.gate.now()
    tasks = [worker.start(f"{n}") for n in range(15) for worker in (first, second)]
    await asyncio.gather(*tasks)
    assert first.gate.now() - started >= 29 / 100
    assert len(first.order) == len(second.order) == 15
    assert shared.calls < 20


async def test_replies_take_the_booked_places_before_bulk() -> None:
    passed = Passed(RateGate(50, shared=Shared()))
    tasks = [passed.start("a"), passed.start("b"), passed.start("c")]
    await asyncio.sleep(0)
    tasks.append(passed.start("reply", urgent=True))
    await asyncio.gather(*tasks)
    assert passed.order.index("reply") <= 1


async def test_without_a_limit_nothing_is_booked() -> None:
    shared = Shared()
    gate = RateGate(0, shared=shared)
    assert None not in [await gate.wait() for _ in range(100)]
    assert shared.calls == 0


async def test_while_the_store_is_away_a_worker_keeps_the_rate_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.gate._AGAIN_S", 0.05)
    shared = Shared(away=True)
    passed = Passed(RateGate(100, shared=shared))
    started = passed.gate.now()
    await asyncio.gather(*(passed.start(f"{n}", urgent=True) for n in range(11)))
    assert passed.gate.now() - started >= 0.09
    shared.away = False
    booked = shared.calls
    await asyncio.sleep(0.06)
    await asyncio.gather(*(passed.start(f"{n}", urgent=True) for n in range(8)))
    assert shared.calls > booked
    assert len(passed.order) == 19


async def test_while_the_store_is_away_bulk_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.gate._AGAIN_S", 0.25)
    shared = Shared(away=True)
    passed = Passed(RateGate(100, shared=shared))
    tasks = [passed.start("a"), passed.start("b")]
    await asyncio.sleep(0.01)
    replies = [passed.start("reply", urgent=True) for _ in range(2)]
    await asyncio.gather(*replies)
    assert shared.calls == 1  # they did not wait until the store is asked again
    tasks.append(passed.start("c"))
    await asyncio.sleep(0.3)
    assert passed.order == ["reply", "reply"]
    assert shared.calls > 1
    shared.away = False
    await asyncio.gather(*tasks)
    assert passed.order == ["reply", "reply", "a", "b", "c"]


async def test_floods_of_several_workers_hold_bulk_in_all_of_them() -> None:
    shared = Shared()
    first, second, third = (Passed(RateGate(50, shared=shared)) for _ in range(3))
    assert not await first.gate.flood(1, 5, group=False)
    assert not await first.gate.flood(-7, 5, group=True)
    assert not await second.gate.flood(2, 5, group=False)
    assert await second.gate.flood(3, 5, group=False)
    assert second.gate.floods.bulk_wait_s(second.gate.now()) > 4
    tasks = [third.start("bulk"), third.start("reply", urgent=True), first.start("bulk")]
    await asyncio.gather(*tasks)
    assert (third.order, third.turned_away) == (["reply"], ["bulk"])
    assert first.turned_away == ["bulk"]


async def test_a_flood_while_the_store_is_away_is_kept_by_its_worker() -> None:
    gate = RateGate(50, shared=Shared(away=True))
    held = [await gate.flood(chat, 5, group=False) for chat in (1, 2, 3)]
    assert held == [False, False, True]
