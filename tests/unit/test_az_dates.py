from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.az.dates import parse_date, spoken

BAKU = ZoneInfo("Asia/Baku")
NOW = datetime(2025, 11, 16, 15, 0, tzinfo=BAKU)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # feeds
        ("Sun, 09 Nov 2025 10:59:00 +0400", "2025-11-09T10:59:00+04:00"),
        ("Sun, 09 Nov 2025 10:59:14 +04", "2025-11-09T10:59:14+04:00"),
        ("Sun, 9 Nov 25 10:59 GMT", "2025-11-09T14:59:00+04:00"),
        ("Sun, 09 Nov 2025 10:59:00 EST", "2025-11-09T19:59:00+04:00"),
        ("2025-11-14T16:23:00+04:00", "2025-11-14T16:23:00+04:00"),
        ("2025-11-14T16:23:00.123Z", "2025-11-14T20:23:00+04:00"),
        ("2025-11-14T16:23", "2025-11-14T16:23:00+04:00"),
        ("20251114T162300Z", "2025-11-14T20:23:00+04:00"),
        ("1763200000", "2025-11-15T13:46:40+04:00"),
        ("1763200000123", "2025-11-15T13:46:40+04:00"),
        # Azerbaijani pages
        ("03.2.2025 14:05:00", "2025-02-03T14:05:00+04:00"),
        ("3.2.2025 14:05:00", "2025-02-03T14:05:00+04:00"),
        ("09.11.2025 | 10:59", "2025-11-09T10:59:00+04:00"),
        ("14 noyabr 2025 16:23 (UTC +04:00)", "2025-11-14T16:23:00+04:00"),
        ("21.02.2025 [19:22]", "2025-02-21T19:22:00+04:00"),
        ("12:18, Bu gün", "2025-11-16T12:18:00+04:00"),
        ("Bu gün / 12:18", "2025-11-16T12:18:00+04:00"),
        ("Dünən, 10:00", "2025-11-15T10:00:00+04:00"),
        ("16 noyabr, 2025 14:00", "2025-11-16T14:00:00+04:00"),
        ("15 Noyabr 10:31 (UTC+04)", "2025-11-15T10:31:00+04:00"),
        ("15 noy, 2025 / 19:44", "2025-11-15T19:44:00+04:00"),
        ("Tarix: 14 noyabr 2025, saat 16:23", "2025-11-14T16:23:00+04:00"),
        ("14.11.25 09:05", "2025-11-14T09:05:00+04:00"),
        ("14/11/2025 16:23", "2025-11-14T16:23:00+04:00"),
        ("14.11 16:23", "2025-11-14T16:23:00+04:00"),
        ("14 noyabr 2025-ci il, saat 16:23", "2025-11-14T16:23:00+04:00"),
        ("10:59 / 09.11.2025", "2025-11-09T10:59:00+04:00"),
        ("Çərşənbə axşamı, 4 Noyabr 2025, 12:00", "2025-11-04T12:00:00+04:00"),
        ("Fri Nov 14 16:23:00 +0400 2025", "2025-11-14T16:23:00+04:00"),
        ("Thu Nov 14 16:23:00 2024", "2024-11-14T16:23:00+04:00"),
        ("Thu Nov 14 16:23:00 +0400 2024", "2024-11-14T16:23:00+04:00"),
        ("Thu Nov 14 12:23:00 UTC 2024", "2024-11-14T16:23:00+04:00"),
        ("14 Noyabr 2025 | 16:23 | Baxış: 1234", "2025-11-14T16:23:00+04:00"),
        # relative
        ("2 saat əvvəl", "2025-11-16T13:00:00+04:00"),
        ("5 dəqiqə əvvəl", "2025-11-16T14:55:00+04:00"),
        ("1 saat 20 dəqiqə əvvəl", "2025-11-16T13:40:00+04:00"),
        ("3 gün öncə", "2025-11-13T15:00:00+04:00"),
        ("bir saat əvvəl", "2025-11-16T14:00:00+04:00"),
        ("indicə", "2025-11-16T15:00:00+04:00"),
        ("iki saat əvvəl", "2025-11-16T13:00:00+04:00"),
        ("on dəqiqə öncə", "2025-11-16T14:50:00+04:00"),
        ("saat yarım əvvəl", "2025-11-16T13:30:00+04:00"),
        ("2 s. əvvəl", "2025-11-16T13:00:00+04:00"),
        ("2h ago", "2025-11-16T13:00:00+04:00"),
        ("2 ч. назад", "2025-11-16T13:00:00+04:00"),
        # what programs and clocks write
        ("1763200000.5", "2025-11-15T13:46:40+04:00"),
        ("/Date(1763200000123)/", "2025-11-15T13:46:40+04:00"),
        ("14.11.2025, 16.23", "2025-11-14T16:23:00+04:00"),
        ("14.XI.2025 16:23", "2025-11-14T16:23:00+04:00"),
        ("14.11.2025 24:00", "2025-11-15T00:00:00+04:00"),
        # other languages
        ("Пн, 10 ноя 2025 10:00", "2025-11-10T10:00:00+04:00"),
        ("14 ноября 2025, 16:23", "2025-11-14T16:23:00+04:00"),
        ("вчера 12:00", "2025-11-15T12:00:00+04:00"),
        ("5 минут назад", "2025-11-16T14:55:00+04:00"),
        ("Nov 14, 2025 4:23 PM", "2025-11-14T16:23:00+04:00"),
        ("14 May 2025 12:30 AM", "2025-05-14T00:30:00+04:00"),
        ("14 Kasım 2025 16:23", "2025-11-14T16:23:00+04:00"),
        # ahead of now
        ("Mon, 14 Sep 2026 11:00:00 +0400", "2025-11-16T15:00:00+04:00"),
        ("16.11.2025 15:04", "2025-11-16T15:04:00+04:00"),
    ],
)
def test_a_date_with_a_time_is_read(text: str, expected: str) -> None:
    found = parse_date(text, now=NOW, zone=BAKU)
    assert found is not None
    assert found.at.isoformat() == expected
    assert not found.date_only


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("03.02.2025", "2025-02-03"),
        ("28 oktyabr", "2025-10-28"),
        ("19 noyabr", "2024-11-19"),
        ("29 fevral", "2024-02-29"),
        ("Dünən", "2025-11-15"),
        ("November 14, 2025", "2025-11-14"),
        ("14 Ağustos 2025", "2025-08-14"),
        ("2025-11-14", "2025-11-14"),
        ("2025-ci il 14 noyabr", "2025-11-14"),
        ("noyabrın 14-ü", "2025-11-14"),
        ("20251114", "2025-11-14"),
        ("2025.11.14", "2025-11-14"),
        ("Şənbə, 15 Noyabr 2025", "2025-11-15"),
    ],
)
def test_a_date_without_a_time_is_midnight_in_the_zone(text: str, expected: str) -> None:
    found = parse_date(text, now=NOW, zone=BAKU)
    assert found is not None
    assert found.at.isoformat() == f"{expected}T00:00:00+04:00"
    assert found.date_only


