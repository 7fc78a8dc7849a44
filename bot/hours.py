"""Hours and zones as people type them: ``9``, ``09.00``, ``0900``, ``Berlin``. Pure."""

from __future__ import annotations

import re
from functools import cache
from typing import Final
from zoneinfo import available_timezones

from bot.az import fold

_HOUR: Final = r"(?P<hour{n}>\d{{1,2}})(?:\s*[:.,]\s*|-|h)?(?P<minute{n}>\d{{2}})?"
_ONE: Final = re.compile(
    r"(?:saat\s+)?" + _HOUR.format(n="") + r"(?:\s*-?\s*(?:da|de|ta|te))?(?:\s+(?P<zone>\D.*))?"
)
_TWO: Final = re.compile(
    _HOUR.format(n=1).replace("|-", "")
    + r"(?:\s*[-–—]\s*|\s+)"
    + _HOUR.format(n=2).replace("|-", "")
)
_OFFSET: Final = re.compile(r"(?:utc|gmt)?\s*([+-])\s*(\d{1,2})(?::?00)?")
_OFF: Final = frozenset({"off", "bagla", "sondur", "legv", "stop", "dayandir", "yox"})
_DAY_HOURS: Final = 24
_HOUR_MINUTES: Final = 60
_SIGNS: Final = {"+": "-", "-": "+"}
_MAX_WEST: Final = 12
_MAX_EAST: Final = 14
_MAX_CHARS: Final = 64


def is_off(text: str) -> bool:
    """Tell whether a person turns something off."""
    return fold(text).strip() in _OFF


def parse_hour(text: str) -> tuple[str, str | None] | None:
    """Give the hour as ``"09:00"`` and what stands after it; ``None`` where it is no hour."""
    if len(text) > _MAX_CHARS:
        return None
    match = _ONE.fullmatch(fold(text).strip())
    if match is None:
        return None
    clock = _clock(match["hour"], match["minute"])
    if clock is None or match["zone"] is None:
        return (clock, None) if clock is not None else None
    # Folding moves no word, so the rest is as many words of the text as it was typed.
    return clock, " ".join(text.split()[-len(match["zone"].split()) :])


def parse_span(text: str) -> str | None:
    """Give quiet hours as ``"23:00-08:00"``; ``None`` where they are none, or empty."""
    if len(text) > _MAX_CHARS:
        return None
    match = _TWO.fullmatch(fold(text).strip())
    if match is None:
        return None
    start = _clock(match["hour1"], match["minute1"])
    end = _clock(match["hour2"], match["minute2"])
    return f"{start}-{end}" if start is not None and end is not None and start != end else None


def parse_zone(text: str) -> str | None:
    """Give the IANA name of a zone: its own name, its city or ``UTC+4``; ``None``: unknown."""
    plain = fold(text).strip().replace(" ", "_")
    offset = _OFFSET.fullmatch(plain.replace("_", ""))
    if offset is None:
        return _zones().get(plain)
    hours = int(offset[2])
    if hours > (_MAX_EAST if offset[1] == "+" else _MAX_WEST):
        return None
    if hours == 0:
        return "UTC"
    # POSIX counts them the other way round: UTC+4 is Etc/GMT-4.
    return f"Etc/GMT{'-' if offset[1] == '+' else '+'}{hours}"


def shown_zone(zone: str) -> str:
    """Give a zone as people say it: its IANA name, or ``UTC+4`` where it is an offset."""
    offset = zone.removeprefix("Etc/GMT")
    if offset == zone or offset[:1] not in _SIGNS:
        return zone
    return f"UTC{_SIGNS[offset[0]]}{offset[1:]}"


@cache
def _zones() -> dict[str, str]:
    """Zones by folded name and by city; a full name wins over a city."""
    names = sorted(available_timezones())
    cities = {fold(name.rsplit("/", 1)[-1]): name for name in reversed(names) if "/" in name}
    return cities | {fold(name): name for name in names} | {"baki": "Asia/Baku"}


def _clock(hour: str, minute: str | None) -> str | None:
    hours, minutes = int(hour), int(minute or 0)
    if hours > _DAY_HOURS or minutes >= _HOUR_MINUTES or (hours == _DAY_HOURS and minutes):
        return None
    return f"{hours % _DAY_HOURS:02}:{minutes:02}"
