"""Who passes the gate, and when. Its spacing is proved without a loop in the unit tests."""

from __future__ import annotations

import asyncio

from bot.limits import RateGate


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
        passed.gate.flood(chat, 5, group=False)
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
