"""Times as documents write them, as instants. Pure; the shapes are known to ``bot.az.dates``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.az import dates

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo


_LONGEST = 300  # what is longer is no date, and nothing to search in


def has_clock(text: str | None, *, now: datetime, zone: ZoneInfo) -> bool:
    """Tell whether a text names a time of day besides its day, or counts from now."""
    parsed = dates.parse_date(text, now=now, zone=zone) if text and len(text) <= _LONGEST else None
    return parsed is not None and not parsed.date_only


def read_time(text: str | None, *, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Give the instant that a text names, aware, or ``None``; what lies ahead is now."""
    if not text or len(text) > _LONGEST or not text.strip():
        return None
    parsed = dates.parse_date(text, now=now, zone=zone)
    return parsed.at if parsed else None
