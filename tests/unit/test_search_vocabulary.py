"""How words sound and how far apart they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.search.vocabulary import Near, distance, meant, sound


@pytest.mark.parametrize(
    ("one", "other"),
    [("dipsik", "deepseek"), ("maykrosoft", "maykrosoftt"), ("feysbuk", "feysbook")],
)
def test_words_that_sound_alike_are_one(one: str, other: str) -> None:
    assert sound(one) == sound(other)


def test_words_that_sound_different_are_two() -> None:
    assert sound("tesla") != sound("tesl")


def test_edits_are_counted_and_a_swap_is_one() -> None:
    assert distance("telefon", "telefn", 2) == 1
    assert distance("telefon", "teelfon", 2) == 1
    assert distance("telefon", "televizor", 2) == 3


@given(st.text("abc", max_size=8), st.text("abc", max_size=8))
def test_distance_is_symmetric_and_none_only_for_the_same(one: str, other: str) -> None:
    assert distance(one, other, 8) == distance(other, one, 8)
    assert (distance(one, other, 8) == 0) == (one == other)


def _near(term: str, apart: float, articles: int = 1) -> Near:
    return Near(term, term, apart, articles)


def test_one_near_word_is_meant_and_of_two_none() -> None:
    assert meant([]) is None
    one, two = _near("bir", 1), _near("iki", 1)
    assert meant([one]) == one
    assert meant([one, two]) is None
    assert meant([_near("bir", 0.5), two]) == _near("bir", 0.5)
    assert meant([_near("bir", 1, 500), two]) == _near("bir", 1, 500)
