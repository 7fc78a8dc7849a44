"""How words sound and how far apart they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.search.slips import Kind, is_another_word, listed_near, names, slip, sound
from bot.search.vocabulary import Near, meant


@pytest.mark.parametrize(
    ("one", "other"),
    [("dipsik", "deepseek"), ("maykrosoft", "maykrosoftt"), ("feysbuk", "feysbook")],
)
def test_words_that_sound_alike_are_one(one: str, other: str) -> None:
    assert sound(one) == sound(other)


def test_words_that_sound_different_are_two() -> None:
    assert sound("tesla") != sound("tesl")


def test_slips_that_are_likely_cost_less() -> None:
    assert slip("telefon", "telefon", 2) == 0
    assert slip("telefoon", "telefon", 2) < slip("telefn", "telefon", 2) < 1
    assert slip("teelfon", "telefon", 2) < 1
    assert slip("kitap", "kitab", 2) < slip("kitar", "kitab", 2) == 1
    assert slip("telefon", "televizor", 2) > 2
    assert slip("nelefon", "telefon", 2) > 2


@pytest.mark.parametrize(
    ("typed", "name"),
    [("telsa", "Tesla"), ("samsng", "Samsung"), ("dipsiik", "DeepSeek"), ("sunizeka", "Süni zəka")],
)
def test_names_of_the_lists_are_near_what_is_typed_for_them(typed: str, name: str) -> None:
    near = [names()[slip.word] for slip in listed_near(typed) if slip.kind is Kind.NAME]
    assert name in near


def test_words_that_differ_by_a_letter_are_two_unless_one_is_no_word() -> None:
    assert is_another_word("tinder", "tender", Kind.WORD, 0.8)
    assert not is_another_word("tqnder", "tender", Kind.WORD, 1.0)
    assert not is_another_word("tezla", "tesla", Kind.NAME, 0.5)
    assert not is_another_word("tinderlik", "tenderlik", Kind.WORD, 1.0)


@given(st.text("abc", max_size=8), st.text("abc", max_size=8))
def test_a_slip_costs_something_and_the_same_word_nothing(one: str, other: str) -> None:
    assert (slip(one, other, 20) == 0) == (one == other)


def _near(term: str, apart: float, articles: int = 1) -> Near:
    return Near(term, term, apart, articles)


def test_one_near_word_is_meant_and_of_two_none() -> None:
    assert meant([]) is None
    one, two = _near("bir", 1), _near("iki", 1)
    assert meant([one]) == one
    assert meant([one, two]) is None
    assert meant([_near("bir", 0.5, 0), two]) is None
    assert meant([_near("bir", 0.5), two]) == _near("bir", 0.5)
    assert meant([_near("bir", 1, 500), two]) == _near("bir", 1, 500)
