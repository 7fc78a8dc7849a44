"""Topics: what is the same topic, and what the lexicon knows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.az import topics, wordlists
from bot.az.lexicon import lexicon
from bot.az.topics import pattern, read, same_topic
from bot.search.analyser import related_topics, suggest_topics, topic_key, topic_title

SAME = [
    ("süni zəka", "süni intellekt"),
    ("suni zeka", "Sİ"),
    ("ai", "AI"),
    ("süni zəka", "AI-nin"),
    ("süni zəka", "искусственного интеллекта"),
    ("DeepSeek", "ДипСик"),
    ("DipSek", "DeepSeek"),
    ("deep seek", "DeepSeek-in"),
    ("telefon", "telefonlarından"),
    ("kibertəhlükəsizlik", "Kiber təhlükəsizliyin"),
    ("OpenAI", "“OpenAI”nin"),
    ("TikTok", "tik tok"),
    ("iPhone17", "iPhone 17-nin"),
    ("Elon Musk", "İlon Maskın"),
    ("Илон Маск", "Elon Musk"),
    ("EV", "elektrikli avtomobillər"),
    ("PS5", "PlayStation 5"),
    ("Aİ", "Avropa İttifaqının"),
    ("sosial şəbəkə", "sosial mediada"),
    ("gpt5", "GPT-5"),
    ("çip", "yarımkeçiricilər"),
    ("İnstaqram", "Instagram"),
    ("Vatsap", "WhatsApp"),
    ("maşın", "avtomobil"),
    ("TÜRKİYƏ", "Türkiyənin"),
    ("Apple", "Apple Watch"),
]
DIFFERENT = [
    ("Tesla", "təslim"),
    ("iPhone 17", "iPhone 16"),
    ("iPhone 17", "17 iPhone"),
    ("iPhone 17 Pro", "iPhone 17"),
    ("AI", "Aİ"),
    ("Aİ", "AI"),
    ("ev", "EV"),
    ("EV", "ev"),
    ("Sİ", "Si"),
    ("Si", "Sİ"),
    ("süni zəka", "süni peyk"),
    ("Galaxy S25", "Galaxy S24"),
    ("Windows 11", "Windows 10"),
    ("PlayStation 5", "PlayStation 4"),
    ("5G", "4G"),
    ("neft", "NFT"),
    ("Apple", "alma"),
    ("maşın öyrənməsi", "maşın"),
    ("avtomobil", "maşın öyrənməsi"),
    ("Apple Watch", "Apple"),
    ("", "süni zəka"),
    ("...", "..."),
]


@pytest.mark.parametrize(("a", "b"), SAME)
def test_following_one_brings_news_that_names_the_other(a: str, b: str) -> None:
    assert same_topic(a, b)


@pytest.mark.parametrize(("a", "b"), DIFFERENT)
def test_following_one_does_not_bring_the_other(a: str, b: str) -> None:
    assert not same_topic(a, b)


def test_capitals_say_nothing_in_a_title_all_in_capitals() -> None:
    assert not same_topic("EV", "BAKIDA EV QİYMƏTLƏRİ ARTIB")
    assert same_topic("EV", "Bakıda EV sayı artıb")


def test_words_of_a_topic_stand_together() -> None:
    far = "Tesla " + "filan " * 40 + "Bakı"
    assert same_topic("Tesla Bakı", "Bakıda Tesla servisi açılıb")
    assert not same_topic("Tesla Bakı", far)


@given(st.text(max_size=60))
def test_a_topic_with_a_word_is_the_same_as_itself(text: str) -> None:
    assert same_topic(text, text) == bool(topic_key(text))


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_two_texts_get_an_answer(a: str, b: str) -> None:
    assert same_topic(a, b) in {True, False}


def test_two_spellings_have_one_key() -> None:
    keys = {topic_key(text) for text in ("süni zəka", "Suni intellekt", "ai", "AI", " SÜNİ  ZƏKA")}
    assert keys == {"suni zeka"}
    assert topic_key("DeepSeek xəbərləri") == topic_key("ДипСик haqqında") == "deepseek"
    assert topic_key("Sİ") != topic_key("Si")


@pytest.mark.parametrize("text", ["", " ", "?!", "😀", "\u200b", "ь"])
def test_a_text_without_a_word_has_no_key(text: str) -> None:
    assert topic_key(text) == ""


@given(st.text(max_size=60))
def test_the_key_of_a_key_is_itself(text: str) -> None:
    key = topic_key(text)
    assert topic_key(key) == key


def test_a_title_is_written_as_the_lexicon_has_it() -> None:
    assert topic_title("suni zeka") == "Süni zəka"
    assert topic_title("SÜNİ ZƏKA") == "Süni zəka"
    assert topic_title("süni zəka") == "süni zəka"
    assert topic_title("elon musk") == "Elon Musk"
    assert topic_title("iphone 17") == "iPhone 17"
    assert topic_title("deepseek") == "DeepSeek"
    assert topic_title("  balıqçılıq   təsərrüfatı ") == "balıqçılıq təsərrüfatı"
    assert topic_title(" ") == ""


def test_every_topic_of_the_lexicon_is_found_by_its_title_and_by_its_key() -> None:
    entries = lexicon().entries.values()
    assert len(entries) >= 300
    assert [e.title for e in entries if topic_key(e.title) != e.key] == []
    assert [e.key for e in entries if topic_key(e.key) != e.key] == []
    assert [e.title for e in entries if topic_title(e.title) != e.title] == []


def test_no_name_stands_for_two_topics() -> None:
    owners: dict[tuple[tuple[str, ...], str | None], set[str]] = {}
    for row in lexicon().names.values():
        for name in row:
            if not name.barred:
                owners.setdefault((name.tokens, name.written), set()).add(name.concept)
    assert {name: found for name, found in owners.items() if len(found) > 1} == {}


def test_related_topics_of_the_lexicon_exist() -> None:
    missing = [
        (entry.title, near)
        for entry in lexicon().entries.values()
        for near in entry.related
        if topic_title(near) != near
    ]
    assert missing == []


def test_topics_to_offer_and_their_neighbours_come_from_the_lexicon() -> None:
    assert "Süni zəka" in suggest_topics()
    assert related_topics("deepseek")[0] == "Süni zəka"
    assert related_topics("balıq") == []


def test_a_query_is_read_more_kindly_than_a_printed_text() -> None:
    assert read("ai").concepts == ()
    assert read("ai", asked=True).concepts == ((0, 1, "#suni_zeka"),)
    assert read("AI").concepts == ((0, 1, "#suni_zeka"),)
    assert read("aI").concepts == ()
    assert topic_key("aI") == "suni zeka"


def test_a_long_text_asks_for_its_first_words_only() -> None:
    assert len(pattern("söz " * 5000 + "x").units) <= 12
    assert topics.pattern("a" * 1_000_000).units


def test_lists_are_read_without_comments() -> None:
    assert not any(line.startswith("#") for line in wordlists.lines("brands.txt"))
    assert wordlists.fingerprint("brands.txt") != wordlists.fingerprint("words.txt")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("“süni zəka”", "süni zəka"),
        ("#DeepSeek", "DeepSeek"),
        ("«Bakı» metrosu", "«Bakı» metrosu"),
        ("Apple'ın yeniliyi", "Apple'ın yeniliyi"),
        ('"', '"'),
        ("#", "#"),
    ],
)
def test_a_topic_is_shown_without_the_quotes_and_the_mark_around_it(typed: str, shown: str) -> None:
    assert topic_title(typed) == shown
