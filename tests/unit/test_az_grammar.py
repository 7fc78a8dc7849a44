from __future__ import annotations

import pytest

from bot.az.grammar import Case, inflect, ordinal


@pytest.mark.parametrize(
    ("word", "case", "expected"),
    [
        ("DeepSeek", "dative", "DeepSeek-ə"),
        ("DeepSeek", "genitive", "DeepSeek-in"),
        ("Google", "dative", "Google-a"),
        ("YouTube", "dative", "YouTube-a"),
        ("YouTube", "genitive", "YouTube-un"),
        ("OpenAI", "genitive", "OpenAI-nin"),
        ("Tesla", "accusative", "Tesla-nı"),
        ("technote.az", "ablative", "technote.az-dan"),
        ("APA", "dative", "APA-ya"),
        ("TASS", "dative", "TASS-a"),
        ("BMT", "dative", "BMT-yə"),
        ("GPU", "ablative", "GPU-dan"),
        (5, "locative", "5-də"),
        (6, "dative", "6-ya"),
        (9, "genitive", "9-un"),
        (10, "accusative", "10-u"),
        (40, "ablative", "40-dan"),
        (100, "genitive", "100-ün"),
        (1000, "dative", "1000-ə"),
        (2_000_000, "locative", "2000000-da"),
        ("1,6", "dative", "1,6-ya"),
        ("5%", "ablative", "5%-dən"),
        ("09:00", "locative", "09:00-da"),
        ("15:00", "locative", "15:00-də"),
        ("15:30", "locative", "15:30-da"),
        ("07:05", "locative", "07:05-də"),
        ("00:00", "locative", "00:00-da"),
        ("23:00", "ablative", "23:00-dən"),
        ("08:00", "dative", "08:00-ə"),
        ("03.02.2025", "locative", "03.02.2025-də"),
        ("Bakı", "dative", "Bakıya"),
        ("noyabr", "locative", "noyabrda"),
        ("uşaq", "dative", "uşağa"),
        ("şirkət", "genitive", "şirkətin"),
        ("mövzu", "accusative", "mövzunu"),
    ],
)
def test_endings_follow_the_sound(word: str | int, case: Case, expected: str) -> None:
    assert inflect(word, case) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [(1, "1-ci"), (3, "3-cü"), (4, "4-cü"), (6, "6-cı"), (9, "9-cu"), (10, "10-cu"), (20, "20-ci"),
     (40, "40-cı"), (90, "90-cı"), (100, "100-cü"), (1000, "1000-ci"), (2025, "2025-ci"),
     (0, "0-cı"), (1_000_000, "1000000-cu")],
)  # fmt: skip
def test_ordinals_follow_the_last_spoken_word(number: int, expected: str) -> None:
    assert ordinal(number) == expected


@pytest.mark.parametrize("odd", ["", "…", "\ud800", "ქართული", "1" * 100])
def test_anything_can_be_asked(odd: str) -> None:
    assert inflect(odd, "dative").startswith(odd)
