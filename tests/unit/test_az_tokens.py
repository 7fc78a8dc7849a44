"""What search sees of a text, whatever its endings, hyphens, quotes, script and spelling."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.az import fold
from bot.az.tokens import brands, known, tokens

AZERBAIJANI = st.text(
    alphabet="abcçdeəfgğhxıijkqlmnoöprsştuüvyzABCÇDEƏFGĞHXIİJKQLMNOÖPRSŞTUÜVYZ 017-’'“”\"«».,\n",
    max_size=80,
)
ANYTHING = st.text(max_size=60)


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("Süni zəkanın", ["suni", "zeka"]),
        ("suni zeka", ["suni", "zeka"]),
        ("сүни зәка", ["suni", "zeka"]),
        ("telefonlarından", ["telefon"]),
        ("şəbəkələrimizin", ["sebeke"]),
        ("DeepSeek-in", ["deepseek"]),
        ("DeepSeekin", ["deepseek"]),
        ("DEEPSEEK-İN", ["deepseek"]),
        ("Apple'ın", ["apple"]),
        ("“OpenAI”nin modeli", ["openai", "model"]),
        ("«Google»un", ["google"]),
        ("technote.az-dan", ["technote", "az"]),
        ("2023-cü ildə", ["2023", "il"]),
        ("iPhone17", ["iphone", "17"]),
        ("iPhone 17-nin", ["iphone", "17"]),
        ("tik tok", ["tiktok"]),
        ("Deep Seek-ə", ["deepseek"]),
        ("айфон", ["iphone"]),
        ("mə'lumat", ["melumat"]),
        ("USB-A", ["usb", "a"]),
    ],
)
def test_a_text_is_seen_as_its_words(written: str, seen: list[str]) -> None:
    assert tokens(written) == seen


@pytest.mark.parametrize(
    "forms",
    [
        "uşaq uşağı uşağın uşaqlar uşaqlardan",
        "qadın qadının qadını qadına qadınlar",
        "maşın maşının maşını maşından",
        "kibertəhlükəsizlik kibertəhlükəsizliyi kibertəhlükəsizliyin",
        "Ukrayna Ukraynanın Ukraynada Ukraynadan",
        "fikir fikri fikrin fikirlər",
        "benzin benzini benzinin benzindən",
        "Tesla Teslanın Tesladan Teslaya",
    ],
)
def test_the_forms_of_a_word_are_one(forms: str) -> None:
    assert len(set(tokens(forms))) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("Tesla", "təslim"), ("alma", "al"), ("qazı", "qaz"), ("Meta", "metan"), ("bal", "balıq")],
)
def test_words_that_only_look_alike_stay_apart(one: str, other: str) -> None:
    assert tokens(one) != tokens(other)


def test_a_brand_is_one_token_however_it_is_listed() -> None:
    assert [name for name in brands().names if tokens(name) != [name]] == []


def test_a_listed_word_is_never_cut() -> None:
    whole = set(known().values())
    assert [word for word in whole if word.isalpha() and tokens(word) != [word]] == []


@pytest.mark.parametrize(
    "text",
    ["", "   ", "!?…", "\u200b\u202e", "😀", "\ud800", "a\ud800b", "<b>&amp;</b>", "-'-", "״", "ь"],
)
def test_what_has_no_word_does_no_harm(text: str) -> None:
    assert all(token and token == token.strip() for token in tokens(text))


def test_a_megabyte_of_one_letter_is_one_short_token() -> None:
    (token,) = tokens("a" * 1_000_000)
    assert len(token) <= 40


def test_a_megabyte_of_joints_and_marks_ends() -> None:
    assert tokens("'-" * 500_000) == []
    assert len(tokens("a-" * 100_000)) <= 100_000
    assert len(tokens("a" + "\u0301" * 500_000)) == 1


@given(AZERBAIJANI | ANYTHING)
def test_white_space_makes_no_difference(text: str) -> None:
    assert tokens("\n\t" + text.replace(" ", " \u00a0\n") + " ") == tokens(text)


@given(AZERBAIJANI | ANYTHING)
def test_composed_and_decomposed_letters_are_the_same(text: str) -> None:
    composed = tokens(unicodedata.normalize("NFC", text))
    assert composed == tokens(unicodedata.normalize("NFD", text))


@given(AZERBAIJANI, st.sampled_from("’‘´`ʼ′‚"), st.sampled_from("“”„«»″"))
def test_the_shape_of_quotes_makes_no_difference(text: str, single: str, double: str) -> None:
    other = text.replace("'", single).replace("’", single).replace('"', double).replace("“", double)
    assert tokens(other) == tokens(text)


@given(AZERBAIJANI | ANYTHING)
def test_tokens_of_tokens_are_themselves(text: str) -> None:
    once = tokens(text)
    assert tokens(" ".join(once)) == once


@given(AZERBAIJANI)
def test_folding_first_changes_no_word_count(text: str) -> None:
    assert len(tokens(fold(text).replace("-", " "))) <= len(tokens(text.replace("-", " "))) + 1
