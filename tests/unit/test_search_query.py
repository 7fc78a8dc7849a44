"""What a query asks for, and what may be given up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.search.query import Clause, parse, relaxed


def _terms(query: str) -> list[tuple[str, ...]]:
    return [clause.terms for clause in parse(query)]


def test_a_lexicon_topic_is_one_clause_in_any_of_its_names() -> None:
    assert _terms("süni intellekt") == _terms("AI") == _terms("ai") == [("#suni_zeka",)]


def test_numbers_and_editions_belong_to_what_stands_before() -> None:
    assert _terms("iPhone 17 Pro") == [("iphone", "17", "pro")]
    assert _terms("Tesla Model 3") == [("tesla",), ("model", "3")]


def test_words_that_say_nothing_are_left_out_unless_there_is_nothing_else() -> None:
    assert _terms("DeepSeek haqqında son xəbərlər") == [("deepseek",)]
    assert _terms("son xəbərlər") != []


def test_query_syntax_is_only_text() -> None:
    assert _terms('title:"DeepSeek"~2^3 +(model)') == _terms("title DeepSeek 2 3 model")


def test_a_query_without_a_word_asks_for_nothing() -> None:
    assert parse("  \n ?! 😀 ") == ()


@given(st.text(max_size=200))
def test_any_text_is_a_query(text: str) -> None:
    assert all(clause.terms for clause in parse(text))


def test_two_words_are_never_relaxed() -> None:
    clauses = parse("Tesla Bakı")
    assert relaxed(clauses, dict.fromkeys(clauses, 5)) == ()


def test_only_the_commonest_plain_word_is_given_up() -> None:
    common, name, rare = Clause(("sirket",)), Clause(("#suni_zeka",)), Clause(("balina",))
    counts = {common: 900, name: 1000, rare: 2}
    assert relaxed((common, name, rare), counts) == (name, rare)


def test_names_and_numbers_are_never_given_up() -> None:
    clauses = (Clause(("iphone", "17")), Clause(("#suni_zeka",)), Clause(("qiymet",)))
    counts = {clauses[0]: 9, clauses[1]: 9, clauses[2]: 0}
    assert relaxed(clauses, counts) == ()
