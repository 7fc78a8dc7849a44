"""Which followed topics an article is about."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.models import Article, Topic
from bot.search.analyser import own_text, topic_key
from bot.search.matcher import Matcher


def _topic(title: str) -> Topic:
    return Topic(topic_key(title), title)


def _article(title: str, text: str = "") -> Article:
    return Article("https://x.az/1", title, text)


def test_an_article_matches_every_topic_that_it_names() -> None:
    matcher = Matcher(map(_topic, ["DeepSeek", "süni zəka", "Tesla", "Nvidia"]))
    article = _article("DeepSeek öz modelini açıqladı", "Süni intellekt üçün NVIDIA-nın çipləri.")
    assert matcher.match(article) == ["deepseek", "nvidia", "suni zeka"]


def test_two_names_of_a_topic_match_once() -> None:
    matcher = Matcher(map(_topic, ["süni zəka", "süni intellekt", "AI"]))
    assert len(matcher) == 1
    assert matcher.match(_article("Süni zəka və AI")) == ["suni zeka"]


def test_promotion_is_not_what_an_article_is_about() -> None:
    matcher = Matcher(map(_topic, ["Telegram", "WhatsApp", "Tesla"]))
    text = (
        "Tesla yeni avtomobilini təqdim edib və satışa çıxarıb.\n\n"
        "Ən son xəbərləri Telegram kanalımızda izləyin\n\n"
        "Bizi WhatsApp-da izləyin"
    )
    assert matcher.match(_article("Yeni avtomobil", text)) == ["tesla"]
    assert matcher.match(_article("Telegram yeniləndi")) == ["telegram"]


def test_an_article_without_promotion_is_left_as_it_is() -> None:
    text = "Birinci abzas.\n\nİkinci abzas: Telegram kanalları bağlanıb."
    assert own_text(_article("Başlıq", text)) == text


def test_a_title_and_a_text_make_no_phrase_together() -> None:
    matcher = Matcher([_topic("iPhone 17")])
    assert matcher.match(_article("Yeni iPhone", "17 sentyabr tarixində təqdim olunacaq.")) == []
    assert matcher.match(_article("Yeni iPhone 17")) == ["iphone 17"]


def test_a_topic_that_is_gone_matches_no_more() -> None:
    matcher = Matcher(map(_topic, ["Tesla", "Tesla Bakı"]))
    matcher.discard(topic_key("Tesla"))
    matcher.discard("nobody follows this")
    assert matcher.match(_article("Tesla Bakıda servis açdı")) == [topic_key("Tesla Bakı")]
    matcher.discard(topic_key("Tesla Bakı"))
    assert matcher.match(_article("Tesla Bakıda servis açdı")) == []


def test_a_topic_comes_back() -> None:
    matcher = Matcher()
    matcher.add(_topic("Tesla"))
    matcher.add(_topic("tesla"))
    matcher.discard("tesla")
    matcher.add(_topic("Tesla"))
    assert matcher.match(_article("Teslanın səhmləri")) == ["tesla"]


def test_a_topic_without_a_word_matches_nothing() -> None:
    assert Matcher([Topic("", "😀")]).match(_article("😀", "😀")) == []


def test_the_summary_stands_in_for_a_missing_text() -> None:
    matcher = Matcher([_topic("Tesla")])
    assert matcher.match(Article("https://x.az/1", "Xəbər", summary="Tesla haqqında")) == ["tesla"]


@given(st.lists(st.sampled_from(["Tesla", "süni zəka", "iPhone 17", "ev", "Bakı", "qiymət"])))
def test_an_article_that_is_a_topic_matches_it(titles: list[str]) -> None:
    matcher = Matcher(map(_topic, titles))
    for title in titles:
        assert topic_key(title) in matcher.match(_article(title))


def test_many_topics_are_asked_only_where_they_may_match() -> None:
    matcher = Matcher(_topic(f"mövzu{number:05d}x nömrə") for number in range(2000))
    matcher.add(_topic("Tesla"))
    assert matcher.match(_article("Tesla və nömrə")) == ["tesla"]