@pytest.mark.parametrize(
    "text",
    ["", "salam", "31.02.2025", "11/14/2025", "45 noyabr", "14:00", "0001-01-01T00:00:00Z",
     "25:99 14.11.2025", "Thu, 01 Jan 1970 00:00:00 GMT", "9" * 5000, "\ud800", "1,6 milyard",
     "00.00.0000", "0000-00-00 00:00:00", "01.01.1970 04:00", "14.11.2025 10:00 +99:99",
     "iPhone 17"],
)  # fmt: skip
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_date(text, now=NOW, zone=BAKU) is None


def test_a_day_without_a_year_may_be_two_days_ahead_and_then_means_now() -> None:
    found = parse_date("18 noyabr", now=NOW, zone=BAKU)
    assert found is not None
    assert found.at == NOW


@given(st.text(max_size=80) | st.text("0123456789 .:/-noyabrsaəvl", max_size=40))
def test_no_text_breaks_the_reader_and_nothing_lies_ahead(text: str) -> None:
    found = parse_date(text, now=NOW, zone=BAKU)
    assert found is None or found.at <= NOW + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("when", "language", "said"),
    [
        (NOW - timedelta(seconds=20), "az", "indicə"),
        (NOW - timedelta(minutes=5), "az", "5 dəqiqə əvvəl"),
        (NOW - timedelta(hours=2, minutes=10), "az", "2 saat əvvəl"),
        (datetime(2025, 11, 16, 8, 18, tzinfo=BAKU), "az", "Bu gün 08:18"),
        (datetime(2025, 11, 15, 19, 44, tzinfo=BAKU), "az", "Dünən 19:44"),
        (datetime(2025, 2, 3, 14, 5, tzinfo=BAKU), "az", "03.02.2025"),
        (datetime(2025, 11, 16, tzinfo=BAKU), "az", "Bu gün"),
        (datetime(2025, 11, 15, tzinfo=BAKU), "az", "Dünən"),
        (NOW - timedelta(minutes=1), "en", "1 minute ago"),
        (NOW - timedelta(hours=2), "en", "2 hours ago"),
        (datetime(2025, 11, 15, 19, 44, tzinfo=BAKU), "en", "Yesterday 19:44"),
        (NOW - timedelta(minutes=21), "ru", "21 минуту назад"),
        (NOW - timedelta(minutes=12), "ru", "12 минут назад"),
        (NOW - timedelta(hours=3), "ru", "3 часа назад"),
        (datetime(2025, 11, 16, 8, 18, tzinfo=BAKU), "ru", "Сегодня 08:18"),
    ],
)
def test_moments_are_said_as_people_say_them(when: datetime, language: str, said: str) -> None:
    assert spoken(when.astimezone(UTC), now=NOW, zone=BAKU, language=language) == said


def test_today_is_the_readers_day_not_the_servers() -> None:
    late = datetime(2025, 11, 15, 21, 0, tzinfo=UTC)  # 01:00 in Baku
    assert spoken(late, now=NOW, zone=BAKU) == "Bu gün 01:00"
