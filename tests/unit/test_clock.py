"""The clock of a run: what it follows, what it takes as a step, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.clock import STEP_S, Clock, behind_s, last_answer

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass
class Machine:
    """A machine's two clocks: one that people set, and one that nobody does."""

    wall_s: float = NOON.timestamp()
    up_s: float = 100.0

    def pass_s(self, seconds: float) -> None:
        self.wall_s += seconds
        self.up_s += seconds

    def clock(self) -> Clock:
        return Clock(wall=lambda: self.wall_s, monotonic=lambda: self.up_s)


def test_time_passes() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.pass_s(5)
    assert clock() == NOON + timedelta(seconds=5)


def test_a_clock_that_was_set_goes_on_as_before_until_the_step_is_taken() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wall_s -= 3600
    assert clock() == NOON
    step_s = clock.compare(machine.wall_s, machine.up_s)
    assert step_s == -3600
    assert clock() == NOON
    clock.step(step_s)
    assert clock() == NOON - timedelta(hours=1)


def test_a_machine_that_slept_is_a_step_forward() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wall_s += 8 * 3600
    assert clock.compare(machine.wall_s, machine.up_s) == 8 * 3600


@given(st.lists(st.floats(-STEP_S / 2, STEP_S / 2), max_size=50))
def test_what_is_corrected_bit_by_bit_is_followed(drifts: list[float]) -> None:
    machine = Machine()
    clock = machine.clock()
    for drift_s in drifts:
        machine.pass_s(1)
        machine.wall_s += drift_s
        assert clock.compare(machine.wall_s, machine.up_s) == 0
        assert abs(clock().timestamp() - machine.wall_s) < 1e-3


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_a_step_once_taken_is_none_any_more(step_s: float, later_s: float) -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wall_s += step_s
    machine.pass_s(later_s)
    clock.step(clock.compare(machine.wall_s, machine.up_s))
    assert clock.compare(machine.wall_s, machine.up_s) == 0
    assert abs(clock().timestamp() - machine.wall_s) < 1e-3


def test_what_was_noted_ahead_of_now_tells_that_the_clock_was_set_back() -> None:
    last = last_answer([NOON - timedelta(days=1), None, NOON + timedelta(hours=1)])
    assert behind_s(last, NOON) == 3600
    assert behind_s(last_answer([NOON, None]), NOON) == 0
    assert behind_s(last_answer([None]), NOON) == 0
    assert behind_s(NOON + timedelta(seconds=1), NOON) == 0
