"""When a source is asked again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sources.pace import Pace, interval_s, next_poll, observed_rate
from bot.sources.reading import Hints
from bot.sources.response import Response, max_age_s, seconds_until

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # a Monday
EVERY_S = 300.0
PACES: tuple[Pace, ...] = ("adaptive", "fixed")


def wait_s(**changes: object) -> float:
    settings: dict[str, object] = {"pace": "fixed"} | changes
    return (next_poll(NOW, EVERY_S, **settings) - NOW).total_seconds()  # type: ignore[arg-type]


def a_response(**changes: object) -> Response:
    return Response(**({"status": 200, "url": "https://misal.az/feed"} | changes))  # type: ignore[arg-type]


def test_a_fixed_pace_is_exactly_every() -> None:
    assert wait_s(response=a_response(), hints=Hints(), items_per_hour=60) == EVERY_S


@pytest.mark.parametrize(
    ("items_per_hour", "expected"), [(0.0, 900), (0.1, 900), (1.0, 480), (2.56, 300), (100.0, 300)]
)
def test_an_adaptive_pace_follows_the_news(items_per_hour: float, expected: float) -> None:
    assert wait_s(pace="adaptive", items_per_hour=items_per_hour) == pytest.approx(expected)


def test_an_interval_over_a_quarter_of_an_hour_is_kept() -> None:
    assert interval_s(3600.0, 0.0) == 3600.0
    assert interval_s(3600.0, 50.0) == 3600.0


@pytest.mark.parametrize("pace", PACES)
@pytest.mark.parametrize("name", ["max_age_s", "expires_s", "retry_after_s"])
def test_headers_lengthen_the_wait_up_to_a_day(pace: Pace, name: str) -> None:
    busy = 60.0
    assert wait_s(pace=pace, items_per_hour=busy, response=a_response(**{name: 1800.0})) == 1800
    assert wait_s(pace=pace, items_per_hour=busy, response=a_response(**{name: 9e9})) == 86_400
    assert wait_s(pace=pace, items_per_hour=busy, response=a_response(**{name: 10.0})) == EVERY_S


@pytest.mark.parametrize("name", ["ttl_s", "update_s"])
def test_hints_lengthen_the_wait_up_to_a_quarter_of_an_hour(name: str) -> None:
    assert wait_s(hints=Hints(**{name: 600.0})) == 600  # type: ignore[arg-type]
    assert wait_s(hints=Hints(**{name: 7200.0})) == 900  # type: ignore[arg-type]
    assert wait_s(hints=Hints(**{name: 60.0})) == EVERY_S  # type: ignore[arg-type]


def test_the_largest_wish_counts() -> None:
    response = a_response(max_age_s=700.0, expires_s=500.0)
    assert wait_s(response=response, hints=Hints(ttl_s=800.0)) == 800
    assert wait_s(response=response, hints=Hints(ttl_s=400.0)) == 700


def test_skipped_hours_and_days_are_kept() -> None:
    night = Hints(skip_hours=frozenset({12, 13}))
    assert next_poll(NOW, EVERY_S, hints=night, pace="fixed") == NOW.replace(hour=14)
    monday = Hints(skip_days=frozenset({0}))
    assert next_poll(NOW, EVERY_S, hints=monday, pace="fixed") == datetime(2026, 11, 24, tzinfo=UTC)


def test_a_feed_that_skips_everything_skips_nothing() -> None:
    assert wait_s(hints=Hints(skip_hours=frozenset(range(24)))) == EVERY_S


def test_a_whole_weekend_may_be_left_out() -> None:
    friday_night = datetime(2026, 11, 27, 23, 59, tzinfo=UTC)
    weekend = Hints(skip_days=frozenset({5, 6}))
    at = next_poll(friday_night, 300, hints=weekend)
    assert at == datetime(2026, 11, 30, 0, 0, tzinfo=UTC)


def test_failures_double_the_wait_up_to_half_an_hour() -> None:
    waits = [wait_s(failures=failures) for failures in range(7)]
    assert waits == [300, 600, 1200, 1800, 1800, 1800, 1800]
    assert wait_s(failures=10_000) == 1800


def test_a_failing_source_waits_as_long_as_it_was_asked_to() -> None:
    assert wait_s(failures=1, retry_after_s=1500.0) == 1500
    assert wait_s(failures=1, retry_after_s=5.0) == 600
    assert wait_s(failures=1, retry_after_s=9e9) == 86_400


@given(
    every_s=st.floats(1, 90_000),
    rate=st.floats(0, 1e6),
    failures=st.integers(0, 10**6),
    asked=st.none() | st.floats(0, 1e12),
    ttl=st.none() | st.floats(0, 1e12),
    pace=st.sampled_from(PACES),
)
def test_a_source_is_never_asked_before_its_interval_nor_forgotten(
    every_s: float, rate: float, failures: int, asked: float | None, ttl: float | None, pace: Pace
) -> None:
    at = next_poll(
        NOW,
        every_s,
        response=a_response(max_age_s=asked),
        hints=Hints(ttl_s=ttl),
        items_per_hour=rate,
        failures=failures,
        pace=pace,
    )
    assert timedelta(seconds=every_s - 0.001) <= at - NOW <= timedelta(seconds=90_001)


def test_the_rate_follows_what_comes_and_survives_a_quiet_hour() -> None:
    rate = 0.0
    for _ in range(48):
        rate = observed_rate(rate, 6, 1.0)
    assert rate == pytest.approx(6.0, rel=0.05)
    assert observed_rate(rate, 0, 1.0) > 4
    assert observed_rate(rate, 3, 0.0) == rate


@pytest.mark.parametrize(
    ("text", "expected"),
    [("max-age=60", 60), ("public, Max-Age=600", 600), ("s-maxage=9", None),
     ("no-cache, max-age=9", None), ("max-age=x", None), ('max-age="60"', 60), ("", None),
     (None, None), ("no-store", None)],
)  # fmt: skip
def test_cache_control_is_read(text: str | None, expected: float | None) -> None:
    assert max_age_s(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("120", 120), (" 5 ", 5), ("Mon, 23 Nov 2026 12:10:00 GMT", 600), ("-5", None),
     ("soon", None), ("Mon, 23 Nov 2026 11:00:00 GMT", None), (None, None),
     ("Mon, 99 Nov 2026 12:10:00 GMT", None)],
)  # fmt: skip
def test_retry_after_is_read(text: str | None, expected: float | None) -> None:
    assert seconds_until(text, now=NOW) == expected
