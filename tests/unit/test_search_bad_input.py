"""Whatever is typed gets an answer: no error, and no work without bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.az import same_topic, tokens
from bot.az.topics import pattern
from bot.search.analyser import topic_key, topic_title
from bot.search.query import parse, plain_text

ODD = st.text(
    st.one_of(
        st.sampled_from(
            "aəıİI -'’\"<>/&:()*~\u200b\u200e\u202e\u2066\ufeff\u0307\u0301\ud800\x00ьЖ5"
        ),
        st.characters(),
    ),
    max_size=80,
)
HUGE = [
    "a" * 1_000_000,
    "ə" * 1_000_000,
    "1" * 1_000_000,
    "söz " * 20_000,
    " ".join(f"söz{number}" for number in range(20_000)),
    "-'" * 200_000,
    "<" * 200_000,
    "<b " * 100_000,
    "\u202e" * 200_000,
    "\u0301" * 200_000,
    "\ud800" * 200_000,
    "a\u200b" * 200_000,
    "ДипСик " * 20_000,
    "deep seek " * 20_000,
]


@given(ODD)
def test_odd_characters_do_no_harm(text: str) -> None:
    assert all(tokens(text))
    assert topic_key(text) == pattern(text).key
    assert isinstance(topic_title(text), str)
    assert all(clause.terms for clause in parse(text))


@given(ODD, ODD)
def test_any_two_odd_texts_are_compared(one: str, other: str) -> None:
    assert isinstance(same_topic(one, other), bool)


@given(ODD)
def test_marks_that_nobody_sees_change_nothing(text: str) -> None:
    word = "süni zəka"
    assert topic_key(f"\u200f{word}\u202c\ufeff") == topic_key(word)
    assert topic_key(text) == topic_key(f"\u200e{text}\u200f")


@pytest.mark.parametrize("text", HUGE, ids=range(len(HUGE)))
def test_a_huge_text_asks_for_a_few_things(text: str) -> None:
    assert len(parse(text)) <= 12
    assert len(pattern(text).units) <= 12
    assert not same_topic(text, "Tesla")


@pytest.mark.parametrize(
    "text", ["<b>deepseek</b>", "<a href='https://x.az/tesla'>deepseek</a>", "deepseek<br/>"]
)
def test_tags_are_no_words(text: str) -> None:
    assert parse(text) == parse("deepseek")


def test_what_only_looks_like_a_tag_stays() -> None:
    assert plain_text("5 < 6 > 4 <deepseek>") == "5 < 6 > 4 <deepseek>"


@pytest.mark.parametrize(
    "text", ["deepseek AND", '"deepseek"', "+deepseek", "deepseek~2", "(deepseek)"]
)
def test_query_syntax_asks_for_its_words(text: str) -> None:
    assert parse(text)[0].terms[0] == "deepseek"
