"""The spacing, the flood watch and the gaps, without an event loop."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.limits import (
    SECOND_US,
    TOLERANCE_US,
    DeliveryLimits,
    FloodWatch,
    Gcra,
    Place,
    Window,
    counts,
)
from bot.models import ChatKind


def pass_all(gcra: Gcra, lateness_us: list[int], start_us: int = 0) -> list[int]:
    """Give when each call goes, if the timer fires so late for it."""
    now, times = start_us, []
    for late in lateness_us:
        wait = gcra.wait_us(now)
        now += wait + (late if wait else 0)
        gcra.take(now)
        times.append(now)
    return times


def most_in_a_second(times: list[int]) -> int:
    return max(sum(1 for t in times if start <= t < start + SECOND_US) for start in times)


@given(
    rate=st.integers(1, 200),
    late=st.lists(st.integers(0, 40_000), min_size=1, max_size=300),
    start=st.integers(0, 10**15),
)
def test_no_second_holds_more_calls_than_the_rate_however_late_the_timer_fires(
    rate: int, late: list[int], start: int
) -> None:
    times = pass_all(Gcra.per_second(rate), late, start)
    assert most_in_a_second(times) <= rate


@settings(max_examples=20)
@given(late=st.lists(st.integers(0, 3_000), min_size=300, max_size=300))
def test_late_timers_do_not_lower_the_rate_by_more_than_two_percent(late: list[int]) -> None:
    times = pass_all(Gcra.per_second(30), late)
    assert (len(times) - 1) * SECOND_US / (times[-1] - times[0]) >= 30 * 0.98


def test_the_server_may_get_calls_ten_milliseconds_apart_from_when_they_were_let_go() -> None:
    times = pass_all(Gcra.per_second(30), [0, TOLERANCE_US] * 300)
    arrivals = [t + (10_000 if i % 31 == 0 else 0) for i, t in enumerate(times)]
    assert most_in_a_second(arrivals) <= 30


@settings(max_examples=50)
@given(delays=st.lists(st.integers(0, 45_000), min_size=100, max_size=150))
def test_calls_that_the_network_delays_still_do_not_crowd_a_second_at_the_server(
    delays: list[int],
) -> None:
    gcra, window, now = Gcra.per_second(30), Window(30), 0
    arrivals: list[int] = []
    open_calls: list[tuple[Place, int]] = []
    for delay in [0, *delays]:
        now += max(gcra.wait_us(now), window.wait_us(now))
        for place, answered_at in list(open_calls):
            if answered_at <= now:
                window.answered(place, answered_at)
                open_calls.remove((place, answered_at))
        now += max(gcra.wait_us(now), window.wait_us(now))
        gcra.take(now)
        arrivals.append(now + 2_000 + delay)
        open_calls.append((window.take(now), arrivals[-1] + 2_000))
    assert most_in_a_second(arrivals) <= 30


def test_answers_that_are_slow_each_time_do_not_lower_the_rate() -> None:
    window, now = Window(30), 0
    for _ in range(90):
        now += window.wait_us(now)
        window.answered(window.take(now), now + 400_000)
    assert now <= 2 * SECOND_US + 20_000


def test_an_answer_that_never_comes_costs_fifty_milliseconds() -> None:
    window = Window(1)
    window.take(0)
    assert SECOND_US + 50_000 <= window.wait_us(0) <= SECOND_US + 60_000


def test_a_pause_earns_no_burst() -> None:
    gcra = Gcra.per_second(10)
    gcra.take(0)
    gcra.take(60 * SECOND_US)
    assert gcra.wait_us(60 * SECOND_US) > SECOND_US // 10 - TOLERANCE_US


def test_a_rate_of_zero_never_waits() -> None:
    gcra = Gcra.per_second(0)
    for _ in range(1000):
        assert gcra.wait_us(0) == 0
        gcra.take(0)


def test_a_rate_below_one_a_second_is_spaced_too() -> None:
    gcra = Gcra.per_second(0.5)
    gcra.take(10 * SECOND_US)
    assert gcra.wait_us(10 * SECOND_US) >= 2 * SECOND_US - TOLERANCE_US


@pytest.mark.parametrize(
    ("method", "counted"),
    [
        ("sendMessage", True),
        ("sendPhoto", True),
        ("sendDocument", True),
        ("copyMessage", True),
        ("forwardMessage", True),
        ("editMessageText", True),
        ("editMessageReplyMarkup", True),
        ("sendChatAction", False),
        ("answerCallbackQuery", False),
        ("answerInlineQuery", False),
        ("getMe", False),
        ("setMyCommands", False),
        ("deleteMessage", False),
    ],
)
def test_sends_copies_and_edits_count_towards_the_rate(method: str, *, counted: bool) -> None:
    assert counts(method) is counted


@pytest.mark.parametrize(
    ("kind", "gap_s"),
    [
        (ChatKind.PRIVATE, 1.5),
        (ChatKind.CHANNEL, 1.5),
        (ChatKind.GROUP, 3.0),
        (ChatKind.SUPERGROUP, 3.0),
    ],
)
def test_the_gap_is_the_chat_interval_or_the_groups_share_of_a_minute(
    kind: ChatKind, gap_s: float
) -> None:
    assert DeliveryLimits(chat_interval_s=1.5, group_per_minute=20).gap_s(kind) == gap_s


def test_zero_means_no_gap() -> None:
    free = DeliveryLimits(chat_interval_s=0, group_per_minute=0)
    assert {free.gap_s(kind) for kind in ChatKind} == {0.0}


def test_a_flood_wait_holds_its_own_chat_only() -> None:
    watch = FloodWatch()
    assert not watch.note(1, 7, 100.0, group=False)
    assert watch.chat_wait_s(1, 102.0) == 5.0
    assert watch.chat_wait_s(1, 108.0) == 0.0
    assert watch.chat_wait_s(2, 100.0) == 0.0
    assert watch.bulk_wait_s(100.0) == 0.0


def test_three_chats_within_a_second_hold_bulk_for_the_shortest_wait() -> None:
    watch = FloodWatch()
    watch.note(1, 9, 100.0, group=False)
    watch.note(2, 4, 100.4, group=False)
    assert watch.note(3, 6, 100.8, group=False)
    assert watch.bulk_wait_s(100.8) == pytest.approx(4.0)
    assert watch.chat_wait_s(1, 100.8) == pytest.approx(8.2)


def test_a_shorter_flood_wait_later_does_not_shorten_a_hold() -> None:
    watch = FloodWatch()
    for chat in (1, 2, 3):
        watch.note(chat, 30, 100.0, group=False)
    assert not watch.note(4, 1, 100.5, group=False)
    assert watch.bulk_wait_s(100.5) == pytest.approx(29.5)


def test_groups_never_hold_bulk() -> None:
    watch = FloodWatch()
    assert not any(watch.note(-chat, 5, 100.0, group=True) for chat in range(1, 20))
    assert watch.bulk_wait_s(100.0) == 0.0


def test_one_chat_three_times_is_not_three_chats() -> None:
    watch = FloodWatch()
    assert not any(watch.note(1, 5, 100.0 + i / 10, group=False) for i in range(5))


def test_three_chats_in_more_than_a_second_hold_nothing() -> None:
    watch = FloodWatch()
    assert not any(watch.note(chat, 5, 100.0 + chat * 0.6, group=False) for chat in range(8))
