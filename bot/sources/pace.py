"""When to ask a source again. Pure: every rule of good manners is a number here.

The next poll is the latest of what is asked for: the source's own interval, the server's
headers (up to a day), the feed's hints (up to a quarter of an hour), a back-off.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from bot.sources.reading import Hints
    from bot.sources.response import Response

Pace = Literal["adaptive", "fixed"]

HEADERS_MAX_S = 86_400.0
HINTS_MAX_S = 900.0
SLOWEST_S = 900.0
BACKOFF_MAX_S = 1_800.0
_BUSY_S = 60.0  # what a 429 or 503 without Retry-After asks for at least
_EXPONENT_MAX = 12
_HOURS_OF_A_WEEK = 7 * 24


def next_poll(
    now: datetime,
    every_s: float,
    *,
    response: Response | None = None,
    hints: Hints | None = None,
    items_per_hour: float = 0.0,
    failures: int = 0,
    pace: Pace = "adaptive",
    retry_after_s: float | None = None,
) -> datetime:
    """Give when to ask a source again.

    ``failures`` counts the polls that failed in a row, this one included; ``retry_after_s``
    is what a refusal asked for (a FetchError carries it).
    """
    wait_s = max(every_s, interval_s(every_s, items_per_hour) if pace == "adaptive" else every_s)
    if failures:
        wait_s = max(wait_s, backoff_s(every_s, failures))
    if retry_after_s is not None:
        wait_s = max(wait_s, min(retry_after_s, HEADERS_MAX_S))
    if response is not None:
        asked = [response.max_age_s, response.expires_s, response.retry_after_s]
        if response.status in {429, 503} and response.retry_after_s is None:
            asked.append(_BUSY_S)
        wait_s = max(wait_s, *(min(value, HEADERS_MAX_S) for value in asked if value), 0.0)
    if hints is not None:
        asked = [hints.ttl_s, hints.update_s]
        wait_s = max(wait_s, *(min(value, HINTS_MAX_S) for value in asked if value), 0.0)
    at = now + timedelta(seconds=wait_s)
    return _awake(at, hints) if hints is not None else at


def interval_s(every_s: float, items_per_hour: float) -> float:
    """Give the adaptive interval: 8/√(items an hour) minutes, from ``every`` to 15 minutes."""
    slowest_s = max(SLOWEST_S, every_s)
    if items_per_hour <= 0:
        return slowest_s
    return min(max(480.0 / math.sqrt(items_per_hour), every_s), slowest_s)


def deserving(every_s: float) -> float:
    """Give the items an hour for which the adaptive interval is just ``every_s``."""
    return (480.0 / every_s) ** 2


def backoff_s(every_s: float, failures: int) -> float:
    """Give the wait after so many failures in a row: doubled each time, half an hour at most."""
    return min(every_s * 2.0 ** min(failures, _EXPONENT_MAX), max(BACKOFF_MAX_S, every_s))


def observed_rate(previous: float, items: int, hours: float) -> float:
    """Give the items an hour, smoothed over about a day of polls.

    ``items`` came within the last ``hours``; the rate follows a change within hours and
    survives a quiet night.
    """
    if hours <= 0:
        return previous
    weight = 1.0 - math.exp(-hours / 6.0)
    return previous + weight * (items / hours - previous)


def _awake(at: datetime, hints: Hints) -> datetime:
    """Move a poll out of the hours and days (GMT) in which a feed wants to be left alone.

    A feed that names all of them names nothing.
    """
    moment = at.astimezone(UTC)
    for _ in range(_HOURS_OF_A_WEEK):
        if moment.hour not in hints.skip_hours and moment.weekday() not in hints.skip_days:
            return moment.astimezone(at.tzinfo)
        moment = (moment + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    return at
