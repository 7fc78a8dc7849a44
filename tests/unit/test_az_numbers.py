"""The numbers and the days that a text names, whatever way they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.az.numbers import days, numbers


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1 600 000 000 dollar", {"1600000000"}),
        ("1\u2009600\u202f000\u00a0000 dollar", {"1600000000"}),
        ("1.600.000.000 dollar", {"1600000000"}),
        ("1,6 milyard dollar", {"1600000000"}),
        ("5 mln. manat", {"5000000"}),
        ("3,5 mlrd. avro", {"3500000000"}),
        ("iki milyon nəfər", {"2000000"}),
        ("50 min ədəd", {"50000"}),
        ("3,5 bal", {"3.5"}),
        ("III tur", {"3"}),
        ("V turda", {"5"}),
        ("X və ChatGPT", set()),
        ("3-cü yer", {"3"}),
        ("üçüncü yer", {"3"}),
        ("üç nəfər ölüb", {"3"}),
        ("iyirmi beş nəfər", {"25"}),
        ("on beş min manat", {"15000"}),
        ("bir nəfər", set()),
        ("hesab 2:0 olub", {"2:0"}),
        ("saat 17:48-də", {"17:48"}),
        ("19.11.2025", {"19.11.2025", "19"}),
        ("", set()),
    ],
)
def test_a_number_has_one_form(text: str, found: set[str]) -> None:
    assert numbers(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("noyabrın 24-də", {"24.11"}),
        ("24 noyabr 2026", {"24.11"}),
        ("24 noyabrda", {"24.11"}),
        ("mayın 5-dən iyunun 7-dək", {"5.5", "7.6"}),
        ("22.11.2026", {"22.11"}),
        ("may 99", set()),
        ("24 nəfər", set()),
        ("noyabrda 24 % artıb", set()),
    ],
)
def test_a_day_is_read_from_either_side_of_its_month(text: str, found: set[str]) -> None:
    assert days(text) == found


@given(st.text(max_size=80))
def test_any_text_has_numbers_in_the_form_of_numbers(text: str) -> None:
    assert all(number and number[0].isdigit() for number in numbers(text))
    assert all(day.count(".") == 1 for day in days(text))
