"""Dates of news pages and feeds: read in every shape, spoken as Azerbaijanis do. Pure.

Flow: fold -> relative (``2 saat əvvəl``) or named day (``Bu gün``) or calendar date -> time and
zone -> limits. In dotted and slashed dates the day stands before the month, always: what is
no date that way is none. Nothing is guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING

from bot.az.entries import pairs
from bot.az.letters import fold

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

MAX_CHARS = 200
_FIRST_YEAR = 1980  # earlier ones are zeros of some database: 0001-01-01, 1970-01-01
_LEEWAY = timedelta(minutes=5)

_TIME = re.compile(
    r"(?<![\d:.])(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"(?![\d:])\s*(?P<half>[ap]\.?m\b\.?)?"
    r"(?:\s*\(?\s*(?:utc|gmt)?\s*(?P<sign>[+-])(?P<zh>\d{1,2}):?(?P<zm>\d{2})?(?![\d:])"
    r"|\s*\(?\s*(?P<zone>[a-z]{1,4})\b)?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})t(\d{2})(\d{2})(\d{2})?")
_YEAR_FIRST = re.compile(r"(?<![\d.])(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?![\d])")
_DAY_FIRST = re.compile(r"(?<![\d.])(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?![\d:])")
_DAY_MONTH_ONLY = re.compile(r"\s*(\d{1,2})\.(\d{1,2})\.?\s*[,|/]?\s*(?=\d{1,2}:\d{2})")
_YEAR = r"(?:[\s,.-]*(?P<year>\d{4}|'?\d{2})(?![\d:.]\d|\d))?"
_DAY_NAMED = re.compile(
    rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s.,-]*(?P<month>[a-z]+){_YEAR}"
)
_NAMED_DAY = re.compile(
    rf"\b(?P<month>[a-z]+)\.?\s+(?P<day>\d{{1,2}})(?![\d:])(?:st|nd|rd|th|-?[iu])?{_YEAR}"
)
_YEAR_LAST = re.compile(r"\d{1,2}:\d{2}:\d{2}(?:\s[a-z]{2,4}|\s[+-]\d{4})?\s((?:19|20)\d{2})$")
_YEAR_BEFORE = re.compile(r"(?<!\d)(\d{4})(?:-c[iu])?\s+il(?:in)?\b")
_EPOCH = re.compile(r"\s*(?:/date\()?(\d{10})(?:\d{3}|\.\d+)?(?:\)/)?\s*")
_DAY_ALONE = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_DOTTED_CLOCK = re.compile(r"(?<=[./-]\d{4})([\s,|/]+)(\d{1,2})\.(\d{2})$")
_ROMAN = re.compile(r"(?<=\d)([\s.]+)(x?i{1,3}|i?[vx]|vi{1,3})(?=[\s.]+\d{4}\b)")
_ROMAN_MONTHS = {
    "i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10,
    "xi": 11, "xii": 12,
}  # fmt: skip
_ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "bst": 1, "cet": 1, "west": 1, "cest": 2,
    "eet": 2, "eest": 3, "msk": 3, "trt": 3, "azt": 4, "est": -5, "edt": -4, "cst": -6, "cdt": -5,
    "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip
_NOW = re.compile(
    r"\s*(?:ele )?(?:indice|indi|az (?:once|evvel)|bayaq|just now|now|tolko cto|az once)\W*"
)
_COUNTS = {
    "bir": 1.0, "an": 1.0, "a": 1.0, "one": 1.0, "odin": 1.0, "odnu": 1.0, "yarim": 0.5, "pol": 0.5,
    "iki": 2.0, "two": 2.0, "dva": 2.0, "dve": 2.0, "uc": 3.0, "three": 3.0, "tri": 3.0,
    "dord": 4.0, "dort": 4.0, "four": 4.0, "bes": 5.0, "five": 5.0, "alti": 6.0, "six": 6.0,
    "yeddi": 7.0, "yedi": 7.0, "seven": 7.0, "sekkiz": 8.0, "sekiz": 8.0, "doqquz": 9.0,
    "dokuz": 9.0, "on": 10.0, "ten": 10.0, "iyirmi": 20.0, "yirmi": 20.0, "otuz": 30.0,
    "bir nece": 3.0, "bir qac": 3.0, "neskolko": 3.0, "a few": 3.0,
}  # fmt: skip
_COUNT = r"(?:\d+|\b(?:" + "|".join(sorted(_COUNTS, key=len, reverse=True)) + r")\b)"
_AGO = re.compile(
    rf"(?:(?:{_COUNT})?\s*[a-z]+\.?\s+(?:yarim\s+)?(?:ve\s+)?){{1,3}}"
    r"(?:evvel|once|qabaq|bundan evvel|ago|nazad)\b"
)
_AMOUNT = re.compile(rf"({_COUNT})?\s*([a-z]+)\.?(\s+yarim\b)?")
_UNITS = (
    (("saniye", "san", "sec", "sekund", "saniy"), timedelta(seconds=1)),
    (("deqiqe", "deq", "min", "dakika"), timedelta(minutes=1)),
    (("saat", "hour", "hr", "cas"), timedelta(hours=1)),
    (("gun", "day", "den", "dn", "sutk"), timedelta(days=1)),
    (("hefte", "week", "nedel", "hafta"), timedelta(weeks=1)),
    (("ay", "month", "mesyats"), timedelta(days=30)),
    (("il", "year", "yil", "god", "let"), timedelta(days=365)),
)
_SHORT_UNITS = {
    "s": timedelta(hours=1), "sa": timedelta(hours=1), "st": timedelta(hours=1),
    "c": timedelta(hours=1), "d": timedelta(minutes=1), "dk": timedelta(minutes=1),
    "dq": timedelta(minutes=1), "g": timedelta(days=1),
}  # fmt: skip
_SHORT_ENGLISH = {
    "s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1),
    "d": timedelta(days=1), "w": timedelta(weeks=1), "mo": timedelta(days=30),
}  # fmt: skip
_DAYS_BACK = (
    (re.compile(r"\b(?:bu\s?gun|today|segodnya)\b"), 0),
    (re.compile(r"\b(?:dunen|dun|yesterday|vcera)\b"), 1),
    (re.compile(r"\b(?:sraga\s?gun|evvelki gun|pozavcera)\b"), 2),
)


@dataclass(frozen=True, slots=True)
class ParsedDate:
    """When something was published; ``date_only``: the document named a day and no time."""

    at: datetime
    date_only: bool


def parse_date(text: str, *, now: datetime, zone: ZoneInfo) -> ParsedDate | None:
    """Give the moment that a page or a feed means, in ``zone``, or None where it is no date.

    RFC 822, RFC 3339 and what Azerbaijani sites write. A date without a time is 00:00 in
    ``zone``; one without a year is the latest such day at most two days ahead of ``now``;
    relative ones count from ``now``; more than five minutes ahead of ``now`` becomes ``now``.
    """
    plain = " ".join(fold(text[: 4 * MAX_CHARS]).split())
    if not plain or len(plain) > MAX_CHARS:
        return None
    now = now.astimezone(zone)
    try:
        found = _relative(plain, now) or _epoch(plain, now) or _calendar(plain, now, zone)
    except (ValueError, OverflowError):
        return None
    if found is None or found.at.year < _FIRST_YEAR:
        return None
    at = found.at.astimezone(zone)
    return (
        ParsedDate(now, date_only=False) if at - now > _LEEWAY else ParsedDate(at, found.date_only)
    )


def _relative(plain: str, now: datetime) -> ParsedDate | None:
    if _NOW.fullmatch(plain):
        return ParsedDate(now, date_only=False)
    ago = _AGO.search(plain)
    if not ago:
        return None
    back = timedelta()
    for amount, word, half in _AMOUNT.findall(ago[0]):
        short = _SHORT_ENGLISH if ago[0].endswith("ago") else _SHORT_UNITS
        unit = short.get(word) if amount.isdigit() else None
        unit = unit or next((unit for stems, unit in _UNITS if word.startswith(stems)), None)
        if unit:
            count = float(amount) if amount.isdigit() else _COUNTS.get(amount, 1.0)
            back += unit * (count + (0.5 if half else 0.0))
    return ParsedDate(now - back, date_only=False) if back else None


def _epoch(plain: str, now: datetime) -> ParsedDate | None:
    match = _EPOCH.fullmatch(plain)
    if not match:
        return None
    return ParsedDate(datetime.fromtimestamp(int(match[1]), now.tzinfo), date_only=False)


def _calendar(plain: str, now: datetime, zone: ZoneInfo) -> ParsedDate | None:
    compact = _COMPACT.match(plain)
    if compact:
        numbers = compact.groups("00")
        plain = "{}-{}-{} {}:{}:{}".format(*numbers) + plain[compact.end() :]
    elif alone := _DAY_ALONE.fullmatch(plain):
        plain = "-".join(alone.groups())
    plain = re.sub(r"(?<=\d)t(?=\d)", " ", plain)  # 2025-11-14T16:23
    plain = _DOTTED_CLOCK.sub(r"\1\2:\3", plain)  # 14.11.2025 16.23
    plain = _ROMAN.sub(lambda found: f".{_ROMAN_MONTHS.get(found[2], 0)}.", plain)
    plain = re.sub(r"(?<=\d)\.[ .]+(?=\d{4}\b)", ".", plain)
    day_found = _day(plain, now)
    if day_found is None:
        return None
    clock = _TIME.search(plain)
    if clock is None:
        return ParsedDate(datetime.combine(day_found, time(), zone), date_only=True)
    hour = int(clock["hour"])
    if clock["half"]:
        if not 1 <= hour <= 12:  # noqa: PLR2004 - hours of a clock face
            return None
        hour = hour % 12 + (12 if clock["half"].startswith("p") else 0)
    if hour == 24 and not int(clock["minute"]):  # noqa: PLR2004 - ISO 8601's end of a day
        day_found, hour = day_found + timedelta(days=1), 0
    second = min(int(clock["second"] or 0), 59)  # a leap second
    at = datetime.combine(day_found, time(hour, int(clock["minute"]), second), _zone(clock, zone))
    return ParsedDate(at, date_only=False)


def _zone(clock: re.Match[str], zone: ZoneInfo) -> tzinfo:
    if clock["sign"]:
        offset = timedelta(hours=int(clock["zh"]), minutes=int(clock["zm"] or 0))
        return timezone(-offset if clock["sign"] == "-" else offset)
    if clock["zone"] in _ZONES:
        return timezone(timedelta(hours=_ZONES[clock["zone"]]))
    return zone


def _day(plain: str, now: datetime) -> date | None:
    for named, back in _DAYS_BACK:
        if named.search(plain):
            return now.date() - timedelta(days=back)
    if match := _YEAR_FIRST.search(plain):
        return date(int(match[1]), int(match[3]), int(match[4]))
    if match := _DAY_FIRST.search(plain):
        return date(_full_year(match[4]), int(match[3]), int(match[1]))
    for pattern in (_DAY_NAMED, _NAMED_DAY):
        for match in pattern.finditer(plain):
            month = _month(match["month"])
            if month:
                year = match["year"]
                before = None if year else _YEAR_BEFORE.search(plain) or _YEAR_LAST.search(plain)
                number = _full_year(year) if year else int(before[1]) if before else None
                return _dated(number, month, int(match["day"]), now)
    if match := _DAY_MONTH_ONLY.match(plain):
        return _dated(None, int(match[2]), int(match[1]), now)
    return None


def _month(word: str) -> int | None:
    short = pairs("months_short").get(word)
    if short:
        return int(short)
    for name, number in pairs("months").items():
        if word.startswith(name) and len(word) - len(name) <= 3:  # noqa: PLR2004 - see the list
            return int(number)
    return None


def _full_year(text: str) -> int:
    year = int(text.lstrip("'"))
    if len(text.lstrip("'")) > 2:  # noqa: PLR2004
        return year
    return year + (2000 if year < 70 else 1900)  # noqa: PLR2004 - RFC 2822's reading, nearly


def _dated(year: int | None, month: int, day: int, now: datetime) -> date:
    """Give the day; without a year, the latest such day at most two days ahead."""
    if year is not None:
        return date(year, month, day)
    latest = now.date() + timedelta(days=2)
    for candidate in range(latest.year, latest.year - 9, -1):  # 29 February comes seldom
        try:
            found = date(candidate, month, day)
        except ValueError:
            continue
        if found <= latest:
            return found
    raise ValueError("no such day")


_HOURS_SPOKEN = 6  # longer ago, the clock says more than the count
_SPOKEN = {
    "az": ("indicə", "Bu gün", "Dünən"),
    "en": ("just now", "Today", "Yesterday"),
    "ru": ("только что", "Сегодня", "Вчера"),
}
_RUSSIAN = {"minute": ("минуту", "минуты", "минут"), "hour": ("час", "часа", "часов")}


def spoken(
    when: datetime,
    *,
    now: datetime,
    zone: tzinfo,
    language: str = "az",
    date_only: bool | None = None,
) -> str:
    """Give a moment as people say it: ``2 saat əvvəl``, ``Bu gün 12:18``, ``03.02.2025``.

    A day without a time (``date_only``; by default, midnight sharp in ``zone``) is said
    without hours. ``language`` is az, en or ru.
    """
    local, today = when.astimezone(zone), now.astimezone(zone).date()
    just_now, this_day, day_before = _SPOKEN.get(language, _SPOKEN["az"])
    if date_only is None:
        date_only = local.time() == time()
    age = now.astimezone(UTC) - when.astimezone(UTC)
    if not date_only and -_LEEWAY <= age < timedelta(hours=_HOURS_SPOKEN):
        minutes = int(age.total_seconds()) // 60
        if minutes < 1:
            return just_now
        hours, minutes = divmod(minutes, 60)
        return _ago(hours, "hour", language) if hours else _ago(minutes, "minute", language)
    clock = "" if date_only else f" {local:%H:%M}"
    if local.date() == today:
        return this_day + clock
    if local.date() == today - timedelta(days=1):
        return day_before + clock
    return f"{local:%d.%m.%Y}"


def _ago(count: int, unit: str, language: str) -> str:
    if language == "en":
        return f"{count} {unit}{'' if count == 1 else 's'} ago"
    if language == "ru":
        return f"{count} {_russian(count, _RUSSIAN[unit])} назад"
    return f"{count} {'saat' if unit == 'hour' else 'dəqiqə'} əvvəl"


def _russian(count: int, forms: tuple[str, str, str]) -> str:
    one, few, many = forms
    if count % 10 == 1 and count % 100 != 11:  # noqa: PLR2004 - Russian grammar
        return one
    if count % 10 in {2, 3, 4} and count % 100 not in {12, 13, 14}:
        return few
    return many
