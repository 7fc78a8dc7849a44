"""Times as documents write them, as instants. Pure; the shapes are known to ``bot.az.dates``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.az import dates

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo


_LONGEST = 300  # what is longer is no date, and nothing to search in


def read_time(text: str | None, *, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Give the instant that a text names, aware, or ``None``; what lies ahead is now."""
    if not text or len(text) > _LONGEST or not text.strip():
        return None
    parsed = dates.parse_date(text, now=now, zone=zone)
    return parsed.at if parsed else None
