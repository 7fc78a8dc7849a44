"""Hours, spans and zones as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.hours import is_off, parse_hour, parse_span, parse_zone, shown_zone


@pytest.mark.parametrize(
    "typed",
    ["9", "09", "9:00", "09:00", "09.00", "0900", "900", "saat 9", "9-da", "09:00-da", "9h00"],
)
def test_an_hour_is_read_however_it_is_typed(typed: str) -> None:
    assert parse_hour(typed) == ("09:00", None)


@pytest.mark.parametrize("typed", ["", "abc", "25:00", "9:75", "24:30", "09:00:00", "1" * 300])
def test_what_is_no_hour_is_none(typed: str) -> None:
    assert parse_hour(typed) is None


def test_midnight_may_be_called_24() -> None:
    assert parse_hour("24:00") == ("00:00", None)


def test_what_stands_after_the_hour_is_given_as_typed() -> None:
    assert parse_hour("09:00  Europe/Berlin") == ("09:00", "Europe/Berlin")
    assert parse_hour("18.30 Bakı") == ("18:30", "Bakı")


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("Bakı", "Asia/Baku"),
        ("baku", "Asia/Baku"),
        ("New York", "America/New_York"),
        ("UTC+4", "Etc/GMT-4"),
        ("-05:00", "Etc/GMT+5"),
        ("UTC", "UTC"),
        ("gmt+0", "UTC"),
        ("Atlantida", None),
        ("UTC+40", None),
    ],
)
def test_a_zone_is_known_by_name_city_or_offset(typed: str, zone: str | None) -> None:
    assert parse_zone(typed) == zone


@pytest.mark.parametrize("typed", ["UTC+4", "UTC-11", "UTC", "Asia/Baku", "America/New_York"])
def test_a_zone_is_shown_as_it_was_typed(typed: str) -> None:
    assert shown_zone(parse_zone(typed) or "") == typed


@pytest.mark.parametrize(
    "typed", ["23:00-08:00", "23-8", "2300-0800", "23.00 – 08.00", "23:00 08:00"]
)
def test_quiet_hours_are_read_however_they_are_typed(typed: str) -> None:
    assert parse_span(typed) == "23:00-08:00"


@pytest.mark.parametrize("typed", ["", "23", "9-9", "25-3", "gecə", "23:00-"])
def test_what_are_no_quiet_hours_are_none(typed: str) -> None:
    assert parse_span(typed) is None


@pytest.mark.parametrize("typed", ["off", "OFF", "bagla", "bağla", "Bağla", "söndür"])
def test_off_has_several_names(typed: str) -> None:
    assert is_off(typed)


@given(st.text())
def test_anything_typed_is_read_or_refused(typed: str) -> None:
    for parsed in (parse_hour(typed), parse_span(typed), parse_zone(typed)):
        assert parsed is None or parsed
