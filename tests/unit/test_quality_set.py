"""The quality set of the bench is whole: ids exist, texts join back, facts are in their articles.

A slip in the set would be read as a fault of the search or the digest, so it is checked here.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

QUALITY = Path(__file__).parents[1] / "bench" / "quality"
AT_LEAST = {"articles": 60, "queries": 120, "sentences": 40, "pairs": 60, "digests": 45}
LONGEST_SENTENCE = 400
LONGEST_FACT = 40


def rows(name: str) -> list[dict[str, Any]]:
    """All lines of one file of the set."""
    text = (QUALITY / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


def articles() -> dict[str, dict[str, Any]]:
    """The articles by id."""
    return {row["id"]: row for row in rows("articles")}


def bare(text: str) -> str:
    """The characters that are not white space."""
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("name", AT_LEAST)
def test_a_file_is_long_enough_and_a_third_of_it_is_held_back(name: str) -> None:
    all_rows = rows(name)
    held = sum(row["part"] == "held" for row in all_rows)
    assert {row["part"] for row in all_rows} == {"seen", "held"}
    assert len(all_rows) >= AT_LEAST[name]
    assert 0.25 <= held / len(all_rows) <= 0.42


@pytest.mark.parametrize("name", ["articles", "queries", "sentences", "pairs"])
def test_no_id_stands_twice(name: str) -> None:
    ids = [row["id"] for row in rows(name)]
    assert len(set(ids)) == len(ids)


def test_articles_have_titles_addresses_and_two_paragraphs_or_more() -> None:
    found = articles().values()
    assert len({row["url"] for row in found}) == len(found)
    for row in found:
        assert row["title"], row["id"]
        assert row["url"].startswith("https://numune.az/"), row["id"]
        assert "\n\n" in row["text"], row["id"]
        assert 80 <= len(row["text"].split()) <= 250, row["id"]


def test_grades_name_articles_of_the_set_and_are_one_two_or_three() -> None:
    known = articles().keys()
    for row in rows("queries"):
        assert row["grades"].keys() <= known, row["query"]
        assert set(row["grades"].values()) <= {1, 2, 3}, row["query"]


def test_every_query_stands_once_and_only_the_kind_none_is_without_an_article() -> None:
    found = rows("queries")
    assert len({row["query"] for row in found}) == len(found)
    assert sum(not row["grades"] for row in found) >= 25
    for row in found:
        assert (row["kind"] == "none") == (not row["grades"]), row["query"]


def test_sentences_join_back_to_their_text() -> None:
    for row in rows("sentences"):
        assert bare("".join(row["sentences"])) == bare(row["text"]), row["text"]
        assert all(part == part.strip() != "" for part in row["sentences"]), row["text"]


def test_pairs_of_both_sorts_stand_once() -> None:
    found = rows("pairs")
    assert len({(row["a"], row["b"]) for row in found}) == len(found)
    assert {row["same"] for row in found} == {True, False}


def test_facts_are_short_and_in_the_text_and_what_is_banned_is_in_the_article() -> None:
    known = articles()
    for row in rows("digests"):
        article = known[row["article"]]
        assert 1 <= len(row["facts"]) <= 3, row["article"]
        for fact in row["facts"]:
            assert fact in article["text"], (row["article"], fact)
            assert len(fact) <= LONGEST_FACT, (row["article"], fact)
        for banned in row["never"]:
            assert banned in f"{article['title']}\n{article['text']}", (row["article"], banned)
            assert not any(banned in fact for fact in row["facts"]), (row["article"], banned)


def test_a_digest_is_credited_to_the_article_s_own_credit_a_name_in_its_text_or_its_source() -> (
    None
):
    known = articles()
    for row in rows("digests"):
        article = known[row["article"]]
        if article["credit"]:
            assert row["credit"] == article["credit"]["name"], row["article"]
        else:
            assert row["credit"] in f"{article['text']} {article['source']}", row["article"]


def test_the_set_has_a_sentence_too_long_and_one_cut_off_for_the_digest_to_leave_out() -> None:
    texts = [row["text"] for row in rows("articles")]
    assert any(re.search(rf"[^.!?]{{{LONGEST_SENTENCE},}}", text) for text in texts)
    assert any(text[-1].isalpha() for text in texts)
