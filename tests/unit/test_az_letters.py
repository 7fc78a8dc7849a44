from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.az.letters import fold, lower, upper
from bot.az.transliteration import to_latin

AZERBAIJANI = "aəbcçdeəfgğhxıijkqlmnoöprsştuüvyzAƏIİÖÜĞŞÇX'’“”´` \n\u0307\u200bйҹәД"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("SÜNİ ZƏKA", "suni zeka"),
        ("Süni zəka", "suni zeka"),
        ("IŞIQ", "isiq"),
        ("ışıq", "isiq"),
        ("İ", "i"),
        ("I\u0307stanbul", "istanbul"),
        ("i\u0307", "i"),
        ("Apple’ın", "apple'in"),
        ("Apple´ın", "apple'in"),
        ("Apple`in", "apple'in"),
        ("Appleʼın", "apple'in"),
        ("“OpenAI”nin «X»", '"openai"nin "x"'),
        ("ДипСик", "dipsik"),
        ("Азәрбајҹан", "azerbaycan"),
        ("Азербайджан", "azerbaycan"),
        ("сүни зәка", "suni zeka"),
        ("Гызыл гуш", "qizil gus"),
        ("Гугл", "gugl"),
        ("и\u0306", "y"),
        ("\u200bDeep\u200dSeek\ufeff", "deepseek"),
        ("m²", "m2"),
        ("ﬁlm", "film"),
        ("Straße", "strasse"),
        ("½ kilo", "½ kilo"),
        ("a\u00a0b\u2009c", "a b c"),
        ("Galaxy™", "galaxy™"),
        ("\ud800x\0", "\ud800x\0"),
        ("объект", "obekt"),
        ("", ""),
    ],
)
def test_fold_gives_what_a_reader_types(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(alphabet=st.characters(exclude_categories=[])) | st.text(AZERBAIJANI))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=st.characters(exclude_categories=["Cf", "Mn"])) | st.text("a ´½ﷺ¨\n…ьъ"))
def test_fold_keeps_every_word_and_every_blank(text: str) -> None:
    folded = fold(text)
    assert len(folded.split()) == len(text.split())
    assert sum(map(str.isspace, folded)) == sum(map(str.isspace, text))


@given(st.text())
def test_fold_is_the_same_for_composed_and_decomposed_text(text: str) -> None:
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))


def test_lower_and_upper_follow_cldr() -> None:
    assert lower("IŞIQ İLİ XƏBƏRÇİ") == "ışıq ili xəbərçi"
    assert upper("ışıq ili xəbərçi") == "IŞIQ İLİ XƏBƏRÇİ"
    assert lower("I\u0307D") == "id"
    assert lower("I\u0323\u0307D") == "i\u0323d"
    assert lower("I\u0301\u0307") == "ı\u0301\u0307"


def test_a_name_in_russian_letters_keeps_its_capitals() -> None:
    assert to_latin("ДипСик и Ҝәнҹә") == "DipSik i Gəncə"
    assert to_latin("ь") == "ь"
